"""What a place comes to with all below it is what its connections list, however much of it is folded."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from models import Role
from server.embedded import Embedded
from server.settings import Settings
from tests.conftest import Ask
from tests.counting import every
from tests.reference import Reference, compare
from tests.regions import Regions
from tests.scene import Scene, World, key
from tests.summing import FOLD, LOCATION, WAITING, furnish, serve, unfolded
from tests.test_rollups import perform

FIGURES = """
  stations stationsByLevel { level count } communities communitiesByKind { kind count } grids households residents
  personnel personnelByKind { kind count } services { records contacts beneficiaries }
  servicesThisMonth { records contacts beneficiaries }
"""
PERSONAL = "personnel personnelByKind { count } services { records } servicesThisMonth { records }"
UNITS = ("PROVINCE", "CITY", "COUNTY", "ZONE", "TOWNSHIP", "COMMUNITY", "GRID")
ACCOUNTS = ("hub", "hub-observer", "longxun", "leifeng", "nanchengcun", "gridworker")
PAST = ("2018-05-04", "2021-08-31", "2023-12-31")
LEVELS = ("REGION", "HUB", "DEMONSTRATION", "BASIC")
COMMUNITIES = ("VILLAGE", "RESIDENTIAL")
PEOPLE = ("GRID_WORKER", "GRID_ASSISTANT", "AUXILIARY_POLICE", "SOCIAL_WORKER", "VOLUNTEER")
SERVES_AT = f"""
INSERT INTO assignment ({LOCATION}, person_id, person_path, duty, valid_from)
SELECT p.id, p.path, p.station_id, p.county_id, h.id, h.path, 'STATION_SOCIAL_WORKER', $3
  FROM place p, person h WHERE p.id = $1 AND h.id = $2
"""

GIVEN: dict[str, dict[str, Any]] = {"updateGrid": {"households": 7}, "updateCommunity": {"residents": 12}}
"""What a mutation is given, other than the matrix gives."""

Asking = Callable[[str], Any]


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with unfolded(embedded, tmp_path_factory.mktemp("summaries")) as made:
        yield made


@pytest.fixture(scope="module")
def today(written: World) -> date:
    """The county's day."""
    day: date = written.value("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date")
    return day


@pytest.fixture
def scene(written: World, today: date) -> Scene:
    """A county with records of all times and people at each place."""
    made = written.scene()
    furnish(made)
    for day in (today, today.replace(day=1), today.replace(month=1, day=1), date(today.year - 1, 12, 31)):
        for place in ("S", "B1", "C1", "G1"):
            serve(made, made.here, place, day.day, str(day))
    return made


def summary(ask: Asking, place: str, on: object = "", figures: str = FIGURES) -> Any:
    """The figures of a place."""
    day = f', on: "{on}"' if on else ""
    return ask(f'{{ networkSummary(within: "{place}"{day}) {{ {figures} }} }}')["networkSummary"]


def rollup(ask: Asking, place: str, level: str, figures: str = FIGURES) -> dict[str, Any]:
    """The figures of every unit of a level below a place, by the unit's id."""
    asked = f"rollup(level: {level}, first: 100) {{ totalCount nodes {{ place {{ id }} {figures} }} }}"
    found = ask(f'{{ node(id: "{place}") {{ ... on Place {{ {asked} }} }} }}')["node"]["rollup"]
    assert found["totalCount"] == len(found["nodes"])
    return {node.pop("place")["id"]: node for node in found["nodes"]}


