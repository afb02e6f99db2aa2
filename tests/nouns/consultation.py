"""Joint consultations, who is invited to them, what is attached to them, and their resolutions."""

from datetime import date
from typing import Any

from tests.nouns.base import Act, Case, Noun, Planting, at_closed, at_receiver, change, either, many, one, shared
from tests.nouns.base import two_ended as at_either_end

Row = dict[str, Any]

GUESTS = shared("consultation", "consultation_id")
NOUNS = [
    Noun(
        "Consultation",
        "consultation",
        "CO",
        many="consultations",
        single="consultation",
        newest=True,
        dates=frozenset({"meets_on"}),
        hidden=frozenset({"minutes"}),
        common=frozenset({"state"}),
        sees=shared("consultation"),
    ),
    Noun(
        "ConsultationParticipant",
        "consultation_participant",
        "CP",
        hidden=frozenset({"representative"}),
        common=frozenset({"state"}),
        sees=GUESTS,
    ),
    Noun("ConsultationAttachment", "consultation_attachment", "CA", sees=GUESTS),
    Noun(
        "Resolution",
        "resolution",
        "RS",
        many="resolutions",
        single="resolution",
        order=("due_on",),
        dates=frozenset({"due_on"}),
        refs={"consultation": "CO", "owner": ("S", "C", "G")},
        columns={"owner": "to_place_id"},
        hidden=frozenset({"outcome"}),
        common=frozenset({"state"}),
        sees=either(at_either_end, GUESTS),
    ),
]
TABLES = ("sharing",)
ATTACHED = ("client", "survey", "referral")
OWN = ("consultation", "consultation_participant", "consultation_attachment", "resolution")
POLICIES = {
    *(("at_home", table) for table in OWN),
    *(("other_end", table) for table in ("consultation_participant", "resolution")),
    *(("definer", table) for table in (*OWN[:3], "sharing")),
    ("in_sight", "consultation_attachment"),
}
DEFINERS = {"share_consultation"}

# -- reading -------------------------------------------------------------------------------------------------------

OPEN = ("CALLED", "HELD")
UNSETTLED = ("OPEN", "IN_PROGRESS")
CONSULTATIONS = {"CALLED": ["HELD", "CANCELLED"], "HELD": ["CLOSED"], "CLOSED": [], "CANCELLED": []}
ANSWERS = {"INVITED": ["ACCEPTED", "DECLINED"], "ACCEPTED": ["DECLINED"], "DECLINED": ["ACCEPTED"]}
TASKS = {
    "OPEN": ["IN_PROGRESS", "DONE", "CANCELLED"],
    "IN_PROGRESS": ["DONE", "CANCELLED"],
    "DONE": [],
    "CANCELLED": [],
}


def overdue(view: Any, resolution: Row, _: Any) -> bool:
    """Whether a resolution should have been done before today."""
    return bool(resolution["due_on"] < view.today.day and resolution["state"] in UNSETTLED)


def other_place(view: Any, row: Row, _: Any) -> Row | None:
    """The place that a row leads to."""
    found: Row | None = view.place(row["to_place_id"])
    return found


FIELDS = {
    ("Consultation", "nextStates"): lambda _, row, __: CONSULTATIONS[row["state"]],
    ("Consultation", "participants"): many("consultation_participant", "consultation_id"),
    ("Consultation", "attachments"): many("consultation_attachment", "consultation_id"),
    ("Consultation", "resolutions"): many("resolution", "consultation_id", "due_on", "id"),
    ("ConsultationParticipant", "nextStates"): lambda _, row, __: ANSWERS[row["state"]],
    ("ConsultationParticipant", "guest"): other_place,
    ("ConsultationParticipant", "consultation"): one("consultation", "consultation_id"),
    ("ConsultationAttachment", "consultation"): one("consultation", "consultation_id"),
    **{("ConsultationAttachment", noun): one(noun, f"{noun}_id") for noun in ATTACHED},
    ("Resolution", "nextStates"): lambda _, row, __: TASKS[row["state"]],
    ("Resolution", "overdue"): overdue,
    ("Resolution", "owner"): other_place,
}
FILTERS = {("Resolution", "overdue"): lambda view, row, _, value: overdue(view, row, None) == value}


def at_over(_: Any, consultation: Row) -> str | None:
    """WRONG_STATE if the consultation is over."""
    return None if consultation["state"] in OPEN else "WRONG_STATE"


def at_invited_over(view: Any, participant: Row) -> str | None:
    """WRONG_STATE if the consultation that it is invited to is over."""
    return at_over(view, view.by_id["consultation"][participant["consultation_id"]])


def at_settled(_: Any, resolution: Row) -> str | None:
    """WRONG_STATE if it is done or cancelled."""
    return None if resolution["state"] in UNSETTLED else "WRONG_STATE"


