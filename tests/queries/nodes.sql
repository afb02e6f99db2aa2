WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $6::BIGINT,
      $7::INTEGER,
      $8::BIGINT,
      $9::BIGINT,
      $1::VARCHAR COLLATE "C",
      $10::VARCHAR
    ) AS state
)
SELECT
  scope.state,
  CASE WHEN (scope.state = 'OK') THEN convert_to(
    CAST(
      (
        SELECT coalesce(array_to_json(array_agg("a row" .value)), '[]'::json) AS coalesce_1
        FROM
          (
            SELECT
              CASE
              WHEN (asked.letter = 'VE') THEN (
                SELECT row_to_json("a row") AS row_to_json_1
                FROM
                  (
                    SELECT 'VE' || venue_1.id AS id
                    FROM venue AS venue_1
                    WHERE
                      venue_1.id = asked.key
                      AND venue_1.path >= $1::VARCHAR COLLATE "C"
                      AND venue_1.path < $2::VARCHAR COLLATE "C"
                      AND venue_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'AG') THEN (
                SELECT row_to_json("a row") AS row_to_json_2
                FROM
                  (
                    SELECT 'AG' || agency_1.id AS id
                    FROM agency AS agency_1
                    WHERE
                      agency_1.id = asked.key
                      AND agency_1.path >= $1::VARCHAR COLLATE "C"
                      AND agency_1.path < $2::VARCHAR COLLATE "C"
                      AND agency_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'RT') THEN (
                SELECT row_to_json("a row") AS row_to_json_3
                FROM
                  (
                    SELECT 'RT' || agency_rating_1.id AS id
                    FROM agency_rating AS agency_rating_1
                    WHERE
                      agency_rating_1.id = asked.key
                      AND agency_rating_1.path >= $1::VARCHAR COLLATE "C"
                      AND agency_rating_1.path < $2::VARCHAR COLLATE "C"
                      AND agency_rating_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'SO') THEN (
                SELECT row_to_json("a row") AS row_to_json_4
                FROM
                  (
                    SELECT 'SO' || service_offer_1.id AS id
                    FROM service_offer AS service_offer_1
                    WHERE
                      service_offer_1.id = asked.key
                      AND service_offer_1.path >= $1::VARCHAR COLLATE "C"
                      AND service_offer_1.path < $2::VARCHAR COLLATE "C"
                      AND service_offer_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'SI') THEN (
                SELECT row_to_json("a row") AS row_to_json_5
                FROM
                  (
                    SELECT 'SI' || service_item_1.id AS id
                    FROM service_item AS service_item_1
                    WHERE
                      service_item_1.id = asked.key
                      AND (
                        service_item_1.path >= $1::VARCHAR COLLATE "C"
                        AND service_item_1.path < $2::VARCHAR COLLATE "C"
                        AND service_item_1.county_id = $3::BIGINT
                        OR starts_with($1::VARCHAR COLLATE "C", service_item_1.path)
                      )
                  ) AS "a row"
              )
              WHEN (asked.letter = 'CL') THEN (
                SELECT row_to_json("a row") AS row_to_json_6
                FROM
                  (
                    SELECT 'CL' || client_1.id AS id
                    FROM client AS client_1
                    WHERE
                      client_1.id = asked.key
                      AND (
                        client_1.path >= $1::VARCHAR COLLATE "C"
                        AND client_1.path < $2::VARCHAR COLLATE "C"
                        AND client_1.county_id = $3::BIGINT
                        OR client_1.id = ANY(
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
                  ) AS "a row"
              )
              WHEN (asked.letter = 'SU') THEN (
                SELECT row_to_json("a row") AS row_to_json_7
                FROM
                  (
                    SELECT 'SU' || survey_1.id AS id
                    FROM survey AS survey_1
                    WHERE
                      survey_1.id = asked.key
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
                  ) AS "a row"
              )
              WHEN (asked.letter = 'P') THEN (
                SELECT row_to_json("a row") AS row_to_json_8
                FROM
                  (
                    SELECT 'P' || person_1.id AS id
                    FROM person AS person_1
                    WHERE
                      person_1.id = asked.key
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
                                AND (assignment_1.valid_to IS NULL OR assignment_1.valid_to > CURRENT_DATE)
                            )
                          )
                        )
                      )
                  ) AS "a row"
              )
              WHEN (asked.letter = 'A') THEN (
                SELECT row_to_json("a row") AS row_to_json_9
                FROM
                  (
                    SELECT 'A' || assignment_2.id AS id
                    FROM assignment AS assignment_2
                    WHERE
                      assignment_2.id = asked.key
                      AND assignment_2.path >= $1::VARCHAR COLLATE "C"
                      AND assignment_2.path < $2::VARCHAR COLLATE "C"
                      AND assignment_2.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'Q') THEN (
                SELECT row_to_json("a row") AS row_to_json_10
                FROM
                  (
                    SELECT 'Q' || qualification_1.id AS id
                    FROM qualification AS qualification_1
                    WHERE
                      qualification_1.id = asked.key
                      AND qualification_1.path >= $1::VARCHAR COLLATE "C"
                      AND qualification_1.path < $2::VARCHAR COLLATE "C"
                      AND qualification_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'K') THEN (
                SELECT row_to_json("a row") AS row_to_json_11
                FROM
                  (
                    SELECT 'K' || skill_1.id AS id
                    FROM skill AS skill_1
                    WHERE skill_1.id = asked.key
                  ) AS "a row"
              )
              WHEN (asked.letter = 'EX') THEN (
                SELECT row_to_json("a row") AS row_to_json_12
                FROM
                  (
                    SELECT 'EX' || exam_result_1.id AS id
                    FROM exam_result AS exam_result_1
                    WHERE
                      exam_result_1.id = asked.key
                      AND exam_result_1.path >= $1::VARCHAR COLLATE "C"
                      AND exam_result_1.path < $2::VARCHAR COLLATE "C"
                      AND exam_result_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'AW') THEN (
                SELECT row_to_json("a row") AS row_to_json_13
                FROM
                  (
                    SELECT 'AW' || award_1.id AS id
                    FROM award AS award_1
                    WHERE
                      award_1.id = asked.key
                      AND award_1.path >= $1::VARCHAR COLLATE "C"
                      AND award_1.path < $2::VARCHAR COLLATE "C"
                      AND award_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'AB') THEN (
                SELECT row_to_json("a row") AS row_to_json_14
                FROM
                  (
                    SELECT 'AB' || award_budget_1.id AS id
                    FROM award_budget AS award_budget_1
                    WHERE
                      award_budget_1.id = asked.key
                      AND award_budget_1.path >= $1::VARCHAR COLLATE "C"
                      AND award_budget_1.path < $2::VARCHAR COLLATE "C"
                      AND award_budget_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'TA') THEN (
                SELECT row_to_json("a row") AS row_to_json_15
                FROM
                  (
                    SELECT 'TA' || attendance_1.id AS id
                    FROM attendance AS attendance_1
                    WHERE
                      attendance_1.id = asked.key
                      AND attendance_1.path >= $1::VARCHAR COLLATE "C"
                      AND attendance_1.path < $2::VARCHAR COLLATE "C"
                      AND attendance_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'TE') THEN (
                SELECT row_to_json("a row") AS row_to_json_16
                FROM
                  (
                    SELECT 'TE' || training_event_1.id AS id
                    FROM training_event AS training_event_1
                    WHERE
                      training_event_1.id = asked.key
                      AND training_event_1.path >= $1::VARCHAR COLLATE "C"
                      AND training_event_1.path < $2::VARCHAR COLLATE "C"
                      AND training_event_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'SR') THEN (
                SELECT row_to_json("a row") AS row_to_json_17
                FROM
                  (
                    SELECT 'SR' || service_record_1.id AS id
                    FROM service_record AS service_record_1
                    WHERE
                      service_record_1.id = asked.key
                      AND service_record_1.path >= $1::VARCHAR COLLATE "C"
                      AND service_record_1.path < $2::VARCHAR COLLATE "C"
                      AND service_record_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'RF') THEN (
                SELECT row_to_json("a row") AS row_to_json_18
                FROM
                  (
                    SELECT 'RF' || referral_1.id AS id
                    FROM referral AS referral_1
                    WHERE
                      referral_1.id = asked.key
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
                  ) AS "a row"
              )
              WHEN (asked.letter = 'TG') THEN (
                SELECT row_to_json("a row") AS row_to_json_19
                FROM
                  (
                    SELECT 'TG' || target_1.id AS id
                    FROM target AS target_1
                    WHERE
                      target_1.id = asked.key
                      AND target_1.path >= $1::VARCHAR COLLATE "C"
                      AND target_1.path < $2::VARCHAR COLLATE "C"
                      AND target_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'T') THEN (
                SELECT row_to_json("a row") AS row_to_json_20
                FROM
                  (
                    SELECT 'T' || volunteer_team_1.id AS id
                    FROM volunteer_team AS volunteer_team_1
                    WHERE
                      volunteer_team_1.id = asked.key
                      AND volunteer_team_1.path >= $1::VARCHAR COLLATE "C"
                      AND volunteer_team_1.path < $2::VARCHAR COLLATE "C"
                      AND volunteer_team_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'M') THEN (
                SELECT row_to_json("a row") AS row_to_json_21
                FROM
                  (
                    SELECT 'M' || team_membership_1.id AS id
                    FROM team_membership AS team_membership_1
                    WHERE
                      team_membership_1.id = asked.key
                      AND team_membership_1.path >= $1::VARCHAR COLLATE "C"
                      AND team_membership_1.path < $2::VARCHAR COLLATE "C"
                      AND team_membership_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'LG') THEN (
                SELECT row_to_json("a row") AS row_to_json_22
                FROM
                  (
                    SELECT 'LG' || leading_group_1.id AS id
                    FROM leading_group AS leading_group_1
                    WHERE
                      leading_group_1.id = asked.key
                      AND leading_group_1.path >= $1::VARCHAR COLLATE "C"
                      AND leading_group_1.path < $2::VARCHAR COLLATE "C"
                      AND leading_group_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'LM') THEN (
                SELECT row_to_json("a row") AS row_to_json_23
                FROM
                  (
                    SELECT 'LM' || leading_group_member_1.id AS id
                    FROM leading_group_member AS leading_group_member_1
                    WHERE
                      leading_group_member_1.id = asked.key
                      AND leading_group_member_1.path >= $1::VARCHAR COLLATE "C"
                      AND leading_group_member_1.path < $2::VARCHAR COLLATE "C"
                      AND leading_group_member_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'IP') THEN (
                SELECT row_to_json("a row") AS row_to_json_24
                FROM
                  (
                    SELECT 'IP' || implementation_plan_1.id AS id
                    FROM implementation_plan AS implementation_plan_1
                    WHERE
                      implementation_plan_1.id = asked.key
                      AND implementation_plan_1.path >= $1::VARCHAR COLLATE "C"
                      AND implementation_plan_1.path < $2::VARCHAR COLLATE "C"
                      AND implementation_plan_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'ME') THEN (
                SELECT row_to_json("a row") AS row_to_json_25
                FROM
                  (
                    SELECT 'ME' || measure_1.id AS id
                    FROM measure AS measure_1
                    WHERE
                      measure_1.id = asked.key
                      AND measure_1.path >= $1::VARCHAR COLLATE "C"
                      AND measure_1.path < $2::VARCHAR COLLATE "C"
                      AND measure_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'CD') THEN (
                SELECT row_to_json("a row") AS row_to_json_26
                FROM
                  (
                    SELECT 'CD' || calendar_day_1.id AS id
                    FROM calendar_day AS calendar_day_1
                    WHERE
                      calendar_day_1.id = asked.key
                      AND (
                        calendar_day_1.path >= $1::VARCHAR COLLATE "C"
                        AND calendar_day_1.path < $2::VARCHAR COLLATE "C"
                        AND calendar_day_1.county_id = $3::BIGINT
                        OR starts_with($1::VARCHAR COLLATE "C", calendar_day_1.path)
                      )
                  ) AS "a row"
              )
              WHEN (asked.letter = 'C') THEN (
                SELECT row_to_json("a row") AS row_to_json_27
                FROM
                  (
                    SELECT 'C' || community_1.id AS id, community_1.name AS name, community_1.kind AS kind
                    FROM community AS community_1
                    WHERE
                      community_1.id = asked.key
                      AND community_1.path >= $1::VARCHAR COLLATE "C"
                      AND community_1.path < $2::VARCHAR COLLATE "C"
                      AND community_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'S') THEN (
                SELECT row_to_json("a row") AS row_to_json_28
                FROM
                  (
                    SELECT 'S' || station_1.id AS id, station_1.name AS name, station_1.level AS level
                    FROM station AS station_1
                    WHERE
                      station_1.id = asked.key
                      AND station_1.path >= $1::VARCHAR COLLATE "C"
                      AND station_1.path < $2::VARCHAR COLLATE "C"
                      AND station_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'G') THEN (
                SELECT row_to_json("a row") AS row_to_json_29
                FROM
                  (
                    SELECT 'G' || grid_1.id AS id, grid_1.name AS name
                    FROM grid AS grid_1
                    WHERE
                      grid_1.id = asked.key
                      AND grid_1.path >= $1::VARCHAR COLLATE "C"
                      AND grid_1.path < $2::VARCHAR COLLATE "C"
                      AND grid_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'CO') THEN (
                SELECT row_to_json("a row") AS row_to_json_30
                FROM
                  (
                    SELECT 'CO' || consultation_1.id AS id
                    FROM consultation AS consultation_1
                    WHERE
                      consultation_1.id = asked.key
                      AND (
                        consultation_1.path >= $1::VARCHAR COLLATE "C"
                        AND consultation_1.path < $2::VARCHAR COLLATE "C"
                        AND consultation_1.county_id = $3::BIGINT
                        OR consultation_1.id = ANY(
                          array(
                            (
                              SELECT sharing_4.row_id
                              FROM sharing AS sharing_4
                              WHERE
                                sharing_4.noun = 'consultation'
                                AND sharing_4.path >= $1::VARCHAR COLLATE "C"
                                AND sharing_4.path < $2::VARCHAR COLLATE "C"
                                AND sharing_4.county_id = $3::BIGINT
                            )
                          )
                        )
                      )
                  ) AS "a row"
              )
              WHEN (asked.letter = 'CP') THEN (
                SELECT row_to_json("a row") AS row_to_json_31
                FROM
                  (
                    SELECT 'CP' || consultation_participant_1.id AS id
                    FROM consultation_participant AS consultation_participant_1
                    WHERE
                      consultation_participant_1.id = asked.key
                      AND (
                        consultation_participant_1.path >= $1::VARCHAR COLLATE "C"
                        AND consultation_participant_1.path < $2::VARCHAR COLLATE "C"
                        AND consultation_participant_1.county_id = $3::BIGINT
                        OR consultation_participant_1.consultation_id = ANY(
                          array(
                            (
                              SELECT sharing_5.row_id
                              FROM sharing AS sharing_5
                              WHERE
                                sharing_5.noun = 'consultation'
                                AND sharing_5.path >= $1::VARCHAR COLLATE "C"
                                AND sharing_5.path < $2::VARCHAR COLLATE "C"
                                AND sharing_5.county_id = $3::BIGINT
                            )
                          )
                        )
                      )
                  ) AS "a row"
              )
              WHEN (asked.letter = 'CA') THEN (
                SELECT row_to_json("a row") AS row_to_json_32
                FROM
                  (
                    SELECT 'CA' || consultation_attachment_1.id AS id
                    FROM consultation_attachment AS consultation_attachment_1
                    WHERE
                      consultation_attachment_1.id = asked.key
                      AND (
                        consultation_attachment_1.path >= $1::VARCHAR COLLATE "C"
                        AND consultation_attachment_1.path < $2::VARCHAR COLLATE "C"
                        AND consultation_attachment_1.county_id = $3::BIGINT
                        OR consultation_attachment_1.consultation_id = ANY(
                          array(
                            (
                              SELECT sharing_6.row_id
                              FROM sharing AS sharing_6
                              WHERE
                                sharing_6.noun = 'consultation'
                                AND sharing_6.path >= $1::VARCHAR COLLATE "C"
                                AND sharing_6.path < $2::VARCHAR COLLATE "C"
                                AND sharing_6.county_id = $3::BIGINT
                            )
                          )
                        )
                      )
                  ) AS "a row"
              )
              WHEN (asked.letter = 'RS') THEN (
                SELECT row_to_json("a row") AS row_to_json_33
                FROM
                  (
                    SELECT 'RS' || resolution_1.id AS id
                    FROM resolution AS resolution_1
                    WHERE
                      resolution_1.id = asked.key
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
                              SELECT sharing_7.row_id
                              FROM sharing AS sharing_7
                              WHERE
                                sharing_7.noun = 'consultation'
                                AND sharing_7.path >= $1::VARCHAR COLLATE "C"
                                AND sharing_7.path < $2::VARCHAR COLLATE "C"
                                AND sharing_7.county_id = $3::BIGINT
                            )
                          )
                        )
                      )
                  ) AS "a row"
              )
              WHEN (asked.letter = 'VC') THEN (
                SELECT row_to_json("a row") AS row_to_json_34
                FROM
                  (
                    SELECT 'VC' || volunteer_call_1.id AS id
                    FROM volunteer_call AS volunteer_call_1
                    WHERE
                      volunteer_call_1.id = asked.key
                      AND volunteer_call_1.path >= $1::VARCHAR COLLATE "C"
                      AND volunteer_call_1.path < $2::VARCHAR COLLATE "C"
                      AND volunteer_call_1.county_id = $3::BIGINT
                  ) AS "a row"
              )
              WHEN (asked.letter = 'VS') THEN (
                SELECT row_to_json("a row") AS row_to_json_35
                FROM
                  (
                    SELECT 'VS' || sign_up_1.id AS id
                    FROM sign_up AS sign_up_1
                    WHERE
                      sign_up_1.id = asked.key
                      AND sign_up_1.path >= $1::VARCHAR COLLATE "C"
                      AND sign_up_1.path < $2::VARCHAR COLLATE "C"
                      AND sign_up_1.county_id = $3::BIGINT
                  ) AS "a row"
              ) END AS value
            FROM unnest($4::TEXT[], $5::BIGINT[]) WITH ORDINALITY AS asked(letter, key, position)
            ORDER BY asked.position
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
