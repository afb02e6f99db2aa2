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
              WHEN (asked.letter = 'P') THEN (
                SELECT row_to_json("a row") AS row_to_json_1
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
                SELECT row_to_json("a row") AS row_to_json_2
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
                SELECT row_to_json("a row") AS row_to_json_3
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
                SELECT row_to_json("a row") AS row_to_json_4
                FROM
                  (
                    SELECT 'K' || skill_1.id AS id
                    FROM skill AS skill_1
                    WHERE skill_1.id = asked.key
                  ) AS "a row"
              )
              WHEN (asked.letter = 'T') THEN (
                SELECT row_to_json("a row") AS row_to_json_5
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
                SELECT row_to_json("a row") AS row_to_json_6
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
              WHEN (asked.letter = 'S') THEN (
                SELECT row_to_json("a row") AS row_to_json_7
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
              WHEN (asked.letter = 'C') THEN (
                SELECT row_to_json("a row") AS row_to_json_8
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
              WHEN (asked.letter = 'G') THEN (
                SELECT row_to_json("a row") AS row_to_json_9
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
              ) END AS value
            FROM unnest($4::TEXT[], $5::BIGINT[]) WITH ORDINALITY AS asked(letter, key, position)
            ORDER BY asked.position
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
