"""Responsibility targets, and calls for volunteers with their sign-ups."""

from datetime import date, timedelta, timezone
from decimal import Decimal
from typing import Any

from tests.nouns.base import Act, Case, Noun, Planting, at_closed, change, one, paged

Row = dict[str, Any]

NOUNS = [
    Noun(
        "Target",
        "target",
        "TG",
        many="targets",
        below=("Station", "Community", "Grid"),
        single="target",
        dates=frozenset({"begins_on", "ends_on"}),
        numbers=frozenset({"amount"}),
        common=frozenset({"indicator"}),
    ),
    Noun(
        "VolunteerCall",
        "volunteer_call",
        "VC",
        many="volunteerCalls",
        single="volunteerCall",
        dates=frozenset({"needed_on"}),
        numbers=frozenset({"needed"}),
        common=frozenset({"state"}),
        leaves=True,
    ),
    Noun("SignUp", "sign_up", "VS", common=frozenset({"state"}), leaves=True),
]
POLICIES = {("in_sight", "sign_up")}

# -- reading -------------------------------------------------------------------------------------------------------

CHINA = timezone(timedelta(hours=8))
CALLS = {"OPEN": ["FULFILLED", "CANCELLED"], "FULFILLED": [], "CANCELLED": []}
OFFERS = {"SIGNED_UP": ["ATTENDED", "ABSENT", "WITHDRAWN"], "ATTENDED": [], "ABSENT": [], "WITHDRAWN": ["SIGNED_UP"]}


def actual(view: Any, target: Row, _: Any) -> int:
    """What was recorded at a target's place and below it in its period."""

    def counts(day: date, path: str) -> bool:
        return path.startswith(target["path"]) and target["begins_on"] <= day <= target["ends_on"]

    records = [
        record
        for record in view.rows["service_record"]
        if record["state"] == "VALID" and counts(record["served_on"], record["path"])
    ]
    match target["indicator"]:
        case "SERVICE_RECORDS":
            return len(records)
        case "SERVICE_CONTACTS":
            return sum(record["contacts"] for record in records)
        case "CLIENTS_SERVED":
            return len({record["client_id"] for record in records} - {None})
        case "SURVEYS":
            return sum(counts(survey["surveyed_on"], survey["path"]) for survey in view.rows["survey"])
        case "REFERRALS_COMPLETED":
            done = [referral for referral in view.rows["referral"] if referral["state"] == "DONE"]
            return sum(counts(row["closed_at"].astimezone(CHINA).date(), row["to_path"]) for row in done)
    calls = view.by_id["volunteer_call"]
    came = [offer for offer in view.rows["sign_up"] if offer["state"] == "ATTENDED"]
    hours = [offer["hours"] for offer in came if counts(calls[offer["call_id"]]["needed_on"], offer["path"])]
    return int(sum(hours))


def reached(view: Any, target: Row, _: Any) -> bool:
    """Whether that is as much as was asked for."""
    return actual(view, target, None) >= int(target["amount"])


def chain(view: Any, target: Row, _: Any) -> list[Row]:
    """The targets above of the same indicator whose periods overlap, the nearest first."""
    found: list[Row] = []
    for step in reversed(target["path"].split(".")[:-2]):
        above = [
            other
            for other in view.find("target", "place_id", int(step))
            if other["indicator"] == target["indicator"] and other["withdrawn_on"] is None
            if other["begins_on"] <= target["ends_on"] and other["ends_on"] >= target["begins_on"]
        ]
        found += sorted(above, key=lambda other: (other["begins_on"], other["id"]))
    return found


def of_link(view: Any, place: Row, arguments: Row) -> list[Row]:
    """The targets of a place that hold on a day."""
    on = view.today.day if arguments.get("on") is None else date.fromisoformat(arguments["on"])
    targets = [target for target in view.find("target", "place_id", place["id"]) if target["withdrawn_on"] is None]
    holding = [target for target in targets if target["begins_on"] <= on <= target["ends_on"]]
    return sorted(holding, key=lambda target: (target["begins_on"], target["id"]))


