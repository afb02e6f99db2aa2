"""The sums that are kept per place and month are what counting gives: whatever is written, folded or not."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import pytest

from models import Role
from server import folding, rollups
from server.embedded import Embedded
from tests.conftest import Server
from tests.matrix import CASES, document
from tests.nouns.rollups import INVARIANTS
from tests.scene import Scene, World, Zone, relocate, world
from tests.test_cli import run

FOLD = "SELECT fold_rollups(100000)"
WAITING = "SELECT (SELECT count(*) FROM service_delta) + (SELECT count(*) FROM network_delta)"
PLACE = "id, path, station_id, county_id"
LOCATION = "place_id, path, station_id, county_id"
SERVE = f"""
INSERT INTO service_record ({LOCATION}, item_id, worker_id, served_on, contacts, beneficiaries)
SELECT p.id, p.path, p.station_id, p.county_id, r.item_id, r.worker_id, $3, $4, 1
  FROM place p, service_record r WHERE p.id = $1 AND r.id = $2
"""
EMPLOY = f"""
INSERT INTO person ({LOCATION}, kind, name, gender)
SELECT {PLACE}, 'VOLUNTEER', '人', 'MALE' FROM place WHERE id = $1
"""
TOTAL = """
SELECT COALESCE(sum(records), 0)::int, COALESCE(sum(contacts), 0)::int FROM service_rollup_kept
 WHERE place_id = $1 AND month = '2024-03-01'
"""
PLACES = ("H", "S", "B1", "B2", "C1", "C2", "C4", "G1", "G2", "G3", "G4")


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own, whose server folds nothing: the tests do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding, "SECONDS", 3600.0)
        with world(embedded, tmp_path_factory.mktemp("rollups")) as made:
            yield made


def wrong(written: World) -> list[Any]:
    """The sums that are not what counting gives."""
    return [tuple(row) for query in INVARIANTS.values() for row in written.sql(query)]


def furnish(scene: Scene) -> None:
    """Adds a record and a person at each place of both zones."""
    for zone in scene.zones:
        for number, name in enumerate(PLACES, start=1):
            serve(scene, zone, name, number)
            scene.world.sql(EMPLOY, zone.key(name))


def serve(scene: Scene, zone: Zone, place: str, contacts: int = 1, day: str = "2024-03-05") -> None:
    """Adds a record at a place."""
    on = scene.world.value("SELECT $1::text::date", day)
    scene.world.sql(SERVE, zone.key(place), zone.key("SR1"), on, contacts)


def perform(mutation: str, **more: Any) -> Callable[[Scene], None]:
    """A mutation of the matrix over HTTP, which must succeed. more: other than the matrix gives."""

    def change(scene: Scene) -> None:
        case = CASES[mutation]
        given = case.input_of(scene) | more
        writer = scene.writer(Role.ADMINISTRATOR, scene.here[case.at])
        assert writer.ask(document(mutation), {"input": given})[mutation]["errors"] == []

    return change


def sql(statement: str) -> Callable[[Scene], None]:
    """A statement that names a zone's rows as `{C1}`."""

    def change(scene: Scene) -> None:
        scene.world.sql(statement.format(**{name: scene.here.key(name) for name in scene.here.ids}))

    return change


