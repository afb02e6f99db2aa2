WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $12::BIGINT,
      $13::INTEGER,
      $14::BIGINT,
      $15::BIGINT,
      $1::VARCHAR COLLATE "C",
      $16::VARCHAR
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
              station_1.name AS name,
              (
                SELECT row_to_json("a row") AS row_to_json_2
                FROM
                  (
                    SELECT station_2.name AS name
                    FROM station AS station_2
                    WHERE
                      station_1.parent_id = station_2.id
                      AND station_2.path >= $1::VARCHAR COLLATE "C"
                      AND station_2.path < $2::VARCHAR COLLATE "C"
                      AND station_2.county_id = $3::BIGINT
                    ORDER BY station_2.id ASC
                    LIMIT 1
                  ) AS "a row"
              ) AS parent,
              (
                SELECT row_to_json("a row") AS row_to_json_3
                FROM
                  (
                    SELECT
                      (
                        SELECT count(*) AS count_1
                        FROM community AS community_1
                        WHERE
                          community_1.path >= station_1.path
                          AND community_1.path < (
                            left(station_1.path, $4::INTEGER)
                            || $5::VARCHAR COLLATE "C"
                          )
                          AND community_1.path >= $1::VARCHAR COLLATE "C"
                          AND community_1.path < $2::VARCHAR COLLATE "C"
                          AND community_1.county_id = $3::BIGINT
                      ) AS "totalCount",
                      (
                        SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                        FROM
                          (
                            SELECT
                              community_1.name AS name,
                              (
                                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_2
                                FROM
                                  (
                                    SELECT person_1.name AS name
                                    FROM assignment AS assignment_1
                                    JOIN person AS person_1 ON assignment_1.person_id = person_1.id
                                    WHERE
                                      assignment_1.place_id = community_1.id
                                      AND assignment_1.duty = $6::VARCHAR
                                      AND assignment_1.valid_from <= CURRENT_DATE
                                      AND (
                                        assignment_1.valid_to IS NULL
                                        OR assignment_1.valid_to > CURRENT_DATE
                                      )
                                      AND assignment_1.path >= $1::VARCHAR COLLATE "C"
                                      AND assignment_1.path < $2::VARCHAR COLLATE "C"
                                      AND assignment_1.county_id = $3::BIGINT
                                    ORDER BY person_1.id ASC
                                  ) AS "a row"
                              ) AS "linkedSocialWorkers",
                              (
                                SELECT row_to_json("a row") AS row_to_json_4
                                FROM
                                  (
                                    SELECT
                                      (
                                        SELECT
                                          coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_3
                                        FROM
                                          (
                                            SELECT
                                              grid_1.name AS name,
                                              (
                                                SELECT
                                                  coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_4
                                                FROM
                                                  (
                                                    SELECT person_2.name AS name, person_2.phone AS phone
                                                    FROM assignment AS assignment_2
                                                    JOIN
                                                      person AS person_2 ON assignment_2.person_id = person_2.id
                                                    WHERE
                                                      assignment_2.place_id = grid_1.id
                                                      AND assignment_2.duty = $7::VARCHAR
                                                      AND assignment_2.valid_from <= CURRENT_DATE
                                                      AND (
                                                        assignment_2.valid_to IS NULL
                                                        OR assignment_2.valid_to > CURRENT_DATE
                                                      )
                                                      AND assignment_2.path >= $1::VARCHAR COLLATE "C"
                                                      AND assignment_2.path < $2::VARCHAR COLLATE "C"
                                                      AND assignment_2.county_id = $3::BIGINT
                                                    ORDER BY person_2.id ASC
                                                  ) AS "a row"
                                              ) AS "gridWorkers",
                                              (
                                                SELECT row_to_json("a row") AS row_to_json_5
                                                FROM
                                                  (
                                                    SELECT person_3.name AS name
                                                    FROM assignment AS assignment_3
                                                    JOIN
                                                      person AS person_3 ON assignment_3.person_id = person_3.id
                                                    WHERE
                                                      assignment_3.place_id = grid_1.id
                                                      AND assignment_3.duty = $8::VARCHAR
                                                      AND assignment_3.valid_from <= CURRENT_DATE
                                                      AND (
                                                        assignment_3.valid_to IS NULL
                                                        OR assignment_3.valid_to > CURRENT_DATE
                                                      )
                                                      AND assignment_3.path >= $1::VARCHAR COLLATE "C"
                                                      AND assignment_3.path < $2::VARCHAR COLLATE "C"
                                                      AND assignment_3.county_id = $3::BIGINT
                                                    ORDER BY person_3.id ASC
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
                                            LIMIT $9::INTEGER
                                          ) AS "a row"
                                      ) AS nodes
                                  ) AS "a row"
                              ) AS grids
                            FROM community AS community_1
                            WHERE
                              community_1.path >= station_1.path
                              AND community_1.path < (
                                left(station_1.path, $4::INTEGER)
                                || $5::VARCHAR COLLATE "C"
                              )
                              AND community_1.path >= $1::VARCHAR COLLATE "C"
                              AND community_1.path < $2::VARCHAR COLLATE "C"
                              AND community_1.county_id = $3::BIGINT
                            ORDER BY community_1.code ASC, community_1.id ASC
                            LIMIT $10::INTEGER
                          ) AS "a row"
                      ) AS nodes
                  ) AS "a row"
              ) AS communities
            FROM station AS station_1
            WHERE
              station_1.code = $11::VARCHAR
              AND station_1.path >= $1::VARCHAR COLLATE "C"
              AND station_1.path < $2::VARCHAR COLLATE "C"
              AND station_1.county_id = $3::BIGINT
            ORDER BY station_1.id ASC
            LIMIT 1
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
