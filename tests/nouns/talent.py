"""The talent home: training events, attendances, exam results, awards and their budgets."""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.nouns.base import Act, Case, Noun, Planting, Row, at_closed, change, many, paged

LEVELS = ["ASSISTANT", "INTERMEDIATE", "SENIOR"]

NOUNS = [
    Noun(
        "TrainingEvent",
        "training_event",
        "TE",
        many="trainingEvents",
        single="trainingEvent",
        order=("-held_on", "-id"),
        dates=frozenset({"held_on"}),
        refs={"venue": "VE"},
        hidden=frozenset({"speaker"}),
        common=frozenset({"kind", "state"}),
    ),
    Noun("Attendance", "attendance", "TA", refs={"event": "TE", "person": "P"}, common=frozenset({"state"})),
    Noun(
        "ExamResult",
        "exam_result",
        "EX",
        many="examResults",
        single="examResult",
        numbers=frozenset({"year"}),
        refs={"person": "P"},
        common=frozenset({"level"}),
        leaves=True,
    ),
    Noun(
        "AwardBudget",
        "award_budget",
        "AB",
        many="awardBudgets",
        single="awardBudget",
        numbers=frozenset({"year"}),
        frozen=1,
    ),
    Noun(
        "Award",
        "award",
        "AW",
        many="awards",
        single="award",
        dates=frozenset({"granted_on"}),
        numbers=frozenset({"year"}),
        refs={"person": "P", "budget": "AB"},
        common=frozenset({"level", "state"}),
        leaves=True,
    ),
]

NEXT = {
    "training_event": {"PLANNED": ["HELD", "CANCELLED"]},
    "attendance": {"REGISTERED": ["ATTENDED", "ABSENT"], "ATTENDED": ["ABSENT"], "ABSENT": ["ATTENDED"]},
    "award": {"GRANTED": ["PAID", "REVOKED"]},
}


def _next(table: str) -> Any:
    return lambda _, row, __: NEXT[table].get(row["state"], [])


def _attended(view: Any, event: Row, _: Any) -> int:
    return sum(row["state"] == "ATTENDED" for row in view.find("attendance", "event_id", event["id"]))


FIELDS = {
    ("TrainingEvent", "nextStates"): _next("training_event"),
    ("TrainingEvent", "attendances"): paged("attendance", "event_id"),
    ("TrainingEvent", "attended"): _attended,
    ("Attendance", "nextStates"): _next("attendance"),
    ("AwardBudget", "left"): lambda _, row, __: str(row["amount"] - row["spent"]),
    ("AwardBudget", "awards"): paged("award", "budget_id"),
    ("Award", "nextStates"): _next("award"),
    ("Person", "examResults"): many("exam_result", "person_id", "year", "id"),
    ("Person", "awards"): many("award", "person_id", "granted_on", "id"),
    ("Person", "attendances"): many("attendance", "person_id"),
}


def _planned(_: Any, event: Row) -> str | None:
    return None if event["state"] == "PLANNED" else "WRONG_STATE"


def _has_room(view: Any, event: Row) -> str | None:
    full = event["capacity"] is not None and len(view.find("attendance", "event_id", event["id"])) >= event["capacity"]
    return "WRONG_STATE" if full else _planned(view, event)


def _held(view: Any, attendance: Row) -> str | None:
    event = view.by_id["training_event"][attendance["event_id"]]
    return None if event["state"] == "HELD" else "WRONG_STATE"


ACTIONS = {
    "CREATE_TRAINING_EVENT": Act("place", "talent:write", at_closed),
    "UPDATE_TRAINING_EVENT": Act("training_event", "talent:write", _planned),
    "ADVANCE_TRAINING_EVENT": Act("training_event", "talent:write", _planned),
    "REGISTER_ATTENDANCE": Act("training_event", "talent:write", _has_room),
    "SETTLE_ATTENDANCE": Act("attendance", "talent:write", _held),
    "RECORD_EXAM_RESULT": Act("person", "talent:write"),
    "UPDATE_EXAM_RESULT": Act("exam_result", "talent:write"),
    "CREATE_AWARD_BUDGET": Act("place", "budget:write", at_closed),
    "UPDATE_AWARD_BUDGET": Act("award_budget", "budget:write"),
    "GRANT_AWARD": Act("person", "award:write"),
    "SETTLE_AWARD": Act("award", "award:write", lambda _, row: None if row["state"] == "GRANTED" else "WRONG_STATE"),
}
CAN = {
    "TrainingEvent": {
        "update": "UPDATE_TRAINING_EVENT",
        "advance": "ADVANCE_TRAINING_EVENT",
        "register": "REGISTER_ATTENDANCE",
    },
    "Attendance": {"settle": "SETTLE_ATTENDANCE"},
    "ExamResult": {"update": "UPDATE_EXAM_RESULT"},
    "AwardBudget": {"update": "UPDATE_AWARD_BUDGET"},
    "Award": {"settle": "SETTLE_AWARD"},
}

