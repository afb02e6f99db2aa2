WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $9::BIGINT,
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
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                FROM
                  (
                    SELECT
                      community_1.name AS name,
                      (
                        SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_2
                        FROM
                          (
                            SELECT
                              person_1.name AS name,
                              coalesce(
                                (
                                  SELECT row_to_json("a row") AS row_to_json_2
                                  FROM
                                    (
                                      SELECT grid_1.name AS name
                                      FROM grid AS grid_1
                                      WHERE
                                        grid_1.id = person_1.place_id
                                        AND grid_1.path >= $1::VARCHAR COLLATE "C"
                                        AND grid_1.path < $2::VARCHAR COLLATE "C"
                                        AND grid_1.county_id = $3::BIGINT
                                    ) AS "a row"
                                ),
                                (
                                  SELECT row_to_json("a row") AS row_to_json_3
                                  FROM
                                    (
                                      SELECT community_2.name AS name
                                      FROM community AS community_2
                                      WHERE
                                        community_2.id = person_1.place_id
                                        AND community_2.path >= $1::VARCHAR COLLATE "C"
                                        AND community_2.path < $2::VARCHAR COLLATE "C"
                                        AND community_2.county_id = $3::BIGINT
                                    ) AS "a row"
                                ),
                                (
                                  SELECT row_to_json("a row") AS row_to_json_4
                                  FROM
                                    (
                                      SELECT station_1.name AS name
                                      FROM station AS station_1
                                      WHERE
                                        station_1.id = person_1.place_id
                                        AND station_1.path >= $1::VARCHAR COLLATE "C"
                                        AND station_1.path < $2::VARCHAR COLLATE "C"
                                        AND station_1.county_id = $3::BIGINT
                                    ) AS "a row"
                                )
                              ) AS home,
                              (
                                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_3
                                FROM
                                  (
                                    SELECT
                                      assignment_1.duty AS duty,
                                      assignment_1.valid_from AS "validFrom",
                                      assignment_1.valid_to AS "validTo",
                                      coalesce(
                                        (
                                          SELECT row_to_json("a row") AS row_to_json_5
                                          FROM
                                            (
                                              SELECT grid_2.name AS name
                                              FROM grid AS grid_2
                                              WHERE
                                                grid_2.id = assignment_1.place_id
                                                AND grid_2.path >= $1::VARCHAR COLLATE "C"
                                                AND grid_2.path < $2::VARCHAR COLLATE "C"
                                                AND grid_2.county_id = $3::BIGINT
                                            ) AS "a row"
                                        ),
                                        (
                                          SELECT row_to_json("a row") AS row_to_json_6
                                          FROM
                                            (
                                              SELECT community_3.name AS name
                                              FROM community AS community_3
                                              WHERE
                                                community_3.id = assignment_1.place_id
                                                AND community_3.path >= $1::VARCHAR COLLATE "C"
                                                AND community_3.path < $2::VARCHAR COLLATE "C"
                                                AND community_3.county_id = $3::BIGINT
                                            ) AS "a row"
                                        ),
                                        (
                                          SELECT row_to_json("a row") AS row_to_json_7
                                          FROM
                                            (
                                              SELECT station_2.name AS name
                                              FROM station AS station_2
                                              WHERE
                                                station_2.id = assignment_1.place_id
                                                AND station_2.path >= $1::VARCHAR COLLATE "C"
                                                AND station_2.path < $2::VARCHAR COLLATE "C"
                                                AND station_2.county_id = $3::BIGINT
                                            ) AS "a row"
                                        )
                                      ) AS place
                                    FROM assignment AS assignment_1
                                    WHERE
                                      assignment_1.person_id = person_1.id
                                      AND assignment_1.path >= $1::VARCHAR COLLATE "C"
                                      AND assignment_1.path < $2::VARCHAR COLLATE "C"
                                      AND assignment_1.county_id = $3::BIGINT
                                    ORDER BY assignment_1.valid_from ASC, assignment_1.id ASC
                                  ) AS "a row"
                              ) AS assignments,
                              (
                                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_4
                                FROM
                                  (
                                    SELECT
                                      qualification_1.level AS level,
                                      qualification_1.certificate_number AS "certificateNumber",
                                      qualification_1.obtained_on AS "obtainedOn"
                                    FROM qualification AS qualification_1
                                    WHERE
                                      person_1.id = qualification_1.person_id
                                      AND qualification_1.path >= $1::VARCHAR COLLATE "C"
                                      AND qualification_1.path < $2::VARCHAR COLLATE "C"
                                      AND qualification_1.county_id = $3::BIGINT
                                    ORDER BY qualification_1.obtained_on ASC, qualification_1.id ASC
                                  ) AS "a row"
                              ) AS qualifications
                            FROM assignment AS assignment_2
                            JOIN person AS person_1 ON assignment_2.person_id = person_1.id
                            WHERE
                              assignment_2.place_id = community_1.id
                              AND assignment_2.duty = $4::VARCHAR
                              AND assignment_2.valid_from <= CURRENT_DATE
                              AND (assignment_2.valid_to IS NULL OR assignment_2.valid_to > CURRENT_DATE)
                              AND assignment_2.path >= $1::VARCHAR COLLATE "C"
                              AND assignment_2.path < $2::VARCHAR COLLATE "C"
                              AND assignment_2.county_id = $3::BIGINT
                            ORDER BY person_1.id ASC
                          ) AS "a row"
                      ) AS "linkedSocialWorkers",
                      (
                        SELECT row_to_json("a row") AS row_to_json_8
                        FROM
                          (
                            SELECT
                              (
                                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_5
                                FROM
                                  (
                                    SELECT
                                      grid_3.name AS name,
                                      (
                                        SELECT
                                          coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_6
                                        FROM
                                          (
                                            SELECT 'P' || person_2.id AS id
                                            FROM person AS person_2
                                            WHERE
                                              person_2.id IN (
                                                SELECT assignment_3.person_id
                                                FROM assignment AS assignment_3
                                                WHERE
                                                  (
                                                    assignment_3.place_id = grid_3.id
                                                    OR assignment_3.place_id = grid_3.parent_id
                                                  )
                                                  AND assignment_3.duty = $5::VARCHAR
                                                  AND assignment_3.valid_from <= CURRENT_DATE
                                                  AND (
                                                    assignment_3.valid_to IS NULL
                                                    OR assignment_3.valid_to > CURRENT_DATE
                                                  )
                                                  AND assignment_3.path >= $1::VARCHAR COLLATE "C"
                                                  AND assignment_3.path < $2::VARCHAR COLLATE "C"
                                                  AND assignment_3.county_id = $3::BIGINT
                                              )
                                              AND (
                                                person_2.path >= $1::VARCHAR COLLATE "C"
                                                AND person_2.path < $2::VARCHAR COLLATE "C"
                                                AND person_2.county_id = $3::BIGINT
                                                OR person_2.id = ANY(
                                                  array(
                                                    (
                                                      SELECT assignment_4.person_id
                                                      FROM assignment AS assignment_4
                                                      WHERE
                                                        assignment_4.elsewhere
                                                        AND assignment_4.path >= $1::VARCHAR COLLATE "C"
                                                        AND assignment_4.path < $2::VARCHAR COLLATE "C"
                                                        AND assignment_4.county_id = $3::BIGINT
                                                        AND assignment_4.valid_from <= CURRENT_DATE
                                                        AND (
                                                          assignment_4.valid_to IS NULL
                                                          OR assignment_4.valid_to > CURRENT_DATE
                                                        )
                                                    )
                                                  )
                                                )
                                              )
                                            ORDER BY person_2.id ASC
                                          ) AS "a row"
                                      ) AS "linkedSocialWorkers"
                                    FROM grid AS grid_3
                                    WHERE
                                      community_1.id = grid_3.parent_id
                                      AND grid_3.path >= $1::VARCHAR COLLATE "C"
                                      AND grid_3.path < $2::VARCHAR COLLATE "C"
                                      AND grid_3.county_id = $3::BIGINT
                                    ORDER BY grid_3.id ASC
                                    LIMIT $6::INTEGER
                                  ) AS "a row"
                              ) AS nodes
                          ) AS "a row"
                      ) AS grids
                    FROM community AS community_1
                    WHERE
                      community_1.path >= $1::VARCHAR COLLATE "C"
                      AND community_1.path < $2::VARCHAR COLLATE "C"
                      AND community_1.county_id = $3::BIGINT
                      AND community_1.kind = $7::VARCHAR
                    ORDER BY community_1.code ASC, community_1.id ASC
                    LIMIT $8::INTEGER
                  ) AS "a row"
              ) AS nodes
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
