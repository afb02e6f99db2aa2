"""A place that is invited from outside sees that consultation and what is attached to it, until it is over, and nothing
else; nor does who invites it see anything of the guest. With both guards, and with each of them alone.
"""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from models import Role
from schema import schema
from server.embedded import Embedded
from server.migrate import SERVER_ROLE
from tests.consulting import Meeting, done, refused
from tests.guards import BOTH, CLAUSE, POLICIES, standing
from tests.harvest import node_of, required
from tests.payloads import mutating
from tests.scene import TABLES, World, Writing, key, relocate, world

CORE = schema._schema
MANY = "first: 100"
DETAILS = """{
  id issue minutes place { id } history { totalCount }
  can { update advance invite attach addResolution }
  participants { toName representative guest { id } place { id } can { answer } }
  attachments { place { id }
    client { name phone address place { id } history { totalCount } }
    survey { findings client { id } place { id } }
    referral { reason client { id } survey { id } place: from { id } to { id } } }
  resolutions { title outcome owner { id } place { id } can { advance } } }"""
CONSULTATION = f"query ($id: ID!) {{ consultation(id: $id) {DETAILS} node(id: $id) {{ id }} }}"


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("guests")) as made:
        yield made


@pytest.fixture
def meeting(written: World) -> Meeting:
    """A consultation that was called."""
    return Meeting(written)


@pytest.fixture(params=[BOTH, CLAUSE, POLICIES])
def guards(request: pytest.FixtureRequest, written: World, meeting: Meeting) -> Iterator[str]:
    """Which guards stand."""
    with standing(request.param, written.url) as which:
        yield which


def connections() -> Iterator[str]:
    """The root connections whose rows have ids."""
    assert CORE.query_type is not None
    for name, field in CORE.query_type.fields.items():
        node = node_of(field)
        if node is not None and not required(field) and "id" in node.fields and name != "auditEntries":
            yield name


def look(writing: Writing) -> dict[str, set[str]]:
    """All that an account sees: the ids of every connection, with their counts, and those of the scene by `nodes`."""
    fields = " ".join(f"{name}({MANY}) {{ totalCount nodes {{ id }} }}" for name in connections())
    seen = {}
    for name, page in writing.ask(f"{{ {fields} }}").items():
        seen[name] = {node["id"] for node in page["nodes"]}
        assert page["totalCount"] == len(page["nodes"]) == len(seen[name]), name
    return seen


def named(writing: Writing, ids: list[str]) -> set[str]:
    """Those of the ids that `nodes` finds, and `node` alike."""
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    chunks = [ids[start : start + 100] for start in range(0, len(ids), 100)]
    found = [node for chunk in chunks for node in writing.ask(query, {"ids": chunk})["nodes"]]
    return {node["id"] for node in found if node}


def more(before: dict[str, set[str]], after: dict[str, set[str]]) -> dict[str, set[str]]:
    """What is seen now that was not."""
    assert all(before[name] <= after[name] for name in before)
    return {name: after[name] - before[name] for name in before if after[name] != before[name]}


def everything(meeting: Meeting) -> list[str]:
    """The ids of all rows of the county."""
    county = meeting.here.key("H")
    return [
        row["id"]
        for letters, table in TABLES.items()
        for row in meeting.world.sql(f"SELECT '{letters}' || id AS id FROM {table} WHERE county_id = $1", county)
        if letters not in ("U", "R", "E")
    ]


def test_a_guest_sees_the_consultation_and_what_is_attached_until_it_is_over_and_nothing_else(
    meeting: Meeting, guards: str
) -> None:
    before, rows = look(meeting.guest), everything(meeting)
    known = named(meeting.guest, rows)
    invited = meeting.invite()
    attached = [
        meeting.attach(clientId=meeting.other_client),
        meeting.attach(surveyId=meeting.survey),
        meeting.attach(referralId=meeting.referral),
    ]
    mine, others = meeting.resolve(), meeting.resolve("对接医院", toId=meeting.here["C1"])
    shown = {
        "consultations": {meeting.id},
        "clients": {meeting.other_client},
        "surveys": {meeting.survey},
        "referrals": {meeting.referral},
        "resolutions": {mine["id"], others["id"]},
    }
    parts = {invited["id"], *(one["id"] for one in attached)}
    for state in ("HELD", "CLOSED"):
        assert more(before, look(meeting.guest)) == shown
        assert named(meeting.guest, everything(meeting)) - known == parts.union(*shown.values())
        meeting.advance(state, minutes="已商定。")
    assert more(before, look(meeting.guest)) == {"resolutions": {mine["id"]}}
    assert named(meeting.guest, everything(meeting)) - known == {mine["id"]}
    answer = meeting.guest.ask(CONSULTATION, {"id": meeting.id})
    assert answer == {"consultation": None, "node": None}


