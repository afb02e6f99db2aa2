WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $6::BIGINT,
      $7::INTEGER,
      $8::BIGINT,
      $9::BIGINT,
      $2::VARCHAR COLLATE "C",
      $10::VARCHAR
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
                      person_1.name AS name,
                      person_1.phone AS phone,
                      person_1.id AS "$id",
                      person_1.phone_cipher AS "$phone_cipher",
                      person_1.id_number_cipher AS "$id_number_cipher",
                      person_1.birth_date_cipher AS "$birth_date_cipher",
                      person_1.address_cipher AS "$address_cipher"
                    FROM assignment AS assignment_1
                    JOIN person AS person_1 ON assignment_1.person_id = person_1.id
                    WHERE
                      assignment_1.place_id = grid_1.id
                      AND assignment_1.duty = $1::VARCHAR
                      AND assignment_1.valid_from <= CURRENT_DATE
                      AND (assignment_1.valid_to IS NULL OR assignment_1.valid_to > CURRENT_DATE)
                      AND assignment_1.path >= $2::VARCHAR COLLATE "C"
                      AND assignment_1.path < $3::VARCHAR COLLATE "C"
                      AND assignment_1.county_id = $4::BIGINT
                    ORDER BY person_1.id ASC
                  ) AS "a row"
              ) AS "gridWorkers"
            FROM grid AS grid_1
            WHERE
              grid_1.code = $5::VARCHAR
              AND grid_1.path >= $2::VARCHAR COLLATE "C"
              AND grid_1.path < $3::VARCHAR COLLATE "C"
              AND grid_1.county_id = $4::BIGINT
            ORDER BY grid_1.id ASC
            LIMIT 1
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
