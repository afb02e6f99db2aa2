"""The database goes away and comes back; the logins that must not serve."""

import asyncio
import logging
import socket
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from resolvers.core.errors import TooSlow, Unavailable
from server.database import Database, UnfitLogin
from server.embedded import Embedded, _Cluster, running
from server.migrate import MigrationError, current, migrate
from server.pool import Pool

OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'zhanwang'"


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    # Not the suite's own: roles are changed here, and they belong to the whole cluster.
    with running(tmp_path_factory.mktemp("database")) as started:
        asyncio.run(migrate(started.owner_url))
        yield started


@asynccontextmanager
async def opened(
    embedded: Embedded, statement_timeout_ms: int = 2000
) -> AsyncIterator[tuple[Database, asyncpg.Connection]]:
    """The database as the server has it, and an administrator's connection beside it."""
    database = await Database.open(embedded.server_url, pool_size=2, statement_timeout_ms=statement_timeout_ms)
    administrator = await asyncpg.connect(embedded.owner_url)
    try:
        yield database, administrator
    finally:
        await administrator.close()
        await database.close()


async def one(database: Database, sql: str = "SELECT 1 AS one") -> object:
    row = await database.fetchrow(sql, ())
    assert row is not None
    return row[0]


def test_connections_that_died_idle_are_replaced_unnoticed(embedded: Embedded) -> None:
    async def go() -> None:
        async with opened(embedded) as (database, administrator):
            await asyncio.gather(*(one(database, "SELECT 1 FROM pg_sleep(0.1)") for _ in range(2)))
            async with database.transaction():
                pass
            # No await between the two that would let asyncio see the ends: the pool still takes them for alive.
            await administrator.execute(OTHERS)
            assert await one(database) == 1
            async with database.transaction() as connection:
                assert await connection.fetchval("SELECT 1") == 1

    asyncio.run(go())


def test_a_write_that_loses_its_connection_is_unavailable_and_the_next_one_works(embedded: Embedded) -> None:
    async def go() -> None:
        async with opened(embedded) as (database, administrator):
            with pytest.raises(Unavailable):
                async with database.transaction() as connection:
                    await administrator.execute(OTHERS)
                    await connection.execute("SELECT 1")
            async with database.transaction() as connection:
                assert await connection.fetchval("SELECT 1") == 1

    asyncio.run(go())


def test_a_database_that_is_away_is_unavailable_and_serves_again_when_it_is_back(tmp_path: Path) -> None:
    async def go(database: Database, expected: type[Exception] | None) -> None:
        for ask in (one(database), database.ready(), write(database)):
            await outcome(ask, expected)

    async def write(database: Database) -> None:
        async with database.transaction() as connection:
            await connection.execute("SELECT 1")

    async def outcome(ask: Coroutine[None, None, object], expected: type[Exception] | None) -> None:
        if expected is None:
            await ask
        else:
            with pytest.raises(expected):
                await ask

    with running(tmp_path) as first, asyncio.Runner() as runner:
        runner.run(migrate(first.owner_url))
        database = runner.run(Database.open(first.server_url, pool_size=2, statement_timeout_ms=2000))
        runner.run(go(database, None))
        _Cluster(tmp_path).stop()
        runner.run(go(database, Unavailable))
        with running(tmp_path):
            runner.run(go(database, None))
            runner.run(database.close())


def test_an_error_in_a_write_rolls_it_back_and_keeps_the_connection(embedded: Embedded) -> None:
    async def go() -> None:
        async with opened(embedded) as (database, _):
            with pytest.raises(asyncpg.DivisionByZeroError):
                async with database.transaction() as connection:
                    before = await connection.fetchval("SELECT pg_backend_pid()")
                    await connection.execute("SELECT set_config('zhanwang.scope', '1.', true)")
                    await connection.execute("SELECT 1 / 0")
            async with database.transaction() as connection:
                assert await connection.fetchval("SELECT pg_backend_pid()") == before
                assert not await connection.fetchval("SELECT current_setting('zhanwang.scope', true)")

    asyncio.run(go())


