"""What is appended to the audit log gets into its chain: each entry once, whoever seals, and nobody waits."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from alembic import command

from resolvers import audit_chain
from resolvers.audit_chain import Report
from server import sealing
from server.database import Database
from server.embedded import Embedded, _Cluster, running
from server.migrate import migrate
from tests.audit_log import APPEND, FIRST, OPEN, SECOND, SECOND_ENTRY, Log, alone, audit_log, connected
from tests.conftest import Ask, Server
from tests.scene import relocate

HUB_WITH_ENTRY = """
INSERT INTO place (level) VALUES ('HUB');
INSERT INTO audit_entry (place_id, path, station_id, county_id, request_id, action, noun)
SELECT id, path, station_id, county_id, 'r', 'a', 'n' FROM place
"""
SEAL = "SELECT batch_id, entries FROM seal_audit(1000)"


@pytest.fixture(scope="module")
def log(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    with audit_log(embedded, tmp_path_factory.mktemp("log")) as made:
        yield made


async def seal(connection: asyncpg.Connection) -> tuple[int, int] | None:
    row = await connection.fetchrow(SEAL)
    return (row["batch_id"], row["entries"]) if row else None


async def whole(connection: asyncpg.Connection) -> Report:
    found: list[str] = []
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        report = await audit_chain.verify(connection, found.append)
    assert found == []
    return report


def test_of_two_sealers_at_once_one_seals_and_the_other_does_not_wait(log: Log) -> None:
    async def work(one: asyncpg.Connection, other: asyncpg.Connection) -> None:
        transaction = one.transaction()
        await transaction.start()
        assert await seal(one) == (3, OPEN)
        assert await seal(other) is None
        await transaction.commit()
        assert await seal(other) is None
        await other.fetchval(APPEND, "later", None)
        assert await seal(other) == (4, 1)
        assert (await whole(one)).batches == 4

    alone(log, work)


def test_what_a_sealer_did_not_commit_another_seals(log: Log) -> None:
    async def work(one: asyncpg.Connection, other: asyncpg.Connection) -> None:
        transaction = one.transaction()
        await transaction.start()
        assert await seal(one) == (3, OPEN)
        await transaction.rollback()
        assert await seal(other) == (3, OPEN)
        assert (await whole(one)).waiting == 0

    alone(log, work)


def test_many_sealers_and_writers_make_one_chain_with_each_entry_once(log: Log) -> None:
    async def work(one: asyncpg.Connection, _: asyncpg.Connection) -> None:
        async def write() -> None:
            async with connected(log) as connection:
                for number in range(20):
                    async with connection.transaction():
                        await connection.fetchval(APPEND, f"w{number}", None)

        async def keep_sealing() -> None:
            async with connected(log) as connection:
                for _ in range(20):
                    await connection.fetch("SELECT * FROM seal_audit(7)")

        await asyncio.gather(*(write() for _ in range(4)), *(keep_sealing() for _ in range(4)))
        while await seal(one):
            pass
        report = await whole(one)
        assert (report.waiting, report.entries) == (0, FIRST + SECOND + OPEN + 80)
        assert report.batches > 3

    alone(log, work)


def test_what_commits_late_is_sealed_later(log: Log) -> None:
    async def work(slow: asyncpg.Connection, other: asyncpg.Connection) -> None:
        transaction = slow.transaction()
        await transaction.start()
        late = await slow.fetchval(APPEND, "late", None)
        early = await other.fetchval(APPEND, "early", None)
        assert late < early
        assert await seal(other) == (3, OPEN + 1)
        await transaction.commit()
        assert await seal(other) == (4, 1)
        batches = await other.fetch(
            "SELECT batch_id FROM audit_seal WHERE entry_id IN ($1, $2) ORDER BY 1", late, early
        )
        assert [row["batch_id"] for row in batches] == [3, 4]
        await whole(other)

    alone(log, work)


def test_a_writer_does_not_wait_for_a_sealer(log: Log) -> None:
    async def work(sealer: asyncpg.Connection, writer: asyncpg.Connection) -> None:
        await writer.execute("SET lock_timeout = '1s'")
        transaction = sealer.transaction()
        await transaction.start()
        assert await seal(sealer) == (3, OPEN)
        await writer.fetchval(APPEND, "meanwhile", None)
        await transaction.commit()
        assert (await whole(writer)).waiting == 1

    alone(log, work)


def test_a_batch_has_a_limit(log: Log) -> None:
    async def work(one: asyncpg.Connection, _: asyncpg.Connection) -> None:
        for number in range(5):
            await one.fetchval(APPEND, str(number), None)
        sizes = [
            row and row["entries"] for row in [await one.fetchrow("SELECT * FROM seal_audit(3)") for _ in range(4)]
        ]
        assert sizes == [3, 3, 1, None]
        assert await audit_chain.seal(one) == 0

    alone(log, work)


def test_what_is_wrong_with_the_notes_does_not_keep_others_from_being_sealed(log: Log) -> None:
    async def go() -> None:
        async with connected(log) as connection:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute("DELETE FROM audit_entry WHERE id = (SELECT min(entry_id) FROM audit_unsealed)")
            await connection.execute(f"INSERT INTO audit_unsealed VALUES ({SECOND_ENTRY})")
            assert await connection.fetchval("SELECT entries FROM seal_audit(1)") == OPEN - 1
            await transaction.rollback()

    asyncio.run(go())


def test_a_move_of_a_place_leaves_the_seals_as_they_are(log: Log) -> None:
    async def work(one: asyncpg.Connection, _: asyncpg.Connection) -> None:
        where = "SELECT path FROM audit_entry LIMIT 1"
        before = await one.fetchval(where)
        place = await one.fetchval("SELECT place_id FROM audit_entry LIMIT 1")
        parent = await one.fetchval("SELECT parent_id FROM place WHERE id = $1 AND level = 'COMMUNITY'", place)
        await relocate(one, f"C{place}", log.here["B2"])
        assert await one.fetchval(where) != before
        await whole(one)
        await relocate(one, f"C{place}", f"S{parent}")

    alone(log, work)


@pytest.mark.parametrize(
    "statement",
    [
        *(f"SELECT FROM {table}" for table in ("audit_batch", "audit_seal", "audit_unsealed")),
        *(f"DELETE FROM {table}" for table in ("audit_entry", "audit_batch", "audit_seal", "audit_unsealed")),
        *(f"TRUNCATE {table}" for table in ("audit_entry", "audit_batch", "audit_seal", "audit_unsealed")),
        "UPDATE audit_entry SET action = ''",
        "UPDATE audit_batch SET entries = 1",
        "UPDATE audit_seal SET batch_id = 1",
        "UPDATE audit_unsealed SET entry_id = 0",
        "INSERT INTO audit_batch DEFAULT VALUES",
        "INSERT INTO audit_seal DEFAULT VALUES",
        "INSERT INTO audit_unsealed VALUES (1)",
        "SELECT note_audit_entries()",
        "ALTER TABLE audit_entry DISABLE TRIGGER noted",
        "DROP TRIGGER noted ON audit_entry",
        "SET session_replication_role = replica",
    ],
)
def test_the_servers_role_may_only_append_and_seal(log: Log, statement: str) -> None:
    async def go() -> None:
        async with connected(log) as connection:
            await connection.execute("SET SESSION AUTHORIZATION zhanwang_server")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
            transaction = connection.transaction()
            await transaction.start()
            assert await seal(connection) == (3, OPEN)
            await transaction.rollback()

    asyncio.run(go())


def test_entries_from_before_there_were_seals_are_sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade = command.upgrade

    async def go(url: str) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(command, "upgrade", lambda config, _: upgrade(config, "0002"))
            await migrate(url)
        connection = await asyncpg.connect(url)
        await connection.execute(HUB_WITH_ENTRY)
        await migrate(url)
        assert await seal(connection) == (1, 1)
        await whole(connection)
        await connection.close()

    with running(tmp_path) as embedded:
        asyncio.run(go(embedded.owner_url))


# -- the server ----------------------------------------------------------------------------------------------------

IN_BATCH = """
SELECT s.batch_id FROM audit_entry e JOIN account a ON a.id = e.account_id LEFT JOIN audit_seal s ON s.entry_id = e.id
 WHERE a.username = 'shuikou' AND e.action = 'logIn' ORDER BY e.id LIMIT 1
