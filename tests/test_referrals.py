"""Referrals go from place to place: sent, answered, worked on, done; each step by its own end, and only along."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from models import Role
from resolvers.core.calendar import works
from server.embedded import Embedded
from tests.payloads import refusal
from tests.referring import Cases, done, look
from tests.scene import World, fresh, key, world

ALL = ("accept", "reject", "start", "complete", "withdraw")


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("referrals")) as made:
        yield made


@pytest.fixture
def cases(written: World) -> Cases:
    return Cases(written)


def today(world: World) -> date:
    found: date = world.value("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date")
    return found


def after(start: date, days: int) -> str:
    """So many working days later, by the public calendar."""
    while days:
        start += timedelta(days=1)
        days -= works(start)
    return start.isoformat()


# -- sending -------------------------------------------------------------------------------------------------------


def test_a_referral_is_sent_by_the_receivers_public_code(cases: Cases) -> None:
    row = done(cases.send(surveyId=cases.here["SU8"], reason=" 独居老人\n\n\n\n需要照护 "))
    assert row["id"].startswith("RF")
    name = "SELECT name FROM community WHERE id = $1"
    assert row | {"id": ""} == {
        "id": "",
        "version": 1,
        "state": "SENT",
        "fromName": cases.world.value(name, cases.here.key("C1")),
        "toName": cases.world.value(name, cases.there.key("C1")),
        "from": {"id": cases.here["C1"]},
        "to": None,
        "client": {"id": cases.here["CL8"], "name": "被转介人"},
        "survey": {"id": cases.here["SU8"]},
        "agency": None,
        "assignee": None,
        "reason": "独居老人\n\n需要照护",
        "urgency": "NORMAL",
        "dueOn": after(today(cases.world), 5),
        "overdue": False,
        "acceptedAt": None,
        "closedAt": None,
        "outcome": None,
        "nextStates": ["ACCEPTED", "REJECTED", "WITHDRAWN"],
        "escalations": 0,
        "escalatedTo": None,
        "can": dict.fromkeys(ALL, False) | {"withdraw": True},
    }
    assert cases.entries(row) == [("sendReferral", cases.here.key("C1"))]


@pytest.mark.parametrize(("urgency", "days"), [("URGENT", 1), ("HIGH", 3), ("NORMAL", 5), ("LOW", 10)])
def test_it_is_due_by_its_urgency_unless_the_days_are_said(cases: Cases, urgency: str, days: int) -> None:
    assert done(cases.send(urgency=urgency))["dueOn"] == after(today(cases.world), days)
    assert done(cases.send(urgency=urgency, dueInWorkingDays=2))["dueOn"] == after(today(cases.world), 2)
    assert done(cases.send(urgency=urgency, dueInWorkingDays=None))["dueOn"] == after(today(cases.world), days)
    for wrong in (0, -1, 61):
        assert refusal(cases.send(dueInWorkingDays=wrong)) == ("INVALID", "dueInWorkingDays")


def test_the_senders_countys_calendar_decides_which_days_are_working_ones(cases: Cases) -> None:
    add_day = """INSERT INTO calendar_day (place_id, path, station_id, county_id, day, working, name)
      SELECT id, path, station_id, county_id, $2, $3, '本县' FROM place WHERE id = $1"""
    tomorrow = today(cases.world) + timedelta(days=1)
    cases.world.sql(add_day, cases.here.key("H"), tomorrow, True)
    assert done(cases.send(dueInWorkingDays=1))["dueOn"] == tomorrow.isoformat()
    cases.world.sql("UPDATE calendar_day SET working = false WHERE county_id = $1", cases.here.key("H"))
    assert done(cases.send(dueInWorkingDays=1))["dueOn"] == after(tomorrow, 1)


def test_without_a_receiver_it_goes_to_the_linked_social_worker_of_the_sender(cases: Cases) -> None:
    row = done(cases.refer(placeId=cases.here["G1"]))
    # Who is linked to the village takes what its grids send, and shows up as who takes care of it.
    assert (row["from"], row["to"]) == ({"id": cases.here["G1"]}, {"id": cases.here["C1"]})
    assert row["assignee"] == {"id": cases.here["P2"]}
    # What the village itself sends goes to the place above it.
    above = done(cases.refer())
    assert above["to"] is None
    assert look(cases.hub, above)["to"] == {"id": cases.here["B1"]}
    cases.world.sql("UPDATE assignment SET valid_to = current_date WHERE id = $1", cases.here.key("A2"))
    assert refusal(cases.refer(placeId=cases.here["G1"])) == ("INVALID", "toId")


def test_it_goes_to_an_agency_by_id_in_scope_and_by_code_anywhere_in_the_county(cases: Cases) -> None:
    agencies = {}
    for zone in cases.scene.zones:
        agencies[zone["C2"]] = cases.world.sql(
            """INSERT INTO agency (place_id, path, station_id, county_id, code, name, kind, founded_on)
               SELECT id, path, station_id, county_id, $2, '互助社', 'SERVICE_AGENCY', '2021-01-01'
                 FROM place WHERE id = $1 RETURNING 'AG' || id AS id, code""",
            zone.key("C2"),
            fresh("AG"),
        )[0]
    own, other = (agencies[zone["C2"]] for zone in cases.scene.zones)
    station = cases.scene.writer(Role.WORKER, cases.here["B1"])
    row = done(cases.send(station, agencyId=own["id"]))
    assert (row["agency"], row["to"], row["toName"]) == ({"id": own["id"]}, {"id": cases.here["C2"]}, "互助社")
    far = done(cases.send(station, toCode=other["code"]))
    assert (far["agency"], far["to"], far["toName"]) == (None, None, "互助社")
    assert look(cases.hub, far)["agency"] == {"id": other["id"]}
    assert refusal(cases.send(station, agencyId=other["id"])) == ("NOT_FOUND", "agencyId")
    at_own = cases.scene.writer(Role.WORKER, cases.here["B1"])
    assert refusal(cases.send(at_own, agencyId=own["id"], placeId=cases.here["C2"])) == ("INVALID", "agencyId")
    cases.world.sql("UPDATE agency SET closed_on = '2024-01-01' WHERE code = $1", own["code"])
    assert refusal(cases.send(station, agencyId=own["id"])) == ("INVALID", "agencyId")
    assert refusal(cases.send(station, toCode=own["code"])) == ("NOT_FOUND", "toCode")


def test_a_receiver_that_cannot_be_is_refused_at_its_field(cases: Cases) -> None:
    own = cases.code(cases.here["C1"])
    assert refusal(cases.send(toId=cases.here["C1"])) == ("INVALID", "toId")
    assert refusal(cases.send(toCode=own)) == ("INVALID", "toCode")
    assert refusal(cases.send(toId=cases.there["C1"])) == ("NOT_FOUND", "toId")
    assert refusal(cases.send(toCode="没有")) == ("NOT_FOUND", "toCode")
    assert refusal(cases.send(toId=cases.here["G1"], toCode=own)) == ("INVALID", "toId")
    assert refusal(cases.send(placeId=cases.there["C1"])) == ("NOT_FOUND", "placeId")
    abroad = Cases(cases.world)
    assert refusal(cases.send(toCode=abroad.code(abroad.here["C1"]))) == ("NOT_FOUND", "toCode")
    cases.world.sql("UPDATE community SET closed_on = '2024-01-01' WHERE id = $1", cases.there.key("C1"))
    assert refusal(cases.send()) == ("NOT_FOUND", "toCode")
    cases.world.sql("UPDATE community SET closed_on = '2024-01-01' WHERE id = $1", cases.here.key("C1"))
    assert refusal(cases.send()) == ("INVALID", "placeId")


CONSENT = "UPDATE client SET consent_on = $2::date, consent_withdrawn_on = $3::date WHERE id = $1"


def test_only_an_open_client_who_has_consented_is_referred(cases: Cases) -> None:
    client = cases.here.key("CL8")
    assert refusal(cases.send(clientId=cases.there["CL8"])) == ("NOT_FOUND", "clientId")
    for consent in ((None, None), (date(2024, 1, 1), date(2024, 2, 1))):
        cases.world.sql(CONSENT, client, *consent)
        assert refusal(cases.send()) == ("INVALID", "clientId")
    cases.world.sql(CONSENT, client, date(2024, 1, 1), None)
    assert done(cases.send())
    cases.world.sql("UPDATE client SET closed_on = '2024-03-01' WHERE id = $1", client)
    assert refusal(cases.send()) == ("INVALID", "clientId")


@pytest.mark.parametrize(("reason", "code"), [("", "INVALID"), (" \n ", "INVALID"), ("长" * 2001, "INVALID")])
def test_a_reason_must_say_something_and_not_too_much(cases: Cases, reason: str, code: str) -> None:
    assert refusal(cases.send(reason=reason)) == (code, "reason")
    assert done(cases.send(reason="长" * 2000))


def test_a_survey_is_followed_up_by_the_referral(cases: Cases) -> None:
    survey = cases.here["SU8"]
    state = "SELECT state FROM survey WHERE id = $1"
    assert refusal(cases.send(surveyId=survey, clientId=cases.here["CL9"])) == ("INVALID", "surveyId")
    assert cases.world.value(state, key(survey)) == "OPEN"
    assert done(cases.send(surveyId=survey))["survey"] == {"id": survey}
    assert cases.world.value(state, key(survey)) == "FOLLOWED_UP"
    assert done(cases.send(surveyId=survey))
    cases.world.sql("UPDATE survey SET state = 'CLOSED' WHERE id = $1", key(survey))
    assert refusal(cases.send(surveyId=survey)) == ("WRONG_STATE", "surveyId")
    assert refusal(cases.send(surveyId=cases.there["SU8"])) == ("NOT_FOUND", "surveyId")


def test_a_repeat_with_the_same_key_answers_the_first_referral(cases: Cases) -> None:
    first = done(cases.send(idempotencyKey="k"))
    assert done(cases.send(idempotencyKey="k")) == first


# -- answering -----------------------------------------------------------------------------------------------------


def test_the_receiver_accepts_works_and_completes_and_the_log_keeps_that_there(cases: Cases) -> None:
    row = done(cases.send())
    accepted = done(cases.act("accept", row, assigneeId=cases.there["P2"]))
    assert (accepted["state"], accepted["assignee"]) == ("ACCEPTED", {"id": cases.there["P2"]})
    assert accepted["acceptedAt"]
    assert accepted["can"] == dict.fromkeys(ALL, False) | {"start": True, "complete": True}
    started = done(cases.act("start", accepted))
    assert (started["state"], started["nextStates"]) == ("IN_PROGRESS", ["DONE", "WITHDRAWN"])
    completed = done(cases.act("complete", started, outcome=" 已上门服务 "))
    assert (completed["state"], completed["outcome"], completed["nextStates"]) == ("DONE", "已上门服务", [])
    assert completed["closedAt"]
    sender, receiver = cases.here.key("C1"), cases.there.key("C1")
    steps = [(f"{verb}Referral", receiver) for verb in ("accept", "start", "complete")]
    assert cases.entries(row) == [("sendReferral", sender), *steps]


def test_whoever_covers_both_ends_acts_for_either_and_the_log_keeps_that_at_the_sender(cases: Cases) -> None:
    row = done(cases.send())
    accepted = done(cases.act("accept", row, by=cases.hub))
    done(cases.act("withdraw", accepted, by=cases.hub))
    assert {place for _, place in cases.entries(row)} == {cases.here.key("C1")}


def test_a_text_says_why_it_was_rejected_or_withdrawn(cases: Cases) -> None:
    for verb, state in (("reject", "REJECTED"), ("withdraw", "WITHDRAWN")):
        row = done(cases.send())
        assert refusal(cases.act(verb, row, reason=" ")) == ("INVALID", "reason")
        assert refusal(cases.act(verb, row, reason="长" * 2001)) == ("INVALID", "reason")
        over = done(cases.act(verb, row, reason="原因"))
        assert (over["state"], over["outcome"], over["nextStates"]) == (state, "原因", [])
        assert over["closedAt"]


def test_each_end_takes_its_own_steps_only(cases: Cases) -> None:
    row = done(cases.send())
    for verb in ("accept", "reject"):
        assert refusal(cases.act(verb, row, by=cases.sender)) == ("NOT_FOUND", "id")
    assert refusal(cases.act("withdraw", row, by=cases.receiver)) == ("NOT_FOUND", "id")
    accepted = done(cases.act("accept", row))
    for verb in ("start", "complete"):
        assert refusal(cases.act(verb, accepted, by=cases.sender)) == ("NOT_FOUND", "id")
    for third in cases.thirds:
        for verb in ALL:
            assert refusal(cases.act(verb, accepted, by=third)) == ("NOT_FOUND", "id")
    assert look(cases.hub, row)["version"] == 2


STATES = {
    "SENT": {"accept", "reject", "withdraw"},
    "ACCEPTED": {"start", "complete", "withdraw"},
    "IN_PROGRESS": {"complete", "withdraw"},
    "DONE": set[str](),
    "REJECTED": set[str](),
    "WITHDRAWN": set[str](),
}


@pytest.mark.parametrize("state", STATES)
def test_from_each_state_only_its_own_steps_are_taken(cases: Cases, state: str) -> None:
    for verb in ALL:
        row = done(cases.send())
        cases.world.sql("UPDATE referral SET state = $2 WHERE id = $1", key(row["id"]), state)
        ends = [cases.sender] if verb == "withdraw" else [cases.receiver]
        can = [look(end, row)["can"][verb] for end in ends]
        assert can == [verb in STATES[state]], verb
        payload = cases.act(verb, row)
        if verb in STATES[state]:
            assert done(payload)
        else:
            assert refusal(payload) == ("WRONG_STATE", "id"), verb


def test_a_stale_version_is_a_conflict_that_shows_the_referral(cases: Cases) -> None:
    row = done(cases.send())
    done(cases.act("accept", row))
    payload = cases.act("start", row)
    assert refusal(payload) == ("CONFLICT", "version")
    assert (payload["referral"]["version"], payload["referral"]["state"]) == (2, "ACCEPTED")


def test_who_takes_care_of_it_is_seen_by_the_receiver_and_not_retired(cases: Cases) -> None:
    row = done(cases.send())
    assert refusal(cases.act("accept", row, assigneeId=cases.here["P2"])) == ("NOT_FOUND", "assigneeId")
    assert refusal(cases.act("accept", row, assigneeId=cases.there["P6"])) == ("INVALID", "assigneeId")
    assert done(cases.act("accept", row, assigneeId=None))["assignee"] is None


def test_a_client_who_is_shared_is_referred_onward_from_a_place_of_ones_own(cases: Cases) -> None:
    accepted = done(cases.act("accept", done(cases.send(surveyId=cases.here["SU8"]))))
    onward: dict[str, Any] = {"by": cases.receiver, "toCode": cases.code(cases.there["B2"])}
    assert refusal(cases.send(**onward)) == ("INVALID", "placeId")
    row = done(cases.send(**onward, placeId=cases.there["C1"], surveyId=cases.here["SU8"]))
    assert (row["from"], row["client"], row["survey"]) == (
        {"id": cases.there["C1"]},
        accepted["client"],
        {"id": cases.here["SU8"]},
    )
    # Who is not shown them any longer cannot.
    done(cases.act("withdraw", accepted))
    assert refusal(cases.send(**onward, placeId=cases.there["C1"])) == ("NOT_FOUND", "clientId")


# -- lists ---------------------------------------------------------------------------------------------------------

LIST = """query ($where: ReferralFilter, $orderBy: [ReferralOrder!]) { referrals(where: $where, orderBy: $orderBy) {
  totalCount nodes { id } } }"""


def test_referrals_are_found_by_state_urgency_day_direction_and_client(cases: Cases) -> None:
    first = done(cases.send(urgency="URGENT"))
    sent = done(cases.send(urgency="LOW", dueInWorkingDays=60))
    planted = [cases.here["RF2"], cases.here["RF1"]]

    def found(asker: Any, order: Any = None, **where: Any) -> list[str]:
        answer = asker.ask(LIST, {"where": where, "orderBy": order})["referrals"]
        ids = [node["id"] for node in answer["nodes"]]
        assert answer["totalCount"] == len(ids)
        return ids

    # Whom a referral is about that was not accepted is not to be found out by trying.
    assert found(cases.receiver, client={"eq": cases.here["CL8"]}) == []
    second = done(cases.act("accept", sent))
    mine = [second["id"], first["id"], *planted]
    assert found(cases.sender) == mine
    assert found(cases.sender, [{"field": "DUE_ON"}]) == [first["id"], second["id"], *planted[::-1]]
    assert found(cases.sender, state={"eq": "SENT"}) == [first["id"], cases.here["RF1"]]
    assert found(cases.sender, urgency={"in": ["URGENT", "LOW"]}) == mine[:2]
    assert found(cases.sender, dueOn={"lt": "2034-12-31"}) == mine[:2]
    assert found(cases.sender, within=cases.here["C1"]) == mine
    assert found(cases.sender, within=cases.here["G1"]) == []
    assert found(cases.sender, client={"eq": cases.here["CL8"]}) == mine
    assert found(cases.sender, overdue=True) == []
    assert found(cases.sender, overdue=False) == mine
    assert found(cases.sender, direction="OUTGOING") == mine
    assert found(cases.sender, direction="INCOMING") == []
    assert found(cases.receiver, direction="INCOMING") == mine[:2]
    assert found(cases.receiver, client={"eq": cases.here["CL8"]}) == mine[:2]


def test_a_client_lists_their_referrals(cases: Cases) -> None:
    row = done(cases.send())
    query = "query ($id: ID!) { client(id: $id) { referrals { nodes { id } } can { refer } } }"
    answer = cases.sender.ask(query, {"id": cases.here["CL8"]})["client"]
    assert answer["referrals"]["nodes"] == [{"id": id_} for id_ in (row["id"], cases.here["RF2"], cases.here["RF1"])]
    assert answer["can"] == {"refer": True}


def test_an_observer_counts_referrals_and_reads_no_case(cases: Cases) -> None:
    row = done(cases.send())
    observer = cases.scene.writer(Role.OBSERVER, cases.here["B1"])
    query = "query ($id: ID!) { referral(id: $id) { state dueOn fromName toName } }"
    assert observer.ask(query, {"id": row["id"]})["referral"]["state"] == "SENT"
    for field in ("reason", "outcome", "client { name }"):
        answer = observer.post(f"query ($id: ID!) {{ referral(id: $id) {{ {field} }} }}", {"id": row["id"]}).json()
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"], field
    assert look(cases.sender, row)["can"]["withdraw"]
    query = "query ($id: ID!) { referral(id: $id) { can { withdraw } } }"
    assert observer.ask(query, {"id": row["id"]})["referral"]["can"] == {"withdraw": False}
