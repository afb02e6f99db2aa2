"""Leading groups with their members, plans and measures; agencies with their ratings."""

from datetime import date
from typing import Any

from tests.nouns.base import Act, Case, Noun, Planting, Row, at_closed, change, fresh, many, overlapping, paged

NOUNS = [
    Noun(
        "LeadingGroup", "leading_group", "LG", many="leadingGroups", single="leadingGroup",
        dates=frozenset({"founded_on"}), leaves=True,
    ),
    Noun(
        "LeadingGroupMember", "leading_group_member", "LM", refs={"group": "LG"}, hidden=frozenset({"name"}),
        leaves=True,
    ),
    Noun(
        "ImplementationPlan", "implementation_plan", "IP", refs={"group": "LG"}, common=frozenset({"state"}),
        leaves=True,
    ),
    Noun(
        "Measure", "measure", "ME", refs={"plan": "IP"}, common=frozenset({"state"}), dates=frozenset({"due_on"}),
        within=False, leaves=True,
    ),
    Noun(
        "Agency", "agency", "AG", many="agencies", single="agency", by_code=True, dates=frozenset({"founded_on"}),
        leaves=True,
    ),
    Noun("AgencyRating", "agency_rating", "RT", refs={"agency": "AG"}, common=frozenset({"grade"}), leaves=True),
]  # fmt: skip

PLANS = {
    "DRAFT": ["ADOPTED", "WITHDRAWN"],
    "ADOPTED": ["COMPLETED", "WITHDRAWN"],
    "COMPLETED": [],
    "WITHDRAWN": [],
}
TASKS = {
    "OPEN": ["IN_PROGRESS", "DONE", "CANCELLED"],
    "IN_PROGRESS": ["DONE", "CANCELLED"],
    "DONE": [],
    "CANCELLED": [],
}


# -- reading -------------------------------------------------------------------------------------------------------


def _members(view: Any, group: Row, arguments: dict[str, Any]) -> list[Row]:
    rows = view.find("leading_group_member", "group_id", group["id"])
    if arguments["current"]:
        rows = [row for row in rows if view.today.covers(row)]
    return sorted(rows, key=lambda row: (row["valid_from"], row["id"]))


def _overdue(view: Any, measure: Row) -> bool:
    return bool(TASKS[measure["state"]] and measure["due_on"] < view.today.day)


def _rating(view: Any, agency: Row) -> Row | None:
    rows = view.find("agency_rating", "agency_id", agency["id"])
    return next((row for row in rows if view.today.covers(row)), None)


def _has_grade(view: Any, agency: Row, operator: str, value: Any) -> bool:
    rating = _rating(view, agency)
    has = rating is not None and rating["grade"] in (value if isinstance(value, list) else [value])
    return has != (operator == "notIn")


FIELDS = {
    ("LeadingGroup", "members"): _members,
    ("LeadingGroup", "plans"): many("implementation_plan", "group_id", "begins_on", "id"),
    ("ImplementationPlan", "measures"): paged("measure", "plan_id"),
    ("ImplementationPlan", "nextStates"): lambda _, row, __: PLANS[row["state"]],
    ("Measure", "nextStates"): lambda _, row, __: TASKS[row["state"]],
    ("Measure", "overdue"): lambda view, row, _: _overdue(view, row),
    ("Agency", "rating"): lambda view, row, _: _rating(view, row),
    ("Agency", "ratings"): many("agency_rating", "agency_id", "valid_from", "id"),
}
FILTERS = {
    ("LeadingGroup", "dissolved"): lambda _, row, __, value: (row["dissolved_on"] is not None) == value,
    ("Measure", "overdue"): lambda view, row, _, value: _overdue(view, row) == value,
    ("Agency", "grade"): _has_grade,
    ("Agency", "closed"): lambda _, row, __, value: (row["closed_on"] is not None) == value,
}


# -- rights --------------------------------------------------------------------------------------------------------

WRITE = "organisation:write"


def _dissolved(_: Any, row: Row) -> str | None:
    return "ENDED" if row["dissolved_on"] is not None else None


def _closed(_: Any, row: Row) -> str | None:
    return "CLOSED" if row["closed_on"] is not None else None


def _ended(view: Any, row: Row) -> str | None:
    over = row["valid_to"] is not None and row["valid_to"] <= max(view.today.day, row["valid_from"])
    return "ENDED" if over else None


