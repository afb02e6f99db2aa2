WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $11::BIGINT,
      $12::INTEGER,
      $13::BIGINT,
      $14::BIGINT,
      $1::VARCHAR COLLATE "C",
      $15::VARCHAR
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
                      leading_group_1.name AS name,
                      (
                        SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_2
                        FROM
                          (
                            SELECT
                              leading_group_member_1.role AS role,
                              leading_group_member_1.title AS title,
                              leading_group_member_1.name AS name
                            FROM leading_group_member AS leading_group_member_1
                            WHERE
                              leading_group_member_1.group_id = leading_group_1.id
                              AND leading_group_member_1.valid_from <= CURRENT_DATE
                              AND (
                                leading_group_member_1.valid_to IS NULL
                                OR leading_group_member_1.valid_to > CURRENT_DATE
                              )
                              AND leading_group_member_1.path >= $1::VARCHAR COLLATE "C"
                              AND leading_group_member_1.path < $2::VARCHAR COLLATE "C"
                              AND leading_group_member_1.county_id = $3::BIGINT
                            ORDER BY leading_group_member_1.valid_from ASC, leading_group_member_1.id ASC
                          ) AS "a row"
                      ) AS members,
                      (
                        SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_3
                        FROM
                          (
                            SELECT
                              implementation_plan_1.title AS title,
                              CAST(
                                CASE implementation_plan_1.state
                                WHEN 'DRAFT' THEN '["ADOPTED","WITHDRAWN"]'::json
                                WHEN 'ADOPTED' THEN '["COMPLETED","WITHDRAWN"]'::json
                                WHEN 'COMPLETED' THEN '[]'::json
                                WHEN 'WITHDRAWN' THEN '[]'::json ELSE '[]'::json END AS JSON
                              ) AS "nextStates",
                              (
                                SELECT row_to_json("a row") AS row_to_json_2
                                FROM
                                  (
                                    SELECT
                                      (
                                        SELECT count(*) AS count_1
                                        FROM measure AS measure_1
                                        WHERE
                                          implementation_plan_1.id = measure_1.plan_id
                                          AND measure_1.path >= $1::VARCHAR COLLATE "C"
                                          AND measure_1.path < $2::VARCHAR COLLATE "C"
                                          AND measure_1.county_id = $3::BIGINT
                                          AND NOT (measure_1.state = ANY($4::TEXT[]))
                                          AND (
                                            measure_1.state IN ('OPEN', 'IN_PROGRESS')
                                            AND measure_1.due_on < CURRENT_DATE
                                          ) = $5::BOOLEAN
                                      ) AS "totalCount",
                                      (
                                        SELECT
                                          coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_4
                                        FROM
                                          (
                                            SELECT
                                              measure_1.title AS title,
                                              measure_1.owner AS owner,
                                              measure_1.due_on AS "dueOn",
                                              (
                                                measure_1.state IN ('OPEN', 'IN_PROGRESS')
                                                AND measure_1.due_on < CURRENT_DATE
                                              ) AS overdue
                                            FROM measure AS measure_1
                                            WHERE
                                              implementation_plan_1.id = measure_1.plan_id
                                              AND measure_1.path >= $1::VARCHAR COLLATE "C"
                                              AND measure_1.path < $2::VARCHAR COLLATE "C"
                                              AND measure_1.county_id = $3::BIGINT
                                              AND NOT (measure_1.state = ANY($4::TEXT[]))
                                              AND (
                                                measure_1.state IN ('OPEN', 'IN_PROGRESS')
                                                AND measure_1.due_on < CURRENT_DATE
                                              ) = $5::BOOLEAN
                                            ORDER BY measure_1.due_on ASC, measure_1.id ASC
                                            LIMIT $6::INTEGER
                                          ) AS "a row"
                                      ) AS nodes
                                  ) AS "a row"
                              ) AS measures
                            FROM implementation_plan AS implementation_plan_1
                            WHERE
                              leading_group_1.id = implementation_plan_1.group_id
                              AND implementation_plan_1.path >= $1::VARCHAR COLLATE "C"
                              AND implementation_plan_1.path < $2::VARCHAR COLLATE "C"
                              AND implementation_plan_1.county_id = $3::BIGINT
                            ORDER BY implementation_plan_1.begins_on ASC, implementation_plan_1.id ASC
                          ) AS "a row"
                      ) AS plans
                    FROM leading_group AS leading_group_1
                    WHERE
                      leading_group_1.path >= $1::VARCHAR COLLATE "C"
                      AND leading_group_1.path < $2::VARCHAR COLLATE "C"
                      AND leading_group_1.county_id = $3::BIGINT
                      AND (leading_group_1.dissolved_on IS NOT NULL) = $7::BOOLEAN
                    ORDER BY leading_group_1.id ASC
                    LIMIT 20
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
                SELECT count(*) AS count_2
                FROM agency AS agency_1
                WHERE
                  agency_1.path >= $1::VARCHAR COLLATE "C"
                  AND agency_1.path < $2::VARCHAR COLLATE "C"
                  AND agency_1.county_id = $3::BIGINT
                  AND (
                    EXISTS (
                      SELECT *
                      FROM agency_rating AS agency_rating_1
                      WHERE
                        agency_rating_1.agency_id = agency_1.id
                        AND agency_rating_1.grade = ANY($8::TEXT[])
                        AND agency_rating_1.valid_from <= CURRENT_DATE
                        AND (agency_rating_1.valid_to IS NULL OR agency_rating_1.valid_to > CURRENT_DATE)
                        AND agency_rating_1.path >= $1::VARCHAR COLLATE "C"
                        AND agency_rating_1.path < $2::VARCHAR COLLATE "C"
                        AND agency_rating_1.county_id = $3::BIGINT
                    )
                  )
                  AND (agency_1.closed_on IS NOT NULL) = $9::BOOLEAN
              ) AS "totalCount",
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_5
                FROM
                  (
                    SELECT
                      agency_1.name AS name,
                      (
                        SELECT row_to_json("a row") AS row_to_json_4
                        FROM
                          (
                            SELECT
                              agency_rating_2.grade AS grade,
                              agency_rating_2.rated_by AS "ratedBy",
                              agency_rating_2.valid_to AS "validTo"
                            FROM agency_rating AS agency_rating_2
                            WHERE
                              agency_rating_2.agency_id = agency_1.id
                              AND agency_rating_2.valid_from <= CURRENT_DATE
                              AND (
                                agency_rating_2.valid_to IS NULL
                                OR agency_rating_2.valid_to > CURRENT_DATE
                              )
                              AND agency_rating_2.path >= $1::VARCHAR COLLATE "C"
                              AND agency_rating_2.path < $2::VARCHAR COLLATE "C"
                              AND agency_rating_2.county_id = $3::BIGINT
                            ORDER BY agency_rating_2.id ASC
                            LIMIT 1
                          ) AS "a row"
                      ) AS rating,
                      (
                        SELECT row_to_json("a row") AS row_to_json_5
                        FROM
                          (
                            SELECT
                              'ORGANISATION_WRITE' = ANY($10::TEXT[])
                              AND CASE
                              WHEN (
                                NOT (
                                  agency_1.path >= $1::VARCHAR COLLATE "C"
                                  AND agency_1.path < $2::VARCHAR COLLATE "C"
                                  AND agency_1.county_id = $3::BIGINT
                                )
                              ) THEN 'SEEN_ONLY'
                              WHEN (agency_1.closed_on IS NOT NULL) THEN 'CLOSED' END IS NULL AS rate
                          ) AS "a row"
                      ) AS can
                    FROM agency AS agency_1
                    WHERE
                      agency_1.path >= $1::VARCHAR COLLATE "C"
                      AND agency_1.path < $2::VARCHAR COLLATE "C"
                      AND agency_1.county_id = $3::BIGINT
                      AND (
                        EXISTS (
                          SELECT *
                          FROM agency_rating AS agency_rating_1
                          WHERE
                            agency_rating_1.agency_id = agency_1.id
                            AND agency_rating_1.grade = ANY($8::TEXT[])
                            AND agency_rating_1.valid_from <= CURRENT_DATE
                            AND (agency_rating_1.valid_to IS NULL OR agency_rating_1.valid_to > CURRENT_DATE)
                            AND agency_rating_1.path >= $1::VARCHAR COLLATE "C"
                            AND agency_rating_1.path < $2::VARCHAR COLLATE "C"
                            AND agency_rating_1.county_id = $3::BIGINT
                        )
                      )
                      AND (agency_1.closed_on IS NOT NULL) = $9::BOOLEAN
                    ORDER BY agency_1.code ASC, agency_1.id ASC
                    LIMIT 20
                  ) AS "a row"
              ) AS nodes
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r1
FROM scope
