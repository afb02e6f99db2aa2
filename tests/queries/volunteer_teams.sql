WITH scope AS MATERIALIZED (
  SELECT
    open_scope($4::BIGINT, $5::INTEGER, $6::BIGINT, $7::BIGINT, $1::VARCHAR COLLATE "C", $8::VARCHAR) AS state
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
                      volunteer_team_1.code AS code,
                      volunteer_team_1.name AS name,
                      coalesce(
                        (
                          SELECT row_to_json("a row") AS row_to_json_2
                          FROM
                            (
                              SELECT grid_1.name AS name
                              FROM grid AS grid_1
                              WHERE
                                grid_1.id = volunteer_team_1.place_id
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
                                community_1.id = volunteer_team_1.place_id
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
                                station_1.id = volunteer_team_1.place_id
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
                              team_membership_1.valid_from AS "validFrom",
                              (
                                SELECT row_to_json("a row") AS row_to_json_5
                                FROM
                                  (
                                    SELECT
                                      person_1.name AS name,
                                      person_1.gender AS gender,
                                      (
                                        SELECT
                                          coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_3
                                        FROM
                                          (
                                            SELECT skill_1.name AS name
                                            FROM person_skill AS person_skill_1
                                            JOIN skill AS skill_1 ON person_skill_1.skill_id = skill_1.id
                                            WHERE
                                              person_skill_1.person_id = person_1.id
                                              AND person_skill_1.path >= $1::VARCHAR COLLATE "C"
                                              AND person_skill_1.path < $2::VARCHAR COLLATE "C"
                                              AND person_skill_1.county_id = $3::BIGINT
                                            ORDER BY skill_1.id ASC
                                          ) AS "a row"
                                      ) AS skills
                                    FROM person AS person_1
                                    WHERE
                                      team_membership_1.person_id = person_1.id
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
                              ) AS person
                            FROM team_membership AS team_membership_1
                            WHERE
                              team_membership_1.team_id = volunteer_team_1.id
                              AND team_membership_1.valid_from <= CURRENT_DATE
                              AND (
                                team_membership_1.valid_to IS NULL
                                OR team_membership_1.valid_to > CURRENT_DATE
                              )
                              AND team_membership_1.path >= $1::VARCHAR COLLATE "C"
                              AND team_membership_1.path < $2::VARCHAR COLLATE "C"
                              AND team_membership_1.county_id = $3::BIGINT
                            ORDER BY team_membership_1.valid_from ASC, team_membership_1.id ASC
                          ) AS "a row"
                      ) AS memberships
                    FROM volunteer_team AS volunteer_team_1
                    WHERE
                      volunteer_team_1.path >= $1::VARCHAR COLLATE "C"
                      AND volunteer_team_1.path < $2::VARCHAR COLLATE "C"
                      AND volunteer_team_1.county_id = $3::BIGINT
                    ORDER BY volunteer_team_1.id ASC
                    LIMIT 20
                  ) AS "a row"
              ) AS nodes
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
