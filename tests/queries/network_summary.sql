WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $28::BIGINT,
      $29::INTEGER,
      $30::BIGINT,
      $31::BIGINT,
      $1::VARCHAR COLLATE "C",
      $32::VARCHAR
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
              (
                SELECT CAST(coalesce(sum(anon_1.number), 0) AS BIGINT) AS coalesce_1
                FROM
                  (
                    SELECT
                      network_rollup_1.kind AS kind,
                      network_rollup_1.number AS number,
                      network_rollup_1.households AS households,
                      network_rollup_1.residents AS residents
                    FROM network_rollup AS network_rollup_1
                    WHERE
                      network_rollup_1.noun = 'STATION'
                      AND network_rollup_1.open
                      AND network_rollup_1.path >= $1::VARCHAR COLLATE "C"
                      AND network_rollup_1.path < $2::VARCHAR COLLATE "C"
                      AND network_rollup_1.county_id = $3::BIGINT
                      AND network_rollup_1.place_id = place_1.id
                      AND place_1.level != 'GRID' UNION ALL
                    SELECT
                      network_delta_1.kind AS kind,
                      network_delta_1.number AS number,
                      network_delta_1.households AS households,
                      network_delta_1.residents AS residents
                    FROM network_delta AS network_delta_1
                    WHERE
                      network_delta_1.noun = 'STATION'
                      AND network_delta_1.open
                      AND network_delta_1.path >= $1::VARCHAR COLLATE "C"
                      AND network_delta_1.path < $2::VARCHAR COLLATE "C"
                      AND network_delta_1.county_id = $3::BIGINT
                      AND network_delta_1.path >= place_1.path
                      AND network_delta_1.path < (left(place_1.path, $4::INTEGER) || $5::VARCHAR COLLATE "C")
                      AND place_1.level != 'GRID' UNION ALL
                    SELECT station_2.level AS kind, 1 AS number, 0 AS households, 0 AS residents
                    FROM station AS station_2
                    WHERE
                      station_2.path >= place_1.path
                      AND station_2.path < (left(place_1.path, $6::INTEGER) || $7::VARCHAR COLLATE "C")
                      AND station_2.path >= $1::VARCHAR COLLATE "C"
                      AND station_2.path < $2::VARCHAR COLLATE "C"
                      AND station_2.county_id = $3::BIGINT
                      AND (
                        (
                          EXISTS (
                            SELECT *
                            FROM placement AS placement_1
                            WHERE
                              placement_1.place_id = station_2.id
                              AND placement_1.valid_from <= CURRENT_DATE
                              AND (placement_1.valid_to IS NULL OR placement_1.valid_to > CURRENT_DATE)
                              AND placement_1.path >= $1::VARCHAR COLLATE "C"
                              AND placement_1.path < $2::VARCHAR COLLATE "C"
                              AND placement_1.county_id = $3::BIGINT
                          )
                        )
                        OR station_2.parent_id IS NULL
                        AND station_2.opened_on <= CURRENT_DATE
                      )
                      AND place_1.level = 'GRID'
                  ) AS anon_1
              ) AS stations,
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_2
                FROM
                  (
                    SELECT anon_2.kind AS kind, anon_2.count AS count
                    FROM
                      (
                        SELECT
                          kinds.kind AS kind,
                          kinds.position AS position,
                          coalesce(anon_3.number, 0) AS count
                        FROM (VALUES('VILLAGE', 0), ('RESIDENTIAL', 1)) AS kinds(kind, position) LEFT OUTER
                        JOIN
                          (
                            SELECT
                              anon_4.kind AS kind,
                              CAST(coalesce(sum(anon_4.number), 0) AS BIGINT) AS number
                            FROM
                              (
                                SELECT
                                  network_rollup_2.kind AS kind,
                                  network_rollup_2.number AS number,
                                  network_rollup_2.households AS households,
                                  network_rollup_2.residents AS residents
                                FROM network_rollup AS network_rollup_2
                                WHERE
                                  network_rollup_2.noun = 'COMMUNITY'
                                  AND network_rollup_2.open
                                  AND network_rollup_2.path >= $1::VARCHAR COLLATE "C"
                                  AND network_rollup_2.path < $2::VARCHAR COLLATE "C"
                                  AND network_rollup_2.county_id = $3::BIGINT
                                  AND network_rollup_2.place_id = place_1.id
                                  AND place_1.level != 'GRID' UNION ALL
                                SELECT
                                  network_delta_2.kind AS kind,
                                  network_delta_2.number AS number,
                                  network_delta_2.households AS households,
                                  network_delta_2.residents AS residents
                                FROM network_delta AS network_delta_2
                                WHERE
                                  network_delta_2.noun = 'COMMUNITY'
                                  AND network_delta_2.open
                                  AND network_delta_2.path >= $1::VARCHAR COLLATE "C"
                                  AND network_delta_2.path < $2::VARCHAR COLLATE "C"
                                  AND network_delta_2.county_id = $3::BIGINT
                                  AND network_delta_2.path >= place_1.path
                                  AND network_delta_2.path < (
                                    left(place_1.path, $8::INTEGER)
                                    || $9::VARCHAR COLLATE "C"
                                  )
                                  AND place_1.level != 'GRID' UNION ALL
                                SELECT
                                  community_2.kind AS kind,
                                  1 AS number,
                                  community_2.households AS households,
                                  community_2.residents AS residents
                                FROM community AS community_2
                                WHERE
                                  community_2.path >= place_1.path
                                  AND community_2.path < (
                                    left(place_1.path, $10::INTEGER)
                                    || $11::VARCHAR COLLATE "C"
                                  )
                                  AND community_2.path >= $1::VARCHAR COLLATE "C"
                                  AND community_2.path < $2::VARCHAR COLLATE "C"
                                  AND community_2.county_id = $3::BIGINT
                                  AND (
                                    EXISTS (
                                      SELECT *
                                      FROM placement AS placement_2
                                      WHERE
                                        placement_2.place_id = community_2.id
                                        AND placement_2.valid_from <= CURRENT_DATE
                                        AND (
                                          placement_2.valid_to IS NULL
                                          OR placement_2.valid_to > CURRENT_DATE
                                        )
                                        AND placement_2.path >= $1::VARCHAR COLLATE "C"
                                        AND placement_2.path < $2::VARCHAR COLLATE "C"
                                        AND placement_2.county_id = $3::BIGINT
                                    )
                                  )
                                  AND place_1.level = 'GRID'
                              ) AS anon_4
                            GROUP BY anon_4.kind
                          ) AS anon_3 ON anon_3.kind = kinds.kind
                      ) AS anon_2
                    ORDER BY anon_2.position
                  ) AS "a row"
              ) AS "communitiesByKind",
              CASE WHEN (place_1.level = 'GRID') THEN (
                SELECT CAST(coalesce(sum(anon_5.residents), 0) AS BIGINT) AS coalesce_3
                FROM
                  (
                    SELECT
                      network_rollup_3.kind AS kind,
                      network_rollup_3.number AS number,
                      network_rollup_3.households AS households,
                      network_rollup_3.residents AS residents
                    FROM network_rollup AS network_rollup_3
                    WHERE
                      network_rollup_3.noun = 'GRID'
                      AND network_rollup_3.open
                      AND network_rollup_3.path >= $1::VARCHAR COLLATE "C"
                      AND network_rollup_3.path < $2::VARCHAR COLLATE "C"
                      AND network_rollup_3.county_id = $3::BIGINT
                      AND network_rollup_3.place_id = place_1.id
                      AND place_1.level != 'GRID' UNION ALL
                    SELECT
                      network_delta_3.kind AS kind,
                      network_delta_3.number AS number,
                      network_delta_3.households AS households,
                      network_delta_3.residents AS residents
                    FROM network_delta AS network_delta_3
                    WHERE
                      network_delta_3.noun = 'GRID'
                      AND network_delta_3.open
                      AND network_delta_3.path >= $1::VARCHAR COLLATE "C"
                      AND network_delta_3.path < $2::VARCHAR COLLATE "C"
                      AND network_delta_3.county_id = $3::BIGINT
                      AND network_delta_3.path >= place_1.path
                      AND network_delta_3.path < (
                        left(place_1.path, $12::INTEGER)
                        || $13::VARCHAR COLLATE "C"
                      )
                      AND place_1.level != 'GRID' UNION ALL
                    SELECT
                      '' AS kind,
                      1 AS number,
                      grid_2.households AS households,
                      grid_2.residents AS residents
                    FROM grid AS grid_2
                    WHERE
                      grid_2.path >= place_1.path
                      AND grid_2.path < (left(place_1.path, $14::INTEGER) || $15::VARCHAR COLLATE "C")
                      AND grid_2.path >= $1::VARCHAR COLLATE "C"
                      AND grid_2.path < $2::VARCHAR COLLATE "C"
                      AND grid_2.county_id = $3::BIGINT
                      AND (
                        EXISTS (
                          SELECT *
                          FROM placement AS placement_3
                          WHERE
                            placement_3.place_id = grid_2.id
                            AND placement_3.valid_from <= CURRENT_DATE
                            AND (placement_3.valid_to IS NULL OR placement_3.valid_to > CURRENT_DATE)
                            AND placement_3.path >= $1::VARCHAR COLLATE "C"
                            AND placement_3.path < $2::VARCHAR COLLATE "C"
                            AND placement_3.county_id = $3::BIGINT
                        )
                      )
                      AND place_1.level = 'GRID'
                  ) AS anon_5
              ) ELSE (
                SELECT CAST(coalesce(sum(anon_6.residents), 0) AS BIGINT) AS coalesce_4
                FROM
                  (
                    SELECT
                      network_rollup_4.kind AS kind,
                      network_rollup_4.number AS number,
                      network_rollup_4.households AS households,
                      network_rollup_4.residents AS residents
                    FROM network_rollup AS network_rollup_4
                    WHERE
                      network_rollup_4.noun = 'COMMUNITY'
                      AND network_rollup_4.open
                      AND network_rollup_4.path >= $1::VARCHAR COLLATE "C"
                      AND network_rollup_4.path < $2::VARCHAR COLLATE "C"
                      AND network_rollup_4.county_id = $3::BIGINT
                      AND network_rollup_4.place_id = place_1.id
                      AND place_1.level != 'GRID' UNION ALL
                    SELECT
                      network_delta_4.kind AS kind,
                      network_delta_4.number AS number,
                      network_delta_4.households AS households,
                      network_delta_4.residents AS residents
                    FROM network_delta AS network_delta_4
                    WHERE
                      network_delta_4.noun = 'COMMUNITY'
                      AND network_delta_4.open
                      AND network_delta_4.path >= $1::VARCHAR COLLATE "C"
                      AND network_delta_4.path < $2::VARCHAR COLLATE "C"
                      AND network_delta_4.county_id = $3::BIGINT
                      AND network_delta_4.path >= place_1.path
                      AND network_delta_4.path < (
                        left(place_1.path, $16::INTEGER)
                        || $17::VARCHAR COLLATE "C"
                      )
                      AND place_1.level != 'GRID' UNION ALL
                    SELECT
                      community_3.kind AS kind,
                      1 AS number,
                      community_3.households AS households,
                      community_3.residents AS residents
                    FROM community AS community_3
                    WHERE
                      community_3.path >= place_1.path
                      AND community_3.path < (left(place_1.path, $18::INTEGER) || $19::VARCHAR COLLATE "C")
                      AND community_3.path >= $1::VARCHAR COLLATE "C"
                      AND community_3.path < $2::VARCHAR COLLATE "C"
                      AND community_3.county_id = $3::BIGINT
                      AND (
                        EXISTS (
                          SELECT *
                          FROM placement AS placement_4
                          WHERE
                            placement_4.place_id = community_3.id
                            AND placement_4.valid_from <= CURRENT_DATE
                            AND (placement_4.valid_to IS NULL OR placement_4.valid_to > CURRENT_DATE)
                            AND placement_4.path >= $1::VARCHAR COLLATE "C"
                            AND placement_4.path < $2::VARCHAR COLLATE "C"
                            AND placement_4.county_id = $3::BIGINT
                        )
                      )
                      AND place_1.level = 'GRID'
                  ) AS anon_6
              ) END AS residents,
              (
                SELECT CASE WHEN true THEN anon_8.number END AS anon_7
                FROM
                  (
                    SELECT CAST(coalesce(sum(anon_9.number), 0) AS BIGINT) AS number
                    FROM
                      (
                        SELECT
                          network_rollup_5.kind AS kind,
                          network_rollup_5.number AS number,
                          network_rollup_5.households AS households,
                          network_rollup_5.residents AS residents
                        FROM network_rollup AS network_rollup_5
                        WHERE
                          network_rollup_5.noun = 'PERSON'
                          AND network_rollup_5.open
                          AND network_rollup_5.path >= $1::VARCHAR COLLATE "C"
                          AND network_rollup_5.path < $2::VARCHAR COLLATE "C"
                          AND network_rollup_5.county_id = $3::BIGINT
                          AND network_rollup_5.place_id = place_1.id
                          AND place_1.level != 'GRID' UNION ALL
                        SELECT
                          network_delta_5.kind AS kind,
                          network_delta_5.number AS number,
                          network_delta_5.households AS households,
                          network_delta_5.residents AS residents
                        FROM network_delta AS network_delta_5
                        WHERE
                          network_delta_5.noun = 'PERSON'
                          AND network_delta_5.open
                          AND network_delta_5.path >= $1::VARCHAR COLLATE "C"
                          AND network_delta_5.path < $2::VARCHAR COLLATE "C"
                          AND network_delta_5.county_id = $3::BIGINT
                          AND network_delta_5.path >= place_1.path
                          AND network_delta_5.path < (
                            left(place_1.path, $20::INTEGER)
                            || $21::VARCHAR COLLATE "C"
                          )
                          AND place_1.level != 'GRID' UNION ALL
                        SELECT person_1.kind AS kind, 1 AS number, 0 AS households, 0 AS residents
                        FROM person AS person_1
                        WHERE
                          person_1.path >= place_1.path
                          AND person_1.path < (left(place_1.path, $22::INTEGER) || $23::VARCHAR COLLATE "C")
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
                          AND person_1.retired_on IS NULL
                          AND place_1.level = 'GRID' UNION ALL
                        SELECT person_2.kind AS kind, 1 AS number, 0 AS households, 0 AS residents
                        FROM person AS person_2
                        WHERE
                          person_2.id = ANY(
                            array((SELECT guests_of(place_1.id, CURRENT_DATE) AS guests_of_1))
                          )
                          AND person_2.retired_on IS NULL
                          AND (
                            person_2.path >= $1::VARCHAR COLLATE "C"
                            AND person_2.path < $2::VARCHAR COLLATE "C"
                            AND person_2.county_id = $3::BIGINT
                            OR person_2.id = ANY(
                              array(
                                (
                                  SELECT assignment_2.person_id
                                  FROM assignment AS assignment_2
                                  WHERE
                                    assignment_2.elsewhere
                                    AND assignment_2.path >= $1::VARCHAR COLLATE "C"
                                    AND assignment_2.path < $2::VARCHAR COLLATE "C"
                                    AND assignment_2.county_id = $3::BIGINT
                                    AND assignment_2.valid_from <= CURRENT_DATE
                                    AND (
                                      assignment_2.valid_to IS NULL
                                      OR assignment_2.valid_to > CURRENT_DATE
                                    )
                                )
                              )
                            )
                          )
                      ) AS anon_9
                  ) AS anon_8
              ) AS personnel,
              (
                SELECT row_to_json("a row") AS row_to_json_5
                FROM
                  (
                    SELECT anon_10.records AS records, anon_10.contacts AS contacts
                    FROM
                      (
                        SELECT
                          anon_11.records AS records,
                          anon_11.contacts AS contacts,
                          anon_11.beneficiaries AS beneficiaries
                        FROM
                          (
                            SELECT
                              CAST(coalesce(sum(anon_12.records), 0) AS BIGINT) AS records,
                              CAST(coalesce(sum(anon_12.contacts), 0) AS BIGINT) AS contacts,
                              CAST(coalesce(sum(anon_12.beneficiaries), 0) AS BIGINT) AS beneficiaries
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
                                    left(place_1.path, $24::INTEGER)
                                    || $25::VARCHAR COLLATE "C"
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
                                    left(place_1.path, $26::INTEGER)
                                    || $27::VARCHAR COLLATE "C"
                                  )
                                  AND service_record_1.path >= $1::VARCHAR COLLATE "C"
                                  AND service_record_1.path < $2::VARCHAR COLLATE "C"
                                  AND service_record_1.county_id = $3::BIGINT
                                  AND service_record_1.state = 'VALID'
                                  AND service_record_1.served_on >= CAST(date_trunc('year', CURRENT_DATE) AS DATE)
                                  AND service_record_1.served_on <= CURRENT_DATE
                                  AND place_1.level = 'GRID'
                              ) AS anon_12
                          ) AS anon_11
                        WHERE true
                      ) AS anon_10
                  ) AS "a row"
              ) AS services
            FROM place AS place_1
            WHERE
              place_1.path = $1::VARCHAR COLLATE "C"
              AND place_1.path >= $1::VARCHAR COLLATE "C"
              AND place_1.path < $2::VARCHAR COLLATE "C"
              AND place_1.county_id = $3::BIGINT
            ORDER BY place_1.id ASC
            LIMIT 1
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
