WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $7::BIGINT,
      $8::INTEGER,
      $9::BIGINT,
      $10::BIGINT,
      $2::VARCHAR COLLATE "C",
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
              (
                SELECT count(*) AS count_1
                FROM place AS place_1
                WHERE
                  (
                    EXISTS (
                      SELECT *
                      FROM placement AS placement_1
                      WHERE
                        placement_1.place_id = place_1.id
                        AND placement_1.valid_from <= $1::DATE
                        AND (placement_1.valid_to IS NULL OR placement_1.valid_to > $1::DATE)
                        AND placement_1.path >= $2::VARCHAR COLLATE "C"
                        AND placement_1.path < $3::VARCHAR COLLATE "C"
                        AND placement_1.county_id = $4::BIGINT
                    )
                  )
                  AND place_1.kind = 'COMMUNITY'
                  AND NOT (
                    EXISTS (
                      SELECT *
                      FROM assignment AS assignment_1
                      WHERE
                        assignment_1.place_id = place_1.id
                        AND assignment_1.duty = 'LINKED_SOCIAL_WORKER'
                        AND assignment_1.valid_from <= $1::DATE
                        AND (assignment_1.valid_to IS NULL OR assignment_1.valid_to > $1::DATE)
                        AND assignment_1.path >= $2::VARCHAR COLLATE "C"
                        AND assignment_1.path < $3::VARCHAR COLLATE "C"
                        AND assignment_1.county_id = $4::BIGINT
                    )
                  )
                  AND place_1.path >= $2::VARCHAR COLLATE "C"
                  AND place_1.path < $3::VARCHAR COLLATE "C"
                  AND place_1.county_id = $4::BIGINT
              ) AS "totalCount",
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                FROM
                  (
                    SELECT
                      array_to_json(
                        array_remove(
                          ARRAY[CASE WHEN (
                            place_1.kind = 'GRID'
                            AND NOT (
                              EXISTS (
                                SELECT *
                                FROM assignment AS assignment_2
                                WHERE
                                  assignment_2.place_id = place_1.id
                                  AND assignment_2.duty = 'RESPONSIBLE_PERSON'
                                  AND assignment_2.valid_from <= $5::DATE
                                  AND (assignment_2.valid_to IS NULL OR assignment_2.valid_to > $5::DATE)
                                  AND assignment_2.path >= $2::VARCHAR COLLATE "C"
                                  AND assignment_2.path < $3::VARCHAR COLLATE "C"
                                  AND assignment_2.county_id = $4::BIGINT
                              )
                            )
                          ) THEN 'NO_RESPONSIBLE_PERSON' END,
                          CASE WHEN (
                            place_1.kind = 'GRID'
                            AND NOT (
                              EXISTS (
                                SELECT *
                                FROM assignment AS assignment_3
                                WHERE
                                  assignment_3.place_id = place_1.id
                                  AND assignment_3.duty = 'GRID_WORKER'
                                  AND assignment_3.valid_from <= $5::DATE
                                  AND (assignment_3.valid_to IS NULL OR assignment_3.valid_to > $5::DATE)
                                  AND assignment_3.path >= $2::VARCHAR COLLATE "C"
                                  AND assignment_3.path < $3::VARCHAR COLLATE "C"
                                  AND assignment_3.county_id = $4::BIGINT
                              )
                            )
                          ) THEN 'NO_GRID_WORKER' END,
                          CASE WHEN (
                            place_1.kind = 'COMMUNITY'
                            AND NOT (
                              EXISTS (
                                SELECT *
                                FROM assignment AS assignment_4
                                WHERE
                                  assignment_4.place_id = place_1.id
                                  AND assignment_4.duty = 'LINKED_SOCIAL_WORKER'
                                  AND assignment_4.valid_from <= $5::DATE
                                  AND (assignment_4.valid_to IS NULL OR assignment_4.valid_to > $5::DATE)
                                  AND assignment_4.path >= $2::VARCHAR COLLATE "C"
                                  AND assignment_4.path < $3::VARCHAR COLLATE "C"
                                  AND assignment_4.county_id = $4::BIGINT
                              )
                            )
                          ) THEN 'NO_LINKED_SOCIAL_WORKER' END],
                          NULL
                        )
                      ) AS missing,
                      coalesce(
                        (
                          SELECT row_to_json("a row") AS row_to_json_2
                          FROM
                            (
                              SELECT grid_1.code AS code, grid_1.name AS name
                              FROM grid AS grid_1
                              WHERE
                                grid_1.id = place_1.id
                                AND grid_1.path >= $2::VARCHAR COLLATE "C"
                                AND grid_1.path < $3::VARCHAR COLLATE "C"
                                AND grid_1.county_id = $4::BIGINT
                            ) AS "a row"
                        ),
                        (
                          SELECT row_to_json("a row") AS row_to_json_3
                          FROM
                            (
                              SELECT community_1.code AS code, community_1.name AS name
                              FROM community AS community_1
                              WHERE
                                community_1.id = place_1.id
                                AND community_1.path >= $2::VARCHAR COLLATE "C"
                                AND community_1.path < $3::VARCHAR COLLATE "C"
                                AND community_1.county_id = $4::BIGINT
                            ) AS "a row"
                        ),
                        (
                          SELECT row_to_json("a row") AS row_to_json_4
                          FROM
                            (
                              SELECT station_1.code AS code, station_1.name AS name
                              FROM station AS station_1
                              WHERE
                                station_1.id = place_1.id
                                AND station_1.path >= $2::VARCHAR COLLATE "C"
                                AND station_1.path < $3::VARCHAR COLLATE "C"
                                AND station_1.county_id = $4::BIGINT
                            ) AS "a row"
                        )
                      ) AS place
                    FROM place AS place_1
                    WHERE
                      (
                        EXISTS (
                          SELECT *
                          FROM placement AS placement_1
                          WHERE
                            placement_1.place_id = place_1.id
                            AND placement_1.valid_from <= $1::DATE
                            AND (placement_1.valid_to IS NULL OR placement_1.valid_to > $1::DATE)
                            AND placement_1.path >= $2::VARCHAR COLLATE "C"
                            AND placement_1.path < $3::VARCHAR COLLATE "C"
                            AND placement_1.county_id = $4::BIGINT
                        )
                      )
                      AND place_1.kind = 'COMMUNITY'
                      AND NOT (
                        EXISTS (
                          SELECT *
                          FROM assignment AS assignment_1
                          WHERE
                            assignment_1.place_id = place_1.id
                            AND assignment_1.duty = 'LINKED_SOCIAL_WORKER'
                            AND assignment_1.valid_from <= $1::DATE
                            AND (assignment_1.valid_to IS NULL OR assignment_1.valid_to > $1::DATE)
                            AND assignment_1.path >= $2::VARCHAR COLLATE "C"
                            AND assignment_1.path < $3::VARCHAR COLLATE "C"
                            AND assignment_1.county_id = $4::BIGINT
                        )
                      )
                      AND place_1.path >= $2::VARCHAR COLLATE "C"
                      AND place_1.path < $3::VARCHAR COLLATE "C"
                      AND place_1.county_id = $4::BIGINT
                    ORDER BY place_1.id ASC
                    LIMIT $6::INTEGER
                  ) AS "a row"
              ) AS nodes
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
