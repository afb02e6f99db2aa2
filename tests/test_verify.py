"""Whatever past the program's back has come upon a database, `zhanwang verify` finds it and says what it is."""

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest

from server.backup.archive import Manifest
from server.backup.verify import SAMPLES, Finding, verify
from tests.conftest import Ask

# Triggers and foreign keys rest.
REST = "SET LOCAL session_replication_role = replica"
SEALED = "SELECT * FROM seal_audit(1000)"
ROWS, TREE, LEAVES = "The rows are as many as were backed up", "The places are a tree", "Each place is one station"
DATES, SHARES, GUESTS = "Placements and codes by date", "Shares are those", "Guests are known"
BUDGETS, GUARDED, VALID = "Budgets have spent", "Row-level security binds", "Indexes, constraints and triggers"
PATHS, NAMES, NUMBERS = "Every row lies where its place does", "What a row names is there", "Ids to come are new"
SUMS, SERVER, CHAIN = "Sums are what counting gives", "The server's role is bound", "The audit chain is whole"


def one(table: str) -> str:
    """A condition that picks a row."""
    return f"id = (SELECT max(id) FROM {table})"


DAMAGE = {
    "a row is gone": (ROWS, f"DELETE FROM skill WHERE {one('skill')}"),
    "a place hangs elsewhere": (TREE, f"UPDATE place SET parent_path = '9.' WHERE {one('place')}"),
    "the hub is gone": (TREE, "DELETE FROM place WHERE level = 'HUB'"),
    "a grid is gone": (LEAVES, f"DELETE FROM grid WHERE {one('grid')}"),
    "a grid hangs elsewhere than its place": (LEAVES, f"UPDATE grid SET parent_id = 1 WHERE {one('grid')}"),
    "a placement names another parent": (DATES, f"UPDATE placement SET parent_id = 1 WHERE {one('placement')}"),
    "a code is not that of today": (DATES, f"UPDATE division_code SET code = '350526' WHERE {one('division_code')}"),
    "two codes hold on one day": (
        DATES,
        (
            "ALTER TABLE division_code DROP CONSTRAINT division_code_int8range_daterange_excl;"
            " INSERT INTO division_code (place_id, path, station_id, county_id, valid_from, valid_to, code)"
            f" SELECT place_id, path, station_id, county_id, valid_from + 1, valid_from + 9, code FROM division_code"
            f" WHERE {one('division_code')}"
        ),
    ),
    "a share is gone": (SHARES, f"DELETE FROM sharing WHERE {one('sharing')}"),
    "a share is left": (SHARES, "UPDATE referral SET state = 'REJECTED' WHERE state = 'DONE'"),
    "a guest is known where nobody is": (
        GUESTS,
        (
            "ALTER TABLE assignment ALTER guest_places DROP EXPRESSION;"
            f" UPDATE assignment SET guest_places = '{{1}}' WHERE {one('assignment')}"
        ),
    ),
    "a budget has spent more": (BUDGETS, f"UPDATE award_budget SET spent = spent - 1 WHERE {one('award_budget')}"),
    "the owner is not bound": (GUARDED, "ALTER TABLE person NO FORCE ROW LEVEL SECURITY"),
    "nobody is bound": (GUARDED, "ALTER TABLE client DISABLE ROW LEVEL SECURITY"),
    "a table is somebody else's": (GUARDED, "ALTER TABLE survey OWNER TO postgres"),
    "a table has no policy": (
        GUARDED,
        (
            "DO $$ DECLARE p record; BEGIN"
            " FOR p IN SELECT polname FROM pg_policy WHERE polrelid = 'venue'::regclass LOOP"
            " EXECUTE format('DROP POLICY %I ON venue', p.polname); END LOOP; END $$"
        ),
    ),
    "a trigger is off": (VALID, "ALTER TABLE referral DISABLE TRIGGER shared"),
    "a constraint was never checked": (VALID, "ALTER TABLE person ADD CONSTRAINT later CHECK (id > 0) NOT VALID"),
    "an index is half built": (
        VALID,
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_person_phone_digest'::regclass",
    ),
    "a person lies elsewhere": (PATHS, f"UPDATE person SET path = '9.' WHERE {one('person')}"),
    "an assignment's person is gone": (
        PATHS,
        "DELETE FROM person WHERE id = (SELECT max(person_id) FROM assignment)",
    ),
    "a skill is gone": (NAMES, "DELETE FROM skill WHERE id = (SELECT max(skill_id) FROM person_skill)"),
    "an id lies ahead": (NUMBERS, f"UPDATE skill SET id = id + 1000000 WHERE {one('skill')}"),
    "a sum is another": (SUMS, f"UPDATE service_rollup SET contacts = contacts + 1 WHERE {one('service_rollup')}"),
    "the server's role is not bound": (SERVER, "ALTER ROLE zhanwang_server BYPASSRLS"),
    "the server's role sees everything": (SERVER, "ALTER POLICY scope ON person USING (true)"),
    "an entry of the log is another": (
        CHAIN,
        "UPDATE audit_entry SET action = 'x' WHERE id = (SELECT min(entry_id) FROM audit_seal)",
    ),
}


async def found(url: str, *statements: str, **changes: object) -> dict[str, Finding]:
    """What is found after statements, which are taken back; changes: of the manifest to compare with."""
    connection = await asyncpg.connect(url)
    try:
        transaction = connection.transaction(isolation="repeatable_read")
        await transaction.start()
        await connection.fetch(SEALED)
        skills = await connection.fetchval("SELECT count(*) FROM skill")
        manifest = Manifest(
            program="",
            revision="0001",
            postgresql=0,
            made_at=datetime.now(UTC),
            tables={"skill": skills},
            audit_batch=0,
            audit_head=None,
        )
        await connection.execute("; ".join((REST, *statements, "SET LOCAL session_replication_role = origin")))
        told = await verify(connection, manifest.model_copy(update=changes), lambda *_: None)
        await transaction.rollback()
    finally:
        await connection.close()
    return {finding.title: finding for finding in told}


@pytest.fixture(scope="module")
def logged_in(ask: Ask, database: str) -> str:
    """The demo's database, whose log has an entry."""
    assert ask("gridworker", "{ viewer { permissions } }")
    return database


def test_the_demo_is_without_fault_and_everything_is_looked_at(logged_in: str) -> None:
    told = asyncio.run(found(logged_in))
    assert not [finding for finding in told.values() if finding.faults]
    titles = {title for title, _ in DAMAGE.values()}
    assert {next(title for title in titles if name.startswith(title)) for name in told} == titles


@pytest.mark.parametrize("name", DAMAGE)
def test_it_is_found_that(name: str, logged_in: str) -> None:
    title, damage = DAMAGE[name]
    (finding,) = [finding for name, finding in asyncio.run(found(logged_in, damage)).items() if name.startswith(title)]
    assert finding.faults > 0
    assert 0 < len(finding.samples) <= SAMPLES


def test_a_log_that_was_cut_off_before_the_backups_head_is_found(logged_in: str) -> None:
    told = asyncio.run(found(logged_in, audit_head="ab" * 32))
    assert "the log was cut off" in told[CHAIN].samples[0]