ITEM = "(SELECT item_id FROM service_record WHERE id = {SR1})"
CHANGES = {
    "a record is made": perform("recordService"),
    "a record is corrected": perform("correctServiceRecord"),
    "a record is cancelled": perform("cancelServiceRecord"),
    "a record moves to another month": sql("UPDATE service_record SET served_on = '2023-09-30' WHERE id = {SR1}"),
    "a record is deleted": sql("DELETE FROM service_record WHERE id = {SR1}"),
    "an item changes its field": sql(f"UPDATE service_item SET field = 'CHILD_CARE' WHERE id = {ITEM}"),
    "a person is employed": perform("createPerson"),
    "a person changes kind": perform("updatePerson", kind="GRID_ASSISTANT"),
    "a person changes home": perform("updatePerson"),
    "a person retires": perform("retirePerson"),
    "a person is reinstated": perform("reinstatePerson"),
    "a station is made": perform("createStation"),
    "a community is made": perform("createCommunity"),
    "a grid is made": perform("createGrid"),
    "a community is counted anew": perform("updateCommunity"),
    "a community changes kind": perform("updateCommunity", kind="RESIDENTIAL"),
    "a grid is counted anew": perform("updateGrid"),
    "a grid is closed": perform("closeGrid"),
    "a community is closed": perform("closeCommunity"),
    "a station is closed": perform("closeStation"),
    "a grid is moved": perform("moveGrid"),
    "a community is moved": perform("moveCommunity"),
    "a station is moved": perform("moveStation"),
}
EMPTIED = {"a community is closed": {"G1": "C2", "G2": "C2"}, "a station is closed": {"C1": "B2", "C2": "B2"}}
"""What hangs below a place that is to be closed, and to where it goes before."""


@pytest.mark.parametrize("folded", ["all of it", "half of it", "nothing"])
@pytest.mark.parametrize("name", CHANGES)
def test_sums_are_what_counting_gives_when(written: World, name: str, folded: str) -> None:
    written.value(FOLD)
    scene = written.scene()
    if folded == "half of it":
        written.value(FOLD)
    furnish(scene)
    if folded == "all of it":
        written.value(FOLD)
    for below, to in EMPTIED.get(name, {}).items():
        written.run(relocate(written.connection, scene.here[below], scene.there[to]))
    assert wrong(written) == []
    before = totals(written)
    CHANGES[name](scene)
    assert wrong(written) == []
    assert totals(written) != before
    written.value(FOLD)
    assert written.value(WAITING) == 0
    assert wrong(written) == []


def totals(written: World) -> Any:
    """All sums of all places that are not zero."""
    rows = []
    for pair in rollups.PAIRS:
        keys, sums = ", ".join(pair.keys), ", ".join(f"sum({name})" for name in pair.sums)
        query = f"SELECT place_id, {keys}, {sums} FROM {pair.name}_rollup_kept GROUP BY place_id, {keys}"
        rows += [tuple(row) for row in written.sql(f"{query} HAVING ({sums}) <> (0, 0, 0)")]
    return set(rows)


def test_a_record_counts_at_its_place_and_at_all_above_and_nowhere_else(written: World) -> None:
    scene = written.scene()
    serve(scene, scene.here, "G1", 4)
    serve(scene, scene.here, "C1", 2)
    for fold in (False, True):
        if fold:
            written.value(FOLD)
        found = {name: tuple(written.sql(TOTAL, scene.here.key(name))[0]) for name in PLACES}
        assert {name for name, sums in found.items() if sums == (2, 6)} == {"H", "S", "B1", "C1"}, fold
        assert {name for name, sums in found.items() if sums == (0, 0)} == {"B2", "C2", "C4", "G1", "G2", "G3", "G4"}


def test_random_moves_and_folds_leave_the_sums_as_counting_gives_them(written: World) -> None:
    random, scene = Random(2021), written.scene()
    parents = {"B": "S", "C": "SB", "G": "C"}
    for _ in range(60):
        zone = random.choice(scene.zones)
        name = random.choice([place for place in PLACES if place[0] in parents])
        chance = random.random()
        if chance < 0.5:
            to = random.choice(scene.zones)
            above = [place for place in PLACES if place[0] in parents[name[0]]]
            written.run(relocate(written.connection, zone[name], to[random.choice(above)]))
        elif chance < 0.8:
            serve(scene, zone, name, random.randint(1, 9), random.choice(["2024-03-01", "2024-04-30"]))
        else:
            written.value("SELECT fold_rollups($1)", random.randint(1, 20))
        assert wrong(written) == []


