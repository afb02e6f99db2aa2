WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $9::BIGINT,
      $10::INTEGER,
      $11::BIGINT,
      $12::BIGINT,
      $3::VARCHAR COLLATE "C",
      $13::VARCHAR
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
                '{"anAliasThatIsLongerThanAnyColumnNameOfPostgreSQLMayBeIsCutNowhere1":'
                || coalesce(CAST(to_json(CAST(station_1.name AS TEXT)) AS TEXT), 'null')
              )
              || (
                ',"anAliasThatIsLongerThanAnyColumnNameOfPostgreSQLMayBeIsCutNowhere2":'
                || (
                  coalesce(CAST(to_json(CAST('Station' AS TEXT)) AS TEXT), 'null')
                  || ',"anAliasThatIsLongerThanAnyColumnNameOfPostgreSQLMayBeIsCutNowhere3":'
                )
              )
            )
            || (
              (
                coalesce(CAST(to_json(station_1.closed_on) AS TEXT), 'null')
                || (
                  ',"own":'
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
                                    AND community_1.path >= station_1.path
                                    AND community_1.path < (
                                      left(station_1.path, $1::INTEGER)
                                      || $2::VARCHAR COLLATE "C"
                                    )
                                    AND community_1.path >= $3::VARCHAR COLLATE "C"
                                    AND community_1.path < $4::VARCHAR COLLATE "C"
                                    AND community_1.county_id = $5::BIGINT
                                ) AS "totalCount"
                            ) AS "a row"
                        )
                      ) AS TEXT
                    ),
                    'null'
                  )
                )
              )
              || (
                ',"all":'
                || (
                  coalesce(
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
                                      left(station_1.path, $6::INTEGER)
                                      || $7::VARCHAR COLLATE "C"
                                    )
                                    AND community_2.path >= $3::VARCHAR COLLATE "C"
                                    AND community_2.path < $4::VARCHAR COLLATE "C"
                                    AND community_2.county_id = $5::BIGINT
                                ) AS "totalCount"
                            ) AS "a row"
                        )
                      ) AS TEXT
                    ),
                    'null'
                  )
                  || '}'
                )
              )
            ) AS JSON
          ) AS anon_1
        FROM station AS station_1
        WHERE
          station_1.code = $8::VARCHAR
          AND station_1.path >= $3::VARCHAR COLLATE "C"
          AND station_1.path < $4::VARCHAR COLLATE "C"
          AND station_1.county_id = $5::BIGINT
        ORDER BY station_1.id ASC
        LIMIT 1
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
