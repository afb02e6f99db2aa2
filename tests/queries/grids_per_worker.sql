WITH scope AS MATERIALIZED (
  SELECT
    open_scope($4::BIGINT, $5::INTEGER, $6::BIGINT, $7::BIGINT, $1::VARCHAR COLLATE "C", $8::VARCHAR) AS state
), root_0 AS (
  SELECT
    place_2.id AS id,
    place_2.path AS path,
    place_2.level AS level,
    place_2.station_id AS station_id,
    place_2.county_id AS county_id
  FROM place AS place_2
  WHERE
    place_2.path = $1::VARCHAR COLLATE "C"
    AND place_2.path >= $1::VARCHAR COLLATE "C"
    AND place_2.path < $2::VARCHAR COLLATE "C"
    AND place_2.county_id = $3::BIGINT
    AND (SELECT scope.state FROM scope) = 'OK'
), cells_0 AS (
  SELECT
    anon_1.unit_id AS unit_id,
    concat_ws(
      '.',
      CASE WHEN (anon_1.unit_id IS NULL) THEN '~' ELSE lpad(CAST(anon_1.unit_id AS TEXT), 19, '0') END
    ) COLLATE "C" AS id,
    anon_1.grid_workers AS grid_workers,
    CAST(anon_1.count AS FLOAT) / CAST(nullif(CAST(anon_1.grid_workers AS FLOAT), 0) AS FLOAT) AS grids_per_worker,
    CAST(anon_1.residents AS FLOAT) / CAST(nullif(CAST(anon_1.grid_workers AS FLOAT), 0) AS FLOAT) AS residents_per_worker,
    coalesce(
      CAST(anon_1.residents AS FLOAT) / CAST(nullif(CAST(anon_1.grid_workers AS FLOAT), 0) AS FLOAT),
      -2
    ) AS sort_residents_per_worker
  FROM
    (
      SELECT
        anon_2.unit_id AS unit_id,
        anon_2.count AS count,
        anon_2.residents AS residents,
        coalesce(anon_3.grid_workers, 0) AS grid_workers
      FROM
        (
          SELECT
            anon_4.unit_id AS unit_id,
            CAST(coalesce(sum(anon_4.number), 0) AS BIGINT) AS count,
            CAST(coalesce(sum(anon_4.residents), 0) AS BIGINT) AS residents
          FROM
            (
              SELECT
                (
                  SELECT place_1.id
                  FROM place AS place_1
                  WHERE
                    place_1.id = root_0.station_id
                    AND place_1.id != root_0.id
                    AND (place_1.level = 'DEMONSTRATION' OR place_1.level = 'BASIC')
                    AND place_1.path >= $1::VARCHAR COLLATE "C"
                    AND place_1.path < $2::VARCHAR COLLATE "C"
                    AND place_1.county_id = $3::BIGINT
                ) AS unit_id,
                network_rollup_1.number AS number,
                network_rollup_1.residents AS residents,
                false AS past
              FROM root_0
              JOIN network_rollup AS network_rollup_1 ON network_rollup_1.place_id = root_0.id
              WHERE
                network_rollup_1.path >= $1::VARCHAR COLLATE "C"
                AND network_rollup_1.path < $2::VARCHAR COLLATE "C"
                AND network_rollup_1.county_id = $3::BIGINT
                AND (SELECT scope.state FROM scope) = 'OK'
                AND network_rollup_1.noun = 'GRID' UNION ALL
              SELECT
                (
                  SELECT place_1.id
                  FROM place AS place_1
                  WHERE
                    place_1.id = root_0.station_id
                    AND place_1.id != root_0.id
                    AND (place_1.level = 'DEMONSTRATION' OR place_1.level = 'BASIC')
                    AND place_1.path >= $1::VARCHAR COLLATE "C"
                    AND place_1.path < $2::VARCHAR COLLATE "C"
                    AND place_1.county_id = $3::BIGINT
                ) AS unit_id,
                network_delta_1.number AS number,
                network_delta_1.residents AS residents,
                false AS past
              FROM root_0
              JOIN
                network_delta AS network_delta_1 ON network_delta_1.path >= root_0.path
                AND network_delta_1.path < (left(root_0.path, $9::INTEGER) || $10::VARCHAR COLLATE "C")
                AND root_0.level != 'GRID'
                AND true
              WHERE
                network_delta_1.path >= $1::VARCHAR COLLATE "C"
                AND network_delta_1.path < $2::VARCHAR COLLATE "C"
                AND network_delta_1.county_id = $3::BIGINT
                AND (SELECT scope.state FROM scope) = 'OK'
                AND network_delta_1.noun = 'GRID' UNION ALL
              SELECT
                place_3.id AS unit_id,
                network_rollup_2.number AS number,
                network_rollup_2.residents AS residents,
                false AS past
              FROM root_0
              JOIN
                place AS place_3 ON place_3.path >= root_0.path
                AND place_3.path < (left(root_0.path, $11::INTEGER) || $12::VARCHAR COLLATE "C")
                AND (place_3.level = 'DEMONSTRATION' OR place_3.level = 'BASIC')
                AND place_3.path >= $1::VARCHAR COLLATE "C"
                AND place_3.path < $2::VARCHAR COLLATE "C"
                AND place_3.county_id = $3::BIGINT
              JOIN network_rollup AS network_rollup_2 ON network_rollup_2.place_id = place_3.id
              WHERE
                network_rollup_2.path >= $1::VARCHAR COLLATE "C"
                AND network_rollup_2.path < $2::VARCHAR COLLATE "C"
                AND network_rollup_2.county_id = $3::BIGINT
                AND (SELECT scope.state FROM scope) = 'OK'
                AND network_rollup_2.noun = 'GRID' UNION ALL
              SELECT
                place_4.id AS unit_id,
                network_delta_2.number AS number,
                network_delta_2.residents AS residents,
                false AS past
              FROM root_0
              JOIN
                place AS place_4 ON place_4.path >= root_0.path
                AND place_4.path < (left(root_0.path, $13::INTEGER) || $14::VARCHAR COLLATE "C")
                AND (place_4.level = 'DEMONSTRATION' OR place_4.level = 'BASIC')
                AND place_4.path >= $1::VARCHAR COLLATE "C"
                AND place_4.path < $2::VARCHAR COLLATE "C"
                AND place_4.county_id = $3::BIGINT
              JOIN
                network_delta AS network_delta_2 ON network_delta_2.path >= root_0.path
                AND network_delta_2.path < (left(root_0.path, $15::INTEGER) || $16::VARCHAR COLLATE "C")
                AND root_0.level != 'GRID'
                AND place_4.id = network_delta_2.station_id
              WHERE
                network_delta_2.path >= $1::VARCHAR COLLATE "C"
                AND network_delta_2.path < $2::VARCHAR COLLATE "C"
                AND network_delta_2.county_id = $3::BIGINT
                AND (SELECT scope.state FROM scope) = 'OK'
                AND network_delta_2.noun = 'GRID' UNION ALL
              SELECT
                (
                  SELECT place_1.id
                  FROM place AS place_1
                  WHERE
                    place_1.id = root_0.station_id
                    AND place_1.id != root_0.id
                    AND (place_1.level = 'DEMONSTRATION' OR place_1.level = 'BASIC')
                    AND place_1.path >= $1::VARCHAR COLLATE "C"
                    AND place_1.path < $2::VARCHAR COLLATE "C"
                    AND place_1.county_id = $3::BIGINT
                ) AS unit_id,
                -network_rollup_3.number AS number,
                -network_rollup_3.residents AS residents,
                false AS past
              FROM root_0
              JOIN
                place AS place_5 ON place_5.path >= root_0.path
                AND place_5.path < (left(root_0.path, $17::INTEGER) || $18::VARCHAR COLLATE "C")
                AND (place_5.level = 'DEMONSTRATION' OR place_5.level = 'BASIC')
                AND place_5.path >= $1::VARCHAR COLLATE "C"
                AND place_5.path < $2::VARCHAR COLLATE "C"
                AND place_5.county_id = $3::BIGINT
              JOIN network_rollup AS network_rollup_3 ON network_rollup_3.place_id = place_5.id
              WHERE
                network_rollup_3.path >= $1::VARCHAR COLLATE "C"
                AND network_rollup_3.path < $2::VARCHAR COLLATE "C"
                AND network_rollup_3.county_id = $3::BIGINT
                AND (SELECT scope.state FROM scope) = 'OK'
                AND network_rollup_3.noun = 'GRID' UNION ALL
              SELECT
                (
                  SELECT place_1.id
                  FROM place AS place_1
                  WHERE
                    place_1.id = root_0.station_id
                    AND place_1.id != root_0.id
                    AND (place_1.level = 'DEMONSTRATION' OR place_1.level = 'BASIC')
                    AND place_1.path >= $1::VARCHAR COLLATE "C"
                    AND place_1.path < $2::VARCHAR COLLATE "C"
                    AND place_1.county_id = $3::BIGINT
                ) AS unit_id,
                -network_delta_3.number AS number,
                -network_delta_3.residents AS residents,
                false AS past
              FROM root_0
              JOIN
                place AS place_6 ON place_6.path >= root_0.path
                AND place_6.path < (left(root_0.path, $19::INTEGER) || $20::VARCHAR COLLATE "C")
                AND (place_6.level = 'DEMONSTRATION' OR place_6.level = 'BASIC')
                AND place_6.path >= $1::VARCHAR COLLATE "C"
                AND place_6.path < $2::VARCHAR COLLATE "C"
                AND place_6.county_id = $3::BIGINT
              JOIN
                network_delta AS network_delta_3 ON network_delta_3.path >= root_0.path
                AND network_delta_3.path < (left(root_0.path, $21::INTEGER) || $22::VARCHAR COLLATE "C")
                AND root_0.level != 'GRID'
                AND place_6.id = network_delta_3.station_id
              WHERE
                network_delta_3.path >= $1::VARCHAR COLLATE "C"
                AND network_delta_3.path < $2::VARCHAR COLLATE "C"
                AND network_delta_3.county_id = $3::BIGINT
                AND (SELECT scope.state FROM scope) = 'OK'
                AND network_delta_3.noun = 'GRID' UNION ALL
              SELECT
                place_7.parent_id AS unit_id,
                -network_rollup_4.number AS number,
                -network_rollup_4.residents AS residents,
                false AS past
              FROM root_0
              JOIN
                place AS place_7 ON place_7.path >= root_0.path
                AND place_7.path < (left(root_0.path, $23::INTEGER) || $24::VARCHAR COLLATE "C")
                AND (place_7.level = 'DEMONSTRATION' OR place_7.level = 'BASIC')
                AND place_7.path >= $1::VARCHAR COLLATE "C"
                AND place_7.path < $2::VARCHAR COLLATE "C"
                AND place_7.county_id = $3::BIGINT
                AND place_7.level = 'BASIC'
                AND place_7.id != root_0.id
              JOIN network_rollup AS network_rollup_4 ON network_rollup_4.place_id = place_7.id
              WHERE
                network_rollup_4.path >= $1::VARCHAR COLLATE "C"
                AND network_rollup_4.path < $2::VARCHAR COLLATE "C"
                AND network_rollup_4.county_id = $3::BIGINT
                AND (SELECT scope.state FROM scope) = 'OK'
                AND network_rollup_4.noun = 'GRID' UNION ALL
              SELECT
                (
                  SELECT place_1.id
                  FROM place AS place_1
                  WHERE
                    place_1.id = root_0.station_id
                    AND place_1.id != root_0.id
                    AND (place_1.level = 'DEMONSTRATION' OR place_1.level = 'BASIC')
                    AND place_1.path >= $1::VARCHAR COLLATE "C"
                    AND place_1.path < $2::VARCHAR COLLATE "C"
                    AND place_1.county_id = $3::BIGINT
                ) AS unit_id,
                network_rollup_5.number AS number,
                network_rollup_5.residents AS residents,
                false AS past
              FROM root_0
              JOIN
                place AS place_8 ON place_8.path >= root_0.path
                AND place_8.path < (left(root_0.path, $25::INTEGER) || $26::VARCHAR COLLATE "C")
                AND (place_8.level = 'DEMONSTRATION' OR place_8.level = 'BASIC')
                AND place_8.path >= $1::VARCHAR COLLATE "C"
                AND place_8.path < $2::VARCHAR COLLATE "C"
                AND place_8.county_id = $3::BIGINT
                AND place_8.level = 'BASIC'
                AND place_8.id != root_0.id
              JOIN network_rollup AS network_rollup_5 ON network_rollup_5.place_id = place_8.id
              WHERE
                network_rollup_5.path >= $1::VARCHAR COLLATE "C"
                AND network_rollup_5.path < $2::VARCHAR COLLATE "C"
                AND network_rollup_5.county_id = $3::BIGINT
                AND (SELECT scope.state FROM scope) = 'OK'
                AND network_rollup_5.noun = 'GRID' UNION ALL
              SELECT place_9.id AS unit_id, 1 AS number, grid_1.residents AS residents, false AS past
              FROM grid AS grid_1 LEFT OUTER
              JOIN
                place AS place_9 ON place_9.id = grid_1.station_id
                AND (place_9.level = 'DEMONSTRATION' OR place_9.level = 'BASIC')
                AND place_9.path >= $1::VARCHAR COLLATE "C"
                AND place_9.path < $2::VARCHAR COLLATE "C"
                AND place_9.county_id = $3::BIGINT
              WHERE
                grid_1.path >= $1::VARCHAR COLLATE "C"
                AND grid_1.path < $2::VARCHAR COLLATE "C"
                AND grid_1.county_id = $3::BIGINT
                AND true
                AND (SELECT scope.state FROM scope) = 'OK'
                AND (EXISTS (SELECT 1 FROM root_0 WHERE root_0.level = 'GRID'))
            ) AS anon_4
          GROUP BY anon_4.unit_id HAVING coalesce(sum(anon_4.number), 0) != 0
        ) AS anon_2 LEFT OUTER
      JOIN
        (
          SELECT anon_5.unit_id AS unit_id, count(DISTINCT anon_5.worker_id) AS grid_workers
          FROM
            (
              SELECT place_10.id AS unit_id, assignment_1.person_id AS worker_id, false AS past
              FROM grid AS grid_2 LEFT OUTER
              JOIN
                place AS place_10 ON place_10.id = grid_2.station_id
                AND (place_10.level = 'DEMONSTRATION' OR place_10.level = 'BASIC')
                AND place_10.path >= $1::VARCHAR COLLATE "C"
                AND place_10.path < $2::VARCHAR COLLATE "C"
                AND place_10.county_id = $3::BIGINT LEFT OUTER
              JOIN
                assignment AS assignment_1 ON assignment_1.place_id = grid_2.id
                AND assignment_1.duty = 'GRID_WORKER'
                AND assignment_1.valid_from <= CURRENT_DATE
                AND (assignment_1.valid_to IS NULL OR assignment_1.valid_to > CURRENT_DATE)
                AND assignment_1.path >= $1::VARCHAR COLLATE "C"
                AND assignment_1.path < $2::VARCHAR COLLATE "C"
                AND assignment_1.county_id = $3::BIGINT
              WHERE
                grid_2.path >= $1::VARCHAR COLLATE "C"
                AND grid_2.path < $2::VARCHAR COLLATE "C"
                AND grid_2.county_id = $3::BIGINT
                AND true
                AND (SELECT scope.state FROM scope) = 'OK'
            ) AS anon_5
          GROUP BY anon_5.unit_id
        ) AS anon_3 ON anon_2.unit_id IS NOT DISTINCT
      FROM anon_3.unit_id
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
                              coalesce(
                                (
                                  SELECT row_to_json("a row") AS row_to_json_3
                                  FROM
                                    (
                                      SELECT grid_3.name AS name
                                      FROM grid AS grid_3
                                      WHERE
                                        grid_3.id = cells_0.unit_id
                                        AND grid_3.path >= $1::VARCHAR COLLATE "C"
                                        AND grid_3.path < $2::VARCHAR COLLATE "C"
                                        AND grid_3.county_id = $3::BIGINT
                                    ) AS "a row"
                                ),
                                (
                                  SELECT row_to_json("a row") AS row_to_json_4
                                  FROM
                                    (
                                      SELECT community_1.name AS name
                                      FROM community AS community_1
                                      WHERE
                                        community_1.id = cells_0.unit_id
                                        AND community_1.path >= $1::VARCHAR COLLATE "C"
                                        AND community_1.path < $2::VARCHAR COLLATE "C"
                                        AND community_1.county_id = $3::BIGINT
                                    ) AS "a row"
                                ),
                                (
                                  SELECT row_to_json("a row") AS row_to_json_5
                                  FROM
                                    (
                                      SELECT station_1.name AS name
                                      FROM station AS station_1
                                      WHERE
                                        station_1.id = cells_0.unit_id
                                        AND station_1.path >= $1::VARCHAR COLLATE "C"
                                        AND station_1.path < $2::VARCHAR COLLATE "C"
                                        AND station_1.county_id = $3::BIGINT
                                    ) AS "a row"
                                )
                              ) AS place
                          ) AS "a row"
                      ) AS key,
                      cells_0.grid_workers AS "gridWorkers",
                      cells_0.grids_per_worker AS "gridsPerWorker",
                      cells_0.residents_per_worker AS "residentsPerWorker"
                    FROM cells_0
                    WHERE CAST(cells_0.grid_workers AS FLOAT) > $27::FLOAT
                    ORDER BY cells_0.sort_residents_per_worker DESC, cells_0.unit_id DESC
                    LIMIT $28::INTEGER
                  ) AS "a row"
              ) AS nodes
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
