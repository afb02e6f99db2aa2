"""Coverage: which service items reached which communities, as their records say."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from models import Role
from server.embedded import Embedded
from tests.conftest import Ask
from tests.counting import every
from tests.regions import Regions
from tests.scene import Scene, World, fresh, key
from tests.summing import FOLD, LOCATION, serve, unfolded
from tests.test_rollups import perform

CELLS = "cells { item { id } covered records contacts lastServedOn }"
ROW = f"community {{ id }} {CELLS} covered uncovered {{ id }} share"
LIST = f"""
INSERT INTO service_item ({LOCATION}, code, name, field)
SELECT id, path, station_id, county_id, $2, $2, 'ELDERLY_CARE' FROM place WHERE id = $1 RETURNING id
"""
SERVE_OTHER = f"""
INSERT INTO service_record ({LOCATION}, item_id, worker_id, served_on, contacts, beneficiaries)
SELECT p.id, p.path, p.station_id, p.county_id, $2, r.worker_id, '2024-06-01', 1, 1
  FROM place p, service_record r WHERE p.id = $1 AND r.id = $3
"""
Asking = Callable[[str], Any]


def coverage(ask: Asking, arguments: str = "", selection: str = ROW) -> dict[str, Any]:
    """The rows of the matrix, by community."""
    rows = every(ask, "coverage", arguments, f"key: community {{ id }} {selection}")
    return {row.pop("key")["id"]: row for row in rows}


def columns(ask: Asking, arguments: str = "") -> list[dict[str, Any]]:
    """The sums of the columns."""
    given = f"({arguments})" if arguments else ""
    found: list[dict[str, Any]] = ask(f"{{ coverage{given} {{ items {{ item {{ id }} communities share }} }} }}")[
        "coverage"
    ]["items"]
    return found


def count(ask: Asking, community: str, item: str, days: str = "") -> list[dict[str, Any]]:
    """The records of an item at a community."""
    where = f'where: {{within: "{community}", item: {{eq: "{item}"}} {days}}}'
    return every(ask, "serviceRecords", where, "contacts servedOn")


# -- the demo ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", ["", "2021-07-01 2022-06-30"])
@pytest.mark.parametrize("account", ["hub", "sanban", "nanchengcun"])
def test_each_cell_is_what_the_records_say(ask: Ask, account: str, days: str) -> None:
    low, _, high = days.partition(" ")
    given = f'from: "{low}", to: "{high}"' if days else ""
    asking = lambda query: ask(account, query)  # noqa: E731 - a client
    records = every(asking, "serviceRecords", "", "place { id ancestors { id } } item { id } contacts servedOn")
    records = [record for record in records if not days or low <= record["servedOn"] <= high]
    items = [item["id"] for item in every(asking, "serviceItems", "", "id")]
    found = coverage(asking, given)
    assert len(items) == 10
    reached = 0
    for community, row in found.items():
        of = [r for r in records if community in (r["place"]["id"], *(p["id"] for p in r["place"]["ancestors"]))]
        assert [cell["item"]["id"] for cell in row["cells"]] == items
        for cell in row["cells"]:
            given_here = [record for record in of if record["item"] == cell["item"]]
            assert cell["covered"] == bool(given_here)
            assert cell["records"] == len(given_here)
            assert cell["contacts"] == sum(record["contacts"] for record in given_here)
            assert cell["lastServedOn"] == max((record["servedOn"] for record in given_here), default=None)
        covered = [cell["item"] for cell in row["cells"] if cell["covered"]]
        assert row["covered"] == len(covered)
        assert row["uncovered"] == [{"id": item} for item in items if {"id": item} not in covered]
        assert row["share"] == len(covered) / 10
        reached += bool(covered)
    if account == "hub" and not days:
        assert (len(found), reached) == (217, 80)


def test_each_column_counts_the_communities_that_are_asked_of(ask: Ask) -> None:
    asking = lambda query: ask("hub", query)  # noqa: E731 - a client
    for given in ("", 'where: {kind: {eq: RESIDENTIAL}}, from: "2022-01-01"', "uncoveredOnly: true"):
        rows = coverage(asking, given, CELLS)
        found = columns(asking, given)
        assert len(found) == 10
        for number, column in enumerate(found):
            cells = [row["cells"][number] for row in rows.values()]
            assert {cell["item"]["id"] for cell in cells} == {column["item"]["id"]}
            assert column["communities"] == sum(cell["covered"] for cell in cells)
            assert column["share"] == pytest.approx(column["communities"] / len(cells))


def test_rows_come_in_the_order_of_the_communities_and_by_the_same_filter(ask: Ask) -> None:
    for given in ("", "orderBy: [{field: NAME, direction: DESC}]", 'where: {name: {startsWith: "南"}}'):
        asking = lambda query: ask("hub", query)  # noqa: E731 - a client
        communities = every(asking, "communities", given, "id closedOn")
        assert list(coverage(asking, given, "share")) == [row["id"] for row in communities if not row["closedOn"]]


# -- counties to write to ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with unfolded(embedded, tmp_path_factory.mktemp("coverage")) as made:
        yield made


@pytest.fixture
def scene(written: World) -> Scene:
    """A county with one item in force, of which C1 has a record in either zone."""
    made = written.scene()
    written.sql("UPDATE service_item SET withdrawn_on = '2021-01-01' WHERE county_id = $1", made.here.key("H"))
    item = written.value(LIST, made.here.key("H"), fresh("0"))
    for zone in made.zones:
        written.sql("UPDATE service_record SET item_id = $2 WHERE id = $1", zone.key("SR1"), item)
    return made


def item_of(scene: Scene) -> str:
    """The item of the zone's record."""
    return f"SI{scene.world.value('SELECT item_id FROM service_record WHERE id = $1', scene.here.key('SR1'))}"