def listed(ask: Asking, place: str, day: date, below: str = "") -> dict[str, Any]:
    """The same figures out of the lists of the place; below: the station whose own area it is, as a field of that."""

    def rows(connection: str, selection: str, condition: str = "") -> list[dict[str, Any]]:
        where = "" if below and connection != "stations" else f'within: "{place}"'
        reach = "reach: OWN" if below else ""
        return every(_in(ask, below), connection, f"where: {{{where} {condition}}} {reach}", selection)

    def by(name: str, kinds: tuple[str, ...], found: list[dict[str, Any]], column: str) -> list[dict[str, Any]]:
        return [{name: kind, "count": sum(row[column] == kind for row in found)} for kind in kinds]

    def sums(since: date) -> dict[str, int]:
        records = rows("serviceRecords", "contacts beneficiaries", f'servedOn: {{gte: "{since}", lte: "{day}"}}')
        counted = {name: sum(row[name] for row in records) for name in ("contacts", "beneficiaries")}
        return {"records": len(records), **counted}

    every_station = every(ask, "stations", f'where: {{within: "{place}"}}', "id level closedOn")
    stations = [row for row in every_station if not row["closedOn"] and (not below or row["id"] == place)]
    communities = [row for row in rows("communities", "kind households residents closedOn") if not row["closedOn"]]
    grids = [row for row in rows("grids", "households residents closedOn") if not row["closedOn"]]
    people = [row for row in rows("personnel", "kind retiredOn") if not row["retiredOn"]]
    inhabited = grids if place.startswith("G") else communities
    return {
        "stations": len(stations),
        "stationsByLevel": by("level", LEVELS, stations, "level"),
        "communities": len(communities),
        "communitiesByKind": by("kind", COMMUNITIES, communities, "kind"),
        "grids": len(grids),
        "households": sum(row["households"] for row in inhabited),
        "residents": sum(row["residents"] for row in inhabited),
        "personnel": len(people),
        "personnelByKind": by("kind", PEOPLE, people, "kind"),
        "services": sums(day.replace(month=1, day=1)),
        "servicesThisMonth": sums(day.replace(day=1)),
    }


def _in(ask: Asking, station: str) -> Asking:
    """Asks for the fields of a station, as if they were root fields; of none, for those."""
    if not station:
        return ask
    return lambda query: ask(f'{{ station(id: "{station}") {query} }}')["station"]


# -- a place -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folded", ["all of it", "nothing"])
@pytest.mark.parametrize("place", ["H", "S", "B1", "C1", "G1"])
def test_the_figures_are_what_the_lists_count(
    written: World, scene: Scene, today: date, place: str, folded: str
) -> None:
    if folded == "all of it":
        written.value(FOLD)
        assert written.value(WAITING) == 0
    asker = scene.writer(Role.MANAGER, scene.here["H"])
    figures = summary(asker.ask, scene.here[place])
    assert figures == listed(asker.ask, scene.here[place], today)
    assert figures["services"]["records"] > figures["servicesThisMonth"]["records"] or today.month == 1


@pytest.mark.parametrize(
    ("mutation", "place", "figure"),
    [
        ("recordService", "H", "services"),
        ("cancelServiceRecord", "H", "services"),
        ("createPerson", "S", "personnel"),
        ("retirePerson", "C1", "personnelByKind"),
        ("closeGrid", "B1", "grids"),
        ("moveCommunity", "B1", "communitiesByKind"),
        ("updateCommunity", "H", "residents"),
        ("createStation", "H", "stationsByLevel"),
        ("updateGrid", "G1", "households"),
    ],
)
def test_a_write_between_two_folds_shows_at_once(
    written: World, scene: Scene, today: date, mutation: str, place: str, figure: str
) -> None:
    more = GIVEN.get(mutation, {}) | ({"servedOn": str(today)} if mutation == "recordService" else {})
    if mutation == "cancelServiceRecord":
        written.sql("UPDATE service_record SET served_on = $2 WHERE id = $1", scene.here.key("SR1"), today)
    written.value(FOLD)
    asker = scene.writer(Role.MANAGER, scene.here["H"])
    before = summary(asker.ask, scene.here[place])
    perform(mutation, **more)(scene)
    after = summary(asker.ask, scene.here[place])
    assert after[figure] != before[figure]
    assert after == listed(asker.ask, scene.here[place], today)
    written.value(FOLD)
    assert summary(asker.ask, scene.here[place]) == after


