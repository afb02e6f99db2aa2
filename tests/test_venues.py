"""Venues are opened, changed, moved and closed; a place's service circle follows."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from tests.payloads import refusal
from tests.writing import Places, Writing

VENUE = """venue { id version kind code name address capacity purchased openedOn closedOn needs agency { id }
  openingTimes { weekday opens closes } place { id } }"""
MORNING = {"weekday": 1, "opens": "08:00", "closes": "12:00"}
NOON = {"weekday": 1, "opens": "12:00", "closes": "14:00"}
SUNDAY = {"weekday": 7, "opens": "00:00", "closes": "23:59"}


@pytest.fixture(scope="module")
def codes() -> Iterator[str]:
    """Codes that nothing else has."""
    return (f"test-{number}" for number in count(1))


def open_venue(writing: Writing, codes: Iterator[str], place: str, username: str = "leifeng", **given: Any) -> Any:
    given = {"kind": "SERVICE_ROOM", "code": next(codes), "name": "试用服务室", "openedOn": "2024-01-01"} | given
    return writing.write(username, "createVenue", VENUE, placeId=place, **given)


def update(writing: Writing, venue: Any, username: str = "leifeng", **given: Any) -> Any:
    return writing.write(username, "updateVenue", VENUE, id=venue["id"], version=venue["version"], **given)


def agency(writing: Writing, username: str, place: str, codes: Iterator[str]) -> str:
    given = {
        "placeId": place,
        "code": next(codes),
        "name": "试用机构",
        "kind": "SERVICE_AGENCY",
        "foundedOn": "2020-01-01",
    }
    payload = writing.write(username, "createAgency", "agency { id version }", **given)
    assert payload["errors"] == []
    found: str = payload["agency"]["id"]
    return found


def test_a_venue_is_opened_at_a_place(writing: Writing, places: Places, codes: Iterator[str]) -> None:
    chosen = next(codes)
    payload = open_venue(
        writing,
        codes,
        places.village,
        code=f" {chosen} ",
        name=" 雷峰  服务室 ",
        address="雷峰路1号",
        capacity=30,
        needs=["AFFAIRS", "FOOD", "FOOD", "ELDERLY"],
        openingTimes=[SUNDAY, NOON, MORNING],
    )
    assert payload["errors"] == []
    assert payload["venue"].pop("id").startswith("VE")
    assert payload["venue"] == {
        "version": 1,
        "kind": "SERVICE_ROOM",
        "code": chosen,
        "name": "雷峰 服务室",
        "address": "雷峰路1号",
        "capacity": 30,
        "purchased": False,
        "openedOn": "2024-01-01",
        "closedOn": None,
        "needs": ["ELDERLY", "FOOD", "AFFAIRS"],
        "agency": None,
        "openingTimes": [MORNING, NOON, SUNDAY],
        "place": {"id": places.village},
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"name": " "}, ("INVALID", "name")),
        ({"code": "长" * 51}, ("INVALID", "code")),
        ({"capacity": 0}, ("INVALID", "capacity")),
        ({"address": ""}, ("INVALID", "address")),
        ({"openedOn": "2999-01-01"}, ("INVALID", "openedOn")),
        ({"purchased": None}, ("INVALID", "purchased")),
        ({"needs": None}, ("INVALID", "needs")),
        ({"openingTimes": None}, ("INVALID", "openingTimes")),
        ({"openingTimes": [MORNING, MORNING | {"weekday": 8}]}, ("INVALID", "openingTimes.1.weekday")),
        ({"openingTimes": [MORNING | {"opens": "8:00"}]}, ("INVALID", "openingTimes.0.opens")),
        ({"openingTimes": [MORNING | {"closes": "24:00"}]}, ("INVALID", "openingTimes.0.closes")),
        ({"openingTimes": [MORNING | {"closes": "08:00"}]}, ("INVALID", "openingTimes.0.closes")),
        ({"openingTimes": [MORNING, NOON | {"opens": "11:59"}]}, ("OVERLAP", "openingTimes")),
        ({"openingTimes": [MORNING] * 29}, ("INVALID", "openingTimes")),
    ],
)
def test_a_venue_that_cannot_be_is_refused_at_its_field(
    writing: Writing, places: Places, codes: Iterator[str], given: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refusal(open_venue(writing, codes, places.village, **given)) == expected
    venue = open_venue(writing, codes, places.village)["venue"]
    assert refusal(update(writing, venue, **given)) == expected


def test_a_code_names_one_venue(writing: Writing, places: Places, codes: Iterator[str]) -> None:
    venue = open_venue(writing, codes, places.village)["venue"]
    assert refusal(open_venue(writing, codes, places.other, code=venue["code"])) == ("TAKEN", "code")
    found = writing.ask("leifeng", "query ($code: String) { venue(code: $code) { id } }", {"code": venue["code"]})
    assert found["venue"] == {"id": venue["id"]}


def test_a_venue_is_changed_as_far_as_is_said(writing: Writing, places: Places, codes: Iterator[str]) -> None:
    made = open_venue(
        writing, codes, places.village, capacity=30, address="甲路", needs=["FOOD"], openingTimes=[MORNING]
    )
    venue = made["venue"]
    renamed = update(writing, venue, name="改名服务室", capacity=None)["venue"]
    assert renamed == venue | {"name": "改名服务室", "capacity": None, "version": 2}
    assert update(writing, renamed, needs=["FOOD"], openingTimes=[MORNING])["venue"] == renamed
    replaced = update(writing, renamed, needs=["LEISURE"], openingTimes=[])["venue"]
    assert replaced == renamed | {"needs": ["LEISURE"], "openingTimes": [], "version": 3}
    told = """SELECT before::text, after::text FROM audit_entry WHERE noun = 'venue' AND row_id = $1
      AND action = 'updateVenue' ORDER BY id"""
    assert [tuple(row) for row in writing.sql(told, int(venue["id"][2:]))][1] == (
        '{"needs": ["FOOD"], "opening_times": [{"opens": "08:00", "closes": "12:00", "weekday": 1}]}',
        '{"needs": ["LEISURE"], "opening_times": []}',
    )
    conflict = update(writing, venue, name="又改名")
    assert (conflict["venue"], conflict["errors"][0]["code"]) == (replaced, "CONFLICT")


def test_a_venue_takes_its_needs_and_times_along_to_another_place(
    writing: Writing, places: Places, codes: Iterator[str]
) -> None:
    venue = open_venue(writing, codes, places.village, needs=["FOOD"], openingTimes=[MORNING])["venue"]
    moved = update(writing, venue, placeId=places.other, needs=["FOOD", "HEALTH"])["venue"]
    assert moved == venue | {"place": {"id": places.other}, "needs": ["HEALTH", "FOOD"], "version": 2}
    key, place = int(venue["id"][2:]), int(places.other[1:])
    for table in ("venue_need", "opening_time"):
        assert {row[0] for row in writing.sql(f"SELECT place_id FROM {table} WHERE venue_id = $1", key)} == {place}
    assert refusal(update(writing, moved, placeId=None)) == ("INVALID", "placeId")
    assert refusal(update(writing, moved, placeId=places.elsewhere)) == ("NOT_FOUND", "placeId")


def test_purchased_services_may_be_of_an_agency_in_sight(
    writing: Writing, places: Places, codes: Iterator[str]
) -> None:
    ours, theirs = agency(writing, "leifeng", places.village, codes), agency(writing, "sanban", places.elsewhere, codes)
    bought: dict[str, Any] = {"purchased": True, "agencyId": ours}
    venue = open_venue(writing, codes, places.village, **bought)["venue"]
    assert (venue["purchased"], venue["agency"]) == (True, {"id": ours})
    assert refusal(open_venue(writing, codes, places.village, agencyId=ours)) == ("INVALID", "agencyId")
    assert refusal(open_venue(writing, codes, places.village, **bought | {"agencyId": theirs})) == (
        "NOT_FOUND",
        "agencyId",
    )
    assert refusal(update(writing, venue, purchased=False)) == ("INVALID", "purchased")
    assert refusal(update(writing, venue, agencyId=theirs)) == ("NOT_FOUND", "agencyId")
    own = update(writing, venue, purchased=False, agencyId=None)["venue"]
    assert (own["purchased"], own["agency"]) == (False, None)


def test_an_agency_out_of_sight_is_not_shown_and_finds_no_venue(
    writing: Writing, places: Places, codes: Iterator[str]
) -> None:
    hub = writing.ask("hub", '{ station(code: "350526") { id } }')["station"]["id"]
    distant = agency(writing, "hub", hub, codes)
    venue = open_venue(writing, codes, places.village, "hub", purchased=True, agencyId=distant)["venue"]
    query = """query ($id: ID!, $agency: ID!) { venue(id: $id) { purchased agency { id } }
      venues(where: { agency: { eq: $agency } }) { totalCount } }"""
    given = {"id": venue["id"], "agency": distant}
    assert writing.ask("hub", query, given) == {
        "venue": {"purchased": True, "agency": {"id": distant}},
        "venues": {"totalCount": 1},
    }
    assert writing.ask("leifeng", query, given) == {
        "venue": {"purchased": True, "agency": None},
        "venues": {"totalCount": 0},
    }


def test_a_closed_venue_is_changed_no_more(writing: Writing, places: Places, codes: Iterator[str]) -> None:
    venue = open_venue(writing, codes, places.village)["venue"]
    given = {"id": venue["id"], "version": 1}
    for on in ("2023-12-31", "2999-01-01"):
        assert refusal(writing.write("leifeng", "closeVenue", VENUE, **given, on=on)) == ("INVALID", "on")
    closed = writing.write("leifeng", "closeVenue", VENUE, **given, on="2024-06-01")["venue"]
    assert closed == venue | {"closedOn": "2024-06-01", "version": 2}
    again = {"id": venue["id"], "version": 2}
    assert refusal(writing.write("leifeng", "closeVenue", VENUE, **again)) == ("INVALID", "id")
    assert refusal(update(writing, closed, name="改名")) == ("INVALID", "id")
    query = "query ($id: ID!) { venue(id: $id) { can { update close } } }"
    assert writing.ask("leifeng", query, {"id": venue["id"]})["venue"]["can"] == {"update": False, "close": False}


def test_open_venues_alone_meet_the_needs_of_a_place(writing: Writing, places: Places, codes: Iterator[str]) -> None:
    query = """query ($place: ID!) { serviceCircle(place: $place) { place { id } met unmet
      needs { need met venues { nodes { id } } } } }"""

    def circle(username: str, place: str) -> Any:
        return writing.ask(username, query, {"place": place})["serviceCircle"]

    before = circle("leifeng", places.grid)
    assert (before["place"], before["met"], len(before["unmet"])) == ({"id": places.grid}, [], 6)
    venue = open_venue(writing, codes, places.grid, needs=["HEALTH", "CHILDREN"])["venue"]
    after = circle("leifeng", places.grid)
    assert (after["met"], after["unmet"]) == (["CHILDREN", "HEALTH"], ["ELDERLY", "FOOD", "LEISURE", "AFFAIRS"])
    assert [(need["need"], need["met"], need["venues"]["nodes"]) for need in after["needs"]][:3] == [
        ("ELDERLY", False, []),
        ("CHILDREN", True, [{"id": venue["id"]}]),
        ("HEALTH", True, [{"id": venue["id"]}]),
    ]
    assert {"id": venue["id"]} in circle("leifeng", places.village)["needs"][1]["venues"]["nodes"]
    writing.write("leifeng", "closeVenue", VENUE, id=venue["id"], version=1)
    assert circle("leifeng", places.grid) == before


def test_a_circle_is_of_a_place_in_scope(writing: Writing, places: Places) -> None:
    query = "query ($place: ID!) { serviceCircle(place: $place) { met } }"
    number = places.village[1:]
    for place in (places.elsewhere, "C999999999", f"S{number}", f"P{number}", "新", ""):
        assert writing.ask("leifeng", query, {"place": place}) == {"serviceCircle": None}


def test_venues_are_found_by_what_they_are(writing: Writing, places: Places, codes: Iterator[str]) -> None:
    room = open_venue(writing, codes, places.village, needs=["FOOD", "HEALTH"], openedOn="2020-05-05")["venue"]
    base = open_venue(writing, codes, places.village, kind="LIVE_STREAM_BASE", openedOn="2020-05-06")["venue"]
    writing.write("leifeng", "closeVenue", VENUE, id=base["id"], version=1)
    query = "query ($where: VenueFilter) { venues(where: $where) { nodes { id } } }"

    def found(**where: Any) -> set[str]:
        both = {"openedOn": {"gte": "2020-05-05", "lte": "2020-05-06"}, "within": places.village}
        nodes = writing.ask("leifeng", query, {"where": both | where})["venues"]["nodes"]
        return {node["id"] for node in nodes}

    assert found() == {room["id"], base["id"]}
    assert found(need={"in": ["FOOD", "LEISURE"]}) == found(closed=False) == {room["id"]}
    assert found(need={"notIn": ["FOOD"]}) == found(kind={"eq": "LIVE_STREAM_BASE"}) == {base["id"]}
    assert found(purchased=True) == found(need={"eq": "LEISURE"}) == set()