def test_records_of_grids_count_for_the_community(scene: Scene) -> None:
    asker = scene.writer(Role.WORKER, scene.here["C1"])
    (before,) = coverage(asker.ask).values()
    serve(scene, scene.here, "G1", 7, "2025-02-03")
    serve(scene, scene.here, "B1", 9, "2025-03-03")
    ((cell,), (old,)) = [row["cells"] for row in (*coverage(asker.ask).values(), before)]
    assert (cell["records"], cell["contacts"]) == (old["records"] + 1, old["contacts"] + 7)
    assert cell["lastServedOn"] == "2025-02-03"


@pytest.mark.parametrize("folded", [True, False])
def test_a_record_that_is_taken_back_covers_nothing(written: World, scene: Scene, folded: bool) -> None:
    asker = scene.writer(Role.WORKER, scene.here["C1"])
    (before,) = coverage(asker.ask).values()
    assert (before["covered"], before["uncovered"], before["share"]) == (1, [], 1)
    if folded:
        written.value(FOLD)
    perform("cancelServiceRecord")(scene)
    (after,) = coverage(asker.ask).values()
    assert (after["covered"], after["uncovered"], after["share"]) == (0, [{"id": item_of(scene)}], 0)
    assert after["cells"][0]["lastServedOn"] is None


def test_an_item_of_the_hub_is_on_every_list_until_it_is_withdrawn(written: World, scene: Scene) -> None:
    item = written.value(LIST, scene.here.key("H"), fresh("1"))
    written.sql(SERVE_OTHER, scene.here.key("C2"), item, scene.here.key("SR1"))
    asker = scene.writer(Role.MANAGER, scene.here["H"])
    (column,) = [each for each in columns(asker.ask) if each["item"]["id"] == f"SI{item}"]
    assert (column["communities"], column["share"]) == (1, pytest.approx(1 / 6))
    assert coverage(asker.ask)[scene.here["C1"]]["share"] == 0.5
    written.sql("UPDATE service_item SET withdrawn_on = '2024-07-01' WHERE id = $1", item)
    assert f"SI{item}" not in [each["item"]["id"] for each in columns(asker.ask)]
    then = coverage(asker.ask, 'to: "2024-06-30"')[scene.here["C2"]]
    assert {cell["item"]["id"]: cell["covered"] for cell in then["cells"]} == {f"SI{item}": True, item_of(scene): False}
    for given in ("", 'to: "2024-07-01"'):
        (cell,) = coverage(asker.ask, given)[scene.here["C2"]]["cells"]
        assert cell["item"]["id"] == item_of(scene)
    written.sql("UPDATE service_item SET withdrawn_on = '2024-07-01' WHERE id = $1", key(item_of(scene)))
    row = coverage(asker.ask)[scene.here["C1"]]
    assert (row["cells"], row["covered"], row["uncovered"], row["share"]) == ([], 0, [], None)


