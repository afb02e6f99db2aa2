WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $10::BIGINT,
      $11::INTEGER,
      $12::BIGINT,
      $13::BIGINT,
      $3::VARCHAR COLLATE "C",
      $14::VARCHAR
    ) AS state
)
SELECT
  scope.state,
  CASE WHEN (scope.state = 'OK') THEN convert_to(
    CAST(
      CASE
      WHEN ($1::VARCHAR = 'VE') THEN (
        SELECT row_to_json("a row") AS row_to_json_1
        FROM
          (
            SELECT 'Venue' AS __typename, 'VE' || venue_1.id AS id
            FROM venue AS venue_1
            WHERE
              venue_1.id = $2::BIGINT
              AND venue_1.path >= $3::VARCHAR COLLATE "C"
              AND venue_1.path < $4::VARCHAR COLLATE "C"
              AND venue_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'AG') THEN (
        SELECT row_to_json("a row") AS row_to_json_2
        FROM
          (
            SELECT 'Agency' AS __typename, 'AG' || agency_1.id AS id
            FROM agency AS agency_1
            WHERE
              agency_1.id = $2::BIGINT
              AND agency_1.path >= $3::VARCHAR COLLATE "C"
              AND agency_1.path < $4::VARCHAR COLLATE "C"
              AND agency_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'RT') THEN (
        SELECT row_to_json("a row") AS row_to_json_3
        FROM
          (
            SELECT 'AgencyRating' AS __typename, 'RT' || agency_rating_1.id AS id
            FROM agency_rating AS agency_rating_1
            WHERE
              agency_rating_1.id = $2::BIGINT
              AND agency_rating_1.path >= $3::VARCHAR COLLATE "C"
              AND agency_rating_1.path < $4::VARCHAR COLLATE "C"
              AND agency_rating_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'SO') THEN (
        SELECT row_to_json("a row") AS row_to_json_4
        FROM
          (
            SELECT 'ServiceOffer' AS __typename, 'SO' || service_offer_1.id AS id
            FROM service_offer AS service_offer_1
            WHERE
              service_offer_1.id = $2::BIGINT
              AND service_offer_1.path >= $3::VARCHAR COLLATE "C"
              AND service_offer_1.path < $4::VARCHAR COLLATE "C"
              AND service_offer_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'SI') THEN (
        SELECT row_to_json("a row") AS row_to_json_5
        FROM
          (
            SELECT 'ServiceItem' AS __typename, 'SI' || service_item_1.id AS id
            FROM service_item AS service_item_1
            WHERE
              service_item_1.id = $2::BIGINT
              AND (
                service_item_1.path >= $3::VARCHAR COLLATE "C"
                AND service_item_1.path < $4::VARCHAR COLLATE "C"
                AND service_item_1.county_id = $5::BIGINT
                OR starts_with($3::VARCHAR COLLATE "C", service_item_1.path)
              )
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'CL') THEN (
        SELECT row_to_json("a row") AS row_to_json_6
        FROM
          (
            SELECT 'Client' AS __typename, 'CL' || client_1.id AS id
            FROM client AS client_1
            WHERE
              client_1.id = $2::BIGINT
              AND (
                client_1.path >= $3::VARCHAR COLLATE "C"
                AND client_1.path < $4::VARCHAR COLLATE "C"
                AND client_1.county_id = $5::BIGINT
                OR client_1.id = ANY(
                  array(
                    (
                      SELECT sharing_1.row_id
                      FROM sharing AS sharing_1
                      WHERE
                        sharing_1.noun = 'client'
                        AND sharing_1.path >= $3::VARCHAR COLLATE "C"
                        AND sharing_1.path < $4::VARCHAR COLLATE "C"
                        AND sharing_1.county_id = $5::BIGINT
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'SU') THEN (
        SELECT row_to_json("a row") AS row_to_json_7
        FROM
          (
            SELECT 'Survey' AS __typename, 'SU' || survey_1.id AS id
            FROM survey AS survey_1
            WHERE
              survey_1.id = $2::BIGINT
              AND (
                survey_1.path >= $3::VARCHAR COLLATE "C"
                AND survey_1.path < $4::VARCHAR COLLATE "C"
                AND survey_1.county_id = $5::BIGINT
                OR survey_1.id = ANY(
                  array(
                    (
                      SELECT sharing_2.row_id
                      FROM sharing AS sharing_2
                      WHERE
                        sharing_2.noun = 'survey'
                        AND sharing_2.path >= $3::VARCHAR COLLATE "C"
                        AND sharing_2.path < $4::VARCHAR COLLATE "C"
                        AND sharing_2.county_id = $5::BIGINT
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'P') THEN (
        SELECT row_to_json("a row") AS row_to_json_8
        FROM
          (
            SELECT 'Person' AS __typename, 'P' || person_1.id AS id
            FROM person AS person_1
            WHERE
              person_1.id = $2::BIGINT
              AND (
                person_1.path >= $3::VARCHAR COLLATE "C"
                AND person_1.path < $4::VARCHAR COLLATE "C"
                AND person_1.county_id = $5::BIGINT
                OR person_1.id = ANY(
                  array(
                    (
                      SELECT assignment_1.person_id
                      FROM assignment AS assignment_1
                      WHERE
                        assignment_1.elsewhere
                        AND assignment_1.path >= $3::VARCHAR COLLATE "C"
                        AND assignment_1.path < $4::VARCHAR COLLATE "C"
                        AND assignment_1.county_id = $5::BIGINT
                        AND assignment_1.valid_from <= CURRENT_DATE
                        AND (assignment_1.valid_to IS NULL OR assignment_1.valid_to > CURRENT_DATE)
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'A') THEN (
        SELECT row_to_json("a row") AS row_to_json_9
        FROM
          (
            SELECT 'Assignment' AS __typename, 'A' || assignment_2.id AS id
            FROM assignment AS assignment_2
            WHERE
              assignment_2.id = $2::BIGINT
              AND assignment_2.path >= $3::VARCHAR COLLATE "C"
              AND assignment_2.path < $4::VARCHAR COLLATE "C"
              AND assignment_2.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'Q') THEN (
        SELECT row_to_json("a row") AS row_to_json_10
        FROM
          (
            SELECT 'Qualification' AS __typename, 'Q' || qualification_1.id AS id
            FROM qualification AS qualification_1
            WHERE
              qualification_1.id = $2::BIGINT
              AND qualification_1.path >= $3::VARCHAR COLLATE "C"
              AND qualification_1.path < $4::VARCHAR COLLATE "C"
              AND qualification_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'K') THEN (
        SELECT row_to_json("a row") AS row_to_json_11
        FROM
          (
            SELECT 'Skill' AS __typename, 'K' || skill_1.id AS id
            FROM skill AS skill_1
            WHERE skill_1.id = $2::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'EX') THEN (
        SELECT row_to_json("a row") AS row_to_json_12
        FROM
          (
            SELECT 'ExamResult' AS __typename, 'EX' || exam_result_1.id AS id
            FROM exam_result AS exam_result_1
            WHERE
              exam_result_1.id = $2::BIGINT
              AND exam_result_1.path >= $3::VARCHAR COLLATE "C"
              AND exam_result_1.path < $4::VARCHAR COLLATE "C"
              AND exam_result_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'AW') THEN (
        SELECT row_to_json("a row") AS row_to_json_13
        FROM
          (
            SELECT 'Award' AS __typename, 'AW' || award_1.id AS id
            FROM award AS award_1
            WHERE
              award_1.id = $2::BIGINT
              AND award_1.path >= $3::VARCHAR COLLATE "C"
              AND award_1.path < $4::VARCHAR COLLATE "C"
              AND award_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'AB') THEN (
        SELECT row_to_json("a row") AS row_to_json_14
        FROM
          (
            SELECT 'AwardBudget' AS __typename, 'AB' || award_budget_1.id AS id
            FROM award_budget AS award_budget_1
            WHERE
              award_budget_1.id = $2::BIGINT
              AND award_budget_1.path >= $3::VARCHAR COLLATE "C"
              AND award_budget_1.path < $4::VARCHAR COLLATE "C"
              AND award_budget_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'TA') THEN (
        SELECT row_to_json("a row") AS row_to_json_15
        FROM
          (
            SELECT 'Attendance' AS __typename, 'TA' || attendance_1.id AS id
            FROM attendance AS attendance_1
            WHERE
              attendance_1.id = $2::BIGINT
              AND attendance_1.path >= $3::VARCHAR COLLATE "C"
              AND attendance_1.path < $4::VARCHAR COLLATE "C"
              AND attendance_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'TE') THEN (
        SELECT row_to_json("a row") AS row_to_json_16
        FROM
          (
            SELECT 'TrainingEvent' AS __typename, 'TE' || training_event_1.id AS id
            FROM training_event AS training_event_1
            WHERE
              training_event_1.id = $2::BIGINT
              AND training_event_1.path >= $3::VARCHAR COLLATE "C"
              AND training_event_1.path < $4::VARCHAR COLLATE "C"
              AND training_event_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'SR') THEN (
        SELECT row_to_json("a row") AS row_to_json_17
        FROM
          (
            SELECT 'ServiceRecord' AS __typename, 'SR' || service_record_1.id AS id
            FROM service_record AS service_record_1
            WHERE
              service_record_1.id = $2::BIGINT
              AND service_record_1.path >= $3::VARCHAR COLLATE "C"
              AND service_record_1.path < $4::VARCHAR COLLATE "C"
              AND service_record_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'RF') THEN (
        SELECT row_to_json("a row") AS row_to_json_18
        FROM
          (
            SELECT 'Referral' AS __typename, 'RF' || referral_1.id AS id
            FROM referral AS referral_1
            WHERE
              referral_1.id = $2::BIGINT
              AND (
                referral_1.path >= $3::VARCHAR COLLATE "C"
                AND referral_1.path < $4::VARCHAR COLLATE "C"
                AND referral_1.county_id = $5::BIGINT
                OR referral_1.to_path >= $3::VARCHAR COLLATE "C"
                AND referral_1.to_path < $4::VARCHAR COLLATE "C"
                AND referral_1.to_county_id = $5::BIGINT
                OR referral_1.id = ANY(
                  array(
                    (
                      SELECT sharing_3.row_id
                      FROM sharing AS sharing_3
                      WHERE
                        sharing_3.noun = 'referral'
                        AND sharing_3.path >= $3::VARCHAR COLLATE "C"
                        AND sharing_3.path < $4::VARCHAR COLLATE "C"
                        AND sharing_3.county_id = $5::BIGINT
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'TG') THEN (
        SELECT row_to_json("a row") AS row_to_json_19
        FROM
          (
            SELECT 'Target' AS __typename, 'TG' || target_1.id AS id
            FROM target AS target_1
            WHERE
              target_1.id = $2::BIGINT
              AND target_1.path >= $3::VARCHAR COLLATE "C"
              AND target_1.path < $4::VARCHAR COLLATE "C"
              AND target_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'T') THEN (
        SELECT row_to_json("a row") AS row_to_json_20
        FROM
          (
            SELECT 'VolunteerTeam' AS __typename, 'T' || volunteer_team_1.id AS id
            FROM volunteer_team AS volunteer_team_1
            WHERE
              volunteer_team_1.id = $2::BIGINT
              AND volunteer_team_1.path >= $3::VARCHAR COLLATE "C"
              AND volunteer_team_1.path < $4::VARCHAR COLLATE "C"
              AND volunteer_team_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'M') THEN (
        SELECT row_to_json("a row") AS row_to_json_21
        FROM
          (
            SELECT 'TeamMembership' AS __typename, 'M' || team_membership_1.id AS id
            FROM team_membership AS team_membership_1
            WHERE
              team_membership_1.id = $2::BIGINT
              AND team_membership_1.path >= $3::VARCHAR COLLATE "C"
              AND team_membership_1.path < $4::VARCHAR COLLATE "C"
              AND team_membership_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'LG') THEN (
        SELECT row_to_json("a row") AS row_to_json_22
        FROM
          (
            SELECT 'LeadingGroup' AS __typename, 'LG' || leading_group_1.id AS id
            FROM leading_group AS leading_group_1
            WHERE
              leading_group_1.id = $2::BIGINT
              AND leading_group_1.path >= $3::VARCHAR COLLATE "C"
              AND leading_group_1.path < $4::VARCHAR COLLATE "C"
              AND leading_group_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'LM') THEN (
        SELECT row_to_json("a row") AS row_to_json_23
        FROM
          (
            SELECT 'LeadingGroupMember' AS __typename, 'LM' || leading_group_member_1.id AS id
            FROM leading_group_member AS leading_group_member_1
            WHERE
              leading_group_member_1.id = $2::BIGINT
              AND leading_group_member_1.path >= $3::VARCHAR COLLATE "C"
              AND leading_group_member_1.path < $4::VARCHAR COLLATE "C"
              AND leading_group_member_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'IP') THEN (
        SELECT row_to_json("a row") AS row_to_json_24
        FROM
          (
            SELECT 'ImplementationPlan' AS __typename, 'IP' || implementation_plan_1.id AS id
            FROM implementation_plan AS implementation_plan_1
            WHERE
              implementation_plan_1.id = $2::BIGINT
              AND implementation_plan_1.path >= $3::VARCHAR COLLATE "C"
              AND implementation_plan_1.path < $4::VARCHAR COLLATE "C"
              AND implementation_plan_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'ME') THEN (
        SELECT row_to_json("a row") AS row_to_json_25
        FROM
          (
            SELECT 'Measure' AS __typename, 'ME' || measure_1.id AS id
            FROM measure AS measure_1
            WHERE
              measure_1.id = $2::BIGINT
              AND measure_1.path >= $3::VARCHAR COLLATE "C"
              AND measure_1.path < $4::VARCHAR COLLATE "C"
              AND measure_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'CD') THEN (
        SELECT row_to_json("a row") AS row_to_json_26
        FROM
          (
            SELECT 'CalendarDay' AS __typename, 'CD' || calendar_day_1.id AS id
            FROM calendar_day AS calendar_day_1
            WHERE
              calendar_day_1.id = $2::BIGINT
              AND (
                calendar_day_1.path >= $3::VARCHAR COLLATE "C"
                AND calendar_day_1.path < $4::VARCHAR COLLATE "C"
                AND calendar_day_1.county_id = $5::BIGINT
                OR starts_with($3::VARCHAR COLLATE "C", calendar_day_1.path)
              )
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'C') THEN (
        SELECT row_to_json("a row") AS row_to_json_27
        FROM
          (
            SELECT
              'Community' AS __typename,
              'C' || community_1.id AS id,
              community_1.code AS code,
              community_1.name AS name,
              (
                SELECT row_to_json("a row") AS row_to_json_28
                FROM
                  (
                    SELECT
                      station_1.code AS code,
                      (
                        SELECT row_to_json("a row") AS row_to_json_29
                        FROM
                          (
                            SELECT station_2.code AS code
                            FROM station AS station_2
                            WHERE
                              station_1.parent_id = station_2.id
                              AND station_2.path >= $3::VARCHAR COLLATE "C"
                              AND station_2.path < $4::VARCHAR COLLATE "C"
                              AND station_2.county_id = $5::BIGINT
                            ORDER BY station_2.id ASC
                            LIMIT 1
                          ) AS "a row"
                      ) AS parent
                    FROM station AS station_1
                    WHERE
                      community_1.parent_id = station_1.id
                      AND station_1.path >= $3::VARCHAR COLLATE "C"
                      AND station_1.path < $4::VARCHAR COLLATE "C"
                      AND station_1.county_id = $5::BIGINT
                    ORDER BY station_1.id ASC
                    LIMIT 1
                  ) AS "a row"
              ) AS parent
            FROM community AS community_1
            WHERE
              community_1.id = $2::BIGINT
              AND community_1.path >= $3::VARCHAR COLLATE "C"
              AND community_1.path < $4::VARCHAR COLLATE "C"
              AND community_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'S') THEN (
        SELECT row_to_json("a row") AS row_to_json_30
        FROM
          (
            SELECT
              'Station' AS __typename,
              'S' || station_3.id AS id,
              station_3.code AS code,
              station_3.name AS name,
              (
                SELECT row_to_json("a row") AS row_to_json_31
                FROM
                  (
                    SELECT
                      station_4.code AS code,
                      (
                        SELECT row_to_json("a row") AS row_to_json_32
                        FROM
                          (
                            SELECT station_5.code AS code
                            FROM station AS station_5
                            WHERE
                              station_4.parent_id = station_5.id
                              AND station_5.path >= $3::VARCHAR COLLATE "C"
                              AND station_5.path < $4::VARCHAR COLLATE "C"
                              AND station_5.county_id = $5::BIGINT
                            ORDER BY station_5.id ASC
                            LIMIT 1
                          ) AS "a row"
                      ) AS parent
                    FROM station AS station_4
                    WHERE
                      station_3.parent_id = station_4.id
                      AND station_4.path >= $3::VARCHAR COLLATE "C"
                      AND station_4.path < $4::VARCHAR COLLATE "C"
                      AND station_4.county_id = $5::BIGINT
                    ORDER BY station_4.id ASC
                    LIMIT 1
                  ) AS "a row"
              ) AS parent
            FROM station AS station_3
            WHERE
              station_3.id = $2::BIGINT
              AND station_3.path >= $3::VARCHAR COLLATE "C"
              AND station_3.path < $4::VARCHAR COLLATE "C"
              AND station_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'G') THEN (
        SELECT row_to_json("a row") AS row_to_json_33
        FROM
          (
            SELECT
              'Grid' AS __typename,
              'G' || grid_1.id AS id,
              grid_1.code AS code,
              grid_1.name AS name,
              (
                SELECT row_to_json("a row") AS row_to_json_34
                FROM
                  (
                    SELECT
                      community_2.code AS code,
                      (
                        SELECT row_to_json("a row") AS row_to_json_35
                        FROM
                          (
                            SELECT station_6.code AS code
                            FROM station AS station_6
                            WHERE
                              community_2.parent_id = station_6.id
                              AND station_6.path >= $3::VARCHAR COLLATE "C"
                              AND station_6.path < $4::VARCHAR COLLATE "C"
                              AND station_6.county_id = $5::BIGINT
                            ORDER BY station_6.id ASC
                            LIMIT 1
                          ) AS "a row"
                      ) AS parent
                    FROM community AS community_2
                    WHERE
                      grid_1.parent_id = community_2.id
                      AND community_2.path >= $3::VARCHAR COLLATE "C"
                      AND community_2.path < $4::VARCHAR COLLATE "C"
                      AND community_2.county_id = $5::BIGINT
                    ORDER BY community_2.id ASC
                    LIMIT 1
                  ) AS "a row"
              ) AS parent
            FROM grid AS grid_1
            WHERE
              grid_1.id = $2::BIGINT
              AND grid_1.path >= $3::VARCHAR COLLATE "C"
              AND grid_1.path < $4::VARCHAR COLLATE "C"
              AND grid_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'CO') THEN (
        SELECT row_to_json("a row") AS row_to_json_36
        FROM
          (
            SELECT 'Consultation' AS __typename, 'CO' || consultation_1.id AS id
            FROM consultation AS consultation_1
            WHERE
              consultation_1.id = $2::BIGINT
              AND (
                consultation_1.path >= $3::VARCHAR COLLATE "C"
                AND consultation_1.path < $4::VARCHAR COLLATE "C"
                AND consultation_1.county_id = $5::BIGINT
                OR consultation_1.id = ANY(
                  array(
                    (
                      SELECT sharing_4.row_id
                      FROM sharing AS sharing_4
                      WHERE
                        sharing_4.noun = 'consultation'
                        AND sharing_4.path >= $3::VARCHAR COLLATE "C"
                        AND sharing_4.path < $4::VARCHAR COLLATE "C"
                        AND sharing_4.county_id = $5::BIGINT
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'CP') THEN (
        SELECT row_to_json("a row") AS row_to_json_37
        FROM
          (
            SELECT 'ConsultationParticipant' AS __typename, 'CP' || consultation_participant_1.id AS id
            FROM consultation_participant AS consultation_participant_1
            WHERE
              consultation_participant_1.id = $2::BIGINT
              AND (
                consultation_participant_1.path >= $3::VARCHAR COLLATE "C"
                AND consultation_participant_1.path < $4::VARCHAR COLLATE "C"
                AND consultation_participant_1.county_id = $5::BIGINT
                OR consultation_participant_1.consultation_id = ANY(
                  array(
                    (
                      SELECT sharing_5.row_id
                      FROM sharing AS sharing_5
                      WHERE
                        sharing_5.noun = 'consultation'
                        AND sharing_5.path >= $3::VARCHAR COLLATE "C"
                        AND sharing_5.path < $4::VARCHAR COLLATE "C"
                        AND sharing_5.county_id = $5::BIGINT
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'CA') THEN (
        SELECT row_to_json("a row") AS row_to_json_38
        FROM
          (
            SELECT 'ConsultationAttachment' AS __typename, 'CA' || consultation_attachment_1.id AS id
            FROM consultation_attachment AS consultation_attachment_1
            WHERE
              consultation_attachment_1.id = $2::BIGINT
              AND (
                consultation_attachment_1.path >= $3::VARCHAR COLLATE "C"
                AND consultation_attachment_1.path < $4::VARCHAR COLLATE "C"
                AND consultation_attachment_1.county_id = $5::BIGINT
                OR consultation_attachment_1.consultation_id = ANY(
                  array(
                    (
                      SELECT sharing_6.row_id
                      FROM sharing AS sharing_6
                      WHERE
                        sharing_6.noun = 'consultation'
                        AND sharing_6.path >= $3::VARCHAR COLLATE "C"
                        AND sharing_6.path < $4::VARCHAR COLLATE "C"
                        AND sharing_6.county_id = $5::BIGINT
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'RS') THEN (
        SELECT row_to_json("a row") AS row_to_json_39
        FROM
          (
            SELECT 'Resolution' AS __typename, 'RS' || resolution_1.id AS id
            FROM resolution AS resolution_1
            WHERE
              resolution_1.id = $2::BIGINT
              AND (
                resolution_1.path >= $3::VARCHAR COLLATE "C"
                AND resolution_1.path < $4::VARCHAR COLLATE "C"
                AND resolution_1.county_id = $5::BIGINT
                OR resolution_1.to_path >= $3::VARCHAR COLLATE "C"
                AND resolution_1.to_path < $4::VARCHAR COLLATE "C"
                AND resolution_1.to_county_id = $5::BIGINT
                OR resolution_1.consultation_id = ANY(
                  array(
                    (
                      SELECT sharing_7.row_id
                      FROM sharing AS sharing_7
                      WHERE
                        sharing_7.noun = 'consultation'
                        AND sharing_7.path >= $3::VARCHAR COLLATE "C"
                        AND sharing_7.path < $4::VARCHAR COLLATE "C"
                        AND sharing_7.county_id = $5::BIGINT
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'VC') THEN (
        SELECT row_to_json("a row") AS row_to_json_40
        FROM
          (
            SELECT 'VolunteerCall' AS __typename, 'VC' || volunteer_call_1.id AS id
            FROM volunteer_call AS volunteer_call_1
            WHERE
              volunteer_call_1.id = $2::BIGINT
              AND volunteer_call_1.path >= $3::VARCHAR COLLATE "C"
              AND volunteer_call_1.path < $4::VARCHAR COLLATE "C"
              AND volunteer_call_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'VS') THEN (
        SELECT row_to_json("a row") AS row_to_json_41
        FROM
          (
            SELECT 'SignUp' AS __typename, 'VS' || sign_up_1.id AS id
            FROM sign_up AS sign_up_1
            WHERE
              sign_up_1.id = $2::BIGINT
              AND sign_up_1.path >= $3::VARCHAR COLLATE "C"
              AND sign_up_1.path < $4::VARCHAR COLLATE "C"
              AND sign_up_1.county_id = $5::BIGINT
          ) AS "a row"
      ) END AS TEXT
    ),
    'UTF8'
  ) END AS r0,
  CASE WHEN (scope.state = 'OK') THEN convert_to(
    CAST(
      CASE
      WHEN ($6::VARCHAR = 'VE') THEN (
        SELECT row_to_json("a row") AS row_to_json_42
        FROM
          (
            SELECT 'Venue' AS __typename, 'VE' || venue_2.id AS id
            FROM venue AS venue_2
            WHERE
              venue_2.id = $7::BIGINT
              AND venue_2.path >= $3::VARCHAR COLLATE "C"
              AND venue_2.path < $4::VARCHAR COLLATE "C"
              AND venue_2.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'AG') THEN (
        SELECT row_to_json("a row") AS row_to_json_43
        FROM
          (
            SELECT 'Agency' AS __typename, 'AG' || agency_2.id AS id
            FROM agency AS agency_2
            WHERE
              agency_2.id = $7::BIGINT
              AND agency_2.path >= $3::VARCHAR COLLATE "C"
              AND agency_2.path < $4::VARCHAR COLLATE "C"
              AND agency_2.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'RT') THEN (
        SELECT row_to_json("a row") AS row_to_json_44
        FROM
          (
            SELECT 'AgencyRating' AS __typename, 'RT' || agency_rating_2.id AS id
            FROM agency_rating AS agency_rating_2
            WHERE
              agency_rating_2.id = $7::BIGINT
              AND agency_rating_2.path >= $3::VARCHAR COLLATE "C"
              AND agency_rating_2.path < $4::VARCHAR COLLATE "C"
              AND agency_rating_2.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'SO') THEN (
        SELECT row_to_json("a row") AS row_to_json_45
        FROM
          (
            SELECT 'ServiceOffer' AS __typename, 'SO' || service_offer_2.id AS id
            FROM service_offer AS service_offer_2
            WHERE
              service_offer_2.id = $7::BIGINT
              AND service_offer_2.path >= $3::VARCHAR COLLATE "C"
              AND service_offer_2.path < $4::VARCHAR COLLATE "C"
              AND service_offer_2.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'SI') THEN (
        SELECT row_to_json("a row") AS row_to_json_46
        FROM
          (
            SELECT 'ServiceItem' AS __typename, 'SI' || service_item_2.id AS id
            FROM service_item AS service_item_2
            WHERE
              service_item_2.id = $7::BIGINT
              AND (
                service_item_2.path >= $3::VARCHAR COLLATE "C"
                AND service_item_2.path < $4::VARCHAR COLLATE "C"
                AND service_item_2.county_id = $5::BIGINT
                OR starts_with($3::VARCHAR COLLATE "C", service_item_2.path)
              )
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'CL') THEN (
        SELECT row_to_json("a row") AS row_to_json_47
        FROM
          (
            SELECT 'Client' AS __typename, 'CL' || client_2.id AS id
            FROM client AS client_2
            WHERE
              client_2.id = $7::BIGINT
              AND (
                client_2.path >= $3::VARCHAR COLLATE "C"
                AND client_2.path < $4::VARCHAR COLLATE "C"
                AND client_2.county_id = $5::BIGINT
                OR client_2.id = ANY(
                  array(
                    (
                      SELECT sharing_8.row_id
                      FROM sharing AS sharing_8
                      WHERE
                        sharing_8.noun = 'client'
                        AND sharing_8.path >= $3::VARCHAR COLLATE "C"
                        AND sharing_8.path < $4::VARCHAR COLLATE "C"
                        AND sharing_8.county_id = $5::BIGINT
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'SU') THEN (
        SELECT row_to_json("a row") AS row_to_json_48
        FROM
          (
            SELECT 'Survey' AS __typename, 'SU' || survey_2.id AS id
            FROM survey AS survey_2
            WHERE
              survey_2.id = $7::BIGINT
              AND (
                survey_2.path >= $3::VARCHAR COLLATE "C"
                AND survey_2.path < $4::VARCHAR COLLATE "C"
                AND survey_2.county_id = $5::BIGINT
                OR survey_2.id = ANY(
                  array(
                    (
                      SELECT sharing_9.row_id
                      FROM sharing AS sharing_9
                      WHERE
                        sharing_9.noun = 'survey'
                        AND sharing_9.path >= $3::VARCHAR COLLATE "C"
                        AND sharing_9.path < $4::VARCHAR COLLATE "C"
                        AND sharing_9.county_id = $5::BIGINT
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'P') THEN (
        SELECT row_to_json("a row") AS row_to_json_49
        FROM
          (
            SELECT 'Person' AS __typename, 'P' || person_2.id AS id
            FROM person AS person_2
            WHERE
              person_2.id = $7::BIGINT
              AND (
                person_2.path >= $3::VARCHAR COLLATE "C"
                AND person_2.path < $4::VARCHAR COLLATE "C"
                AND person_2.county_id = $5::BIGINT
                OR person_2.id = ANY(
                  array(
                    (
                      SELECT assignment_3.person_id
                      FROM assignment AS assignment_3
                      WHERE
                        assignment_3.elsewhere
                        AND assignment_3.path >= $3::VARCHAR COLLATE "C"
                        AND assignment_3.path < $4::VARCHAR COLLATE "C"
                        AND assignment_3.county_id = $5::BIGINT
                        AND assignment_3.valid_from <= CURRENT_DATE
                        AND (assignment_3.valid_to IS NULL OR assignment_3.valid_to > CURRENT_DATE)
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'A') THEN (
        SELECT row_to_json("a row") AS row_to_json_50
        FROM
          (
            SELECT 'Assignment' AS __typename, 'A' || assignment_4.id AS id
            FROM assignment AS assignment_4
            WHERE
              assignment_4.id = $7::BIGINT
              AND assignment_4.path >= $3::VARCHAR COLLATE "C"
              AND assignment_4.path < $4::VARCHAR COLLATE "C"
              AND assignment_4.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'Q') THEN (
        SELECT row_to_json("a row") AS row_to_json_51
        FROM
          (
            SELECT 'Qualification' AS __typename, 'Q' || qualification_2.id AS id
            FROM qualification AS qualification_2
            WHERE
              qualification_2.id = $7::BIGINT
              AND qualification_2.path >= $3::VARCHAR COLLATE "C"
              AND qualification_2.path < $4::VARCHAR COLLATE "C"
              AND qualification_2.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'K') THEN (
        SELECT row_to_json("a row") AS row_to_json_52
        FROM
          (
            SELECT 'Skill' AS __typename, 'K' || skill_2.id AS id
            FROM skill AS skill_2
            WHERE skill_2.id = $7::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'EX') THEN (
        SELECT row_to_json("a row") AS row_to_json_53
        FROM
          (
            SELECT 'ExamResult' AS __typename, 'EX' || exam_result_2.id AS id
            FROM exam_result AS exam_result_2
            WHERE
              exam_result_2.id = $7::BIGINT
              AND exam_result_2.path >= $3::VARCHAR COLLATE "C"
              AND exam_result_2.path < $4::VARCHAR COLLATE "C"
              AND exam_result_2.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'AW') THEN (
        SELECT row_to_json("a row") AS row_to_json_54
        FROM
          (
            SELECT 'Award' AS __typename, 'AW' || award_2.id AS id
            FROM award AS award_2
            WHERE
              award_2.id = $7::BIGINT
              AND award_2.path >= $3::VARCHAR COLLATE "C"
              AND award_2.path < $4::VARCHAR COLLATE "C"
              AND award_2.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'AB') THEN (
        SELECT row_to_json("a row") AS row_to_json_55
        FROM
          (
            SELECT 'AwardBudget' AS __typename, 'AB' || award_budget_2.id AS id
            FROM award_budget AS award_budget_2
            WHERE
              award_budget_2.id = $7::BIGINT
              AND award_budget_2.path >= $3::VARCHAR COLLATE "C"
              AND award_budget_2.path < $4::VARCHAR COLLATE "C"
              AND award_budget_2.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'TA') THEN (
        SELECT row_to_json("a row") AS row_to_json_56
        FROM
          (
            SELECT 'Attendance' AS __typename, 'TA' || attendance_2.id AS id
            FROM attendance AS attendance_2
            WHERE
              attendance_2.id = $7::BIGINT
              AND attendance_2.path >= $3::VARCHAR COLLATE "C"
              AND attendance_2.path < $4::VARCHAR COLLATE "C"
              AND attendance_2.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'TE') THEN (
        SELECT row_to_json("a row") AS row_to_json_57
        FROM
          (
            SELECT 'TrainingEvent' AS __typename, 'TE' || training_event_2.id AS id
            FROM training_event AS training_event_2
            WHERE
              training_event_2.id = $7::BIGINT
              AND training_event_2.path >= $3::VARCHAR COLLATE "C"
              AND training_event_2.path < $4::VARCHAR COLLATE "C"
              AND training_event_2.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'SR') THEN (
        SELECT row_to_json("a row") AS row_to_json_58
        FROM
          (
            SELECT 'ServiceRecord' AS __typename, 'SR' || service_record_2.id AS id
            FROM service_record AS service_record_2
            WHERE
              service_record_2.id = $7::BIGINT
              AND service_record_2.path >= $3::VARCHAR COLLATE "C"
              AND service_record_2.path < $4::VARCHAR COLLATE "C"
              AND service_record_2.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'RF') THEN (
        SELECT row_to_json("a row") AS row_to_json_59
        FROM
          (
            SELECT 'Referral' AS __typename, 'RF' || referral_2.id AS id
            FROM referral AS referral_2
            WHERE
              referral_2.id = $7::BIGINT
              AND (
                referral_2.path >= $3::VARCHAR COLLATE "C"
                AND referral_2.path < $4::VARCHAR COLLATE "C"
                AND referral_2.county_id = $5::BIGINT
                OR referral_2.to_path >= $3::VARCHAR COLLATE "C"
                AND referral_2.to_path < $4::VARCHAR COLLATE "C"
                AND referral_2.to_county_id = $5::BIGINT
                OR referral_2.id = ANY(
                  array(
                    (
                      SELECT sharing_10.row_id
                      FROM sharing AS sharing_10
                      WHERE
                        sharing_10.noun = 'referral'
                        AND sharing_10.path >= $3::VARCHAR COLLATE "C"
                        AND sharing_10.path < $4::VARCHAR COLLATE "C"
                        AND sharing_10.county_id = $5::BIGINT
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'TG') THEN (
        SELECT row_to_json("a row") AS row_to_json_60
        FROM
          (
            SELECT 'Target' AS __typename, 'TG' || target_2.id AS id
            FROM target AS target_2
            WHERE
              target_2.id = $7::BIGINT
              AND target_2.path >= $3::VARCHAR COLLATE "C"
              AND target_2.path < $4::VARCHAR COLLATE "C"
              AND target_2.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'T') THEN (
        SELECT row_to_json("a row") AS row_to_json_61
        FROM
          (
            SELECT 'VolunteerTeam' AS __typename, 'T' || volunteer_team_2.id AS id
            FROM volunteer_team AS volunteer_team_2
            WHERE
              volunteer_team_2.id = $7::BIGINT
              AND volunteer_team_2.path >= $3::VARCHAR COLLATE "C"
              AND volunteer_team_2.path < $4::VARCHAR COLLATE "C"
              AND volunteer_team_2.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'M') THEN (
        SELECT row_to_json("a row") AS row_to_json_62
        FROM
          (
            SELECT 'TeamMembership' AS __typename, 'M' || team_membership_2.id AS id
            FROM team_membership AS team_membership_2
            WHERE
              team_membership_2.id = $7::BIGINT
              AND team_membership_2.path >= $3::VARCHAR COLLATE "C"
              AND team_membership_2.path < $4::VARCHAR COLLATE "C"
              AND team_membership_2.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'LG') THEN (
        SELECT row_to_json("a row") AS row_to_json_63
        FROM
          (
            SELECT 'LeadingGroup' AS __typename, 'LG' || leading_group_2.id AS id
            FROM leading_group AS leading_group_2
            WHERE
              leading_group_2.id = $7::BIGINT
              AND leading_group_2.path >= $3::VARCHAR COLLATE "C"
              AND leading_group_2.path < $4::VARCHAR COLLATE "C"
              AND leading_group_2.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'LM') THEN (
        SELECT row_to_json("a row") AS row_to_json_64
        FROM
          (
            SELECT 'LeadingGroupMember' AS __typename, 'LM' || leading_group_member_2.id AS id
            FROM leading_group_member AS leading_group_member_2
            WHERE
              leading_group_member_2.id = $7::BIGINT
              AND leading_group_member_2.path >= $3::VARCHAR COLLATE "C"
              AND leading_group_member_2.path < $4::VARCHAR COLLATE "C"
              AND leading_group_member_2.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'IP') THEN (
        SELECT row_to_json("a row") AS row_to_json_65
        FROM
          (
            SELECT 'ImplementationPlan' AS __typename, 'IP' || implementation_plan_2.id AS id
            FROM implementation_plan AS implementation_plan_2
            WHERE
              implementation_plan_2.id = $7::BIGINT
              AND implementation_plan_2.path >= $3::VARCHAR COLLATE "C"
              AND implementation_plan_2.path < $4::VARCHAR COLLATE "C"
              AND implementation_plan_2.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'ME') THEN (
        SELECT row_to_json("a row") AS row_to_json_66
        FROM
          (
            SELECT 'Measure' AS __typename, 'ME' || measure_2.id AS id
            FROM measure AS measure_2
            WHERE
              measure_2.id = $7::BIGINT
              AND measure_2.path >= $3::VARCHAR COLLATE "C"
              AND measure_2.path < $4::VARCHAR COLLATE "C"
              AND measure_2.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'CD') THEN (
        SELECT row_to_json("a row") AS row_to_json_67
        FROM
          (
            SELECT 'CalendarDay' AS __typename, 'CD' || calendar_day_2.id AS id
            FROM calendar_day AS calendar_day_2
            WHERE
              calendar_day_2.id = $7::BIGINT
              AND (
                calendar_day_2.path >= $3::VARCHAR COLLATE "C"
                AND calendar_day_2.path < $4::VARCHAR COLLATE "C"
                AND calendar_day_2.county_id = $5::BIGINT
                OR starts_with($3::VARCHAR COLLATE "C", calendar_day_2.path)
              )
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'C') THEN (
        SELECT row_to_json("a row") AS row_to_json_68
        FROM
          (
            SELECT 'Community' AS __typename, 'C' || community_3.id AS id
            FROM community AS community_3
            WHERE
              community_3.id = $7::BIGINT
              AND community_3.path >= $3::VARCHAR COLLATE "C"
              AND community_3.path < $4::VARCHAR COLLATE "C"
              AND community_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'S') THEN (
        SELECT row_to_json("a row") AS row_to_json_69
        FROM
          (
            SELECT 'Station' AS __typename, 'S' || station_7.id AS id
            FROM station AS station_7
            WHERE
              station_7.id = $7::BIGINT
              AND station_7.path >= $3::VARCHAR COLLATE "C"
              AND station_7.path < $4::VARCHAR COLLATE "C"
              AND station_7.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'G') THEN (
        SELECT row_to_json("a row") AS row_to_json_70
        FROM
          (
            SELECT 'Grid' AS __typename, 'G' || grid_2.id AS id
            FROM grid AS grid_2
            WHERE
              grid_2.id = $7::BIGINT
              AND grid_2.path >= $3::VARCHAR COLLATE "C"
              AND grid_2.path < $4::VARCHAR COLLATE "C"
              AND grid_2.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'CO') THEN (
        SELECT row_to_json("a row") AS row_to_json_71
        FROM
          (
            SELECT 'Consultation' AS __typename, 'CO' || consultation_2.id AS id
            FROM consultation AS consultation_2
            WHERE
              consultation_2.id = $7::BIGINT
              AND (
                consultation_2.path >= $3::VARCHAR COLLATE "C"
                AND consultation_2.path < $4::VARCHAR COLLATE "C"
                AND consultation_2.county_id = $5::BIGINT
                OR consultation_2.id = ANY(
                  array(
                    (
                      SELECT sharing_11.row_id
                      FROM sharing AS sharing_11
                      WHERE
                        sharing_11.noun = 'consultation'
                        AND sharing_11.path >= $3::VARCHAR COLLATE "C"
                        AND sharing_11.path < $4::VARCHAR COLLATE "C"
                        AND sharing_11.county_id = $5::BIGINT
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'CP') THEN (
        SELECT row_to_json("a row") AS row_to_json_72
        FROM
          (
            SELECT 'ConsultationParticipant' AS __typename, 'CP' || consultation_participant_2.id AS id
            FROM consultation_participant AS consultation_participant_2
            WHERE
              consultation_participant_2.id = $7::BIGINT
              AND (
                consultation_participant_2.path >= $3::VARCHAR COLLATE "C"
                AND consultation_participant_2.path < $4::VARCHAR COLLATE "C"
                AND consultation_participant_2.county_id = $5::BIGINT
                OR consultation_participant_2.consultation_id = ANY(
                  array(
                    (
                      SELECT sharing_12.row_id
                      FROM sharing AS sharing_12
                      WHERE
                        sharing_12.noun = 'consultation'
                        AND sharing_12.path >= $3::VARCHAR COLLATE "C"
                        AND sharing_12.path < $4::VARCHAR COLLATE "C"
                        AND sharing_12.county_id = $5::BIGINT
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'CA') THEN (
        SELECT row_to_json("a row") AS row_to_json_73
        FROM
          (
            SELECT 'ConsultationAttachment' AS __typename, 'CA' || consultation_attachment_2.id AS id
            FROM consultation_attachment AS consultation_attachment_2
            WHERE
              consultation_attachment_2.id = $7::BIGINT
              AND (
                consultation_attachment_2.path >= $3::VARCHAR COLLATE "C"
                AND consultation_attachment_2.path < $4::VARCHAR COLLATE "C"
                AND consultation_attachment_2.county_id = $5::BIGINT
                OR consultation_attachment_2.consultation_id = ANY(
                  array(
                    (
                      SELECT sharing_13.row_id
                      FROM sharing AS sharing_13
                      WHERE
                        sharing_13.noun = 'consultation'
                        AND sharing_13.path >= $3::VARCHAR COLLATE "C"
                        AND sharing_13.path < $4::VARCHAR COLLATE "C"
                        AND sharing_13.county_id = $5::BIGINT
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'RS') THEN (
        SELECT row_to_json("a row") AS row_to_json_74
        FROM
          (
            SELECT 'Resolution' AS __typename, 'RS' || resolution_2.id AS id
            FROM resolution AS resolution_2
            WHERE
              resolution_2.id = $7::BIGINT
              AND (
                resolution_2.path >= $3::VARCHAR COLLATE "C"
                AND resolution_2.path < $4::VARCHAR COLLATE "C"
                AND resolution_2.county_id = $5::BIGINT
                OR resolution_2.to_path >= $3::VARCHAR COLLATE "C"
                AND resolution_2.to_path < $4::VARCHAR COLLATE "C"
                AND resolution_2.to_county_id = $5::BIGINT
                OR resolution_2.consultation_id = ANY(
                  array(
                    (
                      SELECT sharing_14.row_id
                      FROM sharing AS sharing_14
                      WHERE
                        sharing_14.noun = 'consultation'
                        AND sharing_14.path >= $3::VARCHAR COLLATE "C"
                        AND sharing_14.path < $4::VARCHAR COLLATE "C"
                        AND sharing_14.county_id = $5::BIGINT
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'VC') THEN (
        SELECT row_to_json("a row") AS row_to_json_75
        FROM
          (
            SELECT 'VolunteerCall' AS __typename, 'VC' || volunteer_call_2.id AS id
            FROM volunteer_call AS volunteer_call_2
            WHERE
              volunteer_call_2.id = $7::BIGINT
              AND volunteer_call_2.path >= $3::VARCHAR COLLATE "C"
              AND volunteer_call_2.path < $4::VARCHAR COLLATE "C"
              AND volunteer_call_2.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'VS') THEN (
        SELECT row_to_json("a row") AS row_to_json_76
        FROM
          (
            SELECT 'SignUp' AS __typename, 'VS' || sign_up_2.id AS id
            FROM sign_up AS sign_up_2
            WHERE
              sign_up_2.id = $7::BIGINT
              AND sign_up_2.path >= $3::VARCHAR COLLATE "C"
              AND sign_up_2.path < $4::VARCHAR COLLATE "C"
              AND sign_up_2.county_id = $5::BIGINT
          ) AS "a row"
      ) END AS TEXT
    ),
    'UTF8'
  ) END AS r1,
  CASE WHEN (scope.state = 'OK') THEN convert_to(
    CAST(
      CASE
      WHEN ($8::VARCHAR = 'VE') THEN (
        SELECT row_to_json("a row") AS row_to_json_77
        FROM
          (
            SELECT 'VE' || venue_3.id AS id
            FROM venue AS venue_3
            WHERE
              venue_3.id = $9::BIGINT
              AND venue_3.path >= $3::VARCHAR COLLATE "C"
              AND venue_3.path < $4::VARCHAR COLLATE "C"
              AND venue_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'AG') THEN (
        SELECT row_to_json("a row") AS row_to_json_78
        FROM
          (
            SELECT 'AG' || agency_3.id AS id
            FROM agency AS agency_3
            WHERE
              agency_3.id = $9::BIGINT
              AND agency_3.path >= $3::VARCHAR COLLATE "C"
              AND agency_3.path < $4::VARCHAR COLLATE "C"
              AND agency_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'RT') THEN (
        SELECT row_to_json("a row") AS row_to_json_79
        FROM
          (
            SELECT 'RT' || agency_rating_3.id AS id
            FROM agency_rating AS agency_rating_3
            WHERE
              agency_rating_3.id = $9::BIGINT
              AND agency_rating_3.path >= $3::VARCHAR COLLATE "C"
              AND agency_rating_3.path < $4::VARCHAR COLLATE "C"
              AND agency_rating_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'SO') THEN (
        SELECT row_to_json("a row") AS row_to_json_80
        FROM
          (
            SELECT 'SO' || service_offer_3.id AS id
            FROM service_offer AS service_offer_3
            WHERE
              service_offer_3.id = $9::BIGINT
              AND service_offer_3.path >= $3::VARCHAR COLLATE "C"
              AND service_offer_3.path < $4::VARCHAR COLLATE "C"
              AND service_offer_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'SI') THEN (
        SELECT row_to_json("a row") AS row_to_json_81
        FROM
          (
            SELECT 'SI' || service_item_3.id AS id
            FROM service_item AS service_item_3
            WHERE
              service_item_3.id = $9::BIGINT
              AND (
                service_item_3.path >= $3::VARCHAR COLLATE "C"
                AND service_item_3.path < $4::VARCHAR COLLATE "C"
                AND service_item_3.county_id = $5::BIGINT
                OR starts_with($3::VARCHAR COLLATE "C", service_item_3.path)
              )
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'CL') THEN (
        SELECT row_to_json("a row") AS row_to_json_82
        FROM
          (
            SELECT 'CL' || client_3.id AS id
            FROM client AS client_3
            WHERE
              client_3.id = $9::BIGINT
              AND (
                client_3.path >= $3::VARCHAR COLLATE "C"
                AND client_3.path < $4::VARCHAR COLLATE "C"
                AND client_3.county_id = $5::BIGINT
                OR client_3.id = ANY(
                  array(
                    (
                      SELECT sharing_15.row_id
                      FROM sharing AS sharing_15
                      WHERE
                        sharing_15.noun = 'client'
                        AND sharing_15.path >= $3::VARCHAR COLLATE "C"
                        AND sharing_15.path < $4::VARCHAR COLLATE "C"
                        AND sharing_15.county_id = $5::BIGINT
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'SU') THEN (
        SELECT row_to_json("a row") AS row_to_json_83
        FROM
          (
            SELECT 'SU' || survey_3.id AS id
            FROM survey AS survey_3
            WHERE
              survey_3.id = $9::BIGINT
              AND (
                survey_3.path >= $3::VARCHAR COLLATE "C"
                AND survey_3.path < $4::VARCHAR COLLATE "C"
                AND survey_3.county_id = $5::BIGINT
                OR survey_3.id = ANY(
                  array(
                    (
                      SELECT sharing_16.row_id
                      FROM sharing AS sharing_16
                      WHERE
                        sharing_16.noun = 'survey'
                        AND sharing_16.path >= $3::VARCHAR COLLATE "C"
                        AND sharing_16.path < $4::VARCHAR COLLATE "C"
                        AND sharing_16.county_id = $5::BIGINT
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'P') THEN (
        SELECT row_to_json("a row") AS row_to_json_84
        FROM
          (
            SELECT 'P' || person_3.id AS id
            FROM person AS person_3
            WHERE
              person_3.id = $9::BIGINT
              AND (
                person_3.path >= $3::VARCHAR COLLATE "C"
                AND person_3.path < $4::VARCHAR COLLATE "C"
                AND person_3.county_id = $5::BIGINT
                OR person_3.id = ANY(
                  array(
                    (
                      SELECT assignment_5.person_id
                      FROM assignment AS assignment_5
                      WHERE
                        assignment_5.elsewhere
                        AND assignment_5.path >= $3::VARCHAR COLLATE "C"
                        AND assignment_5.path < $4::VARCHAR COLLATE "C"
                        AND assignment_5.county_id = $5::BIGINT
                        AND assignment_5.valid_from <= CURRENT_DATE
                        AND (assignment_5.valid_to IS NULL OR assignment_5.valid_to > CURRENT_DATE)
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'A') THEN (
        SELECT row_to_json("a row") AS row_to_json_85
        FROM
          (
            SELECT 'A' || assignment_6.id AS id
            FROM assignment AS assignment_6
            WHERE
              assignment_6.id = $9::BIGINT
              AND assignment_6.path >= $3::VARCHAR COLLATE "C"
              AND assignment_6.path < $4::VARCHAR COLLATE "C"
              AND assignment_6.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'Q') THEN (
        SELECT row_to_json("a row") AS row_to_json_86
        FROM
          (
            SELECT 'Q' || qualification_3.id AS id
            FROM qualification AS qualification_3
            WHERE
              qualification_3.id = $9::BIGINT
              AND qualification_3.path >= $3::VARCHAR COLLATE "C"
              AND qualification_3.path < $4::VARCHAR COLLATE "C"
              AND qualification_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'K') THEN (
        SELECT row_to_json("a row") AS row_to_json_87
        FROM (SELECT 'K' || skill_3.id AS id FROM skill AS skill_3 WHERE skill_3.id = $9::BIGINT) AS "a row"
      )
      WHEN ($8::VARCHAR = 'EX') THEN (
        SELECT row_to_json("a row") AS row_to_json_88
        FROM
          (
            SELECT 'EX' || exam_result_3.id AS id
            FROM exam_result AS exam_result_3
            WHERE
              exam_result_3.id = $9::BIGINT
              AND exam_result_3.path >= $3::VARCHAR COLLATE "C"
              AND exam_result_3.path < $4::VARCHAR COLLATE "C"
              AND exam_result_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'AW') THEN (
        SELECT row_to_json("a row") AS row_to_json_89
        FROM
          (
            SELECT 'AW' || award_3.id AS id
            FROM award AS award_3
            WHERE
              award_3.id = $9::BIGINT
              AND award_3.path >= $3::VARCHAR COLLATE "C"
              AND award_3.path < $4::VARCHAR COLLATE "C"
              AND award_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'AB') THEN (
        SELECT row_to_json("a row") AS row_to_json_90
        FROM
          (
            SELECT 'AB' || award_budget_3.id AS id
            FROM award_budget AS award_budget_3
            WHERE
              award_budget_3.id = $9::BIGINT
              AND award_budget_3.path >= $3::VARCHAR COLLATE "C"
              AND award_budget_3.path < $4::VARCHAR COLLATE "C"
              AND award_budget_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'TA') THEN (
        SELECT row_to_json("a row") AS row_to_json_91
        FROM
          (
            SELECT 'TA' || attendance_3.id AS id
            FROM attendance AS attendance_3
            WHERE
              attendance_3.id = $9::BIGINT
              AND attendance_3.path >= $3::VARCHAR COLLATE "C"
              AND attendance_3.path < $4::VARCHAR COLLATE "C"
              AND attendance_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'TE') THEN (
        SELECT row_to_json("a row") AS row_to_json_92
        FROM
          (
            SELECT 'TE' || training_event_3.id AS id
            FROM training_event AS training_event_3
            WHERE
              training_event_3.id = $9::BIGINT
              AND training_event_3.path >= $3::VARCHAR COLLATE "C"
              AND training_event_3.path < $4::VARCHAR COLLATE "C"
              AND training_event_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'SR') THEN (
        SELECT row_to_json("a row") AS row_to_json_93
        FROM
          (
            SELECT 'SR' || service_record_3.id AS id
            FROM service_record AS service_record_3
            WHERE
              service_record_3.id = $9::BIGINT
              AND service_record_3.path >= $3::VARCHAR COLLATE "C"
              AND service_record_3.path < $4::VARCHAR COLLATE "C"
              AND service_record_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'RF') THEN (
        SELECT row_to_json("a row") AS row_to_json_94
        FROM
          (
            SELECT 'RF' || referral_3.id AS id
            FROM referral AS referral_3
            WHERE
              referral_3.id = $9::BIGINT
              AND (
                referral_3.path >= $3::VARCHAR COLLATE "C"
                AND referral_3.path < $4::VARCHAR COLLATE "C"
                AND referral_3.county_id = $5::BIGINT
                OR referral_3.to_path >= $3::VARCHAR COLLATE "C"
                AND referral_3.to_path < $4::VARCHAR COLLATE "C"
                AND referral_3.to_county_id = $5::BIGINT
                OR referral_3.id = ANY(
                  array(
                    (
                      SELECT sharing_17.row_id
                      FROM sharing AS sharing_17
                      WHERE
                        sharing_17.noun = 'referral'
                        AND sharing_17.path >= $3::VARCHAR COLLATE "C"
                        AND sharing_17.path < $4::VARCHAR COLLATE "C"
                        AND sharing_17.county_id = $5::BIGINT
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'TG') THEN (
        SELECT row_to_json("a row") AS row_to_json_95
        FROM
          (
            SELECT 'TG' || target_3.id AS id
            FROM target AS target_3
            WHERE
              target_3.id = $9::BIGINT
              AND target_3.path >= $3::VARCHAR COLLATE "C"
              AND target_3.path < $4::VARCHAR COLLATE "C"
              AND target_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'T') THEN (
        SELECT row_to_json("a row") AS row_to_json_96
        FROM
          (
            SELECT 'T' || volunteer_team_3.id AS id
            FROM volunteer_team AS volunteer_team_3
            WHERE
              volunteer_team_3.id = $9::BIGINT
              AND volunteer_team_3.path >= $3::VARCHAR COLLATE "C"
              AND volunteer_team_3.path < $4::VARCHAR COLLATE "C"
              AND volunteer_team_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'M') THEN (
        SELECT row_to_json("a row") AS row_to_json_97
        FROM
          (
            SELECT 'M' || team_membership_3.id AS id
            FROM team_membership AS team_membership_3
            WHERE
              team_membership_3.id = $9::BIGINT
              AND team_membership_3.path >= $3::VARCHAR COLLATE "C"
              AND team_membership_3.path < $4::VARCHAR COLLATE "C"
              AND team_membership_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'LG') THEN (
        SELECT row_to_json("a row") AS row_to_json_98
        FROM
          (
            SELECT 'LG' || leading_group_3.id AS id
            FROM leading_group AS leading_group_3
            WHERE
              leading_group_3.id = $9::BIGINT
              AND leading_group_3.path >= $3::VARCHAR COLLATE "C"
              AND leading_group_3.path < $4::VARCHAR COLLATE "C"
              AND leading_group_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'LM') THEN (
        SELECT row_to_json("a row") AS row_to_json_99
        FROM
          (
            SELECT 'LM' || leading_group_member_3.id AS id
            FROM leading_group_member AS leading_group_member_3
            WHERE
              leading_group_member_3.id = $9::BIGINT
              AND leading_group_member_3.path >= $3::VARCHAR COLLATE "C"
              AND leading_group_member_3.path < $4::VARCHAR COLLATE "C"
              AND leading_group_member_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'IP') THEN (
        SELECT row_to_json("a row") AS row_to_json_100
        FROM
          (
            SELECT 'IP' || implementation_plan_3.id AS id
            FROM implementation_plan AS implementation_plan_3
            WHERE
              implementation_plan_3.id = $9::BIGINT
              AND implementation_plan_3.path >= $3::VARCHAR COLLATE "C"
              AND implementation_plan_3.path < $4::VARCHAR COLLATE "C"
              AND implementation_plan_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'ME') THEN (
        SELECT row_to_json("a row") AS row_to_json_101
        FROM
          (
            SELECT 'ME' || measure_3.id AS id
            FROM measure AS measure_3
            WHERE
              measure_3.id = $9::BIGINT
              AND measure_3.path >= $3::VARCHAR COLLATE "C"
              AND measure_3.path < $4::VARCHAR COLLATE "C"
              AND measure_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'CD') THEN (
        SELECT row_to_json("a row") AS row_to_json_102
        FROM
          (
            SELECT 'CD' || calendar_day_3.id AS id
            FROM calendar_day AS calendar_day_3
            WHERE
              calendar_day_3.id = $9::BIGINT
              AND (
                calendar_day_3.path >= $3::VARCHAR COLLATE "C"
                AND calendar_day_3.path < $4::VARCHAR COLLATE "C"
                AND calendar_day_3.county_id = $5::BIGINT
                OR starts_with($3::VARCHAR COLLATE "C", calendar_day_3.path)
              )
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'C') THEN (
        SELECT row_to_json("a row") AS row_to_json_103
        FROM
          (
            SELECT 'C' || community_4.id AS id
            FROM community AS community_4
            WHERE
              community_4.id = $9::BIGINT
              AND community_4.path >= $3::VARCHAR COLLATE "C"
              AND community_4.path < $4::VARCHAR COLLATE "C"
              AND community_4.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'S') THEN (
        SELECT row_to_json("a row") AS row_to_json_104
        FROM
          (
            SELECT 'S' || station_8.id AS id
            FROM station AS station_8
            WHERE
              station_8.id = $9::BIGINT
              AND station_8.path >= $3::VARCHAR COLLATE "C"
              AND station_8.path < $4::VARCHAR COLLATE "C"
              AND station_8.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'G') THEN (
        SELECT row_to_json("a row") AS row_to_json_105
        FROM
          (
            SELECT 'G' || grid_3.id AS id
            FROM grid AS grid_3
            WHERE
              grid_3.id = $9::BIGINT
              AND grid_3.path >= $3::VARCHAR COLLATE "C"
              AND grid_3.path < $4::VARCHAR COLLATE "C"
              AND grid_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'CO') THEN (
        SELECT row_to_json("a row") AS row_to_json_106
        FROM
          (
            SELECT 'CO' || consultation_3.id AS id
            FROM consultation AS consultation_3
            WHERE
              consultation_3.id = $9::BIGINT
              AND (
                consultation_3.path >= $3::VARCHAR COLLATE "C"
                AND consultation_3.path < $4::VARCHAR COLLATE "C"
                AND consultation_3.county_id = $5::BIGINT
                OR consultation_3.id = ANY(
                  array(
                    (
                      SELECT sharing_18.row_id
                      FROM sharing AS sharing_18
                      WHERE
                        sharing_18.noun = 'consultation'
                        AND sharing_18.path >= $3::VARCHAR COLLATE "C"
                        AND sharing_18.path < $4::VARCHAR COLLATE "C"
                        AND sharing_18.county_id = $5::BIGINT
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'CP') THEN (
        SELECT row_to_json("a row") AS row_to_json_107
        FROM
          (
            SELECT 'CP' || consultation_participant_3.id AS id
            FROM consultation_participant AS consultation_participant_3
            WHERE
              consultation_participant_3.id = $9::BIGINT
              AND (
                consultation_participant_3.path >= $3::VARCHAR COLLATE "C"
                AND consultation_participant_3.path < $4::VARCHAR COLLATE "C"
                AND consultation_participant_3.county_id = $5::BIGINT
                OR consultation_participant_3.consultation_id = ANY(
                  array(
                    (
                      SELECT sharing_19.row_id
                      FROM sharing AS sharing_19
                      WHERE
                        sharing_19.noun = 'consultation'
                        AND sharing_19.path >= $3::VARCHAR COLLATE "C"
                        AND sharing_19.path < $4::VARCHAR COLLATE "C"
                        AND sharing_19.county_id = $5::BIGINT
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'CA') THEN (
        SELECT row_to_json("a row") AS row_to_json_108
        FROM
          (
            SELECT 'CA' || consultation_attachment_3.id AS id
            FROM consultation_attachment AS consultation_attachment_3
            WHERE
              consultation_attachment_3.id = $9::BIGINT
              AND (
                consultation_attachment_3.path >= $3::VARCHAR COLLATE "C"
                AND consultation_attachment_3.path < $4::VARCHAR COLLATE "C"
                AND consultation_attachment_3.county_id = $5::BIGINT
                OR consultation_attachment_3.consultation_id = ANY(
                  array(
                    (
                      SELECT sharing_20.row_id
                      FROM sharing AS sharing_20
                      WHERE
                        sharing_20.noun = 'consultation'
                        AND sharing_20.path >= $3::VARCHAR COLLATE "C"
                        AND sharing_20.path < $4::VARCHAR COLLATE "C"
                        AND sharing_20.county_id = $5::BIGINT
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'RS') THEN (
        SELECT row_to_json("a row") AS row_to_json_109
        FROM
          (
            SELECT 'RS' || resolution_3.id AS id
            FROM resolution AS resolution_3
            WHERE
              resolution_3.id = $9::BIGINT
              AND (
                resolution_3.path >= $3::VARCHAR COLLATE "C"
                AND resolution_3.path < $4::VARCHAR COLLATE "C"
                AND resolution_3.county_id = $5::BIGINT
                OR resolution_3.to_path >= $3::VARCHAR COLLATE "C"
                AND resolution_3.to_path < $4::VARCHAR COLLATE "C"
                AND resolution_3.to_county_id = $5::BIGINT
                OR resolution_3.consultation_id = ANY(
                  array(
                    (
                      SELECT sharing_21.row_id
                      FROM sharing AS sharing_21
                      WHERE
                        sharing_21.noun = 'consultation'
                        AND sharing_21.path >= $3::VARCHAR COLLATE "C"
                        AND sharing_21.path < $4::VARCHAR COLLATE "C"
                        AND sharing_21.county_id = $5::BIGINT
                    )
                  )
                )
              )
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'VC') THEN (
        SELECT row_to_json("a row") AS row_to_json_110
        FROM
          (
            SELECT 'VC' || volunteer_call_3.id AS id
            FROM volunteer_call AS volunteer_call_3
            WHERE
              volunteer_call_3.id = $9::BIGINT
              AND volunteer_call_3.path >= $3::VARCHAR COLLATE "C"
              AND volunteer_call_3.path < $4::VARCHAR COLLATE "C"
              AND volunteer_call_3.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($8::VARCHAR = 'VS') THEN (
        SELECT row_to_json("a row") AS row_to_json_111
        FROM
          (
            SELECT 'VS' || sign_up_3.id AS id
            FROM sign_up AS sign_up_3
            WHERE
              sign_up_3.id = $9::BIGINT
              AND sign_up_3.path >= $3::VARCHAR COLLATE "C"
              AND sign_up_3.path < $4::VARCHAR COLLATE "C"
              AND sign_up_3.county_id = $5::BIGINT
          ) AS "a row"
      ) END AS TEXT
    ),
    'UTF8'
  ) END AS r2
FROM scope
