"""What rows out of scope say of a person in scope stays hidden: a duty elsewhere, a skill or certificate of their home.

The ids in such an answer are all in scope, so that no search for strange ids would find the leak; and the demo has few
such rows, so they are planted here.
"""

import asyncio
from collections.abc import Iterator
from typing import Any, NamedTuple

import asyncpg
import pytest

from tests.conftest import Ask
from tests.guards import BOTH, CLAUSE, POLICIES, standing

NANCHENGCUN = "350526105205"
SKILL = "barber"

# Whom the hub employs and lends to the community.
LENT = """
SELECT p.* FROM person p JOIN assignment a ON a.person_id = p.id JOIN community c ON c.id = a.place_id
 WHERE c.code = $1 AND a.duty = 'LINKED_SOCIAL_WORKER' AND a.valid_from <= current_date AND a.valid_to IS NULL
   AND NOT starts_with(p.path, c.path) ORDER BY p.id LIMIT 1
"""
# Who serves the first grid, and is to be linked to the community that the grid worker's account does not see.
SERVING = """
SELECT p.* FROM person p JOIN assignment a ON a.person_id = p.id JOIN grid g ON g.id = a.place_id
 WHERE g.code = $1 AND a.duty = 'GRID_WORKER' AND a.valid_to IS NULL ORDER BY p.id LIMIT 1
"""
LOCATED = "place_id, path, station_id, county_id"
PLANT = (
    f"""INSERT INTO person_skill ({LOCATED}, person_id, skill_id)
        SELECT $2, $3, $4, $5, $1, id FROM skill WHERE code = '{SKILL}' RETURNING id""",
    f"""INSERT INTO qualification ({LOCATED}, person_id, level, certificate_number, obtained_on)
        SELECT $2, $3, $4, $5, $1, 'SENIOR', 'planted', '2022-01-01' RETURNING id""",
)
LINK = f"""
INSERT INTO assignment ({LOCATED}, valid_from, person_id, person_path, duty)
SELECT c.id, c.path, c.station_id, c.county_id, '2022-01-01', $1, $2, 'LINKED_SOCIAL_WORKER'
  FROM community c WHERE c.code = $3 RETURNING id
"""


class Planted(NamedTuple):
    """The public ids of the two people."""

    lent: str
    serving: str


@pytest.fixture(scope="module")
def planted(database: str) -> Iterator[Planted]:
    """The rows are there, and are gone afterwards."""
    made: list[tuple[str, int]] = []

    async def plant() -> Planted:
        connection = await asyncpg.connect(database)
        try:
            lent = await connection.fetchrow(LENT, NANCHENGCUN)
            serving = await connection.fetchrow(SERVING, f"{NANCHENGCUN}-01")
            assert lent
            assert serving
            home = [lent[name] for name in ("id", *LOCATED.split(", "))]
            for table, sql in zip(("person_skill", "qualification"), PLANT, strict=True):
                made.append((table, await connection.fetchval(sql, *home)))
            link = await connection.fetchval(LINK, serving["id"], serving["path"], NANCHENGCUN)
            made.append(("assignment", link))
            return Planted(f"P{lent['id']}", f"P{serving['id']}")
        finally:
            await connection.close()

    async def remove() -> None:
        connection = await asyncpg.connect(database)
        for table, key in made:
            await connection.execute(f"DELETE FROM {table} WHERE id = $1", key)
        await connection.close()

    try:
        yield asyncio.run(plant())
    finally:
        asyncio.run(remove())


@pytest.fixture(scope="module", params=[BOTH, CLAUSE, POLICIES])
def guards(request: pytest.FixtureRequest, database: str) -> Iterator[str]:
    with standing(request.param, database) as which:
        yield which


def filtered(ask: Ask, username: str, where: str) -> set[str]:
    """The people whom an account finds by a filter, out of a page that is large enough for a community."""
    found: list[dict[str, Any]] = []
    after, more = None, True
    while more:
        query = f"""query ($after: String) {{ personnel(first: 100, after: $after, where: {where}) {{
          nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}"""
        page = ask(username, query, {"after": after})["personnel"]
        found += page["nodes"]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    return {node["id"] for node in found}


@pytest.mark.parametrize(
    "where",
    [
        f'{{ skill: {{ eq: "{SKILL}" }} }}',
        f'{{ skill: {{ in: ["{SKILL}", "medical"] }} }}',
        f'{{ skill: {{ startsWith: "{SKILL[:3]}" }} }}',
        "{ duty: { eq: STATION_SOCIAL_WORKER } }",
        "{ duty: { in: [STATION_SOCIAL_WORKER, RESPONSIBLE_PERSON] } }",
        "{ not: { duty: { notIn: [STATION_SOCIAL_WORKER] } } }",
    ],
)
def test_a_lent_social_worker_is_not_found_by_what_holds_at_home(
    guards: str, ask: Ask, planted: Planted, where: str
) -> None:
    assert planted.lent in filtered(ask, "hub", where)
    assert planted.lent in filtered(ask, "nanchengcun", "{}")
    assert planted.lent not in filtered(ask, "nanchengcun", where)


def test_a_lent_social_worker_shows_nothing_of_home(guards: str, ask: Ask, planted: Planted) -> None:
    query = """query ($id: ID!) { person(id: $id) { home { id } skills { code } qualifications { certificateNumber }
      assignments(current: false) { duty } } }"""
    whole = ask("hub", query, {"id": planted.lent})["person"]
    assert {"code": SKILL} in whole["skills"]
    assert {"certificateNumber": "planted"} in whole["qualifications"]
    assert {"duty": "STATION_SOCIAL_WORKER"} in whole["assignments"]
    assert ask("nanchengcun", query, {"id": planted.lent})["person"] == {
        "home": None,
        "skills": [],
        "qualifications": [],
        "assignments": [{"duty": "LINKED_SOCIAL_WORKER"}],
    }


@pytest.mark.parametrize(
    "where", ["{ duty: { eq: LINKED_SOCIAL_WORKER } }", "{ duty: { in: [LINKED_SOCIAL_WORKER] } }"]
)
def test_a_duty_at_the_community_is_not_told_to_its_grid(guards: str, ask: Ask, planted: Planted, where: str) -> None:
    assert planted.serving in filtered(ask, "nanchengcun", where)
    assert planted.serving in filtered(ask, "gridworker", "{}")
    assert planted.serving not in filtered(ask, "gridworker", where)
    assert planted.serving in filtered(ask, "gridworker", f"{{ not: {where} }}")


def test_a_link_to_the_community_is_not_told_through_the_grid(guards: str, ask: Ask, planted: Planted) -> None:
    query = "query ($code: String!) { grid(code: $code) { linkedSocialWorkers { id } gridWorkers { id } } }"
    code = {"code": f"{NANCHENGCUN}-01"}
    community, grid = ask("nanchengcun", query, code)["grid"], ask("gridworker", query, code)["grid"]
    assert {"id": planted.serving} in community["linkedSocialWorkers"]
    assert {"id": planted.serving} in grid["gridWorkers"]
    assert {"id": planted.serving} not in grid["linkedSocialWorkers"]