def _finished(_: Any, row: Row) -> str | None:
    return None if (PLANS | TASKS)[row["state"]] else "WRONG_STATE"


ACTIONS = {
    "CREATE_LEADING_GROUP": Act("place", WRITE, at_closed),
    "UPDATE_LEADING_GROUP": Act("leading_group", WRITE, _dissolved),
    "DISSOLVE_LEADING_GROUP": Act("leading_group", WRITE, _dissolved),
    "ADD_LEADING_GROUP_MEMBER": Act("leading_group", WRITE, _dissolved),
    "END_LEADING_GROUP_MEMBERSHIP": Act("leading_group_member", WRITE, _ended),
    "CREATE_IMPLEMENTATION_PLAN": Act("leading_group", WRITE, _dissolved),
    "UPDATE_IMPLEMENTATION_PLAN": Act("implementation_plan", WRITE, _finished),
    "ADVANCE_IMPLEMENTATION_PLAN": Act("implementation_plan", WRITE, _finished),
    "ADD_MEASURE": Act("implementation_plan", WRITE, _finished),
    "UPDATE_MEASURE": Act("measure", WRITE, _finished),
    "ADVANCE_MEASURE": Act("measure", WRITE, _finished),
    "CREATE_AGENCY": Act("place", WRITE, at_closed),
    "UPDATE_AGENCY": Act("agency", WRITE, _closed),
    "CLOSE_AGENCY": Act("agency", WRITE, _closed),
    "RATE_AGENCY": Act("agency", WRITE, _closed),
    "END_AGENCY_RATING": Act("agency_rating", WRITE, _ended),
}
CAN = {
    "LeadingGroup": {
        "update": "UPDATE_LEADING_GROUP",
        "dissolve": "DISSOLVE_LEADING_GROUP",
        "addMember": "ADD_LEADING_GROUP_MEMBER",
        "createPlan": "CREATE_IMPLEMENTATION_PLAN",
    },
    "LeadingGroupMember": {"end": "END_LEADING_GROUP_MEMBERSHIP"},
    "ImplementationPlan": {
        "update": "UPDATE_IMPLEMENTATION_PLAN",
        "advance": "ADVANCE_IMPLEMENTATION_PLAN",
        "addMeasure": "ADD_MEASURE",
    },
    "Measure": {"update": "UPDATE_MEASURE", "advance": "ADVANCE_MEASURE"},
    "Agency": {"update": "UPDATE_AGENCY", "close": "CLOSE_AGENCY", "rate": "RATE_AGENCY"},
    "AgencyRating": {"end": "END_AGENCY_RATING"},
}


# -- writing -------------------------------------------------------------------------------------------------------

GROUP = {"name": "社会工作领导小组", "foundedOn": "2021-03-01"}
MEMBER = {"name": "组员", "role": "MEMBER", "validFrom": "2021-03-01"}
PLAN = {"title": "实施方案", "beginsOn": "2021-03-01", "endsOn": "2023-12-31"}
MEASURE = {"title": "设立服务室", "owner": "民政办", "dueOn": "2022-06-30"}

CASES = {
    "createLeadingGroup": Case(lambda z: {"placeId": z["C1"], **GROUP}),
    "updateLeadingGroup": Case(lambda z: {"id": z["LG1"], "version": 1, "name": "改名", "placeId": z["C2"]}),
    "dissolveLeadingGroup": Case(lambda z: {"id": z["LG1"], "version": 1}),
    "addLeadingGroupMember": Case(lambda z: {"groupId": z["LG1"], **MEMBER}),
    "endLeadingGroupMembership": Case(lambda z: {"id": z["LM1"], "version": 1}),
    "createImplementationPlan": Case(lambda z: {"groupId": z["LG1"], **PLAN}),
    "updateImplementationPlan": Case(lambda z: {"id": z["IP1"], "version": 1, "title": "修订方案"}),
    "advanceImplementationPlan": Case(lambda z: {"id": z["IP1"], "version": 1, "state": "WITHDRAWN"}),
    "addMeasure": Case(lambda z: {"planId": z["IP1"], **MEASURE}),
    "updateMeasure": Case(lambda z: {"id": z["ME1"], "version": 1, "owner": "民政办"}),
    "advanceMeasure": Case(lambda z: {"id": z["ME1"], "version": 1, "state": "DONE"}),
    "createAgency": Case(
        lambda z: {
            "placeId": z["C1"],
            "code": fresh("AG"),
            "name": "新会",
            "kind": "SERVICE_AGENCY",
            "foundedOn": "2021-01-01",
        }
    ),
    "updateAgency": Case(lambda z: {"id": z["AG1"], "version": 1, "name": "改名", "placeId": z["C2"]}),
    "closeAgency": Case(lambda z: {"id": z["AG1"], "version": 1}),
    "rateAgency": Case(lambda z: {"agencyId": z["AG1"], "grade": "A5", "ratedBy": "民政局", "validFrom": "2035-01-01"}),
    "endAgencyRating": Case(lambda z: {"id": z["RT1"], "version": 1}),
}

