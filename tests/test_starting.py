"""Two servers that start at the same moment where there is nothing yet: each step is done once, and nothing is half."""

import asyncio
import socket
from pathlib import Path

import asyncpg
import httpx
from cryptography.fernet import Fernet

from server.demo import PASSWORD
from server.embedded import DATABASE, Embedded
from tests.conftest import LOG_IN
from tests.listening import until
from tests.processes import address_of, begun

READY = {"status": "ready"}
EMPTY = "empty"


def test_two_that_start_at_once_on_an_empty_database_both_serve(embedded: Embedded, tmp_path: Path) -> None:
    async def make() -> None:
        connection = await asyncpg.connect(embedded.owner_url)
        await connection.execute(f"CREATE DATABASE {EMPTY}")
        await connection.close()

    asyncio.run(make())
    shared = {
        "ZHANWANG_DATABASE_URL": embedded.server_url.replace(f"/{DATABASE}?", f"/{EMPTY}?"),
        "ZHANWANG_OWNER_DATABASE_URL": embedded.owner_url.replace(f"/{DATABASE}?", f"/{EMPTY}?"),
        "ZHANWANG_SECRET": "a secret of these tests, long enough for everybody",
        "ZHANWANG_PERSONAL_KEYS": Fernet.generate_key().decode(),
        "ZHANWANG_POOL_SIZE": "2",
    }
    with begun(tmp_path / "one", **shared) as one, begun(tmp_path / "other", **shared) as other:
        for server in (one, other):
            assert httpx.get(f"{address_of(server)}/readyz", timeout=60).json() == READY
    assert [one.returncode, other.returncode] == [0, 0]


def test_of_two_demos_that_start_at_once_in_an_empty_folder_one_serves_and_the_other_tells_why_it_does_not(
    tmp_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    with (
        begun(tmp_path, "--demo", ZHANWANG_PORT=port) as one,
        begun(tmp_path, "--demo", ZHANWANG_PORT=port) as other,
    ):
        until(lambda: one.poll() is not None or other.poll() is not None, 120)
        refused, serves = (one, other) if one.poll() is not None else (other, one)
        assert refused.returncode == 1
        assert f"Port {port} of 127.0.0.1 is in use" in refused.communicate()[1]
        with httpx.Client(base_url=address_of(serves), timeout=60) as client:
            given = {"query": LOG_IN, "variables": {"username": "hub", "password": PASSWORD}}
            token = client.post("/graphql", json=given).json()["data"]["logIn"]["accessToken"]
            asked, headers = {"query": "{ stations { totalCount } }"}, {"Authorization": f"Bearer {token}"}
            answer = client.post("/graphql", json=asked, headers=headers).json()
        assert answer == {"data": {"stations": {"totalCount": 19}}}
    assert serves.returncode == 0
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()