WRITE = "consultation:write"
ACTIONS = {
    "CALL_CONSULTATION": Act("place", WRITE, at_closed),
    "UPDATE_CONSULTATION": Act("consultation", WRITE, at_over),
    "ADVANCE_CONSULTATION": Act("consultation", WRITE, at_over),
    "INVITE_PARTICIPANT": Act("consultation", WRITE, at_over),
    "ANSWER_INVITATION": Act("consultation_participant", WRITE, at_invited_over, at_receiver),
    "ATTACH_TO_CONSULTATION": Act("consultation", WRITE, at_over),
    "ADD_RESOLUTION": Act("consultation", WRITE, at_over),
    "ADVANCE_RESOLUTION": Act(
        "resolution", WRITE, at_settled, lambda view, row: bool(view.covers(row)) or at_receiver(view, row)
    ),
}
CAN = {
    "Consultation": {
        "update": "UPDATE_CONSULTATION",
        "advance": "ADVANCE_CONSULTATION",
        "invite": "INVITE_PARTICIPANT",
        "attach": "ATTACH_TO_CONSULTATION",
        "addResolution": "ADD_RESOLUTION",
    },
    "ConsultationParticipant": {"answer": "ANSWER_INVITATION"},
    "Resolution": {"advance": "ADVANCE_RESOLUTION"},
}

# -- writing -------------------------------------------------------------------------------------------------------

TASK = {"title": "上门探访", "dueOn": "2035-01-01"}
CASES = {
    "callConsultation": Case(lambda z: {"placeId": z["C1"], "issue": "独居老人", "meetsOn": "2035-05-01"}),
    "updateConsultation": Case(lambda z: {"id": z["CO1"], "version": 1, "issue": "独居老人照护"}),
    "advanceConsultation": Case(lambda z: {"id": z["CO1"], "version": 1, "state": "HELD", "minutes": "已商定。"}),
    "inviteParticipant": Case(lambda z: {"consultationId": z["CO1"], "toId": z["G1"]}),
    "answerInvitation": Case(lambda z: {"id": z["CP1"], "version": 1, "state": "ACCEPTED", "representative": "某人"}),
    "attachToConsultation": Case(lambda z: {"consultationId": z["CO1"], "referralId": z["RF1"]}),
    "addResolution": Case(lambda z: {"consultationId": z["CO1"], "toId": z["C2"], **TASK}),
    "advanceResolution": Case(lambda z: {"id": z["RS1"], "version": 1, "state": "DONE", "outcome": "已探访。"}),
}


def _receiver(m: Any) -> Row:
    if m.random.random() < 0.2:
        return {"toCode": m.code()}
    return {"toId": m.id("S", "C", "C", "G")}


def _about(m: Any) -> Row:
    letters, name = m.random.choice([("CL", "clientId"), ("SU", "surveyId"), ("RF", "referralId")])
    return {name: m.id(letters)}


MAKE = {
    "callConsultation": lambda m: {
        "placeId": m.id("S", "C", "C", "G"),
        "issue": m.text(),
        "meetsOn": m.day(),
        **m.keyed(),
    },
    "updateConsultation": change("CO", issue="text", meetsOn="day", minutes="text"),
    "advanceConsultation": lambda m: (
        m.row("CO") | {"state": m.random.choice(list(CONSULTATIONS))} | m.maybe(minutes=m.text)
    ),
    "inviteParticipant": lambda m: {"consultationId": m.id("CO"), **_receiver(m), **m.keyed()},
    "answerInvitation": lambda m: (
        m.row("CP") | {"state": m.random.choice(list(ANSWERS))} | m.maybe(representative=m.text)
    ),
    "attachToConsultation": lambda m: {"consultationId": m.id("CO"), **_about(m), **m.keyed()},
    "addResolution": lambda m: {
        "consultationId": m.id("CO"),
        "title": m.text(),
        "dueOn": m.day(),
        **_receiver(m),
        **m.keyed(),
    },
    "advanceResolution": lambda m: m.row("RS") | {"state": m.random.choice(list(TASKS))} | m.maybe(outcome=m.text),
}
WEIGHTS = {"callConsultation": 5, "inviteParticipant": 6, "addResolution": 4}
DONE = {"callConsultation", "inviteParticipant", "addResolution"}

OVER = "UPDATE consultation SET state = 'CLOSED', closed_on = '2024-01-01' WHERE id = {CO1}"
SETTLED = "UPDATE resolution SET state = 'CANCELLED' WHERE id = {RS1}"
CLOSED = "UPDATE community SET closed_on = '2024-01-01' WHERE id = {C1}"
STATES = [
    ("callConsultation", CLOSED, "S", "CLOSED", "INVALID"),
    *(
        (mutation, OVER, "S", "WRONG_STATE", "WRONG_STATE")
        for mutation in (
            *("updateConsultation", "advanceConsultation", "inviteParticipant", "answerInvitation"),
            *("attachToConsultation", "addResolution"),
        )
    ),
    ("advanceResolution", SETTLED, "S", "WRONG_STATE", "WRONG_STATE"),
]

