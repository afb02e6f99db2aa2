WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $10::BIGINT,
      $11::INTEGER,
      $12::BIGINT,
      $13::BIGINT,
      $1::VARCHAR COLLATE "C",
      $14::VARCHAR
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
              grid_1.name AS name,
              (
                SELECT coalesce(array_to_json(array_agg("a row" .value)), '[]'::json) AS coalesce_1
                FROM
                  (
                    SELECT
                      CASE
                      WHEN (place_1.kind = 'GRID') THEN (
                        SELECT row_to_json("a row") AS row_to_json_2
                        FROM
                          (
                            SELECT 'Grid' AS __typename, grid_2.name AS name
                            FROM grid AS grid_2
                            WHERE
                              grid_2.id = place_1.id
                              AND grid_2.path >= $1::VARCHAR COLLATE "C"
                              AND grid_2.path < $2::VARCHAR COLLATE "C"
                              AND grid_2.county_id = $3::BIGINT
                          ) AS "a row"
                      )
                      WHEN (place_1.kind = 'COMMUNITY') THEN (
                        SELECT row_to_json("a row") AS row_to_json_3
                        FROM
                          (
                            SELECT 'Community' AS __typename, community_1.name AS name
                            FROM community AS community_1
                            WHERE
                              community_1.id = place_1.id
                              AND community_1.path >= $1::VARCHAR COLLATE "C"
                              AND community_1.path < $2::VARCHAR COLLATE "C"
                              AND community_1.county_id = $3::BIGINT
                          ) AS "a row"
                      )
                      WHEN (place_1.kind = 'STATION') THEN (
                        SELECT row_to_json("a row") AS row_to_json_4
                        FROM
                          (
                            SELECT 'Station' AS __typename, station_1.name AS name
                            FROM station AS station_1
                            WHERE
                              station_1.id = place_1.id
                              AND station_1.path >= $1::VARCHAR COLLATE "C"
                              AND station_1.path < $2::VARCHAR COLLATE "C"
                              AND station_1.county_id = $3::BIGINT
                          ) AS "a row"
                      ) END AS value
                    FROM place AS place_1
                    WHERE
                      place_1.id = ANY(
                        CAST(string_to_array(rtrim(grid_1.path, $4::VARCHAR), $5::VARCHAR) AS BIGINT[])
                      )
                      AND place_1.id != grid_1.id
                      AND place_1.path >= $1::VARCHAR COLLATE "C"
                      AND place_1.path < $2::VARCHAR COLLATE "C"
                      AND place_1.county_id = $3::BIGINT
                    ORDER BY place_1.path ASC
                  ) AS "a row"
              ) AS ancestors,
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_2
                FROM
                  (
                    SELECT
                      coalesce(
                        (
                          SELECT row_to_json("a row") AS row_to_json_5
                          FROM
                            (
                              SELECT 'Grid' AS __typename, grid_3.code AS code, grid_3.name AS name
                              FROM grid AS grid_3
                              WHERE
                                grid_3.id = place_2.id
                                AND grid_3.path >= $1::VARCHAR COLLATE "C"
                                AND grid_3.path < $2::VARCHAR COLLATE "C"
                                AND grid_3.county_id = $3::BIGINT
                            ) AS "a row"
                        ),
                        (
                          SELECT row_to_json("a row") AS row_to_json_6
                          FROM
                            (
                              SELECT
                                'Community' AS __typename,
                                community_2.code AS code,
                                community_2.name AS name
                              FROM community AS community_2
                              WHERE
                                community_2.id = place_2.id
                                AND community_2.path >= $1::VARCHAR COLLATE "C"
                                AND community_2.path < $2::VARCHAR COLLATE "C"
                                AND community_2.county_id = $3::BIGINT
                            ) AS "a row"
                        ),
                        (
                          SELECT row_to_json("a row") AS row_to_json_7
                          FROM
                            (
                              SELECT 'Station' AS __typename, station_2.code AS code, station_2.name AS name
                              FROM station AS station_2
                              WHERE
                                station_2.id = place_2.id
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
                            SELECT person_1.name AS name, person_1.kind AS kind
                            FROM assignment AS assignment_1
                            JOIN person AS person_1 ON assignment_1.person_id = person_1.id
                            WHERE
                              assignment_1.place_id = place_2.id
                              AND assignment_1.duty = $6::VARCHAR
                              AND assignment_1.valid_from <= CURRENT_DATE
                              AND (assignment_1.valid_to IS NULL OR assignment_1.valid_to > CURRENT_DATE)
                              AND assignment_1.path >= $1::VARCHAR COLLATE "C"
                              AND assignment_1.path < $2::VARCHAR COLLATE "C"
                              AND assignment_1.county_id = $3::BIGINT
                            ORDER BY person_1.id ASC
                            LIMIT 1
                          ) AS "a row"
                      ) AS "responsiblePerson"
                    FROM place AS place_2
                    WHERE
                      place_2.id = ANY(
                        CAST(string_to_array(rtrim(grid_1.path, $7::VARCHAR), $8::VARCHAR) AS BIGINT[])
                      )
                      AND place_2.path >= $1::VARCHAR COLLATE "C"
                      AND place_2.path < $2::VARCHAR COLLATE "C"
                      AND place_2.county_id = $3::BIGINT
                    ORDER BY place_2.path DESC
                  ) AS "a row"
              ) AS "responsibilityChain"
            FROM grid AS grid_1
            WHERE
              grid_1.code = $9::VARCHAR
              AND grid_1.path >= $1::VARCHAR COLLATE "C"
              AND grid_1.path < $2::VARCHAR COLLATE "C"
              AND grid_1.county_id = $3::BIGINT
            ORDER BY grid_1.id ASC
            LIMIT 1
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
