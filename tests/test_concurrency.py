"""What a caller may have under way at once: who is hungry waits, and starves nobody else."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
import pytest

from server.budget import WAITING
from server.settings import Settings
from tests.conftest import Server

SLOW, QUICK = "{ communities { totalCount } }", "{ stations { totalCount } }"
DEADLINE = 20.0

Post = Callable[[str, str], Awaitable[httpx.Response]]


class Scene:
    """A server with few turns, and a lock that makes every statement over communities slow."""

    def __init__(self, server: Server, database: str, token: Callable[[str], str]) -> None:
        self.server, self._database, self._token = server, database, token

    def run(self, go: Callable[["Scene"], Coroutine[Any, Any, None]]) -> None:
        asyncio.run(self._connected(go))

    async def _connected(self, go: Callable[["Scene"], Coroutine[Any, Any, None]]) -> None:
        limits = httpx.Limits(max_connections=None)
        self.superuser = await asyncpg.connect(self._database)
        async with httpx.AsyncClient(base_url=self.server.url, timeout=30, limits=limits) as self.client:
            try:
                await go(self)
            finally:
                await self.superuser.close()

    async def ask(self, username: str, query: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token(username)}"}
        return await self.client.post("/graphql", json={"query": query}, headers=headers)

    @asynccontextmanager
    async def slow(self) -> AsyncIterator[None]:
        locking = await asyncpg.connect(self._database)
        try:
            await locking.execute("BEGIN; LOCK TABLE community IN ACCESS EXCLUSIVE MODE")
            yield
        finally:
            await locking.close()

    async def blocked(self, count: int) -> None:
        """Waits until exactly so many statements wait for the lock."""
        sql = """SELECT count(*) FROM pg_stat_activity
                  WHERE application_name = 'zhanwang' AND wait_event_type = 'Lock' AND state = 'active'"""
        async with asyncio.timeout(DEADLINE):
            while await self.superuser.fetchval(sql) != count:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.02)


@pytest.fixture
def changed() -> dict[str, Any]:
    """What the settings of the server are changed to."""
    return {"operations_at_once": 2}


@pytest.fixture
def scene(settings: Settings, database: str, token: Callable[[str], str], changed: dict[str, Any]) -> Iterator[Scene]:
    with Server(settings.model_copy(update=changed)) as server:
        yield Scene(server, database, token)


def code(response: httpx.Response) -> str:
    found: str = response.json()["errors"][0]["extensions"]["code"]
    return found


def test_a_hungry_client_does_not_starve_a_polite_one(scene: Scene) -> None:
    async def go(scene: Scene) -> None:
        async with scene.slow():
            hungry = [asyncio.create_task(scene.ask("hub", SLOW)) for _ in range(30)]
            await scene.blocked(2)
            polite = await scene.ask("leifeng", QUICK)
            assert polite.json() == {"data": {"stations": {"totalCount": 1}}}
            assert not any(task.done() for task in hungry)
        answers = await asyncio.gather(*hungry)
        assert {answer.json()["data"]["communities"]["totalCount"] for answer in answers} == {217}

    scene.run(go)


@pytest.mark.parametrize("changed", [{"operations_at_once": 1}])
def test_more_than_may_wait_are_refused_at_once(scene: Scene) -> None:
    async def go(scene: Scene) -> None:
        async with scene.slow():
            first = asyncio.create_task(scene.ask("hub", SLOW))
            await scene.blocked(1)
            waiting = [asyncio.create_task(scene.ask("hub", QUICK)) for _ in range(WAITING + 5)]
            refused = []
            for done in asyncio.as_completed(waiting):
                refused.append(await done)
                if len(refused) == 5:
                    break
            assert {(answer.status_code, code(answer)) for answer in refused} == {(429, "BUSY")}
            assert refused[0].headers["retry-after"] == "1"
        answers = await asyncio.gather(first, *waiting)
        assert sum(answer.status_code == 200 for answer in answers) == WAITING + 1

    scene.run(go)


@pytest.mark.parametrize("changed", [{"operations_at_once": 1}])
def test_who_waits_too_long_is_refused_and_leaves_the_line(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.budget.TURN_SECONDS", 0.1)

    async def go(scene: Scene) -> None:
        async with scene.slow():
            first = asyncio.create_task(scene.ask("hub", SLOW))
            await scene.blocked(1)
            assert code(await scene.ask("hub", QUICK)) == "BUSY"
        assert (await first).status_code == 200
        assert (await scene.ask("hub", QUICK)).status_code == 200

    scene.run(go)


@pytest.mark.parametrize("changed", [{"operations_at_once": 1}])
def test_a_client_that_goes_away_ends_its_statement_and_its_turn(scene: Scene) -> None:
    async def go(scene: Scene) -> None:
        async with scene.slow():
            leaving = asyncio.create_task(scene.ask("hub", SLOW))
            await scene.blocked(1)
            leaving.cancel()
            await scene.blocked(0)
            assert (await scene.ask("hub", QUICK)).status_code == 200

    scene.run(go)


@pytest.mark.parametrize("changed", [{"statement_timeout_ms": 200}])
def test_a_statement_that_takes_too_long_has_its_code(scene: Scene) -> None:
    async def go(scene: Scene) -> None:
        async with scene.slow():
            answer = await scene.ask("hub", SLOW)
        assert (answer.status_code, code(answer)) == (200, "TIMEOUT")
        assert answer.json()["data"] == {"communities": None}

    scene.run(go)
