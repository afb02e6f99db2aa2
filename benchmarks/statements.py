"""The floor's statements: each workload as an expert would write it by hand, over the same tables and kept sums.

Parameters: $1 to $6 open the scope, $7 is the end of its range, $8 its county, $9 what is asked for.
"""

from collections.abc import Callable

from models import CommunityKind, PersonKind, StationLevel

Covers = Callable[[str], str]

TODAY = "valid_from <= current_date AND (a.valid_to IS NULL OR a.valid_to > current_date)"


def wide(row: str) -> str:
    """The visibility clause of an alias, as `resolvers.core.scope` writes it for a scope above the county."""
    return f"{row}.path >= $5 AND {row}.path < $7"


def narrow(row: str) -> str:
    """The same for a scope in one county."""
    return f"{wide(row)} AND {row}.county_id = $8"


def one(row: str) -> str:
    """A row of a sub-select as an object."""
    return f"(SELECT row_to_json(t) FROM ({row}) t)"


def many(rows: str) -> str:
    """Rows of a sub-select as an array of objects, in the fastest form that PostgreSQL has."""
    return f"(SELECT COALESCE(array_to_json(array_agg(t)), '[]') FROM ({rows}) t)"


def guarded(value: str) -> str:
    """A statement that opens the scope, then reads one JSON value under it; $8 gets its type here."""
    return f"""WITH scope AS MATERIALIZED (SELECT open_scope($1, $2, $3, $4, $5, $6) AS state, $8::bigint AS county)
SELECT scope.state, CASE WHEN scope.state = 'OK' THEN convert_to(({value})::text, 'UTF8') END FROM scope"""


def community(covers: Covers) -> str:
    """W1."""
    responsible = one(f"""SELECT 'P' || p.id AS id, p.name FROM assignment a JOIN person p ON p.id = a.person_id
  WHERE a.place_id = g.id AND a.duty = 'RESPONSIBLE_PERSON' AND a.{TODAY} AND {covers("a")} ORDER BY p.id LIMIT 1""")
    grids = many(f"""SELECT g.name, g.households, {responsible} AS "responsiblePerson"
  FROM grid g WHERE g.parent_id = c.id AND {covers("g")} ORDER BY g.id LIMIT 20""")
    parent = one(f"SELECT s.name FROM station s WHERE s.id = c.parent_id AND {covers('s')}")
    return one(f"""SELECT c.name, c.kind, {parent} AS parent, {one(f"SELECT {grids} AS nodes")} AS grids
  FROM community c WHERE c.id = $9::bigint AND {covers("c")}""")


def township(covers: Covers) -> str:
    """W2."""
    workers = many(f"""SELECT 'P' || p.id AS id, p.name, p.kind, p.gender, p.phone
  FROM assignment a JOIN person p ON p.id = a.person_id
  WHERE a.place_id = g.id AND a.duty = 'GRID_WORKER' AND a.{TODAY} AND {covers("a")} ORDER BY p.id""")
    grids = many(f"""SELECT 'G' || g.id AS id, g.code, g.name, g.division_code AS "divisionCode", g.households,
    g.residents, {workers} AS "gridWorkers"
  FROM grid g WHERE g.parent_id = c.id AND {covers("g")} ORDER BY g.id LIMIT 100""")
    communities = many(f"""SELECT 'C' || c.id AS id, c.code, c.name, c.kind, c.division_code AS "divisionCode",
    c.households, c.residents, {one(f"SELECT {grids} AS nodes")} AS grids
  FROM community c WHERE c.station_id = s.id AND {covers("c")} ORDER BY c.id LIMIT 100""")
    return one(f"""SELECT 'S' || s.id AS id, s.code, s.name, s.level, {one(f"SELECT {communities} AS nodes")}
    AS communities
  FROM station s WHERE s.id = $9::bigint AND {covers("s")}""")


