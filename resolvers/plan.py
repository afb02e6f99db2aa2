"""Implementation plans of leading groups and their measures: how they are found, how far they have come, how written.

A plan is locked before its measures, wherever both are; once it is completed or withdrawn none of them is open.
"""

from models import ImplementationPlan, ImplementationPlanState, LeadingGroup, Measure, TaskState
from resolvers.core.machines import MEASURES
from resolvers.core.messages import Message
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.relations import by
from resolvers.core.states import machine
from resolvers.core.texts import day, invalid, line
from resolvers.core.write import Given, Row, Writer

OF_GROUP = by("id", "group_id", order=("begins_on", "id"))
OF_MEASURE = by("plan_id")
OF_PLAN = by("id", "plan_id")

PLANS = machine(
    ImplementationPlan,
    {
        ImplementationPlanState.DRAFT: (ImplementationPlanState.ADOPTED, ImplementationPlanState.WITHDRAWN),
        ImplementationPlanState.ADOPTED: (ImplementationPlanState.COMPLETED, ImplementationPlanState.WITHDRAWN),
        ImplementationPlanState.COMPLETED: (),
        ImplementationPlanState.WITHDRAWN: (),
    },
)
# -- writing -------------------------------------------------------------------------------------------------------

LONGEST = 100


async def create(writer: Writer, given: Given) -> int:
    """Drafts a plan of a group that stands."""
    group = await writer.find(LeadingGroup, "LG", given["group_id"], "groupId", lock=True)
    if group["dissolved_on"] is not None:
        raise invalid(Message("It was dissolved on {dissolved_on}.", dissolved_on=group["dissolved_on"]), "groupId")
    columns = _plan(given, {})
    key: int = (await writer.insert(ImplementationPlan, group, group_id=group["id"], **columns))["id"]
    return key


async def update(writer: Writer, given: Given) -> int:
    """Changes a plan that is neither completed nor withdrawn."""
    row = PLANS.going_on(await writer.claim(ImplementationPlan, "IP", given), "id")
    key: int = (await writer.change(ImplementationPlan, row, **_plan(given, row)))["id"]
    return key


async def advance(writer: Writer, given: Given) -> int:
    """Takes a plan to another state. Nothing of a completed one is open; what is open of a withdrawn one is cancelled.

    A measure that is added meanwhile waits for the plan's lock, and finds it finished.
    """
    row = PLANS.going_on(await writer.claim(ImplementationPlan, "IP", given), "id")
    to = ImplementationPlanState(given["state"])
    PLANS.check(row, to, "state")
    if to in (ImplementationPlanState.COMPLETED, ImplementationPlanState.WITHDRAWN):
        measures = await writer.find_all(Measure, {"plan_id": row["id"]}, lock=True)
        unfinished = [measure for measure in measures if measure["state"] in MEASURES.open]
        if unfinished and to is ImplementationPlanState.COMPLETED:
            message = Message(
                "{unfinished} of its measures are neither done nor cancelled.", unfinished=len(unfinished)
            )
            raise Rejected(UserErrorCode.WRONG_STATE, message, "state")
        for measure in unfinished:
            await MEASURES.advance(writer, measure, TaskState.CANCELLED)
    key: int = (await PLANS.advance(writer, row, to))["id"]
    return key


async def add_measure(writer: Writer, given: Given) -> int:
    """Adds a measure to a plan that is neither completed nor withdrawn."""
    plan = await writer.find(ImplementationPlan, "IP", given["plan_id"], "planId", lock=True)
    PLANS.going_on(plan, "planId")
    key: int = (await writer.insert(Measure, plan, plan_id=plan["id"], **_measure(given)))["id"]
    return key


async def update_measure(writer: Writer, given: Given) -> int:
    """Changes a measure that is neither done nor cancelled."""
    row = MEASURES.going_on(await writer.claim(Measure, "ME", given), "id")
    key: int = (await writer.change(Measure, row, **_measure(given)))["id"]
    return key


async def advance_measure(writer: Writer, given: Given) -> int:
    """Takes a measure to another state; when it is done, that was today."""
    row = MEASURES.going_on(await writer.claim(Measure, "ME", given), "id")
    to = TaskState(given["state"])
    done: Row = {"done_on": writer.today} if to is TaskState.DONE else {}
    key: int = (await MEASURES.advance(writer, row, to, **done))["id"]
    return key


def _plan(given: Given, row: Row) -> Row:
    """The columns that are given of a plan, checked against each other and what the row has."""
    columns: Row = {}
    if "title" in given:
        columns["title"] = line(given["title"], "title", LONGEST)
    if "begins_on" in given:
        columns["begins_on"] = day(given["begins_on"], "beginsOn")
    if "ends_on" in given:
        columns["ends_on"] = None if given["ends_on"] is None else day(given["ends_on"], "endsOn")
    whole = row | columns
    if whole.get("ends_on") is not None and whole["ends_on"] < whole["begins_on"]:
        raise invalid(Message("It must not end before it begins."), "endsOn" if "ends_on" in given else "beginsOn")
    return columns


def _measure(given: Given) -> Row:
    columns: Row = {name: line(given[name], name, LONGEST) for name in ("title", "owner") if name in given}
    if "due_on" in given:
        columns["due_on"] = day(given["due_on"], "dueOn")
    return columns
