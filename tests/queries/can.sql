WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $11::BIGINT,
      $14::INTEGER,
      $15::BIGINT,
      $16::BIGINT,
      $2::VARCHAR COLLATE "C",
      $12::VARCHAR
    ) AS state
)
SELECT
  scope.state,
  CASE WHEN (scope.state = 'OK') THEN convert_to(
    CAST(
      (
        SELECT row_to_json("a row") AS row_to_json_1
        FROM
          (
            SELECT
              (
                SELECT row_to_json("a row") AS row_to_json_2
                FROM
                  (
                    SELECT anon_1.reason IS NULL AS allowed, anon_1.reason AS reason
                    FROM
                      (
                        SELECT
                          nullif(
                            CASE WHEN NOT ('PERSONNEL_WRITE' = ANY($1::TEXT[])) THEN 'PERMISSION_MISSING' ELSE coalesce(
                              (
                                SELECT
                                  coalesce(
                                    CASE WHEN (
                                      NOT (
                                        place_1.path >= $2::VARCHAR COLLATE "C"
                                        AND place_1.path < $3::VARCHAR COLLATE "C"
                                        AND place_1.county_id = $4::BIGINT
                                      )
                                    ) THEN 'SEEN_ONLY' WHEN (
                                      (
                                        EXISTS (
                                          SELECT *
                                          FROM station AS station_1
                                          WHERE
                                            station_1.id = place_1.id
                                            AND station_1.closed_on IS NOT NULL
                                            AND station_1.path >= $2::VARCHAR COLLATE "C"
                                            AND station_1.path < $3::VARCHAR COLLATE "C"
                                            AND station_1.county_id = $4::BIGINT
                                        )
                                      )
                                      OR (
                                        EXISTS (
                                          SELECT *
                                          FROM community AS community_1
                                          WHERE
                                            community_1.id = place_1.id
                                            AND community_1.closed_on IS NOT NULL
                                            AND community_1.path >= $2::VARCHAR COLLATE "C"
                                            AND community_1.path < $3::VARCHAR COLLATE "C"
                                            AND community_1.county_id = $4::BIGINT
                                        )
                                      )
                                      OR (
                                        EXISTS (
                                          SELECT *
                                          FROM grid AS grid_1
                                          WHERE
                                            grid_1.id = place_1.id
                                            AND grid_1.closed_on IS NOT NULL
                                            AND grid_1.path >= $2::VARCHAR COLLATE "C"
                                            AND grid_1.path < $3::VARCHAR COLLATE "C"
                                            AND grid_1.county_id = $4::BIGINT
                                        )
                                      )
                                    ) THEN 'CLOSED' END,
                                    ''
                                  ) AS coalesce_1
                                FROM place AS place_1
                                WHERE
                                  place_1.id = $5::BIGINT
                                  AND place_1.kind = $6::VARCHAR
                                  AND place_1.path >= $2::VARCHAR COLLATE "C"
                                  AND place_1.path < $3::VARCHAR COLLATE "C"
                                  AND place_1.county_id = $4::BIGINT
                              ),
                              'NOT_FOUND'
                            ) END,
                            ''
                          ) AS reason
                      ) AS anon_1
                  ) AS "a row"
              ) AS own,
              (
                SELECT row_to_json("a row") AS row_to_json_3
                FROM
                  (
                    SELECT anon_2.reason IS NULL AS allowed, anon_2.reason AS reason
                    FROM
                      (
                        SELECT
                          nullif(
                            CASE WHEN NOT ('PERSONNEL_WRITE' = ANY($1::TEXT[])) THEN 'PERMISSION_MISSING' ELSE coalesce(
                              (
                                SELECT
                                  coalesce(
                                    CASE WHEN (
                                      NOT (
                                        place_2.path >= $2::VARCHAR COLLATE "C"
                                        AND place_2.path < $3::VARCHAR COLLATE "C"
                                        AND place_2.county_id = $4::BIGINT
                                      )
                                    ) THEN 'SEEN_ONLY' WHEN (
                                      (
                                        EXISTS (
                                          SELECT *
                                          FROM station AS station_2
                                          WHERE
                                            station_2.id = place_2.id
                                            AND station_2.closed_on IS NOT NULL
                                            AND station_2.path >= $2::VARCHAR COLLATE "C"
                                            AND station_2.path < $3::VARCHAR COLLATE "C"
                                            AND station_2.county_id = $4::BIGINT
                                        )
                                      )
                                      OR (
                                        EXISTS (
                                          SELECT *
                                          FROM community AS community_2
                                          WHERE
                                            community_2.id = place_2.id
                                            AND community_2.closed_on IS NOT NULL
                                            AND community_2.path >= $2::VARCHAR COLLATE "C"
                                            AND community_2.path < $3::VARCHAR COLLATE "C"
                                            AND community_2.county_id = $4::BIGINT
                                        )
                                      )
                                      OR (
                                        EXISTS (
                                          SELECT *
                                          FROM grid AS grid_2
                                          WHERE
                                            grid_2.id = place_2.id
                                            AND grid_2.closed_on IS NOT NULL
                                            AND grid_2.path >= $2::VARCHAR COLLATE "C"
                                            AND grid_2.path < $3::VARCHAR COLLATE "C"
                                            AND grid_2.county_id = $4::BIGINT
                                        )
                                      )
                                    ) THEN 'CLOSED' END,
                                    ''
                                  ) AS coalesce_2
                                FROM place AS place_2
                                WHERE
                                  place_2.id = $7::BIGINT
                                  AND place_2.kind = $8::VARCHAR
                                  AND place_2.path >= $2::VARCHAR COLLATE "C"
                                  AND place_2.path < $3::VARCHAR COLLATE "C"
                                  AND place_2.county_id = $4::BIGINT
                              ),
                              'NOT_FOUND'
                            ) END,
                            ''
                          ) AS reason
                      ) AS anon_2
                  ) AS "a row"
              ) AS "outOfScope",
              (
                SELECT row_to_json("a row") AS row_to_json_4
                FROM
                  (
                    SELECT anon_3.reason IS NULL AS allowed, anon_3.reason AS reason
                    FROM
                      (
                        SELECT
                          nullif(
                            CASE WHEN NOT ('PLACE_WRITE' = ANY($1::TEXT[])) THEN 'PERMISSION_MISSING' ELSE coalesce(
                              (
                                SELECT
                                  coalesce(
                                    CASE WHEN (
                                      NOT (
                                        station_3.path >= $2::VARCHAR COLLATE "C"
                                        AND station_3.path < $3::VARCHAR COLLATE "C"
                                        AND station_3.county_id = $4::BIGINT
                                      )
                                    ) THEN 'SEEN_ONLY' WHEN (station_3.closed_on IS NOT NULL) THEN 'CLOSED' WHEN (
                                      station_3.path = $2::VARCHAR COLLATE "C"
                                      OR station_3.parent_id IS NULL
                                    ) THEN 'ROOT' WHEN (station_3.level = $9::VARCHAR) THEN 'WRONG_LEVEL' END,
                                    ''
                                  ) AS coalesce_3
                                FROM station AS station_3
                                WHERE
                                  station_3.id = $10::BIGINT
                                  AND station_3.path >= $2::VARCHAR COLLATE "C"
                                  AND station_3.path < $3::VARCHAR COLLATE "C"
                                  AND station_3.county_id = $4::BIGINT
                              ),
                              'NOT_FOUND'
                            ) END,
                            ''
                          ) AS reason
                      ) AS anon_3
                  ) AS "a row"
              ) AS structure
            FROM account AS account_1
            WHERE
              account_1.id = $11::BIGINT
              AND (
                account_1.path >= $2::VARCHAR COLLATE "C"
                AND account_1.path < $3::VARCHAR COLLATE "C"
                AND account_1.county_id = $4::BIGINT
                OR account_1.id = $11::BIGINT
              )
            ORDER BY account_1.id ASC
            LIMIT 1
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0,
  CASE WHEN (scope.state = 'OK') THEN convert_to(
    CAST(
      (
        SELECT row_to_json("a row") AS row_to_json_5
        FROM
          (
            SELECT
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_4
                FROM
                  (
                    SELECT
                      (
                        SELECT row_to_json("a row") AS row_to_json_6
                        FROM
                          (
                            SELECT
                              'GRID_WRITE' = ANY($1::TEXT[]) AND CASE WHEN (
                                NOT (
                                  grid_3.path >= $2::VARCHAR COLLATE "C"
                                  AND grid_3.path < $3::VARCHAR COLLATE "C"
                                  AND grid_3.county_id = $4::BIGINT
                                )
                              ) THEN 'SEEN_ONLY' END IS NULL AS update,
                              'GRID_WRITE' = ANY($1::TEXT[]) AND CASE WHEN (
                                NOT (
                                  grid_3.path >= $2::VARCHAR COLLATE "C"
                                  AND grid_3.path < $3::VARCHAR COLLATE "C"
                                  AND grid_3.county_id = $4::BIGINT
                                )
                              ) THEN 'SEEN_ONLY' WHEN (grid_3.closed_on IS NOT NULL) THEN 'CLOSED' WHEN (
                                grid_3.path = $2::VARCHAR COLLATE "C"
                                OR grid_3.parent_id IS NULL
                              ) THEN 'ROOT' END IS NULL AS move,
                              'GRID_WRITE' = ANY($1::TEXT[]) AND CASE WHEN (
                                NOT (
                                  grid_3.path >= $2::VARCHAR COLLATE "C"
                                  AND grid_3.path < $3::VARCHAR COLLATE "C"
                                  AND grid_3.county_id = $4::BIGINT
                                )
                              ) THEN 'SEEN_ONLY' WHEN (grid_3.closed_on IS NOT NULL) THEN 'CLOSED' WHEN (
                                grid_3.path = $2::VARCHAR COLLATE "C"
                                OR grid_3.parent_id IS NULL
                              ) THEN 'ROOT' WHEN (
                                EXISTS (
                                  SELECT *
                                  FROM account_grant AS account_grant_1
                                  WHERE
                                    account_grant_1.place_id = grid_3.id
                                    AND (account_grant_1.valid_to IS NULL OR account_grant_1.valid_to > now())
                                    AND (
                                      account_grant_1.account_id = $11::BIGINT
                                      OR role_rank(account_grant_1.role) > role_rank($12::VARCHAR)
                                    )
                                    AND (
                                      account_grant_1.path >= $2::VARCHAR COLLATE "C"
                                      AND account_grant_1.path < $3::VARCHAR COLLATE "C"
                                      AND account_grant_1.county_id = $4::BIGINT
                                      OR account_grant_1.account_id = $11::BIGINT
                                    )
                                )
                              ) THEN 'OUTRANKED' END IS NULL AS close
                          ) AS "a row"
                      ) AS can
                    FROM grid AS grid_3
                    WHERE
                      grid_3.path >= $2::VARCHAR COLLATE "C"
                      AND grid_3.path < $3::VARCHAR COLLATE "C"
                      AND grid_3.county_id = $4::BIGINT
                    ORDER BY grid_3.id ASC
                    LIMIT $13::INTEGER
                  ) AS "a row"
              ) AS nodes
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r1
FROM scope
