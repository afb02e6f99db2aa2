"""A database that goes away in the middle of a request, and comes back."""

import asyncio
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import asyncpg
import httpx
import psutil
from pydantic import SecretStr

from server.demo import PASSWORD, load
from server.embedded import running
from server.migrate import migrate
from server.settings import Settings
from tests.conftest import LOG_IN, Server
from tests.findings import INTERNALS


def test_a_database_that_goes_away_in_the_middle_is_unavailable_and_serves_again(tmp_path: Path) -> None:
    keys = "a2V5IG9mIHRoaXMgdGVzdCwgMzIgYnl0ZXMgbG9uZyE="
    with running(tmp_path) as first:

        async def prepare() -> None:
            await migrate(first.owner_url)
            await load(first.owner_url, keys, None)

        asyncio.run(prepare())
        settings = Settings(
            database_url=first.server_url,
            data_dir=tmp_path / "settings",
            secret=SecretStr("a secret of this test, long enough for everybody"),
            personal_keys=SecretStr(keys),
        )
        with Server(settings) as served, httpx.Client(base_url=served.url, timeout=30) as client:
            given = {"query": LOG_IN, "variables": {"username": "leifeng", "password": PASSWORD}}
            access = client.post("/graphql", json=given).json()["data"]["logIn"]["accessToken"]
            headers = {"Authorization": f"Bearer {access}"}
            query = {"query": "{ stations { totalCount } }"}

            def ask() -> httpx.Response:
                return client.post("/graphql", json=query, headers=headers)

            assert ask().json() == {"data": {"stations": {"totalCount": 1}}}
            asked: list[httpx.Response] = []
            thread = threading.Thread(target=lambda: asked.append(ask()))
            asyncio.run(while_waiting(first.owner_url, thread, lambda: stop_at_once(first.pid)))
            thread.join()
            # The one that was under way, and one that comes while the database is away.
            for response in (asked[0], ask(), client.post("/graphql", json=given)):
                assert unavailable(response)
            assert client.get("/readyz").status_code == 503
            assert client.get("/healthz").status_code == 200
            with running(tmp_path):
                assert ask().json() == {"data": {"stations": {"totalCount": 1}}}
                assert client.get("/readyz").status_code == 200


def stop_at_once(pid: int) -> None:
    """Stops PostgreSQL without an orderly end: in one, the lock is given up first, and the request is answered yet."""
    server = psutil.Process(pid)
    server.send_signal(signal.SIGQUIT)
    server.wait(20)


async def while_waiting(url: str, thread: threading.Thread, stop: Callable[[], object]) -> None:
    """Starts a request that has to wait for a lock, and stops the database while it does."""
    connection = await asyncpg.connect(url)
    await connection.execute("BEGIN")
    await connection.execute("LOCK TABLE station IN ACCESS EXCLUSIVE MODE")
    thread.start()
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    while not await connection.fetchval(waiting):
        assert thread.is_alive()
    await asyncio.to_thread(stop)
    connection.terminate()


def unavailable(response: httpx.Response) -> bool:
    """Whether a response says that the database is away, and nothing more."""
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "UNAVAILABLE", "requestId": response.headers["x-request-id"]}
    assert not INTERNALS.search(error["message"])
    assert response.status_code in (200, 503)
    return True
