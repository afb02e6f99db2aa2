WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $7::BIGINT,
      $8::INTEGER,
      $9::BIGINT,
      $10::BIGINT,
      $1::VARCHAR COLLATE "C",
      $11::VARCHAR
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
              'C' || community_1.id AS id,
              community_1.name AS name,
              community_1.households AS households,
              (
                SELECT row_to_json("a row") AS row_to_json_2
                FROM
                  (
                    SELECT station_1.name AS name, station_1.level AS level
                    FROM station AS station_1
                    WHERE
                      community_1.parent_id = station_1.id
                      AND station_1.path >= $1::VARCHAR COLLATE "C"
                      AND station_1.path < $2::VARCHAR COLLATE "C"
                      AND station_1.county_id = $3::BIGINT
                    ORDER BY station_1.id ASC
                    LIMIT 1
                  ) AS "a row"
              ) AS parent,
              (
                SELECT row_to_json("a row") AS row_to_json_3
                FROM
                  (
                    SELECT
                      (
                        SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                        FROM
                          (
                            SELECT
                              grid_1.code AS code,
                              grid_1.name AS name,
                              (
                                SELECT row_to_json("a row") AS row_to_json_4
                                FROM
                                  (
                                    SELECT person_1.name AS name
                                    FROM assignment AS assignment_1
                                    JOIN person AS person_1 ON assignment_1.person_id = person_1.id
                                    WHERE
                                      assignment_1.place_id = grid_1.id
                                      AND assignment_1.duty = $4::VARCHAR
                                      AND assignment_1.valid_from <= CURRENT_DATE
                                      AND (
                                        assignment_1.valid_to IS NULL
                                        OR assignment_1.valid_to > CURRENT_DATE
                                      )
                                      AND assignment_1.path >= $1::VARCHAR COLLATE "C"
                                      AND assignment_1.path < $2::VARCHAR COLLATE "C"
                                      AND assignment_1.county_id = $3::BIGINT
                                    ORDER BY person_1.id ASC
                                    LIMIT 1
                                  ) AS "a row"
                              ) AS "responsiblePerson"
                            FROM grid AS grid_1
                            WHERE
                              community_1.id = grid_1.parent_id
                              AND grid_1.path >= $1::VARCHAR COLLATE "C"
                              AND grid_1.path < $2::VARCHAR COLLATE "C"
                              AND grid_1.county_id = $3::BIGINT
                            ORDER BY grid_1.code ASC, grid_1.id ASC
                            LIMIT $5::INTEGER
                          ) AS "a row"
                      ) AS nodes
                  ) AS "a row"
              ) AS grids
            FROM community AS community_1
            WHERE
              community_1.code = $6::VARCHAR
              AND community_1.path >= $1::VARCHAR COLLATE "C"
              AND community_1.path < $2::VARCHAR COLLATE "C"
              AND community_1.county_id = $3::BIGINT
            ORDER BY community_1.id ASC
            LIMIT 1
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