ROLES = ("LEADER", "DEPUTY", "MEMBER")
KINDS = ("MASS_ORGANISATION", "SOCIAL_ORGANISATION", "SERVICE_AGENCY")
GRADES = ("A1", "A2", "A3", "A4", "A5")
PLACES = "SCCG"

MAKE: dict[str, Any] = {
    "createLeadingGroup": lambda m: {"placeId": m.id(*PLACES), "name": m.text(), "foundedOn": m.day(), **m.keyed()},
    "updateLeadingGroup": lambda m: m.row("LG") | m.maybe(name=m.text, foundedOn=m.day, placeId=lambda: m.id(*PLACES)),
    "dissolveLeadingGroup": lambda m: m.row("LG") | m.maybe(on=m.day),
    "addLeadingGroupMember": lambda m: {
        "groupId": m.id("LG"),
        "name": m.text(),
        "role": m.random.choice(ROLES),
        "validFrom": m.day(),
        **m.maybe(title=m.text, validTo=m.day),
        **m.keyed(),
    },
    "endLeadingGroupMembership": lambda m: m.row("LM") | m.maybe(on=m.day),
    "createImplementationPlan": lambda m: {
        "groupId": m.id("LG"),
        "title": m.text(),
        "beginsOn": m.day(),
        **m.maybe(endsOn=m.day),
        **m.keyed(),
    },
    "updateImplementationPlan": change("IP", title="text", beginsOn="day", endsOn="day"),
    "advanceImplementationPlan": lambda m: m.row("IP") | {"state": m.random.choice(list(PLANS))},
    "addMeasure": lambda m: {
        "planId": m.id("IP"),
        "title": m.text(),
        "owner": m.text(),
        "dueOn": m.day(),
        **m.keyed(),
    },
    "updateMeasure": change("ME", title="text", owner="text", dueOn="day"),
    "advanceMeasure": lambda m: m.row("ME") | {"state": m.random.choice(list(TASKS))},
    "createAgency": lambda m: {
        "placeId": m.id(*PLACES),
        "code": m.code(),
        "name": m.text(),
        "kind": m.random.choice(KINDS),
        "foundedOn": m.day(),
        **m.keyed(),
    },
    "updateAgency": lambda m: (
        m.row("AG") | m.maybe(name=m.text, code=m.code, foundedOn=m.day, placeId=lambda: m.id(*PLACES))
    ),
    "closeAgency": lambda m: m.row("AG") | m.maybe(on=m.day),
    "rateAgency": lambda m: {
        "agencyId": m.id("AG"),
        "grade": m.random.choice(GRADES),
        "ratedBy": m.text(),
        "validFrom": m.day(),
        **m.maybe(validTo=m.day),
        **m.keyed(),
    },
    "endAgencyRating": lambda m: m.row("RT") | m.maybe(on=m.day),
}
WEIGHTS = {"dissolveLeadingGroup": 1, "closeAgency": 1, "createLeadingGroup": 4, "createAgency": 4}
DONE = {"createLeadingGroup", "createAgency", "addMeasure", "advanceMeasure"}


async def plant(p: Planting) -> None:
    """A group with a member, a draft with a measure, and an agency that was rated."""
    since = date(2021, 1, 1)
    group = await p.add("LG1", "leading_group", "C1", name="领导小组", founded_on=since)
    await p.add("LM1", "leading_group_member", "C1", group_id=group, name="组长甲", role="LEADER", valid_from=since)
    plan = await p.add("IP1", "implementation_plan", "C1", group_id=group, title="方案", begins_on=since)
    await p.add("ME1", "measure", "C1", plan_id=plan, title="举措", owner="社工站", due_on=date(2035, 1, 1))
    agency = await p.add(
        "AG1", "agency", "C1", code=fresh("AG"), name="社工服务中心", kind="SERVICE_AGENCY", founded_on=since
    )
    rated = {"grade": "A4", "rated_by": "民政局", "valid_from": since, "valid_to": date(2035, 1, 1)}
    await p.add("RT1", "agency_rating", "C1", agency_id=agency, **rated)


