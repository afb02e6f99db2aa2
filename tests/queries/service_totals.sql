WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $24::BIGINT,
      $25::INTEGER,
      $26::BIGINT,
      $27::BIGINT,
      $3::VARCHAR COLLATE "C",
      $28::VARCHAR
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
              anon_1.records AS records,
              anon_1.contacts AS contacts,
              anon_1.beneficiaries AS beneficiaries,
              anon_1.communities AS communities,
              anon_1.clients AS clients
            FROM
              (
                SELECT
                  count(*) AS records,
                  coalesce(sum(anon_2.contacts), 0) AS contacts,
                  coalesce(sum(anon_2.beneficiaries), 0) AS beneficiaries,
                  (
                    SELECT count(*) AS count_1
                    FROM place AS place_1
                    WHERE
                      place_1.kind = 'COMMUNITY'
                      AND place_1.id IN (
                        SELECT
                          unnest(
                            CAST(string_to_array(rtrim(anon_3.path, $1::VARCHAR), $2::VARCHAR) AS BIGINT[])
                          ) AS unnest_1
                        FROM
                          (
                            SELECT DISTINCT service_record_1.path AS path
                            FROM service_record AS service_record_1
                            WHERE
                              service_record_1.state = 'VALID'
                              AND service_record_1.path >= $3::VARCHAR COLLATE "C"
                              AND service_record_1.path < $4::VARCHAR COLLATE "C"
                              AND service_record_1.county_id = $5::BIGINT
                              AND service_record_1.path >= (
                                SELECT anon_4.path
                                FROM
                                  (
                                    SELECT
                                      coalesce(
                                        (
                                          SELECT place_2.path
                                          FROM place AS place_2
                                          WHERE
                                            place_2.id = $6::BIGINT
                                            AND place_2.path >= $3::VARCHAR COLLATE "C"
                                            AND place_2.path < $4::VARCHAR COLLATE "C"
                                            AND place_2.county_id = $5::BIGINT
                                        ),
                                        '~'
                                      ) AS path
                                  ) AS anon_4
                              )
                              AND service_record_1.path < (
                                left(
                                  (
                                    SELECT anon_4.path
                                    FROM
                                      (
                                        SELECT
                                          coalesce(
                                            (
                                              SELECT place_2.path
                                              FROM place AS place_2
                                              WHERE
                                                place_2.id = $6::BIGINT
                                                AND place_2.path >= $3::VARCHAR COLLATE "C"
                                                AND place_2.path < $4::VARCHAR COLLATE "C"
                                                AND place_2.county_id = $5::BIGINT
                                            ),
                                            '~'
                                          ) AS path
                                      ) AS anon_4
                                  ),
                                  $7::INTEGER
                                )
                                || $8::VARCHAR COLLATE "C"
                              )
                              AND service_record_1.served_on >= $9::DATE
                              AND service_record_1.served_on <= $10::DATE
                          ) AS anon_3
                      )
                      AND place_1.path >= $3::VARCHAR COLLATE "C"
                      AND place_1.path < $4::VARCHAR COLLATE "C"
                      AND place_1.county_id = $5::BIGINT
                  ) AS communities,
                  count(DISTINCT anon_2.client_id) AS clients
                FROM
                  (
                    SELECT
                      service_record_2.contacts AS contacts,
                      service_record_2.beneficiaries AS beneficiaries,
                      service_record_2.client_id AS client_id
                    FROM service_record AS service_record_2
                    WHERE
                      service_record_2.state = 'VALID'
                      AND service_record_2.path >= $3::VARCHAR COLLATE "C"
                      AND service_record_2.path < $4::VARCHAR COLLATE "C"
                      AND service_record_2.county_id = $5::BIGINT
                      AND service_record_2.path >= (
                        SELECT anon_5.path
                        FROM
                          (
                            SELECT
                              coalesce(
                                (
                                  SELECT place_3.path
                                  FROM place AS place_3
                                  WHERE
                                    place_3.id = $11::BIGINT
                                    AND place_3.path >= $3::VARCHAR COLLATE "C"
                                    AND place_3.path < $4::VARCHAR COLLATE "C"
                                    AND place_3.county_id = $5::BIGINT
                                ),
                                '~'
                              ) AS path
                          ) AS anon_5
                      )
                      AND service_record_2.path < (
                        left(
                          (
                            SELECT anon_5.path
                            FROM
                              (
                                SELECT
                                  coalesce(
                                    (
                                      SELECT place_3.path
                                      FROM place AS place_3
                                      WHERE
                                        place_3.id = $11::BIGINT
                                        AND place_3.path >= $3::VARCHAR COLLATE "C"
                                        AND place_3.path < $4::VARCHAR COLLATE "C"
                                        AND place_3.county_id = $5::BIGINT
                                    ),
                                    '~'
                                  ) AS path
                              ) AS anon_5
                          ),
                          $12::INTEGER
                        )
                        || $13::VARCHAR COLLATE "C"
                      )
                      AND service_record_2.served_on >= $14::DATE
                      AND service_record_2.served_on <= $15::DATE
                  ) AS anon_2
              ) AS anon_1
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
                FROM community AS community_1
                WHERE
                  community_1.path >= $3::VARCHAR COLLATE "C"
                  AND community_1.path < $4::VARCHAR COLLATE "C"
                  AND community_1.county_id = $5::BIGINT
                  AND $16::BOOLEAN = (
                    EXISTS (
                      SELECT *
                      FROM service_record AS service_record_3
                      WHERE
                        service_record_3.path >= community_1.path
                        AND service_record_3.path < (
                          left(community_1.path, $17::INTEGER)
                          || $18::VARCHAR COLLATE "C"
                        )
                        AND service_record_3.state = 'VALID'
                        AND service_record_3.path >= $3::VARCHAR COLLATE "C"
                        AND service_record_3.path < $4::VARCHAR COLLATE "C"
                        AND service_record_3.county_id = $5::BIGINT
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
            SELECT
              (
                SELECT count(*) AS count_3
                FROM service_record AS service_record_4
                WHERE
                  true
                  AND service_record_4.path >= $3::VARCHAR COLLATE "C"
                  AND service_record_4.path < $4::VARCHAR COLLATE "C"
                  AND service_record_4.county_id = $5::BIGINT
                  AND service_record_4.path >= (
                    SELECT anon_6.path
                    FROM
                      (
                        SELECT
                          coalesce(
                            (
                              SELECT place_4.path
                              FROM place AS place_4
                              WHERE
                                place_4.id = $19::BIGINT
                                AND place_4.path >= $3::VARCHAR COLLATE "C"
                                AND place_4.path < $4::VARCHAR COLLATE "C"
                                AND place_4.county_id = $5::BIGINT
                            ),
                            '~'
                          ) AS path
                      ) AS anon_6
                  )
                  AND service_record_4.path < (
                    left(
                      (
                        SELECT anon_6.path
                        FROM
                          (
                            SELECT
                              coalesce(
                                (
                                  SELECT place_4.path
                                  FROM place AS place_4
                                  WHERE
                                    place_4.id = $19::BIGINT
                                    AND place_4.path >= $3::VARCHAR COLLATE "C"
                                    AND place_4.path < $4::VARCHAR COLLATE "C"
                                    AND place_4.county_id = $5::BIGINT
                                ),
                                '~'
                              ) AS path
                          ) AS anon_6
                      ),
                      $20::INTEGER
                    )
                    || $21::VARCHAR COLLATE "C"
                  )
                  AND service_record_4.served_on <= $22::DATE
              ) AS "totalCount",
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                FROM
                  (
                    SELECT
                      service_record_4.served_on AS "servedOn",
                      service_record_4.contacts AS contacts,
                      service_record_4.state AS state,
                      CAST(
                        CASE service_record_4.state
                        WHEN 'VALID' THEN '["CORRECTED","CANCELLED"]'::json
                        WHEN 'CORRECTED' THEN '[]'::json
                        WHEN 'CANCELLED' THEN '[]'::json ELSE '[]'::json END AS JSON
                      ) AS "nextStates",
                      (
                        SELECT row_to_json("a row") AS row_to_json_4
                        FROM
                          (
                            SELECT service_item_1.code AS code, service_item_1.name AS name
                            FROM service_item AS service_item_1
                            WHERE
                              service_record_4.item_id = service_item_1.id
                              AND (
                                service_item_1.path >= $3::VARCHAR COLLATE "C"
                                AND service_item_1.path < $4::VARCHAR COLLATE "C"
                                AND service_item_1.county_id = $5::BIGINT
                                OR starts_with($3::VARCHAR COLLATE "C", service_item_1.path)
                              )
                            ORDER BY service_item_1.id ASC
                            LIMIT 1
                          ) AS "a row"
                      ) AS item,
                      (
                        SELECT row_to_json("a row") AS row_to_json_5
                        FROM
                          (
                            SELECT venue_1.code AS code
                            FROM venue AS venue_1
                            WHERE
                              service_record_4.venue_id = venue_1.id
                              AND venue_1.path >= $3::VARCHAR COLLATE "C"
                              AND venue_1.path < $4::VARCHAR COLLATE "C"
                              AND venue_1.county_id = $5::BIGINT
                            ORDER BY venue_1.id ASC
                            LIMIT 1
                          ) AS "a row"
                      ) AS venue,
                      (
                        SELECT row_to_json("a row") AS row_to_json_6
                        FROM
                          (
                            SELECT
                              client_1.kind AS kind,
                              (
                                SELECT
                                  coalesce(array_to_json(array_agg("a row" .value)), '[]'::json) AS coalesce_2
                                FROM
                                  (
                                    SELECT client_category_1.category AS value
                                    FROM client_category AS client_category_1
                                    WHERE
                                      client_category_1.client_id = client_1.id
                                      AND (
                                        client_category_1.path >= $3::VARCHAR COLLATE "C"
                                        AND client_category_1.path < $4::VARCHAR COLLATE "C"
                                        AND client_category_1.county_id = $5::BIGINT
                                        OR client_category_1.client_id = ANY(
                                          array(
                                            (
                                              SELECT sharing_1.row_id
                                              FROM sharing AS sharing_1
                                              WHERE
                                                sharing_1.noun = 'client'
                                                AND sharing_1.path >= $3::VARCHAR COLLATE "C"
                                                AND sharing_1.path < $4::VARCHAR COLLATE "C"
                                                AND sharing_1.county_id = $5::BIGINT
                                            )
                                          )
                                        )
                                      )
                                    ORDER BY client_category_1.category
                                  ) AS "a row"
                              ) AS categories,
                              client_1.household_size AS "householdSize",
                              client_1.phone AS phone,
                              client_1.consent_on AS "consentOn"
                            FROM client AS client_1
                            WHERE
                              service_record_4.client_id = client_1.id
                              AND (
                                client_1.path >= $3::VARCHAR COLLATE "C"
                                AND client_1.path < $4::VARCHAR COLLATE "C"
                                AND client_1.county_id = $5::BIGINT
                                OR client_1.id = ANY(
                                  array(
                                    (
                                      SELECT sharing_2.row_id
                                      FROM sharing AS sharing_2
                                      WHERE
                                        sharing_2.noun = 'client'
                                        AND sharing_2.path >= $3::VARCHAR COLLATE "C"
                                        AND sharing_2.path < $4::VARCHAR COLLATE "C"
                                        AND sharing_2.county_id = $5::BIGINT
                                    )
                                  )
                                )
                              )
                            ORDER BY client_1.id ASC
                            LIMIT 1
                          ) AS "a row"
                      ) AS client,
                      (
                        SELECT row_to_json("a row") AS row_to_json_7
                        FROM
                          (
                            SELECT service_record_5.contacts AS contacts
                            FROM service_record AS service_record_5
                            WHERE
                              service_record_4.corrects_id = service_record_5.id
                              AND service_record_5.path >= $3::VARCHAR COLLATE "C"
                              AND service_record_5.path < $4::VARCHAR COLLATE "C"
                              AND service_record_5.county_id = $5::BIGINT
                            ORDER BY service_record_5.id ASC
                            LIMIT 1
                          ) AS "a row"
                      ) AS corrects
                    FROM service_record AS service_record_4
                    WHERE
                      true
                      AND service_record_4.path >= $3::VARCHAR COLLATE "C"
                      AND service_record_4.path < $4::VARCHAR COLLATE "C"
                      AND service_record_4.county_id = $5::BIGINT
                      AND service_record_4.path >= (
                        SELECT anon_6.path
                        FROM
                          (
                            SELECT
                              coalesce(
                                (
                                  SELECT place_4.path
                                  FROM place AS place_4
                                  WHERE
                                    place_4.id = $19::BIGINT
                                    AND place_4.path >= $3::VARCHAR COLLATE "C"
                                    AND place_4.path < $4::VARCHAR COLLATE "C"
                                    AND place_4.county_id = $5::BIGINT
                                ),
                                '~'
                              ) AS path
                          ) AS anon_6
                      )
                      AND service_record_4.path < (
                        left(
                          (
                            SELECT anon_6.path
                            FROM
                              (
                                SELECT
                                  coalesce(
                                    (
                                      SELECT place_4.path
                                      FROM place AS place_4
                                      WHERE
                                        place_4.id = $19::BIGINT
                                        AND place_4.path >= $3::VARCHAR COLLATE "C"
                                        AND place_4.path < $4::VARCHAR COLLATE "C"
                                        AND place_4.county_id = $5::BIGINT
                                    ),
                                    '~'
                                  ) AS path
                              ) AS anon_6
                          ),
                          $20::INTEGER
                        )
                        || $21::VARCHAR COLLATE "C"
                      )
                      AND service_record_4.served_on <= $22::DATE
                    ORDER BY service_record_4.served_on DESC, service_record_4.id DESC
                    LIMIT $23::INTEGER
                  ) AS "a row"
              ) AS nodes
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r2
FROM scope
