"""The seals of the audit log: what is appended gets into the chain, and what is done to it afterwards is found."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import pytest
from typer.testing import CliRunner

from resolvers import audit_chain
from resolvers.audit_chain import Report
from server import sealing
from server.cli_audit import audits
from server.database import Database
from server.embedded import Embedded, _Cluster, running
from server.migrate import migrate
from tests.conftest import Ask, Server
from tests.scene import Scene, World, Zone, create, relocate

APPEND = """
INSERT INTO audit_entry (place_id, path, station_id, county_id, account_id, request_id, action, noun, row_id, before,
                         after)
SELECT p.id, p.path, p.station_id, p.county_id, a.id, 'r', $1, 'person', 7, '{"name": "甘河", "n": 1.50}', $2::jsonb
  FROM place p JOIN account a ON a.place_id = p.id ORDER BY a.id LIMIT 1 RETURNING id
"""
# As somebody would who does not want to be told of by triggers.
UNNOTICED = "SET LOCAL session_replication_role = replica"
DIGEST_ANEW = "UPDATE audit_seal s SET digest = audit_digest(e) FROM audit_entry e WHERE e.id = s.entry_id"
RESTORE = (
    "DELETE FROM audit_unsealed",
    "DELETE FROM audit_seal WHERE batch_id > 2",
    "DELETE FROM audit_batch WHERE id > 2",
    "DELETE FROM audit_entry WHERE id > {}",
    "INSERT INTO audit_unsealed SELECT id FROM audit_entry EXCEPT SELECT entry_id FROM audit_seal",
)
FIRST, SECOND, OPEN = 3, 4, 2
"""How many entries the batches of the log have, and how many are yet to be sealed."""


@pytest.fixture(scope="module")
def log(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Log"]:
    """A database of its own that no server seals, with a scene; its two batches, and entries that are open."""
    url, settings = create(embedded, tmp_path_factory.mktemp("world"))
    made = World(url, settings, "")
    scene = Scene(made)
    made.sql("DELETE FROM audit_entry")
    made.sql("DELETE FROM audit_unsealed")
    last = 0
    for count in (FIRST, SECOND, OPEN):
        for number in range(count):
            last = made.value(APPEND, f"act{number}", '{"names": ["站", "\\u0001", "\\"", null], "on": true}')
        if count != OPEN:
            assert made.value("SELECT entries FROM seal_audit(1000)") == count
    with closing(made):
        yield Log(made, scene.here, last)


class Log(NamedTuple):
    """The database, the zone of its scene whose village keeps the entries, and the newest of these."""

    world: World
    here: Zone
    last: int


@asynccontextmanager
async def connected(log: Log) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(log.world.url)
    try:
        yield connection
    finally:
        await connection.close()


def walked(log: Log, *statements: str, head: bytes | None = None) -> tuple[list[str], Report]:
    """What a walk finds after these statements of a superuser, who then takes them back."""

    async def go() -> tuple[list[str], Report]:
        found: list[str] = []
        async with connected(log) as connection:
            transaction = connection.transaction()
            await transaction.start()
            for statement in statements:
                await connection.execute(statement)
            report = await audit_chain.verify(connection, found.append, head=head)
            await transaction.rollback()
        return found, report

    return asyncio.run(go())


def alone(log: Log, work: Callable[[asyncpg.Connection, asyncpg.Connection], Awaitable[None]]) -> None:
    """Runs something on two connections; what it has done is taken out of the log again."""

    async def go() -> None:
        async with connected(log) as one, connected(log) as other:
            try:
                await asyncio.wait_for(work(one, other), 30)
            finally:
                for sql in RESTORE:
                    await one.execute(sql.format(log.last))

    asyncio.run(go())


def test_a_log_that_nobody_touched_is_whole(log: Log) -> None:
    found, report = walked(log)
    assert found == []
    assert (report.batches, report.entries, report.waiting, report.findings) == (2, FIRST + SECOND, OPEN, 0)
    assert report.head == log.world.value("SELECT digest FROM audit_batch WHERE id = 2")


@pytest.mark.parametrize(
    "settings",
    [
        "SET TimeZone = 'America/St_Johns'; SET DateStyle = 'SQL, DMY'; SET bytea_output = 'escape'",
        "SET extra_float_digits = -15; SET IntervalStyle = 'sql_standard'; SET standard_conforming_strings = off",
        "SET lc_messages = 'C'; SET lc_numeric = 'C'; SET xmlbinary = 'hex'; SET client_encoding = 'GB18030'",
    ],
)
def test_a_digest_is_the_same_under_all_settings(log: Log, settings: str) -> None:
    digests = "SELECT array_agg(encode(audit_digest(e), 'hex') ORDER BY id) FROM audit_entry e"

    async def go() -> None:
        async with connected(log) as one, connected(log) as other:
            await other.execute(settings)
            assert await one.fetchval(digests) == await other.fetchval(digests)

    asyncio.run(go())


# -- what is done to the log ---------------------------------------------------------------------------------------

SECOND_ENTRY = "(SELECT min(entry_id) + 1 FROM audit_seal)"
OTHER_PLACE = "(SELECT max(id) FROM place)"
CHANGES = {
    "id": "id = id + 1000",
    "place_id": f"place_id = {OTHER_PLACE}",
    "path": "path = '1.'",
    "station_id": f"station_id = {OTHER_PLACE}",
    "county_id": f"county_id = {OTHER_PLACE}",
    "at": "at = at + interval '1 microsecond'",
    "account_id": "account_id = NULL",
    "grant_id": "grant_id = 1",
    "request_id": "request_id = 'R'",
    "action": "action = 'act11'",
    "noun": "noun = 'grid'",
    "row_id": "row_id = 77",
    "before": """before = '{"name": "甘何", "n": 1.50}'""",
    "after": "after = NULL",
}


@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_entry_is_found(log: Log, column: str) -> None:
    entry = log.world.value(f"SELECT {SECOND_ENTRY}")
    found, _ = walked(log, UNNOTICED, f"UPDATE audit_entry SET {CHANGES[column]} WHERE id = {SECOND_ENTRY}")
    fault = {
        "id": "is missing.",
        "path": "lies elsewhere than its place.",
        "station_id": "lies elsewhere than its place.",
        "county_id": "lies elsewhere than its place.",
    }.get(column, "is not what was sealed: it was changed.")
    assert found[0] == f"Entry E{entry} of batch 1 {fault}"
    assert len(found) == (2 if column == "id" else 1)


def test_every_column_of_an_entry_is_among_those_whose_change_is_found(log: Log) -> None:
    columns = log.world.sql(
        """SELECT attname FROM pg_attribute
            WHERE attrelid = 'audit_entry'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"""
    )
    assert {row["attname"] for row in columns} == set(CHANGES)


def test_texts_cannot_change_places_between_columns(log: Log) -> None:
    swap = f"UPDATE audit_entry SET request_id = 'ract', action = '1' WHERE id = {SECOND_ENTRY}"
    assert len(walked(log, swap)[0]) == 1


TAMPERING = {
    "an entry is taken away": (
        [f"DELETE FROM audit_entry WHERE id = {SECOND_ENTRY}"],
        ["Entry E# of batch 1 is missing."],
    ),
    "an entry is taken away before it is sealed": (
        ["DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)"],
        ["Entry E# is missing; it was yet to be sealed."],
    ),
    "an entry is taken away with its seal": (
        [
            f"DELETE FROM audit_entry WHERE id = {SECOND_ENTRY}",
            f"DELETE FROM audit_seal WHERE entry_id = {SECOND_ENTRY}",
        ],
        ["Batch 1 was sealed with 3 entries and has 2 now."],
    ),
    "an entry is put in": (
        [UNNOTICED, APPEND.replace("$1", "'x'").replace("$2", "NULL")],
        ["Entry E# is neither sealed nor noted to be: it was put in past the log."],
    ),
    "an entry is put into a batch": (
        [
            UNNOTICED,
            APPEND.replace("$1", "'x'").replace("$2", "NULL"),
            "INSERT INTO audit_seal SELECT id, 1, audit_digest(e) FROM audit_entry e ORDER BY id DESC LIMIT 1",
        ],
        ["Batch 1 was sealed with 3 entries and has 4 now."],
    ),
    "a seal is taken away": (
        [f"DELETE FROM audit_seal WHERE entry_id = {SECOND_ENTRY}"],
        [
            "Batch 1 was sealed with 3 entries and has 2 now.",
            "Entry E# is neither sealed nor noted to be: it was put in past the log.",
        ],
    ),
    "a seal is put into another batch": (
        [f"UPDATE audit_seal SET batch_id = 2 WHERE entry_id = {SECOND_ENTRY}"],
        ["Batch 1 was sealed with 3 entries and has 2 now.", "Batch 2 was sealed with 4 entries and has 5 now."],
    ),
    "an entry is changed with its seal": (
        [f"UPDATE audit_entry SET action = 'x' WHERE id = {SECOND_ENTRY}", DIGEST_ANEW],
        ["Batch 1 is not what was sealed: its digest is another."],
    ),
    "a batch is given another time": (
        ["UPDATE audit_batch SET sealed_at = sealed_at - interval '1 day' WHERE id = 2"],
        ["Batch 2 is not what was sealed: its digest is another."],
    ),
    "a batch is taken away": (
        [UNNOTICED, "DELETE FROM audit_batch WHERE id = 1"],
        [
            "Entry E# has a seal of batch 1, which is missing.",
            "Entry E# has a seal of batch 1, which is missing.",
            "Entry E# has a seal of batch 1, which is missing.",
            "Batch 1 is missing.",
        ],
    ),
    "the last batch is taken away": (
        ["DELETE FROM audit_batch WHERE id = 2"],
        ["Entry E# has a seal of batch 2, which is missing."] * SECOND,
    ),
    "a batch is linked to another": (
        [UNNOTICED, "UPDATE audit_batch SET previous = digest WHERE id = 2"],
        [
            "Batch 2 does not follow batch 1: the chain is broken there.",
            "Batch 2 is not what was sealed: its digest is another.",
        ],
    ),
    "a sealed entry is noted again": (
        [f"INSERT INTO audit_unsealed VALUES ({SECOND_ENTRY})"],
        ["Entry E# is noted to be sealed, yet batch 1 has it."],
    ),
}


@pytest.mark.parametrize("how", TAMPERING)
def test_tampering_is_found(log: Log, how: str) -> None:
    statements, faults = TAMPERING[how]
    if "last" in how:
        statements = [UNNOTICED, *statements]
    found, report = walked(log, *statements)
    assert [re.sub(r"E\d+", "E#", sentence) for sentence in found] == faults
    assert report.findings == len(faults)


REWRITE = f"""
DO $$
DECLARE
  one audit_batch;
  before bytea;
