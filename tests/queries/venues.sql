WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $8::BIGINT,
      $9::INTEGER,
      $10::BIGINT,
      $11::BIGINT,
      $1::VARCHAR COLLATE "C",
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
              (
                SELECT count(*) AS count_1
                FROM venue AS venue_1
                WHERE
                  venue_1.path >= $1::VARCHAR COLLATE "C"
                  AND venue_1.path < $2::VARCHAR COLLATE "C"
                  AND venue_1.county_id = $3::BIGINT
                  AND (
                    EXISTS (
                      SELECT *
                      FROM venue_need AS venue_need_1
                      WHERE
                        venue_need_1.venue_id = venue_1.id
                        AND venue_need_1.need = ANY($4::TEXT[])
                        AND venue_need_1.path >= $1::VARCHAR COLLATE "C"
                        AND venue_need_1.path < $2::VARCHAR COLLATE "C"
                        AND venue_need_1.county_id = $3::BIGINT
                    )
                  )
                  AND (venue_1.closed_on IS NOT NULL) = $5::BOOLEAN
              ) AS "totalCount",
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                FROM
                  (
                    SELECT
                      venue_1.code AS code,
                      venue_1.name AS name,
                      venue_1.kind AS kind,
                      (
                        SELECT coalesce(array_to_json(array_agg("a row" .value)), '[]'::json) AS coalesce_2
                        FROM
                          (
                            SELECT venue_need_2.need AS value
                            FROM venue_need AS venue_need_2
                            WHERE
                              venue_need_2.venue_id = venue_1.id
                              AND venue_need_2.path >= $1::VARCHAR COLLATE "C"
                              AND venue_need_2.path < $2::VARCHAR COLLATE "C"
                              AND venue_need_2.county_id = $3::BIGINT
                            ORDER BY
                              array_position(
                                string_to_array('ELDERLY,CHILDREN,HEALTH,FOOD,LEISURE,AFFAIRS', ','),
                                venue_need_2.need
                              )
                          ) AS "a row"
                      ) AS needs,
                      venue_1.purchased AS purchased,
                      (
                        SELECT row_to_json("a row") AS row_to_json_2
                        FROM
                          (
                            SELECT agency_1.name AS name
                            FROM agency AS agency_1
                            WHERE
                              venue_1.agency_id = agency_1.id
                              AND agency_1.path >= $1::VARCHAR COLLATE "C"
                              AND agency_1.path < $2::VARCHAR COLLATE "C"
                              AND agency_1.county_id = $3::BIGINT
                            ORDER BY agency_1.id ASC
                            LIMIT 1
                          ) AS "a row"
                      ) AS agency,
                      (
                        SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_3
                        FROM
                          (
                            SELECT
                              opening_time_1.weekday AS weekday,
                              opening_time_1.opens AS opens,
                              opening_time_1.closes AS closes
                            FROM opening_time AS opening_time_1
                            WHERE
                              venue_1.id = opening_time_1.venue_id
                              AND opening_time_1.path >= $1::VARCHAR COLLATE "C"
                              AND opening_time_1.path < $2::VARCHAR COLLATE "C"
                              AND opening_time_1.county_id = $3::BIGINT
                            ORDER BY
                              opening_time_1.weekday ASC,
                              opening_time_1.opens ASC,
                              opening_time_1.id ASC
                          ) AS "a row"
                      ) AS "openingTimes",
                      (
                        SELECT row_to_json("a row") AS row_to_json_3
                        FROM
                          (
                            SELECT
                              'VENUE_WRITE' = ANY($6::TEXT[]) AND CASE WHEN (
                                NOT (
                                  venue_1.path >= $1::VARCHAR COLLATE "C"
                                  AND venue_1.path < $2::VARCHAR COLLATE "C"
                                  AND venue_1.county_id = $3::BIGINT
                                )
                              ) THEN 'SEEN_ONLY' WHEN (venue_1.closed_on IS NOT NULL) THEN 'CLOSED' END IS NULL AS update,
                              'VENUE_WRITE' = ANY($6::TEXT[]) AND CASE WHEN (
                                NOT (
                                  venue_1.path >= $1::VARCHAR COLLATE "C"
                                  AND venue_1.path < $2::VARCHAR COLLATE "C"
                                  AND venue_1.county_id = $3::BIGINT
                                )
                              ) THEN 'SEEN_ONLY' WHEN (venue_1.closed_on IS NOT NULL) THEN 'CLOSED' END IS NULL AS close
                          ) AS "a row"
                      ) AS can
                    FROM venue AS venue_1
                    WHERE
                      venue_1.path >= $1::VARCHAR COLLATE "C"
                      AND venue_1.path < $2::VARCHAR COLLATE "C"
                      AND venue_1.county_id = $3::BIGINT
                      AND (
                        EXISTS (
                          SELECT *
                          FROM venue_need AS venue_need_1
                          WHERE
                            venue_need_1.venue_id = venue_1.id
                            AND venue_need_1.need = ANY($4::TEXT[])
                            AND venue_need_1.path >= $1::VARCHAR COLLATE "C"
                            AND venue_need_1.path < $2::VARCHAR COLLATE "C"
                            AND venue_need_1.county_id = $3::BIGINT
                        )
                      )
                      AND (venue_1.closed_on IS NOT NULL) = $5::BOOLEAN
                    ORDER BY venue_1.opened_on ASC, venue_1.id ASC
                    LIMIT $7::INTEGER
                  ) AS "a row"
              ) AS nodes
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
