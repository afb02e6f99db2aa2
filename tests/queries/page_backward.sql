WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $11::BIGINT,
      $12::INTEGER,
      $13::BIGINT,
      $14::BIGINT,
      $1::VARCHAR COLLATE "C",
      $15::VARCHAR
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
                FROM grid AS grid_1
                WHERE
                  grid_1.path >= $1::VARCHAR COLLATE "C"
                  AND grid_1.path < $2::VARCHAR COLLATE "C"
                  AND grid_1.county_id = $3::BIGINT
                  AND grid_1.name >= $4::VARCHAR COLLATE "C"
                  AND grid_1.name <= ($4::VARCHAR COLLATE "C" || chr($5::INTEGER))
                  AND starts_with(grid_1.name, $4::VARCHAR COLLATE "C")
              ) AS "totalCount",
              (
                SELECT
                  coalesce(
                    array_to_json(array_agg(anon_1.value ORDER BY anon_1.position DESC)),
                    '[]'::json
                  ) AS coalesce_1
                FROM
                  (
                    SELECT
                      (
                        SELECT row_to_json("a row") AS row_to_json_2
                        FROM (SELECT grid_1.code AS code, grid_1.name AS name) AS "a row"
                      ) AS value,
                      row_number() OVER (ORDER BY grid_1.name ASC, grid_1.id ASC) AS position
                    FROM grid AS grid_1
                    WHERE
                      grid_1.path >= $1::VARCHAR COLLATE "C"
                      AND grid_1.path < $2::VARCHAR COLLATE "C"
                      AND grid_1.county_id = $3::BIGINT
                      AND grid_1.name >= $4::VARCHAR COLLATE "C"
                      AND grid_1.name <= ($4::VARCHAR COLLATE "C" || chr($5::INTEGER))
                      AND starts_with(grid_1.name, $4::VARCHAR COLLATE "C")
                    ORDER BY grid_1.name ASC, grid_1.id ASC
                    LIMIT $6::INTEGER
                  ) AS anon_1
              ) AS nodes,
              (
                SELECT
                  coalesce(
                    array_to_json(array_agg(anon_2.value ORDER BY anon_2.position DESC)),
                    '[]'::json
                  ) AS coalesce_2
                FROM
                  (
                    SELECT
                      (
                        SELECT row_to_json("a row") AS row_to_json_3
                        FROM
                          (
                            SELECT
                              replace(
                                encode(
                                  convert_to(
                                    CAST(json_build_array('-name,-id', grid_1.name, grid_1.id) AS TEXT),
                                    $7::VARCHAR
                                  ),
                                  'base64'
                                ),
                                E '\n',
                                ''
                              ) AS cursor
                          ) AS "a row"
                      ) AS value,
                      row_number() OVER (ORDER BY grid_1.name ASC, grid_1.id ASC) AS position
                    FROM grid AS grid_1
                    WHERE
                      grid_1.path >= $1::VARCHAR COLLATE "C"
                      AND grid_1.path < $2::VARCHAR COLLATE "C"
                      AND grid_1.county_id = $3::BIGINT
                      AND grid_1.name >= $4::VARCHAR COLLATE "C"
                      AND grid_1.name <= ($4::VARCHAR COLLATE "C" || chr($5::INTEGER))
                      AND starts_with(grid_1.name, $4::VARCHAR COLLATE "C")
                    ORDER BY grid_1.name ASC, grid_1.id ASC
                    LIMIT $6::INTEGER
                  ) AS anon_2
              ) AS edges,
              (
                SELECT row_to_json("a row") AS row_to_json_4
                FROM
                  (
                    SELECT
                      cardinality(anon_3. "all") > $6::INTEGER AS "hasPreviousPage",
                      false AS "hasNextPage",
                      anon_3. "all" [least(cardinality(anon_3. "all"), $6::INTEGER) ] AS "startCursor",
                      anon_3. "all" [$8::INTEGER] AS "endCursor"
                    FROM
                      (
                        SELECT coalesce(array_agg(anon_4.cursor), '{}'::text[]) AS "all"
                        FROM
                          (
                            SELECT
                              replace(
                                encode(
                                  convert_to(
                                    CAST(json_build_array('-name,-id', grid_1.name, grid_1.id) AS TEXT),
                                    $9::VARCHAR
                                  ),
                                  'base64'
                                ),
                                E '\n',
                                ''
                              ) AS cursor
                            FROM grid AS grid_1
                            WHERE
                              grid_1.path >= $1::VARCHAR COLLATE "C"
                              AND grid_1.path < $2::VARCHAR COLLATE "C"
                              AND grid_1.county_id = $3::BIGINT
                              AND grid_1.name >= $4::VARCHAR COLLATE "C"
                              AND grid_1.name <= ($4::VARCHAR COLLATE "C" || chr($5::INTEGER))
                              AND starts_with(grid_1.name, $4::VARCHAR COLLATE "C")
                            ORDER BY grid_1.name ASC, grid_1.id ASC
                            LIMIT $6::INTEGER + $10::INTEGER
                          ) AS anon_4
                      ) AS anon_3
                  ) AS "a row"
              ) AS "pageInfo"
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
