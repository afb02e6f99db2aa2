"""Surveys are recorded, corrected while nothing follows from them, and closed."""

from typing import Any

import pytest

from tests.payloads import refusal
from tests.test_clients import accept_elsewhere, register
from tests.writing import Places, Writing

SURVEY = """survey { id version kind surveyedOn findings urgency state nextStates closedOn closingReason
  place { id } client { id } surveyor { id } }"""


@pytest.fixture(scope="module")
def client(writing: Writing, places: Places) -> Any:
    return register(writing, places.village, consentOn="2024-01-01")["client"]


@pytest.fixture(scope="module")
def surveyor(writing: Writing, places: Places) -> Any:
    return writing.hire("leifeng", places.village, "GRID_WORKER")


def record(writing: Writing, place: str, client: Any, surveyor: Any, username: str = "leifeng", **more: Any) -> Any:
    given = {
        "placeId": place,
        "clientId": client["id"],
        "surveyorId": surveyor["id"],
        "kind": "SURVEY",
        "surveyedOn": "2024-03-01",
        "findings": "独居，行动不便。",
        "urgency": "HIGH",
    }
    return writing.write(username, "recordSurvey", SURVEY, **given | more)


def change(writing: Writing, survey: Any, mutation: str, **more: Any) -> Any:
    return writing.write("leifeng", mutation, SURVEY, id=survey["id"], version=survey["version"], **more)


def test_a_survey_is_recorded_in_a_grid(writing: Writing, places: Places, client: Any, surveyor: Any) -> None:
    made = record(writing, places.grid, client, surveyor, findings=" 独居。\r\n\r\n\r\n\r\n 行动不便。 ")
    assert made["errors"] == []
    assert made["survey"].pop("id").startswith("SU")
    assert made["survey"] == {
        "version": 1,
        "kind": "SURVEY",
        "surveyedOn": "2024-03-01",
        "findings": "独居。\n\n行动不便。",
        "urgency": "HIGH",
        "state": "OPEN",
        "nextStates": ["FOLLOWED_UP", "CLOSED"],
        "closedOn": None,
        "closingReason": None,
        "place": {"id": places.grid},
        "client": {"id": client["id"]},
        "surveyor": {"id": surveyor["id"]},
    }


def test_a_survey_that_cannot_be_is_refused_at_its_field(
    writing: Writing, places: Places, client: Any, surveyor: Any
) -> None:
    theirs = register(writing, places.elsewhere, "sanban")["client"]
    stranger = writing.hire("sanban", places.elsewhere)
    closed = register(writing, places.village)["client"]
    writing.write("leifeng", "closeClient", "client { id }", id=closed["id"], version=1)
    retired = writing.hire("leifeng", places.village)
    writing.write("leifeng", "retirePerson", "person { id }", id=retired["id"], version=1)
    for field, value, code in (
        ("placeId", places.elsewhere, "NOT_FOUND"),
        ("clientId", theirs["id"], "NOT_FOUND"),
        ("clientId", closed["id"], "INVALID"),
        ("surveyorId", stranger["id"], "NOT_FOUND"),
        ("surveyorId", retired["id"], "INVALID"),
        ("surveyedOn", "2999-01-01", "INVALID"),
        ("surveyedOn", "1899-12-31", "INVALID"),
        ("findings", " ", "INVALID"),
        ("findings", "长" * 2001, "INVALID"),
    ):
        assert refusal(record(writing, places.village, client, surveyor, **{field: value})) == (code, field)