def test_only_communities_that_lack_something_can_be_asked_of(written: World, scene: Scene) -> None:
    asker = scene.writer(Role.MANAGER, scene.here["H"])
    only = "uncoveredOnly: true"
    every_one = [zone[name] for zone in scene.zones for name in ("C1", "C2", "C4")]
    served = [zone["C1"] for zone in scene.zones]
    assert list(coverage(asker.ask, only)) == [id_ for id_ in every_one if id_ not in served]
    assert list(coverage(asker.ask, f'{only}, from: "2030-01-01"')) == every_one
    item = written.value(LIST, scene.here.key("H"), fresh("1"))
    written.sql(SERVE_OTHER, scene.here.key("C1"), item, scene.here.key("SR1"))
    lacking = coverage(asker.ask, only, "uncovered { id }")
    assert list(lacking) == [id_ for id_ in every_one if id_ != scene.here["C1"]]
    assert lacking[scene.there["C1"]]["uncovered"] == [{"id": f"SI{item}"}]
    asked = asker.ask(f"{{ coverage({only}) {{ totalCount }} }}")["coverage"]
    assert asked["totalCount"] == len(lacking)


def test_a_closed_community_is_no_row(written: World, scene: Scene) -> None:
    asker = scene.writer(Role.MANAGER, scene.here["H"])
    assert scene.here["C4"] in coverage(asker.ask)
    written.sql("UPDATE community SET closed_on = '2024-01-01' WHERE id = $1", scene.here.key("C4"))
    assert scene.here["C4"] not in coverage(asker.ask)


def test_nothing_out_of_scope_is_in_a_row_or_a_column(written: World, scene: Scene) -> None:
    item = written.value(LIST, scene.here.key("H"), fresh("1"))
    written.sql(SERVE_OTHER, scene.there.key("C1"), item, scene.there.key("SR1"))
    asker = scene.writer(Role.MANAGER, scene.here["S"])
    assert list(coverage(asker.ask)) == [scene.here[name] for name in ("C1", "C2", "C4")]
    assert {column["item"]["id"]: column["communities"] for column in columns(asker.ask)} == {
        f"SI{item}": 0,
        item_of(scene): 1,
    }


def test_who_sees_figures_alone_sees_what_is_covered_and_no_numbers(scene: Scene) -> None:
    observer, worker = (scene.writer(role, scene.here["C1"]) for role in (Role.OBSERVER, Role.WORKER))
    ((seen,), (whole,)) = (row["cells"] for asker in (observer, worker) for row in coverage(asker.ask).values())
    assert whole["records"] == 1
    assert seen == whole | {"records": None, "contacts": None}


def test_a_region_has_the_lists_of_its_counties(written: World) -> None:
    regions = Regions(written)
    items = [written.value(LIST, county.here.key("H"), fresh("1")) for county in (regions.a, regions.b)]
    written.sql(SERVE_OTHER, regions.a.here.key("C2"), items[0], regions.a.here.key("SR1"))
    asker = regions.writer(Role.MANAGER, regions["Y"])
    found = {column["item"]["id"]: (column["communities"], column["share"]) for column in columns(asker.ask)}
    assert [found[f"SI{item}"] for item in items] == [(1, pytest.approx(1 / 6)), (0, 0)]
    assert len(coverage(asker.ask)) == 12
