"""What is kept no longer is erased by the schedule and by the command, and what is over for good is removed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest
from typer.testing import CliRunner

from models import ERASED, Role
from resolvers import retention
from server import retention as schedule
from server.cli_client import clients
from server.database import Database
from server.embedded import Embedded
from tests.scene import Scene, World, world

T = TypeVar("T")
# Of a zone's clients the one is closed, the other has a referral under way.
CLOSED = "UPDATE client SET closed_on = current_date - interval '3 years' - interval '{1} day' WHERE id = {0}"
SETTLED = """
UPDATE referral SET state = 'DONE' WHERE client_id = {0};
UPDATE consultation SET state = 'CANCELLED', closed_on = current_date;
UPDATE resolution SET state = 'CANCELLED';
"""
UNDER_WAY = """
INSERT INTO referral (place_id, path, station_id, county_id, to_place_id, to_path, to_station_id, to_county_id,
                      from_name, to_name, client_id, reason, urgency, due_on)
SELECT c.place_id, c.path, c.station_id, c.county_id, p.id, p.path, p.station_id, p.county_id, '来处', '去处', c.id,
       '因', 'LOW', current_date
  FROM client c JOIN place p ON p.id = {1} WHERE c.id = {0}
"""
OVER = """
UPDATE session SET expires_at = now() - interval '2 days' WHERE account_id = {0};
INSERT INTO refresh_token (digest, session_id) SELECT sha256('{0}'), min(id) FROM session WHERE account_id = {0};
INSERT INTO idempotency_key (account_id, key, action, digest, created_at)
  VALUES ({0}, 'past', 'a', '', now() - interval '8 days'), ({0}, 'kept', 'a', '', now());
INSERT INTO used_id_token VALUES ('past', now() - interval '1 hour'), ('kept', now() + interval '1 hour');
INSERT INTO log_in_failure VALUES ('past', 1, now(), now() - interval '1 hour'), ('kept', 1, now(), now());
"""
LEFT = """
SELECT (SELECT count(*) FROM session WHERE account_id = {0}),
       (SELECT count(*) FROM refresh_token WHERE digest = sha256('{0}')),
       ARRAY(SELECT key FROM idempotency_key WHERE account_id = {0}), ARRAY(SELECT digest FROM used_id_token),
       ARRAY(SELECT key FROM log_in_failure)
"""


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("retention")) as made:
        yield made


@pytest.fixture
def scene(written: World) -> Scene:
    """A county in which the time of CL1, CL2 and CL3 is over, and nobody else's; of CL2 a referral is under way."""
    made = written.scene()
    run(written, "UPDATE client SET closed_on = NULL WHERE erased_on IS NULL")
    for name in ("CL1", "CL2", "CL3"):
        run(written, CLOSED.format(made.here.key(name), 1), SETTLED.format(made.here.key(name)))
    run(written, UNDER_WAY.format(made.here.key("CL2"), made.here.key("C2")))
    return made


def run(world_: World, *statements: str) -> None:
    """Statements of the superuser."""
    for statement in statements:
        world_.run(world_.connection.execute(statement))


def with_database(world_: World, work: Callable[[Database], Awaitable[T]]) -> T:
    """What is done with the database as the server's role."""

    async def go() -> T:
        assert world_.settings.database_url
        database = await Database.open(world_.settings.database_url, pool_size=4, statement_timeout_ms=10_000)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(go())


def erase(world_: World, years: int = 3) -> tuple[int, int]:
    async def work(database: Database) -> tuple[int, int]:
        before = await retention.due_before(database.transaction, years)
        return await retention.erase_due(database.transaction, before, "test")

    return with_database(world_, work)


def kept(world_: World, scene: Scene) -> list[str]:
    """Whose files of this zone are kept."""
    names = ("CL1", "CL2", "CL3")
    query = "SELECT name FROM client WHERE id = $1"
    return [name for name in names if world_.value(query, scene.here.key(name)) != ERASED]


