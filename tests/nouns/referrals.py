"""Referrals."""

from datetime import UTC, date, datetime
from typing import Any

from tests.nouns.base import Act, Against, Case, Noun, Planting, Row, at_receiver, either, one, shared, two_ended

FOLLOWING = {
    "SENT": ["ACCEPTED", "REJECTED", "WITHDRAWN"],
    "ACCEPTED": ["IN_PROGRESS", "DONE", "WITHDRAWN"],
    "IN_PROGRESS": ["DONE", "WITHDRAWN"],
}

NOUNS = [
    Noun(
        "Referral",
        "referral",
        "RF",
        many="referrals",
        single="referral",
        newest=True,
        dates=frozenset({"due_on"}),
        refs={"client": "CL"},
        hidden=frozenset({"reason", "outcome"}),
        common=frozenset({"state", "urgency", "to_path"}),
        sees=either(two_ended, shared("referral")),
    )
]
TABLES = ("sharing",)


def _overdue(view: Any, row: Row) -> bool:
    return row["state"] in FOLLOWING and bool(row["due_on"] < view.today.day)


def _goes(view: Any, row: Row, value: str) -> bool:
    return at_receiver(view, row) if value == "INCOMING" else bool(view.covers(row))


FIELDS = {
    ("Referral", "from"): lambda view, row, _: view.place(row["place_id"]),
    ("Referral", "to"): lambda view, row, _: view.place(row["to_place_id"]),
    ("Referral", "escalatedTo"): lambda view, row, _: view.place(row["escalated_to_id"]),
    ("Referral", "survey"): one("survey", "survey_id"),
    ("Referral", "agency"): one("agency", "agency_id"),
    ("Referral", "assignee"): one("person", "assignee_id"),
    ("Referral", "nextStates"): lambda _, row, __: FOLLOWING.get(row["state"], []),
    ("Referral", "overdue"): lambda view, row, _: _overdue(view, row),
    ("Client", "referrals"): lambda view, row, arguments: view.pages_of(
        "referral", view.find("referral", "client_id", row["id"]), arguments
    ),
}
FILTERS = {
    ("Referral", "overdue"): lambda view, row, _, value: _overdue(view, row) == value,
    ("Referral", "direction"): lambda view, row, _, value: _goes(view, row, value),
}


def _unless(*states: str) -> Against:
    return lambda _, row: None if row["state"] in states else "WRONG_STATE"


def _unfit(_: Any, client: Row) -> str | None:
    if client["closed_on"] is not None:
        return "CLOSED"
    consents = client["consent_on"] is not None and client["consent_withdrawn_on"] is None
    return None if consents else "WRONG_STATE"


WRITE = "referral:write"
ACTIONS = {
    "SEND_REFERRAL": Act("client", WRITE, _unfit, lambda *_: True),
    "ACCEPT_REFERRAL": Act("referral", WRITE, _unless("SENT"), at_receiver),
    "REJECT_REFERRAL": Act("referral", WRITE, _unless("SENT"), at_receiver),
    "START_REFERRAL": Act("referral", WRITE, _unless("ACCEPTED"), at_receiver),
    "COMPLETE_REFERRAL": Act("referral", WRITE, _unless("ACCEPTED", "IN_PROGRESS"), at_receiver),
    "WITHDRAW_REFERRAL": Act("referral", WRITE, _unless("SENT", "ACCEPTED", "IN_PROGRESS")),
}
CAN = {
    "Referral": {
        "accept": "ACCEPT_REFERRAL",
        "reject": "REJECT_REFERRAL",
        "start": "START_REFERRAL",
        "complete": "COMPLETE_REFERRAL",
        "withdraw": "WITHDRAW_REFERRAL",
    }
}

CASES = {
    "sendReferral": Case(
        lambda z: {
            "clientId": z["CL8"],
            "placeId": z["G1"],
            "toId": z["C2"],
            "surveyId": z["SU8"],
            "reason": "需要上门照护",
            "urgency": "HIGH",
        }
    ),
    "acceptReferral": Case(lambda z: {"id": z["RF1"], "version": 1, "assigneeId": z["P5"]}),
    "rejectReferral": Case(lambda z: {"id": z["RF1"], "version": 1, "reason": "不属于本村居"}),
    "startReferral": Case(lambda z: {"id": z["RF2"], "version": 1}),
    "completeReferral": Case(lambda z: {"id": z["RF2"], "version": 1, "outcome": "已上门"}),
    "withdrawReferral": Case(lambda z: {"id": z["RF1"], "version": 1, "reason": "已自行解决"}),
}

MAKE = {
    "sendReferral": lambda m: {
        "clientId": m.id("CL"),
        "reason": m.text(),
        "urgency": m.random.choice(["LOW", "NORMAL", "HIGH", "URGENT"]),
        **m.random.choice([{}, {"toId": m.id("S", "C", "G")}, {"agencyId": m.id("AG")}, {"toCode": m.code()}]),
        **m.maybe(placeId=lambda: m.id("S", "C", "G"), surveyId=lambda: m.id("SU"), dueInWorkingDays=m.number),
        **m.keyed(),
    },
    "acceptReferral": lambda m: m.row("RF") | m.maybe(assigneeId=lambda: m.id("P")),
    "rejectReferral": lambda m: m.row("RF") | {"reason": m.text()},
    "startReferral": lambda m: m.row("RF"),
    "completeReferral": lambda m: m.row("RF") | {"outcome": m.text()},
    "withdrawReferral": lambda m: m.row("RF") | {"reason": m.text()},
}
WEIGHTS = {"sendReferral": 6, "acceptReferral": 6}
DONE = {"sendReferral", "acceptReferral"}