BEGIN
  {DIGEST_ANEW};
  FOR one IN SELECT * FROM audit_batch ORDER BY id LOOP
    one.previous := before;
    one.digest := sha256(
      convert_to('zhanwang audit batch 1,' || audit_field(one.id::text) || audit_field(encode(before, 'hex'))
        || audit_field(audit_instant(one.sealed_at)) || audit_field(one.entries::text), 'UTF8')
      || (SELECT string_agg(s.digest, ''::bytea ORDER BY s.entry_id) FROM audit_seal s WHERE s.batch_id = one.id));
    UPDATE audit_batch SET previous = one.previous, digest = one.digest WHERE id = one.id;
    before := one.digest;
  END LOOP;
END $$
"""
CUT_OFF = (
    "DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_seal WHERE batch_id = 2)",
    "DELETE FROM audit_seal WHERE batch_id = 2",
    "DELETE FROM audit_batch WHERE id = 2",
)


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param(
            (UNNOTICED, f"UPDATE audit_entry SET action = 'x' WHERE id = {SECOND_ENTRY}", REWRITE), id="written anew"
        ),
        pytest.param(CUT_OFF, id="cut off"),
    ],
)
def test_a_chain_that_is_written_anew_is_found_by_a_digest_that_was_kept(log: Log, statements: tuple[str, ...]) -> None:
    kept = [row["digest"] for row in log.world.sql("SELECT digest FROM audit_batch ORDER BY id")]
    assert [walked(log, head=digest)[0] for digest in kept] == [[], []]
    assert walked(log, *statements)[0] == []
    assert walked(log, *statements, head=kept[1])[0] == [
        f"No batch has the digest {kept[1].hex()}: the log was cut off, or written anew."
    ]


# -- sealing -------------------------------------------------------------------------------------------------------

SEAL = "SELECT batch_id, entries FROM seal_audit(1000)"


async def seal(connection: asyncpg.Connection) -> tuple[int, int] | None:
    row = await connection.fetchrow(SEAL)
    return row and (row["batch_id"], row["entries"])


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
        level, parent = await one.fetchrow("SELECT level, parent_id FROM place WHERE id = $1", place)
        assert level == "COMMUNITY"
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
        head = await one.fetchrow("SELECT * FROM audit_batch ORDER BY id DESC LIMIT 1")
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
    made = """
    INSERT INTO place (level) VALUES ('HUB');
    INSERT INTO audit_entry (place_id, path, station_id, county_id, request_id, action, noun)
    SELECT id, path, station_id, county_id, 'r', 'a', 'n' FROM place
    """

    async def sealed(url: str, expected: int) -> None:
        connection = await asyncpg.connect(url)
        deadline = time.monotonic() + 20
        while await connection.fetchval("SELECT count(*) FROM audit_seal") != expected:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        await connection.close()

    async def append(url: str) -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(made)
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


# -- the commands --------------------------------------------------------------------------------------------------


@pytest.fixture
def command(log: Log, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs `zhanwang audit …`."""
    monkeypatch.setenv("ZHANWANG_DATABASE_URL", log.world.url)
    return lambda *arguments: CliRunner().invoke(audits, arguments)


