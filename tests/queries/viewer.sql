WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $6::BIGINT,
      $8::INTEGER,
      $9::BIGINT,
      $5::BIGINT,
      $2::VARCHAR COLLATE "C",
      $10::VARCHAR
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
                    SELECT account_1.username AS username, account_1.disabled_at IS NOT NULL AS disabled
                  ) AS "a row"
              ) AS account,
              (
                SELECT row_to_json("a row") AS row_to_json_3
                FROM
                  (
                    SELECT
                      account_grant_1.role AS role,
                      to_char(
                        timezone($1::VARCHAR, account_grant_1.valid_to),
                        'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
                      ) AS "validTo",
                      coalesce(
                        (
                          SELECT row_to_json("a row") AS row_to_json_4
                          FROM
                            (
                              SELECT grid_1.name AS name
                              FROM grid AS grid_1
                              WHERE
                                grid_1.id = account_grant_1.place_id
                                AND grid_1.path >= $2::VARCHAR COLLATE "C"
                                AND grid_1.path < $3::VARCHAR COLLATE "C"
                                AND grid_1.county_id = $4::BIGINT
                            ) AS "a row"
                        ),
                        (
                          SELECT row_to_json("a row") AS row_to_json_5
                          FROM
                            (
                              SELECT community_1.name AS name
                              FROM community AS community_1
                              WHERE
                                community_1.id = account_grant_1.place_id
                                AND community_1.path >= $2::VARCHAR COLLATE "C"
                                AND community_1.path < $3::VARCHAR COLLATE "C"
                                AND community_1.county_id = $4::BIGINT
                            ) AS "a row"
                        ),
                        (
                          SELECT row_to_json("a row") AS row_to_json_6
                          FROM
                            (
                              SELECT station_1.name AS name
                              FROM station AS station_1
                              WHERE
                                station_1.id = account_grant_1.place_id
                                AND station_1.path >= $2::VARCHAR COLLATE "C"
                                AND station_1.path < $3::VARCHAR COLLATE "C"
                                AND station_1.county_id = $4::BIGINT
                            ) AS "a row"
                        )
                      ) AS place
                    FROM account_grant AS account_grant_1
                    WHERE
                      account_grant_1.id = $5::BIGINT
                      AND (
                        account_grant_1.path >= $2::VARCHAR COLLATE "C"
                        AND account_grant_1.path < $3::VARCHAR COLLATE "C"
                        AND account_grant_1.county_id = $4::BIGINT
                        OR account_grant_1.account_id = $6::BIGINT
                      )
                    ORDER BY account_grant_1.id ASC
                    LIMIT 1
                  ) AS "a row"
              ) AS "grant",
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                FROM
                  (
                    SELECT
                      account_grant_2.role AS role,
                      coalesce(
                        (
                          SELECT row_to_json("a row") AS row_to_json_7
                          FROM
                            (
                              SELECT grid_2.code AS code
                              FROM grid AS grid_2
                              WHERE
                                grid_2.id = account_grant_2.place_id
                                AND grid_2.path >= $2::VARCHAR COLLATE "C"
                                AND grid_2.path < $3::VARCHAR COLLATE "C"
                                AND grid_2.county_id = $4::BIGINT
                            ) AS "a row"
                        ),
                        (
                          SELECT row_to_json("a row") AS row_to_json_8
                          FROM
                            (
                              SELECT community_2.code AS code
                              FROM community AS community_2
                              WHERE
                                community_2.id = account_grant_2.place_id
                                AND community_2.path >= $2::VARCHAR COLLATE "C"
                                AND community_2.path < $3::VARCHAR COLLATE "C"
                                AND community_2.county_id = $4::BIGINT
                            ) AS "a row"
                        ),
                        (
                          SELECT row_to_json("a row") AS row_to_json_9
                          FROM
                            (
                              SELECT station_2.code AS code
                              FROM station AS station_2
                              WHERE
                                station_2.id = account_grant_2.place_id
                                AND station_2.path >= $2::VARCHAR COLLATE "C"
                                AND station_2.path < $3::VARCHAR COLLATE "C"
                                AND station_2.county_id = $4::BIGINT
                            ) AS "a row"
                        )
                      ) AS place
                    FROM account_grant AS account_grant_2
                    WHERE
                      account_grant_2.account_id = account_1.id
                      AND holds(account_grant_2.valid_from, account_grant_2.valid_to)
                      AND (
                        account_grant_2.path >= $2::VARCHAR COLLATE "C"
                        AND account_grant_2.path < $3::VARCHAR COLLATE "C"
                        AND account_grant_2.county_id = $4::BIGINT
                        OR account_grant_2.account_id = $6::BIGINT
                      )
                    ORDER BY account_grant_2.valid_from ASC, account_grant_2.id ASC
                  ) AS "a row"
              ) AS grants,
              (
                SELECT
                  CASE
                  WHEN (place_1.kind = 'GRID') THEN (
                    SELECT row_to_json("a row") AS row_to_json_10
                    FROM
                      (
                        SELECT grid_3.name AS name
                        FROM grid AS grid_3
                        WHERE
                          grid_3.id = place_1.id
                          AND grid_3.path >= $2::VARCHAR COLLATE "C"
                          AND grid_3.path < $3::VARCHAR COLLATE "C"
                          AND grid_3.county_id = $4::BIGINT
                      ) AS "a row"
                  )
                  WHEN (place_1.kind = 'COMMUNITY') THEN (
                    SELECT row_to_json("a row") AS row_to_json_11
                    FROM
                      (
                        SELECT community_3.name AS name
                        FROM community AS community_3
                        WHERE
                          community_3.id = place_1.id
                          AND community_3.path >= $2::VARCHAR COLLATE "C"
                          AND community_3.path < $3::VARCHAR COLLATE "C"
                          AND community_3.county_id = $4::BIGINT
                      ) AS "a row"
                  )
                  WHEN (place_1.kind = 'STATION') THEN (
                    SELECT row_to_json("a row") AS row_to_json_12
                    FROM
                      (
                        SELECT station_3.name AS name, station_3.level AS level
                        FROM station AS station_3
                        WHERE
                          station_3.id = place_1.id
                          AND station_3.path >= $2::VARCHAR COLLATE "C"
                          AND station_3.path < $3::VARCHAR COLLATE "C"
                          AND station_3.county_id = $4::BIGINT
                      ) AS "a row"
                  ) END AS anon_1
                FROM place AS place_1
                WHERE
                  place_1.path = $2::VARCHAR COLLATE "C"
                  AND place_1.path >= $2::VARCHAR COLLATE "C"
                  AND place_1.path < $3::VARCHAR COLLATE "C"
                  AND place_1.county_id = $4::BIGINT
                ORDER BY place_1.id ASC
                LIMIT 1
              ) AS scope,
              array_to_json($7::TEXT[]) AS permissions
            FROM account AS account_1
            WHERE
              account_1.id = $6::BIGINT
              AND (
                account_1.path >= $2::VARCHAR COLLATE "C"
                AND account_1.path < $3::VARCHAR COLLATE "C"
                AND account_1.county_id = $4::BIGINT
                OR account_1.id = $6::BIGINT
              )
            ORDER BY account_1.id ASC
            LIMIT 1
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