def test_who_serves_at_several_places_from_elsewhere_counts_once(written: World, scene: Scene, today: date) -> None:
    asker = scene.writer(Role.MANAGER, scene.here["H"])
    before = summary(asker.ask, scene.here["S"], figures="personnel")["personnel"]
    for place in ("C1", "C2", "B2"):
        written.sql(SERVES_AT, scene.here.key(place), scene.there.key("P1"), today)
    assert summary(asker.ask, scene.here["S"], figures="personnel")["personnel"] == before + 1
    assert summary(asker.ask, scene.here["S"]) == listed(asker.ask, scene.here["S"], today)


def test_without_a_place_it_is_of_the_own_scope(scene: Scene) -> None:
    asker = scene.writer(Role.WORKER, scene.here["B1"])
    own = asker.ask(f"{{ networkSummary {{ place {{ id }} {FIGURES} }} }}")["networkSummary"]
    assert own.pop("place")["id"] == scene.here["B1"]
    assert own == summary(asker.ask, scene.here["B1"])


@pytest.mark.parametrize("name", ["the hub", "the other zone", "nothing", "another kind", "no id"])
def test_what_is_not_in_scope_has_no_summary(scene: Scene, name: str) -> None:
    ids = {
        "the hub": scene.here["H"],
        "the other zone": scene.there["C1"],
        "nothing": "S999999999",
        "another kind": f"G{scene.here.key('C1')}",
        "no id": "?",
    }
    asker = scene.writer(Role.ADMINISTRATOR, scene.here["S"])
    assert summary(asker.ask, ids[name]) is None
    assert summary(asker.ask, ids[name], "2024-03-31") is None
    assert summary(asker.ask, scene.here["C1"]) is not None


# -- a past day ----------------------------------------------------------------------------------------------------


def test_of_today_a_given_day_changes_nothing(written: World, scene: Scene, today: date) -> None:
    asker = scene.writer(Role.MANAGER, scene.here["H"])
    for place in ("H", "C1", "G1"):
        assert summary(asker.ask, scene.here[place], today) == summary(asker.ask, scene.here[place])


def test_a_past_day_has_what_there_was_then(scene: Scene, today: date) -> None:
    yesterday = today - timedelta(days=1)
    asker = scene.writer(Role.ADMINISTRATOR, scene.here["H"])
    figures = "communities grids personnel"
    before = summary(asker.ask, scene.here["H"], yesterday, figures)
    assert before == summary(asker.ask, scene.here["H"], figures=figures)
    perform("closeGrid")(scene)
    perform("createCommunity", since=str(today))(scene)
    perform("retirePerson", on=str(today))(scene)
    now = summary(asker.ask, scene.here["H"], figures=figures)
    assert [now[name] - before[name] for name in before] == [1, -1, -1]
    assert summary(asker.ask, scene.here["H"], yesterday, figures) == before


def test_services_are_told_up_to_the_day(scene: Scene) -> None:
    asker = scene.writer(Role.WORKER, scene.here["C1"])
    figures = "services { records contacts } servicesThisMonth { records contacts }"

    def told(day: str) -> list[list[int]]:
        return [list(sums.values()) for sums in summary(asker.ask, scene.here["C1"], day, figures).values()]

    # The fifth and the eighth place of `furnish` are C1 and G1, the ninth G2; the scene's own record is of 2021.
    assert told("2024-03-04") == [[0, 0], [0, 0]]
    assert told("2024-03-05") == [[3, 5 + 8 + 9], [3, 5 + 8 + 9]]
    assert told("2024-04-01") == [[3, 5 + 8 + 9], [0, 0]]