def test_a_guest_sees_nothing_any_more_of_what_was_cancelled(meeting: Meeting, guards: str) -> None:
    before = look(meeting.guest)
    meeting.attach(clientId=meeting.client)
    meeting.invite()
    assert more(before, look(meeting.guest)) == {"consultations": {meeting.id}, "clients": {meeting.client}}
    meeting.advance("CANCELLED")
    assert look(meeting.guest) == before


def test_who_invites_sees_nothing_of_the_guest(meeting: Meeting, guards: str) -> None:
    before, rows = look(meeting.convenor), everything(meeting)
    known = named(meeting.convenor, rows)
    invited = meeting.invite()
    mine = meeting.resolve()
    done(meeting.guest, "answerInvitation", id=invited["id"], version=1, state="ACCEPTED", representative="陈某")
    assert more(before, look(meeting.convenor)) == {"resolutions": {mine["id"]}}
    assert named(meeting.convenor, everything(meeting)) - known == {invited["id"], mine["id"]}
    (participant,) = meeting.convenor.ask(CONSULTATION, {"id": meeting.id})["consultation"]["participants"]
    told = {"toName": meeting.name, "representative": "陈某", "guest": None}
    assert participant == told | {"place": {"id": meeting.here["C1"]}, "can": {"answer": False}}


def test_what_a_guest_is_shown_leads_nowhere_else(meeting: Meeting, guards: str) -> None:
    sql = "UPDATE client SET phone = '138****1234', phone_cipher = 'x', address = '某路', address_cipher = 'x'"
    meeting.world.sql(f"{sql} WHERE id = $1", key(meeting.other_client))
    meeting.invite()
    for about in (
        {"clientId": meeting.other_client},
        {"surveyId": meeting.survey},
        {"referralId": meeting.referral},
    ):
        meeting.attach(**about)
    meeting.resolve(toId=meeting.here["C1"])
    meeting.hold()
    nothing = {"client": None, "survey": None, "referral": None, "place": None}
    case = {"name": "乙户", "phone": "138****1234", "address": "某路", "place": None, "history": {"totalCount": 0}}
    # The survey's client, and the referral's, was not attached itself.
    survey = {"findings": "独居，行动不便", "client": None, "place": None}
    referral = {"reason": "需要上门", "client": None, "survey": None, "place": None, "to": None}
    assert meeting.guest.ask(CONSULTATION, {"id": meeting.id})["consultation"] == {
        "id": meeting.id,
        "issue": "独居老人照护",
        "minutes": "已商定。",
        "place": None,
        "history": {"totalCount": 0},
        "can": dict.fromkeys(("update", "advance", "invite", "attach", "addResolution"), False),
        "participants": [
            {
                "toName": meeting.name,
                "representative": None,
                "guest": {"id": meeting.there["C2"]},
                "place": None,
                "can": {"answer": True},
            }
        ],
        "attachments": [
            nothing | {"client": case},
            nothing | {"survey": survey},
            nothing | {"referral": referral},
        ],
        "resolutions": [
            {"title": "每周探访", "outcome": None, "owner": None, "place": None, "can": {"advance": False}}
        ],
    }
    meeting.attach(clientId=meeting.client)
    attachments = meeting.guest.ask(CONSULTATION, {"id": meeting.id})["consultation"]["attachments"]
    assert attachments[1]["survey"]["client"] == attachments[2]["referral"]["client"] == {"id": meeting.client}


def test_what_is_attached_before_and_after_an_invitation_is_shown_alike(meeting: Meeting, guards: str) -> None:
    before = look(meeting.guest)
    meeting.attach(clientId=meeting.client)
    meeting.invite()
    meeting.attach(clientId=meeting.other_client)
    shown = {"consultations": {meeting.id}, "clients": {meeting.client, meeting.other_client}}
    assert more(before, look(meeting.guest)) == shown


def test_what_two_consultations_show_goes_with_the_last_of_them(meeting: Meeting, guards: str) -> None:
    before = look(meeting.guest)
    meeting.attach(clientId=meeting.client)
    meeting.invite()
    second = meeting.call("第二次")
    about = {"consultationId": second["id"]}
    done(meeting.convenor, "attachToConsultation", **about, clientId=meeting.client)
    done(meeting.convenor, "inviteParticipant", **about, toCode=meeting.code)
    meeting.close()
    assert more(before, look(meeting.guest)) == {"consultations": {second["id"]}, "clients": {meeting.client}}


