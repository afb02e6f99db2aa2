"""Joint consultations are called, changed, held and closed; places are invited and answer; rows are attached."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from models import Role
from resolvers.core.states import MACHINES
from server.embedded import Embedded
from tests.consulting import Meeting, add, attempt, client, done, refused
from tests.scene import World, fresh, key, world

STATES = [state.value for state in MACHINES["consultation"].edges]
ANSWERS = [state.value for state in MACHINES["consultation_participant"].edges]
OVER = ("CLOSED", "CANCELLED")


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("consultations")) as made:
        yield made


@pytest.fixture
def meeting(written: World) -> Meeting:
    """A consultation that was called."""
    return Meeting(written)


def put(meeting: Meeting, state: str) -> None:
    """Puts a consultation into a state, behind everybody's back."""
    minutes, closed_on = (None if state == "CALLED" else "已商定。"), (date(2024, 1, 1) if state in OVER else None)
    sql = "UPDATE consultation SET state = $2, minutes = $3, closed_on = $4 WHERE id = $1"
    meeting.world.sql(sql, key(meeting.id), state, minutes, closed_on)


# -- a consultation itself -----------------------------------------------------------------------------------------


def test_a_consultation_is_called_at_a_place(meeting: Meeting) -> None:
    given = {"placeId": meeting.here["G1"], "issue": " 留守儿童  暑期看护 ", "meetsOn": "2035-07-01"}
    made = done(meeting.convenor, "callConsultation", **given, idempotencyKey="once")
    assert made == {
        "id": made["id"],
        "version": 1,
        "issue": "留守儿童 暑期看护",
        "meetsOn": "2035-07-01",
        "minutes": None,
        "state": "CALLED",
        "nextStates": ["HELD", "CANCELLED"],
        "closedOn": None,
        "place": {"id": meeting.here["G1"]},
        "can": dict.fromkeys(("update", "advance", "invite", "attach", "addResolution"), True),
    }
    assert made["id"].startswith("CO")
    assert done(meeting.convenor, "callConsultation", **given, idempotencyKey="once") == made


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"issue": " "}, ("INVALID", "issue")),
        ({"issue": "长" * 101}, ("INVALID", "issue")),
        ({"meetsOn": "2999-01-01"}, ("INVALID", "meetsOn")),
        ({"placeId": "C999999"}, ("NOT_FOUND", "placeId")),
    ],
)
def test_a_consultation_that_cannot_be_is_refused_at_its_field(
    meeting: Meeting, given: dict[str, Any], refusal: tuple[str, str]
) -> None:
    valid = {"placeId": meeting.here["C1"], "issue": "照护", "meetsOn": "2035-07-01"}
    assert refused(meeting.convenor, "callConsultation", **(valid | given)) == refusal
    elsewhere = valid | {"placeId": meeting.there["C1"]}
    assert refused(meeting.convenor, "callConsultation", **elsewhere) == ("NOT_FOUND", "placeId")
    meeting.world.sql("UPDATE community SET closed_on = '2024-01-01' WHERE id = $1", meeting.here.key("C1"))
    assert refused(meeting.convenor, "callConsultation", **valid) == ("INVALID", "placeId")


def test_a_consultation_is_changed_as_far_as_is_said_while_it_is_open(meeting: Meeting) -> None:
    change = {"id": meeting.id, "version": 1, "issue": "改题", "minutes": " 第一行 \n\n\n\n 第二行\n"}
    changed = done(meeting.convenor, "updateConsultation", **change)
    assert changed == meeting.row | {"issue": "改题", "minutes": "第一行\n\n第二行", "version": 2}
    row, errors = attempt(meeting.convenor, "updateConsultation", **change)
    assert (row, errors) == (changed, [("CONFLICT", "version")])
    cleared = done(meeting.convenor, "updateConsultation", id=meeting.id, version=2, minutes=None)
    assert cleared["minutes"] is None
    held = meeting.hold()
    again = {"id": meeting.id, "version": held["version"]}
    assert refused(meeting.convenor, "updateConsultation", **again, minutes=None) == ("INVALID", "minutes")
    assert refused(meeting.convenor, "updateConsultation", **again, issue=None) == ("INVALID", "issue")
    closed = meeting.advance("CLOSED")
    late = {"id": meeting.id, "version": closed["version"], "issue": "晚"}
    assert refused(meeting.convenor, "updateConsultation", **late) == ("WRONG_STATE", "id")


