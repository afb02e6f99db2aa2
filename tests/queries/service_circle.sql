WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $15::BIGINT,
      $16::INTEGER,
      $17::BIGINT,
      $18::BIGINT,
      $1::VARCHAR COLLATE "C",
      $19::VARCHAR
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
                SELECT coalesce(array_to_json(array_agg("a row" .value)), '[]'::json) AS coalesce_1
                FROM
                  (
                    SELECT anon_1.need AS value
                    FROM
                      (
                        SELECT six.need AS need, six.position AS position, place_1.path AS path
                        FROM
                          (
                            VALUES('ELDERLY', 0),
                            ('CHILDREN', 1),
                            ('HEALTH', 2),
                            ('FOOD', 3),
                            ('LEISURE', 4),
                            ('AFFAIRS', 5)
                          ) AS six(need, position)
                      ) AS anon_1
                    WHERE
                      EXISTS (
                        SELECT *
                        FROM venue AS venue_1
                        JOIN venue_need AS venue_need_1 ON venue_need_1.venue_id = venue_1.id
                        WHERE
                          venue_1.path >= anon_1.path
                          AND venue_1.path < (left(anon_1.path, $4::INTEGER) || $5::VARCHAR COLLATE "C")
                          AND venue_1.closed_on IS NULL
                          AND venue_need_1.need = anon_1.need
                          AND venue_1.path >= $1::VARCHAR COLLATE "C"
                          AND venue_1.path < $2::VARCHAR COLLATE "C"
                          AND venue_1.county_id = $3::BIGINT
                          AND venue_need_1.path >= $1::VARCHAR COLLATE "C"
                          AND venue_need_1.path < $2::VARCHAR COLLATE "C"
                          AND venue_need_1.county_id = $3::BIGINT
                      )
                    ORDER BY anon_1.position
                  ) AS "a row"
              ) AS met,
              (
                SELECT coalesce(array_to_json(array_agg("a row" .value)), '[]'::json) AS coalesce_2
                FROM
                  (
                    SELECT anon_2.need AS value
                    FROM
                      (
                        SELECT six.need AS need, six.position AS position, place_1.path AS path
                        FROM
                          (
                            VALUES('ELDERLY', 0),
                            ('CHILDREN', 1),
                            ('HEALTH', 2),
                            ('FOOD', 3),
                            ('LEISURE', 4),
                            ('AFFAIRS', 5)
                          ) AS six(need, position)
                      ) AS anon_2
                    WHERE
                      NOT (
                        EXISTS (
                          SELECT *
                          FROM venue AS venue_2
                          JOIN venue_need AS venue_need_2 ON venue_need_2.venue_id = venue_2.id
                          WHERE
                            venue_2.path >= anon_2.path
                            AND venue_2.path < (left(anon_2.path, $6::INTEGER) || $7::VARCHAR COLLATE "C")
                            AND venue_2.closed_on IS NULL
                            AND venue_need_2.need = anon_2.need
                            AND venue_2.path >= $1::VARCHAR COLLATE "C"
                            AND venue_2.path < $2::VARCHAR COLLATE "C"
                            AND venue_2.county_id = $3::BIGINT
                            AND venue_need_2.path >= $1::VARCHAR COLLATE "C"
                            AND venue_need_2.path < $2::VARCHAR COLLATE "C"
                            AND venue_need_2.county_id = $3::BIGINT
                        )
                      )
                    ORDER BY anon_2.position
                  ) AS "a row"
              ) AS unmet,
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_3
                FROM
                  (
                    SELECT
                      anon_3.need AS need,
                      EXISTS (
                        SELECT *
                        FROM venue AS venue_3
                        JOIN venue_need AS venue_need_3 ON venue_need_3.venue_id = venue_3.id
                        WHERE
                          venue_3.path >= anon_3.path
                          AND venue_3.path < (left(anon_3.path, $8::INTEGER) || $9::VARCHAR COLLATE "C")
                          AND venue_3.closed_on IS NULL
                          AND venue_need_3.need = anon_3.need
                          AND venue_3.path >= $1::VARCHAR COLLATE "C"
                          AND venue_3.path < $2::VARCHAR COLLATE "C"
                          AND venue_3.county_id = $3::BIGINT
                          AND venue_need_3.path >= $1::VARCHAR COLLATE "C"
                          AND venue_need_3.path < $2::VARCHAR COLLATE "C"
                          AND venue_need_3.county_id = $3::BIGINT
                      ) AS met,
                      (
                        SELECT row_to_json("a row") AS row_to_json_5
                        FROM
                          (
                            SELECT
                              (
                                SELECT count(*) AS count_1
                                FROM venue AS venue_4
                                WHERE
                                  venue_4.path >= anon_3.path
                                  AND venue_4.path < (
                                    left(anon_3.path, $10::INTEGER)
                                    || $11::VARCHAR COLLATE "C"
                                  )
                                  AND venue_4.closed_on IS NULL
                                  AND (
                                    EXISTS (
                                      SELECT *
                                      FROM venue_need AS venue_need_4
                                      WHERE
                                        venue_need_4.venue_id = venue_4.id
                                        AND venue_need_4.need = anon_3.need
                                        AND venue_need_4.path >= $1::VARCHAR COLLATE "C"
                                        AND venue_need_4.path < $2::VARCHAR COLLATE "C"
                                        AND venue_need_4.county_id = $3::BIGINT
                                    )
                                  )
                                  AND venue_4.path >= $1::VARCHAR COLLATE "C"
                                  AND venue_4.path < $2::VARCHAR COLLATE "C"
                                  AND venue_4.county_id = $3::BIGINT
                              ) AS "totalCount",
                              (
                                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_4
                                FROM
                                  (
                                    SELECT venue_4.code AS code, venue_4.name AS name, venue_4.kind AS kind
                                    FROM venue AS venue_4
                                    WHERE
                                      venue_4.path >= anon_3.path
                                      AND venue_4.path < (
                                        left(anon_3.path, $10::INTEGER)
                                        || $11::VARCHAR COLLATE "C"
                                      )
                                      AND venue_4.closed_on IS NULL
                                      AND (
                                        EXISTS (
                                          SELECT *
                                          FROM venue_need AS venue_need_4
                                          WHERE
                                            venue_need_4.venue_id = venue_4.id
                                            AND venue_need_4.need = anon_3.need
                                            AND venue_need_4.path >= $1::VARCHAR COLLATE "C"
                                            AND venue_need_4.path < $2::VARCHAR COLLATE "C"
                                            AND venue_need_4.county_id = $3::BIGINT
                                        )
                                      )
                                      AND venue_4.path >= $1::VARCHAR COLLATE "C"
                                      AND venue_4.path < $2::VARCHAR COLLATE "C"
                                      AND venue_4.county_id = $3::BIGINT
                                    ORDER BY venue_4.opened_on ASC, venue_4.id ASC
                                    LIMIT $12::INTEGER
                                  ) AS "a row"
                              ) AS nodes
                          ) AS "a row"
                      ) AS venues
                    FROM
                      (
                        SELECT six.need AS need, six.position AS position, place_1.path AS path
                        FROM
                          (
                            VALUES('ELDERLY', 0),
                            ('CHILDREN', 1),
                            ('HEALTH', 2),
                            ('FOOD', 3),
                            ('LEISURE', 4),
                            ('AFFAIRS', 5)
                          ) AS six(need, position)
                      ) AS anon_3
                    ORDER BY anon_3.position
                  ) AS "a row"
              ) AS needs
            FROM place AS place_1
            WHERE
              place_1.id = $13::BIGINT
              AND place_1.kind = $14::VARCHAR
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
