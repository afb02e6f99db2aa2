"""Services are recorded, corrected without losing what was said, taken back, and summed up."""

from typing import Any

import pytest

from tests.payloads import refusal
from tests.test_clients import accept_elsewhere, register
from tests.test_surveys import record as survey_of
from tests.writing import Places, Writing

RECORD = """serviceRecord { id version servedOn contacts beneficiaries note state nextStates reason place { id }
  item { id } worker { id } client { id } venue { id } survey { id } referral { id } corrects { id }
  correctedBy { id } }"""
TOTALS = """query ($within: ID, $from: Date, $to: Date) { serviceTotals(within: $within, from: $from, to: $to) {
  records contacts beneficiaries communities clients } }"""
NOTHING = {"records": 0, "contacts": 0, "beneficiaries": 0, "communities": 0, "clients": 0}


@pytest.fixture(scope="module")
def items(writing: Writing) -> list[str]:
    """The ids of the catalogue."""
    found = writing.ask("leifeng", "{ serviceItems(first: 100) { nodes { id } } }")["serviceItems"]["nodes"]
    return [item["id"] for item in found]


@pytest.fixture(scope="module")
def worker(writing: Writing, places: Places) -> Any:
    return writing.hire("leifeng", places.village, "SOCIAL_WORKER")


@pytest.fixture
def client(writing: Writing, places: Places) -> Any:
    return register(writing, places.village, consentOn="2024-01-01")["client"]


@pytest.fixture
def given(places: Places, items: list[str], worker: Any) -> dict[str, Any]:
    """A valid input of `recordService`."""
    return {
        "placeId": places.village,
        "itemId": items[0],
        "workerId": worker["id"],
        "servedOn": "2024-07-01",
        "contacts": 8,
        "beneficiaries": 5,
    }


def serve(writing: Writing, given: dict[str, Any], username: str = "leifeng", **more: Any) -> Any:
    return writing.write(username, "recordService", RECORD, **given | more)


def change(writing: Writing, record: Any, mutation: str, username: str = "leifeng", **more: Any) -> Any:
    return writing.write(username, mutation, RECORD, id=record["id"], version=record["version"], **more)


def totals(writing: Writing, username: str = "leifeng", **arguments: str) -> dict[str, int]:
    found: dict[str, int] = writing.ask(username, TOTALS, arguments)["serviceTotals"]
    return found


