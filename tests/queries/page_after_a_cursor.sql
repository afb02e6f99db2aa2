WITH scope AS MATERIALIZED (
  SELECT
    open_scope(
      $13::BIGINT,
      $14::INTEGER,
      $15::BIGINT,
      $16::BIGINT,
      $2::VARCHAR COLLATE "C",
      $17::VARCHAR
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
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                FROM
                  (
                    SELECT
                      replace(
                        encode(
                          convert_to(
                            CAST(
                              json_build_array(
                                '-name,code,id',
                                community_1.name,
                                community_1.code,
                                community_1.id
                              ) AS TEXT
                            ),
                            $1::VARCHAR
                          ),
                          'base64'
                        ),
                        E '\n',
                        ''
                      ) AS cursor,
                      (
                        SELECT row_to_json("a row") AS row_to_json_2
                        FROM (SELECT community_1.code AS code, community_1.name AS name) AS "a row"
                      ) AS node
                    FROM community AS community_1
                    WHERE
                      community_1.path >= $2::VARCHAR COLLATE "C"
                      AND community_1.path < $3::VARCHAR COLLATE "C"
                      AND community_1.county_id = $4::BIGINT
                      AND community_1.kind = $5::VARCHAR
                      AND (
                        community_1.name < $6::VARCHAR COLLATE "C"
                        OR community_1.name = $6::VARCHAR COLLATE "C"
                        AND (
                          community_1.code > $7::VARCHAR COLLATE "C"
                          OR community_1.code = $7::VARCHAR COLLATE "C"
                          AND (community_1.id > $8::BIGINT OR false)
                        )
                      )
                    ORDER BY community_1.name DESC, community_1.code ASC, community_1.id ASC
                    LIMIT $9::INTEGER
                  ) AS "a row"
              ) AS edges,
              (
                SELECT row_to_json("a row") AS row_to_json_3
                FROM
                  (
                    SELECT
                      EXISTS (
                        SELECT 1
                        FROM community AS community_1
                        WHERE
                          community_1.path >= $2::VARCHAR COLLATE "C"
                          AND community_1.path < $3::VARCHAR COLLATE "C"
                          AND community_1.county_id = $4::BIGINT
                          AND community_1.kind = $5::VARCHAR
                          AND NOT (
                            community_1.name < $6::VARCHAR COLLATE "C"
                            OR community_1.name = $6::VARCHAR COLLATE "C"
                            AND (
                              community_1.code > $7::VARCHAR COLLATE "C"
                              OR community_1.code = $7::VARCHAR COLLATE "C"
                              AND (community_1.id > $8::BIGINT OR false)
                            )
                          )
                      ) AS "hasPreviousPage",
                      cardinality(anon_1. "all") > $9::INTEGER AS "hasNextPage",
                      anon_1. "all" [$10::INTEGER] AS "startCursor",
                      anon_1. "all" [least(cardinality(anon_1. "all"), $9::INTEGER) ] AS "endCursor"
                    FROM
                      (
                        SELECT coalesce(array_agg(anon_2.cursor), '{}'::text[]) AS "all"
                        FROM
                          (
                            SELECT
                              replace(
                                encode(
                                  convert_to(
                                    CAST(
                                      json_build_array(
                                        '-name,code,id',
                                        community_1.name,
                                        community_1.code,
                                        community_1.id
                                      ) AS TEXT
                                    ),
                                    $11::VARCHAR
                                  ),
                                  'base64'
                                ),
                                E '\n',
                                ''
                              ) AS cursor
                            FROM community AS community_1
                            WHERE
                              community_1.path >= $2::VARCHAR COLLATE "C"
                              AND community_1.path < $3::VARCHAR COLLATE "C"
                              AND community_1.county_id = $4::BIGINT
                              AND community_1.kind = $5::VARCHAR
                              AND (
                                community_1.name < $6::VARCHAR COLLATE "C"
                                OR community_1.name = $6::VARCHAR COLLATE "C"
                                AND (
                                  community_1.code > $7::VARCHAR COLLATE "C"
                                  OR community_1.code = $7::VARCHAR COLLATE "C"
                                  AND (community_1.id > $8::BIGINT OR false)
                                )
                              )
                            ORDER BY community_1.name DESC, community_1.code ASC, community_1.id ASC
                            LIMIT $9::INTEGER + $12::INTEGER
                          ) AS anon_2
                      ) AS anon_1
                  ) AS "a row"
              ) AS "pageInfo"
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