SHARED = """
SELECT p.to_place_id, told.noun, told.row_id, c.id
  FROM consultation c JOIN consultation_participant p ON p.consultation_id = c.id
 CROSS JOIN LATERAL (
   SELECT 'consultation' AS noun, c.id AS row_id
    UNION SELECT 'client', a.client_id FROM consultation_attachment a WHERE a.consultation_id = c.id
    UNION SELECT 'survey', a.survey_id FROM consultation_attachment a WHERE a.consultation_id = c.id
    UNION SELECT 'referral', a.referral_id FROM consultation_attachment a WHERE a.consultation_id = c.id) AS told
 WHERE c.state IN ('CALLED', 'HELD') AND told.row_id IS NOT NULL
"""
SHARING = "SELECT place_id, noun, row_id, consultation_id FROM sharing WHERE consultation_id IS NOT NULL"
INVARIANTS = {
    "a consultation shares itself and what is attached with its guests while it is open, and nothing else": f"""
        (({SHARED}) EXCEPT ALL ({SHARING})) UNION ALL (({SHARING}) EXCEPT ALL ({SHARED}))""",
    "a place is invited to a consultation once, and not to its own": """
        SELECT min(id) FROM consultation_participant
         GROUP BY consultation_id, to_place_id HAVING count(*) > 1 OR bool_or(place_id = to_place_id)""",
    "an attachment is one row": """
        SELECT id FROM consultation_attachment WHERE num_nonnulls(client_id, survey_id, referral_id) <> 1""",
    "a consultation that was held has minutes": """
        SELECT id FROM consultation WHERE state IN ('HELD', 'CLOSED') AND minutes IS NULL""",
    "a consultation has a last day once it is over": """
        SELECT id FROM consultation WHERE (closed_on IS NULL) <> (state IN ('CALLED', 'HELD'))""",
    "a resolution has the day on which it was done": """
        SELECT id FROM resolution WHERE (done_on IS NULL) = (state = 'DONE')""",
    "what belongs to a consultation is where it is": """
        SELECT p.id FROM (SELECT id, consultation_id, place_id, path FROM consultation_participant
                          UNION ALL SELECT id, consultation_id, place_id, path FROM consultation_attachment
                          UNION ALL SELECT id, consultation_id, place_id, path FROM resolution) p
          LEFT JOIN consultation c ON c.id = p.consultation_id
         WHERE (p.place_id, p.path) IS DISTINCT FROM (c.place_id, c.path)""",
}
BREAKS = {
    "a consultation shares itself and what is attached with its guests while it is open, and nothing else": (
        "DELETE FROM sharing WHERE consultation_id = {CO1}"
    ),
    "a place is invited to a consultation once, and not to its own": (
        "UPDATE consultation_participant SET (to_place_id, to_path, to_station_id, to_county_id)"
        " = (place_id, path, station_id, county_id) WHERE id = {CP1}"
    ),
    "an attachment is one row": "UPDATE consultation_attachment SET client_id = NULL WHERE id = {CA1}",
    "a consultation that was held has minutes": "UPDATE consultation SET state = 'HELD' WHERE id = {CO1}",
    "a consultation has a last day once it is over": (
        "UPDATE consultation SET closed_on = '2024-01-01' WHERE id = {CO1}"
    ),
    "a resolution has the day on which it was done": "UPDATE resolution SET state = 'DONE' WHERE id = {RS1}",
    "what belongs to a consultation is where it is": (
        "UPDATE resolution SET (place_id, path, station_id, county_id)"
        " = (to_place_id, to_path, to_station_id, to_county_id) WHERE id = {RS1}"
    ),
}


async def plant(p: Planting) -> None:
    """A consultation of C1 to which C2 is invited, with a client attached and something for C2 to do."""
    consultation = await p.add(
        "CO1", "consultation", "C1", from_name="召集村", issue="独居老人", meets_on=date(2021, 6, 1)
    )
    await p.add("CP1", "consultation_participant", "C1", **p.to("C2"), consultation_id=consultation, to_name="某村")
    about = {"kind": "PERSON", "name": "某户", "household_size": 1, "registered_on": date(2021, 5, 1)}
    client = await p.add("", "client", "C1", **about)
    await p.add("CA1", "consultation_attachment", "C1", consultation_id=consultation, client_id=client)
    task = {"title": "上门探访", "from_name": "召集村", "to_name": "某村", "due_on": date(2035, 1, 1)}
    await p.add("RS1", "resolution", "C1", **p.to("C2"), consultation_id=consultation, **task)