def rise(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


def test_a_service_is_recorded_with_what_it_names(
    writing: Writing, given: dict[str, Any], client: Any, worker: Any, places: Places
) -> None:
    made = serve(writing, given, clientId=client["id"], note=" 上门探访。 ")
    assert made["errors"] == []
    assert made["serviceRecord"].pop("id").startswith("SR")
    assert made["serviceRecord"] == {
        "version": 1,
        "servedOn": "2024-07-01",
        "contacts": 8,
        "beneficiaries": 5,
        "note": "上门探访。",
        "state": "VALID",
        "nextStates": ["CORRECTED", "CANCELLED"],
        "reason": None,
        "place": {"id": places.village},
        "item": {"id": given["itemId"]},
        "worker": {"id": worker["id"]},
        "client": {"id": client["id"]},
        "venue": None,
        "survey": None,
        "referral": None,
        "corrects": None,
        "correctedBy": None,
    }


def test_a_service_that_cannot_be_is_refused_at_its_field(
    writing: Writing, given: dict[str, Any], places: Places, items: list[str]
) -> None:
    theirs = register(writing, places.elsewhere, "sanban")["client"]
    closed = register(writing, places.village)["client"]
    writing.write("leifeng", "closeClient", "client { id }", id=closed["id"], version=1)
    stranger = writing.hire("sanban", places.elsewhere)
    retired = writing.hire("leifeng", places.village)
    writing.write("leifeng", "retirePerson", "person { id }", id=retired["id"], version=1)
    venues = "{ venues(first: 1) { nodes { id } } }"
    venue = writing.ask("nanchengcun", venues)["venues"]["nodes"][0]["id"]
    for field, value, code in (
        ("placeId", places.elsewhere, "NOT_FOUND"),
        ("itemId", "SI999999", "NOT_FOUND"),
        ("workerId", stranger["id"], "NOT_FOUND"),
        ("workerId", retired["id"], "INVALID"),
        ("servedOn", "2999-01-01", "INVALID"),
        ("servedOn", "1899-12-31", "INVALID"),
        ("contacts", 0, "INVALID"),
        ("contacts", 2**31 - 1, "INVALID"),
        ("beneficiaries", -1, "INVALID"),
        ("beneficiaries", 9, "INVALID"),
        ("clientId", theirs["id"], "NOT_FOUND"),
        ("clientId", closed["id"], "INVALID"),
        ("clientId", "", "NOT_FOUND"),
        ("venueId", venue, "NOT_FOUND"),
        ("surveyId", "SU999999", "NOT_FOUND"),
        ("referralId", "RF999999", "NOT_FOUND"),
        ("note", " ", "INVALID"),
    ):
        assert refusal(serve(writing, given | {field: value})) == (code, field)
    withdrawn = writing.ask("hub", "query ($id: ID!) { serviceItem(id: $id) { version } }", {"id": items[-1]})
    version = withdrawn["serviceItem"]["version"]
    writing.write("hub", "withdrawServiceItem", "serviceItem { id }", id=items[-1], version=version)
    assert refusal(serve(writing, given, itemId=items[-1])) == ("INVALID", "itemId")


def test_somebody_who_only_serves_here_can_have_given_the_service(
    writing: Writing, given: dict[str, Any], places: Places
) -> None:
    helper = writing.hire("hub", _hub(writing), "SOCIAL_WORKER")
    assert refusal(serve(writing, given, workerId=helper["id"])) == ("NOT_FOUND", "workerId")
    linked = {"personId": helper["id"], "placeId": places.village, "duty": "LINKED_SOCIAL_WORKER"}
    assert not writing.write("hub", "assignPerson", "assignment { id }", **linked, validFrom="2024-01-01")["errors"]
    made = serve(writing, given, workerId=helper["id"])
    assert made["serviceRecord"]["worker"] == {"id": helper["id"]}


def _hub(writing: Writing) -> str:
    stations = writing.ask("hub", "{ stations(where: { level: { eq: HUB } }) { nodes { id } } }")["stations"]
    return str(stations["nodes"][0]["id"])


def test_a_correction_keeps_what_was_recorded(writing: Writing, given: dict[str, Any], client: Any) -> None:
    before = totals(writing)
    first = serve(writing, given, clientId=client["id"], note="首次")["serviceRecord"]
    made = change(writing, first, "correctServiceRecord", reason="漏记两次", contacts=10, note=None)
    assert made["errors"] == []
    new = made["serviceRecord"]
    changed = {"id": new["id"], "contacts": 10, "note": None, "reason": "漏记两次", "corrects": {"id": first["id"]}}
    assert new == first | changed
    query = f"query ($id: ID!) {{ {RECORD.replace('serviceRecord', 'serviceRecord(id: $id)', 1)} }}"
    kept = writing.ask("leifeng", query, {"id": first["id"]})["serviceRecord"]
    over = {"version": 2, "state": "CORRECTED", "nextStates": [], "correctedBy": {"id": new["id"]}}
    assert kept == first | over
    assert rise(before, totals(writing)) == {"records": 1, "contacts": 10, "beneficiaries": 5, "clients": 1}
    # What was corrected is corrected no more; what has replaced it may be.
    assert refusal(change(writing, kept, "correctServiceRecord", reason="再改", contacts=9)) == ("WRONG_STATE", "id")
    assert refusal(change(writing, kept, "cancelServiceRecord", reason="作废")) == ("WRONG_STATE", "id")
    last = change(writing, new, "correctServiceRecord", reason="再次核对", beneficiaries=6)["serviceRecord"]
    assert (last["contacts"], last["beneficiaries"], last["corrects"]) == (10, 6, {"id": new["id"]})


def test_a_correction_that_cannot_be_is_refused_at_its_field(
    writing: Writing, given: dict[str, Any], client: Any, places: Places
) -> None:
    record = serve(writing, given)["serviceRecord"]
    for more, expected in (
        ({"reason": " ", "contacts": 9}, ("INVALID", "reason")),
        ({"reason": "无", "contacts": 8}, ("INVALID", "id")),
        ({"reason": "无", "contacts": 4}, ("INVALID", "beneficiaries")),
        ({"reason": "无", "contacts": None}, ("INVALID", "contacts")),
        ({"reason": "无", "itemId": None}, ("INVALID", "itemId")),
        ({"reason": "无", "clientId": "CL999999"}, ("NOT_FOUND", "clientId")),
    ):
        assert refusal(change(writing, record, "correctServiceRecord", **more)) == expected
    survey = survey_of(writing, places.village, client, {"id": given["workerId"]})["survey"]
    about = {"clientId": client["id"], "surveyId": survey["id"]}
    followed = serve(writing, given, **about)["serviceRecord"]
    assert refusal(change(writing, followed, "correctServiceRecord", reason="无", clientId=None)) == (
        "INVALID",
        "clientId",
    )


def test_a_correction_names_nobody_who_is_out_of_sight_by_now(
    writing: Writing, given: dict[str, Any], places: Places
) -> None:
    helper = writing.hire("hub", _hub(writing), "SOCIAL_WORKER")
    linked = {"personId": helper["id"], "placeId": places.village, "duty": "LINKED_SOCIAL_WORKER"}
    linked["validFrom"] = "2024-01-01"
    duty = writing.write("hub", "assignPerson", "assignment { id version }", **linked)["assignment"]
    record = serve(writing, given, workerId=helper["id"])["serviceRecord"]
    writing.write("hub", "endAssignment", "assignment { id }", **duty, on="2024-07-02")
    assert refusal(change(writing, record, "correctServiceRecord", reason="无", contacts=9)) == ("INVALID", "workerId")
    named = {"reason": "无", "contacts": 9, "workerId": given["workerId"]}
    assert change(writing, record, "correctServiceRecord", **named)["errors"] == []


def test_a_cancelled_record_stays_and_does_not_count(writing: Writing, given: dict[str, Any], client: Any) -> None:
    before = totals(writing)
    record = serve(writing, given, clientId=client["id"])["serviceRecord"]
    gone = change(writing, record, "cancelServiceRecord", reason="重复登记")["serviceRecord"]
    assert gone == record | {"version": 2, "state": "CANCELLED", "nextStates": [], "reason": "重复登记"}
    assert totals(writing) == before
    query = """query ($id: ID!) { client(id: $id) { serviceRecords { totalCount }
      all: serviceRecords(valid: false) { nodes { id } } } }"""
    found = writing.ask("leifeng", query, {"id": client["id"]})["client"]
    assert found == {"serviceRecords": {"totalCount": 0}, "all": {"nodes": [{"id": record["id"]}]}}
    assert refusal(change(writing, gone, "correctServiceRecord", reason="无", contacts=9)) == ("WRONG_STATE", "id")


def test_the_receiver_of_a_referral_serves_its_client(
    writing: Writing, given: dict[str, Any], client: Any, places: Places
) -> None:
    theirs = given | {"placeId": places.elsewhere, "workerId": writing.hire("sanban", places.elsewhere)["id"]}
    named = {"clientId": client["id"]}
    assert refusal(serve(writing, theirs, "sanban", **named)) == ("NOT_FOUND", "clientId")
    referral = accept_elsewhere(writing, client, places.elsewhere)["id"]
    made = serve(writing, theirs, "sanban", **named, referralId=referral)["serviceRecord"]
    assert (made["client"], made["referral"]) == ({"id": client["id"]}, {"id": referral})
    other = register(writing, places.elsewhere, "sanban")["client"]
    assert refusal(serve(writing, theirs, "sanban", clientId=other["id"], referralId=referral)) == (
        "INVALID",
        "referralId",
    )
    assert refusal(serve(writing, theirs, "sanban", referralId=referral)) == ("INVALID", "referralId")
    # The sender does not see what the receiver has done.
    query = "query ($id: ID!) { serviceRecords(where: { referral: { eq: $id } }) { totalCount } }"
    counts = [
        writing.ask(name, query, {"id": referral})["serviceRecords"]["totalCount"] for name in ("sanban", "leifeng")
    ]
    assert counts == [1, 0]


def test_nothing_follows_from_a_referral_that_was_withdrawn(
    writing: Writing, given: dict[str, Any], client: Any
) -> None:
    about = {"clientId": client["id"], "reason": "需要照护", "urgency": "LOW", "toCode": "350526102"}
    sent = writing.write("leifeng", "sendReferral", "referral { id version }", **about)["referral"]
    withdrawn = writing.write("leifeng", "withdrawReferral", "referral { state }", **sent, reason="家属已接走")
    assert withdrawn["referral"]["state"] == "WITHDRAWN"
    assert refusal(serve(writing, given, clientId=client["id"], referralId=sent["id"])) == ("WRONG_STATE", "referralId")


def test_a_survey_of_another_client_is_no_reason_to_serve(
    writing: Writing, given: dict[str, Any], client: Any, places: Places
) -> None:
    survey = survey_of(writing, places.village, client, {"id": given["workerId"]})["survey"]
    assert refusal(serve(writing, given, surveyId=survey["id"])) == ("INVALID", "surveyId")
    other = register(writing, places.village)["client"]
    assert refusal(serve(writing, given, clientId=other["id"], surveyId=survey["id"])) == ("INVALID", "surveyId")
    state = "query ($id: ID!) { survey(id: $id) { state } }"
    assert writing.ask("leifeng", state, {"id": survey["id"]})["survey"]["state"] == "OPEN"


def test_a_repeat_with_the_same_key_records_nothing_more(writing: Writing, given: dict[str, Any]) -> None:
    first = serve(writing, given, idempotencyKey="once")["serviceRecord"]
    before = totals(writing)
    assert serve(writing, given, idempotencyKey="once")["serviceRecord"] == first
    assert totals(writing) == before


def test_figures_rise_at_every_level_by_what_was_served(
    writing: Writing, given: dict[str, Any], places: Places
) -> None:
    levels = ("hub", "leifeng", "sanban")
    before = {name: totals(writing, name) for name in levels}
    serve(writing, given, placeId=places.grid)
    after = {name: totals(writing, name) for name in levels}
    served = {"records": 1, "contacts": 8, "beneficiaries": 5}
    assert rise(before["hub"], after["hub"]) == rise(before["leifeng"], after["leifeng"]) == served
    assert after["sanban"] == before["sanban"]


def test_totals_are_of_a_subtree_and_a_time(writing: Writing, given: dict[str, Any], places: Places) -> None:
    day = {"from": "1950-01-02", "to": "1950-01-02"}
    assert totals(writing, **day) == NOTHING
    serve(writing, given, placeId=places.grid, servedOn="1950-01-02")
    one = {"records": 1, "contacts": 8, "beneficiaries": 5, "communities": 1, "clients": 0}
    assert totals(writing, **day) == one
    # A grid's record counts for its community; who sees the grid alone sees no community.
    assert totals(writing, within=places.village, **day) == one
    assert totals(writing, within=places.grid, **day) == one
    assert totals(writing, within=places.other, **day) == NOTHING
    assert totals(writing, within=places.elsewhere, **day) == NOTHING
    assert totals(writing, within="nonsense", **day) == NOTHING
    assert totals(writing, **{"from": "1950-01-03", "to": "1950-01-03"}) == NOTHING
    assert totals(writing, "sanban", **day) == NOTHING


def test_a_community_is_served_if_a_valid_record_lies_in_it(
    writing: Writing, given: dict[str, Any], places: Places
) -> None:
    new = {"parentId": places.station, "code": "served-1", "name": "试用村", "kind": "VILLAGE"}
    counts = {"divisionCode": "350526104999", "households": 10, "residents": 30}
    village = writing.write("hub", "createCommunity", "community { id }", **new, **counts)["community"]["id"]
    query = """query ($id: ID!) { yes: communities(where: { id: { eq: $id }, served: true }) { totalCount }
      no: communities(where: { id: { eq: $id }, served: false }) { totalCount } }"""

    def served() -> tuple[int, int]:
        found = writing.ask("leifeng", query, {"id": village})
        return found["yes"]["totalCount"], found["no"]["totalCount"]

    assert served() == (0, 1)
    record = serve(writing, given, placeId=village)["serviceRecord"]
    assert served() == (1, 0)
    change(writing, record, "cancelServiceRecord", reason="误登")
    assert served() == (0, 1)


def test_an_observer_counts_services_and_does_not_read_notes(writing: Writing) -> None:
    counted = (
        "{ serviceRecords(first: 1) { totalCount nodes { contacts item { name } worker { kind } client { id } } } }"
    )
    assert writing.ask("hub-observer", counted)["serviceRecords"]["totalCount"]
    for field in ("note", "reason", "worker { name }", "client { name }"):
        query = f"{{ serviceRecords(first: 1) {{ nodes {{ {field} }} }} }}"
        (error,) = writing.post("hub-observer", query).json()["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
