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
                FROM referral AS referral_1
                WHERE
                  (
                    referral_1.path >= $1::VARCHAR COLLATE "C"
                    AND referral_1.path < $2::VARCHAR COLLATE "C"
                    AND referral_1.county_id = $3::BIGINT
                    OR referral_1.to_path >= $1::VARCHAR COLLATE "C"
                    AND referral_1.to_path < $2::VARCHAR COLLATE "C"
                    AND referral_1.to_county_id = $3::BIGINT
                    OR referral_1.id = ANY(
                      array(
                        (
                          SELECT sharing_1.row_id
                          FROM sharing AS sharing_1
                          WHERE
                            sharing_1.noun = 'referral'
                            AND sharing_1.path >= $1::VARCHAR COLLATE "C"
                            AND sharing_1.path < $2::VARCHAR COLLATE "C"
                            AND sharing_1.county_id = $3::BIGINT
                        )
                      )
                    )
                  )
                  AND NOT (referral_1.state = ANY($4::TEXT[]))
                  AND (
                    $5::VARCHAR = 'INCOMING'
                    AND referral_1.to_path >= $1::VARCHAR COLLATE "C"
                    AND referral_1.to_path < $2::VARCHAR COLLATE "C"
                    AND referral_1.to_county_id = $3::BIGINT
                    OR $5::VARCHAR = 'OUTGOING'
                    AND referral_1.path >= $1::VARCHAR COLLATE "C"
                    AND referral_1.path < $2::VARCHAR COLLATE "C"
                    AND referral_1.county_id = $3::BIGINT
                  )
              ) AS "totalCount",
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                FROM
                  (
                    SELECT
                      coalesce(
                        (
                          SELECT row_to_json("a row") AS row_to_json_2
                          FROM
                            (
                              SELECT grid_1.name AS name
                              FROM grid AS grid_1
                              WHERE
                                grid_1.id = referral_1.place_id
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
                                community_1.id = referral_1.place_id
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
                                station_1.id = referral_1.place_id
                                AND station_1.path >= $1::VARCHAR COLLATE "C"
                                AND station_1.path < $2::VARCHAR COLLATE "C"
                                AND station_1.county_id = $3::BIGINT
                            ) AS "a row"
                        )
                      ) AS "from",
                      referral_1.from_name AS "fromName",
                      coalesce(
                        (
                          SELECT row_to_json("a row") AS row_to_json_5
                          FROM
                            (
                              SELECT grid_2.name AS name
                              FROM grid AS grid_2
                              WHERE
                                grid_2.id = referral_1.to_place_id
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
                                community_2.id = referral_1.to_place_id
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
                                station_2.id = referral_1.to_place_id
                                AND station_2.path >= $1::VARCHAR COLLATE "C"
                                AND station_2.path < $2::VARCHAR COLLATE "C"
                                AND station_2.county_id = $3::BIGINT
                            ) AS "a row"
                        )
                      ) AS "to",
                      referral_1.state AS state,
                      CAST(
                        CASE referral_1.state
                        WHEN 'SENT' THEN '["ACCEPTED","REJECTED","WITHDRAWN"]'::json
                        WHEN 'ACCEPTED' THEN '["IN_PROGRESS","DONE","WITHDRAWN"]'::json
                        WHEN 'IN_PROGRESS' THEN '["DONE","WITHDRAWN"]'::json
                        WHEN 'DONE' THEN '[]'::json
                        WHEN 'REJECTED' THEN '[]'::json
                        WHEN 'WITHDRAWN' THEN '[]'::json ELSE '[]'::json END AS JSON
                      ) AS "nextStates",
                      referral_1.due_on AS "dueOn",
                      (
                        referral_1.state IN ('SENT', 'ACCEPTED', 'IN_PROGRESS')
                        AND referral_1.due_on < CURRENT_DATE
                      ) AS overdue,
                      referral_1.reason AS reason,
                      (
                        SELECT row_to_json("a row") AS row_to_json_8
                        FROM
                          (
                            SELECT
                              client_1.household_size AS "householdSize",
                              coalesce(
                                (
                                  SELECT row_to_json("a row") AS row_to_json_9
                                  FROM
                                    (
                                      SELECT grid_3.name AS name
                                      FROM grid AS grid_3
                                      WHERE
                                        grid_3.id = client_1.place_id
                                        AND grid_3.path >= $1::VARCHAR COLLATE "C"
                                        AND grid_3.path < $2::VARCHAR COLLATE "C"
                                        AND grid_3.county_id = $3::BIGINT
                                    ) AS "a row"
                                ),
                                (
                                  SELECT row_to_json("a row") AS row_to_json_10
                                  FROM
                                    (
                                      SELECT community_3.name AS name
                                      FROM community AS community_3
                                      WHERE
                                        community_3.id = client_1.place_id
                                        AND community_3.path >= $1::VARCHAR COLLATE "C"
                                        AND community_3.path < $2::VARCHAR COLLATE "C"
                                        AND community_3.county_id = $3::BIGINT
                                    ) AS "a row"
                                ),
                                (
                                  SELECT row_to_json("a row") AS row_to_json_11
                                  FROM
                                    (
                                      SELECT station_3.name AS name
                                      FROM station AS station_3
                                      WHERE
                                        station_3.id = client_1.place_id
                                        AND station_3.path >= $1::VARCHAR COLLATE "C"
                                        AND station_3.path < $2::VARCHAR COLLATE "C"
                                        AND station_3.county_id = $3::BIGINT
                                    ) AS "a row"
                                )
                              ) AS place,
                              (
                                SELECT row_to_json("a row") AS row_to_json_12
                                FROM
                                  (
                                    SELECT
                                      (
                                        SELECT count(*) AS count_2
                                        FROM survey AS survey_1
                                        WHERE
                                          client_1.id = survey_1.client_id
                                          AND (
                                            survey_1.path >= $1::VARCHAR COLLATE "C"
                                            AND survey_1.path < $2::VARCHAR COLLATE "C"
                                            AND survey_1.county_id = $3::BIGINT
                                            OR survey_1.id = ANY(
                                              array(
                                                (
                                                  SELECT sharing_2.row_id
                                                  FROM sharing AS sharing_2
                                                  WHERE
                                                    sharing_2.noun = 'survey'
                                                    AND sharing_2.path >= $1::VARCHAR COLLATE "C"
                                                    AND sharing_2.path < $2::VARCHAR COLLATE "C"
                                                    AND sharing_2.county_id = $3::BIGINT
                                                )
                                              )
                                            )
                                          )
                                      ) AS "totalCount"
                                  ) AS "a row"
                              ) AS surveys,
                              (
                                SELECT row_to_json("a row") AS row_to_json_13
                                FROM
                                  (
                                    SELECT
                                      (
                                        SELECT count(*) AS count_3
                                        FROM referral AS referral_2
                                        WHERE
                                          client_1.id = referral_2.client_id
                                          AND (
                                            referral_2.path >= $1::VARCHAR COLLATE "C"
                                            AND referral_2.path < $2::VARCHAR COLLATE "C"
                                            AND referral_2.county_id = $3::BIGINT
                                            OR referral_2.to_path >= $1::VARCHAR COLLATE "C"
                                            AND referral_2.to_path < $2::VARCHAR COLLATE "C"
                                            AND referral_2.to_county_id = $3::BIGINT
                                            OR referral_2.id = ANY(
                                              array(
                                                (
                                                  SELECT sharing_3.row_id
                                                  FROM sharing AS sharing_3
                                                  WHERE
                                                    sharing_3.noun = 'referral'
                                                    AND sharing_3.path >= $1::VARCHAR COLLATE "C"
                                                    AND sharing_3.path < $2::VARCHAR COLLATE "C"
                                                    AND sharing_3.county_id = $3::BIGINT
                                                )
                                              )
                                            )
                                          )
                                      ) AS "totalCount"
                                  ) AS "a row"
                              ) AS referrals
                            FROM client AS client_1
                            WHERE
                              referral_1.client_id = client_1.id
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
                        SELECT row_to_json("a row") AS row_to_json_14
                        FROM
                          (
                            SELECT
                              'REFERRAL_WRITE' = ANY($6::TEXT[]) AND CASE WHEN NOT coalesce(
                                referral_1.to_path >= $1::VARCHAR COLLATE "C" AND referral_1.to_path < $2::VARCHAR COLLATE "C" AND referral_1.to_county_id = $3::BIGINT,
                                false
                              ) THEN 'SEEN_ONLY' WHEN (referral_1.state != $7::VARCHAR) THEN 'WRONG_STATE' END IS NULL AS accept,
                              'REFERRAL_WRITE' = ANY($6::TEXT[]) AND CASE WHEN (
                                NOT (
                                  referral_1.path >= $1::VARCHAR COLLATE "C"
                                  AND referral_1.path < $2::VARCHAR COLLATE "C"
                                  AND referral_1.county_id = $3::BIGINT
                                )
                              ) THEN 'SEEN_ONLY' WHEN (
                                referral_1.state != $8::VARCHAR
                                AND referral_1.state != $9::VARCHAR
                                AND referral_1.state != $10::VARCHAR
                              ) THEN 'WRONG_STATE' END IS NULL AS withdraw,
                              'REFERRAL_WRITE' = ANY($6::TEXT[]) AND CASE WHEN NOT coalesce(
                                referral_1.to_path >= $1::VARCHAR COLLATE "C" AND referral_1.to_path < $2::VARCHAR COLLATE "C" AND referral_1.to_county_id = $3::BIGINT,
                                false
                              ) THEN 'SEEN_ONLY' WHEN (
                                referral_1.state != $11::VARCHAR
                                AND referral_1.state != $12::VARCHAR
                              ) THEN 'WRONG_STATE' END IS NULL AS complete
                          ) AS "a row"
                      ) AS can
                    FROM referral AS referral_1
                    WHERE
                      (
                        referral_1.path >= $1::VARCHAR COLLATE "C"
                        AND referral_1.path < $2::VARCHAR COLLATE "C"
                        AND referral_1.county_id = $3::BIGINT
                        OR referral_1.to_path >= $1::VARCHAR COLLATE "C"
                        AND referral_1.to_path < $2::VARCHAR COLLATE "C"
                        AND referral_1.to_county_id = $3::BIGINT
                        OR referral_1.id = ANY(
                          array(
                            (
                              SELECT sharing_1.row_id
                              FROM sharing AS sharing_1
                              WHERE
                                sharing_1.noun = 'referral'
                                AND sharing_1.path >= $1::VARCHAR COLLATE "C"
                                AND sharing_1.path < $2::VARCHAR COLLATE "C"
                                AND sharing_1.county_id = $3::BIGINT
                            )
                          )
                        )
                      )
                      AND NOT (referral_1.state = ANY($4::TEXT[]))
                      AND (
                        $5::VARCHAR = 'INCOMING'
                        AND referral_1.to_path >= $1::VARCHAR COLLATE "C"
                        AND referral_1.to_path < $2::VARCHAR COLLATE "C"
                        AND referral_1.to_county_id = $3::BIGINT
                        OR $5::VARCHAR = 'OUTGOING'
                        AND referral_1.path >= $1::VARCHAR COLLATE "C"
                        AND referral_1.path < $2::VARCHAR COLLATE "C"
                        AND referral_1.county_id = $3::BIGINT
                      )
                    ORDER BY referral_1.due_on ASC, referral_1.id ASC
                    LIMIT $13::INTEGER
                  ) AS "a row"
              ) AS nodes
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