def test_whose_time_is_over_is_erased_once_and_who_is_still_served_waits(written: World, scene: Scene) -> None:
    assert erase(written, years=4) == (0, 0)
    done, waiting = erase(written)
    assert (done, waiting) == (2, 1)
    assert kept(written, scene) == ["CL2"]
    told = "request_id, account_id, after ->> 'erasure_reason'"
    query = f"SELECT {told} FROM audit_entry WHERE subject = $1 AND erased_by IS NULL"
    assert tuple(written.sql(query, scene.here["CL1"])[-1]) == ("test", None, "RETENTION_OVER")
    assert erase(written) == (0, 1)
    run(written, SETTLED.format(scene.here.key("CL2")))
    assert erase(written) == (1, 0)


def test_a_file_is_due_from_the_day_after_its_years_are_over(written: World, scene: Scene) -> None:
    run(written, CLOSED.format(scene.here.key("CL1"), 0))

    async def due(database: Database) -> list[str]:
        before = await retention.due_before(database.transaction, 3)
        return [one.id async for one in retention.due(database.transaction, before)]

    names = [scene.here[name] for name in ("CL1", "CL2", "CL3")]
    assert [one for one in with_database(written, due) if one in names] == names[1:]


def test_the_servers_role_erases_nobody_whose_file_was_closed_within_a_year(written: World, scene: Scene) -> None:
    async def work(database: Database) -> list[Any]:
        async with database.transaction() as connection:
            sql = "SELECT erase_due_client($1, current_date - $2::integer, 'r')"
            return [await connection.fetchval(sql, scene.here.key("CL1"), days) for days in (0, 300, 2000)]

    assert with_database(written, work) == ["NOT_FOUND"] * 3
    assert kept(written, scene) == ["CL1", "CL2", "CL3"]


def test_the_command_lists_whose_time_is_over_and_erases_them(
    written: World, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert written.settings.database_url
    monkeypatch.setenv("ZHANWANG_DATABASE_URL", written.settings.database_url)
    none = CliRunner().invoke(clients, ["due"])
    assert (none.exit_code, none.stdout) == (2, "")
    monkeypatch.setenv("ZHANWANG_RETENTION_YEARS", "3")
    listed = dict(line.split("\t") for line in CliRunner().invoke(clients, ["due"]).stdout.splitlines())
    assert {scene.here[name] for name in ("CL1", "CL2", "CL3")} <= listed.keys()
    done = CliRunner().invoke(clients, ["erase-due"])
    assert done.exit_code == 1
    assert "have to wait: a referral or a consultation is under way" in done.stderr
    assert kept(written, scene) == ["CL2"]
    assert set(CliRunner().invoke(clients, ["due"]).stdout.split()) & {scene.here["CL1"], scene.here["CL3"]} == set()


def test_the_schedule_erases_and_removes_what_is_over(
    written: World, scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    account = scene.writer(Role.WORKER, scene.here["C1"]).account_id
    run(written, OVER.format(account))
    settings = written.settings.model_copy(update={"retention_years": 3})

    with caplog.at_level(logging.INFO, "zhanwang.retention"):
        with_database(written, lambda database: schedule._retain(database, settings))
    assert kept(written, scene) == ["CL2"]
    assert "Clients who were erased, as their time was over: 2" in caplog.text
    assert tuple(written.sql(LEFT.format(account))[0]) == (0, 0, ["kept"], [b"kept"], [b"kept"])


def test_a_server_without_a_time_erases_nobody(written: World, scene: Scene) -> None:
    with_database(written, lambda database: schedule._retain(database, written.settings))
    assert kept(written, scene) == ["CL1", "CL2", "CL3"]


def test_who_erases_waits_for_a_write_in_the_county_and_not_for_ever(written: World, scene: Scene) -> None:
    county = scene.here.key("H")

    async def work(database: Database) -> tuple[int, int]:
        async with database.transaction() as writing:
            await writing.execute("SELECT lock_county($1, false)", county)
            before = await retention.due_before(database.transaction, 3)
            mine = [one async for one in retention.due(database.transaction, before) if one.county_id == county]
            assert len(mine) == 3
            return await retention.erase_due(database.transaction, before, "test")

    patient = retention.PATIENCE
    retention.PATIENCE = "SET LOCAL lock_timeout = '50ms'"
    try:
        _, waiting = with_database(written, work)
    finally:
        retention.PATIENCE = patient
    assert waiting >= 3
    assert kept(written, scene) == ["CL1", "CL2", "CL3"]