def test_a_statement_that_takes_too_long_is_told_in_a_read_and_in_a_write(embedded: Embedded) -> None:
    async def go() -> None:
        async with opened(embedded, statement_timeout_ms=100) as (database, _):
            with pytest.raises(TooSlow):
                await one(database, "SELECT pg_sleep(5)")
            with pytest.raises(TooSlow):
                async with database.transaction() as connection:
                    before = await connection.fetchval("SELECT pg_backend_pid()")
                    await connection.execute("SELECT pg_sleep(5)")
            assert await one(database, "SELECT pg_backend_pid()") == before

    asyncio.run(go())


@pytest.mark.parametrize("state", ["53100", "53200", "25006", "58030"])
def test_a_full_disk_and_its_like_are_no_fault_of_the_program_and_keep_the_connection(
    embedded: Embedded, state: str
) -> None:
    fails = f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$"

    async def go() -> None:
        async with opened(embedded) as (database, _):
            before = await one(database, "SELECT pg_backend_pid()")
            with pytest.raises(Unavailable):
                await one(database, fails)
            with pytest.raises(Unavailable):
                async with database.transaction() as connection:
                    await connection.execute(fails)
            assert await one(database, "SELECT pg_backend_pid()") == before

    asyncio.run(go())


def test_a_server_that_stood_still_in_a_transaction_is_told_that_it_is_over(embedded: Embedded) -> None:
    async def go() -> None:
        async with opened(embedded, statement_timeout_ms=100) as (database, _):
            with pytest.raises(Unavailable):
                async with database.transaction() as connection:
                    # The whole process, as one that is stopped: it has not heard of the end when it goes on.
                    time.sleep(0.3)  # noqa: ASYNC251
                    await connection.execute("SELECT 1")
            assert await one(database) == 1

    asyncio.run(go())


def test_what_asyncpg_cannot_send_is_a_mistake_and_no_outage(
    embedded: Embedded, caplog: pytest.LogCaptureFixture
) -> None:
    async def go() -> None:
        async with opened(embedded) as (database, administrator):
            await asyncio.gather(*(one(database, "SELECT 1 FROM pg_sleep(0.1)") for _ in range(2)))
            pids = "SELECT pid FROM pg_stat_activity WHERE application_name = 'zhanwang'"
            before = {row["pid"] for row in await administrator.fetch(pids)}
            with pytest.raises(asyncpg.InterfaceError):
                await database.fetchrow("SELECT 1", [1] * 32_768)
            assert await one(database, "SELECT pg_backend_pid()") in before
            with pytest.raises(asyncpg.InterfaceError):
                async with database.transaction() as connection:
                    await connection.fetchrow("SELECT 1", 1)

    asyncio.run(go())
    assert not caplog.records


def test_an_outage_is_in_the_log_once_with_its_cause(caplog: pytest.LogCaptureFixture) -> None:
    async def go() -> None:
        database = Database("postgresql://127.0.0.1:1/zhanwang", pool_size=2, statement_timeout_ms=1000)
        for _ in range(3):
            with pytest.raises(Unavailable):
                await one(database)
        with pytest.raises(Unavailable):
            async with database.transaction():
                pass

    asyncio.run(go())
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("zhanwang.database", logging.WARNING)
    assert "ConnectionRefusedError" in record.getMessage()


def test_ordinary_statements_stay_prepared_and_huge_ones_do_not(embedded: Embedded) -> None:
    async def go() -> None:
        async with opened(embedded) as (database, _):
            ordinary, huge = ("SELECT '" + "x" * size + "'" for size in (40 * 1024, 48 * 1024))
            await one(database, ordinary)
            await one(database, huge)
            kept = "SELECT max(length(statement)) FROM pg_prepared_statements"
            assert await one(database, kept) == len(ordinary)

    asyncio.run(go())


def test_who_has_waited_longest_is_next_and_no_newcomer_is_before(embedded: Embedded) -> None:
    async def go() -> None:
        pool = Pool(embedded.server_url, 1, 1000)
        first, _ = await pool.acquire()
        waiting = asyncio.create_task(pool.acquire())
        await asyncio.sleep(0)
        pool.release(first)
        # No await between: the newcomer asks before the one that waits has run.
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await pool.acquire()
        assert await waiting == (first, True)
        # The right to open one is handed over as well, and not lost with who is cancelled on the way.
        cancelled, waiting = (asyncio.create_task(pool.acquire()) for _ in range(2))
        await asyncio.sleep(0)
        pool.release(first, broken=True)
        cancelled.cancel()
        second, used = await waiting
        assert (second is first, used) == (False, False)
        pool.release(second)
        await pool.close()

    asyncio.run(go())


