WITH scope AS MATERIALIZED (
  SELECT
    open_scope($4::BIGINT, $5::INTEGER, $6::BIGINT, $7::BIGINT, $1::VARCHAR COLLATE "C", $8::VARCHAR) AS state
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
    anon_1.item_id AS item_id,
    concat_ws(
      '.',
      CASE WHEN (anon_1.item_id IS NULL) THEN '~' ELSE lpad(CAST(anon_1.item_id AS TEXT), 19, '0') END
    ) COLLATE "C" AS id,
    anon_1.count AS count,
    coalesce(anon_1.count, -2) AS sort_count
  FROM
    (
      SELECT anon_2.item_id AS item_id, anon_2.count AS count
      FROM
        (
          SELECT anon_3.item_id AS item_id, CAST(coalesce(sum(anon_3.number), 0) AS BIGINT) AS count
          FROM
            (
              SELECT service_rollup_1.item_id AS item_id, service_rollup_1.records AS number, false AS past
              FROM root_0
              JOIN service_rollup AS service_rollup_1 ON service_rollup_1.place_id = root_0.id
              WHERE
                service_rollup_1.path >= $1::VARCHAR COLLATE "C"
                AND service_rollup_1.path < $2::VARCHAR COLLATE "C"
                AND service_rollup_1.county_id = $3::BIGINT
                AND (SELECT scope.state FROM scope) = 'OK' UNION ALL
              SELECT service_delta_1.item_id AS item_id, service_delta_1.records AS number, false AS past
              FROM root_0
              JOIN
                service_delta AS service_delta_1 ON service_delta_1.path >= root_0.path
                AND service_delta_1.path < (left(root_0.path, $9::INTEGER) || $10::VARCHAR COLLATE "C")
                AND root_0.level != 'GRID'
                AND true
              WHERE
                service_delta_1.path >= $1::VARCHAR COLLATE "C"
                AND service_delta_1.path < $2::VARCHAR COLLATE "C"
                AND service_delta_1.county_id = $3::BIGINT
                AND (SELECT scope.state FROM scope) = 'OK' UNION ALL
              SELECT service_record_1.item_id AS item_id, 1 AS number, false AS past
              FROM service_record AS service_record_1
              WHERE
                service_record_1.path >= $1::VARCHAR COLLATE "C"
                AND service_record_1.path < $2::VARCHAR COLLATE "C"
                AND service_record_1.county_id = $3::BIGINT
                AND service_record_1.state = 'VALID'
                AND (SELECT scope.state FROM scope) = 'OK'
                AND (EXISTS (SELECT 1 FROM root_0 WHERE root_0.level = 'GRID'))
            ) AS anon_3
          GROUP BY anon_3.item_id HAVING coalesce(sum(anon_3.number), 0) != 0
        ) AS anon_2
    ) AS anon_1
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
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                FROM
                  (
                    SELECT
                      (
                        SELECT row_to_json("a row") AS row_to_json_2
                        FROM
                          (
                            SELECT
                              (
                                SELECT row_to_json("a row") AS row_to_json_3
                                FROM
                                  (
                                    SELECT service_item_1.name AS name
                                    FROM service_item AS service_item_1
                                    WHERE
                                      service_item_1.id = cells_0.item_id
                                      AND (
                                        service_item_1.path >= $1::VARCHAR COLLATE "C"
                                        AND service_item_1.path < $2::VARCHAR COLLATE "C"
                                        AND service_item_1.county_id = $3::BIGINT
                                        OR starts_with($1::VARCHAR COLLATE "C", service_item_1.path)
                                      )
                                    ORDER BY service_item_1.id ASC
                                    LIMIT 1
                                  ) AS "a row"
                              ) AS item
                          ) AS "a row"
                      ) AS key,
                      cells_0.count AS count,
                      (
                        SELECT row_to_json("a row") AS row_to_json_4
                        FROM
                          (
                            SELECT
                              (
                                SELECT count(*) AS count_1
                                FROM service_record AS service_record_2
                                WHERE
                                  service_record_2.state = 'VALID'
                                  AND service_record_2.item_id = cells_0.item_id
                                  AND service_record_2.path >= $1::VARCHAR COLLATE "C"
                                  AND service_record_2.path < $2::VARCHAR COLLATE "C"
                                  AND service_record_2.county_id = $3::BIGINT
                              ) AS "totalCount",
                              (
                                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_2
                                FROM
                                  (
                                    SELECT
                                      'SR' || service_record_2.id AS id,
                                      service_record_2.served_on AS "servedOn",
                                      service_record_2.contacts AS contacts
                                    FROM service_record AS service_record_2
                                    WHERE
                                      service_record_2.state = 'VALID'
                                      AND service_record_2.item_id = cells_0.item_id
                                      AND service_record_2.path >= $1::VARCHAR COLLATE "C"
                                      AND service_record_2.path < $2::VARCHAR COLLATE "C"
                                      AND service_record_2.county_id = $3::BIGINT
                                    ORDER BY service_record_2.served_on DESC, service_record_2.id DESC
                                    LIMIT $11::INTEGER
                                  ) AS "a row"
                              ) AS nodes
                          ) AS "a row"
                      ) AS records
                    FROM cells_0
                    WHERE true
                    ORDER BY cells_0.sort_count DESC, cells_0.item_id DESC
                    LIMIT $12::INTEGER
                  ) AS "a row"
              ) AS nodes,
              (
                SELECT row_to_json("a row") AS row_to_json_5
                FROM
                  (
                    SELECT cardinality(anon_4. "all") > $12::INTEGER AS "hasNextPage"
                    FROM
                      (
                        SELECT coalesce(array_agg(anon_5.cursor), '{}'::text[]) AS "all"
                        FROM
                          (
                            SELECT
                              replace(
                                encode(
                                  convert_to(
                                    CAST(
                                      json_build_array('-sort_count,-id', cells_0.sort_count, cells_0.id) AS TEXT
                                    ),
                                    $13::VARCHAR
                                  ),
                                  'base64'
                                ),
                                E '\n',
                                ''
                              ) AS cursor
                            FROM cells_0
                            WHERE true
                            ORDER BY cells_0.sort_count DESC, cells_0.item_id DESC
                            LIMIT $12::INTEGER + $14::INTEGER
                          ) AS anon_5
                      ) AS anon_4
                  ) AS "a row"
              ) AS "pageInfo"
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