def test_a_survey_is_corrected_only_while_nothing_follows_from_it(
    writing: Writing, places: Places, client: Any, surveyor: Any
) -> None:
    survey = record(writing, places.village, client, surveyor)["survey"]
    changed = change(writing, survey, "updateSurvey", urgency="URGENT", kind="ASSESSMENT")["survey"]
    assert changed == survey | {"version": 2, "urgency": "URGENT", "kind": "ASSESSMENT"}
    item = writing.ask("leifeng", "{ serviceItems(first: 1) { nodes { id } } }")["serviceItems"]["nodes"][0]
    served = {
        "placeId": places.village,
        "itemId": item["id"],
        "workerId": surveyor["id"],
        "servedOn": "2024-03-05",
        "contacts": 1,
        "beneficiaries": 1,
        "clientId": client["id"],
        "surveyId": survey["id"],
    }
    recorded = writing.write("leifeng", "recordService", "serviceRecord { survey { state version } }", **served)
    assert recorded["serviceRecord"]["survey"] == {"state": "FOLLOWED_UP", "version": 3}
    again = writing.write("leifeng", "recordService", "serviceRecord { survey { version } }", **served)
    assert again["serviceRecord"]["survey"] == {"version": 3}
    followed = changed | {"version": 3}
    assert refusal(change(writing, followed, "updateSurvey", urgency="LOW")) == ("WRONG_STATE", "id")
    query = "query ($id: ID!) { survey(id: $id) { serviceRecords { totalCount } can { update close } } }"
    assert writing.ask("leifeng", query, {"id": survey["id"]})["survey"] == {
        "serviceRecords": {"totalCount": 2},
        "can": {"update": False, "close": True},
    }
    closed = change(writing, followed, "closeSurvey", reason="服务已落实")["survey"]
    assert (closed["state"], closed["nextStates"], closed["closingReason"]) == ("CLOSED", [], "服务已落实")
    late = writing.write("leifeng", "recordService", "serviceRecord { id }", **served)
    assert (late["errors"][0]["code"], late["errors"][0]["path"][1:]) == ("WRONG_STATE", ["surveyId"])


def test_a_closed_survey_stays_closed(writing: Writing, places: Places, client: Any, surveyor: Any) -> None:
    survey = record(writing, places.village, client, surveyor)["survey"]
    assert refusal(change(writing, survey, "closeSurvey", reason=" ")) == ("INVALID", "reason")
    closed = change(writing, survey, "closeSurvey", reason="家属已接走")["survey"]
    assert closed["closedOn"] is not None
    assert refusal(change(writing, closed, "closeSurvey", reason="再办结")) == ("WRONG_STATE", "id")
    assert refusal(change(writing, closed, "updateSurvey", urgency="LOW")) == ("WRONG_STATE", "id")


def test_the_receiver_of_a_referral_makes_an_assessment_of_its_own(
    writing: Writing, places: Places, client: Any, surveyor: Any
) -> None:
    worker = writing.hire("sanban", places.elsewhere, "SOCIAL_WORKER")
    given = {"kind": "ASSESSMENT", "urgency": "LOW"}
    early = record(writing, places.elsewhere, client, worker, "sanban", **given)
    assert refusal(early) == ("NOT_FOUND", "clientId")
    accept_elsewhere(writing, client, places.elsewhere)
    made = record(writing, places.elsewhere, client, worker, "sanban", **given)
    assert made["errors"] == []
    # Each end has its own surveys of the client.
    query = "query ($id: ID!) { client(id: $id) { surveys { nodes { id } } } }"
    theirs = writing.ask("sanban", query, {"id": client["id"]})["client"]["surveys"]["nodes"]
    assert theirs == [{"id": made["survey"]["id"]}]
    ours = writing.ask("leifeng", query, {"id": client["id"]})["client"]["surveys"]["nodes"]
    assert made["survey"]["id"] not in [survey["id"] for survey in ours]


def test_an_observer_counts_surveys_and_does_not_read_findings(writing: Writing) -> None:
    counted = writing.ask("hub-observer", "{ surveys(first: 1) { totalCount nodes { state urgency } } }")
    assert counted["surveys"]["totalCount"] >= 60
    for field in ("findings", "closingReason", "client { name }", "surveyor { name }"):
        (error,) = writing.post("hub-observer", f"{{ surveys(first: 1) {{ nodes {{ {field} }} }} }}").json()["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
