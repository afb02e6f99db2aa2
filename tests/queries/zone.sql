WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $18::BIGINT,
      $19::INTEGER,
      $20::BIGINT,
      $21::BIGINT,
      $4::VARCHAR COLLATE "C",
      $22::VARCHAR
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
                    SELECT station_1.name AS name, station_1.level AS level
                    FROM station AS station_1
                    WHERE
                      station_1.level != $1::VARCHAR
                      AND (
                        station_2.level = $2::VARCHAR
                        AND (station_1.id = station_2.id OR station_1.parent_id = station_2.id)
                        OR station_2.level = $3::VARCHAR
                        AND (station_1.id = station_2.parent_id OR station_1.parent_id = station_2.parent_id)
                      )
                      AND station_1.path >= $4::VARCHAR COLLATE "C"
                      AND station_1.path < $5::VARCHAR COLLATE "C"
                      AND station_1.county_id = $6::BIGINT
                    ORDER BY station_1.path ASC
                  ) AS "a row"
              ) AS zone,
              (
                SELECT row_to_json("a row") AS row_to_json_2
                FROM
                  (
                    SELECT
                      (
                        SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_2
                        FROM
                          (
                            SELECT station_3.name AS name, station_3.opened_on AS "openedOn"
                            FROM station AS station_3
                            WHERE
                              station_2.id = station_3.parent_id
                              AND station_3.path >= $4::VARCHAR COLLATE "C"
                              AND station_3.path < $5::VARCHAR COLLATE "C"
                              AND station_3.county_id = $6::BIGINT
                            ORDER BY station_3.opened_on DESC, station_3.id DESC
                            LIMIT 20
                          ) AS "a row"
                      ) AS nodes
                  ) AS "a row"
              ) AS children,
              (
                SELECT row_to_json("a row") AS row_to_json_3
                FROM
                  (
                    SELECT
                      (
                        SELECT count(*) AS count_1
                        FROM person AS person_1
                        WHERE
                          (
                            person_1.station_id = station_2.id
                            AND person_1.path >= station_2.path
                            AND person_1.path < (left(station_2.path, $7::INTEGER) || $8::VARCHAR COLLATE "C")
                            OR person_1.id = ANY(
                              array(
                                (
                                  SELECT assignment_1.person_id
                                  FROM assignment AS assignment_1
                                  WHERE
                                    (
                                      assignment_1.place_id = station_2.id
                                      OR assignment_1.elsewhere
                                      AND assignment_1.path >= station_2.path
                                      AND assignment_1.path < (
                                        left(station_2.path, $9::INTEGER)
                                        || $10::VARCHAR COLLATE "C"
                                      )
                                      AND assignment_1.station_id = station_2.id
                                    )
                                    AND assignment_1.valid_from <= CURRENT_DATE
                                    AND (
                                      assignment_1.valid_to IS NULL
                                      OR assignment_1.valid_to > CURRENT_DATE
                                    )
                                )
                              )
                            )
                          )
                          AND (
                            person_1.path >= $4::VARCHAR COLLATE "C"
                            AND person_1.path < $5::VARCHAR COLLATE "C"
                            AND person_1.county_id = $6::BIGINT
                            OR person_1.id = ANY(
                              array(
                                (
                                  SELECT assignment_2.person_id
                                  FROM assignment AS assignment_2
                                  WHERE
                                    assignment_2.elsewhere
                                    AND assignment_2.path >= $4::VARCHAR COLLATE "C"
                                    AND assignment_2.path < $5::VARCHAR COLLATE "C"
                                    AND assignment_2.county_id = $6::BIGINT
                                    AND assignment_2.valid_from <= CURRENT_DATE
                                    AND (
                                      assignment_2.valid_to IS NULL
                                      OR assignment_2.valid_to > CURRENT_DATE
                                    )
                                )
                              )
                            )
                          )
                          AND person_1.kind = $11::VARCHAR
                      ) AS "totalCount"
                  ) AS "a row"
              ) AS own,
              (
                SELECT row_to_json("a row") AS row_to_json_4
                FROM
                  (
                    SELECT
                      (
                        SELECT count(*) AS count_2
                        FROM person AS person_2
                        WHERE
                          (
                            person_2.path >= station_2.path
                            AND person_2.path < (
                              left(station_2.path, $12::INTEGER)
                              || $13::VARCHAR COLLATE "C"
                            )
                            OR person_2.id = ANY(
                              array(
                                (
                                  SELECT assignment_3.person_id
                                  FROM assignment AS assignment_3
                                  WHERE
                                    assignment_3.elsewhere
                                    AND assignment_3.path >= station_2.path
                                    AND assignment_3.path < (
                                      left(station_2.path, $14::INTEGER)
                                      || $15::VARCHAR COLLATE "C"
                                    )
                                    AND assignment_3.valid_from <= CURRENT_DATE
                                    AND (
                                      assignment_3.valid_to IS NULL
                                      OR assignment_3.valid_to > CURRENT_DATE
                                    )
                                )
                              )
                            )
                          )
                          AND (
                            person_2.path >= $4::VARCHAR COLLATE "C"
                            AND person_2.path < $5::VARCHAR COLLATE "C"
                            AND person_2.county_id = $6::BIGINT
                            OR person_2.id = ANY(
                              array(
                                (
                                  SELECT assignment_4.person_id
                                  FROM assignment AS assignment_4
                                  WHERE
                                    assignment_4.elsewhere
                                    AND assignment_4.path >= $4::VARCHAR COLLATE "C"
                                    AND assignment_4.path < $5::VARCHAR COLLATE "C"
                                    AND assignment_4.county_id = $6::BIGINT
                                    AND assignment_4.valid_from <= CURRENT_DATE
                                    AND (
                                      assignment_4.valid_to IS NULL
                                      OR assignment_4.valid_to > CURRENT_DATE
                                    )
                                )
                              )
                            )
                          )
                          AND person_2.kind = $16::VARCHAR
                      ) AS "totalCount"
                  ) AS "a row"
              ) AS subtree
            FROM station AS station_2
            WHERE
              station_2.code = $17::VARCHAR
              AND station_2.path >= $4::VARCHAR COLLATE "C"
              AND station_2.path < $5::VARCHAR COLLATE "C"
              AND station_2.county_id = $6::BIGINT
            ORDER BY station_2.id ASC
            LIMIT 1
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
