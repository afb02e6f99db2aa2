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
      WHEN ($1::VARCHAR = 'P') THEN (
        SELECT row_to_json("a row") AS row_to_json_1
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
        SELECT row_to_json("a row") AS row_to_json_2
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
        SELECT row_to_json("a row") AS row_to_json_3
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
        SELECT row_to_json("a row") AS row_to_json_4
        FROM
          (
            SELECT 'Skill' AS __typename, 'K' || skill_1.id AS id
            FROM skill AS skill_1
            WHERE skill_1.id = $2::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'T') THEN (
        SELECT row_to_json("a row") AS row_to_json_5
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
        SELECT row_to_json("a row") AS row_to_json_6
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
      WHEN ($1::VARCHAR = 'S') THEN (
        SELECT row_to_json("a row") AS row_to_json_7
        FROM
          (
            SELECT
              'Station' AS __typename,
              'S' || station_1.id AS id,
              station_1.code AS code,
              station_1.name AS name,
              (
                SELECT row_to_json("a row") AS row_to_json_8
                FROM
                  (
                    SELECT
                      station_2.code AS code,
                      (
                        SELECT row_to_json("a row") AS row_to_json_9
                        FROM
                          (
                            SELECT station_3.code AS code
                            FROM station AS station_3
                            WHERE
                              station_2.parent_id = station_3.id
                              AND station_3.path >= $3::VARCHAR COLLATE "C"
                              AND station_3.path < $4::VARCHAR COLLATE "C"
                              AND station_3.county_id = $5::BIGINT
                            ORDER BY station_3.id ASC
                            LIMIT 1
                          ) AS "a row"
                      ) AS parent
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
              station_1.id = $2::BIGINT
              AND station_1.path >= $3::VARCHAR COLLATE "C"
              AND station_1.path < $4::VARCHAR COLLATE "C"
              AND station_1.county_id = $5::BIGINT
          ) AS "a row"
      )
      WHEN ($1::VARCHAR = 'C') THEN (
        SELECT row_to_json("a row") AS row_to_json_10
        FROM
          (
            SELECT
              'Community' AS __typename,
              'C' || community_1.id AS id,
              community_1.code AS code,
              community_1.name AS name,
              (
                SELECT row_to_json("a row") AS row_to_json_11
                FROM
                  (
                    SELECT
                      station_4.code AS code,
                      (
                        SELECT row_to_json("a row") AS row_to_json_12
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
                      community_1.parent_id = station_4.id
                      AND station_4.path >= $3::VARCHAR COLLATE "C"
                      AND station_4.path < $4::VARCHAR COLLATE "C"
                      AND station_4.county_id = $5::BIGINT
                    ORDER BY station_4.id ASC
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
      WHEN ($1::VARCHAR = 'G') THEN (
        SELECT row_to_json("a row") AS row_to_json_13
        FROM
          (
            SELECT
              'Grid' AS __typename,
              'G' || grid_1.id AS id,
              grid_1.code AS code,
              grid_1.name AS name,
              (
                SELECT row_to_json("a row") AS row_to_json_14
                FROM
                  (
                    SELECT
                      community_2.code AS code,
                      (
                        SELECT row_to_json("a row") AS row_to_json_15
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
      ) END AS TEXT
    ),
    'UTF8'
  ) END AS r0,
  CASE WHEN (scope.state = 'OK') THEN convert_to(
    CAST(
      CASE
      WHEN ($6::VARCHAR = 'P') THEN (
        SELECT row_to_json("a row") AS row_to_json_16
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
        SELECT row_to_json("a row") AS row_to_json_17
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
        SELECT row_to_json("a row") AS row_to_json_18
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
        SELECT row_to_json("a row") AS row_to_json_19
        FROM
          (
            SELECT 'Skill' AS __typename, 'K' || skill_2.id AS id
            FROM skill AS skill_2
            WHERE skill_2.id = $7::BIGINT
          ) AS "a row"
      )
      WHEN ($6::VARCHAR = 'T') THEN (
        SELECT row_to_json("a row") AS row_to_json_20
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
        SELECT row_to_json("a row") AS row_to_json_21
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
      WHEN ($6::VARCHAR = 'S') THEN (
        SELECT row_to_json("a row") AS row_to_json_22
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
      WHEN ($6::VARCHAR = 'C') THEN (
        SELECT row_to_json("a row") AS row_to_json_23
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
      WHEN ($6::VARCHAR = 'G') THEN (
        SELECT row_to_json("a row") AS row_to_json_24
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
      ) END AS TEXT
    ),
    'UTF8'
  ) END AS r1,
  CASE WHEN (scope.state = 'OK') THEN convert_to(
    CAST(
      CASE
      WHEN ($8::VARCHAR = 'P') THEN (
        SELECT row_to_json("a row") AS row_to_json_25
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
        SELECT row_to_json("a row") AS row_to_json_26
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
        SELECT row_to_json("a row") AS row_to_json_27
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
        SELECT row_to_json("a row") AS row_to_json_28
        FROM (SELECT 'K' || skill_3.id AS id FROM skill AS skill_3 WHERE skill_3.id = $9::BIGINT) AS "a row"
      )
      WHEN ($8::VARCHAR = 'T') THEN (
        SELECT row_to_json("a row") AS row_to_json_29
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
        SELECT row_to_json("a row") AS row_to_json_30
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
      WHEN ($8::VARCHAR = 'S') THEN (
        SELECT row_to_json("a row") AS row_to_json_31
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
      WHEN ($8::VARCHAR = 'C') THEN (
        SELECT row_to_json("a row") AS row_to_json_32
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
      WHEN ($8::VARCHAR = 'G') THEN (
        SELECT row_to_json("a row") AS row_to_json_33
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
      ) END AS TEXT
    ),
    'UTF8'
  ) END AS r2
FROM scope
