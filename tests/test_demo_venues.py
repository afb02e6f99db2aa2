"""The demo's venues, service catalogue and lists, as the hub counts them."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

Ask = Callable[..., Any]

NANCHENGCUN, FUDONG = "350526105205", "350526100002"


def test_the_catalogue_has_ten_items_in_four_fields(ask: Ask) -> None:
    query = "{ serviceItems(first: 100) { totalCount nodes { code name field withdrawnOn } } }"
    found = ask("hub", query)["serviceItems"]
    assert found["totalCount"] == 10
    assert [item["code"] for item in found["nodes"]] == [f"FW-{number:02}" for number in range(1, 11)]
    assert {item["withdrawnOn"] for item in found["nodes"]} == {None}
    assert Counter(item["field"] for item in found["nodes"]) == {
        "SOCIAL_ASSISTANCE": 2,
        "ELDERLY_CARE": 3,
        "CHILD_CARE": 3,
        "COMMUNITY_GOVERNANCE": 2,
    }


def test_every_account_below_reads_the_catalogue(ask: Ask) -> None:
    query = "{ serviceItems { totalCount nodes { place { id } } } calendarDays { totalCount } }"
    found = ask("gridworker", query)
    assert (found["serviceItems"]["totalCount"], found["calendarDays"]["totalCount"]) == (10, 2)
    assert [item["place"] for item in found["serviceItems"]["nodes"]] == [None] * 10


def test_every_community_but_the_newest_has_a_service_list(ask: Ask) -> None:
    query = """query ($after: String) { serviceOffers(first: 100, after: $after) {
      nodes { item { code } place { __typename code } } pageInfo { hasNextPage endCursor } } }"""
    offers, after = [], None
    while True:
        page = ask("hub", query, {"after": after})["serviceOffers"]
        offers += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    offering = {offer["place"]["code"] for offer in offers if offer["place"]["__typename"] == "Community"}
    assert len(offering) == 216
    assert {offer["item"]["code"] for offer in offers} == {f"FW-{number:02}" for number in range(1, 11)}


def test_there_are_venues_of_every_kind(ask: Ask) -> None:
    query = "{ venues(first: 100) { totalCount nodes { kind code needs openingTimes { weekday } place { code } } } }"
    found = ask("hub", query)["venues"]
    assert found["totalCount"] == len(found["nodes"])
    assert Counter(venue["kind"] for venue in found["nodes"]) == {
        "SERVICE_ROOM": 14,
        "NEIGHBOURHOOD_CENTRE": 10,
        "GOVERNANCE_CENTRE": 6,
        "LIVE_STREAM_BASE": 2,
        "TALENT_HOME": 1,
    }
    for venue in found["nodes"]:
        assert venue["code"].startswith(f"{venue['place']['code']}-V0")
        assert venue["needs"]
        assert venue["openingTimes"]


ROOM = """
query ($code: String!) { venue(code: $code) {
  kind purchased openedOn closedOn needs agency { name } place { name }
  openingTimes { weekday opens closes } } }
"""


def test_the_first_village_service_room_is_nanchengcuns(ask: Ask) -> None:
    room = ask("hub", ROOM, {"code": f"{NANCHENGCUN}-V01"})["venue"]
    assert (room["kind"], room["place"]["name"], room["closedOn"]) == ("SERVICE_ROOM", "南埕村", None)
    assert "ELDERLY" in room["needs"]
    query = """{ venues(where: { kind: { eq: SERVICE_ROOM } }, orderBy: [{ field: OPENED_ON }], first: 2) {
      nodes { code openedOn } } }"""
    first, second = ask("hub", query)["venues"]["nodes"]
    assert first == {"code": f"{NANCHENGCUN}-V01", "openedOn": room["openedOn"]}
    assert date.fromisoformat(first["openedOn"]).year == 2021
    assert first["openedOn"] < second["openedOn"]


def test_fudong_communitys_room_is_of_purchased_services(ask: Ask) -> None:
    room = ask("hub", ROOM, {"code": f"{FUDONG}-V01"})["venue"]
    assert (room["kind"], room["place"]["name"], room["purchased"]) == ("SERVICE_ROOM", "富东社区", True)
    assert room["agency"] == {"name": "瓷都社会工作服务中心"}
    assert room["openingTimes"][0] == {"weekday": 1, "opens": "08:00", "closes": "11:30"}


def test_nanchengcuns_circle_leaves_some_needs_unmet_and_the_countys_none(ask: Ask) -> None:
    ids = ask("hub", f'{{ station(code: "350526") {{ id }} community(code: "{NANCHENGCUN}") {{ id }} }}')
    query = """query ($place: ID!) { serviceCircle(place: $place) { met unmet
      needs { need met venues { totalCount nodes { place { name } } } } } }"""
    county = ask("hub", query, {"place": ids["station"]["id"]})["serviceCircle"]
    assert county["unmet"] == []
    village = ask("nanchengcun", query, {"place": ids["community"]["id"]})["serviceCircle"]
    assert (village["met"], village["unmet"]) == (["ELDERLY", "HEALTH", "FOOD"], ["CHILDREN", "LEISURE", "AFFAIRS"])
    assert [(need["need"], need["met"], need["venues"]["totalCount"]) for need in village["needs"]] == [
        ("ELDERLY", True, 1),
        ("CHILDREN", False, 0),
        ("HEALTH", True, 1),
        ("FOOD", True, 1),
        ("LEISURE", False, 0),
        ("AFFAIRS", False, 0),
    ]
    assert ask("nanchengcun", query, {"place": ids["station"]["id"]})["serviceCircle"] is None
