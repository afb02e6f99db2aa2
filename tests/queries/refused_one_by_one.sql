WITH scope AS MATERIALIZED (
  SELECT
    open_scope($5::BIGINT, $6::INTEGER, $7::BIGINT, $8::BIGINT, $1::VARCHAR COLLATE "C", $9::VARCHAR) AS state
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
                FROM grid AS grid_1
                WHERE
                  grid_1.path >= $1::VARCHAR COLLATE "C"
                  AND grid_1.path < $2::VARCHAR COLLATE "C"
                  AND grid_1.county_id = $3::BIGINT
              ) AS "totalCount"
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0,
  CASE WHEN (scope.state = 'OK') THEN convert_to(
    CAST(
      (
        SELECT row_to_json("a row") AS row_to_json_2
        FROM
          (
            SELECT
              (
                SELECT count(*) AS count_2
                FROM person AS person_1
                WHERE
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
              ) AS "totalCount"
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r1,
  CASE WHEN (scope.state = 'OK') THEN convert_to(
    CAST(
      (
        SELECT row_to_json("a row") AS row_to_json_3
        FROM
          (
            SELECT station_1.name AS name
            FROM station AS station_1
            WHERE
              station_1.code = $4::VARCHAR
              AND station_1.path >= $1::VARCHAR COLLATE "C"
              AND station_1.path < $2::VARCHAR COLLATE "C"
              AND station_1.county_id = $3::BIGINT
            ORDER BY station_1.id ASC
            LIMIT 1
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r2
FROM scope
