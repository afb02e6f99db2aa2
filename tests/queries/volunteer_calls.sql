WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $15::BIGINT,
      $16::INTEGER,
      $17::BIGINT,
      $18::BIGINT,
      $1::VARCHAR COLLATE "C",
      $19::VARCHAR
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
                FROM volunteer_call AS volunteer_call_1
                WHERE
                  volunteer_call_1.path >= $1::VARCHAR COLLATE "C"
                  AND volunteer_call_1.path < $2::VARCHAR COLLATE "C"
                  AND volunteer_call_1.county_id = $3::BIGINT
                  AND volunteer_call_1.state = ANY($4::TEXT[])
                  AND (
                    EXISTS (
                      SELECT *
                      FROM skill AS skill_1
                      WHERE
                        skill_1.id = volunteer_call_1.skill_id
                        AND skill_1.code >= $5::VARCHAR
                        AND skill_1.code <= ($5::VARCHAR || chr($6::INTEGER))
                        AND starts_with(skill_1.code, $5::VARCHAR)
                    )
                  )
              ) AS "totalCount",
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                FROM
                  (
                    SELECT
                      volunteer_call_1.title AS title,
                      volunteer_call_1.needed_on AS "neededOn",
                      volunteer_call_1.needed AS needed,
                      volunteer_call_1.state AS state,
                      CAST(
                        CASE volunteer_call_1.state
                        WHEN 'OPEN' THEN '["FULFILLED","CANCELLED"]'::json
                        WHEN 'FULFILLED' THEN '[]'::json
                        WHEN 'CANCELLED' THEN '[]'::json ELSE '[]'::json END AS JSON
                      ) AS "nextStates",
                      (
                        SELECT row_to_json("a row") AS row_to_json_2
                        FROM
                          (
                            SELECT skill_2.code AS code
                            FROM skill AS skill_2
                            WHERE volunteer_call_1.skill_id = skill_2.id
                            ORDER BY skill_2.id ASC
                            LIMIT 1
                          ) AS "a row"
                      ) AS skill,
                      (
                        SELECT row_to_json("a row") AS row_to_json_3
                        FROM
                          (
                            SELECT
                              'VOLUNTEER_WRITE' = ANY($7::TEXT[]) AND CASE WHEN (
                                NOT (
                                  volunteer_call_1.path >= $1::VARCHAR COLLATE "C"
                                  AND volunteer_call_1.path < $2::VARCHAR COLLATE "C"
                                  AND volunteer_call_1.county_id = $3::BIGINT
                                )
                              ) THEN 'SEEN_ONLY' WHEN (volunteer_call_1.state != $8::VARCHAR) THEN 'WRONG_STATE' END IS NULL AS update,
                              'VOLUNTEER_WRITE' = ANY($7::TEXT[]) AND CASE WHEN (
                                NOT (
                                  volunteer_call_1.path >= $1::VARCHAR COLLATE "C"
                                  AND volunteer_call_1.path < $2::VARCHAR COLLATE "C"
                                  AND volunteer_call_1.county_id = $3::BIGINT
                                )
                              ) THEN 'SEEN_ONLY' WHEN (volunteer_call_1.state != $9::VARCHAR) THEN 'WRONG_STATE' END IS NULL AS "signUp"
                          ) AS "a row"
                      ) AS can,
                      (
                        SELECT row_to_json("a row") AS row_to_json_4
                        FROM
                          (
                            SELECT
                              (
                                SELECT count(*) AS count_2
                                FROM sign_up AS sign_up_1
                                WHERE
                                  volunteer_call_1.id = sign_up_1.call_id
                                  AND sign_up_1.path >= $1::VARCHAR COLLATE "C"
                                  AND sign_up_1.path < $2::VARCHAR COLLATE "C"
                                  AND sign_up_1.county_id = $3::BIGINT
                              ) AS "totalCount",
                              (
                                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_2
                                FROM
                                  (
                                    SELECT
                                      sign_up_1.state AS state,
                                      CAST(sign_up_1.hours AS TEXT) AS hours,
                                      (
                                        SELECT row_to_json("a row") AS row_to_json_5
                                        FROM
                                          (
                                            SELECT
                                              person_1.kind AS kind,
                                              (
                                                SELECT
                                                  CAST(coalesce(sum(sign_up_2.hours), 0.00) AS TEXT) AS coalesce_3
                                                FROM sign_up AS sign_up_2
                                                WHERE
                                                  sign_up_2.person_id = person_1.id
                                                  AND sign_up_2.state = 'ATTENDED'
                                                  AND sign_up_2.path >= $1::VARCHAR COLLATE "C"
                                                  AND sign_up_2.path < $2::VARCHAR COLLATE "C"
                                                  AND sign_up_2.county_id = $3::BIGINT
                                              ) AS "volunteerHours"
                                            FROM person AS person_1
                                            WHERE
                                              sign_up_1.person_id = person_1.id
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
                                    FROM sign_up AS sign_up_1
                                    WHERE
                                      volunteer_call_1.id = sign_up_1.call_id
                                      AND sign_up_1.path >= $1::VARCHAR COLLATE "C"
                                      AND sign_up_1.path < $2::VARCHAR COLLATE "C"
                                      AND sign_up_1.county_id = $3::BIGINT
                                    ORDER BY sign_up_1.id ASC
                                    LIMIT $10::INTEGER
                                  ) AS "a row"
                              ) AS nodes
                          ) AS "a row"
                      ) AS "signUps",
                      (
                        SELECT row_to_json("a row") AS row_to_json_6
                        FROM
                          (
                            SELECT
                              (
                                SELECT count(*) AS count_3
                                FROM person AS person_2
                                WHERE
                                  person_2.kind = 'VOLUNTEER'
                                  AND person_2.retired_on IS NULL
                                  AND person_2.path >= $1::VARCHAR COLLATE "C"
                                  AND person_2.path < $2::VARCHAR COLLATE "C"
                                  AND person_2.path >= substr(
                                    split_part(
                                      '.' || volunteer_call_1.path,
                                      ('.' || volunteer_call_1.station_id) || '.',
                                      1
                                    ) || (('.' || volunteer_call_1.station_id) || '.'),
                                    2
                                  )
                                  AND person_2.path < (
                                    left(
                                      substr(
                                        split_part(
                                          '.' || volunteer_call_1.path,
                                          ('.' || volunteer_call_1.station_id) || '.',
                                          1
                                        ) || (('.' || volunteer_call_1.station_id) || '.'),
                                        2
                                      ),
                                      $11::INTEGER
                                    )
                                    || $12::VARCHAR COLLATE "C"
                                  )
                                  AND (
                                    volunteer_call_1.skill_id IS NULL
                                    OR (
                                      EXISTS (
                                        SELECT *
                                        FROM person_skill AS person_skill_1
                                        WHERE
                                          person_skill_1.person_id = person_2.id
                                          AND person_skill_1.skill_id = volunteer_call_1.skill_id
                                          AND person_skill_1.path >= $1::VARCHAR COLLATE "C"
                                          AND person_skill_1.path < $2::VARCHAR COLLATE "C"
                                          AND person_skill_1.county_id = $3::BIGINT
                                      )
                                    )
                                  )
                                  AND NOT (
                                    EXISTS (
                                      SELECT *
                                      FROM sign_up AS sign_up_3
                                      WHERE
                                        sign_up_3.call_id = volunteer_call_1.id
                                        AND sign_up_3.person_id = person_2.id
                                        AND sign_up_3.state != 'WITHDRAWN'
                                        AND sign_up_3.path >= $1::VARCHAR COLLATE "C"
                                        AND sign_up_3.path < $2::VARCHAR COLLATE "C"
                                        AND sign_up_3.county_id = $3::BIGINT
                                    )
                                  )
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
                                            AND (
                                              assignment_2.valid_to IS NULL
                                              OR assignment_2.valid_to > CURRENT_DATE
                                            )
                                        )
                                      )
                                    )
                                  )
                              ) AS "totalCount",
                              (
                                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_4
                                FROM
                                  (
                                    SELECT
                                      'P' || person_2.id AS id,
                                      (
                                        SELECT
                                          coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_5
                                        FROM
                                          (
                                            SELECT skill_3.code AS code
                                            FROM person_skill AS person_skill_2
                                            JOIN skill AS skill_3 ON person_skill_2.skill_id = skill_3.id
                                            WHERE
                                              person_skill_2.person_id = person_2.id
                                              AND person_skill_2.path >= $1::VARCHAR COLLATE "C"
                                              AND person_skill_2.path < $2::VARCHAR COLLATE "C"
                                              AND person_skill_2.county_id = $3::BIGINT
                                            ORDER BY skill_3.id ASC
                                          ) AS "a row"
                                      ) AS skills
                                    FROM person AS person_2
                                    WHERE
                                      person_2.kind = 'VOLUNTEER'
                                      AND person_2.retired_on IS NULL
                                      AND person_2.path >= $1::VARCHAR COLLATE "C"
                                      AND person_2.path < $2::VARCHAR COLLATE "C"
                                      AND person_2.path >= substr(
                                        split_part(
                                          '.' || volunteer_call_1.path,
                                          ('.' || volunteer_call_1.station_id) || '.',
                                          1
                                        ) || (('.' || volunteer_call_1.station_id) || '.'),
                                        2
                                      )
                                      AND person_2.path < (
                                        left(
                                          substr(
                                            split_part(
                                              '.' || volunteer_call_1.path,
                                              ('.' || volunteer_call_1.station_id) || '.',
                                              1
                                            ) || (('.' || volunteer_call_1.station_id) || '.'),
                                            2
                                          ),
                                          $11::INTEGER
                                        )
                                        || $12::VARCHAR COLLATE "C"
                                      )
                                      AND (
                                        volunteer_call_1.skill_id IS NULL
                                        OR (
                                          EXISTS (
                                            SELECT *
                                            FROM person_skill AS person_skill_1
                                            WHERE
                                              person_skill_1.person_id = person_2.id
                                              AND person_skill_1.skill_id = volunteer_call_1.skill_id
                                              AND person_skill_1.path >= $1::VARCHAR COLLATE "C"
                                              AND person_skill_1.path < $2::VARCHAR COLLATE "C"
                                              AND person_skill_1.county_id = $3::BIGINT
                                          )
                                        )
                                      )
                                      AND NOT (
                                        EXISTS (
                                          SELECT *
                                          FROM sign_up AS sign_up_3
                                          WHERE
                                            sign_up_3.call_id = volunteer_call_1.id
                                            AND sign_up_3.person_id = person_2.id
                                            AND sign_up_3.state != 'WITHDRAWN'
                                            AND sign_up_3.path >= $1::VARCHAR COLLATE "C"
                                            AND sign_up_3.path < $2::VARCHAR COLLATE "C"
                                            AND sign_up_3.county_id = $3::BIGINT
                                        )
                                      )
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
                                                AND (
                                                  assignment_2.valid_to IS NULL
                                                  OR assignment_2.valid_to > CURRENT_DATE
                                                )
                                            )
                                          )
                                        )
                                      )
                                    ORDER BY person_2.id ASC
                                    LIMIT $13::INTEGER
                                  ) AS "a row"
                              ) AS nodes
                          ) AS "a row"
                      ) AS matches
                    FROM volunteer_call AS volunteer_call_1
                    WHERE
                      volunteer_call_1.path >= $1::VARCHAR COLLATE "C"
                      AND volunteer_call_1.path < $2::VARCHAR COLLATE "C"
                      AND volunteer_call_1.county_id = $3::BIGINT
                      AND volunteer_call_1.state = ANY($4::TEXT[])
                      AND (
                        EXISTS (
                          SELECT *
                          FROM skill AS skill_1
                          WHERE
                            skill_1.id = volunteer_call_1.skill_id
                            AND skill_1.code >= $5::VARCHAR
                            AND skill_1.code <= ($5::VARCHAR || chr($6::INTEGER))
                            AND starts_with(skill_1.code, $5::VARCHAR)
                        )
                      )
                    ORDER BY volunteer_call_1.needed_on DESC, volunteer_call_1.id DESC
                    LIMIT $14::INTEGER
                  ) AS "a row"
              ) AS nodes
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
