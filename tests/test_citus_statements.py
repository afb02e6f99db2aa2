"""What a distributed database answers, exports and tells: what the same one did before it was distributed, to a
county's grants by one task on one node, to those above by all.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import closing
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import pytest

from models import Role
from resolvers.core.executor import Executor
from resolvers.core.plan import Plan
from schema import schema
from server.pool import session_settings
from tests.citus import Cluster, cluster, distributed, fill, needs_citus, settings_of
from tests.conftest import Server
from tests.generate import generate
from tests.harvest import Values, harvest
from tests.listening import Ground
from tests.lists import CONNECTIONS
from tests.scene import Scene, World

pytestmark = needs_citus

CORE = schema._schema
CASES = sorted((Path(__file__).parent / "queries").glob("*.graphql"))
DATABASE = "statements"
OPERATIONS = 20
BELOW = "query below { stations(first: 50) { nodes { code personnel { totalCount } } } }"
ACCOUNTS = "SELECT id FROM account WHERE username = $1"
ALONE = re.compile(r"Task Count: (\d+)")

Answers = dict[str, Any]
Asked = tuple[str, str, dict[str, Any]]


class Both:
    """What accounts were answered before the database was distributed, and a server on it as it is now."""

    def __init__(
        self, ground: Ground, tokens: dict[str, str], asked: list[Asked], before: list[Answers], tables: dict[str, str]
    ) -> None:
        self.ground, self.world, self.tokens = ground, ground.world, tokens
        self.asked, self.before, self.tables = asked, before, tables

    def answer(self, asked: Asked) -> Answers:
        """What is answered now, without what is different each time."""
        return _answer(self.world, self.tokens[asked[0]], asked)


def _answer(world: World, token: str, asked: Asked) -> Answers:
    body: Answers = world.post(token, asked[1], asked[2]).json()
    for error in body.get("errors", ()):
        del error["extensions"]["requestId"]
    return body


def _tables(world: World, tokens: dict[str, str]) -> dict[str, str]:
    """The exports of the connections that a county's hub and the nation may read."""
    found = {}
    for username, name in product(("hub", "nation"), sorted(CONNECTIONS)):
        headers = {"Authorization": f"Bearer {tokens[username]}"}
        response = world.client.get(f"{world.address}/export/{name}", params={"format": "csv"}, headers=headers)
        found[f"{username} {name}"] = f"{response.status_code} {response.text}"
    return found


def _hand_picked() -> Iterator[Asked]:
    for case in CASES:
        query = case.read_text("utf-8")
        heading = dict(re.findall(r"^# (\w+): (.*)$", query, re.MULTILINE))
        for username in (heading["account"], "nation"):
            yield username, query, json.loads(heading.get("variables", "{}"))


def _random(world: World, tokens: dict[str, str]) -> Iterator[Asked]:
    for username in ("hub", "nation"):
        token = tokens[username]

        def ask(query: str, variables: Any = None, token: str = token) -> Any:
            return world.post(token, query, variables).json()["data"]

        values = Values(harvest(CORE, ask))
        for index in range(OPERATIONS):
            # Its entries tell of the readings of this test.
            query, variables = generate(CORE, Random(f"{username} {index}"), values)
            if "uditEntr" not in query and "history" not in query:
                yield username, query, variables


@pytest.fixture(scope="module")
def citus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("citus")) as found:
        yield found