@pytest.mark.parametrize("to", STATES)
@pytest.mark.parametrize("state", STATES)
def test_a_consultation_only_goes_where_its_states_lead(meeting: Meeting, state: str, to: str) -> None:
    put(meeting, state)
    given = {"id": meeting.id, "version": 1, "state": to, "minutes": "已商定。"}
    following = {"CALLED": ("HELD", "CANCELLED"), "HELD": ("CLOSED",)}.get(state, ())
    if to in following:
        row = done(meeting.convenor, "advanceConsultation", **given)
        assert (row["state"], row["version"], row["closedOn"] is not None) == (to, 2, to in OVER)
        assert row["can"]["invite"] == (to not in OVER)
    else:
        field = "id" if state in OVER else "state"
        assert refused(meeting.convenor, "advanceConsultation", **given) == ("WRONG_STATE", field)


def test_a_consultation_is_held_with_minutes_given_now_or_before(meeting: Meeting) -> None:
    held = {"id": meeting.id, "version": 1, "state": "HELD"}
    assert refused(meeting.convenor, "advanceConsultation", **held) == ("INVALID", "minutes")
    assert refused(meeting.convenor, "advanceConsultation", **held, minutes=" \n ") == ("INVALID", "minutes")
    assert refused(meeting.convenor, "advanceConsultation", **held, minutes="长" * 2001) == ("INVALID", "minutes")
    done(meeting.convenor, "updateConsultation", id=meeting.id, version=1, minutes="先记。")
    row = done(meeting.convenor, "advanceConsultation", **(held | {"version": 2}))
    assert (row["state"], row["minutes"], row["nextStates"]) == ("HELD", "先记。", ["CLOSED"])


def test_the_newest_consultation_comes_first_and_one_can_ask_by_state_and_day(meeting: Meeting) -> None:
    second = meeting.call("第二次")
    ask = meeting.convenor.ask
    query = "query ($where: ConsultationFilter) { consultations(where: $where) { totalCount nodes { id } } }"

    def found(**where: Any) -> list[str]:
        return [node["id"] for node in ask(query, {"where": where})["consultations"]["nodes"]]

    planted = meeting.here["CO1"]
    assert found() == [second["id"], meeting.id, planted]
    assert found(meetsOn={"gte": "2035-05-01"}) == [second["id"], meeting.id]
    put(meeting, "CLOSED")
    assert found(state={"eq": "CLOSED"}) == [meeting.id]
    assert found(within=meeting.here["G1"]) == []
    ordered = "{ consultations(orderBy: [{ field: MEETS_ON }]) { nodes { id } } }"
    assert [node["id"] for node in ask(ordered)["consultations"]["nodes"]] == [planted, meeting.id, second["id"]]


# -- who is invited ------------------------------------------------------------------------------------------------


def test_a_place_is_invited_by_its_id_or_a_code_also_out_of_scope(meeting: Meeting) -> None:
    far = meeting.invite()
    assert far == {
        "id": far["id"],
        "version": 1,
        "toName": meeting.name,
        "state": "INVITED",
        "nextStates": ["ACCEPTED", "DECLINED"],
        "representative": None,
        "guest": None,
        "consultation": {"id": meeting.id, "place": {"id": meeting.here["C1"]}},
        "place": {"id": meeting.here["C1"]},
        "can": {"answer": False},
    }
    near = done(meeting.convenor, "inviteParticipant", consultationId=meeting.id, toId=meeting.here["G1"])
    assert (near["guest"], near["can"]) == ({"id": meeting.here["G1"]}, {"answer": True})


def test_an_agency_is_invited_where_it_belongs(meeting: Meeting) -> None:
    code, named = fresh("AG"), {"name": "某社工机构", "kind": "SERVICE_AGENCY", "founded_on": date(2021, 1, 1)}
    add(meeting.world, "agency", meeting.there["C2"], code=code, **named)
    invited = done(meeting.convenor, "inviteParticipant", consultationId=meeting.id, toCode=code)
    assert invited["toName"] == "某社工机构"
    answered = done(meeting.guest, "answerInvitation", id=invited["id"], version=1, state="ACCEPTED")
    assert answered["guest"] == {"id": meeting.there["C2"]}
    twice = {"consultationId": meeting.id, "toCode": meeting.code}
    assert refused(meeting.convenor, "inviteParticipant", **twice) == ("TAKEN", "toCode")


