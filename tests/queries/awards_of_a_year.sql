WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $14::BIGINT,
      $15::INTEGER,
      $16::BIGINT,
      $17::BIGINT,
      $1::VARCHAR COLLATE "C",
      $18::VARCHAR
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
                FROM award AS award_1
                WHERE
                  award_1.path >= $1::VARCHAR COLLATE "C"
                  AND award_1.path < $2::VARCHAR COLLATE "C"
                  AND award_1.county_id = $3::BIGINT
                  AND award_1.year = $4::INTEGER
                  AND award_1.state = ANY($5::TEXT[])
              ) AS "totalCount",
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                FROM
                  (
                    SELECT
                      award_1.level AS level,
                      CAST(award_1.amount AS TEXT) AS amount,
                      award_1.state AS state,
                      CAST(
                        CASE award_1.state
                        WHEN 'GRANTED' THEN '["PAID","REVOKED"]'::json
                        WHEN 'PAID' THEN '[]'::json
                        WHEN 'REVOKED' THEN '[]'::json ELSE '[]'::json END AS JSON
                      ) AS "nextStates",
                      (
                        SELECT row_to_json("a row") AS row_to_json_2
                        FROM
                          (
                            SELECT
                              (
                                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_2
                                FROM
                                  (
                                    SELECT
                                      exam_result_1.level AS level,
                                      exam_result_1.year AS year,
                                      exam_result_1.passed AS passed
                                    FROM exam_result AS exam_result_1
                                    WHERE
                                      person_1.id = exam_result_1.person_id
                                      AND exam_result_1.path >= $1::VARCHAR COLLATE "C"
                                      AND exam_result_1.path < $2::VARCHAR COLLATE "C"
                                      AND exam_result_1.county_id = $3::BIGINT
                                    ORDER BY exam_result_1.year ASC, exam_result_1.id ASC
                                  ) AS "a row"
                              ) AS "examResults"
                            FROM person AS person_1
                            WHERE
                              award_1.person_id = person_1.id
                              AND (
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
                                        AND (
                                          assignment_1.valid_to IS NULL
                                          OR assignment_1.valid_to > CURRENT_DATE
                                        )
                                    )
                                  )
                                )
                              )
                            ORDER BY person_1.id ASC
                            LIMIT 1
                          ) AS "a row"
                      ) AS person
                    FROM award AS award_1
                    WHERE
                      award_1.path >= $1::VARCHAR COLLATE "C"
                      AND award_1.path < $2::VARCHAR COLLATE "C"
                      AND award_1.county_id = $3::BIGINT
                      AND award_1.year = $4::INTEGER
                      AND award_1.state = ANY($5::TEXT[])
                    ORDER BY award_1.granted_on DESC, award_1.id DESC
                    LIMIT $6::INTEGER
                  ) AS "a row"
              ) AS nodes
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0,
  CASE WHEN (scope.state = 'OK') THEN convert_to(
    CAST(
      (
        SELECT row_to_json("a row") AS row_to_json_3
        FROM
          (
            SELECT
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_3
                FROM
                  (
                    SELECT
                      award_budget_1.year AS year,
                      CAST(award_budget_1.amount AS TEXT) AS amount,
                      CAST(award_budget_1.spent AS TEXT) AS spent,
                      CAST(award_budget_1.amount - award_budget_1.spent AS TEXT) AS "left",
                      (
                        SELECT row_to_json("a row") AS row_to_json_4
                        FROM
                          (
                            SELECT
                              (
                                SELECT count(*) AS count_2
                                FROM award AS award_2
                                WHERE
                                  award_budget_1.id = award_2.budget_id
                                  AND award_2.path >= $1::VARCHAR COLLATE "C"
                                  AND award_2.path < $2::VARCHAR COLLATE "C"
                                  AND award_2.county_id = $3::BIGINT
                                  AND award_2.state = $7::VARCHAR
                              ) AS "totalCount"
                          ) AS "a row"
                      ) AS awards
                    FROM award_budget AS award_budget_1
                    WHERE
                      award_budget_1.path >= $1::VARCHAR COLLATE "C"
                      AND award_budget_1.path < $2::VARCHAR COLLATE "C"
                      AND award_budget_1.county_id = $3::BIGINT
                    ORDER BY award_budget_1.id ASC
                    LIMIT 20
                  ) AS "a row"
              ) AS nodes
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r1,
  CASE WHEN (scope.state = 'OK') THEN convert_to(
    CAST(
      (
        SELECT row_to_json("a row") AS row_to_json_5
        FROM
          (
            SELECT
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_4
                FROM
                  (
                    SELECT
                      training_event_1.kind AS kind,
                      training_event_1.title AS title,
                      training_event_1.held_on AS "heldOn",
                      (
                        SELECT count(*) AS count_3
                        FROM attendance AS attendance_1
                        WHERE
                          attendance_1.event_id = training_event_1.id
                          AND attendance_1.state = 'ATTENDED'
                          AND attendance_1.path >= $1::VARCHAR COLLATE "C"
                          AND attendance_1.path < $2::VARCHAR COLLATE "C"
                          AND attendance_1.county_id = $3::BIGINT
                      ) AS attended,
                      (
                        SELECT row_to_json("a row") AS row_to_json_6
                        FROM
                          (
                            SELECT
                              'TALENT_WRITE' = ANY($8::TEXT[])
                              AND CASE
                              WHEN (
                                NOT (
                                  training_event_1.path >= $1::VARCHAR COLLATE "C"
                                  AND training_event_1.path < $2::VARCHAR COLLATE "C"
                                  AND training_event_1.county_id = $3::BIGINT
                                )
                              ) THEN 'SEEN_ONLY'
                              WHEN (training_event_1.state != $9::VARCHAR) THEN 'WRONG_STATE'
                              WHEN (
                                (
                                  SELECT count(*) AS count_4
                                  FROM attendance AS attendance_2
                                  WHERE
                                    attendance_2.event_id = training_event_1.id
                                    AND attendance_2.path >= $1::VARCHAR COLLATE "C"
                                    AND attendance_2.path < $2::VARCHAR COLLATE "C"
                                    AND attendance_2.county_id = $3::BIGINT
                                ) >= training_event_1.capacity
                              ) THEN 'WRONG_STATE' END IS NULL AS register
                          ) AS "a row"
                      ) AS can,
                      (
                        SELECT row_to_json("a row") AS row_to_json_7
                        FROM
                          (
                            SELECT
                              (
                                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_5
                                FROM
                                  (
                                    SELECT
                                      attendance_3.state AS state,
                                      (
                                        SELECT row_to_json("a row") AS row_to_json_8
                                        FROM
                                          (
                                            SELECT
                                              'TALENT_WRITE' = ANY($8::TEXT[])
                                              AND CASE
                                              WHEN (
                                                NOT (
                                                  attendance_3.path >= $1::VARCHAR COLLATE "C"
                                                  AND attendance_3.path < $2::VARCHAR COLLATE "C"
                                                  AND attendance_3.county_id = $3::BIGINT
                                                )
                                              ) THEN 'SEEN_ONLY'
                                              WHEN (
                                                NOT (
                                                  EXISTS (
                                                    SELECT *
                                                    FROM training_event AS training_event_2
                                                    WHERE
                                                      training_event_2.id = attendance_3.event_id
                                                      AND training_event_2.state = $10::VARCHAR
                                                      AND training_event_2.path >= $1::VARCHAR COLLATE "C"
                                                      AND training_event_2.path < $2::VARCHAR COLLATE "C"
                                                      AND training_event_2.county_id = $3::BIGINT
                                                  )
                                                )
                                              ) THEN 'WRONG_STATE' END IS NULL AS settle
                                          ) AS "a row"
                                      ) AS can
                                    FROM attendance AS attendance_3
                                    WHERE
                                      training_event_1.id = attendance_3.event_id
                                      AND attendance_3.path >= $1::VARCHAR COLLATE "C"
                                      AND attendance_3.path < $2::VARCHAR COLLATE "C"
                                      AND attendance_3.county_id = $3::BIGINT
                                    ORDER BY attendance_3.id ASC
                                    LIMIT $11::INTEGER
                                  ) AS "a row"
                              ) AS nodes
                          ) AS "a row"
                      ) AS attendances
                    FROM training_event AS training_event_1
                    WHERE
                      training_event_1.path >= $1::VARCHAR COLLATE "C"
                      AND training_event_1.path < $2::VARCHAR COLLATE "C"
                      AND training_event_1.county_id = $3::BIGINT
                      AND training_event_1.state = $12::VARCHAR
                    ORDER BY training_event_1.held_on DESC, training_event_1.id DESC
                    LIMIT $13::INTEGER
                  ) AS "a row"
              ) AS nodes
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r2
FROM scope