CASES = {
    "createTrainingEvent": Case(
        lambda z: {
            "placeId": z["C1"],
            "kind": "LECTURE",
            "title": "新讲座",
            "heldOn": "2024-01-01",
            "speaker": "某先生",
            "venueId": z["VE1"],
            "capacity": 30,
        }
    ),
    "updateTrainingEvent": Case(lambda z: {"id": z["TE1"], "version": 1, "title": "改题", "venueId": z["VE1"]}),
    "advanceTrainingEvent": Case(lambda z: {"id": z["TE1"], "version": 1, "state": "HELD"}),
    "registerAttendance": Case(lambda z: {"eventId": z["TE1"], "personId": z["P4"]}),
    "settleAttendance": Case(lambda z: {"id": z["TA1"], "version": 1, "state": "ATTENDED"}),
    "recordExamResult": Case(lambda z: {"personId": z["P2"], "level": "INTERMEDIATE", "year": 2023, "passed": False}),
    "updateExamResult": Case(lambda z: {"id": z["EX1"], "version": 1, "passed": False}),
    "createAwardBudget": Case(lambda z: {"placeId": z["C1"], "year": 2022, "amount": "1000.50"}),
    "updateAwardBudget": Case(lambda z: {"id": z["AB1"], "version": 1, "amount": "900"}),
    "grantAward": Case(
        lambda z: {
            "personId": z["P2"],
            "level": "ASSISTANT",
            "budgetId": z["AB1"],
            "amount": "300.00",
            "grantedOn": "2024-01-01",
        }
    ),
    "settleAward": Case(lambda z: {"id": z["AW1"], "version": 1, "state": "PAID"}),
}


def _amount(m: Any) -> str:
    return str(m.random.choice(["0.01", "100", "250.50", "400", "1e3", "-1", "0", "1.001", "NaN", "1e400", "Infinity"]))


def _event(m: Any) -> dict[str, Any]:
    return dict(m.maybe(speaker=m.text, venueId=lambda: m.id("VE"), capacity=m.number))


MAKE = {
    "createTrainingEvent": lambda m: {
        "placeId": m.id("S", "C"),
        "kind": m.random.choice(["LECTURE", "SALON"]),
        "title": m.text(),
        "heldOn": m.day(),
        **_event(m),
        **m.keyed(),
    },
    "updateTrainingEvent": change("TE", title="text", heldOn="day", capacity="number", speaker="text"),
    "advanceTrainingEvent": lambda m: m.row("TE") | {"state": m.random.choice(["PLANNED", "HELD", "CANCELLED"])},
    "registerAttendance": lambda m: {"eventId": m.id("TE"), "personId": m.id("P"), **m.keyed()},
    "settleAttendance": lambda m: m.row("TA") | {"state": m.random.choice(["REGISTERED", "ATTENDED", "ABSENT"])},
    "recordExamResult": lambda m: {
        "personId": m.id("P"),
        "level": m.random.choice(LEVELS),
        "year": m.random.randint(2018, 2030),
        "passed": m.random.random() < 0.5,
        **m.keyed(),
    },
    "updateExamResult": lambda m: (
        m.row("EX") | m.maybe(year=lambda: m.random.randint(1890, 2024), level=lambda: m.random.choice(LEVELS))
    ),
    "createAwardBudget": lambda m: {
        "placeId": m.id("S", "C"),
        "year": m.random.randint(2015, 2024),
        "amount": _amount(m),
        **m.keyed(),
    },
    "updateAwardBudget": lambda m: m.row("AB") | {"amount": _amount(m)},
    "grantAward": lambda m: {
        "personId": m.id("P"),
        "level": m.random.choice(LEVELS),
        "budgetId": m.id("AB"),
        "amount": _amount(m),
        "grantedOn": m.day(),
        **m.keyed(),
    },
    "settleAward": lambda m: m.row("AW") | {"state": m.random.choice(["GRANTED", "PAID", "REVOKED"])},
}
DONE = {"createTrainingEvent", "recordExamResult", "createAwardBudget"}

