WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $7::BIGINT,
      $8::INTEGER,
      $9::BIGINT,
      $10::BIGINT,
      $1::VARCHAR COLLATE "C",
      $11::VARCHAR
    ) AS state
)
SELECT
  scope.state,
  CASE WHEN (scope.state = 'OK') THEN convert_to(
    CAST(
      (
        SELECT
          CAST(
            (
              (
                (
                  (
                    (
                      (
                        (
                          (
                            (
                              ('{' || '"anAliasThatIsLongerThanAnyColumnNameOfPostgreSQLMayBeIsCutNowhere1":')
                              || coalesce(CAST(to_json(CAST(station_1.name AS TEXT)) AS TEXT), 'null')
                            )
                            || ',"anAliasThatIsLongerThanAnyColumnNameOfPostgreSQLMayBeIsCutNowhere2":'
                          )
                          || coalesce(CAST(to_json(CAST('Station' AS TEXT)) AS TEXT), 'null')
                        )
                        || ',"anAliasThatIsLongerThanAnyColumnNameOfPostgreSQLMayBeIsCutNowhere3":'
                      )
                      || coalesce(CAST(to_json(station_1.closed_on) AS TEXT), 'null')
                    )
                    || ',"own":'
                  )
                  || coalesce(
                    CAST(
                      to_json(
                        (
                          SELECT row_to_json("a row") AS row_to_json_1
                          FROM
                            (
                              SELECT
                                (
                                  SELECT count(*) AS count_1
                                  FROM community AS community_1
                                  WHERE
                                    community_1.station_id = station_1.id
                                    AND community_1.path >= $1::VARCHAR COLLATE "C"
                                    AND community_1.path < $2::VARCHAR COLLATE "C"
                                    AND community_1.county_id = $3::BIGINT
                                ) AS "totalCount"
                            ) AS "a row"
                        )
                      ) AS TEXT
                    ),
                    'null'
                  )
                )
                || ',"all":'
              )
              || coalesce(
                CAST(
                  to_json(
                    (
                      SELECT row_to_json("a row") AS row_to_json_2
                      FROM
                        (
                          SELECT
                            (
                              SELECT count(*) AS count_2
                              FROM community AS community_2
                              WHERE
                                community_2.path >= station_1.path
                                AND community_2.path < (
                                  left(station_1.path, $4::INTEGER)
                                  || $5::VARCHAR COLLATE "C"
                                )
                                AND community_2.path >= $1::VARCHAR COLLATE "C"
                                AND community_2.path < $2::VARCHAR COLLATE "C"
                                AND community_2.county_id = $3::BIGINT
                            ) AS "totalCount"
                        ) AS "a row"
                    )
                  ) AS TEXT
                ),
                'null'
              )
            )
            || '}' AS JSON
          ) AS anon_1
        FROM station AS station_1
        WHERE
          station_1.code = $6::VARCHAR
          AND station_1.path >= $1::VARCHAR COLLATE "C"
          AND station_1.path < $2::VARCHAR COLLATE "C"
          AND station_1.county_id = $3::BIGINT
        ORDER BY station_1.id ASC
        LIMIT 1
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
