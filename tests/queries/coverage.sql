WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $21::BIGINT,
      $22::INTEGER,
      $23::BIGINT,
      $24::BIGINT,
      $4::VARCHAR COLLATE "C",
      $25::VARCHAR
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
                SELECT count(*) AS count_1
                FROM community AS community_1
                WHERE
                  community_1.closed_on IS NULL
                  AND (
                    EXISTS (
                      SELECT anon_1.item_id
                      FROM
                        (
                          SELECT
                            service_item_1.id AS item_id,
                            row_number() OVER (ORDER BY service_item_1.code, service_item_1.id) AS position,
                            anon_2.item_id IS NOT NULL AS covered,
                            coalesce(anon_2.records, 0) AS records,
                            coalesce(anon_2.contacts, 0) AS contacts,
                            anon_2.last_served_on AS last_served_on
                          FROM service_item AS service_item_1 LEFT OUTER
                          JOIN
                            (
                              SELECT
                                service_record_1.item_id AS item_id,
                                count(*) AS records,
                                CAST(sum(service_record_1.contacts) AS BIGINT) AS contacts,
                                max(service_record_1.served_on) AS last_served_on
                              FROM service_record AS service_record_1
                              WHERE
                                service_record_1.path >= community_1.path
                                AND service_record_1.path < (
                                  left(community_1.path, $1::INTEGER)
                                  || $2::VARCHAR COLLATE "C"
                                )
                                AND service_record_1.state = 'VALID'
                                AND service_record_1.served_on >= $3::DATE
                                AND service_record_1.path >= $4::VARCHAR COLLATE "C"
                                AND service_record_1.path < $5::VARCHAR COLLATE "C"
                                AND service_record_1.county_id = $6::BIGINT
                              GROUP BY service_record_1.item_id
                            ) AS anon_2 ON anon_2.item_id = service_item_1.id
                          WHERE
                            service_item_1.county_id = community_1.county_id
                            AND starts_with(community_1.path, service_item_1.path)
                            AND (
                              service_item_1.withdrawn_on IS NULL
                              OR service_item_1.withdrawn_on > CURRENT_DATE
                            )
                            AND (
                              service_item_1.path >= $4::VARCHAR COLLATE "C"
                              AND service_item_1.path < $5::VARCHAR COLLATE "C"
                              AND service_item_1.county_id = $6::BIGINT
                              OR starts_with($4::VARCHAR COLLATE "C", service_item_1.path)
                            )
                        ) AS anon_1
                      WHERE NOT anon_1.covered
                    )
                  )
                  AND community_1.path >= $4::VARCHAR COLLATE "C"
                  AND community_1.path < $5::VARCHAR COLLATE "C"
                  AND community_1.county_id = $6::BIGINT
                  AND community_1.kind = $7::VARCHAR
              ) AS "totalCount",
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                FROM
                  (
                    SELECT
                      (
                        SELECT row_to_json("a row") AS row_to_json_2
                        FROM
                          (
                            SELECT service_item_2.code AS code
                            FROM service_item AS service_item_2
                            WHERE
                              anon_3.item_id = service_item_2.id
                              AND (
                                service_item_2.path >= $4::VARCHAR COLLATE "C"
                                AND service_item_2.path < $5::VARCHAR COLLATE "C"
                                AND service_item_2.county_id = $6::BIGINT
                                OR starts_with($4::VARCHAR COLLATE "C", service_item_2.path)
                              )
                            ORDER BY service_item_2.id ASC
                            LIMIT 1
                          ) AS "a row"
                      ) AS item,
                      anon_3.communities AS communities,
                      anon_3.share AS share
                    FROM
                      (
                        SELECT
                          service_item_3.id AS item_id,
                          row_number() OVER (ORDER BY service_item_3.code, service_item_3.id) AS position,
                          count(anon_4.id) AS communities,
                          CAST(count(anon_4.id) AS FLOAT) / CAST(nullif(count(*), 0) AS FLOAT) AS share
                        FROM
                          (
                            SELECT
                              community_1.id AS id,
                              community_1.path AS path,
                              community_1.county_id AS county_id
                            FROM community AS community_1
                            WHERE
                              community_1.closed_on IS NULL
                              AND (
                                EXISTS (
                                  SELECT anon_1.item_id
                                  FROM
                                    (
                                      SELECT
                                        service_item_1.id AS item_id,
                                        row_number() OVER (ORDER BY service_item_1.code, service_item_1.id) AS position,
                                        anon_2.item_id IS NOT NULL AS covered,
                                        coalesce(anon_2.records, 0) AS records,
                                        coalesce(anon_2.contacts, 0) AS contacts,
                                        anon_2.last_served_on AS last_served_on
                                      FROM service_item AS service_item_1 LEFT OUTER
                                      JOIN
                                        (
                                          SELECT
                                            service_record_1.item_id AS item_id,
                                            count(*) AS records,
                                            CAST(sum(service_record_1.contacts) AS BIGINT) AS contacts,
                                            max(service_record_1.served_on) AS last_served_on
                                          FROM service_record AS service_record_1
                                          WHERE
                                            service_record_1.path >= community_1.path
                                            AND service_record_1.path < (
                                              left(community_1.path, $1::INTEGER)
                                              || $2::VARCHAR COLLATE "C"
                                            )
                                            AND service_record_1.state = 'VALID'
                                            AND service_record_1.served_on >= $3::DATE
                                            AND service_record_1.path >= $4::VARCHAR COLLATE "C"
                                            AND service_record_1.path < $5::VARCHAR COLLATE "C"
                                            AND service_record_1.county_id = $6::BIGINT
                                          GROUP BY service_record_1.item_id
                                        ) AS anon_2 ON anon_2.item_id = service_item_1.id
                                      WHERE
                                        service_item_1.county_id = community_1.county_id
                                        AND starts_with(community_1.path, service_item_1.path)
                                        AND (
                                          service_item_1.withdrawn_on IS NULL
                                          OR service_item_1.withdrawn_on > CURRENT_DATE
                                        )
                                        AND (
                                          service_item_1.path >= $4::VARCHAR COLLATE "C"
                                          AND service_item_1.path < $5::VARCHAR COLLATE "C"
                                          AND service_item_1.county_id = $6::BIGINT
                                          OR starts_with($4::VARCHAR COLLATE "C", service_item_1.path)
                                        )
                                    ) AS anon_1
                                  WHERE NOT anon_1.covered
                                )
                              )
                              AND community_1.path >= $4::VARCHAR COLLATE "C"
                              AND community_1.path < $5::VARCHAR COLLATE "C"
                              AND community_1.county_id = $6::BIGINT
                              AND community_1.kind = $7::VARCHAR
                          ) AS anon_5
                        JOIN
                          service_item AS service_item_3 ON service_item_3.county_id = anon_5.county_id
                          AND starts_with(anon_5.path, service_item_3.path)
                          AND (
                            service_item_3.withdrawn_on IS NULL
                            OR service_item_3.withdrawn_on > CURRENT_DATE
                          )
                          AND (
                            service_item_3.path >= $4::VARCHAR COLLATE "C"
                            AND service_item_3.path < $5::VARCHAR COLLATE "C"
                            AND service_item_3.county_id = $6::BIGINT
                            OR starts_with($4::VARCHAR COLLATE "C", service_item_3.path)
                          ) LEFT OUTER
                        JOIN
                          (
                            SELECT DISTINCT anon_6.id AS id, service_record_2.item_id AS item_id
                            FROM
                              (
                                SELECT
                                  community_1.id AS id,
                                  community_1.path AS path,
                                  community_1.county_id AS county_id
                                FROM community AS community_1
                                WHERE
                                  community_1.closed_on IS NULL
                                  AND (
                                    EXISTS (
                                      SELECT anon_1.item_id
                                      FROM
                                        (
                                          SELECT
                                            service_item_1.id AS item_id,
                                            row_number() OVER (ORDER BY service_item_1.code, service_item_1.id) AS position,
                                            anon_2.item_id IS NOT NULL AS covered,
                                            coalesce(anon_2.records, 0) AS records,
                                            coalesce(anon_2.contacts, 0) AS contacts,
                                            anon_2.last_served_on AS last_served_on
                                          FROM service_item AS service_item_1 LEFT OUTER
                                          JOIN
                                            (
                                              SELECT
                                                service_record_1.item_id AS item_id,
                                                count(*) AS records,
                                                CAST(sum(service_record_1.contacts) AS BIGINT) AS contacts,
                                                max(service_record_1.served_on) AS last_served_on
                                              FROM service_record AS service_record_1
                                              WHERE
                                                service_record_1.path >= community_1.path
                                                AND service_record_1.path < (
                                                  left(community_1.path, $1::INTEGER)
                                                  || $2::VARCHAR COLLATE "C"
                                                )
                                                AND service_record_1.state = 'VALID'
                                                AND service_record_1.served_on >= $3::DATE
                                                AND service_record_1.path >= $4::VARCHAR COLLATE "C"
                                                AND service_record_1.path < $5::VARCHAR COLLATE "C"
                                                AND service_record_1.county_id = $6::BIGINT
                                              GROUP BY service_record_1.item_id
                                            ) AS anon_2 ON anon_2.item_id = service_item_1.id
                                          WHERE
                                            service_item_1.county_id = community_1.county_id
                                            AND starts_with(community_1.path, service_item_1.path)
                                            AND (
                                              service_item_1.withdrawn_on IS NULL
                                              OR service_item_1.withdrawn_on > CURRENT_DATE
                                            )
                                            AND (
                                              service_item_1.path >= $4::VARCHAR COLLATE "C"
                                              AND service_item_1.path < $5::VARCHAR COLLATE "C"
                                              AND service_item_1.county_id = $6::BIGINT
                                              OR starts_with($4::VARCHAR COLLATE "C", service_item_1.path)
                                            )
                                        ) AS anon_1
                                      WHERE NOT anon_1.covered
                                    )
                                  )
                                  AND community_1.path >= $4::VARCHAR COLLATE "C"
                                  AND community_1.path < $5::VARCHAR COLLATE "C"
                                  AND community_1.county_id = $6::BIGINT
                                  AND community_1.kind = $7::VARCHAR
                              ) AS anon_6
                            JOIN
                              service_record AS service_record_2 ON service_record_2.path >= anon_6.path
                              AND service_record_2.path < (
                                left(anon_6.path, $8::INTEGER)
                                || $9::VARCHAR COLLATE "C"
                              )
                              AND service_record_2.state = 'VALID'
                              AND service_record_2.served_on >= $10::DATE
                              AND service_record_2.path >= $4::VARCHAR COLLATE "C"
                              AND service_record_2.path < $5::VARCHAR COLLATE "C"
                              AND service_record_2.county_id = $6::BIGINT
                          ) AS anon_4 ON anon_4.id = anon_5.id
                          AND anon_4.item_id = service_item_3.id
                        GROUP BY service_item_3.id, service_item_3.code
                        ORDER BY service_item_3.code, service_item_3.id
                        LIMIT 100
                      ) AS anon_3
                    ORDER BY anon_3.position
                  ) AS "a row"
              ) AS items,
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_2
                FROM
                  (
                    SELECT
                      (
                        SELECT row_to_json("a row") AS row_to_json_3
                        FROM
                          (
                            SELECT community_2.name AS name
                            FROM community AS community_2
                            WHERE
                              community_1.id = community_2.id
                              AND community_2.path >= $4::VARCHAR COLLATE "C"
                              AND community_2.path < $5::VARCHAR COLLATE "C"
                              AND community_2.county_id = $6::BIGINT
                            ORDER BY community_2.id ASC
                            LIMIT 1
                          ) AS "a row"
                      ) AS community,
                      (
                        SELECT count(*) FILTER(WHERE anon_8.covered) AS anon_7
                        FROM
                          (
                            SELECT
                              service_item_4.id AS item_id,
                              row_number() OVER (ORDER BY service_item_4.code, service_item_4.id) AS position,
                              anon_9.item_id IS NOT NULL AS covered,
                              coalesce(anon_9.records, 0) AS records,
                              coalesce(anon_9.contacts, 0) AS contacts,
                              anon_9.last_served_on AS last_served_on
                            FROM service_item AS service_item_4 LEFT OUTER
                            JOIN
                              (
                                SELECT
                                  service_record_3.item_id AS item_id,
                                  count(*) AS records,
                                  CAST(sum(service_record_3.contacts) AS BIGINT) AS contacts,
                                  max(service_record_3.served_on) AS last_served_on
                                FROM service_record AS service_record_3
                                WHERE
                                  service_record_3.path >= community_1.path
                                  AND service_record_3.path < (
                                    left(community_1.path, $11::INTEGER)
                                    || $12::VARCHAR COLLATE "C"
                                  )
                                  AND service_record_3.state = 'VALID'
                                  AND service_record_3.served_on >= $13::DATE
                                  AND service_record_3.path >= $4::VARCHAR COLLATE "C"
                                  AND service_record_3.path < $5::VARCHAR COLLATE "C"
                                  AND service_record_3.county_id = $6::BIGINT
                                GROUP BY service_record_3.item_id
                              ) AS anon_9 ON anon_9.item_id = service_item_4.id
                            WHERE
                              service_item_4.county_id = community_1.county_id
                              AND starts_with(community_1.path, service_item_4.path)
                              AND (
                                service_item_4.withdrawn_on IS NULL
                                OR service_item_4.withdrawn_on > CURRENT_DATE
                              )
                              AND (
                                service_item_4.path >= $4::VARCHAR COLLATE "C"
                                AND service_item_4.path < $5::VARCHAR COLLATE "C"
                                AND service_item_4.county_id = $6::BIGINT
                                OR starts_with($4::VARCHAR COLLATE "C", service_item_4.path)
                              )
                          ) AS anon_8
                      ) AS covered,
                      (
                        SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_3
                        FROM
                          (
                            SELECT service_item_5.code AS code
                            FROM service_item AS service_item_5
                            WHERE
                              service_item_5.id IN (
                                SELECT anon_10.item_id
                                FROM
                                  (
                                    SELECT
                                      service_item_6.id AS item_id,
                                      row_number() OVER (ORDER BY service_item_6.code, service_item_6.id) AS position,
                                      anon_11.item_id IS NOT NULL AS covered,
                                      coalesce(anon_11.records, 0) AS records,
                                      coalesce(anon_11.contacts, 0) AS contacts,
                                      anon_11.last_served_on AS last_served_on
                                    FROM service_item AS service_item_6 LEFT OUTER
                                    JOIN
                                      (
                                        SELECT
                                          service_record_4.item_id AS item_id,
                                          count(*) AS records,
                                          CAST(sum(service_record_4.contacts) AS BIGINT) AS contacts,
                                          max(service_record_4.served_on) AS last_served_on
                                        FROM service_record AS service_record_4
                                        WHERE
                                          service_record_4.path >= community_1.path
                                          AND service_record_4.path < (
                                            left(community_1.path, $14::INTEGER)
                                            || $15::VARCHAR COLLATE "C"
                                          )
                                          AND service_record_4.state = 'VALID'
                                          AND service_record_4.served_on >= $16::DATE
                                          AND service_record_4.path >= $4::VARCHAR COLLATE "C"
                                          AND service_record_4.path < $5::VARCHAR COLLATE "C"
                                          AND service_record_4.county_id = $6::BIGINT
                                        GROUP BY service_record_4.item_id
                                      ) AS anon_11 ON anon_11.item_id = service_item_6.id
                                    WHERE
                                      service_item_6.county_id = community_1.county_id
                                      AND starts_with(community_1.path, service_item_6.path)
                                      AND (
                                        service_item_6.withdrawn_on IS NULL
                                        OR service_item_6.withdrawn_on > CURRENT_DATE
                                      )
                                      AND (
                                        service_item_6.path >= $4::VARCHAR COLLATE "C"
                                        AND service_item_6.path < $5::VARCHAR COLLATE "C"
                                        AND service_item_6.county_id = $6::BIGINT
                                        OR starts_with($4::VARCHAR COLLATE "C", service_item_6.path)
                                      )
                                  ) AS anon_10
                                WHERE NOT anon_10.covered
                              )
                              AND (
                                service_item_5.path >= $4::VARCHAR COLLATE "C"
                                AND service_item_5.path < $5::VARCHAR COLLATE "C"
                                AND service_item_5.county_id = $6::BIGINT
                                OR starts_with($4::VARCHAR COLLATE "C", service_item_5.path)
                              )
                            ORDER BY service_item_5.code ASC, service_item_5.id ASC
                          ) AS "a row"
                      ) AS uncovered,
                      (
                        SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_4
                        FROM
                          (
                            SELECT
                              (
                                SELECT row_to_json("a row") AS row_to_json_4
                                FROM
                                  (
                                    SELECT service_item_7.code AS code
                                    FROM service_item AS service_item_7
                                    WHERE
                                      anon_12.item_id = service_item_7.id
                                      AND (
                                        service_item_7.path >= $4::VARCHAR COLLATE "C"
                                        AND service_item_7.path < $5::VARCHAR COLLATE "C"
                                        AND service_item_7.county_id = $6::BIGINT
                                        OR starts_with($4::VARCHAR COLLATE "C", service_item_7.path)
                                      )
                                    ORDER BY service_item_7.id ASC
                                    LIMIT 1
                                  ) AS "a row"
                              ) AS item,
                              anon_12.records AS records,
                              anon_12.last_served_on AS "lastServedOn"
                            FROM
                              (
                                SELECT
                                  service_item_8.id AS item_id,
                                  row_number() OVER (ORDER BY service_item_8.code, service_item_8.id) AS position,
                                  anon_13.item_id IS NOT NULL AS covered,
                                  coalesce(anon_13.records, 0) AS records,
                                  coalesce(anon_13.contacts, 0) AS contacts,
                                  anon_13.last_served_on AS last_served_on
                                FROM service_item AS service_item_8 LEFT OUTER
                                JOIN
                                  (
                                    SELECT
                                      service_record_5.item_id AS item_id,
                                      count(*) AS records,
                                      CAST(sum(service_record_5.contacts) AS BIGINT) AS contacts,
                                      max(service_record_5.served_on) AS last_served_on
                                    FROM service_record AS service_record_5
                                    WHERE
                                      service_record_5.path >= community_1.path
                                      AND service_record_5.path < (
                                        left(community_1.path, $17::INTEGER)
                                        || $18::VARCHAR COLLATE "C"
                                      )
                                      AND service_record_5.state = 'VALID'
                                      AND service_record_5.served_on >= $19::DATE
                                      AND service_record_5.path >= $4::VARCHAR COLLATE "C"
                                      AND service_record_5.path < $5::VARCHAR COLLATE "C"
                                      AND service_record_5.county_id = $6::BIGINT
                                    GROUP BY service_record_5.item_id
                                  ) AS anon_13 ON anon_13.item_id = service_item_8.id
                                WHERE
                                  service_item_8.county_id = community_1.county_id
                                  AND starts_with(community_1.path, service_item_8.path)
                                  AND (
                                    service_item_8.withdrawn_on IS NULL
                                    OR service_item_8.withdrawn_on > CURRENT_DATE
                                  )
                                  AND (
                                    service_item_8.path >= $4::VARCHAR COLLATE "C"
                                    AND service_item_8.path < $5::VARCHAR COLLATE "C"
                                    AND service_item_8.county_id = $6::BIGINT
                                    OR starts_with($4::VARCHAR COLLATE "C", service_item_8.path)
                                  )
                              ) AS anon_12
                            ORDER BY anon_12.position
                          ) AS "a row"
                      ) AS cells
                    FROM community AS community_1
                    WHERE
                      community_1.closed_on IS NULL
                      AND (
                        EXISTS (
                          SELECT anon_1.item_id
                          FROM
                            (
                              SELECT
                                service_item_1.id AS item_id,
                                row_number() OVER (ORDER BY service_item_1.code, service_item_1.id) AS position,
                                anon_2.item_id IS NOT NULL AS covered,
                                coalesce(anon_2.records, 0) AS records,
                                coalesce(anon_2.contacts, 0) AS contacts,
                                anon_2.last_served_on AS last_served_on
                              FROM service_item AS service_item_1 LEFT OUTER
                              JOIN
                                (
                                  SELECT
                                    service_record_1.item_id AS item_id,
                                    count(*) AS records,
                                    CAST(sum(service_record_1.contacts) AS BIGINT) AS contacts,
                                    max(service_record_1.served_on) AS last_served_on
                                  FROM service_record AS service_record_1
                                  WHERE
                                    service_record_1.path >= community_1.path
                                    AND service_record_1.path < (
                                      left(community_1.path, $1::INTEGER)
                                      || $2::VARCHAR COLLATE "C"
                                    )
                                    AND service_record_1.state = 'VALID'
                                    AND service_record_1.served_on >= $3::DATE
                                    AND service_record_1.path >= $4::VARCHAR COLLATE "C"
                                    AND service_record_1.path < $5::VARCHAR COLLATE "C"
                                    AND service_record_1.county_id = $6::BIGINT
                                  GROUP BY service_record_1.item_id
                                ) AS anon_2 ON anon_2.item_id = service_item_1.id
                              WHERE
                                service_item_1.county_id = community_1.county_id
                                AND starts_with(community_1.path, service_item_1.path)
                                AND (
                                  service_item_1.withdrawn_on IS NULL
                                  OR service_item_1.withdrawn_on > CURRENT_DATE
                                )
                                AND (
                                  service_item_1.path >= $4::VARCHAR COLLATE "C"
                                  AND service_item_1.path < $5::VARCHAR COLLATE "C"
                                  AND service_item_1.county_id = $6::BIGINT
                                  OR starts_with($4::VARCHAR COLLATE "C", service_item_1.path)
                                )
                            ) AS anon_1
                          WHERE NOT anon_1.covered
                        )
                      )
                      AND community_1.path >= $4::VARCHAR COLLATE "C"
                      AND community_1.path < $5::VARCHAR COLLATE "C"
                      AND community_1.county_id = $6::BIGINT
                      AND community_1.kind = $7::VARCHAR
                    ORDER BY community_1.id ASC
                    LIMIT $20::INTEGER
                  ) AS "a row"
              ) AS nodes
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