def test_an_invitation_that_cannot_be_is_refused(meeting: Meeting) -> None:
    def says(consultation: str = meeting.id, **to: str) -> tuple[str, str]:
        return refused(meeting.convenor, "inviteParticipant", consultationId=consultation, **to)

    own = meeting.world.value("SELECT code FROM community WHERE id = $1", meeting.here.key("C1"))
    assert says() == ("INVALID", "toId")
    assert says(toId=meeting.here["G1"], toCode=meeting.code) == ("INVALID", "toId")
    assert says(toId=meeting.here["C1"]) == ("INVALID", "toId")
    assert says(toCode=own) == ("INVALID", "toCode")
    assert says(toCode=fresh()) == ("NOT_FOUND", "toCode")
    assert says(toId=meeting.there["C2"]) == ("NOT_FOUND", "toId")
    assert says(meeting.there["CO1"], toCode=meeting.code) == ("NOT_FOUND", "consultationId")
    meeting.invite()
    assert says(toCode=meeting.code) == ("TAKEN", "toCode")
    meeting.close()
    assert says(toId=meeting.here["G1"]) == ("WRONG_STATE", "consultationId")


def test_a_guest_accepts_and_says_who_comes_or_declines(meeting: Meeting) -> None:
    invited = meeting.invite()
    given = {"id": invited["id"], "version": 1}
    answered = done(meeting.guest, "answerInvitation", **given, state="ACCEPTED", representative=" 陈 某 ")
    assert answered == invited | {
        "version": 2,
        "state": "ACCEPTED",
        "nextStates": ["DECLINED"],
        "representative": "陈 某",
        "guest": {"id": meeting.there["C2"]},
        # Where it comes from is not the guest's to see.
        "consultation": {"id": meeting.id, "place": None},
        "place": None,
        "can": {"answer": True},
    }
    stale = {**given, "state": "DECLINED"}
    row, errors = attempt(meeting.guest, "answerInvitation", **stale)
    assert (row, errors) == (answered, [("CONFLICT", "version")])
    named = {"id": invited["id"], "version": 2, "state": "DECLINED", "representative": "陈某"}
    assert refused(meeting.guest, "answerInvitation", **named) == ("INVALID", "representative")
    declined = done(meeting.guest, "answerInvitation", id=invited["id"], version=2, state="DECLINED")
    assert (declined["state"], declined["representative"], declined["version"]) == ("DECLINED", None, 3)


@pytest.mark.parametrize("to", ANSWERS)
@pytest.mark.parametrize("state", ANSWERS)
def test_an_answer_can_be_changed_but_not_taken_back(meeting: Meeting, state: str, to: str) -> None:
    invited = meeting.invite()
    meeting.world.sql("UPDATE consultation_participant SET state = $2 WHERE id = $1", key(invited["id"]), state)
    given = {"id": invited["id"], "version": 1, "state": to}
    if to != "INVITED" and to != state:
        assert done(meeting.guest, "answerInvitation", **given)["state"] == to
    else:
        assert refused(meeting.guest, "answerInvitation", **given) == ("WRONG_STATE", "state")


def test_only_the_invited_place_answers_and_only_while_the_consultation_is_open(meeting: Meeting) -> None:
    invited = meeting.invite()
    given = {"id": invited["id"], "version": 1, "state": "ACCEPTED"}
    assert refused(meeting.convenor, "answerInvitation", **given) == ("NOT_FOUND", "id")
    neighbour = meeting.scene.writer(Role.MANAGER, meeting.there["C1"])
    assert refused(neighbour, "answerInvitation", **given) == ("NOT_FOUND", "id")
    meeting.close()
    assert refused(meeting.guest, "answerInvitation", **given) == ("NOT_FOUND", "id")
    # Who sees both ends is told why.
    hub = meeting.scene.writer(Role.ADMINISTRATOR, meeting.here["H"])
    assert refused(hub, "answerInvitation", **given) == ("WRONG_STATE", "id")


