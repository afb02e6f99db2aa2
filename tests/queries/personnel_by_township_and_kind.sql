WITH scope AS MATERIALIZED (
  SELECT
    open_scope($6::BIGINT, $7::INTEGER, $8::BIGINT, $9::BIGINT, $3::VARCHAR COLLATE "C", $1::VARCHAR) AS state
), whole_0 AS MATERIALIZED (
  SELECT
    CASE
    WHEN (
      NOT ($1::VARCHAR = 'OBSERVER' AND anon_1.count > 0 AND anon_1.count < $2::INTEGER)
    ) THEN anon_1.count END AS count
  FROM
    (
      SELECT anon_2.count AS count
      FROM
        (
          SELECT CAST(coalesce(sum(anon_3.number), 0) AS BIGINT) AS count
          FROM
            (
              SELECT network_rollup_1.number AS number, false AS past
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
                    place_1.path = $3::VARCHAR COLLATE "C"
                    AND place_1.path >= $3::VARCHAR COLLATE "C"
                    AND place_1.path < $4::VARCHAR COLLATE "C"
                    AND place_1.county_id = $5::BIGINT
                    AND (SELECT scope.state FROM scope) = 'OK'
                ) AS anon_4
              JOIN network_rollup AS network_rollup_1 ON network_rollup_1.place_id = anon_4.id
              WHERE
                network_rollup_1.path >= $3::VARCHAR COLLATE "C"
                AND network_rollup_1.path < $4::VARCHAR COLLATE "C"
                AND network_rollup_1.county_id = $5::BIGINT
                AND (SELECT scope.state FROM scope) = 'OK'
                AND network_rollup_1.noun = 'PERSON' UNION ALL
              SELECT network_delta_1.number AS number, false AS past
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
                    place_1.path = $3::VARCHAR COLLATE "C"
                    AND place_1.path >= $3::VARCHAR COLLATE "C"
                    AND place_1.path < $4::VARCHAR COLLATE "C"
                    AND place_1.county_id = $5::BIGINT
                    AND (SELECT scope.state FROM scope) = 'OK'
                ) AS anon_4
              JOIN
                network_delta AS network_delta_1 ON network_delta_1.path >= anon_4.path
                AND network_delta_1.path < (left(anon_4.path, $10::INTEGER) || $11::VARCHAR COLLATE "C")
                AND anon_4.level != 'GRID'
                AND true
              WHERE
                network_delta_1.path >= $3::VARCHAR COLLATE "C"
                AND network_delta_1.path < $4::VARCHAR COLLATE "C"
                AND network_delta_1.county_id = $5::BIGINT
                AND (SELECT scope.state FROM scope) = 'OK'
                AND network_delta_1.noun = 'PERSON' UNION ALL
              SELECT 1 AS number, false AS past
              FROM person AS person_1
              WHERE
                (
                  person_1.path >= $3::VARCHAR COLLATE "C"
                  AND person_1.path < $4::VARCHAR COLLATE "C"
                  AND person_1.county_id = $5::BIGINT
                  OR person_1.id = ANY(
                    array(
                      (
                        SELECT assignment_1.person_id
                        FROM assignment AS assignment_1
                        WHERE
                          assignment_1.elsewhere
                          AND assignment_1.path >= $3::VARCHAR COLLATE "C"
                          AND assignment_1.path < $4::VARCHAR COLLATE "C"
                          AND assignment_1.county_id = $5::BIGINT
                          AND assignment_1.valid_from <= CURRENT_DATE
                          AND (assignment_1.valid_to IS NULL OR assignment_1.valid_to > CURRENT_DATE)
                      )
                    )
                  )
                )
                AND true
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
                          place_1.path = $3::VARCHAR COLLATE "C"
                          AND place_1.path >= $3::VARCHAR COLLATE "C"
                          AND place_1.path < $4::VARCHAR COLLATE "C"
                          AND place_1.county_id = $5::BIGINT
                          AND (SELECT scope.state FROM scope) = 'OK'
                      ) AS anon_4
                    WHERE anon_4.level = 'GRID'
                  )
                ) UNION ALL
              SELECT 1 AS number, false AS past
              FROM person AS person_2
              WHERE
                person_2.id IN (
                  SELECT guests_of(anon_4.id, CURRENT_DATE) AS guests_of_1
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
                        place_1.path = $3::VARCHAR COLLATE "C"
                        AND place_1.path >= $3::VARCHAR COLLATE "C"
                        AND place_1.path < $4::VARCHAR COLLATE "C"
                        AND place_1.county_id = $5::BIGINT
                        AND (SELECT scope.state FROM scope) = 'OK'
                    ) AS anon_4
                )
                AND (
                  person_2.path >= $3::VARCHAR COLLATE "C"
                  AND person_2.path < $4::VARCHAR COLLATE "C"
                  AND person_2.county_id = $5::BIGINT
                  OR person_2.id = ANY(
                    array(
                      (
                        SELECT assignment_2.person_id
                        FROM assignment AS assignment_2
                        WHERE
                          assignment_2.elsewhere
                          AND assignment_2.path >= $3::VARCHAR COLLATE "C"
                          AND assignment_2.path < $4::VARCHAR COLLATE "C"
                          AND assignment_2.county_id = $5::BIGINT
                          AND assignment_2.valid_from <= CURRENT_DATE
                          AND (assignment_2.valid_to IS NULL OR assignment_2.valid_to > CURRENT_DATE)
                      )
                    )
                  )
                )
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
                          place_1.path = $3::VARCHAR COLLATE "C"
                          AND place_1.path >= $3::VARCHAR COLLATE "C"
                          AND place_1.path < $4::VARCHAR COLLATE "C"
                          AND place_1.county_id = $5::BIGINT
                          AND (SELECT scope.state FROM scope) = 'OK'
                      ) AS anon_4
                    WHERE anon_4.level != 'GRID'
                  )
                )
            ) AS anon_3
        ) AS anon_2
    ) AS anon_1
), groups_0 AS MATERIALIZED (
  SELECT anon_5.unit_id AS unit_id, anon_5.kind AS kind, anon_5.count AS count, anon_5.serving AS serving
  FROM
    (
      SELECT
        anon_6.unit_id AS unit_id,
        anon_6.kind AS kind,
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
                  AND assignment_3.path >= $3::VARCHAR COLLATE "C"
                  AND assignment_3.path < $4::VARCHAR COLLATE "C"
                  AND assignment_3.county_id = $5::BIGINT
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
                AND place_2.path >= $3::VARCHAR COLLATE "C"
                AND place_2.path < $4::VARCHAR COLLATE "C"
                AND place_2.county_id = $5::BIGINT
              WHERE
                person_4.path >= $3::VARCHAR COLLATE "C"
                AND person_4.path < $4::VARCHAR COLLATE "C"
                AND person_4.county_id = $5::BIGINT UNION
              SELECT assignment_4.person_id AS person_id, place_3.id AS id
              FROM assignment AS assignment_4
              JOIN
                place AS place_3 ON place_3.id = assignment_4.station_id
                AND (place_3.level = 'DEMONSTRATION' OR place_3.level = 'BASIC')
                AND place_3.path >= $3::VARCHAR COLLATE "C"
                AND place_3.path < $4::VARCHAR COLLATE "C"
                AND place_3.county_id = $5::BIGINT
              WHERE
                (assignment_4.elsewhere OR assignment_4.place_id = assignment_4.station_id)
                AND assignment_4.valid_from <= CURRENT_DATE
                AND (assignment_4.valid_to IS NULL OR assignment_4.valid_to > CURRENT_DATE)
                AND assignment_4.path >= $3::VARCHAR COLLATE "C"
                AND assignment_4.path < $4::VARCHAR COLLATE "C"
                AND assignment_4.county_id = $5::BIGINT
            ) AS anon_7 ON anon_7.person_id = person_3.id
          WHERE
            (
              person_3.path >= $3::VARCHAR COLLATE "C"
              AND person_3.path < $4::VARCHAR COLLATE "C"
              AND person_3.county_id = $5::BIGINT
              OR person_3.id = ANY(
                array(
                  (
                    SELECT assignment_5.person_id
                    FROM assignment AS assignment_5
                    WHERE
                      assignment_5.elsewhere
                      AND assignment_5.path >= $3::VARCHAR COLLATE "C"
                      AND assignment_5.path < $4::VARCHAR COLLATE "C"
                      AND assignment_5.county_id = $5::BIGINT
                      AND assignment_5.valid_from <= CURRENT_DATE
                      AND (assignment_5.valid_to IS NULL OR assignment_5.valid_to > CURRENT_DATE)
                  )
                )
              )
            )
            AND true
            AND (SELECT scope.state FROM scope) = 'OK'
        ) AS anon_6
      GROUP BY anon_6.unit_id, anon_6.kind
    ) AS anon_5
), listed_0 AS MATERIALIZED (
  SELECT
    row_number() OVER () AS position,
    CAST(place_4.county_id AS TEXT) AS key_0,
    CAST(CASE WHEN (place_5.level = 'BASIC') THEN place_5.parent_id ELSE place_5.id END AS TEXT) AS key_1,
    CAST(place_4.id AS TEXT) AS key_2,
    CAST(groups_0.kind AS TEXT) AS key_3,
    groups_0.unit_id AS unit_id,
    groups_0.kind AS kind,
    groups_0.count AS count
  FROM groups_0 LEFT OUTER
  JOIN place AS place_4 ON place_4.id = groups_0.unit_id LEFT OUTER
  JOIN place AS place_5 ON place_5.id = place_4.station_id
  WHERE $1::VARCHAR = 'OBSERVER'
), hidden_0 AS MATERIALIZED (
  SELECT listed_0.unit_id AS unit_id, listed_0.kind AS kind, true AS hidden
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
          ARRAY[3,
          1]::integer[],
          (SELECT array_agg(listed_0.count ORDER BY listed_0.position) AS array_agg_2 FROM listed_0),
          $13::INTEGER
        ) AS p
    )
), cells_0 AS MATERIALIZED (
  SELECT
    groups_0.unit_id AS unit_id,
    groups_0.kind AS kind,
    concat_ws(
      '.',
      CASE WHEN (groups_0.unit_id IS NULL) THEN '~' ELSE lpad(CAST(groups_0.unit_id AS TEXT), 19, '0') END,
      CASE WHEN (groups_0.kind IS NULL) THEN '~' ELSE CAST(groups_0.kind AS TEXT) END
    ) COLLATE "C" AS id,
    CASE WHEN (hidden_0.hidden IS NULL) THEN groups_0.count END AS count,
    CASE WHEN (hidden_0.hidden IS NULL) THEN CASE WHEN (
      NOT ($1::VARCHAR = 'OBSERVER' AND groups_0.serving > 0 AND groups_0.serving < $12::INTEGER)
    ) THEN CAST(groups_0.serving AS FLOAT) / CAST(nullif(CAST(groups_0.count AS FLOAT), 0) AS FLOAT) END END AS serving_share,
    hidden_0.hidden IS NOT NULL AS hidden,
    coalesce(CASE WHEN (hidden_0.hidden IS NULL) THEN groups_0.count END, -2) AS sort_count
  FROM groups_0 LEFT OUTER
  JOIN hidden_0 ON groups_0.unit_id IS NOT DISTINCT
  FROM hidden_0.unit_id AND groups_0.kind IS NOT DISTINCT
  FROM hidden_0.kind
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
                                        AND grid_1.path >= $3::VARCHAR COLLATE "C"
                                        AND grid_1.path < $4::VARCHAR COLLATE "C"
                                        AND grid_1.county_id = $5::BIGINT
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
                                        AND community_1.path >= $3::VARCHAR COLLATE "C"
                                        AND community_1.path < $4::VARCHAR COLLATE "C"
                                        AND community_1.county_id = $5::BIGINT
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
                                        AND station_1.path >= $3::VARCHAR COLLATE "C"
                                        AND station_1.path < $4::VARCHAR COLLATE "C"
                                        AND station_1.county_id = $5::BIGINT
                                    ) AS "a row"
                                )
                              ) AS place,
                              cells_0.kind AS kind
                          ) AS "a row"
                      ) AS key,
                      cells_0.count AS count,
                      cells_0.serving_share AS "servingShare"
                    FROM cells_0
                    WHERE NOT cells_0.hidden
                    ORDER BY cells_0.sort_count DESC, cells_0.id DESC
                    LIMIT $14::INTEGER
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
