WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $10::BIGINT,
      $11::INTEGER,
      $12::BIGINT,
      $13::BIGINT,
      $1::VARCHAR COLLATE "C",
      $14::VARCHAR
    ) AS state
)
SELECT
  scope.state,
  CASE WHEN (scope.state = 'OK') THEN convert_to(
    CAST(
      (
        SELECT
          (
            SELECT row_to_json("a row") AS row_to_json_1
            FROM
              (
                SELECT
                  coalesce(
                    (
                      SELECT row_to_json("a row") AS row_to_json_2
                      FROM
                        (
                          SELECT grid_1.code AS code, grid_1.name AS name
                          FROM grid AS grid_1
                          WHERE
                            grid_1.id = place_1.id
                            AND grid_1.path >= $1::VARCHAR COLLATE "C"
                            AND grid_1.path < $2::VARCHAR COLLATE "C"
                            AND grid_1.county_id = $3::BIGINT
                        ) AS "a row"
                    ),
                    (
                      SELECT row_to_json("a row") AS row_to_json_3
                      FROM
                        (
                          SELECT community_1.code AS code, community_1.name AS name
                          FROM community AS community_1
                          WHERE
                            community_1.id = place_1.id
                            AND community_1.path >= $1::VARCHAR COLLATE "C"
                            AND community_1.path < $2::VARCHAR COLLATE "C"
                            AND community_1.county_id = $3::BIGINT
                        ) AS "a row"
                    ),
                    (
                      SELECT row_to_json("a row") AS row_to_json_4
                      FROM
                        (
                          SELECT station_1.code AS code, station_1.name AS name
                          FROM station AS station_1
                          WHERE
                            station_1.id = place_1.id
                            AND station_1.path >= $1::VARCHAR COLLATE "C"
                            AND station_1.path < $2::VARCHAR COLLATE "C"
                            AND station_1.county_id = $3::BIGINT
                        ) AS "a row"
                    )
                  ) AS place,
                  figures.number_station AS stations,
                  (
                    SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                    FROM
                      (
                        SELECT anon_2.kind AS kind, anon_2.count AS count
                        FROM
                          (
                            SELECT kinds.kind AS kind, kinds.position AS position, kinds.number AS count
                            FROM
                              (
                                VALUES('VILLAGE', 0, figures.number_community_village),
                                ('RESIDENTIAL', 1, figures.number_community_residential)
                              ) AS kinds(kind, position, number)
                          ) AS anon_2
                        ORDER BY anon_2.position
                      ) AS "a row"
                  ) AS "communitiesByKind",
                  figures.residents_inhabited AS residents,
                  figures.number_person AS personnel,
                  (
                    SELECT row_to_json("a row") AS row_to_json_5
                    FROM
                      (
                        SELECT anon_3.records AS records, anon_3.contacts AS contacts
                        FROM
                          (
                            SELECT
                              anon_4.records AS records,
                              anon_4.contacts AS contacts,
                              anon_4.beneficiaries AS beneficiaries
                            FROM
                              (
                                SELECT
                                  CAST(coalesce(sum(anon_5.records), 0) AS BIGINT) AS records,
                                  CAST(coalesce(sum(anon_5.contacts), 0) AS BIGINT) AS contacts,
                                  CAST(coalesce(sum(anon_5.beneficiaries), 0) AS BIGINT) AS beneficiaries
                                FROM
                                  (
                                    SELECT
                                      service_rollup_1.records AS records,
                                      service_rollup_1.contacts AS contacts,
                                      service_rollup_1.beneficiaries AS beneficiaries
                                    FROM service_rollup AS service_rollup_1
                                    WHERE
                                      service_rollup_1.month >= CAST(date_trunc('year', CURRENT_DATE) AS DATE)
                                      AND service_rollup_1.month <= CURRENT_DATE
                                      AND service_rollup_1.path >= $1::VARCHAR COLLATE "C"
                                      AND service_rollup_1.path < $2::VARCHAR COLLATE "C"
                                      AND service_rollup_1.county_id = $3::BIGINT
                                      AND service_rollup_1.place_id = place_1.id
                                      AND place_1.level != 'GRID' UNION ALL
                                    SELECT
                                      service_delta_1.records AS records,
                                      service_delta_1.contacts AS contacts,
                                      service_delta_1.beneficiaries AS beneficiaries
                                    FROM service_delta AS service_delta_1
                                    WHERE
                                      service_delta_1.month >= CAST(date_trunc('year', CURRENT_DATE) AS DATE)
                                      AND service_delta_1.month <= CURRENT_DATE
                                      AND service_delta_1.path >= $1::VARCHAR COLLATE "C"
                                      AND service_delta_1.path < $2::VARCHAR COLLATE "C"
                                      AND service_delta_1.county_id = $3::BIGINT
                                      AND service_delta_1.path >= place_1.path
                                      AND service_delta_1.path < (
                                        left(place_1.path, $4::INTEGER)
                                        || $5::VARCHAR COLLATE "C"
                                      )
                                      AND place_1.level != 'GRID' UNION ALL
                                    SELECT
                                      1 AS records,
                                      service_record_1.contacts AS contacts,
                                      service_record_1.beneficiaries AS beneficiaries
                                    FROM service_record AS service_record_1
                                    WHERE
                                      service_record_1.path >= place_1.path
                                      AND service_record_1.path < (
                                        left(place_1.path, $6::INTEGER)
                                        || $7::VARCHAR COLLATE "C"
                                      )
                                      AND service_record_1.path >= $1::VARCHAR COLLATE "C"
                                      AND service_record_1.path < $2::VARCHAR COLLATE "C"
                                      AND service_record_1.county_id = $3::BIGINT
                                      AND service_record_1.state = 'VALID'
                                      AND service_record_1.served_on >= CAST(date_trunc('year', CURRENT_DATE) AS DATE)
                                      AND service_record_1.served_on <= CURRENT_DATE
                                      AND place_1.level = 'GRID'
                                  ) AS anon_5
                              ) AS anon_4
                            WHERE true
                          ) AS anon_3
                      ) AS "a row"
                  ) AS services
                FROM
                  (
                    SELECT
                      CAST(
                        coalesce(sum(anon_6.number) FILTER(WHERE anon_6.noun = 'STATION'), 0) AS BIGINT
                      ) AS number_station,
                      CAST(
                        coalesce(
                          sum(anon_6.number) FILTER(
                            WHERE anon_6.noun = 'COMMUNITY' AND anon_6.kind = 'VILLAGE'
                          ),
                          0
                        ) AS BIGINT
                      ) AS number_community_village,
                      CAST(
                        coalesce(
                          sum(anon_6.number) FILTER(
                            WHERE anon_6.noun = 'COMMUNITY' AND anon_6.kind = 'RESIDENTIAL'
                          ),
                          0
                        ) AS BIGINT
                      ) AS number_community_residential,
                      CAST(
                        coalesce(
                          sum(anon_6.residents) FILTER(
                            WHERE
                              anon_6.noun = CASE
                              WHEN (place_1.level = 'GRID') THEN 'GRID' ELSE 'COMMUNITY' END
                          ),
                          0
                        ) AS BIGINT
                      ) AS residents_inhabited,
                      CAST(
                        coalesce(sum(anon_6.number) FILTER(WHERE anon_6.noun = 'PERSON'), 0) AS BIGINT
                      ) AS number_person
                    FROM
                      (
                        SELECT
                          network_rollup_1.noun AS noun,
                          network_rollup_1.kind AS kind,
                          network_rollup_1.number AS number,
                          network_rollup_1.households AS households,
                          network_rollup_1.residents AS residents
                        FROM network_rollup AS network_rollup_1
                        WHERE
                          network_rollup_1.noun IN ('COMMUNITY', 'GRID', 'PERSON', 'STATION')
                          AND network_rollup_1.open
                          AND network_rollup_1.path >= $1::VARCHAR COLLATE "C"
                          AND network_rollup_1.path < $2::VARCHAR COLLATE "C"
                          AND network_rollup_1.county_id = $3::BIGINT
                          AND network_rollup_1.place_id = place_1.id
                          AND place_1.level != 'GRID' UNION ALL
                        SELECT
                          network_delta_1.noun AS noun,
                          network_delta_1.kind AS kind,
                          network_delta_1.number AS number,
                          network_delta_1.households AS households,
                          network_delta_1.residents AS residents
                        FROM network_delta AS network_delta_1
                        WHERE
                          network_delta_1.noun IN ('COMMUNITY', 'GRID', 'PERSON', 'STATION')
                          AND network_delta_1.open
                          AND network_delta_1.path >= $1::VARCHAR COLLATE "C"
                          AND network_delta_1.path < $2::VARCHAR COLLATE "C"
                          AND network_delta_1.county_id = $3::BIGINT
                          AND network_delta_1.path >= place_1.path
                          AND network_delta_1.path < (
                            left(place_1.path, $8::INTEGER)
                            || $9::VARCHAR COLLATE "C"
                          )
                          AND place_1.level != 'GRID' UNION ALL
                        SELECT
                          'GRID' AS noun,
                          '' AS kind,
                          1 AS number,
                          grid_2.households AS households,
                          grid_2.residents AS residents
                        FROM grid AS grid_2
                        WHERE
                          grid_2.id = place_1.id
                          AND grid_2.closed_on IS NULL
                          AND grid_2.path >= $1::VARCHAR COLLATE "C"
                          AND grid_2.path < $2::VARCHAR COLLATE "C"
                          AND grid_2.county_id = $3::BIGINT
                          AND place_1.level = 'GRID' UNION ALL
                        SELECT
                          'PERSON' AS noun,
                          person_1.kind AS kind,
                          1 AS number,
                          0 AS households,
                          0 AS residents
                        FROM person AS person_1
                        WHERE
                          (
                            person_1.id = ANY(
                              array((SELECT guests_of(place_1.id, CURRENT_DATE) AS guests_of_1))
                            )
                            OR person_1.place_id = CASE
                            WHEN (place_1.level = 'GRID') THEN place_1.id END
                          )
                          AND person_1.retired_on IS NULL
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
                      ) AS anon_6
                  ) AS figures
              ) AS "a row"
          ) AS anon_1
        FROM place AS place_1
        WHERE
          place_1.path = $1::VARCHAR COLLATE "C"
          AND place_1.path >= $1::VARCHAR COLLATE "C"
          AND place_1.path < $2::VARCHAR COLLATE "C"
          AND place_1.county_id = $3::BIGINT
        ORDER BY place_1.id ASC
        LIMIT 1
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
