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
                      survey_1.surveyed_on AS "surveyedOn",
                      survey_1.kind AS kind,
                      survey_1.urgency AS urgency,
                      survey_1.state AS state,
                      survey_1.findings AS findings,
                      coalesce(
                        (
                          SELECT row_to_json("a row") AS row_to_json_2
                          FROM
                            (
                              SELECT grid_1.name AS name, 'Grid' AS "$type"
                              FROM grid AS grid_1
                              WHERE
                                grid_1.id = survey_1.place_id
                                AND grid_1.path >= $1::VARCHAR COLLATE "C"
                                AND grid_1.path < $2::VARCHAR COLLATE "C"
                                AND grid_1.county_id = $3::BIGINT
                            ) AS "a row"
                        ),
                        (
                          SELECT row_to_json("a row") AS row_to_json_3
                          FROM
                            (
                              SELECT community_1.name AS name, 'Community' AS "$type"
                              FROM community AS community_1
                              WHERE
                                community_1.id = survey_1.place_id
                                AND community_1.path >= $1::VARCHAR COLLATE "C"
                                AND community_1.path < $2::VARCHAR COLLATE "C"
                                AND community_1.county_id = $3::BIGINT
                            ) AS "a row"
                        ),
                        (
                          SELECT row_to_json("a row") AS row_to_json_4
                          FROM
                            (
                              SELECT station_1.name AS name, 'Station' AS "$type"
                              FROM station AS station_1
                              WHERE
                                station_1.id = survey_1.place_id
                                AND station_1.path >= $1::VARCHAR COLLATE "C"
                                AND station_1.path < $2::VARCHAR COLLATE "C"
                                AND station_1.county_id = $3::BIGINT
                            ) AS "a row"
                        )
                      ) AS place,
                      (
                        SELECT row_to_json("a row") AS row_to_json_5
                        FROM
                          (
                            SELECT person_1.kind AS kind
                            FROM person AS person_1
                            WHERE
                              survey_1.surveyor_id = person_1.id
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
                      ) AS surveyor,
                      (
                        SELECT row_to_json("a row") AS row_to_json_6
                        FROM
                          (
                            SELECT
                              client_1.name AS name,
                              (
                                SELECT
                                  coalesce(array_to_json(array_agg("a row" .value)), '[]'::json) AS coalesce_2
                                FROM
                                  (
                                    SELECT client_category_1.category AS value
                                    FROM client_category AS client_category_1
                                    WHERE
                                      client_category_1.client_id = client_1.id
                                      AND (
                                        client_category_1.path >= $1::VARCHAR COLLATE "C"
                                        AND client_category_1.path < $2::VARCHAR COLLATE "C"
                                        AND client_category_1.county_id = $3::BIGINT
                                        OR client_category_1.client_id = ANY(
                                          array(
                                            (
                                              SELECT sharing_1.row_id
                                              FROM sharing AS sharing_1
                                              WHERE
                                                sharing_1.noun = 'client'
                                                AND sharing_1.path >= $1::VARCHAR COLLATE "C"
                                                AND sharing_1.path < $2::VARCHAR COLLATE "C"
                                                AND sharing_1.county_id = $3::BIGINT
                                            )
                                          )
                                        )
                                      )
                                    ORDER BY client_category_1.category
                                  ) AS "a row"
                              ) AS categories,
                              client_1.id AS "$id",
                              client_1.phone_cipher AS "$phone_cipher",
                              client_1.id_number_cipher AS "$id_number_cipher",
                              client_1.birth_date_cipher AS "$birth_date_cipher",
                              client_1.address_cipher AS "$address_cipher"
                            FROM client AS client_1
                            WHERE
                              survey_1.client_id = client_1.id
                              AND (
                                client_1.path >= $1::VARCHAR COLLATE "C"
                                AND client_1.path < $2::VARCHAR COLLATE "C"
                                AND client_1.county_id = $3::BIGINT
                                OR client_1.id = ANY(
                                  array(
                                    (
                                      SELECT sharing_2.row_id
                                      FROM sharing AS sharing_2
                                      WHERE
                                        sharing_2.noun = 'client'
                                        AND sharing_2.path >= $1::VARCHAR COLLATE "C"
                                        AND sharing_2.path < $2::VARCHAR COLLATE "C"
                                        AND sharing_2.county_id = $3::BIGINT
                                    )
                                  )
                                )
                              )
                            ORDER BY client_1.id ASC
                            LIMIT 1
                          ) AS "a row"
                      ) AS client,
                      (
                        SELECT row_to_json("a row") AS row_to_json_7
                        FROM
                          (
                            SELECT
                              (
                                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_3
                                FROM
                                  (
                                    SELECT
                                      service_record_1.served_on AS "servedOn",
                                      (
                                        SELECT row_to_json("a row") AS row_to_json_8
                                        FROM
                                          (
                                            SELECT service_item_1.field AS field
                                            FROM service_item AS service_item_1
                                            WHERE
                                              service_record_1.item_id = service_item_1.id
                                              AND (
                                                service_item_1.path >= $1::VARCHAR COLLATE "C"
                                                AND service_item_1.path < $2::VARCHAR COLLATE "C"
                                                AND service_item_1.county_id = $3::BIGINT
                                                OR starts_with($1::VARCHAR COLLATE "C", service_item_1.path)
                                              )
                                            ORDER BY service_item_1.id ASC
                                            LIMIT 1
                                          ) AS "a row"
                                      ) AS item
                                    FROM service_record AS service_record_1
                                    WHERE
                                      service_record_1.survey_id = survey_1.id
                                      AND service_record_1.state = 'VALID'
                                      AND service_record_1.path >= $1::VARCHAR COLLATE "C"
                                      AND service_record_1.path < $2::VARCHAR COLLATE "C"
                                      AND service_record_1.county_id = $3::BIGINT
                                    ORDER BY service_record_1.served_on DESC, service_record_1.id DESC
                                    LIMIT 20
                                  ) AS "a row"
                              ) AS nodes
                          ) AS "a row"
                      ) AS "serviceRecords",
                      (
                        SELECT row_to_json("a row") AS row_to_json_9
                        FROM
                          (
                            SELECT
                              'SURVEY_WRITE' = ANY($4::TEXT[]) AND CASE WHEN (
                                NOT (
                                  survey_1.path >= $1::VARCHAR COLLATE "C"
                                  AND survey_1.path < $2::VARCHAR COLLATE "C"
                                  AND survey_1.county_id = $3::BIGINT
                                )
                              ) THEN 'SEEN_ONLY' WHEN (survey_1.state != $5::VARCHAR) THEN 'WRONG_STATE' END IS NULL AS update,
                              'SURVEY_WRITE' = ANY($4::TEXT[]) AND CASE WHEN (
                                NOT (
                                  survey_1.path >= $1::VARCHAR COLLATE "C"
                                  AND survey_1.path < $2::VARCHAR COLLATE "C"
                                  AND survey_1.county_id = $3::BIGINT
                                )
                              ) THEN 'SEEN_ONLY' WHEN (
                                survey_1.state != $6::VARCHAR
                                AND survey_1.state != $7::VARCHAR
                              ) THEN 'WRONG_STATE' END IS NULL AS close
                          ) AS "a row"
                      ) AS can
                    FROM survey AS survey_1
                    WHERE
                      (
                        survey_1.path >= $1::VARCHAR COLLATE "C"
                        AND survey_1.path < $2::VARCHAR COLLATE "C"
                        AND survey_1.county_id = $3::BIGINT
                        OR survey_1.id = ANY(
                          array(
                            (
                              SELECT sharing_3.row_id
                              FROM sharing AS sharing_3
                              WHERE
                                sharing_3.noun = 'survey'
                                AND sharing_3.path >= $1::VARCHAR COLLATE "C"
                                AND sharing_3.path < $2::VARCHAR COLLATE "C"
                                AND sharing_3.county_id = $3::BIGINT
                            )
                          )
                        )
                      )
                      AND NOT (survey_1.state = ANY($8::TEXT[]))
                      AND survey_1.urgency = ANY($9::TEXT[])
                    ORDER BY survey_1.surveyed_on DESC, survey_1.id DESC
                    LIMIT $10::INTEGER
                  ) AS "a row"
              ) AS nodes
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
