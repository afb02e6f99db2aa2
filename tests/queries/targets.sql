WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $39::BIGINT,
      $40::INTEGER,
      $41::BIGINT,
      $42::BIGINT,
      $1::VARCHAR COLLATE "C",
      $43::VARCHAR
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
                FROM target AS target_1
                WHERE
                  target_1.path >= $1::VARCHAR COLLATE "C"
                  AND target_1.path < $2::VARCHAR COLLATE "C"
                  AND target_1.county_id = $3::BIGINT
                  AND target_1.indicator = $4::VARCHAR
                  AND target_1.begins_on <= $5::DATE
                  AND target_1.ends_on >= $6::DATE
                  AND (target_1.withdrawn_on IS NOT NULL) = $7::BOOLEAN
              ) AS "totalCount",
              (
                SELECT
                  coalesce(
                    array_to_json(array_agg(anon_1.value ORDER BY anon_1.position DESC)),
                    '[]'::json
                  ) AS coalesce_1
                FROM
                  (
                    SELECT
                      (
                        SELECT row_to_json("a row") AS row_to_json_2
                        FROM
                          (
                            SELECT
                              target_1.indicator AS indicator,
                              target_1.begins_on AS "beginsOn",
                              target_1.ends_on AS "endsOn",
                              target_1.amount AS amount,
                              coalesce(
                                CASE WHEN (target_1.indicator = 'SERVICE_RECORDS') THEN CAST(
                                  (
                                    SELECT count(service_record_1.id) AS count_2
                                    FROM service_record AS service_record_1
                                    WHERE
                                      service_record_1.path >= target_1.path
                                      AND service_record_1.path < (
                                        left(target_1.path, $8::INTEGER)
                                        || $9::VARCHAR COLLATE "C"
                                      )
                                      AND service_record_1.served_on >= target_1.begins_on
                                      AND service_record_1.served_on <= target_1.ends_on
                                      AND service_record_1.state = 'VALID'
                                      AND service_record_1.path >= $1::VARCHAR COLLATE "C"
                                      AND service_record_1.path < $2::VARCHAR COLLATE "C"
                                      AND service_record_1.county_id = $3::BIGINT
                                  ) AS BIGINT
                                ) WHEN (target_1.indicator = 'SERVICE_CONTACTS') THEN CAST(
                                  (
                                    SELECT sum(service_record_2.contacts) AS sum_1
                                    FROM service_record AS service_record_2
                                    WHERE
                                      service_record_2.path >= target_1.path
                                      AND service_record_2.path < (
                                        left(target_1.path, $10::INTEGER)
                                        || $11::VARCHAR COLLATE "C"
                                      )
                                      AND service_record_2.served_on >= target_1.begins_on
                                      AND service_record_2.served_on <= target_1.ends_on
                                      AND service_record_2.state = 'VALID'
                                      AND service_record_2.path >= $1::VARCHAR COLLATE "C"
                                      AND service_record_2.path < $2::VARCHAR COLLATE "C"
                                      AND service_record_2.county_id = $3::BIGINT
                                  ) AS BIGINT
                                ) WHEN (target_1.indicator = 'CLIENTS_SERVED') THEN CAST(
                                  (
                                    SELECT count(DISTINCT service_record_3.client_id) AS count_3
                                    FROM service_record AS service_record_3
                                    WHERE
                                      service_record_3.path >= target_1.path
                                      AND service_record_3.path < (
                                        left(target_1.path, $12::INTEGER)
                                        || $13::VARCHAR COLLATE "C"
                                      )
                                      AND service_record_3.served_on >= target_1.begins_on
                                      AND service_record_3.served_on <= target_1.ends_on
                                      AND service_record_3.state = 'VALID'
                                      AND service_record_3.path >= $1::VARCHAR COLLATE "C"
                                      AND service_record_3.path < $2::VARCHAR COLLATE "C"
                                      AND service_record_3.county_id = $3::BIGINT
                                  ) AS BIGINT
                                ) WHEN (target_1.indicator = 'SURVEYS') THEN CAST(
                                  (
                                    SELECT count(*) AS count_4
                                    FROM survey AS survey_1
                                    WHERE
                                      survey_1.path >= target_1.path
                                      AND survey_1.path < (
                                        left(target_1.path, $14::INTEGER)
                                        || $15::VARCHAR COLLATE "C"
                                      )
                                      AND survey_1.surveyed_on >= target_1.begins_on
                                      AND survey_1.surveyed_on <= target_1.ends_on
                                      AND (
                                        survey_1.path >= $1::VARCHAR COLLATE "C"
                                        AND survey_1.path < $2::VARCHAR COLLATE "C"
                                        AND survey_1.county_id = $3::BIGINT
                                        OR survey_1.id = ANY(
                                          array(
                                            (
                                              SELECT sharing_1.row_id
                                              FROM sharing AS sharing_1
                                              WHERE
                                                sharing_1.noun = 'survey'
                                                AND sharing_1.path >= $1::VARCHAR COLLATE "C"
                                                AND sharing_1.path < $2::VARCHAR COLLATE "C"
                                                AND sharing_1.county_id = $3::BIGINT
                                            )
                                          )
                                        )
                                      )
                                  ) AS BIGINT
                                ) WHEN (target_1.indicator = 'REFERRALS_COMPLETED') THEN CAST(
                                  (
                                    SELECT count(*) AS count_5
                                    FROM referral AS referral_1
                                    WHERE
                                      referral_1.to_path >= target_1.path
                                      AND referral_1.to_path < (
                                        left(target_1.path, $16::INTEGER)
                                        || $17::VARCHAR COLLATE "C"
                                      )
                                      AND referral_1.state = 'DONE'
                                      AND CAST(timezone('Asia/Shanghai', referral_1.closed_at) AS DATE) >= target_1.begins_on
                                      AND CAST(timezone('Asia/Shanghai', referral_1.closed_at) AS DATE) <= target_1.ends_on
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
                                              SELECT sharing_2.row_id
                                              FROM sharing AS sharing_2
                                              WHERE
                                                sharing_2.noun = 'referral'
                                                AND sharing_2.path >= $1::VARCHAR COLLATE "C"
                                                AND sharing_2.path < $2::VARCHAR COLLATE "C"
                                                AND sharing_2.county_id = $3::BIGINT
                                            )
                                          )
                                        )
                                      )
                                  ) AS BIGINT
                                ) WHEN (target_1.indicator = 'VOLUNTEER_HOURS') THEN CAST(
                                  (
                                    SELECT floor(sum(sign_up_1.hours)) AS floor_1
                                    FROM sign_up AS sign_up_1
                                    JOIN
                                      volunteer_call AS volunteer_call_1 ON volunteer_call_1.id = sign_up_1.call_id
                                    WHERE
                                      sign_up_1.path >= target_1.path
                                      AND sign_up_1.path < (
                                        left(target_1.path, $18::INTEGER)
                                        || $19::VARCHAR COLLATE "C"
                                      )
                                      AND sign_up_1.state = 'ATTENDED'
                                      AND volunteer_call_1.needed_on >= target_1.begins_on
                                      AND volunteer_call_1.needed_on <= target_1.ends_on
                                      AND sign_up_1.path >= $1::VARCHAR COLLATE "C"
                                      AND sign_up_1.path < $2::VARCHAR COLLATE "C"
                                      AND sign_up_1.county_id = $3::BIGINT
                                      AND volunteer_call_1.path >= $1::VARCHAR COLLATE "C"
                                      AND volunteer_call_1.path < $2::VARCHAR COLLATE "C"
                                      AND volunteer_call_1.county_id = $3::BIGINT
                                  ) AS BIGINT
                                ) END,
                                0
                              ) AS actual,
                              coalesce(
                                CASE WHEN (target_1.indicator = 'SERVICE_RECORDS') THEN CAST(
                                  (
                                    SELECT count(service_record_4.id) AS count_6
                                    FROM service_record AS service_record_4
                                    WHERE
                                      service_record_4.path >= target_1.path
                                      AND service_record_4.path < (
                                        left(target_1.path, $20::INTEGER)
                                        || $21::VARCHAR COLLATE "C"
                                      )
                                      AND service_record_4.served_on >= target_1.begins_on
                                      AND service_record_4.served_on <= target_1.ends_on
                                      AND service_record_4.state = 'VALID'
                                      AND service_record_4.path >= $1::VARCHAR COLLATE "C"
                                      AND service_record_4.path < $2::VARCHAR COLLATE "C"
                                      AND service_record_4.county_id = $3::BIGINT
                                  ) AS BIGINT
                                ) WHEN (target_1.indicator = 'SERVICE_CONTACTS') THEN CAST(
                                  (
                                    SELECT sum(service_record_5.contacts) AS sum_2
                                    FROM service_record AS service_record_5
                                    WHERE
                                      service_record_5.path >= target_1.path
                                      AND service_record_5.path < (
                                        left(target_1.path, $22::INTEGER)
                                        || $23::VARCHAR COLLATE "C"
                                      )
                                      AND service_record_5.served_on >= target_1.begins_on
                                      AND service_record_5.served_on <= target_1.ends_on
                                      AND service_record_5.state = 'VALID'
                                      AND service_record_5.path >= $1::VARCHAR COLLATE "C"
                                      AND service_record_5.path < $2::VARCHAR COLLATE "C"
                                      AND service_record_5.county_id = $3::BIGINT
                                  ) AS BIGINT
                                ) WHEN (target_1.indicator = 'CLIENTS_SERVED') THEN CAST(
                                  (
                                    SELECT count(DISTINCT service_record_6.client_id) AS count_7
                                    FROM service_record AS service_record_6
                                    WHERE
                                      service_record_6.path >= target_1.path
                                      AND service_record_6.path < (
                                        left(target_1.path, $24::INTEGER)
                                        || $25::VARCHAR COLLATE "C"
                                      )
                                      AND service_record_6.served_on >= target_1.begins_on
                                      AND service_record_6.served_on <= target_1.ends_on
                                      AND service_record_6.state = 'VALID'
                                      AND service_record_6.path >= $1::VARCHAR COLLATE "C"
                                      AND service_record_6.path < $2::VARCHAR COLLATE "C"
                                      AND service_record_6.county_id = $3::BIGINT
                                  ) AS BIGINT
                                ) WHEN (target_1.indicator = 'SURVEYS') THEN CAST(
                                  (
                                    SELECT count(*) AS count_8
                                    FROM survey AS survey_2
                                    WHERE
                                      survey_2.path >= target_1.path
                                      AND survey_2.path < (
                                        left(target_1.path, $26::INTEGER)
                                        || $27::VARCHAR COLLATE "C"
                                      )
                                      AND survey_2.surveyed_on >= target_1.begins_on
                                      AND survey_2.surveyed_on <= target_1.ends_on
                                      AND (
                                        survey_2.path >= $1::VARCHAR COLLATE "C"
                                        AND survey_2.path < $2::VARCHAR COLLATE "C"
                                        AND survey_2.county_id = $3::BIGINT
                                        OR survey_2.id = ANY(
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
                                  ) AS BIGINT
                                ) WHEN (target_1.indicator = 'REFERRALS_COMPLETED') THEN CAST(
                                  (
                                    SELECT count(*) AS count_9
                                    FROM referral AS referral_2
                                    WHERE
                                      referral_2.to_path >= target_1.path
                                      AND referral_2.to_path < (
                                        left(target_1.path, $28::INTEGER)
                                        || $29::VARCHAR COLLATE "C"
                                      )
                                      AND referral_2.state = 'DONE'
                                      AND CAST(timezone('Asia/Shanghai', referral_2.closed_at) AS DATE) >= target_1.begins_on
                                      AND CAST(timezone('Asia/Shanghai', referral_2.closed_at) AS DATE) <= target_1.ends_on
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
                                              SELECT sharing_4.row_id
                                              FROM sharing AS sharing_4
                                              WHERE
                                                sharing_4.noun = 'referral'
                                                AND sharing_4.path >= $1::VARCHAR COLLATE "C"
                                                AND sharing_4.path < $2::VARCHAR COLLATE "C"
                                                AND sharing_4.county_id = $3::BIGINT
                                            )
                                          )
                                        )
                                      )
                                  ) AS BIGINT
                                ) WHEN (target_1.indicator = 'VOLUNTEER_HOURS') THEN CAST(
                                  (
                                    SELECT floor(sum(sign_up_2.hours)) AS floor_2
                                    FROM sign_up AS sign_up_2
                                    JOIN
                                      volunteer_call AS volunteer_call_2 ON volunteer_call_2.id = sign_up_2.call_id
                                    WHERE
                                      sign_up_2.path >= target_1.path
                                      AND sign_up_2.path < (
                                        left(target_1.path, $30::INTEGER)
                                        || $31::VARCHAR COLLATE "C"
                                      )
                                      AND sign_up_2.state = 'ATTENDED'
                                      AND volunteer_call_2.needed_on >= target_1.begins_on
                                      AND volunteer_call_2.needed_on <= target_1.ends_on
                                      AND sign_up_2.path >= $1::VARCHAR COLLATE "C"
                                      AND sign_up_2.path < $2::VARCHAR COLLATE "C"
                                      AND sign_up_2.county_id = $3::BIGINT
                                      AND volunteer_call_2.path >= $1::VARCHAR COLLATE "C"
                                      AND volunteer_call_2.path < $2::VARCHAR COLLATE "C"
                                      AND volunteer_call_2.county_id = $3::BIGINT
                                  ) AS BIGINT
                                ) END,
                                0
                              ) >= target_1.amount AS reached,
                              coalesce(
                                (
                                  SELECT row_to_json("a row") AS row_to_json_3
                                  FROM
                                    (
                                      SELECT grid_1.name AS name
                                      FROM grid AS grid_1
                                      WHERE
                                        grid_1.id = target_1.place_id
                                        AND grid_1.path >= $1::VARCHAR COLLATE "C"
                                        AND grid_1.path < $2::VARCHAR COLLATE "C"
                                        AND grid_1.county_id = $3::BIGINT
                                    ) AS "a row"
                                ),
                                (
                                  SELECT row_to_json("a row") AS row_to_json_4
                                  FROM
                                    (
                                      SELECT community_1.name AS name
                                      FROM community AS community_1
                                      WHERE
                                        community_1.id = target_1.place_id
                                        AND community_1.path >= $1::VARCHAR COLLATE "C"
                                        AND community_1.path < $2::VARCHAR COLLATE "C"
                                        AND community_1.county_id = $3::BIGINT
                                    ) AS "a row"
                                ),
                                (
                                  SELECT row_to_json("a row") AS row_to_json_5
                                  FROM
                                    (
                                      SELECT station_1.name AS name
                                      FROM station AS station_1
                                      WHERE
                                        station_1.id = target_1.place_id
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
                                      target_2.amount AS amount,
                                      target_2.begins_on AS "beginsOn",
                                      target_2.ends_on AS "endsOn",
                                      coalesce(
                                        (
                                          SELECT row_to_json("a row") AS row_to_json_6
                                          FROM
                                            (
                                              SELECT grid_2.name AS name
                                              FROM grid AS grid_2
                                              WHERE
                                                grid_2.id = target_2.place_id
                                                AND grid_2.path >= $1::VARCHAR COLLATE "C"
                                                AND grid_2.path < $2::VARCHAR COLLATE "C"
                                                AND grid_2.county_id = $3::BIGINT
                                            ) AS "a row"
                                        ),
                                        (
                                          SELECT row_to_json("a row") AS row_to_json_7
                                          FROM
                                            (
                                              SELECT community_2.name AS name
                                              FROM community AS community_2
                                              WHERE
                                                community_2.id = target_2.place_id
                                                AND community_2.path >= $1::VARCHAR COLLATE "C"
                                                AND community_2.path < $2::VARCHAR COLLATE "C"
                                                AND community_2.county_id = $3::BIGINT
                                            ) AS "a row"
                                        ),
                                        (
                                          SELECT row_to_json("a row") AS row_to_json_8
                                          FROM
                                            (
                                              SELECT station_2.name AS name
                                              FROM station AS station_2
                                              WHERE
                                                station_2.id = target_2.place_id
                                                AND station_2.path >= $1::VARCHAR COLLATE "C"
                                                AND station_2.path < $2::VARCHAR COLLATE "C"
                                                AND station_2.county_id = $3::BIGINT
                                            ) AS "a row"
                                        )
                                      ) AS place
                                    FROM target AS target_2
                                    WHERE
                                      target_2.place_id = ANY(
                                        CAST(
                                          string_to_array(rtrim(target_1.path, $32::VARCHAR), $33::VARCHAR) AS BIGINT[]
                                        )
                                      )
                                      AND target_2.place_id != target_1.place_id
                                      AND target_2.indicator = target_1.indicator
                                      AND target_2.withdrawn_on IS NULL
                                      AND target_2.begins_on <= target_1.ends_on
                                      AND target_2.ends_on >= target_1.begins_on
                                      AND target_2.path >= $1::VARCHAR COLLATE "C"
                                      AND target_2.path < $2::VARCHAR COLLATE "C"
                                      AND target_2.county_id = $3::BIGINT
                                    ORDER BY target_2.path DESC, target_2.begins_on ASC, target_2.id ASC
                                  ) AS "a row"
                              ) AS chain
                          ) AS "a row"
                      ) AS value,
                      row_number() OVER (ORDER BY target_1.amount ASC, target_1.id ASC) AS position
                    FROM target AS target_1
                    WHERE
                      target_1.path >= $1::VARCHAR COLLATE "C"
                      AND target_1.path < $2::VARCHAR COLLATE "C"
                      AND target_1.county_id = $3::BIGINT
                      AND target_1.indicator = $4::VARCHAR
                      AND target_1.begins_on <= $5::DATE
                      AND target_1.ends_on >= $6::DATE
                      AND (target_1.withdrawn_on IS NOT NULL) = $7::BOOLEAN
                    ORDER BY target_1.amount ASC, target_1.id ASC
                    LIMIT $34::INTEGER
                  ) AS anon_1
              ) AS nodes
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0,
  CASE WHEN (scope.state = 'OK') THEN convert_to(
    CAST(
      (
        SELECT row_to_json("a row") AS row_to_json_9
        FROM
          (
            SELECT
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_3
                FROM
                  (
                    SELECT
                      coalesce(
                        (
                          SELECT row_to_json("a row") AS row_to_json_10
                          FROM
                            (
                              SELECT grid_3.name AS name
                              FROM grid AS grid_3
                              WHERE
                                grid_3.id = place_1.id
                                AND grid_3.path >= $1::VARCHAR COLLATE "C"
                                AND grid_3.path < $2::VARCHAR COLLATE "C"
                                AND grid_3.county_id = $3::BIGINT
                            ) AS "a row"
                        ),
                        (
                          SELECT row_to_json("a row") AS row_to_json_11
                          FROM
                            (
                              SELECT community_3.name AS name
                              FROM community AS community_3
                              WHERE
                                community_3.id = place_1.id
                                AND community_3.path >= $1::VARCHAR COLLATE "C"
                                AND community_3.path < $2::VARCHAR COLLATE "C"
                                AND community_3.county_id = $3::BIGINT
                            ) AS "a row"
                        ),
                        (
                          SELECT row_to_json("a row") AS row_to_json_12
                          FROM
                            (
                              SELECT station_3.name AS name
                              FROM station AS station_3
                              WHERE
                                station_3.id = place_1.id
                                AND station_3.path >= $1::VARCHAR COLLATE "C"
                                AND station_3.path < $2::VARCHAR COLLATE "C"
                                AND station_3.county_id = $3::BIGINT
                            ) AS "a row"
                        )
                      ) AS place,
                      (
                        SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_4
                        FROM
                          (
                            SELECT target_3.indicator AS indicator, target_3.amount AS amount
                            FROM target AS target_3
                            WHERE
                              target_3.place_id = place_1.id
                              AND target_3.withdrawn_on IS NULL
                              AND $35::DATE >= target_3.begins_on
                              AND $35::DATE <= target_3.ends_on
                              AND target_3.path >= $1::VARCHAR COLLATE "C"
                              AND target_3.path < $2::VARCHAR COLLATE "C"
                              AND target_3.county_id = $3::BIGINT
                            ORDER BY target_3.begins_on ASC, target_3.id ASC
                          ) AS "a row"
                      ) AS targets
                    FROM place AS place_1
                    WHERE
                      place_1.id = ANY(
                        CAST(string_to_array(rtrim(community_4.path, $36::VARCHAR), $37::VARCHAR) AS BIGINT[])
                      )
                      AND place_1.path >= $1::VARCHAR COLLATE "C"
                      AND place_1.path < $2::VARCHAR COLLATE "C"
                      AND place_1.county_id = $3::BIGINT
                    ORDER BY place_1.path DESC
                  ) AS "a row"
              ) AS "responsibilityChain"
            FROM community AS community_4
            WHERE
              community_4.code = $38::VARCHAR
              AND community_4.path >= $1::VARCHAR COLLATE "C"
              AND community_4.path < $2::VARCHAR COLLATE "C"
              AND community_4.county_id = $3::BIGINT
            ORDER BY community_4.id ASC
            LIMIT 1
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r1
FROM scope
