WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $11::BIGINT,
      $12::INTEGER,
      $13::BIGINT,
      $14::BIGINT,
      $5::VARCHAR COLLATE "C",
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
                      station_1.name AS name,
                      (
                        SELECT row_to_json("a row") AS row_to_json_2
                        FROM
                          (
                            SELECT
                              (
                                SELECT count(*) AS count_1
                                FROM person AS person_1
                                WHERE
                                  (
                                    person_1.path >= station_1.path
                                    AND person_1.path < (
                                      left(station_1.path, $1::INTEGER)
                                      || $2::VARCHAR COLLATE "C"
                                    )
                                    OR person_1.id = ANY(
                                      array(
                                        (
                                          SELECT assignment_1.person_id
                                          FROM assignment AS assignment_1
                                          WHERE
                                            assignment_1.elsewhere
                                            AND assignment_1.path >= station_1.path
                                            AND assignment_1.path < (
                                              left(station_1.path, $3::INTEGER)
                                              || $4::VARCHAR COLLATE "C"
                                            )
                                            AND assignment_1.valid_from <= CURRENT_DATE
                                            AND (
                                              assignment_1.valid_to IS NULL
                                              OR assignment_1.valid_to > CURRENT_DATE
                                            )
                                        )
                                      )
                                    )
                                  )
                                  AND (
                                    person_1.path >= $5::VARCHAR COLLATE "C"
                                    AND person_1.path < $6::VARCHAR COLLATE "C"
                                    AND person_1.county_id = $7::BIGINT
                                    OR person_1.id = ANY(
                                      array(
                                        (
                                          SELECT assignment_2.person_id
                                          FROM assignment AS assignment_2
                                          WHERE
                                            assignment_2.elsewhere
                                            AND assignment_2.path >= $5::VARCHAR COLLATE "C"
                                            AND assignment_2.path < $6::VARCHAR COLLATE "C"
                                            AND assignment_2.county_id = $7::BIGINT
                                            AND assignment_2.valid_from <= CURRENT_DATE
                                            AND (
                                              assignment_2.valid_to IS NULL
                                              OR assignment_2.valid_to > CURRENT_DATE
                                            )
                                        )
                                      )
                                    )
                                  )
                              ) AS "totalCount"
                          ) AS "a row"
                      ) AS personnel
                    FROM station AS station_1
                    WHERE
                      station_1.path >= $5::VARCHAR COLLATE "C"
                      AND station_1.path < $6::VARCHAR COLLATE "C"
                      AND station_1.county_id = $7::BIGINT
                      AND station_1.level = $8::VARCHAR
                    ORDER BY station_1.id ASC
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
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_2
                FROM
                  (
                    SELECT person_2.name AS name
                    FROM person AS person_2
                    WHERE
                      person_2.path >= $5::VARCHAR COLLATE "C"
                      AND person_2.path < $6::VARCHAR COLLATE "C"
                      AND person_2.county_id = $7::BIGINT
                      OR person_2.id = ANY(
                        array(
                          (
                            SELECT assignment_3.person_id
                            FROM assignment AS assignment_3
                            WHERE
                              assignment_3.elsewhere
                              AND assignment_3.path >= $5::VARCHAR COLLATE "C"
                              AND assignment_3.path < $6::VARCHAR COLLATE "C"
                              AND assignment_3.county_id = $7::BIGINT
                              AND assignment_3.valid_from <= CURRENT_DATE
                              AND (assignment_3.valid_to IS NULL OR assignment_3.valid_to > CURRENT_DATE)
                          )
                        )
                      )
                    ORDER BY person_2.id ASC
                    LIMIT $9::INTEGER
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
        SELECT row_to_json("a row") AS row_to_json_4
        FROM
          (
            SELECT
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_3
                FROM
                  (
                    SELECT 'P' || person_3.id AS id
                    FROM person AS person_3
                    WHERE
                      person_3.path >= $5::VARCHAR COLLATE "C"
                      AND person_3.path < $6::VARCHAR COLLATE "C"
                      AND person_3.county_id = $7::BIGINT
                      OR person_3.id = ANY(
                        array(
                          (
                            SELECT assignment_4.person_id
                            FROM assignment AS assignment_4
                            WHERE
                              assignment_4.elsewhere
                              AND assignment_4.path >= $5::VARCHAR COLLATE "C"
                              AND assignment_4.path < $6::VARCHAR COLLATE "C"
                              AND assignment_4.county_id = $7::BIGINT
                              AND assignment_4.valid_from <= CURRENT_DATE
                              AND (assignment_4.valid_to IS NULL OR assignment_4.valid_to > CURRENT_DATE)
                          )
                        )
                      )
                    ORDER BY person_3.name ASC, person_3.id ASC
                    LIMIT $10::INTEGER
                  ) AS "a row"
              ) AS nodes
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r2
FROM scope