def matches(view: Any, call: Row, arguments: Row) -> Any:
    """The volunteers who could come to a call."""
    steps = call["path"].split(".")
    station = "".join(f"{step}." for step in steps[: steps.index(str(call["station_id"])) + 1])
    offers = view.find("sign_up", "call_id", call["id"])
    busy = {offer["person_id"] for offer in offers if offer["state"] != "WITHDRAWN"}
    able = {held["person_id"] for held in view.rows["person_skill"] if held["skill_id"] == call["skill_id"]}
    people = [
        person
        for person in view.rows["person"]
        if person["kind"] == "VOLUNTEER" and person["retired_on"] is None and person["id"] not in busy
        if view.covers(person) and person["path"].startswith(station)
        if call["skill_id"] is None or person["id"] in able
    ]
    return view.pages_of("person", people, arguments)


def hours(view: Any, person: Row, _: Any) -> str:
    """The hours that a person gave."""
    came = [offer for offer in view.find("sign_up", "person_id", person["id"]) if offer["state"] == "ATTENDED"]
    return str(sum((offer["hours"] for offer in came), Decimal("0.00")))


def in_skill(view: Any, call: Row, operator: str, value: Any) -> bool:
    """The filter `skill`."""
    if call["skill_id"] is None:
        return False
    code = view.by_id["skill"][call["skill_id"]]["code"]
    if operator == "startsWith":
        return bool(code.startswith(value))
    return bool(code in value if operator == "in" else code == value)


FIELDS = {
    ("Target", "actual"): actual,
    ("Target", "reached"): reached,
    ("Target", "chain"): chain,
    ("ResponsibilityLink", "targets"): of_link,
    ("Person", "volunteerHours"): hours,
    ("VolunteerCall", "skill"): one("skill", "skill_id"),
    ("VolunteerCall", "signUps"): paged("sign_up", "call_id"),
    ("VolunteerCall", "matches"): matches,
    ("VolunteerCall", "nextStates"): lambda _, call, __: CALLS[call["state"]],
    ("SignUp", "nextStates"): lambda _, offer, __: OFFERS[offer["state"]],
    ("SignUp", "call"): one("volunteer_call", "call_id"),
    ("SignUp", "person"): one("person", "person_id"),
}
FILTERS = {
    ("Target", "withdrawn"): lambda _, target, __, value: (target["withdrawn_on"] is not None) == value,
    ("VolunteerCall", "skill"): in_skill,
}


def at_withdrawn(_: Any, target: Row) -> str | None:
    """ENDED if it was withdrawn."""
    return "ENDED" if target["withdrawn_on"] is not None else None


def at_ended(_: Any, call: Row) -> str | None:
    """WRONG_STATE if nobody is looked for any more."""
    return "WRONG_STATE" if call["state"] != "OPEN" else None


def at_settled(_: Any, offer: Row) -> str | None:
    """WRONG_STATE if it was noted whether they came."""
    return "WRONG_STATE" if offer["state"] in ("ATTENDED", "ABSENT") else None


ACTIONS = {
    "CREATE_TARGET": Act("place", "target:write", at_closed),
    "UPDATE_TARGET": Act("target", "target:write", at_withdrawn),
    "WITHDRAW_TARGET": Act("target", "target:write", at_withdrawn),
    "CREATE_VOLUNTEER_CALL": Act("place", "volunteer:write", at_closed),
    "UPDATE_VOLUNTEER_CALL": Act("volunteer_call", "volunteer:write", at_ended),
    "ADVANCE_VOLUNTEER_CALL": Act("volunteer_call", "volunteer:write", at_ended),
    "SIGN_UP_VOLUNTEER": Act("volunteer_call", "volunteer:write", at_ended),
    "SETTLE_SIGN_UP": Act("sign_up", "volunteer:write", at_settled),
}
CAN = {
    "Target": {"update": "UPDATE_TARGET", "withdraw": "WITHDRAW_TARGET"},
    "VolunteerCall": {
        "update": "UPDATE_VOLUNTEER_CALL",
        "advance": "ADVANCE_VOLUNTEER_CALL",
        "signUp": "SIGN_UP_VOLUNTEER",
    },
    "SignUp": {"settle": "SETTLE_SIGN_UP"},
}

