"""Folds, moves, writes and rebuilds of the sums beside one another; who folds, and what the commands tell."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from server import folding, rollups
from server.embedded import Embedded
from tests.conftest import Server
from tests.processes import run
from tests.scene import World, relocate
from tests.summing import (
    EMPLOY,
    FOLD,
    LOCATION,
    PLACE,
    SERVE,
    WAITING,
    furnish,
    serve,
    totals,
    unfolded,
    wrong,
)


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with unfolded(embedded, tmp_path_factory.mktemp("folds")) as made:
        yield made


Together = Callable[[asyncpg.Connection, asyncpg.Connection], Awaitable[None]]


def together(written: World, work: Together) -> None:
    """Runs with two connections of the superuser, the first inside a transaction that is then committed."""

    async def go() -> None:
        one, other = await asyncpg.connect(written.url), await asyncpg.connect(written.url)
        try:
            await one.execute("BEGIN")
            await other.execute("SET lock_timeout = '10s'")
            await work(one, other)
        finally:
            await one.close()
            await other.close()

    asyncio.run(go())
    assert wrong(written) == []
    written.value(FOLD)
    assert wrong(written) == []


async def waits(written: World, task: asyncio.Task[Any], connection: asyncpg.Connection) -> None:
    """Returns once PostgreSQL says that a connection waits for a lock."""
    waiting = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $1"
    looking = await asyncpg.connect(written.url)
    try:
        while not await looking.fetchval(waiting, connection.get_server_pid()):
            assert not task.done()
            await asyncio.sleep(0.01)
    finally:
        await looking.close()


def test_of_two_folds_at_once_one_folds_and_the_other_does_not_wait(written: World) -> None:
    scene = written.scene()
    furnish(scene)

    async def work(one: asyncpg.Connection, other: asyncpg.Connection) -> None:
        assert await one.fetchval(FOLD) > 0
        assert await other.fetchval(FOLD) == 0
        await one.execute("COMMIT")
        assert await other.fetchval(FOLD) == 0

    together(written, work)


def test_nobody_who_writes_waits_for_a_fold(written: World) -> None:
    scene = written.scene()
    furnish(scene)
    day = written.value("SELECT date '2024-03-07'")

    async def work(one: asyncpg.Connection, other: asyncpg.Connection) -> None:
        assert await one.fetchval(FOLD) > 0
        await other.execute("SET lock_timeout = '1ms'")
        await other.execute(SERVE, scene.here.key("G1"), scene.here.key("SR1"), day, 5)
        await other.execute(EMPLOY, scene.here.key("H"))
        await one.execute("COMMIT")

    together(written, work)


def test_nothing_is_folded_while_a_place_moves(written: World) -> None:
    scene = written.scene()
    furnish(scene)

    async def work(one: asyncpg.Connection, other: asyncpg.Connection) -> None:
        await relocate(one, scene.here["C1"], scene.there["B1"])
        assert await other.fetchval(FOLD) == 0
        await one.execute("COMMIT")
        assert await other.fetchval(FOLD) > 0

    together(written, work)


def test_a_place_moves_after_the_fold_that_is_under_way(written: World) -> None:
    scene = written.scene()
    furnish(scene)

    async def work(one: asyncpg.Connection, other: asyncpg.Connection) -> None:
        assert await one.fetchval(FOLD) > 0
        task = asyncio.create_task(relocate(other, scene.here["B1"], scene.there["S"]))
        await waits(written, task, other)
        await one.execute("COMMIT")
        await task

    together(written, work)


def test_what_is_undone_leaves_the_sums_as_they_were(written: World) -> None:
    scene = written.scene()
    before = totals(written)

    async def work(one: asyncpg.Connection, _: asyncpg.Connection) -> None:
        await one.execute(EMPLOY, scene.here.key("H"))
        await relocate(one, scene.here["B1"], scene.there["S"])
        await one.execute("ROLLBACK")

    together(written, work)
    assert totals(written) == before


@pytest.mark.parametrize("under_way", ["write", "move"])
def test_a_rebuild_loses_nothing_that_is_written_beside_it(written: World, under_way: str) -> None:
    scene = written.scene()
    furnish(scene)

    async def work(one: asyncpg.Connection, other: asyncpg.Connection) -> None:
        if under_way == "write":
            await one.execute(EMPLOY, scene.here.key("G1"))
            await rollups.rebuild(other, lambda *_: None)
            await one.execute("COMMIT")
        else:
            await relocate(one, scene.here["B1"], scene.there["S"])
            task = asyncio.create_task(rollups.rebuild(other, lambda *_: None))
            await waits(written, task, other)
            await one.execute("COMMIT")
            await task

    together(written, work)


# -- who does it ---------------------------------------------------------------------------------------------------


def test_a_server_folds_what_was_written(written: World, monkeypatch: pytest.MonkeyPatch) -> None:
    furnish(written.scene())
    monkeypatch.setattr(folding, "SECONDS", 0.01)
    assert written.value(WAITING) > 0
    with Server(written.settings):
        deadline = time.monotonic() + 30
        while written.value(WAITING):
            assert time.monotonic() < deadline
    assert wrong(written) == []


def test_a_server_goes_on_serving_while_nothing_can_be_folded(
    written: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(folding, "SECONDS", 0.01)
    written.sql("ALTER TABLE service_delta RENAME TO elsewhere")
    try:
        with Server(written.settings) as server:
            deadline = time.monotonic() + 30
            while not caplog.records:
                assert time.monotonic() < deadline
            assert written.client.get(f"{server.url}/readyz").status_code == 200
    finally:
        written.sql("ALTER TABLE elsewhere RENAME TO service_delta")
    told = {record.getMessage() for record in caplog.records if record.name.startswith("zhanwang")}
    assert told == {"The sums could not be folded"}


@pytest.fixture
def command(written: World, tmp_path: Path) -> Callable[[str], Any]:
    """Runs `zhanwang rollups …` on the database."""
    assert written.settings.database_url
    urls = {"ZHANWANG_DATABASE_URL": written.settings.database_url, "ZHANWANG_OWNER_DATABASE_URL": written.url}
    return lambda name: run("rollups", name, data_dir=tmp_path, **urls)


def test_the_command_folds_what_waits(written: World, command: Callable[[str], Any]) -> None:
    furnish(written.scene())
    waiting = written.value(WAITING)
    folded = command("fold")
    assert (folded.returncode, folded.stderr) == (0, f"Folded {waiting:,} changes.\n")
    assert written.value(WAITING) == 0
    assert command("fold").stderr == "Nothing to fold.\n"


def test_verify_tells_of_damaged_sums_and_rebuild_mends_them(written: World, command: Callable[[str], Any]) -> None:
    scene = written.scene()
    furnish(scene)
    here = scene.here
    written.value(FOLD)
    serve(scene, here, "G1")
    fine = command("verify")
    assert (fine.returncode, fine.stdout) == (0, "")
    assert "are what counting gives; 1 changes wait" in fine.stderr
    written.sql("UPDATE service_rollup SET contacts = contacts + 1 WHERE place_id = $1", here.key("C1"))
    written.sql("DELETE FROM network_rollup WHERE place_id = $1", here.key("B1"))
    stray = f"{LOCATION}, noun, kind, open, number, households, residents"
    at = f"SELECT {PLACE}, 'NONE', '', true, 1, 0, 0 FROM place WHERE id = $1"
    written.sql(f"INSERT INTO network_rollup ({stray}) {at}", here.key("S"))
    found = command("verify")
    assert found.returncode == 1
    told = {line.partition(":")[0] for line in found.stdout.splitlines()}
    assert told == {here["B1"], here["C1"], here["S"]}
    assert "of 3 places are not what counting gives" in found.stderr
    assert command("rebuild").returncode == 0
    assert wrong(written) == []
    assert command("verify").returncode == 0


def test_verify_tells_of_the_first_twenty_places(written: World, command: Callable[[str], Any]) -> None:
    written.scene()
    written.value(FOLD)
    written.sql("UPDATE network_rollup SET number = number + 1")
    found = command("verify")
    assert (found.returncode, len(found.stdout.splitlines())) == (1, 20)
    assert command("rebuild").returncode == 0
    assert wrong(written) == []


def test_the_command_refuses_a_database_that_is_not_migrated(tmp_path: Path) -> None:
    ran = run("rollups", "verify", data_dir=tmp_path)
    assert ran.returncode == 1
    assert "zhanwang migrate" in ran.stderr
