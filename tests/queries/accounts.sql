WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $4::BIGINT,
      $10::INTEGER,
      $11::BIGINT,
      $12::BIGINT,
      $1::VARCHAR COLLATE "C",
      $13::VARCHAR
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
                SELECT count(*) AS count_1
                FROM account AS account_1
                WHERE
                  (
                    account_1.path >= $1::VARCHAR COLLATE "C"
                    AND account_1.path < $2::VARCHAR COLLATE "C"
                    AND account_1.county_id = $3::BIGINT
                    OR account_1.id = $4::BIGINT
                  )
                  AND account_1.path >= (
                    SELECT anon_1.path
                    FROM
                      (
                        SELECT
                          coalesce(
                            (
                              SELECT place_1.path
                              FROM place AS place_1
                              WHERE
                                place_1.id = $5::BIGINT
                                AND place_1.path >= $1::VARCHAR COLLATE "C"
                                AND place_1.path < $2::VARCHAR COLLATE "C"
                                AND place_1.county_id = $3::BIGINT
                            ),
                            '~'
                          ) AS path
                      ) AS anon_1
                  )
                  AND account_1.path < (
                    left(
                      (
                        SELECT anon_1.path
                        FROM
                          (
                            SELECT
                              coalesce(
                                (
                                  SELECT place_1.path
                                  FROM place AS place_1
                                  WHERE
                                    place_1.id = $5::BIGINT
                                    AND place_1.path >= $1::VARCHAR COLLATE "C"
                                    AND place_1.path < $2::VARCHAR COLLATE "C"
                                    AND place_1.county_id = $3::BIGINT
                                ),
                                '~'
                              ) AS path
                          ) AS anon_1
                      ),
                      $6::INTEGER
                    )
                    || $7::VARCHAR COLLATE "C"
                  )
                  AND (account_1.disabled_at IS NOT NULL) = $8::BOOLEAN
              ) AS "totalCount",
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                FROM
                  (
                    SELECT
                      account_1.username AS username,
                      coalesce(
                        (
                          SELECT row_to_json("a row") AS row_to_json_2
                          FROM
                            (
                              SELECT grid_1.name AS name
                              FROM grid AS grid_1
                              WHERE
                                grid_1.id = account_1.place_id
                                AND grid_1.path >= $1::VARCHAR COLLATE "C"
                                AND grid_1.path < $2::VARCHAR COLLATE "C"
                                AND grid_1.county_id = $3::BIGINT
                            ) AS "a row"
                        ),
                        (
                          SELECT row_to_json("a row") AS row_to_json_3
                          FROM
                            (
                              SELECT community_1.name AS name
                              FROM community AS community_1
                              WHERE
                                community_1.id = account_1.place_id
                                AND community_1.path >= $1::VARCHAR COLLATE "C"
                                AND community_1.path < $2::VARCHAR COLLATE "C"
                                AND community_1.county_id = $3::BIGINT
                            ) AS "a row"
                        ),
                        (
                          SELECT row_to_json("a row") AS row_to_json_4
                          FROM
                            (
                              SELECT station_1.name AS name
                              FROM station AS station_1
                              WHERE
                                station_1.id = account_1.place_id
                                AND station_1.path >= $1::VARCHAR COLLATE "C"
                                AND station_1.path < $2::VARCHAR COLLATE "C"
                                AND station_1.county_id = $3::BIGINT
                            ) AS "a row"
                        )
                      ) AS place,
                      (
                        SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_2
                        FROM
                          (
                            SELECT
                              account_grant_1.role AS role,
                              to_char(
                                timezone($9::VARCHAR, account_grant_1.valid_to),
                                'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
                              ) AS "validTo",
                              coalesce(
                                (
                                  SELECT row_to_json("a row") AS row_to_json_5
                                  FROM
                                    (
                                      SELECT grid_2.code AS code
                                      FROM grid AS grid_2
                                      WHERE
                                        grid_2.id = account_grant_1.place_id
                                        AND grid_2.path >= $1::VARCHAR COLLATE "C"
                                        AND grid_2.path < $2::VARCHAR COLLATE "C"
                                        AND grid_2.county_id = $3::BIGINT
                                    ) AS "a row"
                                ),
                                (
                                  SELECT row_to_json("a row") AS row_to_json_6
                                  FROM
                                    (
                                      SELECT community_2.code AS code
                                      FROM community AS community_2
                                      WHERE
                                        community_2.id = account_grant_1.place_id
                                        AND community_2.path >= $1::VARCHAR COLLATE "C"
                                        AND community_2.path < $2::VARCHAR COLLATE "C"
                                        AND community_2.county_id = $3::BIGINT
                                    ) AS "a row"
                                ),
                                (
                                  SELECT row_to_json("a row") AS row_to_json_7
                                  FROM
                                    (
                                      SELECT station_2.code AS code
                                      FROM station AS station_2
                                      WHERE
                                        station_2.id = account_grant_1.place_id
                                        AND station_2.path >= $1::VARCHAR COLLATE "C"
                                        AND station_2.path < $2::VARCHAR COLLATE "C"
                                        AND station_2.county_id = $3::BIGINT
                                    ) AS "a row"
                                )
                              ) AS place,
                              (
                                SELECT row_to_json("a row") AS row_to_json_8
                                FROM
                                  (
                                    SELECT account_2.username AS username
                                    FROM account AS account_2
                                    WHERE
                                      account_grant_1.account_id = account_2.id
                                      AND (
                                        account_2.path >= $1::VARCHAR COLLATE "C"
                                        AND account_2.path < $2::VARCHAR COLLATE "C"
                                        AND account_2.county_id = $3::BIGINT
                                        OR account_2.id = $4::BIGINT
                                      )
                                    ORDER BY account_2.id ASC
                                    LIMIT 1
                                  ) AS "a row"
                              ) AS account
                            FROM account_grant AS account_grant_1
                            WHERE
                              account_grant_1.account_id = account_1.id
                              AND (
                                account_grant_1.valid_to IS NULL
                                OR account_grant_1.valid_to > greatest(now(), account_grant_1.valid_from)
                              )
                              AND (
                                account_grant_1.path >= $1::VARCHAR COLLATE "C"
                                AND account_grant_1.path < $2::VARCHAR COLLATE "C"
                                AND account_grant_1.county_id = $3::BIGINT
                                OR account_grant_1.account_id = $4::BIGINT
                              )
                            ORDER BY account_grant_1.valid_from ASC, account_grant_1.id ASC
                          ) AS "a row"
                      ) AS grants
                    FROM account AS account_1
                    WHERE
                      (
                        account_1.path >= $1::VARCHAR COLLATE "C"
                        AND account_1.path < $2::VARCHAR COLLATE "C"
                        AND account_1.county_id = $3::BIGINT
                        OR account_1.id = $4::BIGINT
                      )
                      AND account_1.path >= (
                        SELECT anon_1.path
                        FROM
                          (
                            SELECT
                              coalesce(
                                (
                                  SELECT place_1.path
                                  FROM place AS place_1
                                  WHERE
                                    place_1.id = $5::BIGINT
                                    AND place_1.path >= $1::VARCHAR COLLATE "C"
                                    AND place_1.path < $2::VARCHAR COLLATE "C"
                                    AND place_1.county_id = $3::BIGINT
                                ),
                                '~'
                              ) AS path
                          ) AS anon_1
                      )
                      AND account_1.path < (
                        left(
                          (
                            SELECT anon_1.path
                            FROM
                              (
                                SELECT
                                  coalesce(
                                    (
                                      SELECT place_1.path
                                      FROM place AS place_1
                                      WHERE
                                        place_1.id = $5::BIGINT
                                        AND place_1.path >= $1::VARCHAR COLLATE "C"
                                        AND place_1.path < $2::VARCHAR COLLATE "C"
                                        AND place_1.county_id = $3::BIGINT
                                    ),
                                    '~'
                                  ) AS path
                              ) AS anon_1
                          ),
                          $6::INTEGER
                        )
                        || $7::VARCHAR COLLATE "C"
                      )
                      AND (account_1.disabled_at IS NOT NULL) = $8::BOOLEAN
                    ORDER BY account_1.username ASC, account_1.id ASC
                    LIMIT 20
                  ) AS "a row"
              ) AS nodes
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
