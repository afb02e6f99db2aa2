"""Overdue referrals go up, level by level, once each time: by the server's schedule, the command, many at once."""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from resolvers import escalation
from server import escalation as escalating
from server import schedule
from server.database import Database
from server.embedded import Embedded, _Cluster, running
from server.migrate import migrate
from tests.conftest import Server
from tests.processes import run
from tests.referring import Cases, done, look
from tests.scene import World, key, world
from tests.test_referrals import after, today

LATE = date(2024, 1, 5)
OPEN = ("SENT", "ACCEPTED", "IN_PROGRESS")
SETTLED = ("DONE", "REJECTED", "WITHDRAWN")


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("escalation")) as made:
        yield made


@pytest.fixture
def cases(written: World) -> Cases:
    return Cases(written)


def overdue(cases: Cases, state: str = "SENT", due_on: date = LATE) -> Any:
    """A referral to the other zone's village that was due long ago."""
    row = done(cases.send())
    late(cases.world, row, state, due_on)
    return row


def late(world_: World, row: Any, state: str = "SENT", due_on: date = LATE) -> None:
    world_.sql("UPDATE referral SET state = $2, due_on = $3 WHERE id = $1", key(row["id"]), state, due_on)


def kept(world_: World, row: Any) -> Any:
    """Where a referral has come to: the place, how often it went up, the day on which it is due, the version."""
    columns = "escalated_to_id, escalations, due_on::text, version"
    return tuple(world_.sql(f"SELECT {columns} FROM referral WHERE id = $1", key(row["id"]))[0])


def escalate(world_: World, times: int = 1) -> list[int]:
    """How many referrals went up, of so many who escalate at the same time."""

    async def go() -> list[int]:
        database = await connected(world_)
        try:
            return await asyncio.gather(*(escalation.escalate(database.transaction, "test") for _ in range(times)))
        finally:
            await database.close()

    return asyncio.run(go())


async def connected(world_: World) -> Database:
    url = world_.settings.database_url
    assert url
    return await Database.open(url, pool_size=8, statement_timeout_ms=10_000)


# -- one step ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", OPEN)
def test_what_is_overdue_goes_to_the_place_above_the_receiver_with_two_working_days_more(
    cases: Cases, state: str
) -> None:
    row = overdue(cases, state)
    assert look(cases.hub, row)["overdue"]
    assert escalate(cases.world) == [1]
    again = after(today(cases.world), 2)
    assert kept(cases.world, row) == (cases.there.key("B1"), 1, again, 2)
    seen = look(cases.hub, row)
    assert (seen["escalatedTo"], seen["escalations"], seen["dueOn"]) == ({"id": cases.there["B1"]}, 1, again)
    assert (seen["overdue"], seen["state"]) == (False, state)
    # Neither end sees the place above; that it went up, both do.
    for end in (cases.sender, cases.receiver):
        told = look(end, row)
        assert (told["escalatedTo"], told["escalations"]) == (None, 1)


def test_the_log_tells_of_it_at_the_receivers_place(cases: Cases) -> None:
    row = overdue(cases)
    escalate(cases.world)
    query = "SELECT * FROM audit_entry WHERE noun = 'referral' AND row_id = $1 ORDER BY id"
    _, entry = cases.world.sql(query, key(row["id"]))
    assert (entry["action"], entry["place_id"]) == ("escalateReferral", cases.there.key("C1"))
    assert (entry["account_id"], entry["grant_id"], entry["request_id"]) == (None, None, "test")


@pytest.mark.parametrize("state", SETTLED)
def test_what_is_settled_does_not_go_up(cases: Cases, state: str) -> None:
    row = overdue(cases, state)
    assert escalate(cases.world) == [0]
    assert kept(cases.world, row) == (None, 0, LATE.isoformat(), 1)


def test_what_is_due_today_is_not_overdue_yet(cases: Cases) -> None:
    day = today(cases.world)
    row = overdue(cases, due_on=day)
    assert escalate(cases.world) == [0]
    late(cases.world, row, due_on=day - timedelta(days=1))
    assert escalate(cases.world) == [1]


def test_a_second_time_on_the_same_day_nothing_happens(cases: Cases) -> None:
    row = overdue(cases)
    assert escalate(cases.world) == [1]
    before = kept(cases.world, row)
    assert escalate(cases.world) == [0]
    assert kept(cases.world, row) == before


