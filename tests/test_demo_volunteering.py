"""The demo's calls for volunteers and its targets, as the hub asks about them."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

Ask = Callable[..., Any]

CALLS = """{ volunteerCalls(first: 100) { totalCount nodes {
  state neededOn needed skill { id } matches { totalCount }
  signUps(first: 100) { nodes { state hours person { kind skills { id } } } } } } }"""
VOLUNTEERS = """query ($after: String) { personnel(first: 100, after: $after, where: { kind: { eq: VOLUNTEER } }) {
  totalCount nodes { volunteerHours } pageInfo { hasNextPage endCursor } } }"""
SKILLED = """query ($skill: String!) {
  personnel(where: { kind: { eq: VOLUNTEER }, skill: { eq: $skill } }) { totalCount } }"""
REACHED = """query ($indicator: Indicator!) { targets(first: 100, where: {
  indicator: { eq: $indicator }, beginsOn: { eq: "2021-01-01" }, endsOn: { eq: "2035-12-31" } }) {
  nodes { actual place { __typename ... on Station { level } } } } }"""


def test_there_are_more_than_200_volunteers_with_the_skills_that_are_called_for(ask: Ask) -> None:
    assert ask("hub", VOLUNTEERS)["personnel"]["totalCount"] > 200
    for skill in ("electrician", "barber", "medical"):
        assert ask("hub", SKILLED, {"skill": skill})["personnel"]["totalCount"] > 20


def test_calls_have_ended_or_are_far_ahead_and_who_comes_has_the_skill(ask: Ask) -> None:
    calls = ask("hub", CALLS)["volunteerCalls"]
    assert calls["totalCount"] == 25
    assert Counter(call["state"] for call in calls["nodes"]) == {"FULFILLED": 17, "OPEN": 5, "CANCELLED": 3}
    for call in calls["nodes"]:
        assert (call["neededOn"] > "2035") == (call["state"] == "OPEN")
        offers = call["signUps"]["nodes"]
        assert sum(offer["state"] != "WITHDRAWN" for offer in offers) <= call["needed"]
        for offer in offers:
            assert offer["person"]["kind"] == "VOLUNTEER"
            assert call["skill"] is None or call["skill"] in offer["person"]["skills"]
    assert any(call["matches"]["totalCount"] for call in calls["nodes"] if call["state"] == "OPEN")


def test_hours_are_the_same_by_call_by_volunteer_and_by_target(ask: Ask) -> None:
    calls = ask("hub", CALLS)["volunteerCalls"]["nodes"]
    by_call = sum(Decimal(offer["hours"] or 0) for call in calls for offer in call["signUps"]["nodes"])
    by_volunteer, after, more = Decimal(0), None, True
    while more:
        page = ask("hub", VOLUNTEERS, {"after": after})["personnel"]
        by_volunteer += sum(Decimal(person["volunteerHours"]) for person in page["nodes"])
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    targets = ask("hub", REACHED, {"indicator": "VOLUNTEER_HOURS"})["targets"]["nodes"]
    (whole,) = [target["actual"] for target in targets if target["place"].get("level") == "HUB"]
    assert (by_call, by_volunteer, whole) == (Decimal("70.25"), Decimal("70.25"), 70)


def test_what_the_hub_reached_is_what_is_recorded(ask: Ask) -> None:
    for indicator, field in (("SERVICE_RECORDS", "serviceRecords"), ("SURVEYS", "surveys")):
        recorded = ask("hub", f"{{ {field} {{ totalCount }} }}")[field]["totalCount"]
        targets = ask("hub", REACHED, {"indicator": indicator})["targets"]["nodes"]
        (whole,) = [target["actual"] for target in targets if target["place"].get("level") == "HUB"]
        assert whole == recorded > 0
