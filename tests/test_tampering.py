"""What somebody does to the audit log past its rules is found, by the walk along its chain and by the command."""

import asyncio
import re
from collections.abc import Callable, Iterator
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner

from server.cli_audit import audits
from server.embedded import Embedded
from tests.audit_log import APPEND, FIRST, OPEN, SECOND, SECOND_ENTRY, Log, alone, audit_log, connected, walked

# As somebody would who does not want to be told of by triggers.
UNNOTICED = "SET LOCAL session_replication_role = replica"
DIGEST_ANEW = "UPDATE audit_seal s SET digest = audit_digest(e) FROM audit_entry e WHERE e.id = s.entry_id"


@pytest.fixture(scope="module")
def log(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    with audit_log(embedded, tmp_path_factory.mktemp("log")) as made:
        yield made


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
    "salt": "salt = NULL",
    "values_digest": "values_digest = audit_values(audit_entry)",
    "erased_by": "erased_by = 1",
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
        "values_digest": "was emptied by no erasure.",
    }.get(column, "is not what was sealed: it was changed.")
    if column == "erased_by":
        # The seal covers none of it: who says that an entry was erased is asked which.
        assert found == [
            f"Entry E{entry} is said to be erased, and tells something.",
            f"Entry E{entry} is said to be erased by E1, which is no erasure.",
        ]
        return
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
        [UNNOTICED, "DELETE FROM audit_batch WHERE id = 2"],
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
