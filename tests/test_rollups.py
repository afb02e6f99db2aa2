"""The sums that are kept per place and month are what counting gives: whatever is written, folded or not."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import asyncpg
import pytest

from models import Role
from server.embedded import Embedded
from tests.matrix import CASES, document
from tests.scene import Scene, World, relocate
from tests.summing import FOLD, LOCATION, PLACES, WAITING, furnish, serve, totals, unfolded, wrong

TOTAL = """
SELECT COALESCE(sum(records), 0)::int, COALESCE(sum(contacts), 0)::int FROM service_rollup_kept
 WHERE place_id = $1 AND month = '2024-03-01'
"""


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with unfolded(embedded, tmp_path_factory.mktemp("rollups")) as made:
        yield made


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