def test_seal_and_verify(log: Log, command: Callable[..., Any]) -> None:
    async def work(one: asyncpg.Connection, _: asyncpg.Connection) -> None:
        first, second = [row["digest"].hex() for row in await one.fetch("SELECT digest FROM audit_batch ORDER BY id")]
        verified = await asyncio.to_thread(command, "verify", "--head", first)
        assert (verified.exit_code, verified.stdout) == (0, f"Head: batch 2, {second}\n")
        assert verified.stderr.startswith("2 entries wait to be sealed, the oldest since 20")
        assert verified.stderr.endswith("7 entries in 2 batches are as they were sealed.\n")
        assert (await asyncio.to_thread(command, "seal")).stderr == "Sealed 2 entries.\n"
        assert (await asyncio.to_thread(command, "seal")).stderr == "Nothing to seal.\n"
        assert "wait" not in (await asyncio.to_thread(command, "verify", "--head", second)).stderr

    alone(log, work)


def test_verify_tells_what_was_done_and_fails(log: Log, command: Callable[..., Any]) -> None:
    async def work(one: asyncpg.Connection, _: asyncpg.Connection) -> None:
        change = f"UPDATE audit_entry SET action = $1 WHERE id = {SECOND_ENTRY} RETURNING id"
        entry = await one.fetchval(change, "x")
        try:
            verified = await asyncio.to_thread(command, "verify")
        finally:
            await one.fetchval(change, "act1")
        assert verified.exit_code == 1
        assert verified.stdout.startswith(f"Entry E{entry} of batch 1 is not what was sealed: it was changed.\n")
        assert "tampered with: 1 fault" in verified.stderr

    alone(log, work)


def test_verify_refuses_a_digest_that_is_none_and_finds_that_one_is_not_in_the_chain(
    log: Log, command: Callable[..., Any]
) -> None:
    assert command("verify", "--head", "abc").exit_code == 2
    unknown = command("verify", "--head", "AB" * 32)
    assert unknown.exit_code == 1
    assert f"No batch has the digest {'ab' * 32}" in unknown.stdout
