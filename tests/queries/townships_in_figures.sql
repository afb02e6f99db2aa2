WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $12::BIGINT,
      $13::INTEGER,
      $14::BIGINT,
      $15::BIGINT,
      $3::VARCHAR COLLATE "C",
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
              (
                SELECT row_to_json("a row") AS row_to_json_2
                FROM
                  (
                    SELECT
                      (
                        SELECT count(*) AS count_1
                        FROM place AS place_1
                        WHERE
                          place_1.path >= station_1.path
                          AND place_1.path < (left(station_1.path, $1::INTEGER) || $2::VARCHAR COLLATE "C")
                          AND (place_1.level = 'DEMONSTRATION' OR place_1.level = 'BASIC')
                          AND place_1.path >= $3::VARCHAR COLLATE "C"
                          AND place_1.path < $4::VARCHAR COLLATE "C"
                          AND place_1.county_id = $5::BIGINT
                          AND place_1.path >= $3::VARCHAR COLLATE "C"
                          AND place_1.path < $4::VARCHAR COLLATE "C"
                          AND place_1.county_id = $5::BIGINT
                      ) AS "totalCount",
                      (
                        SELECT coalesce(array_to_json(array_agg("a row" .value)), '[]'::json) AS coalesce_1
                        FROM
                          (
                            SELECT
                              (
                                SELECT row_to_json("a row") AS row_to_json_3
                                FROM
                                  (
                                    SELECT
                                      coalesce(
                                        (
                                          SELECT row_to_json("a row") AS row_to_json_4
                                          FROM
                                            (
                                              SELECT grid_1.name AS name
                                              FROM grid AS grid_1
                                              WHERE
                                                grid_1.id = place_1.id
                                                AND grid_1.path >= $3::VARCHAR COLLATE "C"
                                                AND grid_1.path < $4::VARCHAR COLLATE "C"
                                                AND grid_1.county_id = $5::BIGINT
                                            ) AS "a row"
                                        ),
                                        (
                                          SELECT row_to_json("a row") AS row_to_json_5
                                          FROM
                                            (
                                              SELECT community_1.name AS name
                                              FROM community AS community_1
                                              WHERE
                                                community_1.id = place_1.id
                                                AND community_1.path >= $3::VARCHAR COLLATE "C"
                                                AND community_1.path < $4::VARCHAR COLLATE "C"
                                                AND community_1.county_id = $5::BIGINT
                                            ) AS "a row"
                                        ),
                                        (
                                          SELECT row_to_json("a row") AS row_to_json_6
                                          FROM
                                            (
                                              SELECT station_2.name AS name
                                              FROM station AS station_2
                                              WHERE
                                                station_2.id = place_1.id
                                                AND station_2.path >= $3::VARCHAR COLLATE "C"
                                                AND station_2.path < $4::VARCHAR COLLATE "C"
                                                AND station_2.county_id = $5::BIGINT
                                            ) AS "a row"
                                        )
                                      ) AS place,
                                      figures.number_grid AS grids,
                                      (
                                        SELECT
                                          coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_2
                                        FROM
                                          (
                                            SELECT anon_1.kind AS kind, anon_1.count AS count
                                            FROM
                                              (
                                                SELECT
                                                  kinds.kind AS kind,
                                                  kinds.position AS position,
                                                  kinds.number AS count
                                                FROM
                                                  (
                                                    VALUES('GRID_WORKER', 0, figures.number_person_grid_worker),
                                                    (
                                                      'GRID_ASSISTANT',
                                                      1,
                                                      figures.number_person_grid_assistant
                                                    ),
                                                    (
                                                      'AUXILIARY_POLICE',
                                                      2,
                                                      figures.number_person_auxiliary_police
                                                    ),
                                                    ('SOCIAL_WORKER', 3, figures.number_person_social_worker),
                                                    ('VOLUNTEER', 4, figures.number_person_volunteer)
                                                  ) AS kinds(kind, position, number)
                                              ) AS anon_1
                                            ORDER BY anon_1.position
                                          ) AS "a row"
                                      ) AS "personnelByKind"
                                    FROM
                                      (
                                        SELECT
                                          CAST(
                                            coalesce(
                                              sum(anon_2.number) FILTER(WHERE anon_2.noun = 'GRID'),
                                              0
                                            ) AS BIGINT
                                          ) AS number_grid,
                                          CAST(
                                            coalesce(
                                              sum(anon_2.number) FILTER(
                                                WHERE anon_2.noun = 'PERSON' AND anon_2.kind = 'GRID_WORKER'
                                              ),
                                              0
                                            ) AS BIGINT
                                          ) AS number_person_grid_worker,
                                          CAST(
                                            coalesce(
                                              sum(anon_2.number) FILTER(
                                                WHERE
                                                  anon_2.noun = 'PERSON'
                                                  AND anon_2.kind = 'GRID_ASSISTANT'
                                              ),
                                              0
                                            ) AS BIGINT
                                          ) AS number_person_grid_assistant,
                                          CAST(
                                            coalesce(
                                              sum(anon_2.number) FILTER(
                                                WHERE
                                                  anon_2.noun = 'PERSON'
                                                  AND anon_2.kind = 'AUXILIARY_POLICE'
                                              ),
                                              0
                                            ) AS BIGINT
                                          ) AS number_person_auxiliary_police,
                                          CAST(
                                            coalesce(
                                              sum(anon_2.number) FILTER(
                                                WHERE anon_2.noun = 'PERSON' AND anon_2.kind = 'SOCIAL_WORKER'
                                              ),
                                              0
                                            ) AS BIGINT
                                          ) AS number_person_social_worker,
                                          CAST(
                                            coalesce(
                                              sum(anon_2.number) FILTER(
                                                WHERE anon_2.noun = 'PERSON' AND anon_2.kind = 'VOLUNTEER'
                                              ),
                                              0
                                            ) AS BIGINT
                                          ) AS number_person_volunteer
                                        FROM
                                          (
                                            SELECT
                                              network_rollup_1.noun AS noun,
                                              network_rollup_1.kind AS kind,
                                              network_rollup_1.number AS number,
                                              network_rollup_1.households AS households,
                                              network_rollup_1.residents AS residents
                                            FROM network_rollup AS network_rollup_1
                                            WHERE
                                              network_rollup_1.noun IN ('GRID', 'PERSON')
                                              AND network_rollup_1.open
                                              AND network_rollup_1.path >= $3::VARCHAR COLLATE "C"
                                              AND network_rollup_1.path < $4::VARCHAR COLLATE "C"
                                              AND network_rollup_1.county_id = $5::BIGINT
                                              AND network_rollup_1.place_id = place_1.id
                                              AND true UNION ALL
                                            SELECT
                                              network_delta_1.noun AS noun,
                                              network_delta_1.kind AS kind,
                                              network_delta_1.number AS number,
                                              network_delta_1.households AS households,
                                              network_delta_1.residents AS residents
                                            FROM network_delta AS network_delta_1
                                            WHERE
                                              network_delta_1.noun IN ('GRID', 'PERSON')
                                              AND network_delta_1.open
                                              AND network_delta_1.path >= $3::VARCHAR COLLATE "C"
                                              AND network_delta_1.path < $4::VARCHAR COLLATE "C"
                                              AND network_delta_1.county_id = $5::BIGINT
                                              AND network_delta_1.path >= place_1.path
                                              AND network_delta_1.path < (
                                                left(place_1.path, $6::INTEGER)
                                                || $7::VARCHAR COLLATE "C"
                                              )
                                              AND network_delta_1.station_id = place_1.id
                                              AND true UNION ALL
                                            SELECT
                                              network_rollup_2.noun AS noun,
                                              network_rollup_2.kind AS kind,
                                              -network_rollup_2.number AS number,
                                              -network_rollup_2.households AS households,
                                              -network_rollup_2.residents AS residents
                                            FROM network_rollup AS network_rollup_2
                                            JOIN place AS place_2 ON place_2.id = network_rollup_2.place_id
                                            WHERE
                                              network_rollup_2.noun IN ('GRID', 'PERSON')
                                              AND network_rollup_2.open
                                              AND network_rollup_2.path >= $3::VARCHAR COLLATE "C"
                                              AND network_rollup_2.path < $4::VARCHAR COLLATE "C"
                                              AND network_rollup_2.county_id = $5::BIGINT
                                              AND place_2.parent_id = place_1.id
                                              AND place_2.level = 'BASIC'
                                              AND place_2.path >= $3::VARCHAR COLLATE "C"
                                              AND place_2.path < $4::VARCHAR COLLATE "C"
                                              AND place_2.county_id = $5::BIGINT
                                              AND true UNION ALL
                                            SELECT
                                              'PERSON' AS noun,
                                              person_1.kind AS kind,
                                              1 AS number,
                                              0 AS households,
                                              0 AS residents
                                            FROM person AS person_1
                                            WHERE
                                              person_1.id = ANY(
                                                array(
                                                  (
                                                    SELECT assignment_1.person_id
                                                    FROM assignment AS assignment_1
                                                    WHERE
                                                      (
                                                        assignment_1.place_id = place_1.id
                                                        OR assignment_1.elsewhere
                                                        AND assignment_1.path >= place_1.path
                                                        AND assignment_1.path < (
                                                          left(place_1.path, $8::INTEGER)
                                                          || $9::VARCHAR COLLATE "C"
                                                        )
                                                        AND assignment_1.station_id = place_1.id
                                                      )
                                                      AND assignment_1.valid_from <= CURRENT_DATE
                                                      AND (
                                                        assignment_1.valid_to IS NULL
                                                        OR assignment_1.valid_to > CURRENT_DATE
                                                      )
                                                      AND assignment_1.path >= $3::VARCHAR COLLATE "C"
                                                      AND assignment_1.path < $4::VARCHAR COLLATE "C"
                                                      AND assignment_1.county_id = $5::BIGINT
                                                  )
                                                )
                                              )
                                              AND person_1.retired_on IS NULL
                                              AND person_1.station_id != place_1.id
                                              AND (
                                                person_1.path >= $3::VARCHAR COLLATE "C"
                                                AND person_1.path < $4::VARCHAR COLLATE "C"
                                                AND person_1.county_id = $5::BIGINT
                                                OR person_1.id = ANY(
                                                  array(
                                                    (
                                                      SELECT assignment_2.person_id
                                                      FROM assignment AS assignment_2
                                                      WHERE
                                                        assignment_2.elsewhere
                                                        AND assignment_2.path >= $3::VARCHAR COLLATE "C"
                                                        AND assignment_2.path < $4::VARCHAR COLLATE "C"
                                                        AND assignment_2.county_id = $5::BIGINT
                                                        AND assignment_2.valid_from <= CURRENT_DATE
                                                        AND (
                                                          assignment_2.valid_to IS NULL
                                                          OR assignment_2.valid_to > CURRENT_DATE
                                                        )
                                                    )
                                                  )
                                                )
                                              )
                                          ) AS anon_2
                                      ) AS figures
                                  ) AS "a row"
                              ) AS value
                            FROM place AS place_1
                            WHERE
                              place_1.path >= station_1.path
                              AND place_1.path < (
                                left(station_1.path, $1::INTEGER)
                                || $2::VARCHAR COLLATE "C"
                              )
                              AND (place_1.level = 'DEMONSTRATION' OR place_1.level = 'BASIC')
                              AND place_1.path >= $3::VARCHAR COLLATE "C"
                              AND place_1.path < $4::VARCHAR COLLATE "C"
                              AND place_1.county_id = $5::BIGINT
                              AND place_1.path >= $3::VARCHAR COLLATE "C"
                              AND place_1.path < $4::VARCHAR COLLATE "C"
                              AND place_1.county_id = $5::BIGINT
                            ORDER BY place_1.id ASC
                            LIMIT $10::INTEGER
                          ) AS "a row"
                      ) AS nodes
                  ) AS "a row"
              ) AS rollup
            FROM station AS station_1
            WHERE
              station_1.code = $11::VARCHAR
              AND station_1.path >= $3::VARCHAR COLLATE "C"
              AND station_1.path < $4::VARCHAR COLLATE "C"
              AND station_1.county_id = $5::BIGINT
            ORDER BY station_1.id ASC
            LIMIT 1
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
