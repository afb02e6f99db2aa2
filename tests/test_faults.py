"""A server that is hit under load: no acknowledged write is lost, none is half done, no answer is wrong, and it serves
again within seconds, without help.

`python -m tests.faulting` does the same for as long as one likes.
"""

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from models import Role
from server.database import Database
from server.pool import LOST, connect
from tests.conftest import Server
from tests.cutting import Cutting
from tests.faulting import BOUND, FAULTS, Standing, serving, standing, wait_for_end, workers_of
from tests.invariants import hold
from tests.listening import Ground
from tests.loading import Load, grid
from tests.scene import World

CUT_SECONDS = 2.0
CREATED = "subscription { placeChanged { place { id } } }"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """A server of two workers, and PostgreSQL, of this module's own."""
    with standing(tmp_path_factory.mktemp("faults")) as started:
        yield started


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_what_was_acknowledged_is_kept_and_service_is_soon_back(
    server: Standing, fault: Callable[[Standing], None]
) -> None:
    with server.load.running(readers=2):
        server.load.wait_for(10)
        fault(server)
        server.back()
        server.load.wait_for(5)
    server.check()
    server.repeat()
    assert server.longest_away < BOUND


@dataclass
class Behind:
    """Another server, which reaches the same database over a network that can be cut; and a load on it."""

    network: Cutting
    load: Load
    ground: Ground


@contextmanager
def behind(server: Standing, folder: Path | None = None) -> Iterator[Behind]:
    """Runs it. folder: of the network's Unix socket; none: by TCP."""
    settings = server.made.settings
    assert settings.database_url
    with Cutting(settings.database_url, folder) as network:
        through = settings.model_copy(update={"database_url": network.url, "workers": 1})
        with Server(through) as other, closing(World(server.made.url, through, other.url)) as made:
            scene = made.scene()
            writers = [scene.writer(Role.MANAGER, scene.here["B1"]) for _ in range(4)]
            yield Behind(network, Load(made, writers, scene.here["C1"]), Ground(made, other))


@pytest.mark.parametrize("end", [Cutting.mend, Cutting.reset], ids=["goes on", "is reset"])
def test_a_network_that_is_cut_for_a_while_costs_no_write(
    server: Standing, tmp_path: Path, end: Callable[[Cutting], None]
) -> None:
    with behind(server, tmp_path) as other:
        load = other.load
        with load.running(readers=2):
            load.wait_for(10)
            other.network.cut()
            time.sleep(CUT_SECONDS)
            end(other.network)
            began = time.monotonic()
            load.wait_for(8)
            took = time.monotonic() - began
        assert load.kept()
        assert load.whole()
        load.repeat()
        assert load.kept()
    assert took < BOUND


def test_a_network_that_goes_away_without_a_word_is_given_up_for_another_way(server: Standing) -> None:
    with behind(server) as other:
        load, (writer, *_) = other.load, other.load.writers
        with other.ground.listening(writer.token, CREATED) as subscribed:
            with load.running(readers=2):
                load.wait_for(10)
                other.network.vanish()
                began = time.monotonic()
                load.wait_for(8)
                took = time.monotonic() - began
            created = writer.write("createGrid", **grid(load.parent))["row"]["id"]
            while subscribed.event()["place"]["id"] != created:
                pass
            heard = time.monotonic() - began
        assert load.kept()
        assert load.whole()
    assert took < BOUND
    assert heard < 2 * BOUND


def test_postgresql_is_asked_to_notice_as_soon_that_a_server_is_gone() -> None:
    async def go() -> bytes:
        said: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            said.set_result(await reader.readexactly(int.from_bytes(await reader.readexactly(4)) - 4))
            writer.close()

        async with await asyncio.start_server(hear, "127.0.0.1", 0) as listening:
            host, port = listening.sockets[0].getsockname()
            with pytest.raises(LOST):
                await connect(f"postgresql://{host}:{port}/zhanwang?sslmode=disable", 10_000, seconds=10)
        return await said

    assert b"tcp_user_timeout\x003000\0" in asyncio.run(go())


def test_idle_connections_that_lead_nowhere_any_more_are_replaced(
    server: Standing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.pool.UNSURE_SECONDS", 0.0)
    url = server.made.settings.database_url
    assert url

    async def go(network: Cutting) -> float:
        database = await Database.open(network.url, pool_size=3, statement_timeout_ms=10_000)
        await asyncio.gather(*(database.fetchrow("SELECT pg_sleep(0.1)", ()) for _ in range(3)))
        network.cut()
        network.forget()
        began = time.monotonic()
        await database.fetchrow("SELECT 1", ())
        async with database.transaction() as connection:
            await connection.execute("SELECT 1")
        took = time.monotonic() - began
        await database.close()
        return took

    with Cutting(url, tmp_path) as network:
        assert asyncio.run(go(network)) < BOUND


def test_who_is_told_to_end_while_a_transaction_is_undone_ends(server: Standing, tmp_path: Path) -> None:
    url = server.made.settings.database_url
    assert url

    async def go(network: Cutting) -> bool:
        database = await Database.open(network.url, pool_size=1, statement_timeout_ms=10_000)

        async def fail() -> None:
            async with database.transaction():
                network.cut()
                raise ValueError

        failing = asyncio.create_task(fail())
        await asyncio.sleep(0.2)
        failing.cancel()
        await asyncio.wait([failing])
        network.mend()
        await database.close()
        return failing.cancelled()

    with Cutting(url, tmp_path) as network:
        assert asyncio.run(go(network))


def test_workers_do_not_outlive_the_process_that_started_them(server: Standing) -> None:
    with serving(server.made.settings) as (parent, address):
        assert httpx.get(f"{address}/readyz", timeout=60).status_code == 200
        workers = workers_of(parent)
        assert len(workers) == 2
        parent.kill()
        for worker in workers:
            wait_for_end(worker)


def test_a_server_that_is_told_to_stop_under_load_keeps_what_it_has_acknowledged(server: Standing) -> None:
    before = server.load.answers["UNAVAILABLE"]
    with server.load.running(readers=2):
        server.load.wait_for(10)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 0
    server.check()
    assert server.load.answers["UNAVAILABLE"] == before
    assert hold(server.made.url)