DISSOLVED = "UPDATE leading_group SET dissolved_on = '2024-01-01' WHERE id = {LG1}"
CLOSED = "UPDATE agency SET closed_on = '2024-01-01' WHERE id = {AG1}"
COMPLETED = "UPDATE implementation_plan SET state = 'COMPLETED' WHERE id = {IP1}"
CANCELLED = "UPDATE measure SET state = 'CANCELLED' WHERE id = {ME1}"
PLACE_CLOSED = "UPDATE community SET closed_on = '2024-01-01' WHERE id = {C1}"
STATES = [
    *((name, PLACE_CLOSED, "S", "CLOSED", "INVALID") for name in ("createLeadingGroup", "createAgency")),
    *(
        (name, DISSOLVED, "S", "ENDED", "INVALID")
        for name in (
            "updateLeadingGroup",
            "dissolveLeadingGroup",
            "addLeadingGroupMember",
            "createImplementationPlan",
        )
    ),
    *(
        (name, COMPLETED, "S", "WRONG_STATE", "WRONG_STATE")
        for name in ("updateImplementationPlan", "advanceImplementationPlan", "addMeasure")
    ),
    *((name, CANCELLED, "S", "WRONG_STATE", "WRONG_STATE") for name in ("updateMeasure", "advanceMeasure")),
    *((name, CLOSED, "S", "CLOSED", "INVALID") for name in ("updateAgency", "closeAgency", "rateAgency")),
]

INVARIANTS = {
    "ratings do not overlap": overlapping("agency_rating", "{0}.agency_id"),
    "no rating of a closed agency goes on": """
        SELECT r.id FROM agency_rating r JOIN agency a ON a.id = r.agency_id
         WHERE a.closed_on IS NOT NULL AND (r.valid_to IS NULL OR r.valid_to > greatest(a.closed_on, r.valid_from))""",
    "no membership of a dissolved group goes on": """
        SELECT m.id FROM leading_group_member m JOIN leading_group g ON g.id = m.group_id
         WHERE g.dissolved_on IS NOT NULL
           AND (m.valid_to IS NULL OR m.valid_to > greatest(g.dissolved_on, m.valid_from))""",
    "nothing of a plan that is over is to be done": """
        SELECT m.id FROM measure m JOIN implementation_plan p ON p.id = m.plan_id
         WHERE p.state IN ('COMPLETED', 'WITHDRAWN') AND m.state IN ('OPEN', 'IN_PROGRESS')""",
    "a measure has the day it was done if it was": """
        SELECT id FROM measure WHERE (state = 'DONE') <> (done_on IS NOT NULL)""",
    "a member, a plan, a measure and a rating are where their group or agency is": """
        SELECT r.id FROM leading_group_member r JOIN leading_group o ON o.id = r.group_id WHERE o.path <> r.path
        UNION ALL
        SELECT r.id FROM implementation_plan r JOIN leading_group o ON o.id = r.group_id WHERE o.path <> r.path
        UNION ALL
        SELECT r.id FROM measure r JOIN implementation_plan o ON o.id = r.plan_id WHERE o.path <> r.path
        UNION ALL
        SELECT r.id FROM agency_rating r JOIN agency o ON o.id = r.agency_id WHERE o.path <> r.path""",
}
LIES = "place_id, path, station_id, county_id"
BREAKS = {
    "ratings do not overlap": (
        f"INSERT INTO agency_rating ({LIES}, agency_id, grade, rated_by, valid_from)"
        f" SELECT {LIES}, agency_id, grade, rated_by, valid_from FROM agency_rating WHERE id = {{RT1}}"
    ),
    "no rating of a closed agency goes on": "UPDATE agency SET closed_on = '2024-01-01' WHERE id = {AG1}",
    "no membership of a dissolved group goes on": DISSOLVED,
    "nothing of a plan that is over is to be done": COMPLETED,
    "a measure has the day it was done if it was": "UPDATE measure SET state = 'DONE' WHERE id = {ME1}",
    "a member, a plan, a measure and a rating are where their group or agency is": (
        "UPDATE agency SET path = '9.' WHERE id = {AG1}"
    ),
}
