WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $18::BIGINT,
      $19::INTEGER,
      $20::BIGINT,
      $21::BIGINT,
      $1::VARCHAR COLLATE "C",
      $22::VARCHAR
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
                  AND (
                    person_1.path >= (
                      SELECT anon_1.path
                      FROM
                        (
                          SELECT
                            coalesce(
                              (
                                SELECT place_1.path
                                FROM place AS place_1
                                WHERE
                                  place_1.id = $4::BIGINT
                                  AND place_1.path >= $1::VARCHAR COLLATE "C"
                                  AND place_1.path < $2::VARCHAR COLLATE "C"
                                  AND place_1.county_id = $3::BIGINT
                              ),
                              '~'
                            ) AS path
                        ) AS anon_1
                    )
                    AND person_1.path < (
                      left(
                        (
                          SELECT anon_1.path
                          FROM
                            (
                              SELECT
                                coalesce(
                                  (
                                    SELECT place_1.path
                                    FROM place AS place_1
                                    WHERE
                                      place_1.id = $4::BIGINT
                                      AND place_1.path >= $1::VARCHAR COLLATE "C"
                                      AND place_1.path < $2::VARCHAR COLLATE "C"
                                      AND place_1.county_id = $3::BIGINT
                                  ),
                                  '~'
                                ) AS path
                            ) AS anon_1
                        ),
                        $5::INTEGER
                      )
                      || $6::VARCHAR COLLATE "C"
                    )
                    OR person_1.id = ANY(
                      array(
                        (
                          SELECT assignment_2.person_id
                          FROM assignment AS assignment_2
                          WHERE
                            assignment_2.elsewhere
                            AND assignment_2.path >= (
                              SELECT anon_1.path
                              FROM
                                (
                                  SELECT
                                    coalesce(
                                      (
                                        SELECT place_1.path
                                        FROM place AS place_1
                                        WHERE
                                          place_1.id = $4::BIGINT
                                          AND place_1.path >= $1::VARCHAR COLLATE "C"
                                          AND place_1.path < $2::VARCHAR COLLATE "C"
                                          AND place_1.county_id = $3::BIGINT
                                      ),
                                      '~'
                                    ) AS path
                                ) AS anon_1
                            )
                            AND assignment_2.path < (
                              left(
                                (
                                  SELECT anon_1.path
                                  FROM
                                    (
                                      SELECT
                                        coalesce(
                                          (
                                            SELECT place_1.path
                                            FROM place AS place_1
                                            WHERE
                                              place_1.id = $4::BIGINT
                                              AND place_1.path >= $1::VARCHAR COLLATE "C"
                                              AND place_1.path < $2::VARCHAR COLLATE "C"
                                              AND place_1.county_id = $3::BIGINT
                                          ),
                                          '~'
                                        ) AS path
                                    ) AS anon_1
                                ),
                                $7::INTEGER
                              )
                              || $8::VARCHAR COLLATE "C"
                            )
                            AND assignment_2.path >= $1::VARCHAR COLLATE "C"
                            AND assignment_2.path < $2::VARCHAR COLLATE "C"
                            AND assignment_2.county_id = $3::BIGINT
                            AND assignment_2.valid_from <= CURRENT_DATE
                            AND (assignment_2.valid_to IS NULL OR assignment_2.valid_to > CURRENT_DATE)
                        )
                      )
                    )
                  )
              ) AS "totalCount",
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                FROM
                  (
                    SELECT
                      'P' || person_1.id AS id,
                      person_1.kind AS kind,
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
                              SELECT community_1.name AS name
                              FROM community AS community_1
                              WHERE
                                community_1.id = person_1.place_id
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
                                station_1.id = person_1.place_id
                                AND station_1.path >= $1::VARCHAR COLLATE "C"
                                AND station_1.path < $2::VARCHAR COLLATE "C"
                                AND station_1.county_id = $3::BIGINT
                            ) AS "a row"
                        )
                      ) AS home
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
                      AND (
                        person_1.path >= (
                          SELECT anon_1.path
                          FROM
                            (
                              SELECT
                                coalesce(
                                  (
                                    SELECT place_1.path
                                    FROM place AS place_1
                                    WHERE
                                      place_1.id = $4::BIGINT
                                      AND place_1.path >= $1::VARCHAR COLLATE "C"
                                      AND place_1.path < $2::VARCHAR COLLATE "C"
                                      AND place_1.county_id = $3::BIGINT
                                  ),
                                  '~'
                                ) AS path
                            ) AS anon_1
                        )
                        AND person_1.path < (
                          left(
                            (
                              SELECT anon_1.path
                              FROM
                                (
                                  SELECT
                                    coalesce(
                                      (
                                        SELECT place_1.path
                                        FROM place AS place_1
                                        WHERE
                                          place_1.id = $4::BIGINT
                                          AND place_1.path >= $1::VARCHAR COLLATE "C"
                                          AND place_1.path < $2::VARCHAR COLLATE "C"
                                          AND place_1.county_id = $3::BIGINT
                                      ),
                                      '~'
                                    ) AS path
                                ) AS anon_1
                            ),
                            $5::INTEGER
                          )
                          || $6::VARCHAR COLLATE "C"
                        )
                        OR person_1.id = ANY(
                          array(
                            (
                              SELECT assignment_2.person_id
                              FROM assignment AS assignment_2
                              WHERE
                                assignment_2.elsewhere
                                AND assignment_2.path >= (
                                  SELECT anon_1.path
                                  FROM
                                    (
                                      SELECT
                                        coalesce(
                                          (
                                            SELECT place_1.path
                                            FROM place AS place_1
                                            WHERE
                                              place_1.id = $4::BIGINT
                                              AND place_1.path >= $1::VARCHAR COLLATE "C"
                                              AND place_1.path < $2::VARCHAR COLLATE "C"
                                              AND place_1.county_id = $3::BIGINT
                                          ),
                                          '~'
                                        ) AS path
                                    ) AS anon_1
                                )
                                AND assignment_2.path < (
                                  left(
                                    (
                                      SELECT anon_1.path
                                      FROM
                                        (
                                          SELECT
                                            coalesce(
                                              (
                                                SELECT place_1.path
                                                FROM place AS place_1
                                                WHERE
                                                  place_1.id = $4::BIGINT
                                                  AND place_1.path >= $1::VARCHAR COLLATE "C"
                                                  AND place_1.path < $2::VARCHAR COLLATE "C"
                                                  AND place_1.county_id = $3::BIGINT
                                              ),
                                              '~'
                                            ) AS path
                                        ) AS anon_1
                                    ),
                                    $7::INTEGER
                                  )
                                  || $8::VARCHAR COLLATE "C"
                                )
                                AND assignment_2.path >= $1::VARCHAR COLLATE "C"
                                AND assignment_2.path < $2::VARCHAR COLLATE "C"
                                AND assignment_2.county_id = $3::BIGINT
                                AND assignment_2.valid_from <= CURRENT_DATE
                                AND (assignment_2.valid_to IS NULL OR assignment_2.valid_to > CURRENT_DATE)
                            )
                          )
                        )
                      )
                    ORDER BY person_1.id ASC
                    LIMIT $9::INTEGER
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
        SELECT row_to_json("a row") AS row_to_json_5
        FROM
          (
            SELECT
              (
                SELECT count(*) AS count_2
                FROM grid AS grid_2
                WHERE
                  grid_2.path >= $1::VARCHAR COLLATE "C"
                  AND grid_2.path < $2::VARCHAR COLLATE "C"
                  AND grid_2.county_id = $3::BIGINT
                  AND grid_2.path >= (
                    SELECT anon_2.path
                    FROM
                      (
                        SELECT
                          coalesce(
                            (
                              SELECT place_2.path
                              FROM place AS place_2
                              WHERE
                                place_2.id = $10::BIGINT
                                AND place_2.path >= $1::VARCHAR COLLATE "C"
                                AND place_2.path < $2::VARCHAR COLLATE "C"
                                AND place_2.county_id = $3::BIGINT
                            ),
                            '~'
                          ) AS path
                      ) AS anon_2
                  )
                  AND grid_2.path < (
                    left(
                      (
                        SELECT anon_2.path
                        FROM
                          (
                            SELECT
                              coalesce(
                                (
                                  SELECT place_2.path
                                  FROM place AS place_2
                                  WHERE
                                    place_2.id = $10::BIGINT
                                    AND place_2.path >= $1::VARCHAR COLLATE "C"
                                    AND place_2.path < $2::VARCHAR COLLATE "C"
                                    AND place_2.county_id = $3::BIGINT
                                ),
                                '~'
                              ) AS path
                          ) AS anon_2
                      ),
                      $11::INTEGER
                    )
                    || $12::VARCHAR COLLATE "C"
                  )
                  AND NOT coalesce(grid_2.code = $13::VARCHAR COLLATE "C", false)
              ) AS "totalCount",
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_2
                FROM
                  (
                    SELECT grid_2.code AS code
                    FROM grid AS grid_2
                    WHERE
                      grid_2.path >= $1::VARCHAR COLLATE "C"
                      AND grid_2.path < $2::VARCHAR COLLATE "C"
                      AND grid_2.county_id = $3::BIGINT
                      AND grid_2.path >= (
                        SELECT anon_2.path
                        FROM
                          (
                            SELECT
                              coalesce(
                                (
                                  SELECT place_2.path
                                  FROM place AS place_2
                                  WHERE
                                    place_2.id = $10::BIGINT
                                    AND place_2.path >= $1::VARCHAR COLLATE "C"
                                    AND place_2.path < $2::VARCHAR COLLATE "C"
                                    AND place_2.county_id = $3::BIGINT
                                ),
                                '~'
                              ) AS path
                          ) AS anon_2
                      )
                      AND grid_2.path < (
                        left(
                          (
                            SELECT anon_2.path
                            FROM
                              (
                                SELECT
                                  coalesce(
                                    (
                                      SELECT place_2.path
                                      FROM place AS place_2
                                      WHERE
                                        place_2.id = $10::BIGINT
                                        AND place_2.path >= $1::VARCHAR COLLATE "C"
                                        AND place_2.path < $2::VARCHAR COLLATE "C"
                                        AND place_2.county_id = $3::BIGINT
                                    ),
                                    '~'
                                  ) AS path
                              ) AS anon_2
                          ),
                          $11::INTEGER
                        )
                        || $12::VARCHAR COLLATE "C"
                      )
                      AND NOT coalesce(grid_2.code = $13::VARCHAR COLLATE "C", false)
                    ORDER BY grid_2.id ASC
                    LIMIT $14::INTEGER
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
        SELECT row_to_json("a row") AS row_to_json_6
        FROM
          (
            SELECT
              (
                SELECT count(*) AS count_3
                FROM grid AS grid_3
                WHERE
                  grid_3.path >= $1::VARCHAR COLLATE "C"
                  AND grid_3.path < $2::VARCHAR COLLATE "C"
                  AND grid_3.county_id = $3::BIGINT
                  AND grid_3.path >= (
                    SELECT anon_3.path
                    FROM
                      (
                        SELECT
                          coalesce(
                            (
                              SELECT place_3.path
                              FROM place AS place_3
                              WHERE
                                place_3.id = $15::BIGINT
                                AND place_3.path >= $1::VARCHAR COLLATE "C"
                                AND place_3.path < $2::VARCHAR COLLATE "C"
                                AND place_3.county_id = $3::BIGINT
                            ),
                            '~'
                          ) AS path
                      ) AS anon_3
                  )
                  AND grid_3.path < (
                    left(
                      (
                        SELECT anon_3.path
                        FROM
                          (
                            SELECT
                              coalesce(
                                (
                                  SELECT place_3.path
                                  FROM place AS place_3
                                  WHERE
                                    place_3.id = $15::BIGINT
                                    AND place_3.path >= $1::VARCHAR COLLATE "C"
                                    AND place_3.path < $2::VARCHAR COLLATE "C"
                                    AND place_3.county_id = $3::BIGINT
                                ),
                                '~'
                              ) AS path
                          ) AS anon_3
                      ),
                      $16::INTEGER
                    )
                    || $17::VARCHAR COLLATE "C"
                  )
              ) AS "totalCount"
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r2
FROM scope