# -- writing -------------------------------------------------------------------------------------------------------

YEAR = {"beginsOn": "2022-01-01", "endsOn": "2022-12-31"}
CASES = {
    "createTarget": Case(lambda z: {"placeId": z["C1"], "indicator": "SURVEYS", **YEAR, "amount": 10}),
    "updateTarget": Case(lambda z: {"id": z["TG1"], "version": 1, "amount": 20}),
    "withdrawTarget": Case(lambda z: {"id": z["TG1"], "version": 1}),
    "createVolunteerCall": Case(
        lambda z: {"placeId": z["C1"], "title": "修灯", "skill": "one", "neededOn": "2035-05-01", "needed": 2}
    ),
    "updateVolunteerCall": Case(lambda z: {"id": z["VC1"], "version": 1, "title": "修水管"}),
    "advanceVolunteerCall": Case(lambda z: {"id": z["VC1"], "version": 1, "state": "CANCELLED"}),
    "signUpVolunteer": Case(lambda z: {"callId": z["VC1"], "personId": z["P4"]}),
    "settleSignUp": Case(lambda z: {"id": z["VS1"], "version": 1, "state": "ATTENDED", "hours": "2.50"}),
}

INDICATORS = [
    *("SERVICE_RECORDS", "SERVICE_CONTACTS", "CLIENTS_SERVED", "SURVEYS", "REFERRALS_COMPLETED"),
    "VOLUNTEER_HOURS",
]
HOURS = ["0.50", "2.5", "24", "24.01", "0", "-1", "1.005", "NaN"]


def _skill(m: Any) -> str | None:
    found: str | None = m.random.choice(["one", None, None, "none"])
    return found


MAKE = {
    "createTarget": lambda m: {
        "placeId": m.id("S", "C", "G"),
        "indicator": m.random.choice(INDICATORS),
        "beginsOn": m.day(),
        "endsOn": m.day(),
        "amount": m.number(),
        **m.keyed(),
    },
    "updateTarget": lambda m: m.row("TG") | {"amount": m.number()},
    "withdrawTarget": lambda m: m.row("TG"),
    "createVolunteerCall": lambda m: {
        "placeId": m.id("S", "C", "C", "G"),
        "title": m.text(),
        "neededOn": m.day(),
        "needed": m.random.choice([1, 2, m.number()]),
        **m.maybe(skill=lambda: _skill(m)),
        **m.keyed(),
    },
    "updateVolunteerCall": lambda m: (
        change("VC", title="text", neededOn="day", needed="number")(m) | m.maybe(skill=lambda: _skill(m))
    ),
    "advanceVolunteerCall": lambda m: m.row("VC") | {"state": m.random.choice(list(CALLS))},
    "signUpVolunteer": lambda m: {"callId": m.id("VC"), "personId": m.id("P"), **m.keyed()},
    "settleSignUp": lambda m: (
        m.row("VS") | {"state": m.random.choice(list(OFFERS))} | m.maybe(hours=lambda: m.random.choice(HOURS))
    ),
}
WEIGHTS = {"signUpVolunteer": 4, "advanceVolunteerCall": 1}
DONE = {"createTarget", "createVolunteerCall", "signUpVolunteer"}

