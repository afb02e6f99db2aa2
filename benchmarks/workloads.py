"""The reading workloads: each as a GraphQL document, and as the statement that an expert would write by hand for it.

W1  one community with its parent and 20 grids
W2  a township with its communities, their grids and who works there: about 1,500 leaves
W3  the first 100 grid workers by name, with their home place's name and how many there are
"""

import random
from dataclasses import dataclass
from typing import Any

import asyncpg

from resolvers.core.context import Identity


@dataclass(frozen=True)
class Workload:
    """One operation. `sql`: the hand-written statement; its $9 is the one variable, as `argument` makes it."""

    field: str
    document: str
    variable: str
    sql: str


@dataclass(frozen=True)
class Target:
    """One request: an account (with its session) that asks for a workload with a value of its variable."""

    workload: str
    account_id: int
    session_id: int
    value: str


def covers(row: str) -> str:
    """The visibility clause of an alias, as `resolvers.core.scope` writes it."""
    return f"{row}.path >= $5 AND {row}.path < $7 AND {row}.county_id = $8"


TODAY = "valid_from <= current_date AND (a.valid_to IS NULL OR a.valid_to > current_date)"
SEEN = f"""(({covers("p")}) OR p.id = ANY (ARRAY(
  SELECT a.person_id FROM assignment a WHERE a.elsewhere AND {covers("a")} AND a.{TODAY})))"""


def guarded(value: str) -> str:
    """A statement that opens the scope, then reads one JSON value under it; the scope's parameters are $1 to $8."""
    return f"""WITH scope AS MATERIALIZED (SELECT open_scope($1, $2, $3, $4, $5, $6) AS state)
SELECT scope.state, CASE WHEN scope.state = 'OK' THEN convert_to(({value})::text, 'UTF8') END FROM scope"""


def arguments(identity: Identity, workload: Workload, value: str) -> list[Any]:
    """The parameters of a hand-written statement."""
    grant = identity.grant
    return [
        identity.account_id,
        identity.credential_version,
        identity.session_id,
        grant.id,
        grant.path,
        grant.role.value,
        grant.path[:-1] + "/",
        grant.county_id,
        int(value[1:]) if workload.variable == "id" else value,
    ]


def one(row: str) -> str:
    """A row of a sub-select as an object."""
    return f"(SELECT row_to_json(t) FROM ({row}) t)"


def many(rows: str) -> str:
    """Rows of a sub-select as an array of objects, in the fastest form that PostgreSQL has."""
    return f"(SELECT COALESCE(array_to_json(array_agg(t)), '[]') FROM ({rows}) t)"


RESPONSIBLE = one(f"""SELECT 'P' || p.id AS id, p.name FROM assignment a JOIN person p ON p.id = a.person_id
  WHERE a.place_id = g.id AND a.duty = 'RESPONSIBLE_PERSON' AND a.{TODAY} AND {covers("a")} ORDER BY p.id LIMIT 1""")

W1_GRIDS = many(f"""SELECT g.name, g.households, {RESPONSIBLE} AS "responsiblePerson"
  FROM grid g WHERE g.parent_id = c.id AND {covers("g")} ORDER BY g.id LIMIT 20""")

W1 = Workload(
    "community",
    """query W1($id: ID!) {
  community(id: $id) {
    name kind parent { name }
    grids(first: 20) { nodes { name households responsiblePerson { id name } } }
  }
}""",
    "id",
    guarded(
        one(f"""SELECT c.name, c.kind, {one(f"SELECT s.name FROM station s WHERE s.id = c.parent_id AND {covers('s')}")}
    AS parent, {one(f"SELECT {W1_GRIDS} AS nodes")} AS grids
  FROM community c WHERE c.id = $9::bigint AND {covers("c")}""")
    ),
)

WORKERS = many(f"""SELECT 'P' || p.id AS id, p.name, p.kind, p.gender, p.phone
  FROM assignment a JOIN person p ON p.id = a.person_id
  WHERE a.place_id = g.id AND a.duty = 'GRID_WORKER' AND a.{TODAY} AND {covers("a")} ORDER BY p.id""")

W2_GRIDS = many(f"""SELECT 'G' || g.id AS id, g.code, g.name, g.division_code AS "divisionCode", g.households,
    g.residents, {WORKERS} AS "gridWorkers"
  FROM grid g WHERE g.parent_id = c.id AND {covers("g")} ORDER BY g.id LIMIT 100""")