CLOSED = "UPDATE client SET closed_on = '2024-01-01' WHERE id = {CL8}"
WITHDRAWN = "UPDATE client SET consent_withdrawn_on = '2024-01-01' WHERE id = {CL8}"
ACCEPTED = "UPDATE referral SET state = 'ACCEPTED' WHERE id = {RF1}"
DONE_BEFORE = "UPDATE referral SET state = 'DONE' WHERE id = {RF2}"
STATES = [
    ("sendReferral", CLOSED, "S", "CLOSED", "INVALID"),
    ("sendReferral", WITHDRAWN, "S", "WRONG_STATE", "INVALID"),
    ("acceptReferral", ACCEPTED, "S", "WRONG_STATE", "WRONG_STATE"),
    ("rejectReferral", ACCEPTED, "S", "WRONG_STATE", "WRONG_STATE"),
    ("startReferral", DONE_BEFORE, "S", "WRONG_STATE", "WRONG_STATE"),
    ("completeReferral", DONE_BEFORE, "S", "WRONG_STATE", "WRONG_STATE"),
    ("withdrawReferral", ACCEPTED.replace("ACCEPTED", "REJECTED"), "S", "WRONG_STATE", "WRONG_STATE"),
]

SHOWING = "('ACCEPTED', 'IN_PROGRESS', 'DONE')"
SETTLED = "('DONE', 'REJECTED', 'WITHDRAWN')"
INVARIANTS = {
    "a referral shows client and survey to its receiver from the acceptance on, and nothing else": f"""
        WITH due AS (
          SELECT r.id, told.noun, told.row_id, r.to_place_id
            FROM referral r, LATERAL (VALUES ('client', r.client_id), ('survey', r.survey_id)) AS told (noun, row_id)
           WHERE r.state IN {SHOWING} AND told.row_id IS NOT NULL)
        SELECT due.id, s.id FROM due FULL JOIN (SELECT * FROM sharing WHERE referral_id IS NOT NULL) s
          ON (s.referral_id, s.noun, s.row_id, s.place_id) = (due.id, due.noun, due.row_id, due.to_place_id)
         WHERE due.id IS NULL OR s.id IS NULL""",
    "a referral's survey is about its client": """
        SELECT r.id FROM referral r JOIN survey s ON s.id = r.survey_id WHERE s.client_id <> r.client_id""",
    "a referral has the times of its state": f"""
        SELECT id FROM referral
         WHERE (closed_at IS NOT NULL) <> (state IN {SETTLED}) OR (accepted_at IS NULL AND state IN {SHOWING})
            OR (state = 'SENT' AND accepted_at IS NOT NULL) OR (outcome IS NOT NULL) <> (state IN {SETTLED})""",
    "a referral has gone up as often as it was taken": """
        SELECT id FROM referral
         WHERE (escalations > 0) <> (escalated_to_id IS NOT NULL AND escalated_at IS NOT NULL)""",
}
BREAKS = {
    "a referral shows client and survey to its receiver from the acceptance on, and nothing else": (
        "DELETE FROM sharing WHERE referral_id = {RF2}"
    ),
    "a referral's survey is about its client": "UPDATE survey SET client_id = {CL9} WHERE id = {SU8}",
    "a referral has the times of its state": "UPDATE referral SET closed_at = now() WHERE id = {RF1}",
    "a referral has gone up as often as it was taken": "UPDATE referral SET escalations = 1 WHERE id = {RF1}",
}
POLICIES = {
    *((policy, "referral") for policy in ("other_end", "at_home", "in_sight", "definer", "definer_update")),
    *(("definer", table) for table in ("station", "community", "grid", "assignment", "agency", "calendar_day")),
    ("definer", "sharing"),
    ("definer_append", "audit_entry"),
}
DEFINERS = {
    "share_referral", "find_receiver", "default_receiver", "overdue_referrals", "escalate_referral", "calendar_of",
}  # fmt: skip

SINCE = date(2024, 1, 1)


async def plant(p: Planting) -> None:
    """A client with a survey, and one without; a referral that waits for its receiver, and an accepted one."""
    client = {"kind": "PERSON", "household_size": 1, "registered_on": SINCE, "consent_on": SINCE}
    key = await p.add("CL8", "client", "C1", name="被转介人", **client)
    await p.add("CL9", "client", "C1", name="另一人", **client)
    survey = await p.add(
        "SU8",
        "survey",
        "C1",
        kind="SURVEY",
        client_id=key,
        surveyor_id=p.key("P1"),
        surveyed_on=SINCE,
        findings="独居，行动不便",
        urgency="HIGH",
    )
    referral = {"client_id": key, "from_name": "来处", "to_name": "去处", "reason": "照护", "urgency": "HIGH"}
    referral |= {"sent_at": datetime(2024, 1, 2, tzinfo=UTC), "due_on": date(2035, 1, 1)}
    await p.add("RF1", "referral", "C1", **p.to("C2"), **referral)
    accepted = {"state": "ACCEPTED", "accepted_at": datetime(2024, 1, 3, tzinfo=UTC)}
    await p.add("RF2", "referral", "C1", **p.to("C2"), **referral, **accepted, survey_id=survey)
