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
                FROM consultation AS consultation_1
                WHERE
                  (
                    consultation_1.path >= $1::VARCHAR COLLATE "C"
                    AND consultation_1.path < $2::VARCHAR COLLATE "C"
                    AND consultation_1.county_id = $3::BIGINT
                    OR consultation_1.id = ANY(
                      array(
                        (
                          SELECT sharing_1.row_id
                          FROM sharing AS sharing_1
                          WHERE
                            sharing_1.noun = 'consultation'
                            AND sharing_1.path >= $1::VARCHAR COLLATE "C"
                            AND sharing_1.path < $2::VARCHAR COLLATE "C"
                            AND sharing_1.county_id = $3::BIGINT
                        )
                      )
                    )
                  )
                  AND consultation_1.state = ANY($4::TEXT[])
              ) AS "totalCount",
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                FROM
                  (
                    SELECT
                      consultation_1.issue AS issue,
                      consultation_1.state AS state,
                      CAST(
                        CASE consultation_1.state
                        WHEN 'CALLED' THEN '["HELD","CANCELLED"]'::json
                        WHEN 'HELD' THEN '["CLOSED"]'::json
                        WHEN 'CLOSED' THEN '[]'::json
                        WHEN 'CANCELLED' THEN '[]'::json ELSE '[]'::json END AS JSON
                      ) AS "nextStates",
                      coalesce(
                        (
                          SELECT row_to_json("a row") AS row_to_json_2
                          FROM
                            (
                              SELECT grid_1.name AS name
                              FROM grid AS grid_1
                              WHERE
                                grid_1.id = consultation_1.place_id
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
                                community_1.id = consultation_1.place_id
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
                                station_1.id = consultation_1.place_id
                                AND station_1.path >= $1::VARCHAR COLLATE "C"
                                AND station_1.path < $2::VARCHAR COLLATE "C"
                                AND station_1.county_id = $3::BIGINT
                            ) AS "a row"
                        )
                      ) AS place,
                      (
                        SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_2
                        FROM
                          (
                            SELECT
                              consultation_participant_1.to_name AS "toName",
                              consultation_participant_1.state AS state,
                              consultation_participant_1.representative AS representative,
                              coalesce(
                                (
                                  SELECT row_to_json("a row") AS row_to_json_5
                                  FROM
                                    (
                                      SELECT grid_2.name AS name
                                      FROM grid AS grid_2
                                      WHERE
                                        grid_2.id = consultation_participant_1.to_place_id
                                        AND grid_2.path >= $1::VARCHAR COLLATE "C"
                                        AND grid_2.path < $2::VARCHAR COLLATE "C"
                                        AND grid_2.county_id = $3::BIGINT
                                    ) AS "a row"
                                ),
                                (
                                  SELECT row_to_json("a row") AS row_to_json_6
                                  FROM
                                    (
                                      SELECT community_2.name AS name
                                      FROM community AS community_2
                                      WHERE
                                        community_2.id = consultation_participant_1.to_place_id
                                        AND community_2.path >= $1::VARCHAR COLLATE "C"
                                        AND community_2.path < $2::VARCHAR COLLATE "C"
                                        AND community_2.county_id = $3::BIGINT
                                    ) AS "a row"
                                ),
                                (
                                  SELECT row_to_json("a row") AS row_to_json_7
                                  FROM
                                    (
                                      SELECT station_2.name AS name
                                      FROM station AS station_2
                                      WHERE
                                        station_2.id = consultation_participant_1.to_place_id
                                        AND station_2.path >= $1::VARCHAR COLLATE "C"
                                        AND station_2.path < $2::VARCHAR COLLATE "C"
                                        AND station_2.county_id = $3::BIGINT
                                    ) AS "a row"
                                )
                              ) AS guest,
                              (
                                SELECT row_to_json("a row") AS row_to_json_8
                                FROM
                                  (
                                    SELECT
                                      'CONSULTATION_WRITE' = ANY($5::TEXT[])
                                      AND CASE
                                      WHEN NOT coalesce(
                                        consultation_participant_1.to_path >= $1::VARCHAR COLLATE "C" AND consultation_participant_1.to_path < $2::VARCHAR COLLATE "C" AND consultation_participant_1.to_county_id = $3::BIGINT,
                                        false
                                      ) THEN 'SEEN_ONLY'
                                      WHEN (
                                        NOT (
                                          EXISTS (
                                            SELECT *
                                            FROM consultation AS consultation_2
                                            WHERE
                                              consultation_2.id = consultation_participant_1.consultation_id
                                              AND consultation_2.state IN ('CALLED', 'HELD')
                                              AND (
                                                consultation_2.path >= $1::VARCHAR COLLATE "C"
                                                AND consultation_2.path < $2::VARCHAR COLLATE "C"
                                                AND consultation_2.county_id = $3::BIGINT
                                                OR consultation_2.id = ANY(
                                                  array(
                                                    (
                                                      SELECT sharing_2.row_id
                                                      FROM sharing AS sharing_2
                                                      WHERE
                                                        sharing_2.noun = 'consultation'
                                                        AND sharing_2.path >= $1::VARCHAR COLLATE "C"
                                                        AND sharing_2.path < $2::VARCHAR COLLATE "C"
                                                        AND sharing_2.county_id = $3::BIGINT
                                                    )
                                                  )
                                                )
                                              )
                                          )
                                        )
                                      ) THEN 'WRONG_STATE' END IS NULL AS answer
                                  ) AS "a row"
                              ) AS can
                            FROM consultation_participant AS consultation_participant_1
                            WHERE
                              consultation_1.id = consultation_participant_1.consultation_id
                              AND (
                                consultation_participant_1.path >= $1::VARCHAR COLLATE "C"
                                AND consultation_participant_1.path < $2::VARCHAR COLLATE "C"
                                AND consultation_participant_1.county_id = $3::BIGINT
                                OR consultation_participant_1.consultation_id = ANY(
                                  array(
                                    (
                                      SELECT sharing_3.row_id
                                      FROM sharing AS sharing_3
                                      WHERE
                                        sharing_3.noun = 'consultation'
                                        AND sharing_3.path >= $1::VARCHAR COLLATE "C"
                                        AND sharing_3.path < $2::VARCHAR COLLATE "C"
                                        AND sharing_3.county_id = $3::BIGINT
                                    )
                                  )
                                )
                              )
                            ORDER BY consultation_participant_1.id ASC
                          ) AS "a row"
                      ) AS participants,
                      (
                        SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_3
                        FROM
                          (
                            SELECT
                              (
                                SELECT row_to_json("a row") AS row_to_json_9
                                FROM
                                  (
                                    SELECT client_1.name AS name
                                    FROM client AS client_1
                                    WHERE
                                      consultation_attachment_1.client_id = client_1.id
                                      AND (
                                        client_1.path >= $1::VARCHAR COLLATE "C"
                                        AND client_1.path < $2::VARCHAR COLLATE "C"
                                        AND client_1.county_id = $3::BIGINT
                                        OR client_1.id = ANY(
                                          array(
                                            (
                                              SELECT sharing_4.row_id
                                              FROM sharing AS sharing_4
                                              WHERE
                                                sharing_4.noun = 'client'
                                                AND sharing_4.path >= $1::VARCHAR COLLATE "C"
                                                AND sharing_4.path < $2::VARCHAR COLLATE "C"
                                                AND sharing_4.county_id = $3::BIGINT
                                            )
                                          )
                                        )
                                      )
                                    ORDER BY client_1.id ASC
                                    LIMIT 1
                                  ) AS "a row"
                              ) AS client,
                              (
                                SELECT row_to_json("a row") AS row_to_json_10
                                FROM
                                  (
                                    SELECT
                                      survey_1.urgency AS urgency,
                                      (
                                        SELECT row_to_json("a row") AS row_to_json_11
                                        FROM
                                          (
                                            SELECT client_2.name AS name
                                            FROM client AS client_2
                                            WHERE
                                              survey_1.client_id = client_2.id
                                              AND (
                                                client_2.path >= $1::VARCHAR COLLATE "C"
                                                AND client_2.path < $2::VARCHAR COLLATE "C"
                                                AND client_2.county_id = $3::BIGINT
                                                OR client_2.id = ANY(
                                                  array(
                                                    (
                                                      SELECT sharing_5.row_id
                                                      FROM sharing AS sharing_5
                                                      WHERE
                                                        sharing_5.noun = 'client'
                                                        AND sharing_5.path >= $1::VARCHAR COLLATE "C"
                                                        AND sharing_5.path < $2::VARCHAR COLLATE "C"
                                                        AND sharing_5.county_id = $3::BIGINT
                                                    )
                                                  )
                                                )
                                              )
                                            ORDER BY client_2.id ASC
                                            LIMIT 1
                                          ) AS "a row"
                                      ) AS client
                                    FROM survey AS survey_1
                                    WHERE
                                      consultation_attachment_1.survey_id = survey_1.id
                                      AND (
                                        survey_1.path >= $1::VARCHAR COLLATE "C"
                                        AND survey_1.path < $2::VARCHAR COLLATE "C"
                                        AND survey_1.county_id = $3::BIGINT
                                        OR survey_1.id = ANY(
                                          array(
                                            (
                                              SELECT sharing_6.row_id
                                              FROM sharing AS sharing_6
                                              WHERE
                                                sharing_6.noun = 'survey'
                                                AND sharing_6.path >= $1::VARCHAR COLLATE "C"
                                                AND sharing_6.path < $2::VARCHAR COLLATE "C"
                                                AND sharing_6.county_id = $3::BIGINT
                                            )
                                          )
                                        )
                                      )
                                    ORDER BY survey_1.id ASC
                                    LIMIT 1
                                  ) AS "a row"
                              ) AS survey,
                              (
                                SELECT row_to_json("a row") AS row_to_json_12
                                FROM
                                  (
                                    SELECT referral_1.state AS state
                                    FROM referral AS referral_1
                                    WHERE
                                      consultation_attachment_1.referral_id = referral_1.id
                                      AND (
                                        referral_1.path >= $1::VARCHAR COLLATE "C"
                                        AND referral_1.path < $2::VARCHAR COLLATE "C"
                                        AND referral_1.county_id = $3::BIGINT
                                        OR referral_1.to_path >= $1::VARCHAR COLLATE "C"
                                        AND referral_1.to_path < $2::VARCHAR COLLATE "C"
                                        AND referral_1.to_county_id = $3::BIGINT
                                        OR referral_1.id = ANY(
                                          array(
                                            (
                                              SELECT sharing_7.row_id
                                              FROM sharing AS sharing_7
                                              WHERE
                                                sharing_7.noun = 'referral'
                                                AND sharing_7.path >= $1::VARCHAR COLLATE "C"
                                                AND sharing_7.path < $2::VARCHAR COLLATE "C"
                                                AND sharing_7.county_id = $3::BIGINT
                                            )
                                          )
                                        )
                                      )
                                    ORDER BY referral_1.id ASC
                                    LIMIT 1
                                  ) AS "a row"
                              ) AS referral
                            FROM consultation_attachment AS consultation_attachment_1
                            WHERE
                              consultation_1.id = consultation_attachment_1.consultation_id
                              AND (
                                consultation_attachment_1.path >= $1::VARCHAR COLLATE "C"
                                AND consultation_attachment_1.path < $2::VARCHAR COLLATE "C"
                                AND consultation_attachment_1.county_id = $3::BIGINT
                                OR consultation_attachment_1.consultation_id = ANY(
                                  array(
                                    (
                                      SELECT sharing_8.row_id
                                      FROM sharing AS sharing_8
                                      WHERE
                                        sharing_8.noun = 'consultation'
                                        AND sharing_8.path >= $1::VARCHAR COLLATE "C"
                                        AND sharing_8.path < $2::VARCHAR COLLATE "C"
                                        AND sharing_8.county_id = $3::BIGINT
                                    )
                                  )
                                )
                              )
                            ORDER BY consultation_attachment_1.id ASC
                          ) AS "a row"
                      ) AS attachments,
                      (
                        SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_4
                        FROM
                          (
                            SELECT
                              resolution_1.title AS title,
                              resolution_1.to_name AS "toName",
                              resolution_1.due_on AS "dueOn",
                              (
                                resolution_1.state IN ('OPEN', 'IN_PROGRESS')
                                AND resolution_1.due_on < CURRENT_DATE
                              ) AS overdue
                            FROM resolution AS resolution_1
                            WHERE
                              consultation_1.id = resolution_1.consultation_id
                              AND (
                                resolution_1.path >= $1::VARCHAR COLLATE "C"
                                AND resolution_1.path < $2::VARCHAR COLLATE "C"
                                AND resolution_1.county_id = $3::BIGINT
                                OR resolution_1.to_path >= $1::VARCHAR COLLATE "C"
                                AND resolution_1.to_path < $2::VARCHAR COLLATE "C"
                                AND resolution_1.to_county_id = $3::BIGINT
                                OR resolution_1.consultation_id = ANY(
                                  array(
                                    (
                                      SELECT sharing_9.row_id
                                      FROM sharing AS sharing_9
                                      WHERE
                                        sharing_9.noun = 'consultation'
                                        AND sharing_9.path >= $1::VARCHAR COLLATE "C"
                                        AND sharing_9.path < $2::VARCHAR COLLATE "C"
                                        AND sharing_9.county_id = $3::BIGINT
                                    )
                                  )
                                )
                              )
                            ORDER BY resolution_1.due_on ASC, resolution_1.id ASC
                          ) AS "a row"
                      ) AS resolutions
                    FROM consultation AS consultation_1
                    WHERE
                      (
                        consultation_1.path >= $1::VARCHAR COLLATE "C"
                        AND consultation_1.path < $2::VARCHAR COLLATE "C"
                        AND consultation_1.county_id = $3::BIGINT
                        OR consultation_1.id = ANY(
                          array(
                            (
                              SELECT sharing_1.row_id
                              FROM sharing AS sharing_1
                              WHERE
                                sharing_1.noun = 'consultation'
                                AND sharing_1.path >= $1::VARCHAR COLLATE "C"
                                AND sharing_1.path < $2::VARCHAR COLLATE "C"
                                AND sharing_1.county_id = $3::BIGINT
                            )
                          )
                        )
                      )
                      AND consultation_1.state = ANY($4::TEXT[])
                    ORDER BY consultation_1.id DESC
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
        SELECT row_to_json("a row") AS row_to_json_13
        FROM
          (
            SELECT
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_5
                FROM
                  (
                    SELECT
                      resolution_2.title AS title,
                      coalesce(
                        (
                          SELECT row_to_json("a row") AS row_to_json_14
                          FROM
                            (
                              SELECT grid_3.name AS name
                              FROM grid AS grid_3
                              WHERE
                                grid_3.id = resolution_2.to_place_id
                                AND grid_3.path >= $1::VARCHAR COLLATE "C"
                                AND grid_3.path < $2::VARCHAR COLLATE "C"
                                AND grid_3.county_id = $3::BIGINT
                            ) AS "a row"
                        ),
                        (
                          SELECT row_to_json("a row") AS row_to_json_15
                          FROM
                            (
                              SELECT community_3.name AS name
                              FROM community AS community_3
                              WHERE
                                community_3.id = resolution_2.to_place_id
                                AND community_3.path >= $1::VARCHAR COLLATE "C"
                                AND community_3.path < $2::VARCHAR COLLATE "C"
                                AND community_3.county_id = $3::BIGINT
                            ) AS "a row"
                        ),
                        (
                          SELECT row_to_json("a row") AS row_to_json_16
                          FROM
                            (
                              SELECT station_3.name AS name
                              FROM station AS station_3
                              WHERE
                                station_3.id = resolution_2.to_place_id
                                AND station_3.path >= $1::VARCHAR COLLATE "C"
                                AND station_3.path < $2::VARCHAR COLLATE "C"
                                AND station_3.county_id = $3::BIGINT
                            ) AS "a row"
                        )
                      ) AS owner,
                      (
                        SELECT row_to_json("a row") AS row_to_json_17
                        FROM
                          (
                            SELECT consultation_3.issue AS issue
                            FROM consultation AS consultation_3
                            WHERE
                              resolution_2.consultation_id = consultation_3.id
                              AND (
                                consultation_3.path >= $1::VARCHAR COLLATE "C"
                                AND consultation_3.path < $2::VARCHAR COLLATE "C"
                                AND consultation_3.county_id = $3::BIGINT
                                OR consultation_3.id = ANY(
                                  array(
                                    (
                                      SELECT sharing_10.row_id
                                      FROM sharing AS sharing_10
                                      WHERE
                                        sharing_10.noun = 'consultation'
                                        AND sharing_10.path >= $1::VARCHAR COLLATE "C"
                                        AND sharing_10.path < $2::VARCHAR COLLATE "C"
                                        AND sharing_10.county_id = $3::BIGINT
                                    )
                                  )
                                )
                              )
                            ORDER BY consultation_3.id ASC
                            LIMIT 1
                          ) AS "a row"
                      ) AS consultation
                    FROM resolution AS resolution_2
                    WHERE
                      (
                        resolution_2.path >= $1::VARCHAR COLLATE "C"
                        AND resolution_2.path < $2::VARCHAR COLLATE "C"
                        AND resolution_2.county_id = $3::BIGINT
                        OR resolution_2.to_path >= $1::VARCHAR COLLATE "C"
                        AND resolution_2.to_path < $2::VARCHAR COLLATE "C"
                        AND resolution_2.to_county_id = $3::BIGINT
                        OR resolution_2.consultation_id = ANY(
                          array(
                            (
                              SELECT sharing_11.row_id
                              FROM sharing AS sharing_11
                              WHERE
                                sharing_11.noun = 'consultation'
                                AND sharing_11.path >= $1::VARCHAR COLLATE "C"
                                AND sharing_11.path < $2::VARCHAR COLLATE "C"
                                AND sharing_11.county_id = $3::BIGINT
                            )
                          )
                        )
                      )
                      AND (
                        resolution_2.state IN ('OPEN', 'IN_PROGRESS')
                        AND resolution_2.due_on < CURRENT_DATE
                      ) = $7::BOOLEAN
                    ORDER BY resolution_2.due_on ASC, resolution_2.id ASC
                    LIMIT 20
                  ) AS "a row"
              ) AS nodes
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r1
FROM scope