def test_a_day_in_the_future_is_refused(scene: Scene, today: date) -> None:
    asker = scene.writer(Role.WORKER, scene.here["C1"])
    tomorrow = today + timedelta(days=1)
    query = f'{{ networkSummary(on: "{tomorrow}") {{ place {{ id }} }} }}'
    answer = asker.post(query).json()
    assert answer["data"] == {"networkSummary": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


# -- units below a place -------------------------------------------------------------------------------------------


def test_every_unit_has_the_figures_of_its_place(scene: Scene) -> None:
    asker = scene.writer(Role.MANAGER, scene.here["H"])
    found = {level: rollup(asker.ask, scene.here["H"], level) for level in UNITS}
    assert {level: len(units) for level, units in found.items()} == {
        "PROVINCE": 0, "CITY": 0, "COUNTY": 1, "ZONE": 2, "TOWNSHIP": 6, "COMMUNITY": 6, "GRID": 8
    }  # fmt: skip
    for level in ("COUNTY", "ZONE", "COMMUNITY", "GRID"):
        for id_, figures in found[level].items():
            assert figures == summary(asker.ask, id_)
    for name in ("B1", "B2"):
        assert found["TOWNSHIP"][scene.here[name]] == summary(asker.ask, scene.here[name])


@pytest.mark.parametrize("folded", ["all of it", "nothing"])
def test_a_township_is_its_station_without_those_that_it_leads(
    written: World, scene: Scene, today: date, folded: str
) -> None:
    # One who is at home below B1 serves at S itself, one at home at S serves at a station that it leads.
    written.sql(SERVES_AT, scene.here.key("S"), scene.here.key("P1"), today)
    if folded == "all of it":
        written.value(FOLD)
    asker = scene.writer(Role.MANAGER, scene.here["H"])
    for name, figures in ((n, rollup(asker.ask, scene.here[n], "TOWNSHIP")[scene.here[n]]) for n in ("S", "B1")):
        assert figures == listed(asker.ask, scene.here[name], today, below=scene.here[name])
    zone, townships = summary(asker.ask, scene.here["S"]), rollup(asker.ask, scene.here["S"], "TOWNSHIP").values()
    assert len(townships) == 3
    for figure in ("stations", "communities", "grids", "households", "residents"):
        assert sum(township[figure] for township in townships) == zone[figure]
    assert sum(township["services"]["contacts"] for township in townships) == zone["services"]["contacts"]


def test_a_row_deep_in_an_answer_has_units_too(scene: Scene) -> None:
    asker = scene.writer(Role.MANAGER, scene.here["S"])
    asked = f"place {{ rollup(level: COMMUNITY) {{ edges {{ node {{ place {{ id }} {FIGURES} }} }} }} }}"
    units = [
        edge["node"]
        for row in every(asker.ask, "serviceRecords", "", asked)
        for edge in row["place"]["rollup"]["edges"]
    ]
    assert {unit["place"]["id"] for unit in units} == {scene.here[name] for name in ("C1", "C2", "C4")}
    for unit in units:
        assert unit == {"place": unit["place"], **summary(asker.ask, unit["place"]["id"])}


def test_units_come_page_by_page(scene: Scene) -> None:
    asker = scene.writer(Role.WORKER, scene.here["S"])
    asked = every(_in(asker.ask, scene.here["S"]), "rollup", "level: GRID", "place { id }")
    one_by_one, after = [], ""
    while True:
        page = asker.ask(
            f"""{{ station(id: "{scene.here["S"]}") {{ rollup(level: GRID, first: 1 {after}) {{
                nodes {{ place {{ id }} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"""
        )["station"]["rollup"]
        one_by_one += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = f'after: "{page["pageInfo"]["endCursor"]}"'
    assert one_by_one == asked
    assert [node["place"]["id"] for node in asked] == [scene.here[name] for name in ("G1", "G2", "G3", "G4")]


@pytest.mark.parametrize("folded", ["all of it", "nothing"])
def test_regions_have_what_their_counties_have(written: World, folded: str) -> None:
    regions = Regions(written)
    for county in (regions.a, regions.b, regions.c):
        furnish(county)
    if folded == "all of it":
        written.value(FOLD)
    asker = regions.writer(Role.MANAGER, regions["N"])
    figures = "communities grids residents personnel services { contacts }"
    counties = rollup(asker.ask, regions["N"], "COUNTY", figures)
    assert set(counties) == {county.here["H"] for county in regions.counties("N")}
    for level, region in (("PROVINCE", "P"), ("PROVINCE", "Q"), ("CITY", "Y")):
        found = rollup(asker.ask, regions["N"], level, figures)[regions[region]]
        below = [counties[county.here["H"]] for county in regions.counties(region)]
        assert found["communities"] == sum(each["communities"] for each in below) > 0
        assert found["residents"] == sum(each["residents"] for each in below)
        assert found["personnel"] == sum(each["personnel"] for each in below)
        assert found == summary(asker.ask, regions[region], figures=figures)


# -- who sees figures alone ----------------------------------------------------------------------------------------


def test_who_sees_figures_alone_gets_none_of_people_but_the_own_scopes_today(scene: Scene) -> None:
    observer = scene.writer(Role.OBSERVER, scene.here["S"])
    manager = scene.writer(Role.MANAGER, scene.here["S"])
    of_people = ("personnel", "personnelByKind", "services", "servicesThisMonth")
    for place, day in (("S", ""), ("S", "2024-03-31"), ("B1", ""), ("G1", "")):
        seen, all_of_it = (summary(asker.ask, scene.here[place], day) for asker in (observer, manager))
        assert [seen[name] for name in seen if name not in of_people] == [
            all_of_it[name] for name in seen if name not in of_people
        ]
        assert seen["services"] is seen["servicesThisMonth"] is None
        assert seen["personnel"] == (all_of_it["personnel"] if (place, day) == ("S", "") else None)
    for figures in rollup(observer.ask, scene.here["S"], "TOWNSHIP", PERSONAL).values():
        assert figures["personnel"] is None
        assert {kind["count"] for kind in figures["personnelByKind"]} == {None}


def test_kinds_of_people_are_told_together_or_not_at_all(written: World, scene: Scene) -> None:
    observer = scene.writer(Role.OBSERVER, scene.here["H"])

    def kinds() -> list[int | None]:
        told = summary(observer.ask, scene.here["H"], figures=PERSONAL)["personnelByKind"]
        return [kind["count"] for kind in told]

    # Two grid workers and a social worker are at home in each zone, beside volunteers.
    assert kinds() == [None] * 5
    written.sql(
        "UPDATE person SET kind = 'VOLUNTEER' WHERE path >= $1 AND path < $2",
        *written.sql("SELECT path, left(path, -1) || '/' FROM place WHERE id = $1", scene.here.key("H"))[0],
    )
    people = summary(observer.ask, scene.here["H"], figures=PERSONAL)["personnel"]
    assert kinds() == [0, 0, 0, 0, people]


def test_few_people_are_not_told(written: World, scene: Scene) -> None:
    observer = scene.writer(Role.OBSERVER, scene.here["G2"])
    manager = scene.writer(Role.MANAGER, scene.here["G2"])
    assert summary(manager.ask, scene.here["G2"], figures=PERSONAL)["personnel"] == 1
    assert summary(observer.ask, scene.here["G2"], figures=PERSONAL)["personnel"] is None
    written.sql("UPDATE person SET retired_on = '2024-01-01' WHERE place_id = $1", key(scene.here["G2"]))
    assert summary(observer.ask, scene.here["G2"], figures=PERSONAL)["personnel"] == 0


# -- the demo ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reference(database: str, settings: Settings) -> Reference:
    """Plain answers over the demo."""
    assert settings.personal_keys
    return asyncio.run(Reference.of(database, settings.personal_keys.get_secret_value()))


@pytest.mark.parametrize("username", ACCOUNTS)
def test_the_figures_of_the_demo_are_what_plain_python_counts(reference: Reference, post: Ask, username: str) -> None:
    past = " ".join(f'on{n}: networkSummary(on: "{day}") {{ {FIGURES} }}' for n, day in enumerate(PAST))
    queries = [f"{{ networkSummary {{ place {{ id }} {FIGURES} }} {past} }}"]
    for level in UNITS:
        asked = f"rollup(level: {level}, first: 30) {{ totalCount nodes {{ place {{ id }} {FIGURES} }} }}"
        queries.append(f"{{ viewer {{ scope {{ {asked} }} }} }}")
    for query in queries:
        assert not compare(reference.answer(username, query), post(username, query).text)
