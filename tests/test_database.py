"""The database goes away and comes back; the logins that must not serve."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from resolvers.core.errors import Unavailable
from server.database import Database, UnfitLogin
from server.embedded import Embedded, _Cluster, running
from server.migrate import migrate

OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'zhanwang'"


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    # Not the suite's own: roles are changed here, and they belong to the whole cluster.
    with running(tmp_path_factory.mktemp("database")) as started:
        asyncio.run(migrate(started.owner_url))
        yield started


@asynccontextmanager
async def opened(embedded: Embedded) -> AsyncIterator[tuple[Database, asyncpg.Connection]]:
    """The database as the server has it, and an administrator's connection beside it."""
    database = await Database.open(embedded.server_url, pool_size=2, statement_timeout_ms=2000)
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
