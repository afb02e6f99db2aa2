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
), whole_0 AS MATERIALIZED (
  SELECT anon_1.count AS count
  FROM
    (
      SELECT anon_2.count AS count
      FROM
        (
          SELECT CAST(coalesce(sum(anon_3.number), 0) AS BIGINT) AS count
          FROM
            (
              SELECT network_rollup_1.number AS number, false AS past
              FROM root_0
              JOIN network_rollup AS network_rollup_1 ON network_rollup_1.place_id = root_0.id
              WHERE
                network_rollup_1.path >= $1::VARCHAR COLLATE "C"
                AND network_rollup_1.path < $2::VARCHAR COLLATE "C"
                AND network_rollup_1.county_id = $3::BIGINT
                AND (SELECT scope.state FROM scope) = 'OK'
                AND network_rollup_1.noun = 'PERSON' UNION ALL
              SELECT network_delta_1.number AS number, false AS past
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
                AND network_delta_1.noun = 'PERSON' UNION ALL
              SELECT 1 AS number, false AS past
              FROM person AS person_1
              WHERE
                (
                  person_1.path >= $1::VARCHAR COLLATE "C"
                  AND person_1.path < $2::VARCHAR COLLATE "C"
                  AND person_1.county_id = $3::BIGINT
                  OR person_1.id = ANY(
                    array(
                      (
                        SELECT assignment_1.person_id
                        FROM assignment AS assignment_1
                        WHERE
                          assignment_1.elsewhere
                          AND assignment_1.path >= $1::VARCHAR COLLATE "C"
                          AND assignment_1.path < $2::VARCHAR COLLATE "C"
                          AND assignment_1.county_id = $3::BIGINT
                          AND assignment_1.valid_from <= CURRENT_DATE
                          AND (assignment_1.valid_to IS NULL OR assignment_1.valid_to > CURRENT_DATE)
                      )
                    )
                  )
                )
                AND true
                AND (SELECT scope.state FROM scope) = 'OK'
                AND (EXISTS (SELECT 1 FROM root_0 WHERE root_0.level = 'GRID')) UNION ALL
              SELECT 1 AS number, false AS past
              FROM person AS person_2
              WHERE
                person_2.id IN (SELECT guests_of(root_0.id, CURRENT_DATE) AS guests_of_1 FROM root_0)
                AND (
                  person_2.path >= $1::VARCHAR COLLATE "C"
                  AND person_2.path < $2::VARCHAR COLLATE "C"
                  AND person_2.county_id = $3::BIGINT
                  OR person_2.id = ANY(
                    array(
                      (
                        SELECT assignment_2.person_id
                        FROM assignment AS assignment_2
                        WHERE
                          assignment_2.elsewhere
                          AND assignment_2.path >= $1::VARCHAR COLLATE "C"
                          AND assignment_2.path < $2::VARCHAR COLLATE "C"
                          AND assignment_2.county_id = $3::BIGINT
                          AND assignment_2.valid_from <= CURRENT_DATE
                          AND (assignment_2.valid_to IS NULL OR assignment_2.valid_to > CURRENT_DATE)
                      )
                    )
                  )
                )
                AND (SELECT scope.state FROM scope) = 'OK'
                AND (EXISTS (SELECT 1 FROM root_0 WHERE root_0.level != 'GRID'))
            ) AS anon_3
        ) AS anon_2
    ) AS anon_1
), cells_0 AS (
  SELECT
    anon_4.unit_id AS unit_id,
    anon_4.kind AS kind,
    concat_ws(
      '.',
      CASE WHEN (anon_4.unit_id IS NULL) THEN '~' ELSE lpad(CAST(anon_4.unit_id AS TEXT), 19, '0') END,
      CASE WHEN (anon_4.kind IS NULL) THEN '~' ELSE CAST(anon_4.kind AS TEXT) END
    ) COLLATE "C" AS id,
    anon_4.count AS count,
    CAST(anon_4.serving AS FLOAT) / CAST(nullif(CAST(anon_4.count AS FLOAT), 0) AS FLOAT) AS serving_share,
    coalesce(anon_4.count, -2) AS sort_count
  FROM
    (
      SELECT anon_5.unit_id AS unit_id, anon_5.kind AS kind, anon_5.count AS count, anon_5.serving AS serving
      FROM
        (
          SELECT
            anon_6.unit_id AS unit_id,
            anon_6.kind COLLATE "C" AS kind,
            count(DISTINCT anon_6.id) AS count,
            count(DISTINCT anon_6.serving) AS serving
          FROM
            (
              SELECT
                anon_7.unit_id AS unit_id,
                person_3.kind AS kind,
                person_3.id AS id,
                CASE WHEN (
                  EXISTS (
                    SELECT *
                    FROM assignment AS assignment_3
                    WHERE
                      assignment_3.person_id = person_3.id
                      AND assignment_3.valid_from <= CURRENT_DATE
                      AND (assignment_3.valid_to IS NULL OR assignment_3.valid_to > CURRENT_DATE)
                      AND assignment_3.path >= $1::VARCHAR COLLATE "C"
                      AND assignment_3.path < $2::VARCHAR COLLATE "C"
                      AND assignment_3.county_id = $3::BIGINT
                  )
                ) THEN person_3.id END AS serving,
                false AS past
              FROM person AS person_3 LEFT OUTER
              JOIN
                (
                  SELECT person_4.id AS person_id, place_2.id AS unit_id
                  FROM person AS person_4
                  JOIN
                    place AS place_2 ON place_2.id = person_4.station_id
                    AND (place_2.level = 'DEMONSTRATION' OR place_2.level = 'BASIC')
                    AND place_2.path >= $1::VARCHAR COLLATE "C"
                    AND place_2.path < $2::VARCHAR COLLATE "C"
                    AND place_2.county_id = $3::BIGINT
                  WHERE
                    person_4.path >= $1::VARCHAR COLLATE "C"
                    AND person_4.path < $2::VARCHAR COLLATE "C"
                    AND person_4.county_id = $3::BIGINT UNION
                  SELECT assignment_4.person_id AS person_id, place_3.id AS id
                  FROM assignment AS assignment_4
                  JOIN
                    place AS place_3 ON place_3.id = assignment_4.station_id
                    AND (place_3.level = 'DEMONSTRATION' OR place_3.level = 'BASIC')
                    AND place_3.path >= $1::VARCHAR COLLATE "C"
                    AND place_3.path < $2::VARCHAR COLLATE "C"
                    AND place_3.county_id = $3::BIGINT
                  WHERE
                    (assignment_4.elsewhere OR assignment_4.place_id = assignment_4.station_id)
                    AND assignment_4.valid_from <= CURRENT_DATE
                    AND (assignment_4.valid_to IS NULL OR assignment_4.valid_to > CURRENT_DATE)
                    AND assignment_4.path >= $1::VARCHAR COLLATE "C"
                    AND assignment_4.path < $2::VARCHAR COLLATE "C"
                    AND assignment_4.county_id = $3::BIGINT
                ) AS anon_7 ON anon_7.person_id = person_3.id
              WHERE
                (
                  person_3.path >= $1::VARCHAR COLLATE "C"
                  AND person_3.path < $2::VARCHAR COLLATE "C"
                  AND person_3.county_id = $3::BIGINT
                  OR person_3.id = ANY(
                    array(
                      (
                        SELECT assignment_5.person_id
                        FROM assignment AS assignment_5
                        WHERE
                          assignment_5.elsewhere
                          AND assignment_5.path >= $1::VARCHAR COLLATE "C"
                          AND assignment_5.path < $2::VARCHAR COLLATE "C"
                          AND assignment_5.county_id = $3::BIGINT
                          AND assignment_5.valid_from <= CURRENT_DATE
                          AND (assignment_5.valid_to IS NULL OR assignment_5.valid_to > CURRENT_DATE)
                      )
                    )
                  )
                )
                AND true
                AND (SELECT scope.state FROM scope) = 'OK'
            ) AS anon_6
          GROUP BY anon_6.unit_id, anon_6.kind COLLATE "C"
        ) AS anon_5
    ) AS anon_4
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
                              coalesce(
                                (
                                  SELECT row_to_json("a row") AS row_to_json_3
                                  FROM
                                    (
                                      SELECT grid_1.name AS name
                                      FROM grid AS grid_1
                                      WHERE
                                        grid_1.id = cells_0.unit_id
                                        AND grid_1.path >= $1::VARCHAR COLLATE "C"
                                        AND grid_1.path < $2::VARCHAR COLLATE "C"
                                        AND grid_1.county_id = $3::BIGINT
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
                              ) AS place,
                              cells_0.kind AS kind
                          ) AS "a row"
                      ) AS key,
                      cells_0.count AS count,
                      cells_0.serving_share AS "servingShare"
                    FROM cells_0
                    WHERE true
                    ORDER BY cells_0.sort_count DESC, cells_0.unit_id DESC, cells_0.kind COLLATE "C" DESC
                    LIMIT $11::INTEGER
                  ) AS "a row"
              ) AS nodes,
              (
                SELECT row_to_json("a row") AS row_to_json_6
                FROM (SELECT whole_0.count AS count FROM whole_0) AS "a row"
              ) AS total
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