@pytest.mark.parametrize("name", ["C1", "G3", "B2"])
def test_other_places_of_the_guests_zone_see_nothing(meeting: Meeting, guards: str, name: str) -> None:
    other = meeting.scene.writer(Role.MANAGER, meeting.there[name])
    before = look(other)
    meeting.attach(clientId=meeting.client)
    meeting.invite()
    assert look(other) == before


@pytest.mark.parametrize("name", ["B1", "S"])
def test_the_places_above_the_guest_see_what_it_sees(meeting: Meeting, guards: str, name: str) -> None:
    above = meeting.scene.writer(Role.MANAGER, meeting.there[name])
    before = look(above)
    meeting.attach(clientId=meeting.client)
    invited = meeting.invite()
    assert more(before, look(above)) == {"consultations": {meeting.id}, "clients": {meeting.client}}
    done(above, "answerInvitation", id=invited["id"], version=1, state="ACCEPTED")


def test_an_observer_at_the_guest_counts_and_reads_no_minutes_and_no_names(meeting: Meeting) -> None:
    invited = meeting.invite()
    meeting.attach(clientId=meeting.client)
    done(meeting.guest, "answerInvitation", id=invited["id"], version=1, state="ACCEPTED", representative="陈某")
    meeting.hold()
    observer = meeting.scene.writer(Role.OBSERVER, meeting.there["C2"])
    counted = observer.ask("{ consultations(where: { state: { eq: HELD } }) { totalCount nodes { issue } } }")
    assert counted["consultations"] == {"totalCount": 1, "nodes": [{"issue": "独居老人照护"}]}
    for field in ("minutes", "participants { representative }", "attachments { client { name } }"):
        query = f"query ($id: ID!) {{ consultation(id: $id) {{ {field} }} }}"
        answer = observer.post(query, {"id": meeting.id}).json()
        assert answer["data"] == {"consultation": None}
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


def test_a_guest_changes_neither_the_consultation_nor_what_is_attached(meeting: Meeting, guards: str) -> None:
    invited = meeting.invite()
    meeting.attach(clientId=meeting.client)
    meeting.attach(surveyId=meeting.survey)
    others = meeting.resolve(toId=meeting.here["C1"])
    own = {"id": meeting.id, "version": 1}
    guest, about = meeting.guest, {"consultationId": meeting.id}
    assert refused(guest, "updateConsultation", **own, issue="改") == ("NOT_FOUND", "id")
    assert refused(guest, "advanceConsultation", **own, state="CANCELLED") == ("NOT_FOUND", "id")
    code = meeting.world.value("SELECT code FROM community WHERE id = $1", meeting.there.key("C1"))
    missing = ("NOT_FOUND", "consultationId")
    assert refused(guest, "inviteParticipant", **about, toCode=code) == missing
    assert refused(guest, "attachToConsultation", **about, clientId=meeting.client) == missing
    assert refused(guest, "addResolution", **about, title="改", dueOn="2035-01-01", toCode=code) == missing
    task = {"id": others["id"], "version": 1}
    for state in ("DONE", "CANCELLED"):
        assert refused(guest, "advanceResolution", **task, state=state) == ("NOT_FOUND", "id")
    for mutation, given in (
        ("updateClient", {"id": meeting.client, "version": 1, "name": "改"}),
        ("closeClient", {"id": meeting.client, "version": 1}),
        ("closeSurvey", {"id": meeting.survey, "version": 1, "reason": "改"}),
        ("updateSurvey", {"id": meeting.survey, "version": 1, "findings": "改"}),
    ):
        query = mutating(mutation, "errors { code }")
        before = meeting.world.digest()
        assert guest.ask(query, {"input": given})[mutation]["errors"] == [{"code": "NOT_FOUND"}], mutation
        assert meeting.world.changed(before) == []
    can = "query ($id: ID!, $action: Action!) { viewer { can(action: $action, id: $id) { allowed reason } } }"
    for action in ("UPDATE_CONSULTATION", "ADVANCE_CONSULTATION", "INVITE_PARTICIPANT", "ATTACH_TO_CONSULTATION"):
        told = guest.ask(can, {"id": meeting.id, "action": action})["viewer"]["can"]
        assert told == {"allowed": False, "reason": "SEEN_ONLY"}
    told = guest.ask(can, {"id": invited["id"], "action": "ANSWER_INVITATION"})["viewer"]["can"]
    assert told == {"allowed": True, "reason": None}