def personnel(covers: Covers) -> str:
    """W3. Nearly everybody is at home in a grid, so that the first look-up is usually the only one."""
    homes = [
        one(f"SELECT h.name FROM {table} h WHERE h.id = p.place_id AND {covers('h')}")
        for table in ("grid", "community", "station")
    ]
    seen = f"""p.kind = $9::text AND (({covers("p")}) OR p.id = ANY (ARRAY(
  SELECT a.person_id FROM assignment a WHERE a.elsewhere AND {covers("a")} AND a.{TODAY})))"""
    nodes = many(f"""SELECT 'P' || p.id AS id, p.name, p.kind, p.phone, COALESCE({", ".join(homes)}) AS home
  FROM person p WHERE {seen} ORDER BY p.name, p.id LIMIT 100""")
    return one(f'SELECT (SELECT count(*) FROM person p WHERE {seen}) AS "totalCount", {nodes} AS nodes')


def services(covers: Covers) -> str:
    """W4: the sums kept of the place $9, and what is not in them yet."""
    groups = f"""SELECT field, month, sum(records) AS records, sum(contacts) AS contacts,
    sum(beneficiaries) AS beneficiaries
  FROM (SELECT r.field, r.month, r.records, r.contacts, r.beneficiaries
          FROM service_rollup r WHERE r.place_id = $9::bigint AND {covers("r")}
        UNION ALL
        SELECT d.field, d.month, d.records, d.contacts, d.beneficiaries FROM service_delta d WHERE {covers("d")}) k
  GROUP BY field, month HAVING sum(records) <> 0"""
    key = "(SELECT t FROM (SELECT g.field, left(g.month::text, 7) AS month) t) AS key"
    nodes = f"SELECT {key}, g.records AS count, g.contacts, g.beneficiaries FROM ({groups}) g ORDER BY g.field, g.month"
    return one(f"SELECT {many(nodes)} AS nodes")


KINDS = {
    "STATION": ("level", [level.value for level in StationLevel]),
    "COMMUNITY": ("kind", [kind.value for kind in CommunityKind]),
    "PERSON": ("kind", [kind.value for kind in PersonKind]),
}


def summary(covers: Covers) -> str:
    """W5: the sums kept of the place $9, what is not in them yet, and who serves there and is at home elsewhere."""
    figures = f"""SELECT noun, kind, sum(number) AS number, sum(households) AS households, sum(residents) AS residents
  FROM (SELECT r.noun, r.kind, r.number, r.households, r.residents
          FROM network_rollup r WHERE r.place_id = $9::bigint AND r.open AND {covers("r")}
        UNION ALL
        SELECT d.noun, d.kind, d.number, d.households, d.residents
          FROM network_delta d WHERE d.open AND {covers("d")}
        UNION ALL
        SELECT 'PERSON', p.kind, 1, 0, 0 FROM person p
          WHERE p.retired_on IS NULL AND p.id = ANY (ARRAY(SELECT guests_of($9::bigint, current_date)))) k
  GROUP BY noun, kind"""

    def total(noun: str, value: str) -> str:
        return f"(SELECT COALESCE(sum(f.{value}), 0) FROM figures f WHERE f.noun = '{noun}')"

    def kinds(noun: str) -> str:
        name, listed = KINDS[noun]
        return many(f"""SELECT k.kind AS {name}, COALESCE(f.number, 0) AS count
  FROM unnest(ARRAY{listed}) WITH ORDINALITY AS k (kind, n)
  LEFT JOIN figures f ON f.noun = '{noun}' AND f.kind = k.kind ORDER BY k.n""")

    row = f"""SELECT {total("STATION", "number")} AS stations, {kinds("STATION")} AS "stationsByLevel",
    {total("COMMUNITY", "number")} AS communities, {kinds("COMMUNITY")} AS "communitiesByKind",
    {total("GRID", "number")} AS grids, {total("COMMUNITY", "households")} AS households,
    {total("COMMUNITY", "residents")} AS residents, {total("PERSON", "number")} AS personnel,
    {kinds("PERSON")} AS "personnelByKind" """
    return f"(WITH figures AS MATERIALIZED ({figures}) SELECT {one(row)})"


FLOOR = {"W1": community, "W2": township, "W3": personnel, "W4": services, "W5": summary}
STATEMENTS = {
    (name, covers is wide): guarded(build(covers)) for name, build in FLOOR.items() for covers in (narrow, wide)
}
"""By workload and whether the scope is above the county."""