@pytest.fixture(scope="module")
def both(citus: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    url = citus.create(DATABASE)
    settings = settings_of(citus, DATABASE, tmp_path_factory.mktemp("settings"))
    fill(settings)
    with Server(settings) as server, closing(World(url, settings, server.url)) as world:
        nation = world.value("SELECT 'S' || id FROM place WHERE parent_id IS NULL AND level = 'REGION'")
        tokens = {"nation": Scene.writer(world.scene(nation), Role.MANAGER, nation).token}
        picked = list(_hand_picked())
        for username in {username for username, *_ in picked} - {"nation"}:
            tokens[username] = world.token(world.value(ACCOUNTS, username))
        asked = [*picked, *_random(world, tokens), ("nation", BELOW, {})]
        before, tables = [_answer(world, tokens[one[0]], one) for one in asked], _tables(world, tokens)
    asyncio.run(distributed(url))
    Executor.plans.clear()
    with Server(settings) as server, closing(World(url, settings, server.url)) as world:
        yield Both(Ground(world, server), tokens, asked, before, tables)


def test_every_operation_is_answered_as_before(both: Both) -> None:
    assert len(both.asked) > 100
    for asked, before in zip(both.asked, both.before, strict=True):
        assert both.answer(asked) == before, asked


def test_every_table_is_exported_as_before(both: Both) -> None:
    tables = _tables(both.world, both.tokens)
    assert sum(table.startswith("200 ") and table.count("\n") > 1 for table in both.tables.values()) > 20
    for name, before in both.tables.items():
        assert sorted(tables[name].splitlines()) == sorted(before.splitlines()), name


RENAMED = "query renamed { grids(first: 1) { nodes { id version } } }"
RENAME = "mutation ($input: RenameGridInput!) { renameGrid(input: $input) { errors { code } } }"
TELLING = "subscription { placeChanged { place { id name } } }"


@pytest.mark.parametrize("username", ["hub", "nation"])
def test_a_change_is_told_to_who_sees_it(both: Both, username: str) -> None:
    (grid,) = both.answer((username, RENAMED, {}))["data"]["grids"]["nodes"]
    with both.ground.listening(both.tokens[username], TELLING) as socket:
        name = f"网格 {username}"
        answer = both.world.post(both.tokens[username], RENAME, {"input": {**grid, "name": name}}).json()
        assert answer["data"]["renameGrid"] == {"errors": []}
        assert socket.event() == {"place": {"id": grid["id"], "name": name}}


def test_a_county_s_operation_is_one_task_on_one_node(both: Both, citus: Cluster) -> None:
    tasks: dict[str, list[int]] = {}
    for asked in both.asked:
        if asked[0] == "nation":
            continue
        Executor.plans.clear()
        both.answer(asked)
        for plan in Executor.plans._items.values():
            assert not plan.scope.wide
            found = asyncio.run(_explained(citus, plan))
            tasks[asked[1]] = [int(count) for count in ALONE.findall(found)]
            assert "Subplan" not in found, asked
    assert len(tasks) > 30
    assert all(counts in ([], [1]) for counts in tasks.values())


async def _explained(citus: Cluster, plan: Plan) -> str:
    """How Citus would run a statement, of which only the county matters."""
    connection = await asyncpg.connect(
        citus.url(DATABASE), server_settings=session_settings(60_000) | {"plan_cache_mode": "force_custom_plan"}
    )
    try:
        if "scope_county" not in plan.statement.order:
            return ""
        prepared = await connection.prepare(f"EXPLAIN {plan.sql}")
        values = [
            1 if name == "scope_county" else _value(parameter.name)
            for name, parameter in zip(plan.statement.order, prepared.get_parameters(), strict=True)
        ]
        return "\n".join(line for (line,) in await prepared.fetch(*values))
    finally:
        await connection.close()


def _value(type_: str) -> Any:
    return [] if type_.endswith("[]") else {"varchar": "1", "text": "1", "bool": True}.get(type_)


def test_a_region_s_rows_come_from_every_county(both: Both) -> None:
    counted = both.answer(("nation", "{ personnel { totalCount } stations { totalCount } }", {}))["data"]
    path = both.world.value("SELECT path FROM place WHERE parent_id IS NULL AND level = 'REGION'")
    rows = f"SELECT count(*) FROM {{}} WHERE starts_with(path, '{path}')"
    assert counted["personnel"]["totalCount"] == both.world.value(rows.format("person")) > 0
    assert counted["stations"]["totalCount"] == both.world.value(rows.format("station")) > 3


def test_a_disabled_account_is_answered_nothing_any_more(both: Both) -> None:
    username = "gridworker"
    token = both.world.token(both.world.value(ACCOUNTS, username))
    query: Asked = (username, "query disabled { viewer { account { username } } }", {})
    assert _answer(both.world, token, query)["data"]["viewer"]
    both.world.sql("UPDATE account SET disabled_at = now() WHERE username = $1", username)
    (error,) = _answer(both.world, token, query)["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