COLUMNS = "place_id, path, station_id, county_id"
ENDED = "UPDATE volunteer_call SET state = 'FULFILLED' WHERE id = {VC1}"
WITHDRAWN = "UPDATE target SET withdrawn_on = '2024-01-01' WHERE id = {TG1}"
STATES = [
    ("updateTarget", WITHDRAWN, "S", "ENDED", "INVALID"),
    ("withdrawTarget", WITHDRAWN, "S", "ENDED", "INVALID"),
    ("updateVolunteerCall", ENDED, "S", "WRONG_STATE", "WRONG_STATE"),
    ("advanceVolunteerCall", ENDED, "S", "WRONG_STATE", "WRONG_STATE"),
    ("signUpVolunteer", ENDED, "S", "WRONG_STATE", "WRONG_STATE"),
    ("settleSignUp", "UPDATE sign_up SET state = 'ABSENT' WHERE id = {VS1}", "S", "WRONG_STATE", "WRONG_STATE"),
]
INVARIANTS = {
    "a place has one target of an indicator for a period": """
        SELECT min(id) FROM target WHERE withdrawn_on IS NULL
         GROUP BY place_id, indicator, begins_on, ends_on HAVING count(*) > 1""",
    "no more have signed up for a call than it needs": """
        SELECT c.id FROM volunteer_call c JOIN sign_up s ON s.call_id = c.id AND s.state <> 'WITHDRAWN'
         GROUP BY c.id HAVING count(*) > c.needed""",
    "a volunteer signs up for a call once": """
        SELECT min(id) FROM sign_up GROUP BY call_id, person_id HAVING count(*) > 1""",
    "who came gave hours, and nobody else did": """
        SELECT id FROM sign_up
         WHERE (state = 'ATTENDED') <> (hours IS NOT NULL) OR hours NOT BETWEEN 0.01 AND 24""",
    "nobody is to come to a call that was cancelled": """
        SELECT s.id FROM sign_up s JOIN volunteer_call c ON c.id = s.call_id
         WHERE c.state = 'CANCELLED' AND s.state = 'SIGNED_UP'""",
    "nobody has come before the day": """
        SELECT s.id FROM sign_up s JOIN volunteer_call c ON c.id = s.call_id
         WHERE s.state = 'ATTENDED' AND c.needed_on > (now() AT TIME ZONE 'Asia/Shanghai')::date""",
    "a sign-up is where its call is": """
        SELECT s.id FROM sign_up s LEFT JOIN volunteer_call c ON c.id = s.call_id
         WHERE (s.place_id, s.path) IS DISTINCT FROM (c.place_id, c.path)""",
}
BREAKS = {
    "a place has one target of an indicator for a period": (
        "DROP INDEX uq_target_place_id_indicator_begins_on;"
        f" INSERT INTO target ({COLUMNS}, indicator, begins_on, ends_on, amount)"
        f" SELECT {COLUMNS}, indicator, begins_on, ends_on, 1 FROM target WHERE id = {{TG1}}"
    ),
    "no more have signed up for a call than it needs": "UPDATE volunteer_call SET needed = 0 WHERE id = {VC1}",
    "a volunteer signs up for a call once": (
        "ALTER TABLE sign_up DROP CONSTRAINT sign_up_call_id_person_id_key;"
        f" INSERT INTO sign_up ({COLUMNS}, call_id, person_id) SELECT {COLUMNS}, call_id, person_id FROM sign_up"
        " WHERE id = {VS1}"
    ),
    "who came gave hours, and nobody else did": "UPDATE sign_up SET hours = 2 WHERE id = {VS1}",
    "nobody is to come to a call that was cancelled": (
        "UPDATE volunteer_call SET state = 'CANCELLED' WHERE id = {VC1}"
    ),
    "nobody has come before the day": (
        "UPDATE volunteer_call SET needed_on = '2199-01-01' WHERE id = {VC1};"
        " UPDATE sign_up SET state = 'ATTENDED', hours = 1 WHERE id = {VS1}"
    ),
    "a sign-up is where its call is": "UPDATE volunteer_call SET path = '9.' WHERE id = {VC1}",
}


async def plant(p: Planting) -> None:
    """A target, and a call with a sign-up, of C1."""
    period = {"begins_on": date(2021, 1, 1), "ends_on": date(2021, 12, 31)}
    await p.add("TG1", "target", "C1", indicator="SERVICE_RECORDS", **period, amount=10)
    call = await p.add("VC1", "volunteer_call", "C1", title="修灯", needed_on=date(2021, 6, 1), needed=5)
    await p.add("VS1", "sign_up", "C1", call_id=call, person_id=p.key("P3"))