def test_an_answer_is_in_the_log_of_the_place_that_gave_it(meeting: Meeting) -> None:
    invited = meeting.invite()
    done(meeting.guest, "answerInvitation", id=invited["id"], version=1, state="ACCEPTED", representative="陈某")
    query = "query ($id: ID!) { node(id: $id) { ... on ConsultationParticipant { history { nodes { action } } } } }"

    def told(writing: Any) -> list[str]:
        return [entry["action"] for entry in writing.ask(query, {"id": invited["id"]})["node"]["history"]["nodes"]]

    assert told(meeting.convenor) == ["inviteParticipant"]
    assert told(meeting.guest) == ["answerInvitation"]
    entries = "SELECT place_id FROM audit_entry WHERE noun = 'consultation_participant' AND row_id = $1 ORDER BY id"
    places = [row["place_id"] for row in meeting.world.sql(entries, key(invited["id"]))]
    assert places == [meeting.here.key("C1"), meeting.there.key("C2")]


# -- what is attached ----------------------------------------------------------------------------------------------


def test_a_client_a_survey_and_a_referral_are_attached_each_once(meeting: Meeting) -> None:
    for field, about in (("client", meeting.client), ("survey", meeting.survey), ("referral", meeting.referral)):
        given = {"consultationId": meeting.id, f"{field}Id": about}
        made = done(meeting.convenor, "attachToConsultation", **given)
        nothing = {"client": None, "survey": None, "referral": None}
        assert made == {"id": made["id"], **nothing, field: {"id": about}, "consultation": {"id": meeting.id}}
        assert refused(meeting.convenor, "attachToConsultation", **given) == ("TAKEN", f"{field}Id")
    other = meeting.call("第二次")
    assert done(meeting.convenor, "attachToConsultation", consultationId=other["id"], clientId=meeting.client)


def test_what_cannot_be_attached_is_refused(meeting: Meeting) -> None:
    def says(**about: str) -> tuple[str, str]:
        return refused(meeting.convenor, "attachToConsultation", consultationId=meeting.id, **about)

    assert says() == ("INVALID", "")
    assert says(clientId=meeting.client, surveyId=meeting.survey) == ("INVALID", "")
    assert says(clientId=client(meeting.scene, meeting.there["C1"], "别处")) == ("NOT_FOUND", "clientId")
    assert says(surveyId=meeting.there["SU8"]) == ("NOT_FOUND", "surveyId")
    assert says(referralId=meeting.there["RF1"]) == ("NOT_FOUND", "referralId")
    unasked = client(meeting.scene, meeting.here["C1"], "未同意", consent_on=None)
    assert says(clientId=unasked) == ("INVALID", "clientId")
    withdrawn = "UPDATE client SET consent_withdrawn_on = '2024-02-01' WHERE id = $1"
    meeting.world.sql(withdrawn, key(meeting.client))
    assert says(clientId=meeting.client) == ("INVALID", "clientId")
    assert says(surveyId=meeting.survey) == ("INVALID", "surveyId")
    closed = client(meeting.scene, meeting.here["C1"], "结案", closed_on=date(2024, 2, 1))
    assert says(clientId=closed) == ("INVALID", "clientId")
    meeting.close()
    assert says(referralId=meeting.referral) == ("WRONG_STATE", "consultationId")


def test_a_referral_is_attached_where_it_was_sent_and_not_where_it_went(meeting: Meeting) -> None:
    receiver = meeting.scene.writer(Role.MANAGER, meeting.here["C2"])
    given = {"placeId": meeting.here["C2"], "issue": "转来的个案", "meetsOn": "2035-05-01"}
    own = done(receiver, "callConsultation", **given)
    about = {"consultationId": own["id"], "referralId": meeting.referral}
    assert refused(receiver, "attachToConsultation", **about) == ("NOT_FOUND", "referralId")


def test_a_guest_does_not_pass_on_what_it_was_shown(meeting: Meeting) -> None:
    meeting.attach(clientId=meeting.client)
    meeting.invite()
    given = {"placeId": meeting.there["C2"], "issue": "自己的会商", "meetsOn": "2035-05-01"}
    own = done(meeting.guest, "callConsultation", **given)
    about = {"consultationId": own["id"], "clientId": meeting.client}
    assert refused(meeting.guest, "attachToConsultation", **about) == ("NOT_FOUND", "clientId")
