"""The tree: `node` has every place to be, numbered from the top down, and the tables of places are made from it."""

from server.demo.scale.sizes import Sizes
from server.demo.scale.steps import (
    BASIC,
    CITY,
    COMMUNITY,
    DEMONSTRATION,
    GRID,
    HERE,
    HUB,
    LOCATION,
    PIECE,
    PROVINCE,
    REGION,
    Step,
    chance,
)

LEVELS = ("REGION", "REGION", "REGION", "HUB", "DEMONSTRATION", "BASIC", "COMMUNITY", "GRID")
"""By tier."""
OPENED = ("2020-06-01", "2020-09-01", "2020-12-01", "2021-03-01", "2021-05-10", "2021-11-01")
"""By the tier of the station, which opens some days later; its communities and their grids open with it."""
DEMONSTRATIONS = 3
"""The fewest in a county; there are up to three more."""
CLOSED_ON = "2024-09-30"
ONE_CLOSED_OF = 400
RESIDENTIAL = "'(社区|居委会|居民委员会|社区委员会)$'"

TABLES = """
CREATE TEMPORARY TABLE listed (code text COLLATE "C" PRIMARY KEY, name text NOT NULL) ON COMMIT DROP;
CREATE TEMPORARY TABLE node (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tier integer NOT NULL,
  parent_id bigint,
  code text COLLATE "C" NOT NULL,
  name text NOT NULL,
  division_code text NOT NULL,
  opened_on date NOT NULL,
  closed_on date,
  households integer,
  residents integer
) ON COMMIT DROP;
"""


def steps(sizes: Sizes) -> list[Step]:
    """First all nodes, then the rows of the five tables about them."""
    return [*_nodes(sizes), *_rows()]


def _nodes(sizes: Sizes) -> list[Step]:
    insert = "INSERT INTO node (tier, parent_id, code, name, division_code, opened_on)"
    days = ", ".join(f"'{day}'" for day in OPENED)
    opened = f"(ARRAY[{days}])[t.tier + 1]::date"
    # The code of what is above, of which a city that is a county as well has none.
    above = """CASE length(code) WHEN 2 THEN '' WHEN 4 THEN left(code, 2)
      WHEN 6 THEN left(code, CASE WHEN right(code, 2) = '00' THEN 2 ELSE 4 END) END"""
    demonstrations = f"least(total, {DEMONSTRATIONS} + {chance('hub_id', 4)})"
    townships = f"""WITH numbered AS (SELECT l.code, l.name, n.id AS hub_id,
        row_number() OVER (PARTITION BY n.id ORDER BY l.code) AS number, count(*) OVER (PARTITION BY n.id) AS total
        FROM listed l JOIN node n ON n.code = left(l.code, 6) AND n.tier = {HUB} WHERE length(l.code) = 9),
      township AS (SELECT *, {demonstrations} AS leads FROM numbered)"""
    day = f"{opened} + {chance('hashtext(t.code)', 100)}"
    grids = f"greatest(1, floor({sizes.grids} * (0.5 + {chance('p.id', 1000)} / 1000.0) + 0.5)::integer)"
    return [
        Step(
            "regions and hubs",
            f"""WITH region AS (SELECT code, name, {above} AS above FROM listed WHERE length(code) BETWEEN 2 AND 6
                UNION ALL SELECT '', '全国', NULL),
              kept AS (SELECT *, CASE length(code) WHEN 0 THEN {REGION} WHEN 2 THEN {PROVINCE} WHEN 4 THEN {CITY}
                ELSE {HUB} END AS tier FROM region r
                WHERE length(code) >= {sizes.top.digits} AND NOT (length(code) = 4
                  AND EXISTS (SELECT FROM listed l WHERE l.code = r.code || '00'))),
              full_name AS (SELECT k.*, CASE WHEN k.name ~ '^(市辖区|县)$' OR k.name ~ '直辖县'
                THEN o.name || regexp_replace(k.name, '^(省|自治区)', '') ELSE k.name END AS called
                FROM kept k LEFT JOIN listed o ON o.code = k.above)
              {insert}
              SELECT tier, NULL, rpad(code, 6, '0'), called || CASE tier WHEN {HUB} THEN '社工总站' ELSE '' END,
                rpad(code, 6, '0'), {opened} FROM full_name t ORDER BY tier, code""",
        ),
        Step(
            "what regions and hubs are under",
            f"""UPDATE node n SET parent_id = o.id
                FROM (SELECT code, {above} AS above FROM listed) l
                JOIN node o ON o.code = rpad(l.above, 6, '0') AND o.tier < {HUB}
               WHERE n.code = rpad(l.code, 6, '0') AND n.tier = CASE length(l.code) WHEN 2 THEN {PROVINCE}
                 WHEN 4 THEN {CITY} WHEN 6 THEN {HUB} END""",
        ),
        Step(
            "demonstration stations",
            f"""{townships} {insert}
              SELECT tier, hub_id, code, name || '社工站', code, {day}
              FROM (SELECT *, {DEMONSTRATION} AS tier FROM township WHERE number <= leads) t ORDER BY code""",
        ),
        Step(
            "basic stations",
            f"""{townships} {insert}
              SELECT t.tier, d.id, t.code, t.name || '社工站', t.code, {day}
              FROM (SELECT *, {BASIC} AS tier FROM township WHERE number > leads) t
              JOIN township l ON l.hub_id = t.hub_id AND l.number = (t.number - 1) % t.leads + 1
              JOIN node d ON d.code = l.code AND d.tier = {DEMONSTRATION} ORDER BY t.code""",
        ),
        Step(
            "villages and communities",
            f"""{insert}
              SELECT {COMMUNITY}, s.id, l.code, l.name, l.code, s.opened_on
              FROM listed l JOIN node s ON s.code = left(l.code, 9) AND s.tier IN ({DEMONSTRATION}, {BASIC})
              WHERE length(l.code) = 12 ORDER BY l.code""",
        ),
        Step(
            "grids",
            f"""INSERT INTO node (tier, parent_id, code, name, division_code, opened_on, closed_on, households,
                residents)
              SELECT {GRID}, p.id, p.code || '-' || lpad(n::text, 2, '0'), n, p.code, p.opened_on,
                CASE WHEN n > 1 AND {chance("p.id * 64 + n", ONE_CLOSED_OF)} = 0 THEN '{CLOSED_ON}'::date END,
                h, round(h * (2.4 + {chance("p.id * 64 + n + 11", 100)} / 100.0))
              FROM node p CROSS JOIN LATERAL generate_series(1, {grids}) AS n
              CROSS JOIN LATERAL (SELECT 60 + {chance("p.id * 64 + n + 7", 240)} AS h) AS size
              WHERE p.tier = {COMMUNITY} ORDER BY p.code, n""",
        ),
        Step("statistics", "CREATE INDEX ON node (parent_id); ANALYZE node"),
    ]


