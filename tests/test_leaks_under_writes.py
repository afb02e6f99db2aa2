"""Accounts ask while places move and grants change: nothing leaks, and what leaks is found.

A few hundred operations of what `python -m benchmarks.leaks` does at length.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import asyncpg
import httpx
import pytest

from resolvers.core.executor import Executor
from resolvers.core.tokens import Tokens
from server.embedded import Embedded
from tests.harvest import Harvest
from tests.parties import Parties
from tests.roaming import Operation, Roaming
from tests.scene import World, world

OPERATIONS, DOCUMENTS, AT_ONCE = 150, 10, 4
SEED = "2021"


@pytest.fixture(scope="module")
def moving(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("moving")) as made:
        yield made


@pytest.fixture(scope="module")
def parties(moving: World) -> Parties:
    return Parties.planted(moving)


def roamed(moving: World, parties: Parties, seed: str, operations: int) -> Roaming:
    """What accounts find that ask while there are writes."""
    assert moving.settings.secret is not None
    assert moving.settings.personal_keys is not None
    tokens = Tokens(moving.settings.secret.get_secret_value(), 60, 1)
    personal_key = moving.settings.personal_keys.get_secret_value()

    def issue(account: int, version: int, session: int) -> str:
        return tokens.issue(account, version, session).text

    async def go() -> Roaming:
        connection = await asyncpg.connect(moving.url, server_settings={"TimeZone": "Asia/Shanghai"})
        async with httpx.AsyncClient(base_url=moving.address, timeout=60) as client:
            roaming = await parties.gathered(connection, client, personal_key, issue, Harvest(), seed)
            roaming.documents, roaming.pace = roaming.compose(DOCUMENTS), 5
            async with roaming.followed():
                await roaming.run(operations, AT_ONCE, lambda: None)
            await roaming.rest()
        await connection.close()
        return roaming

    return asyncio.run(go())


def test_nothing_leaks_while_places_move_and_grants_change(moving: World, parties: Parties) -> None:
    roaming = roamed(moving, parties, SEED, OPERATIONS)
    assert not roaming.failures, roaming.failures[0]
    assert roaming.kinds.total() >= OPERATIONS
    done = {name for name, outcome in roaming.unrest.outcomes if outcome == "DONE"}
    assert any(name.startswith("move") for name in done)


def test_an_event_of_a_place_out_of_scope_is_found(moving: World, parties: Parties) -> None:
    roaming = roamed(moving, parties, f"{SEED} told", 10)
    state = roaming.history.latest
    views = {grip: roaming.history.view(state, grip) for grip in roaming.unrest.cast.grips(state)}
    grip, view = next(one for one in views.items() if one[1].rows["Grid"] and one[1].outside["Grid"])
    for rows, leaks in ((view.rows, False), (view.outside, True)):
        told = {"data": {"placeChanged": {"place": {"id": f"G{next(iter(rows['Grid']))}"}}}}
        query = "subscription { placeChanged { place { id } } }"
        event = Operation(0, grip, query, {}, httpx.Response(200, json=told), 0, 0)
        assert bool(list(roaming.faults(event, [state]))) is leaks


def test_a_leak_in_one_table_is_found(moving: World, parties: Parties, monkeypatch: pytest.MonkeyPatch) -> None:
    scopes = tuple(replace(scope, guarded=False) for scope in Executor.scopes)
    monkeypatch.setattr(Executor, "scopes", scopes)
    moving.sql("ALTER TABLE grid DISABLE ROW LEVEL SECURITY")
    try:
        roaming = roamed(moving, parties, f"{SEED} unguarded", OPERATIONS // 2)
    finally:
        moving.sql("ALTER TABLE grid ENABLE ROW LEVEL SECURITY")
    assert any(" is 'G" in failure for failure in roaming.failures)