def test_it_goes_on_up_to_the_hub_and_stays_there(cases: Cases) -> None:
    row = overdue(cases)
    for times, place in enumerate(("B1", "S", "H"), start=1):
        assert escalate(cases.world) == [1]
        assert kept(cases.world, row)[:2] == (cases.there.key(place), times)
        late(cases.world, row)
    assert escalate(cases.world) == [0]
    assert look(cases.hub, row)["overdue"]
    assert kept(cases.world, row)[:2] == (cases.there.key("H"), 3)
    # Another county's test is not to find it.
    late(cases.world, row, "DONE")


def test_the_countys_own_working_days_count(cases: Cases) -> None:
    row, abroad = overdue(cases), Cases(cases.world)
    theirs = overdue(abroad)
    day = today(cases.world)
    for number in range(1, 30):
        cases.world.sql(
            """INSERT INTO calendar_day (place_id, path, station_id, county_id, day, working, name)
               SELECT id, path, station_id, county_id, $2, false, '本县' FROM place WHERE id = $1""",
            cases.here.key("H"),
            day + timedelta(days=number),
        )
    assert escalate(cases.world) == [2]
    assert kept(cases.world, row)[2] == after(day + timedelta(days=29), 2)
    assert kept(cases.world, theirs)[2] == after(day, 2)


def test_the_receiver_goes_on_as_before(cases: Cases) -> None:
    row = overdue(cases)
    escalate(cases.world)
    accepted = done(cases.act("accept", look(cases.receiver, row)))
    late(cases.world, row, "ACCEPTED")
    escalate(cases.world)
    assert kept(cases.world, row)[:2] == (cases.there.key("S"), 2)
    assert done(cases.act("complete", accepted | {"version": 4}))["state"] == "DONE"


# -- many ----------------------------------------------------------------------------------------------------------


