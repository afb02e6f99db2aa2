"""The demo's clients, surveys and services, asked over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest

Ask = Callable[..., Any]

GAP = "350526100011"
NANCHENGCUN = "350526105205"
FUDONG = "350526100002"
ROOM = f"{NANCHENGCUN}-V01"

SERVED = "{ communities(first: 1, where: { served: true }) { totalCount } }"
TOTALS = "query ($within: ID) { serviceTotals(within: $within) { records contacts beneficiaries communities clients } }"
BOTH = """query ($within: ID, $from: Date, $to: Date, $where: ServiceRecordFilter) {
  serviceTotals(within: $within, from: $from, to: $to) { records contacts beneficiaries communities clients }
  serviceStatistics(where: $where, groupBy: [COMMUNITY], first: 100) {
    total { records: count contacts beneficiaries clients } nodes { key { place { id } } } } }"""


def test_services_were_given_in_exactly_80_villages_and_communities(ask: Ask) -> None:
    assert ask("hub", SERVED)["communities"]["totalCount"] == 80
    assert ask("hub", TOTALS)["serviceTotals"]["communities"] == 80
    served = "query ($code: String!) { communities(where: { served: true, code: { eq: $code } }) { totalCount } }"
    found = {code: ask("hub", served, {"code": code})["communities"]["totalCount"] for code in (GAP, FUDONG)}
    assert found == {GAP: 0, FUDONG: 1}


def test_the_county_served_more_than_10000_beneficiaries(ask: Ask) -> None:
    totals = ask("hub", TOTALS)["serviceTotals"]
    assert 10_000 < totals["beneficiaries"] < totals["contacts"]
    assert ask("hub-observer", TOTALS)["serviceTotals"] == totals


@pytest.mark.parametrize("account", ["hub", "leifeng"])
def test_service_statistics_have_the_figures_of_the_totals(ask: Ask, account: str) -> None:
    community = ask(account, "{ communities(first: 1, where: { served: true }) { nodes { id } } }")
    place, first, last = community["communities"]["nodes"][0]["id"], "2021-05-10", "2023-04-20"
    asked = {"within": place, "from": first, "to": last}
    where = {"within": place, "servedOn": {"gte": first, "lte": last}}
    for variables in ({}, asked | {"where": where}):
        found = ask(account, BOTH, variables)
        totals, statistics = found["serviceTotals"], found["serviceStatistics"]
        assert totals["records"] > 0
        assert totals.pop("communities") == sum(group["key"]["place"] is not None for group in statistics["nodes"])
        assert totals == statistics["total"]


def test_what_was_corrected_or_cancelled_does_not_count(ask: Ask) -> None:
    query = """{ valid: serviceRecords { totalCount } all: serviceRecords(valid: false) { totalCount }
      corrected: serviceRecords(valid: false, first: 100, where: { state: { eq: CORRECTED } }) {
        totalCount nodes { correctedBy { state contacts reason } contacts note } }
      cancelled: serviceRecords(valid: false, where: { state: { eq: CANCELLED } }) { totalCount nodes { reason } }
      serviceTotals { records } }"""
    found = ask("hub", query)
    assert found["valid"]["totalCount"] == found["serviceTotals"]["records"]
    gone = found["corrected"]["totalCount"], found["cancelled"]["totalCount"]
    assert gone == (12, 9)
    assert found["all"]["totalCount"] == found["valid"]["totalCount"] + sum(gone)
    for record in found["corrected"]["nodes"]:
        assert record["correctedBy"] == {
            "state": "VALID",
            "contacts": record["contacts"] + 3,
            "reason": "漏记参加人次。",
        }


def test_all_ten_items_are_served_in_the_years_of_the_report(ask: Ask) -> None:
    items = ask("hub", "{ serviceItems(first: 100) { nodes { id } } }")["serviceItems"]["nodes"]
    query = """query ($id: ID!) {
      serviceRecords(where: { item: { eq: $id } }) { totalCount }
      out: serviceRecords(where: { item: { eq: $id }, or: [
        { servedOn: { lt: "2021-03-01" } }, { servedOn: { gt: "2024-06-30" } }] }) { totalCount } }"""
    found = [ask("hub", query, item) for item in items]
    assert len(found) == 10
    assert all(records["serviceRecords"]["totalCount"] and not records["out"]["totalCount"] for records in found)


def test_nanchengcuns_room_serves_more_than_160_left_behind_elderly(ask: Ask) -> None:
    query = """query ($code: String!, $room: String!) {
      community(code: $code) { id } venue(code: $room) { id kind place { id } }
      clients(where: { category: { eq: LEFT_BEHIND_ELDERLY }, registeredOn: { lte: "2021-12-31" }, closed: false },
        first: 100) { totalCount nodes { consentOn consentWithdrawnOn categories } } }"""
    for account in ("nanchengcun", "nancheng"):
        found = ask(account, query, {"code": NANCHENGCUN, "room": ROOM})
        assert found["venue"]["kind"] == "SERVICE_ROOM"
        assert found["venue"]["place"]["id"] == found["community"]["id"]
        assert found["clients"]["totalCount"] >= 163
        for client in found["clients"]["nodes"]:
            assert client["consentOn"]
            assert not client["consentWithdrawnOn"]
            assert "LEFT_BEHIND_ELDERLY" in client["categories"]
    ids = {"venue": found["venue"]["id"], "within": found["community"]["id"]}
    count = "query ($within: ID!) { clients(where: { within: $within }) { totalCount } }"
    assert ask("nanchengcun", count, ids)["clients"]["totalCount"] == 163
    served, after = set(), None
    page = """query ($venue: ID!, $after: String) { serviceRecords(first: 100, after: $after,
      where: { venue: { eq: $venue } }) { pageInfo { hasNextPage endCursor } nodes { client { id } } } }"""
    while True:
        records = ask("nanchengcun", page, ids | {"after": after})["serviceRecords"]
        served |= {record["client"]["id"] for record in records["nodes"]}
        if not records["pageInfo"]["hasNextPage"]:
            break
        after = records["pageInfo"]["endCursor"]
    assert len(served) == 163


def test_there_are_clients_of_every_category_and_surveys_in_every_state(ask: Ask) -> None:
    categories = ask("hub", '{ __type(name: "ClientCategory") { enumValues { name } } }')["__type"]["enumValues"]
    states = ask("hub", '{ __type(name: "SurveyState") { enumValues { name } } }')["__type"]["enumValues"]
    counts = " ".join(
        [f"c{v['name']}: clients(where: {{ category: {{ eq: {v['name']} }} }}) {{ totalCount }}" for v in categories]
        + [f"s{v['name']}: surveys(where: {{ state: {{ eq: {v['name']} }} }}) {{ totalCount }}" for v in states]
    )
    assert all(found["totalCount"] for found in ask("hub", f"{{ {counts} }}").values())


def test_what_follows_from_a_survey_is_about_its_client(ask: Ask) -> None:
    query = """{ surveys(first: 100, where: { state: { eq: FOLLOWED_UP } }) { nodes {
      client { id } serviceRecords { nodes { client { id } } } referrals { client { id } } } } }"""
    surveys = ask("hub", query)["surveys"]["nodes"]
    assert surveys
    for survey in surveys:
        following = survey["serviceRecords"]["nodes"] + survey["referrals"]
        assert {found["client"]["id"] for found in following} == {survey["client"]["id"]}


def test_no_two_of_the_demo_have_the_same_phone_or_identity_number(ask: Ask) -> None:
    query = """query ($after: String) { clients(first: 100, after: $after) {
      pageInfo { hasNextPage endCursor } nodes { private { phone idNumber } } } }"""
    found, after = [], None
    while True:
        page = ask("hub", query, {"after": after})["clients"]
        found += [client["private"] for client in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    for name in ("phone", "idNumber"):
        numbers = [client[name] for client in found if client[name]]
        assert len(numbers) == len(set(numbers))
        assert all(number.startswith({"phone": "1990000", "idNumber": "350599"}[name]) for number in numbers)
