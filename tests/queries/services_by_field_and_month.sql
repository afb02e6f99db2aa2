WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $6::BIGINT,
      $7::INTEGER,
      $8::BIGINT,
      $9::BIGINT,
      $1::VARCHAR COLLATE "C",
      $10::VARCHAR
    ) AS state
), whole_0 AS MATERIALIZED (
  SELECT anon_1.clients AS clients, anon_1.contacts AS contacts, anon_1.count AS count
  FROM
    (
      SELECT
        anon_2.clients AS clients,
        anon_2.contacts AS contacts,
        anon_2.count AS count,
        anon_2.previous_clients AS previous_clients,
        anon_2.previous_contacts AS previous_contacts,
        anon_2.previous_count AS previous_count
      FROM
        (
          SELECT
            count(DISTINCT anon_3.client_id) FILTER(WHERE NOT anon_3.past) AS clients,
            CAST(coalesce(sum(anon_3.contacts) FILTER(WHERE NOT anon_3.past), 0) AS BIGINT) AS contacts,
            CAST(coalesce(sum(anon_3.number) FILTER(WHERE NOT anon_3.past), 0) AS BIGINT) AS count,
            count(DISTINCT anon_3.client_id) FILTER(WHERE anon_3.past) AS previous_clients,
            CAST(coalesce(sum(anon_3.contacts) FILTER(WHERE anon_3.past), 0) AS BIGINT) AS previous_contacts,
            CAST(coalesce(sum(anon_3.number) FILTER(WHERE anon_3.past), 0) AS BIGINT) AS previous_count
          FROM
            (
              SELECT
                service_record_1.client_id AS client_id,
                service_record_1.contacts AS contacts,
                1 AS number,
                false AS past
              FROM service_record AS service_record_1
              WHERE
                service_record_1.path >= $1::VARCHAR COLLATE "C"
                AND service_record_1.path < $2::VARCHAR COLLATE "C"
                AND service_record_1.county_id = $3::BIGINT
                AND service_record_1.state = 'VALID'
                AND service_record_1.served_on >= $4::DATE
                AND service_record_1.served_on < $5::DATE
                AND (SELECT scope.state FROM scope) = 'OK' UNION ALL
              SELECT
                service_record_2.client_id AS client_id,
                service_record_2.contacts AS contacts,
                1 AS number,
                true AS past
              FROM service_record AS service_record_2
              WHERE
                service_record_2.path >= $1::VARCHAR COLLATE "C"
                AND service_record_2.path < $2::VARCHAR COLLATE "C"
                AND service_record_2.county_id = $3::BIGINT
                AND service_record_2.state = 'VALID'
                AND service_record_2.served_on >= CAST($11::DATE - interval '1 year' AS DATE)
                AND service_record_2.served_on < CAST($12::DATE - interval '1 year' AS DATE)
                AND (SELECT scope.state FROM scope) = 'OK'
            ) AS anon_3
        ) AS anon_2
    ) AS anon_1
), root_0 AS (
  SELECT
    place_1.id AS id,
    place_1.path AS path,
    place_1.level AS level,
    place_1.station_id AS station_id,
    place_1.county_id AS county_id
  FROM place AS place_1
  WHERE
    place_1.path = $1::VARCHAR COLLATE "C"
    AND place_1.path >= $1::VARCHAR COLLATE "C"
    AND place_1.path < $2::VARCHAR COLLATE "C"
    AND place_1.county_id = $3::BIGINT
    AND (SELECT scope.state FROM scope) = 'OK'
), cells_0 AS (
  SELECT
    anon_4.field AS field,
    anon_4.month AS month,
    concat_ws(
      '.',
      CASE WHEN (anon_4.field IS NULL) THEN '~' ELSE CAST(anon_4.field AS TEXT) END,
      CASE WHEN (anon_4.month IS NULL) THEN '~' ELSE CAST(anon_4.month AS TEXT) END
    ) COLLATE "C" AS id,
    anon_4.contacts AS contacts,
    anon_4.count AS count,
    anon_4.previous_contacts AS previous_contacts,
    CAST(anon_4.count AS FLOAT) / CAST(nullif(CAST(whole_0.count AS FLOAT), 0) AS FLOAT) AS share,
    CAST(anon_4.count - anon_4.previous_count AS FLOAT) / CAST(
      nullif(CAST(anon_4.previous_count AS FLOAT), 0) AS FLOAT
    ) AS change
  FROM
    (
      SELECT
        anon_5.field AS field,
        anon_5.month AS month,
        anon_5.contacts AS contacts,
        anon_5.count AS count,
        anon_5.previous_contacts AS previous_contacts,
        anon_5.previous_count AS previous_count
      FROM
        (
          SELECT
            anon_6.field COLLATE "C" AS field,
            anon_6.month AS month,
            CAST(coalesce(sum(anon_6.contacts) FILTER(WHERE NOT anon_6.past), 0) AS BIGINT) AS contacts,
            CAST(coalesce(sum(anon_6.number) FILTER(WHERE NOT anon_6.past), 0) AS BIGINT) AS count,
            CAST(coalesce(sum(anon_6.contacts) FILTER(WHERE anon_6.past), 0) AS BIGINT) AS previous_contacts,
            CAST(coalesce(sum(anon_6.number) FILTER(WHERE anon_6.past), 0) AS BIGINT) AS previous_count
          FROM
            (
              SELECT
                service_rollup_1.field AS field,
                service_rollup_1.month AS month,
                service_rollup_1.contacts AS contacts,
                service_rollup_1.records AS number,
                false AS past
              FROM root_0
              JOIN service_rollup AS service_rollup_1 ON service_rollup_1.place_id = root_0.id
              WHERE
                service_rollup_1.path >= $1::VARCHAR COLLATE "C"
                AND service_rollup_1.path < $2::VARCHAR COLLATE "C"
                AND service_rollup_1.county_id = $3::BIGINT
                AND (SELECT scope.state FROM scope) = 'OK'
                AND service_rollup_1.month >= CAST(
                  date_trunc(
                    'month',
                    CAST(greatest($13::DATE) AS DATE) + interval '1 month' - interval '1 day'
                  ) AS DATE
                )
                AND service_rollup_1.month < CAST(
                  date_trunc('month', CAST(least($14::DATE) AS DATE)) AS DATE
                ) UNION ALL
              SELECT
                service_delta_1.field AS field,
                service_delta_1.month AS month,
                service_delta_1.contacts AS contacts,
                service_delta_1.records AS number,
                false AS past
              FROM root_0
              JOIN
                service_delta AS service_delta_1 ON service_delta_1.path >= root_0.path
                AND service_delta_1.path < (left(root_0.path, $15::INTEGER) || $16::VARCHAR COLLATE "C")
                AND root_0.level != 'GRID'
                AND true
              WHERE
                service_delta_1.path >= $1::VARCHAR COLLATE "C"
                AND service_delta_1.path < $2::VARCHAR COLLATE "C"
                AND service_delta_1.county_id = $3::BIGINT
                AND (SELECT scope.state FROM scope) = 'OK'
                AND service_delta_1.month >= CAST(
                  date_trunc(
                    'month',
                    CAST(greatest($13::DATE) AS DATE) + interval '1 month' - interval '1 day'
                  ) AS DATE
                )
                AND service_delta_1.month < CAST(
                  date_trunc('month', CAST(least($14::DATE) AS DATE)) AS DATE
                ) UNION ALL
              SELECT
                service_record_3.field AS field,
                CAST(date_trunc('month', service_record_3.served_on) AS DATE) AS month,
                service_record_3.contacts AS contacts,
                1 AS number,
                false AS past
              FROM service_record AS service_record_3
              WHERE
                service_record_3.path >= $1::VARCHAR COLLATE "C"
                AND service_record_3.path < $2::VARCHAR COLLATE "C"
                AND service_record_3.county_id = $3::BIGINT
                AND service_record_3.state = 'VALID'
                AND service_record_3.served_on >= $17::DATE
                AND service_record_3.served_on < $18::DATE
                AND (SELECT scope.state FROM scope) = 'OK'
                AND (EXISTS (SELECT 1 FROM root_0 WHERE root_0.level = 'GRID')) UNION ALL
              SELECT
                service_record_4.field AS field,
                CAST(date_trunc('month', service_record_4.served_on) AS DATE) AS month,
                service_record_4.contacts AS contacts,
                1 AS number,
                false AS past
              FROM service_record AS service_record_4
              WHERE
                service_record_4.path >= $1::VARCHAR COLLATE "C"
                AND service_record_4.path < $2::VARCHAR COLLATE "C"
                AND service_record_4.county_id = $3::BIGINT
                AND service_record_4.state = 'VALID'
                AND service_record_4.served_on >= $19::DATE
                AND service_record_4.served_on < $20::DATE
                AND (SELECT scope.state FROM scope) = 'OK'
                AND (
                  EXISTS (
                    SELECT 1
                    FROM root_0
                    WHERE
                      root_0.level != 'GRID'
                      AND CAST(greatest($13::DATE) AS DATE) < least(
                        CAST(
                          date_trunc(
                            'month',
                            CAST(greatest($13::DATE) AS DATE) + interval '1 month' - interval '1 day'
                          ) AS DATE
                        ),
                        CAST(least($14::DATE) AS DATE)
                      )
                  )
                )
                AND service_record_4.served_on >= CAST(greatest($13::DATE) AS DATE)
                AND service_record_4.served_on < least(
                  CAST(
                    date_trunc(
                      'month',
                      CAST(greatest($13::DATE) AS DATE) + interval '1 month' - interval '1 day'
                    ) AS DATE
                  ),
                  CAST(least($14::DATE) AS DATE)
                ) UNION ALL
              SELECT
                service_record_5.field AS field,
                CAST(date_trunc('month', service_record_5.served_on) AS DATE) AS month,
                service_record_5.contacts AS contacts,
                1 AS number,
                false AS past
              FROM service_record AS service_record_5
              WHERE
                service_record_5.path >= $1::VARCHAR COLLATE "C"
                AND service_record_5.path < $2::VARCHAR COLLATE "C"
                AND service_record_5.county_id = $3::BIGINT
                AND service_record_5.state = 'VALID'
                AND service_record_5.served_on >= $21::DATE
                AND service_record_5.served_on < $22::DATE
                AND (SELECT scope.state FROM scope) = 'OK'
                AND (
                  EXISTS (
                    SELECT 1
                    FROM root_0
                    WHERE
                      root_0.level != 'GRID'
                      AND greatest(
                        CAST(date_trunc('month', CAST(least($14::DATE) AS DATE)) AS DATE),
                        CAST(
                          date_trunc(
                            'month',
                            CAST(greatest($13::DATE) AS DATE) + interval '1 month' - interval '1 day'
                          ) AS DATE
                        )
                      ) < CAST(least($14::DATE) AS DATE)
                  )
                )
                AND service_record_5.served_on >= greatest(
                  CAST(date_trunc('month', CAST(least($14::DATE) AS DATE)) AS DATE),
                  CAST(
                    date_trunc(
                      'month',
                      CAST(greatest($13::DATE) AS DATE) + interval '1 month' - interval '1 day'
                    ) AS DATE
                  )
                )
                AND service_record_5.served_on < CAST(least($14::DATE) AS DATE) UNION ALL
              SELECT
                service_rollup_2.field AS field,
                CAST(service_rollup_2.month + interval '1 year' AS DATE) AS month,
                service_rollup_2.contacts AS contacts,
                service_rollup_2.records AS number,
                true AS past
              FROM root_0
              JOIN service_rollup AS service_rollup_2 ON service_rollup_2.place_id = root_0.id
              WHERE
                service_rollup_2.path >= $1::VARCHAR COLLATE "C"
                AND service_rollup_2.path < $2::VARCHAR COLLATE "C"
                AND service_rollup_2.county_id = $3::BIGINT
                AND (SELECT scope.state FROM scope) = 'OK'
                AND service_rollup_2.month >= CAST(
                  date_trunc(
                    'month',
                    CAST(
                      CAST(greatest($23::DATE) AS DATE) - interval '1 year' AS DATE
                    ) + interval '1 month' - interval '1 day'
                  ) AS DATE
                )
                AND service_rollup_2.month < CAST(
                  date_trunc(
                    'month',
                    CAST(CAST(least($24::DATE) AS DATE) - interval '1 year' AS DATE)
                  ) AS DATE
                ) UNION ALL
              SELECT
                service_delta_2.field AS field,
                CAST(service_delta_2.month + interval '1 year' AS DATE) AS month,
                service_delta_2.contacts AS contacts,
                service_delta_2.records AS number,
                true AS past
              FROM root_0
              JOIN
                service_delta AS service_delta_2 ON service_delta_2.path >= root_0.path
                AND service_delta_2.path < (left(root_0.path, $25::INTEGER) || $26::VARCHAR COLLATE "C")
                AND root_0.level != 'GRID'
                AND true
              WHERE
                service_delta_2.path >= $1::VARCHAR COLLATE "C"
                AND service_delta_2.path < $2::VARCHAR COLLATE "C"
                AND service_delta_2.county_id = $3::BIGINT
                AND (SELECT scope.state FROM scope) = 'OK'
                AND service_delta_2.month >= CAST(
                  date_trunc(
                    'month',
                    CAST(
                      CAST(greatest($23::DATE) AS DATE) - interval '1 year' AS DATE
                    ) + interval '1 month' - interval '1 day'
                  ) AS DATE
                )
                AND service_delta_2.month < CAST(
                  date_trunc(
                    'month',
                    CAST(CAST(least($24::DATE) AS DATE) - interval '1 year' AS DATE)
                  ) AS DATE
                ) UNION ALL
              SELECT
                service_record_6.field AS field,
                CAST(
                  date_trunc('month', CAST(service_record_6.served_on + interval '1 year' AS DATE)) AS DATE
                ) AS month,
                service_record_6.contacts AS contacts,
                1 AS number,
                true AS past
              FROM service_record AS service_record_6
              WHERE
                service_record_6.path >= $1::VARCHAR COLLATE "C"
                AND service_record_6.path < $2::VARCHAR COLLATE "C"
                AND service_record_6.county_id = $3::BIGINT
                AND service_record_6.state = 'VALID'
                AND service_record_6.served_on >= CAST($27::DATE - interval '1 year' AS DATE)
                AND service_record_6.served_on < CAST($28::DATE - interval '1 year' AS DATE)
                AND (SELECT scope.state FROM scope) = 'OK'
                AND (EXISTS (SELECT 1 FROM root_0 WHERE root_0.level = 'GRID')) UNION ALL
              SELECT
                service_record_7.field AS field,
                CAST(
                  date_trunc('month', CAST(service_record_7.served_on + interval '1 year' AS DATE)) AS DATE
                ) AS month,
                service_record_7.contacts AS contacts,
                1 AS number,
                true AS past
              FROM service_record AS service_record_7
              WHERE
                service_record_7.path >= $1::VARCHAR COLLATE "C"
                AND service_record_7.path < $2::VARCHAR COLLATE "C"
                AND service_record_7.county_id = $3::BIGINT
                AND service_record_7.state = 'VALID'
                AND service_record_7.served_on >= CAST($29::DATE - interval '1 year' AS DATE)
                AND service_record_7.served_on < CAST($30::DATE - interval '1 year' AS DATE)
                AND (SELECT scope.state FROM scope) = 'OK'
                AND (
                  EXISTS (
                    SELECT 1
                    FROM root_0
                    WHERE
                      root_0.level != 'GRID'
                      AND CAST(
                        CAST(greatest($23::DATE) AS DATE) - interval '1 year' AS DATE
                      ) < least(
                        CAST(
                          date_trunc(
                            'month',
                            CAST(
                              CAST(greatest($23::DATE) AS DATE) - interval '1 year' AS DATE
                            ) + interval '1 month' - interval '1 day'
                          ) AS DATE
                        ),
                        CAST(CAST(least($24::DATE) AS DATE) - interval '1 year' AS DATE)
                      )
                  )
                )
                AND service_record_7.served_on >= CAST(
                  CAST(greatest($23::DATE) AS DATE) - interval '1 year' AS DATE
                )
                AND service_record_7.served_on < least(
                  CAST(
                    date_trunc(
                      'month',
                      CAST(
                        CAST(greatest($23::DATE) AS DATE) - interval '1 year' AS DATE
                      ) + interval '1 month' - interval '1 day'
                    ) AS DATE
                  ),
                  CAST(CAST(least($24::DATE) AS DATE) - interval '1 year' AS DATE)
                ) UNION ALL
              SELECT
                service_record_8.field AS field,
                CAST(
                  date_trunc('month', CAST(service_record_8.served_on + interval '1 year' AS DATE)) AS DATE
                ) AS month,
                service_record_8.contacts AS contacts,
                1 AS number,
                true AS past
              FROM service_record AS service_record_8
              WHERE
                service_record_8.path >= $1::VARCHAR COLLATE "C"
                AND service_record_8.path < $2::VARCHAR COLLATE "C"
                AND service_record_8.county_id = $3::BIGINT
                AND service_record_8.state = 'VALID'
                AND service_record_8.served_on >= CAST($31::DATE - interval '1 year' AS DATE)
                AND service_record_8.served_on < CAST($32::DATE - interval '1 year' AS DATE)
                AND (SELECT scope.state FROM scope) = 'OK'
                AND (
                  EXISTS (
                    SELECT 1
                    FROM root_0
                    WHERE
                      root_0.level != 'GRID'
                      AND greatest(
                        CAST(
                          date_trunc(
                            'month',
                            CAST(CAST(least($24::DATE) AS DATE) - interval '1 year' AS DATE)
                          ) AS DATE
                        ),
                        CAST(
                          date_trunc(
                            'month',
                            CAST(
                              CAST(greatest($23::DATE) AS DATE) - interval '1 year' AS DATE
                            ) + interval '1 month' - interval '1 day'
                          ) AS DATE
                        )
                      ) < CAST(
                        CAST(least($24::DATE) AS DATE) - interval '1 year' AS DATE
                      )
                  )
                )
                AND service_record_8.served_on >= greatest(
                  CAST(
                    date_trunc(
                      'month',
                      CAST(CAST(least($24::DATE) AS DATE) - interval '1 year' AS DATE)
                    ) AS DATE
                  ),
                  CAST(
                    date_trunc(
                      'month',
                      CAST(
                        CAST(greatest($23::DATE) AS DATE) - interval '1 year' AS DATE
                      ) + interval '1 month' - interval '1 day'
                    ) AS DATE
                  )
                )
                AND service_record_8.served_on < CAST(
                  CAST(least($24::DATE) AS DATE) - interval '1 year' AS DATE
                )
            ) AS anon_6
          GROUP BY
            anon_6.field COLLATE "C",
            anon_6.month HAVING coalesce(sum(anon_6.number) FILTER(WHERE NOT anon_6.past), 0) != 0 OR coalesce(sum(anon_6.number) FILTER(WHERE anon_6.past), 0) != 0
        ) AS anon_5
    ) AS anon_4
  JOIN whole_0 ON true
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
              (SELECT count(*) AS count_1 FROM cells_0 WHERE true) AS "totalCount",
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                FROM
                  (
                    SELECT
                      (
                        SELECT row_to_json("a row") AS row_to_json_2
                        FROM
                          (
                            SELECT
                              cells_0.field AS field,
                              to_char(CAST(cells_0.month AS TIMESTAMP WITHOUT TIME ZONE), 'YYYY-MM') AS month
                          ) AS "a row"
                      ) AS key,
                      cells_0.count AS count,
                      cells_0.contacts AS contacts,
                      cells_0.share AS share,
                      cells_0.change AS change,
                      (
                        SELECT row_to_json("a row") AS row_to_json_3
                        FROM (SELECT cells_0.previous_contacts AS contacts) AS "a row"
                      ) AS previous
                    FROM cells_0
                    WHERE true
                    ORDER BY cells_0.field COLLATE "C" ASC, cells_0.month ASC
                    LIMIT $33::INTEGER
                  ) AS "a row"
              ) AS nodes,
              (
                SELECT row_to_json("a row") AS row_to_json_4
                FROM (SELECT whole_0.contacts AS contacts, whole_0.clients AS clients FROM whole_0) AS "a row"
              ) AS total
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
