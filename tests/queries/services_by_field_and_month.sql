WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $9::BIGINT,
      $10::INTEGER,
      $11::BIGINT,
      $12::BIGINT,
      $4::VARCHAR COLLATE "C",
      $1::VARCHAR
    ) AS state
), whole_0 AS MATERIALIZED (
  SELECT
    CASE WHEN (
      NOT ($1::VARCHAR = 'OBSERVER' AND anon_1.count > 0 AND anon_1.count < $2::INTEGER)
    ) THEN CASE WHEN (
      NOT ($1::VARCHAR = 'OBSERVER' AND anon_1.clients > 0 AND anon_1.clients < $3::INTEGER)
    ) THEN anon_1.clients END END AS clients,
    CASE WHEN (
      NOT ($1::VARCHAR = 'OBSERVER' AND anon_1.count > 0 AND anon_1.count < $2::INTEGER)
    ) THEN anon_1.contacts END AS contacts,
    CASE WHEN (
      NOT ($1::VARCHAR = 'OBSERVER' AND anon_1.count > 0 AND anon_1.count < $2::INTEGER)
    ) THEN anon_1.count END AS count
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
                service_record_1.path >= $4::VARCHAR COLLATE "C"
                AND service_record_1.path < $5::VARCHAR COLLATE "C"
                AND service_record_1.county_id = $6::BIGINT
                AND service_record_1.state = 'VALID'
                AND service_record_1.served_on >= $7::DATE
                AND service_record_1.served_on < $8::DATE
                AND (SELECT scope.state FROM scope) = 'OK' UNION ALL
              SELECT
                service_record_2.client_id AS client_id,
                service_record_2.contacts AS contacts,
                1 AS number,
                true AS past
              FROM service_record AS service_record_2
              WHERE
                service_record_2.path >= $4::VARCHAR COLLATE "C"
                AND service_record_2.path < $5::VARCHAR COLLATE "C"
                AND service_record_2.county_id = $6::BIGINT
                AND service_record_2.state = 'VALID'
                AND service_record_2.served_on >= CAST($13::DATE - interval '1 year' AS DATE)
                AND service_record_2.served_on < CAST($14::DATE - interval '1 year' AS DATE)
                AND (SELECT scope.state FROM scope) = 'OK'
            ) AS anon_3
        ) AS anon_2
    ) AS anon_1
), groups_0 AS MATERIALIZED (
  SELECT
    anon_4.field AS field,
    anon_4.month AS month,
    anon_4.contacts AS contacts,
    anon_4.count AS count,
    anon_4.previous_contacts AS previous_contacts,
    anon_4.previous_count AS previous_count
  FROM
    (
      SELECT
        anon_5.field AS field,
        anon_5.month AS month,
        CAST(coalesce(sum(anon_5.contacts) FILTER(WHERE NOT anon_5.past), 0) AS BIGINT) AS contacts,
        CAST(coalesce(sum(anon_5.number) FILTER(WHERE NOT anon_5.past), 0) AS BIGINT) AS count,
        CAST(coalesce(sum(anon_5.contacts) FILTER(WHERE anon_5.past), 0) AS BIGINT) AS previous_contacts,
        CAST(coalesce(sum(anon_5.number) FILTER(WHERE anon_5.past), 0) AS BIGINT) AS previous_count
      FROM
        (
          SELECT
            service_rollup_1.field AS field,
            CAST(date_trunc('month', service_rollup_1.month) AS DATE) AS month,
            service_rollup_1.contacts AS contacts,
            service_rollup_1.records AS number,
            false AS past
          FROM
            (
              SELECT
                place_1.id AS id,
                place_1.path AS path,
                place_1.level AS level,
                place_1.station_id AS station_id,
                place_1.county_id AS county_id
              FROM place AS place_1
              WHERE
                place_1.path = $4::VARCHAR COLLATE "C"
                AND place_1.path >= $4::VARCHAR COLLATE "C"
                AND place_1.path < $5::VARCHAR COLLATE "C"
                AND place_1.county_id = $6::BIGINT
                AND (SELECT scope.state FROM scope) = 'OK'
            ) AS anon_6
          JOIN service_rollup AS service_rollup_1 ON service_rollup_1.place_id = anon_6.id
          WHERE
            service_rollup_1.path >= $4::VARCHAR COLLATE "C"
            AND service_rollup_1.path < $5::VARCHAR COLLATE "C"
            AND service_rollup_1.county_id = $6::BIGINT
            AND (SELECT scope.state FROM scope) = 'OK'
            AND service_rollup_1.month >= CAST(
              date_trunc(
                'month',
                CAST(greatest($15::DATE) AS DATE) + interval '1 month' - interval '1 day'
              ) AS DATE
            )
            AND service_rollup_1.month < CAST(
              date_trunc('month', CAST(least($16::DATE) AS DATE)) AS DATE
            ) UNION ALL
          SELECT
            service_delta_1.field AS field,
            CAST(date_trunc('month', service_delta_1.month) AS DATE) AS month,
            service_delta_1.contacts AS contacts,
            service_delta_1.records AS number,
            false AS past
          FROM
            (
              SELECT
                place_1.id AS id,
                place_1.path AS path,
                place_1.level AS level,
                place_1.station_id AS station_id,
                place_1.county_id AS county_id
              FROM place AS place_1
              WHERE
                place_1.path = $4::VARCHAR COLLATE "C"
                AND place_1.path >= $4::VARCHAR COLLATE "C"
                AND place_1.path < $5::VARCHAR COLLATE "C"
                AND place_1.county_id = $6::BIGINT
                AND (SELECT scope.state FROM scope) = 'OK'
            ) AS anon_6
          JOIN
            service_delta AS service_delta_1 ON service_delta_1.path >= anon_6.path
            AND service_delta_1.path < (left(anon_6.path, $17::INTEGER) || $18::VARCHAR COLLATE "C")
            AND anon_6.level != 'GRID'
            AND true
          WHERE
            service_delta_1.path >= $4::VARCHAR COLLATE "C"
            AND service_delta_1.path < $5::VARCHAR COLLATE "C"
            AND service_delta_1.county_id = $6::BIGINT
            AND (SELECT scope.state FROM scope) = 'OK'
            AND service_delta_1.month >= CAST(
              date_trunc(
                'month',
                CAST(greatest($15::DATE) AS DATE) + interval '1 month' - interval '1 day'
              ) AS DATE
            )
            AND service_delta_1.month < CAST(
              date_trunc('month', CAST(least($16::DATE) AS DATE)) AS DATE
            ) UNION ALL
          SELECT
            service_record_3.field AS field,
            CAST(date_trunc('month', service_record_3.served_on) AS DATE) AS month,
            service_record_3.contacts AS contacts,
            1 AS number,
            false AS past
          FROM service_record AS service_record_3
          WHERE
            service_record_3.path >= $4::VARCHAR COLLATE "C"
            AND service_record_3.path < $5::VARCHAR COLLATE "C"
            AND service_record_3.county_id = $6::BIGINT
            AND service_record_3.state = 'VALID'
            AND service_record_3.served_on >= $19::DATE
            AND service_record_3.served_on < $20::DATE
            AND (SELECT scope.state FROM scope) = 'OK'
            AND (
              EXISTS (
                SELECT 1
                FROM
                  (
                    SELECT
                      place_1.id AS id,
                      place_1.path AS path,
                      place_1.level AS level,
                      place_1.station_id AS station_id,
                      place_1.county_id AS county_id
                    FROM place AS place_1
                    WHERE
                      place_1.path = $4::VARCHAR COLLATE "C"
                      AND place_1.path >= $4::VARCHAR COLLATE "C"
                      AND place_1.path < $5::VARCHAR COLLATE "C"
                      AND place_1.county_id = $6::BIGINT
                      AND (SELECT scope.state FROM scope) = 'OK'
                  ) AS anon_6
                WHERE anon_6.level = 'GRID'
              )
            ) UNION ALL
          SELECT
            service_record_4.field AS field,
            CAST(date_trunc('month', service_record_4.served_on) AS DATE) AS month,
            service_record_4.contacts AS contacts,
            1 AS number,
            false AS past
          FROM service_record AS service_record_4
          WHERE
            service_record_4.path >= $4::VARCHAR COLLATE "C"
            AND service_record_4.path < $5::VARCHAR COLLATE "C"
            AND service_record_4.county_id = $6::BIGINT
            AND service_record_4.state = 'VALID'
            AND service_record_4.served_on >= $21::DATE
            AND service_record_4.served_on < $22::DATE
            AND (SELECT scope.state FROM scope) = 'OK'
            AND (
              EXISTS (
                SELECT 1
                FROM
                  (
                    SELECT
                      place_1.id AS id,
                      place_1.path AS path,
                      place_1.level AS level,
                      place_1.station_id AS station_id,
                      place_1.county_id AS county_id
                    FROM place AS place_1
                    WHERE
                      place_1.path = $4::VARCHAR COLLATE "C"
                      AND place_1.path >= $4::VARCHAR COLLATE "C"
                      AND place_1.path < $5::VARCHAR COLLATE "C"
                      AND place_1.county_id = $6::BIGINT
                      AND (SELECT scope.state FROM scope) = 'OK'
                  ) AS anon_6
                WHERE
                  anon_6.level != 'GRID'
                  AND CAST(greatest($15::DATE) AS DATE) < least(
                    CAST(
                      date_trunc(
                        'month',
                        CAST(greatest($15::DATE) AS DATE) + interval '1 month' - interval '1 day'
                      ) AS DATE
                    ),
                    CAST(least($16::DATE) AS DATE)
                  )
              )
            )
            AND service_record_4.served_on >= CAST(greatest($15::DATE) AS DATE)
            AND service_record_4.served_on < least(
              CAST(
                date_trunc(
                  'month',
                  CAST(greatest($15::DATE) AS DATE) + interval '1 month' - interval '1 day'
                ) AS DATE
              ),
              CAST(least($16::DATE) AS DATE)
            ) UNION ALL
          SELECT
            service_record_5.field AS field,
            CAST(date_trunc('month', service_record_5.served_on) AS DATE) AS month,
            service_record_5.contacts AS contacts,
            1 AS number,
            false AS past
          FROM service_record AS service_record_5
          WHERE
            service_record_5.path >= $4::VARCHAR COLLATE "C"
            AND service_record_5.path < $5::VARCHAR COLLATE "C"
            AND service_record_5.county_id = $6::BIGINT
            AND service_record_5.state = 'VALID'
            AND service_record_5.served_on >= $23::DATE
            AND service_record_5.served_on < $24::DATE
            AND (SELECT scope.state FROM scope) = 'OK'
            AND (
              EXISTS (
                SELECT 1
                FROM
                  (
                    SELECT
                      place_1.id AS id,
                      place_1.path AS path,
                      place_1.level AS level,
                      place_1.station_id AS station_id,
                      place_1.county_id AS county_id
                    FROM place AS place_1
                    WHERE
                      place_1.path = $4::VARCHAR COLLATE "C"
                      AND place_1.path >= $4::VARCHAR COLLATE "C"
                      AND place_1.path < $5::VARCHAR COLLATE "C"
                      AND place_1.county_id = $6::BIGINT
                      AND (SELECT scope.state FROM scope) = 'OK'
                  ) AS anon_6
                WHERE
                  anon_6.level != 'GRID'
                  AND greatest(
                    CAST(date_trunc('month', CAST(least($16::DATE) AS DATE)) AS DATE),
                    CAST(
                      date_trunc(
                        'month',
                        CAST(greatest($15::DATE) AS DATE) + interval '1 month' - interval '1 day'
                      ) AS DATE
                    )
                  ) < CAST(least($16::DATE) AS DATE)
              )
            )
            AND service_record_5.served_on >= greatest(
              CAST(date_trunc('month', CAST(least($16::DATE) AS DATE)) AS DATE),
              CAST(
                date_trunc(
                  'month',
                  CAST(greatest($15::DATE) AS DATE) + interval '1 month' - interval '1 day'
                ) AS DATE
              )
            )
            AND service_record_5.served_on < CAST(least($16::DATE) AS DATE) UNION ALL
          SELECT
            service_rollup_2.field AS field,
            CAST(
              date_trunc('month', CAST(service_rollup_2.month + interval '1 year' AS DATE)) AS DATE
            ) AS month,
            service_rollup_2.contacts AS contacts,
            service_rollup_2.records AS number,
            true AS past
          FROM
            (
              SELECT
                place_2.id AS id,
                place_2.path AS path,
                place_2.level AS level,
                place_2.station_id AS station_id,
                place_2.county_id AS county_id
              FROM place AS place_2
              WHERE
                place_2.path = $4::VARCHAR COLLATE "C"
                AND place_2.path >= $4::VARCHAR COLLATE "C"
                AND place_2.path < $5::VARCHAR COLLATE "C"
                AND place_2.county_id = $6::BIGINT
                AND (SELECT scope.state FROM scope) = 'OK'
            ) AS anon_7
          JOIN service_rollup AS service_rollup_2 ON service_rollup_2.place_id = anon_7.id
          WHERE
            service_rollup_2.path >= $4::VARCHAR COLLATE "C"
            AND service_rollup_2.path < $5::VARCHAR COLLATE "C"
            AND service_rollup_2.county_id = $6::BIGINT
            AND (SELECT scope.state FROM scope) = 'OK'
            AND service_rollup_2.month >= CAST(
              date_trunc(
                'month',
                CAST(
                  CAST(greatest($25::DATE) AS DATE) - interval '1 year' AS DATE
                ) + interval '1 month' - interval '1 day'
              ) AS DATE
            )
            AND service_rollup_2.month < CAST(
              date_trunc('month', CAST(CAST(least($26::DATE) AS DATE) - interval '1 year' AS DATE)) AS DATE
            ) UNION ALL
          SELECT
            service_delta_2.field AS field,
            CAST(
              date_trunc('month', CAST(service_delta_2.month + interval '1 year' AS DATE)) AS DATE
            ) AS month,
            service_delta_2.contacts AS contacts,
            service_delta_2.records AS number,
            true AS past
          FROM
            (
              SELECT
                place_2.id AS id,
                place_2.path AS path,
                place_2.level AS level,
                place_2.station_id AS station_id,
                place_2.county_id AS county_id
              FROM place AS place_2
              WHERE
                place_2.path = $4::VARCHAR COLLATE "C"
                AND place_2.path >= $4::VARCHAR COLLATE "C"
                AND place_2.path < $5::VARCHAR COLLATE "C"
                AND place_2.county_id = $6::BIGINT
                AND (SELECT scope.state FROM scope) = 'OK'
            ) AS anon_7
          JOIN
            service_delta AS service_delta_2 ON service_delta_2.path >= anon_7.path
            AND service_delta_2.path < (left(anon_7.path, $27::INTEGER) || $28::VARCHAR COLLATE "C")
            AND anon_7.level != 'GRID'
            AND true
          WHERE
            service_delta_2.path >= $4::VARCHAR COLLATE "C"
            AND service_delta_2.path < $5::VARCHAR COLLATE "C"
            AND service_delta_2.county_id = $6::BIGINT
            AND (SELECT scope.state FROM scope) = 'OK'
            AND service_delta_2.month >= CAST(
              date_trunc(
                'month',
                CAST(
                  CAST(greatest($25::DATE) AS DATE) - interval '1 year' AS DATE
                ) + interval '1 month' - interval '1 day'
              ) AS DATE
            )
            AND service_delta_2.month < CAST(
              date_trunc('month', CAST(CAST(least($26::DATE) AS DATE) - interval '1 year' AS DATE)) AS DATE
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
            service_record_6.path >= $4::VARCHAR COLLATE "C"
            AND service_record_6.path < $5::VARCHAR COLLATE "C"
            AND service_record_6.county_id = $6::BIGINT
            AND service_record_6.state = 'VALID'
            AND service_record_6.served_on >= CAST($29::DATE - interval '1 year' AS DATE)
            AND service_record_6.served_on < CAST($30::DATE - interval '1 year' AS DATE)
            AND (SELECT scope.state FROM scope) = 'OK'
            AND (
              EXISTS (
                SELECT 1
                FROM
                  (
                    SELECT
                      place_2.id AS id,
                      place_2.path AS path,
                      place_2.level AS level,
                      place_2.station_id AS station_id,
                      place_2.county_id AS county_id
                    FROM place AS place_2
                    WHERE
                      place_2.path = $4::VARCHAR COLLATE "C"
                      AND place_2.path >= $4::VARCHAR COLLATE "C"
                      AND place_2.path < $5::VARCHAR COLLATE "C"
                      AND place_2.county_id = $6::BIGINT
                      AND (SELECT scope.state FROM scope) = 'OK'
                  ) AS anon_7
                WHERE anon_7.level = 'GRID'
              )
            ) UNION ALL
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
            service_record_7.path >= $4::VARCHAR COLLATE "C"
            AND service_record_7.path < $5::VARCHAR COLLATE "C"
            AND service_record_7.county_id = $6::BIGINT
            AND service_record_7.state = 'VALID'
            AND service_record_7.served_on >= CAST($31::DATE - interval '1 year' AS DATE)
            AND service_record_7.served_on < CAST($32::DATE - interval '1 year' AS DATE)
            AND (SELECT scope.state FROM scope) = 'OK'
            AND (
              EXISTS (
                SELECT 1
                FROM
                  (
                    SELECT
                      place_2.id AS id,
                      place_2.path AS path,
                      place_2.level AS level,
                      place_2.station_id AS station_id,
                      place_2.county_id AS county_id
                    FROM place AS place_2
                    WHERE
                      place_2.path = $4::VARCHAR COLLATE "C"
                      AND place_2.path >= $4::VARCHAR COLLATE "C"
                      AND place_2.path < $5::VARCHAR COLLATE "C"
                      AND place_2.county_id = $6::BIGINT
                      AND (SELECT scope.state FROM scope) = 'OK'
                  ) AS anon_7
                WHERE
                  anon_7.level != 'GRID'
                  AND CAST(
                    CAST(greatest($25::DATE) AS DATE) - interval '1 year' AS DATE
                  ) < least(
                    CAST(
                      date_trunc(
                        'month',
                        CAST(
                          CAST(greatest($25::DATE) AS DATE) - interval '1 year' AS DATE
                        ) + interval '1 month' - interval '1 day'
                      ) AS DATE
                    ),
                    CAST(CAST(least($26::DATE) AS DATE) - interval '1 year' AS DATE)
                  )
              )
            )
            AND service_record_7.served_on >= CAST(
              CAST(greatest($25::DATE) AS DATE) - interval '1 year' AS DATE
            )
            AND service_record_7.served_on < least(
              CAST(
                date_trunc(
                  'month',
                  CAST(
                    CAST(greatest($25::DATE) AS DATE) - interval '1 year' AS DATE
                  ) + interval '1 month' - interval '1 day'
                ) AS DATE
              ),
              CAST(CAST(least($26::DATE) AS DATE) - interval '1 year' AS DATE)
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
            service_record_8.path >= $4::VARCHAR COLLATE "C"
            AND service_record_8.path < $5::VARCHAR COLLATE "C"
            AND service_record_8.county_id = $6::BIGINT
            AND service_record_8.state = 'VALID'
            AND service_record_8.served_on >= CAST($33::DATE - interval '1 year' AS DATE)
            AND service_record_8.served_on < CAST($34::DATE - interval '1 year' AS DATE)
            AND (SELECT scope.state FROM scope) = 'OK'
            AND (
              EXISTS (
                SELECT 1
                FROM
                  (
                    SELECT
                      place_2.id AS id,
                      place_2.path AS path,
                      place_2.level AS level,
                      place_2.station_id AS station_id,
                      place_2.county_id AS county_id
                    FROM place AS place_2
                    WHERE
                      place_2.path = $4::VARCHAR COLLATE "C"
                      AND place_2.path >= $4::VARCHAR COLLATE "C"
                      AND place_2.path < $5::VARCHAR COLLATE "C"
                      AND place_2.county_id = $6::BIGINT
                      AND (SELECT scope.state FROM scope) = 'OK'
                  ) AS anon_7
                WHERE
                  anon_7.level != 'GRID'
                  AND greatest(
                    CAST(
                      date_trunc(
                        'month',
                        CAST(CAST(least($26::DATE) AS DATE) - interval '1 year' AS DATE)
                      ) AS DATE
                    ),
                    CAST(
                      date_trunc(
                        'month',
                        CAST(
                          CAST(greatest($25::DATE) AS DATE) - interval '1 year' AS DATE
                        ) + interval '1 month' - interval '1 day'
                      ) AS DATE
                    )
                  ) < CAST(
                    CAST(least($26::DATE) AS DATE) - interval '1 year' AS DATE
                  )
              )
            )
            AND service_record_8.served_on >= greatest(
              CAST(
                date_trunc('month', CAST(CAST(least($26::DATE) AS DATE) - interval '1 year' AS DATE)) AS DATE
              ),
              CAST(
                date_trunc(
                  'month',
                  CAST(
                    CAST(greatest($25::DATE) AS DATE) - interval '1 year' AS DATE
                  ) + interval '1 month' - interval '1 day'
                ) AS DATE
              )
            )
            AND service_record_8.served_on < CAST(CAST(least($26::DATE) AS DATE) - interval '1 year' AS DATE)
        ) AS anon_5
      GROUP BY
        anon_5.field,
        anon_5.month HAVING coalesce(sum(anon_5.number) FILTER(WHERE NOT anon_5.past), 0) != 0 OR coalesce(sum(anon_5.number) FILTER(WHERE anon_5.past), 0) != 0
    ) AS anon_4
), listed_0 AS MATERIALIZED (
  SELECT
    row_number() OVER () AS position,
    CAST(groups_0.field AS TEXT) AS key_0,
    CAST(CAST(date_trunc('year', groups_0.month) AS DATE) AS TEXT) AS key_1,
    CAST(CAST(date_trunc('quarter', groups_0.month) AS DATE) AS TEXT) AS key_2,
    CAST(CAST(date_trunc('month', groups_0.month) AS DATE) AS TEXT) AS key_3,
    groups_0.field AS field,
    groups_0.month AS month,
    groups_0.count AS count,
    groups_0.previous_count AS previous_count
  FROM groups_0
  WHERE $1::VARCHAR = 'OBSERVER'
), hidden_0 AS MATERIALIZED (
  SELECT listed_0.field AS field, listed_0.month AS month, true AS hidden
  FROM listed_0
  WHERE
    listed_0.position IN (
      SELECT p
      FROM
        small_cells(
          (
            SELECT array_agg(each.key ORDER BY listed_0.position, each.number) AS array_agg_1
            FROM listed_0
            JOIN
              LATERAL(
                VALUES(0, listed_0.key_0),
                (1, listed_0.key_1),
                (2, listed_0.key_2),
                (3, listed_0.key_3)
              ) AS each(number, key) ON true
          ),
          ARRAY[1,
          3]::integer[],
          (SELECT array_agg(listed_0.count ORDER BY listed_0.position) AS array_agg_2 FROM listed_0),
          $35::INTEGER
        ) AS p UNION
      SELECT p
      FROM
        small_cells(
          (
            SELECT array_agg(each.key ORDER BY listed_0.position, each.number) AS array_agg_3
            FROM listed_0
            JOIN
              LATERAL(
                VALUES(0, listed_0.key_0),
                (1, listed_0.key_1),
                (2, listed_0.key_2),
                (3, listed_0.key_3)
              ) AS each(number, key) ON true
          ),
          ARRAY[1,
          3]::integer[],
          (SELECT array_agg(listed_0.previous_count ORDER BY listed_0.position) AS array_agg_4 FROM listed_0),
          $36::INTEGER
        ) AS p
    )
), cells_0 AS MATERIALIZED (
  SELECT
    groups_0.field AS field,
    groups_0.month AS month,
    concat_ws(
      '.',
      CASE WHEN (groups_0.field IS NULL) THEN '~' ELSE CAST(groups_0.field AS TEXT) END,
      CASE WHEN (groups_0.month IS NULL) THEN '~' ELSE CAST(groups_0.month AS TEXT) END
    ) COLLATE "C" AS id,
    CASE WHEN (hidden_0.hidden IS NULL) THEN groups_0.contacts END AS contacts,
    CASE WHEN (hidden_0.hidden IS NULL) THEN groups_0.count END AS count,
    CASE WHEN (hidden_0.hidden IS NULL) THEN groups_0.previous_contacts END AS previous_contacts,
    CASE WHEN (hidden_0.hidden IS NULL) THEN CAST(groups_0.count AS FLOAT) / CAST(nullif(CAST(whole_0.count AS FLOAT), 0) AS FLOAT) END AS share,
    CASE WHEN (hidden_0.hidden IS NULL) THEN CAST(groups_0.count - groups_0.previous_count AS FLOAT) / CAST(
      nullif(CAST(groups_0.previous_count AS FLOAT), 0) AS FLOAT
    ) END AS change,
    hidden_0.hidden IS NOT NULL AS hidden
  FROM groups_0
  JOIN whole_0 ON true LEFT OUTER
  JOIN hidden_0 ON groups_0.field IS NOT DISTINCT
  FROM hidden_0.field AND groups_0.month IS NOT DISTINCT
  FROM hidden_0.month
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
              (SELECT count(*) AS count_1 FROM cells_0 WHERE NOT cells_0.hidden) AS "totalCount",
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                FROM
                  (
                    SELECT
                      (
                        SELECT row_to_json("a row") AS row_to_json_2
                        FROM
                          (
                            SELECT cells_0.field AS field, to_char(cells_0.month, 'YYYY-MM') AS month
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
                    WHERE NOT cells_0.hidden
                    ORDER BY cells_0.id ASC
                    LIMIT $37::INTEGER
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