"""


def test_a_server_seals_what_was_committed_within_seconds(ask: Ask, database: str) -> None:
    ask("shuikou", "{ viewer { account { id } } }")

    async def go() -> None:
        connection = await asyncpg.connect(database)
        deadline = time.monotonic() + 10
        while await connection.fetchval(IN_BATCH) is None:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
        await connection.close()

    asyncio.run(go())


def test_a_server_that_stops_seals_what_is_left(
    log: Log, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(one: asyncpg.Connection, _: asyncpg.Connection) -> None:
        monkeypatch.setattr(sealing, "SECONDS", 3600.0)
        with caplog.at_level("INFO", "zhanwang.audit"):
            await asyncio.to_thread(run)
        head = (await one.fetch("SELECT * FROM audit_batch ORDER BY id DESC LIMIT 1"))[0]
        assert (head["id"], head["entries"]) == (3, OPEN)
        said = [record.getMessage() for record in caplog.records if record.name == "zhanwang.audit"]
        assert said == [f"The audit log is sealed up to batch 3, {head['digest'].hex()}"]

    def run() -> None:
        with Server(log.world.settings):
            pass

    alone(log, work)


def test_sealing_goes_on_when_the_database_is_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "SECONDS", 0.05)
    monkeypatch.setattr(sealing, "LONGEST_SECONDS", 0.2)

    async def sealed(url: str, expected: int) -> None:
        connection = await asyncpg.connect(url)
        deadline = time.monotonic() + 20
        while await connection.fetchval("SELECT count(*) FROM audit_seal") != expected:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        await connection.close()

    async def append(url: str) -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(HUB_WITH_ENTRY)
        await connection.close()

    async def go() -> None:
        with running(tmp_path) as first:
            await migrate(first.owner_url)
            database = await Database.open(first.server_url, pool_size=1, statement_timeout_ms=2000)
            async with sealing.sealing(database):
                await append(first.owner_url)
                await sealed(first.owner_url, 1)
                await asyncio.to_thread(_Cluster(tmp_path).stop)
                await asyncio.sleep(0.5)
                with running(tmp_path):
                    await append(first.owner_url)
                    await sealed(first.owner_url, 3)
            await database.close()

    asyncio.run(go())