def test_several_places_that_move_in_one_statement_take_their_sums_along(written: World) -> None:
    scene = written.scene()
    furnish(scene)
    written.value(FOLD)
    serve(scene, scene.here, "G1")
    written.sql(
        """UPDATE place SET parent_id = n.id, parent_level = n.level, parent_path = n.path,
                            parent_station_id = n.station_id, parent_county_id = n.county_id
             FROM place n, (VALUES ($1::bigint, $2::bigint), ($3, $4)) AS to_do (id, parent_id)
            WHERE place.id = to_do.id AND n.id = to_do.parent_id""",
        *(scene.here.key("C1"), scene.there.key("B2"), scene.here.key("G3"), scene.there.key("C4")),
    )
    assert wrong(written) == []
    written.value(FOLD)
    assert wrong(written) == []


def region(written: World, parent: int | None) -> int:
    """A new region, below another or none."""
    made: int = written.value(
        """WITH made AS (INSERT INTO place (level, parent_id, parent_level, parent_path, parent_station_id,
                                            parent_county_id)
                         SELECT 'REGION', p.id, p.level, p.path, p.station_id, p.county_id
                           FROM (SELECT 1) AS one LEFT JOIN place p ON p.id = $1 RETURNING *)
           INSERT INTO station (id, path, station_id, county_id, parent_id, level, code, name, division_code, opened_on)
           SELECT id, path, station_id, county_id, parent_id, 'REGION', 'R' || id, '省', '350000', '2020-01-01'
             FROM made RETURNING id""",
        parent,
    )
    return made


@pytest.mark.parametrize("folded", [True, False])
def test_a_region_has_the_sums_of_its_counties_by_field(written: World, folded: bool) -> None:
    nation = region(written, None)
    province, other = region(written, nation), region(written, nation)
    scenes = [written.scene(), written.scene()]
    for scene in scenes:
        serve(scene, scene.here, "G1", 3)
        if folded:
            written.value(FOLD)
        written.run(relocate(written.connection, scene.here["H"], f"S{province}"))
    assert wrong(written) == []
    assert [tuple(written.sql(TOTAL, place)[0]) for place in (nation, province, other)] == [(2, 6), (2, 6), (0, 0)]
    written.value(FOLD)
    assert written.value("SELECT count(*) FROM service_rollup WHERE place_id = $1 AND item_id IS NOT NULL", nation) == 0
    written.run(relocate(written.connection, scenes[0].here["H"], f"S{other}"))
    assert [tuple(written.sql(TOTAL, place)[0]) for place in (nation, province, other)] == [(2, 6), (1, 3), (1, 3)]
    assert wrong(written) == []
    written.value(FOLD)
    assert wrong(written) == []


def test_a_record_has_the_field_of_its_item_whatever_was_said(written: World) -> None:
    scene = written.scene()
    copy = f"{LOCATION}, item_id, worker_id, served_on, contacts, beneficiaries"
    made = written.value(
        f"""INSERT INTO service_record ({copy}, field) SELECT {copy}, 'CHILD_CARE' FROM service_record
             WHERE id = $1 RETURNING field""",
        scene.here.key("SR1"),
    )
    assert made == "ELDERLY_CARE"
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        written.sql("UPDATE service_record SET field = 'CHILD_CARE' WHERE id = $1", scene.here.key("SR1"))


@pytest.mark.parametrize("table", ["service_rollup", "service_delta", "network_rollup", "network_delta"])
def test_the_server_writes_no_sums(written: World, table: str) -> None:
    async def refused(statement: str) -> None:
        async with written.connection.transaction():
            await written.connection.execute("SET LOCAL ROLE zhanwang_server")
            await written.connection.execute(statement)

    for statement in (
        f"DELETE FROM {table}",
        f"UPDATE {table} SET place_id = 1",
        f"INSERT INTO {table} DEFAULT VALUES",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            written.run(refused(statement))


# -- beside one another --------------------------------------------------------------------------------------------

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
    assert {record.getMessage() for record in caplog.records} == {"The sums could not be folded"}


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