STATES = [
    *(
        (name, "UPDATE community SET closed_on = '2024-01-01' WHERE id = {C1}", "S", "CLOSED", "INVALID")
        for name in ("createTrainingEvent", "createAwardBudget")
    ),
    *(
        (name, "UPDATE training_event SET state = 'CANCELLED' WHERE id = {TE1}", "S", "WRONG_STATE", "WRONG_STATE")
        for name in ("updateTrainingEvent", "advanceTrainingEvent", "registerAttendance")
    ),
    (
        "registerAttendance",
        "UPDATE training_event SET capacity = 1 WHERE id = {TE1}",
        "S",
        "WRONG_STATE",
        "WRONG_STATE",
    ),
    (
        "settleAttendance",
        "UPDATE training_event SET state = 'PLANNED' WHERE id = {TE2}",
        "S",
        "WRONG_STATE",
        "WRONG_STATE",
    ),
    *(
        ("settleAward", f"UPDATE award SET state = '{state}' WHERE id = {{AW1}}", "S", "WRONG_STATE", "WRONG_STATE")
        for state in ("PAID", "REVOKED")
    ),
]

INVARIANTS = {
    "what a budget has spent is what its awards come to": """
        SELECT b.id FROM award_budget b
         WHERE b.spent > b.amount OR b.spent <> (SELECT COALESCE(sum(a.amount), 0) FROM award a
                                                  WHERE a.budget_id = b.id AND a.state <> 'REVOKED')""",
    "a person has one award for each level": """
        SELECT person_id FROM award WHERE state <> 'REVOKED' GROUP BY person_id, level HAVING count(*) > 1""",
    "exam results and awards are where the person is": """
        SELECT r.id FROM (SELECT id, person_id, path FROM exam_result UNION ALL SELECT id, person_id, path FROM award) r
          JOIN person p ON p.id = r.person_id WHERE r.path <> p.path""",
    "no event has more attendances than room": """
        SELECT e.id FROM training_event e
         WHERE (SELECT count(*) FROM attendance a WHERE a.event_id = e.id) > e.capacity""",
    "nobody came to what was not held": """
        SELECT a.id FROM attendance a JOIN training_event e ON e.id = a.event_id
         WHERE a.state <> 'REGISTERED' AND e.state <> 'HELD'""",
}
BREAKS = {
    "what a budget has spent is what its awards come to": "UPDATE award_budget SET spent = spent + 1 WHERE id = {AB1}",
    "a person has one award for each level": """
        DROP INDEX uq_award_person_id_level;
        INSERT INTO award (place_id, path, station_id, county_id, person_id, budget_id, level, year, amount, granted_on)
        SELECT place_id, path, station_id, county_id, person_id, budget_id, level, year, amount, granted_on
          FROM award WHERE id = {AW1}""",
    "exam results and awards are where the person is": "UPDATE award SET path = '9.' WHERE id = {AW1}",
    "no event has more attendances than room": "UPDATE training_event SET capacity = 1 WHERE id = {TE2}",
    "nobody came to what was not held": "UPDATE training_event SET state = 'CANCELLED' WHERE id = {TE2}",
}
POLICIES = {("definer", "award_budget"), ("in_sight", "attendance"), ("in_sight", "award")}
DEFINERS = {"spend_award"}


async def plant(p: Planting) -> None:
    planned = await p.add(
        "TE1",
        "training_event",
        "C1",
        kind="LECTURE",
        title="讲座",
        held_on=date(2024, 1, 1),
        speaker="甲先生",
        capacity=9,
    )
    held = await p.add(
        "TE2", "training_event", "C1", kind="SALON", title="沙龙", held_on=date(2023, 1, 1), state="HELD"
    )
    await p.add("TA2", "attendance", "C1", event_id=planned, person_id=p.key("P1"))
    await p.add("TA1", "attendance", "C1", event_id=held, person_id=p.key("P1"))
    await p.add("TA3", "attendance", "C1", event_id=held, person_id=p.key("P3"), state="ATTENDED")
    await p.add("EX1", "exam_result", "C1", person_id=p.key("P2"), level="ASSISTANT", year=2020, passed=True)
    budget = await p.add("AB1", "award_budget", "C1", year=2021, amount=Decimal(2000))
    await p.add(
        "AW1",
        "award",
        "C1",
        person_id=p.key("P2"),
        budget_id=budget,
        level="INTERMEDIATE",
        year=2021,
        amount=Decimal("500.50"),
        granted_on=date(2021, 12, 1),
    )