@pytest.mark.parametrize(
    ("sql", "changed"),
    [
        ("UPDATE consultation SET issue = '改' WHERE id = $1", 0),
        # Its own invitation, and not the other's; its own task, and not the convenor's.
        ("UPDATE consultation_participant SET representative = '改' WHERE consultation_id = $1", 1),
        ("UPDATE resolution SET outcome = '改' WHERE consultation_id = $1", 1),
        ("UPDATE client SET name = '改' WHERE id IN (SELECT client_id FROM consultation_attachment)", 0),
        ("UPDATE survey SET findings = '改' WHERE id IN (SELECT survey_id FROM consultation_attachment)", 0),
    ],
)
def test_the_policies_let_a_guest_change_its_own_end_alone(meeting: Meeting, sql: str, changed: int) -> None:
    meeting.invite()
    done(meeting.convenor, "inviteParticipant", consultationId=meeting.id, toId=meeting.here["G1"])
    meeting.attach(clientId=meeting.client)
    meeting.attach(surveyId=meeting.survey)
    meeting.resolve()
    meeting.resolve(toId=meeting.here["C1"])

    async def run() -> str:
        connection = await asyncpg.connect(meeting.world.url)
        try:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute(f"SET LOCAL ROLE {SERVER_ROLE}")
            scope = "SELECT set_config('zhanwang.scope', $1, true)"
            await connection.execute(scope, path)
            answer: str = await connection.execute(sql, *([key(meeting.id)] if "$1" in sql else []))
            await transaction.rollback()
            return answer
        finally:
            await connection.close()

    path = meeting.world.value("SELECT path FROM place WHERE id = $1", meeting.there.key("C2"))
    assert meeting.world.run(run()) == f"UPDATE {changed}"


def test_what_is_shared_follows_the_places_that_move(meeting: Meeting, guards: str) -> None:
    meeting.attach(clientId=meeting.client)
    meeting.invite()
    mine = meeting.resolve()
    shown = {"consultations": {meeting.id}, "clients": {meeting.client}, "resolutions": {mine["id"]}}
    left, joined = (meeting.scene.writer(Role.MANAGER, meeting.there[name]) for name in ("B1", "B2"))
    lost, gained = look(left), look(joined)
    move(meeting, meeting.there["C2"], meeting.there["B2"])
    now = look(joined)
    assert {name: now[name] & rows for name, rows in shown.items()} == shown
    assert not any(gained[name] & rows for name, rows in shown.items())
    after = look(left)
    assert all(rows <= lost[name] and not rows & after[name] for name, rows in shown.items())
    # The convenor's own move takes nothing from the guest, and what it called along.
    move(meeting, meeting.here["C1"], meeting.here["B2"])
    seen = look(meeting.guest)
    assert {name: seen[name] & rows for name, rows in shown.items()} == shown
    convening = meeting.scene.writer(Role.MANAGER, meeting.here["B2"])
    assert {name: look(convening)[name] & rows for name, rows in shown.items()} == shown
    meeting.convenor = convening
    meeting.close()
    seen = look(meeting.guest)
    assert {name: seen[name] & rows for name, rows in shown.items()} == {
        "consultations": set(),
        "clients": set(),
        "resolutions": {mine["id"]},
    }


def move(meeting: Meeting, place: str, parent: str) -> None:
    """Hangs a place elsewhere."""

    async def moved() -> None:
        async with meeting.world.connection.transaction():
            await relocate(meeting.world.connection, place, parent)

    meeting.world.run(moved())


LOCATION = "place_id, path, station_id, county_id"
ATTACH = f"""
INSERT INTO consultation_attachment ({LOCATION}, consultation_id, client_id)
SELECT {LOCATION}, id, $2 FROM consultation WHERE id = $1
"""
INVITE = f"""
INSERT INTO consultation_participant ({LOCATION}, to_place_id, to_path, to_station_id, to_county_id, consultation_id,
                                      to_name)
SELECT c.place_id, c.path, c.station_id, c.county_id, p.id, p.path, p.station_id, p.county_id, c.id, '某村'
  FROM consultation c, place p WHERE c.id = $1 AND p.id = $2
"""


def test_two_who_write_about_one_consultation_at_once_share_all_of_it(meeting: Meeting) -> None:
    before = look(meeting.guest)

    async def interleave() -> None:
        first, second = [await asyncpg.connect(meeting.world.url) for _ in range(2)]
        try:
            one, two = first.transaction(), second.transaction()
            await one.start()
            await two.start()
            await first.execute(ATTACH, key(meeting.id), key(meeting.client))
            waiting = asyncio.ensure_future(second.execute(INVITE, key(meeting.id), meeting.there.key("C2")))
            await asyncio.sleep(0.2)
            assert not waiting.done()
            await one.commit()
            await waiting
            await two.commit()
        finally:
            await first.close()
            await second.close()

    meeting.world.run(interleave())
    assert more(before, look(meeting.guest)) == {"consultations": {meeting.id}, "clients": {meeting.client}}