def test_of_many_at_once_each_referral_goes_up_once(cases: Cases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(escalation, "BATCH", 5)
    rows = [overdue(cases) for _ in range(12)]
    assert sum(escalate(cases.world, 5)) == 12
    assert {kept(cases.world, row)[1] for row in rows} == {1}
    entries = "SELECT count(*) FROM audit_entry WHERE action = 'escalateReferral' AND county_id = $1"
    assert cases.world.value(entries, cases.here.key("H")) == 12


def test_who_waited_for_another_looks_again(cases: Cases) -> None:
    row = overdue(cases)

    async def go() -> Any:
        one, other = [await asyncpg.connect(cases.world.url) for _ in range(2)]
        arguments = (key(row["id"]), today_, today_ + timedelta(days=3), "test")
        transaction = one.transaction()
        await transaction.start()
        assert await one.fetchval(escalation.ESCALATE, *arguments) is True
        waiting = asyncio.create_task(other.fetchval(escalation.ESCALATE, *arguments))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        await transaction.commit()
        found = await waiting
        await one.close()
        await other.close()
        return found

    today_ = today(cases.world)
    assert asyncio.run(go()) is False
    assert kept(cases.world, row)[1] == 1


# -- the server's schedule -----------------------------------------------------------------------------------------


async def until(world_: World, row: Any, times: int) -> None:
    deadline = time.monotonic() + 20
    connection = await asyncpg.connect(world_.url)
    while await connection.fetchval("SELECT escalations FROM referral WHERE id = $1", key(row["id"])) != times:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    await connection.close()


def test_a_server_escalates_when_it_starts(cases: Cases, caplog: pytest.LogCaptureFixture) -> None:
    row = overdue(cases)
    with caplog.at_level(logging.INFO, "zhanwang.escalation"), Server(cases.world.settings):
        asyncio.run(until(cases.world, row, 1))
    entry = "SELECT request_id FROM audit_entry WHERE action = 'escalateReferral' AND row_id = $1"
    assert cases.world.value(entry, key(row["id"])) == "schedule"


def test_the_schedule_goes_on_while_it_runs_and_tells_how_many(
    cases: Cases, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(schedule, "SECONDS", 0.05)
    row = overdue(cases)

    async def go() -> None:
        database = await connected(cases.world)
        async with escalating.escalating(database):
            await until(cases.world, row, 1)
            connection = await asyncpg.connect(cases.world.url)
            await connection.execute("UPDATE referral SET due_on = $2 WHERE id = $1", key(row["id"]), LATE)
            await connection.close()
            await until(cases.world, row, 2)
            await asyncio.sleep(0.2)
        await database.close()

    with caplog.at_level(logging.INFO, "zhanwang.escalation"):
        asyncio.run(go())
    said = [record.getMessage() for record in caplog.records if record.name == "zhanwang.escalation"]
    assert said == ["Overdue referrals that went up a level: 1"] * 2


def test_what_fails_is_told_and_tried_again_sooner(
    cases: Cases, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(schedule, "AGAIN_SECONDS", 0.05)
    failures = iter([RuntimeError("once")])
    row = overdue(cases)

    async def go() -> None:
        database = await connected(cases.world)
        transaction = database.transaction

        def failing() -> AbstractAsyncContextManager[asyncpg.Connection]:
            for failure in failures:
                raise failure
            return transaction()

        monkeypatch.setattr(database, "transaction", failing)
        async with escalating.escalating(database):
            await until(cases.world, row, 1)
        await database.close()

    with caplog.at_level(logging.INFO, "zhanwang.escalation"):
        asyncio.run(go())
    levels = [record.levelno for record in caplog.records if record.name == "zhanwang.escalation"]
    assert levels == [logging.ERROR, logging.INFO]


def test_the_schedule_waits_for_a_database_that_is_away_or_not_migrated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(schedule, "SECONDS", 0.05)
    monkeypatch.setattr(schedule, "AGAIN_SECONDS", 0.05)
    ran: list[int] = []

    async def counted(*arguments: Any) -> int:
        ran.append(await escalation.escalate(*arguments))
        return ran[-1]

    monkeypatch.setattr(escalating, "escalate", counted)

    async def runs(more: int) -> None:
        deadline, before = time.monotonic() + 20, len(ran)
        while len(ran) < before + more:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)

    async def go() -> None:
        with running(tmp_path) as first:
            await migrate(first.owner_url)
            owner = await asyncpg.connect(first.owner_url)
            version = await owner.fetchval("SELECT version_num FROM alembic_version")
            await owner.execute("UPDATE alembic_version SET version_num = '0006'")
            database = await Database.open(first.server_url, pool_size=1, statement_timeout_ms=2000)
            async with escalating.escalating(database):
                await asyncio.sleep(0.3)
                assert ran == []
                await owner.execute("UPDATE alembic_version SET version_num = $1", version)
                await runs(2)
                await owner.close()
                await asyncio.to_thread(_Cluster(tmp_path).stop)
                await asyncio.sleep(0.3)
                with running(tmp_path):
                    await runs(2)
            await database.close()

    with caplog.at_level(logging.INFO, "zhanwang.escalation"):
        asyncio.run(go())
    assert not [record for record in caplog.records if record.name == "zhanwang.escalation"]


# -- the command ---------------------------------------------------------------------------------------------------


def test_the_command_escalates_and_tells_how_many(cases: Cases, tmp_path: Path) -> None:
    url = cases.world.settings.database_url
    assert url
    rows = [overdue(cases) for _ in range(2)]

    def command() -> tuple[int, str, str]:
        ran = run("referrals", "escalate", data_dir=tmp_path, ZHANWANG_DATABASE_URL=url)
        return ran.returncode, ran.stdout, ran.stderr

    assert command() == (0, "", "Escalated 2 referrals.\n")
    assert command() == (0, "", "Nothing to escalate.\n")
    late(cases.world, rows[0])
    assert command() == (0, "", "Escalated 1 referral.\n")
    assert [kept(cases.world, row)[1] for row in rows] == [2, 1]
    entry = "SELECT DISTINCT request_id FROM audit_entry WHERE action = 'escalateReferral' AND row_id = $1"
    assert cases.world.value(entry, key(rows[0]["id"])) == "command line"


def test_the_command_refuses_a_database_that_is_not_migrated(tmp_path: Path) -> None:
    ran = run("referrals", "escalate", data_dir=tmp_path)
    assert ran.returncode == 1
    assert "zhanwang migrate" in ran.stderr
