WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $8::BIGINT,
      $9::INTEGER,
      $10::BIGINT,
      $11::BIGINT,
      $3::VARCHAR COLLATE "C",
      $12::VARCHAR
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
              'Station' AS __typename,
              station_1.name AS name,
              (
                SELECT row_to_json("a row") AS row_to_json_2
                FROM
                  (
                    SELECT
                      (
                        SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                        FROM
                          (
                            SELECT
                              'Community' AS __typename,
                              community_1.name AS name,
                              community_1.code AS code
                            FROM community AS community_1
                            WHERE
                              community_1.path >= station_1.path
                              AND community_1.path < (
                                left(station_1.path, $1::INTEGER)
                                || $2::VARCHAR COLLATE "C"
                              )
                              AND community_1.path >= $3::VARCHAR COLLATE "C"
                              AND community_1.path < $4::VARCHAR COLLATE "C"
                              AND community_1.county_id = $5::BIGINT
                            ORDER BY community_1.id ASC
                            LIMIT $6::INTEGER
                          ) AS "a row"
                      ) AS nodes,
                      (
                        SELECT count(*) AS count_1
                        FROM community AS community_1
                        WHERE
                          community_1.path >= station_1.path
                          AND community_1.path < (
                            left(station_1.path, $1::INTEGER)
                            || $2::VARCHAR COLLATE "C"
                          )
                          AND community_1.path >= $3::VARCHAR COLLATE "C"
                          AND community_1.path < $4::VARCHAR COLLATE "C"
                          AND community_1.county_id = $5::BIGINT
                      ) AS "totalCount"
                  ) AS "a row"
              ) AS communities,
              station_1.division_code AS "divisionCode",
              station_1.level AS level
            FROM station AS station_1
            WHERE
              station_1.code = $7::VARCHAR
              AND station_1.path >= $3::VARCHAR COLLATE "C"
              AND station_1.path < $4::VARCHAR COLLATE "C"
              AND station_1.county_id = $5::BIGINT
            ORDER BY station_1.id ASC
            LIMIT 1
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