W2_COMMUNITIES = many(f"""SELECT 'C' || c.id AS id, c.code, c.name, c.kind, c.division_code AS "divisionCode",
    c.households, c.residents, {one(f"SELECT {W2_GRIDS} AS nodes")} AS grids
  FROM community c WHERE c.station_id = s.id AND {covers("c")} ORDER BY c.id LIMIT 100""")

W2 = Workload(
    "station",
    """query W2($id: ID!) {
  station(id: $id) {
    id code name level
    communities(first: 100, reach: OWN) {
      nodes {
        id code name kind divisionCode households residents
        grids(first: 100) {
          nodes { id code name divisionCode households residents gridWorkers { id name kind gender phone } }
        }
      }
    }
  }
}""",
    "id",
    guarded(
        one(f"""SELECT 'S' || s.id AS id, s.code, s.name, s.level, {one(f"SELECT {W2_COMMUNITIES} AS nodes")}
    AS communities
  FROM station s WHERE s.id = $9::bigint AND {covers("s")}""")
    ),
)

# Nearly everybody is at home in a grid, so that the first look-up is usually the only one.
HOME = f"""COALESCE({
    ", ".join(
        one(f"SELECT h.name FROM {table} h WHERE h.id = p.place_id AND {covers('h')}")
        for table in ("grid", "community", "station")
    )
})"""

W3 = Workload(
    "personnel",
    """query W3($kind: PersonKind!) {
  personnel(first: 100, where: { kind: { eq: $kind } }, orderBy: [{ field: NAME, direction: ASC }]) {
    totalCount nodes { id name kind phone home { name } }
  }
}""",
    "kind",
    guarded(
        one(f"""SELECT (SELECT count(*) FROM person p WHERE p.kind = $9::text AND {SEEN}) AS "totalCount",
  {
            many(f'''SELECT 'P' || p.id AS id, p.name, p.kind, p.phone, {HOME} AS home
  FROM person p WHERE p.kind = $9::text AND {SEEN} ORDER BY p.name, p.id LIMIT 100''')
        } AS nodes""")
    ),
)

WORKLOADS = {"W1": W1, "W2": W2, "W3": W3}

LEVELS = {
    "grid": ("GRID",),
    "community": ("COMMUNITY",),
    "township": ("BASIC",),
    "zone": ("DEMONSTRATION",),
    "county": ("HUB",),
}
# What the accounts of a level ask for: only what they can see.
ASKED = {
    "grid": ("W3",),
    "community": ("W1", "W3"),
    "township": ("W1", "W2", "W3"),
    "zone": ("W1", "W2", "W3"),
    "county": ("W1", "W2", "W3"),
}
MIXED = "mixed"

ACCOUNTS = """SELECT a.id, s.id AS session_id, a.path FROM account a JOIN place p ON p.id = a.place_id
JOIN session s ON s.account_id = a.id WHERE p.level = ANY($1) ORDER BY hashint8(a.id) LIMIT $2"""
BENEATH = "path >= $1 AND path < left($1, -1) || '/'"
VALUES = {
    "W1": f"SELECT 'C' || id FROM community WHERE {BENEATH} ORDER BY hashint8(id) LIMIT 1",
    "W2": f"SELECT 'S' || id FROM station WHERE {BENEATH} AND level <> 'HUB' ORDER BY hashint8(id) LIMIT 1",
    "W3": "SELECT 'GRID_WORKER' WHERE $1 <> ''",
}


async def targets(connection: "asyncpg.Connection", workload: str, level: str, accounts: int = 64) -> list[Target]:
    """What accounts of a level ask for; for the workload `mixed`, everything that all levels ask, shuffled."""
    if workload == MIXED:
        mixed = [
            target
            for each in LEVELS
            for asked in ASKED[each]
            for target in await targets(connection, asked, each, accounts // 4)
        ]
        random.Random(7).shuffle(mixed)
        return mixed
    found = []
    for row in await connection.fetch(ACCOUNTS, list(LEVELS[level]), accounts):
        value = await connection.fetchval(VALUES[workload], row["path"])
        found.append(Target(workload, row["id"], row["session_id"], value))
    return found