def _rows() -> list[Step]:
    return [
        *(_place(tier) for tier in range(GRID + 1)),
        Step(
            "stations",
            f"""INSERT INTO station (id, path, station_id, county_id, parent_id, level, code, name, division_code,
                opened_on)
              SELECT {HERE}, p.parent_id, p.level, n.code, n.name, n.division_code, n.opened_on
              FROM node n JOIN place p ON p.id = n.id WHERE n.tier <= {BASIC} ORDER BY p.id""",
        ),
        Step(
            "villages and communities",
            f"""INSERT INTO community (id, path, station_id, county_id, parent_id, kind, code, name, division_code,
                households, residents)
              SELECT {HERE}, p.parent_id, CASE WHEN n.name ~ {RESIDENTIAL} THEN 'RESIDENTIAL' ELSE 'VILLAGE' END,
                n.code, regexp_replace(regexp_replace(n.name, '(?<=.)(居民委员会|居委会)$', ''),
                  '(?<=.)村?(村民委员会|村委会)$', '村'), n.division_code, sum(g.households), sum(g.residents)
              FROM node n JOIN place p ON p.id = n.id JOIN node g ON g.parent_id = n.id
              WHERE n.tier = {COMMUNITY} AND {PIECE} GROUP BY p.id, n.id ORDER BY p.id""",
            (COMMUNITY, COMMUNITY),
        ),
        Step(
            "grids",
            f"""INSERT INTO grid (id, path, station_id, county_id, parent_id, code, name, division_code, households,
                residents, closed_on)
              SELECT {HERE}, p.parent_id, n.code, c.name || '第' || n.name || '网格', n.division_code, n.households,
                n.residents, n.closed_on
              FROM node n JOIN place p ON p.id = n.id JOIN community c ON c.id = p.parent_id
              WHERE n.tier = {GRID} AND {PIECE} ORDER BY p.id""",
            (GRID, GRID),
        ),
        Step(
            "placements",
            f"""INSERT INTO placement ({LOCATION}, parent_id, valid_from, valid_to)
              SELECT {HERE}, p.parent_id, n.opened_on, n.closed_on
              FROM node n JOIN place p ON p.id = n.id WHERE p.parent_id IS NOT NULL AND {PIECE} ORDER BY p.id""",
            (REGION, GRID),
        ),
        Step(
            "division codes",
            f"""INSERT INTO division_code ({LOCATION}, code, valid_from)
              SELECT {HERE}, n.division_code, n.opened_on
              FROM node n JOIN place p ON p.id = n.id WHERE {PIECE} ORDER BY p.id""",
            (REGION, GRID),
        ),
    ]


def _place(tier: int) -> Step:
    """The places of a tier, whose paths follow from those of the tiers above."""
    return Step(
        "places",
        f"""INSERT INTO place (id, level, parent_id, parent_level, parent_path, parent_station_id, parent_county_id)
          SELECT p.id, '{LEVELS[tier]}', o.id, o.level, o.path, o.station_id, o.county_id
          FROM node p LEFT JOIN place o ON o.id = p.parent_id WHERE p.tier = {tier} AND {PIECE} ORDER BY p.id""",
        (tier, tier),
    )
