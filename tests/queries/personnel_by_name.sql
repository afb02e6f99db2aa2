WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $8::BIGINT,
      $9::INTEGER,
      $10::BIGINT,
      $11::BIGINT,
      $1::VARCHAR COLLATE "C",
      $12::VARCHAR
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
                  AND person_1.kind = ANY($4::TEXT[])
              ) AS "totalCount",
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                FROM
                  (
                    SELECT
                      'P' || person_1.id AS id,
                      person_1.name AS name,
                      person_1.kind AS kind,
                      person_1.phone AS phone,
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
                      AND person_1.kind = ANY($4::TEXT[])
                    ORDER BY person_1.name ASC, person_1.id ASC
                    LIMIT $5::INTEGER
                  ) AS "a row"
              ) AS nodes,
              (
                SELECT row_to_json("a row") AS row_to_json_5
                FROM
                  (
                    SELECT
                      cardinality(anon_1. "all") > $5::INTEGER AS "hasNextPage",
                      anon_1. "all" [least(cardinality(anon_1. "all"), $5::INTEGER) ] AS "endCursor"
                    FROM
                      (
                        SELECT coalesce(array_agg(anon_2.cursor), '{}'::text[]) AS "all"
                        FROM
                          (
                            SELECT
                              replace(
                                encode(
                                  convert_to(
                                    CAST(json_build_array('name,id', person_1.name, person_1.id) AS TEXT),
                                    $6::VARCHAR
                                  ),
                                  'base64'
                                ),
                                E '\n',
                                ''
                              ) AS cursor
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
                                        AND (
                                          assignment_1.valid_to IS NULL
                                          OR assignment_1.valid_to > CURRENT_DATE
                                        )
                                    )
                                  )
                                )
                              )
                              AND person_1.kind = ANY($4::TEXT[])
                            ORDER BY person_1.name ASC, person_1.id ASC
                            LIMIT $5::INTEGER + $7::INTEGER
                          ) AS anon_2
                      ) AS anon_1
                  ) AS "a row"
              ) AS "pageInfo"
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
