WITH scope AS MATERIALIZED (
  SELECT
    open_scope($4::BIGINT, $5::INTEGER, $6::BIGINT, $7::BIGINT, $1::VARCHAR COLLATE "C", $8::VARCHAR) AS state
), groups_0 AS MATERIALIZED (
  SELECT anon_1.duty AS duty, anon_1.qualification AS qualification, anon_1.count AS count
  FROM
    (
      SELECT
        anon_2.duty COLLATE "C" AS duty,
        anon_2.qualification COLLATE "C" AS qualification,
        count(DISTINCT anon_2.id) AS count
      FROM
        (
          SELECT anon_3.duty AS duty, anon_4.level AS qualification, person_1.id AS id, false AS past
          FROM person AS person_1 LEFT OUTER
          JOIN
            (
              SELECT DISTINCT assignment_1.person_id AS person_id, assignment_1.duty AS duty
              FROM assignment AS assignment_1
              WHERE
                assignment_1.valid_from <= CURRENT_DATE
                AND (assignment_1.valid_to IS NULL OR assignment_1.valid_to > CURRENT_DATE)
                AND assignment_1.path >= $1::VARCHAR COLLATE "C"
                AND assignment_1.path < $2::VARCHAR COLLATE "C"
                AND assignment_1.county_id = $3::BIGINT
            ) AS anon_3 ON anon_3.person_id = person_1.id LEFT OUTER
          JOIN
            (
              SELECT qualification_1.person_id AS person_id, max(qualification_1.level) AS level
              FROM qualification AS qualification_1
              WHERE
                (qualification_1.expires_on IS NULL OR qualification_1.expires_on >= CURRENT_DATE)
                AND qualification_1.path >= $1::VARCHAR COLLATE "C"
                AND qualification_1.path < $2::VARCHAR COLLATE "C"
                AND qualification_1.county_id = $3::BIGINT
              GROUP BY qualification_1.person_id
            ) AS anon_4 ON anon_4.person_id = person_1.id
          WHERE
            (
              person_1.path >= $1::VARCHAR COLLATE "C"
              AND person_1.path < $2::VARCHAR COLLATE "C"
              AND person_1.county_id = $3::BIGINT
              OR person_1.id = ANY(
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
                      AND (assignment_2.valid_to IS NULL OR assignment_2.valid_to > CURRENT_DATE)
                  )
                )
              )
            )
            AND true
            AND (SELECT scope.state FROM scope) = 'OK'
        ) AS anon_2
      GROUP BY anon_2.duty COLLATE "C", anon_2.qualification COLLATE "C"
    ) AS anon_1
), listed_0 AS MATERIALIZED (
  SELECT
    row_number() OVER () AS position,
    CAST(groups_0.duty AS TEXT) AS key_0,
    CAST(groups_0.qualification AS TEXT) AS key_1,
    groups_0.duty AS duty,
    groups_0.qualification AS qualification,
    groups_0.count AS count
  FROM groups_0
), hidden_0 AS MATERIALIZED (
  SELECT listed_0.duty AS duty, listed_0.qualification AS qualification, true AS hidden
  FROM listed_0
  WHERE
    listed_0.position IN (
      SELECT p
      FROM
        small_cells(
          (
            SELECT array_agg(each.key ORDER BY listed_0.position, each.number) AS array_agg_1
            FROM listed_0
            JOIN LATERAL(VALUES(0, listed_0.key_0), (1, listed_0.key_1)) AS each(number, key) ON true
          ),
          ARRAY[1,
          1]::integer[],
          (SELECT array_agg(listed_0.count ORDER BY listed_0.position) AS array_agg_2 FROM listed_0),
          $9::INTEGER
        ) AS p
    )
), cells_0 AS MATERIALIZED (
  SELECT
    groups_0.duty AS duty,
    groups_0.qualification AS qualification,
    concat_ws(
      '.',
      CASE WHEN (groups_0.duty IS NULL) THEN '~' ELSE CAST(groups_0.duty AS TEXT) END,
      CASE WHEN (groups_0.qualification IS NULL) THEN '~' ELSE CAST(groups_0.qualification AS TEXT) END
    ) COLLATE "C" AS id,
    CASE WHEN (hidden_0.hidden IS NULL) THEN groups_0.count END AS count,
    hidden_0.hidden IS NOT NULL AS hidden
  FROM groups_0 LEFT OUTER
  JOIN hidden_0 ON groups_0.duty IS NOT DISTINCT
  FROM hidden_0.duty AND groups_0.qualification IS NOT DISTINCT
  FROM hidden_0.qualification
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
              EXISTS (SELECT 1 FROM cells_0 WHERE cells_0.hidden) AS suppressed,
              (SELECT count(*) AS count_1 FROM cells_0 WHERE NOT cells_0.hidden) AS "totalCount",
              (
                SELECT coalesce(array_to_json(array_agg("a row")), '[]'::json) AS coalesce_1
                FROM
                  (
                    SELECT
                      (
                        SELECT row_to_json("a row") AS row_to_json_2
                        FROM (SELECT cells_0.qualification AS qualification, cells_0.duty AS duty) AS "a row"
                      ) AS key,
                      cells_0.count AS count
                    FROM cells_0
                    WHERE NOT cells_0.hidden
                    ORDER BY cells_0.duty COLLATE "C" ASC, cells_0.qualification COLLATE "C" ASC
                    LIMIT $10::INTEGER
                  ) AS "a row"
              ) AS nodes
          ) AS "a row"
      ) AS TEXT
    ),
    'UTF8'
  ) END AS r0
FROM scope
