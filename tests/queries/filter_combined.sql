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
              (
                SELECT count(*) AS count_1
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
                  AND NOT (person_1.kind = ANY($4::TEXT[]))
                  AND (
                    (
                      EXISTS (
                        SELECT *
                        FROM assignment AS assignment_2
                        WHERE
                          assignment_2.person_id = person_1.id
                          AND assignment_2.duty = ANY($5::TEXT[])
                          AND assignment_2.valid_from <= CURRENT_DATE
                          AND (assignment_2.valid_to IS NULL OR assignment_2.valid_to > CURRENT_DATE)
                          AND assignment_2.path >= $1::VARCHAR COLLATE "C"
                          AND assignment_2.path < $2::VARCHAR COLLATE "C"
                          AND assignment_2.county_id = $3::BIGINT
                      )
                    )
                    OR (
                      EXISTS (
                        SELECT *
                        FROM person_skill AS person_skill_1
                        JOIN skill AS skill_1 ON person_skill_1.skill_id = skill_1.id
                        WHERE
                          person_skill_1.person_id = person_1.id
                          AND skill_1.code >= $6::VARCHAR
                          AND skill_1.code <= ($6::VARCHAR || chr($7::INTEGER))
                          AND starts_with(skill_1.code, $6::VARCHAR)
                          AND person_skill_1.path >= $1::VARCHAR COLLATE "C"
                          AND person_skill_1.path < $2::VARCHAR COLLATE "C"
                          AND person_skill_1.county_id = $3::BIGINT
                      )
                    )
                  )
                  AND NOT coalesce(person_1.name = ANY($8::TEXT[] COLLATE "C"), false)
              ) AS "totalCount",
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                FROM
                  (
                    SELECT
                      person_1.kind AS kind,
                      person_1.name AS name,
                      (
                        SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_2
                        FROM
                          (
                            SELECT skill_2.code AS code
                            FROM person_skill AS person_skill_2
                            JOIN skill AS skill_2 ON person_skill_2.skill_id = skill_2.id
                            WHERE
                              person_skill_2.person_id = person_1.id
                              AND person_skill_2.path >= $1::VARCHAR COLLATE "C"
                              AND person_skill_2.path < $2::VARCHAR COLLATE "C"
                              AND person_skill_2.county_id = $3::BIGINT
                            ORDER BY skill_2.id ASC
                          ) AS "a row"
                      ) AS skills,
                      (
                        SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_3
                        FROM
                          (
                            SELECT
                              assignment_3.duty AS duty,
                              coalesce(
                                (
                                  SELECT row_to_json("a row") AS row_to_json_2
                                  FROM
                                    (
                                      SELECT grid_1.name AS name
                                      FROM grid AS grid_1
                                      WHERE
                                        grid_1.id = assignment_3.place_id
                                        AND grid_1.path >= $1::VARCHAR COLLATE "C"
                                        AND grid_1.path < $2::VARCHAR COLLATE "C"
                                        AND grid_1.county_id = $3::BIGINT
                                    ) AS "a row"
                                ),
                                (
                                  SELECT row_to_json("a row") AS row_to_json_3
                                  FROM
                                    (
                                      SELECT community_1.name AS name
                                      FROM community AS community_1
                                      WHERE
                                        community_1.id = assignment_3.place_id
                                        AND community_1.path >= $1::VARCHAR COLLATE "C"
                                        AND community_1.path < $2::VARCHAR COLLATE "C"
                                        AND community_1.county_id = $3::BIGINT
                                    ) AS "a row"
                                ),
                                (
                                  SELECT row_to_json("a row") AS row_to_json_4
                                  FROM
                                    (
                                      SELECT station_1.name AS name
                                      FROM station AS station_1
                                      WHERE
                                        station_1.id = assignment_3.place_id
                                        AND station_1.path >= $1::VARCHAR COLLATE "C"
                                        AND station_1.path < $2::VARCHAR COLLATE "C"
                                        AND station_1.county_id = $3::BIGINT
                                    ) AS "a row"
                                )
                              ) AS place
                            FROM assignment AS assignment_3
                            WHERE
                              assignment_3.person_id = person_1.id
                              AND assignment_3.valid_from <= CURRENT_DATE
                              AND (assignment_3.valid_to IS NULL OR assignment_3.valid_to > CURRENT_DATE)
                              AND assignment_3.path >= $1::VARCHAR COLLATE "C"
                              AND assignment_3.path < $2::VARCHAR COLLATE "C"
                              AND assignment_3.county_id = $3::BIGINT
                            ORDER BY assignment_3.valid_from ASC, assignment_3.id ASC
                          ) AS "a row"
                      ) AS assignments
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
                      AND NOT (person_1.kind = ANY($4::TEXT[]))
                      AND (
                        (
                          EXISTS (
                            SELECT *
                            FROM assignment AS assignment_2
                            WHERE
                              assignment_2.person_id = person_1.id
                              AND assignment_2.duty = ANY($5::TEXT[])
                              AND assignment_2.valid_from <= CURRENT_DATE
                              AND (assignment_2.valid_to IS NULL OR assignment_2.valid_to > CURRENT_DATE)
                              AND assignment_2.path >= $1::VARCHAR COLLATE "C"
                              AND assignment_2.path < $2::VARCHAR COLLATE "C"
                              AND assignment_2.county_id = $3::BIGINT
                          )
                        )
                        OR (
                          EXISTS (
                            SELECT *
                            FROM person_skill AS person_skill_1
                            JOIN skill AS skill_1 ON person_skill_1.skill_id = skill_1.id
                            WHERE
                              person_skill_1.person_id = person_1.id
                              AND skill_1.code >= $6::VARCHAR
                              AND skill_1.code <= ($6::VARCHAR || chr($7::INTEGER))
                              AND starts_with(skill_1.code, $6::VARCHAR)
                              AND person_skill_1.path >= $1::VARCHAR COLLATE "C"
                              AND person_skill_1.path < $2::VARCHAR COLLATE "C"
                              AND person_skill_1.county_id = $3::BIGINT
                          )
                        )
                      )
                      AND NOT coalesce(person_1.name = ANY($8::TEXT[] COLLATE "C"), false)
                    ORDER BY person_1.kind DESC, person_1.name ASC, person_1.id ASC
                    LIMIT $9::INTEGER
                  ) AS "a row"
              ) AS nodes
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