def test_waiting_and_connecting_have_one_deadline_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.pool.ACQUIRE_SECONDS", 0.6)

    async def go() -> None:
        port = silent.getsockname()[1]
        pool = Pool(f"postgresql://zhanwang@127.0.0.1:{port}/zhanwang?sslmode=disable", 1, 1000)
        connecting = asyncio.create_task(pool.acquire())
        await asyncio.sleep(0.3)
        started = time.monotonic()
        # Waits until the first gives up, then connects in its turn.
        with pytest.raises(TimeoutError):
            await pool.acquire()
        assert time.monotonic() - started < 0.8
        assert connecting.done()
        with pytest.raises(TimeoutError):
            await connecting

    with socket.create_server(("127.0.0.1", 0)) as silent:
        asyncio.run(go())


def test_a_busy_pool_is_ready_as_long_as_the_database_has_just_answered(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.pool.ACQUIRE_SECONDS", 0.2)

    async def go() -> None:
        async with opened(embedded) as (database, _):
            assert await database.ready()
            async with database.transaction(), database.transaction():
                assert await database.ready()
                monkeypatch.setattr("server.database.RECENT_SECONDS", 0.0)
                with pytest.raises(Unavailable):
                    await database.ready()

    asyncio.run(go())


def test_a_newer_programs_database_is_served_and_an_older_or_foreign_one_is_not(embedded: Embedded) -> None:
    async def go() -> None:
        async with opened(embedded) as (database, administrator):
            change = "UPDATE alembic_version SET version_num = $1"
            before = await administrator.fetchval("SELECT version_num FROM alembic_version")
            try:
                await administrator.execute(change, "9999")
                assert await database.ready()
                assert await current(embedded.owner_url)
                assert not await migrate(embedded.owner_url)
                for other in ("0000", "fedcba987654"):
                    await administrator.execute(change, other)
                    assert not await database.ready()
                    with pytest.raises(MigrationError, match=other):
                        await migrate(embedded.owner_url)
            finally:
                await administrator.execute(change, before)

    asyncio.run(go())


def test_cancelled_reads_give_their_places_back(embedded: Embedded) -> None:
    async def go() -> None:
        async with opened(embedded) as (database, _):
            reads = [asyncio.create_task(one(database, "SELECT 1 FROM pg_sleep(1)")) for _ in range(6)]
            await asyncio.sleep(0.1)
            for read in reads:
                read.cancel()
            await asyncio.gather(*reads, return_exceptions=True)
            assert await asyncio.gather(*(one(database) for _ in range(20))) == [1] * 20

    asyncio.run(go())


@pytest.mark.parametrize(
    ("spoil", "mend", "fault"),
    [
        ("ALTER ROLE zhanwang_server BYPASSRLS", "ALTER ROLE zhanwang_server NOBYPASSRLS", "BYPASSRLS"),
        ("ALTER ROLE zhanwang_server SUPERUSER", "ALTER ROLE zhanwang_server NOSUPERUSER", "superuser"),
        ("GRANT zhanwang_owner TO zhanwang_server", "REVOKE zhanwang_owner FROM zhanwang_server", "as the owner"),
        (
            "CREATE TABLE stray (); ALTER TABLE stray OWNER TO zhanwang_server",
            "DROP TABLE stray",
            "owns tables",
        ),
    ],
)
def test_a_role_that_row_level_security_would_not_bind_does_not_serve(
    embedded: Embedded, spoil: str, mend: str, fault: str
) -> None:
    async def go() -> None:
        async with opened(embedded) as (_, administrator):
            await administrator.execute(spoil)
            try:
                with pytest.raises(UnfitLogin, match=fault):
                    await Database.open(embedded.server_url, pool_size=1, statement_timeout_ms=1000)
            finally:
                await administrator.execute(mend)

    asyncio.run(go())


def test_a_login_that_may_do_more_serves_with_the_servers_rights_alone(embedded: Embedded) -> None:
    async def go() -> None:
        database = await Database.open(embedded.owner_url, pool_size=1, statement_timeout_ms=1000)
        assert await one(database, "SELECT current_user") == "zhanwang_server"
        await database.close()

    asyncio.run(go())
