"""Implementation plans (实施方案) of leading groups, and their measures (举措)."""

from datetime import date
from typing import Any

import strawberry

from models import ImplementationPlan as ImplementationPlanRow
from models import ImplementationPlanState, TaskState
from models import Measure as MeasureRow
from resolvers import leading_group, place, plan
from resolvers.access import Action
from resolvers.core import machines
from resolvers.core.permissions import Permission
from resolvers.core.states import next_states
from schema.access import CAN, may
from schema.audit import history
from schema.enums import describe
from schema.fields import column, entity, expression, one, pages, public_id, same
from schema.filters.leading_group import MEASURE_SORTING, MEASURES
from schema.leading_group import LeadingGroup
from schema.pages import AuditEntryConnection, MeasureConnection
from schema.place import Node, Place
from schema.writing import given, idempotency_key, maybe, payload, version, write

READ = Permission.ORGANISATION_READ
WRITE = Permission.ORGANISATION_WRITE
ID = "The global id, opaque (全局标识)."
VERSION = "Counts its changes; an update names the one it saw (版本号)."
NEXT = "The states that may follow (可推进到的状态)."

describe(
    ImplementationPlanState,
    "How far an implementation plan has come (实施方案状态).",
    DRAFT="It is being drafted (草拟).",
    ADOPTED="It is in force (已印发).",
    COMPLETED="It was carried out (已完成).",
    WITHDRAWN="It was given up (已撤回).",
)
describe(
    TaskState,
    "How far something has come that somebody is to do (任务状态).",
    OPEN="Nobody has begun it (未开始).",
    IN_PROGRESS="It is being done (进行中).",
    DONE="It was done (已完成).",
    CANCELLED="It will not be done (已取消).",
)


@entity(ImplementationPlanRow, "")
@strawberry.type(description="What may be done to an implementation plan (实施方案可执行的操作).")
class ImplementationPlanCan:
    """The buttons of a plan's page."""

    update: bool = may(Action.UPDATE_IMPLEMENTATION_PLAN, READ)
    advance: bool = may(Action.ADVANCE_IMPLEMENTATION_PLAN, READ)
    add_measure: bool = may(Action.ADD_MEASURE, READ)


@entity(ImplementationPlanRow, "IP")
@strawberry.type(description="An implementation plan of a leading group (实施方案).")
class ImplementationPlan(Node):
    """A plan, in scope by its group."""

    id: strawberry.ID = public_id(ID)
    title: str = column("The title (标题).", READ)
    begins_on: date = column("The first day (开始日期).", READ)
    ends_on: date | None = column("The last day, if it has one (结束日期).", READ)
    state: ImplementationPlanState = column("How far it has come (状态).", READ)
    next_states: list[ImplementationPlanState] = expression(next_states(plan.PLANS), NEXT, READ)
    version: int = column(VERSION, READ)
    can: ImplementationPlanCan = same(CAN)
    group: LeadingGroup | None = one(leading_group.OF_ROW, "The leading group (领导小组).", READ)
    place: Place | None = one(place.OF_ROW, "The place whose work the group steers (所属地点).", READ)
    measures: MeasureConnection = pages(plan.OF_PLAN, "Its measures (举措).", READ, *MEASURES)
    history: AuditEntryConnection = history("IP")


@entity(MeasureRow, "")
@strawberry.type(description="What may be done to a measure (举措可执行的操作).")
class MeasureCan:
    """The buttons of a measure."""

    update: bool = may(Action.UPDATE_MEASURE, READ)
    advance: bool = may(Action.ADVANCE_MEASURE, READ)


@entity(MeasureRow, "ME", sorting=MEASURE_SORTING)
@strawberry.type(description="What a plan demands, of whom and until when (举措).")
class Measure(Node):
    """A measure, in scope by its plan."""

    id: strawberry.ID = public_id(ID)
    title: str = column("What is to be done (内容).", READ)
    owner: str = column("The department or body that answers for it (责任单位).", READ)
    due_on: date = column("The day it is due (完成时限).", READ)
    state: TaskState = column("How far it has come (状态).", READ)
    next_states: list[TaskState] = expression(next_states(machines.MEASURES), NEXT, READ)
    overdue: bool = expression(
        machines.MEASURES.overdue, "Whether it was due before today and is neither done nor cancelled (是否逾期).", READ
    )
    done_on: date | None = column("The day it was done, if it was (完成日期).", READ)
    version: int = column(VERSION, READ)
    can: MeasureCan = same(CAN)
    plan: ImplementationPlan | None = one(plan.OF_MEASURE, "The plan (实施方案).", READ)
    place: Place | None = one(place.OF_ROW, "The place whose work the group steers (所属地点).", READ)
    history: AuditEntryConnection = history("ME")


WRITTEN = "The plan as it is now; null if nothing was written (实施方案)."
MEASURE = "The measure as it is now; null if nothing was written (举措)."
TITLE = "The title, 100 characters at the most (标题)."
BEGINS_ON = "The first day (开始日期)."
ENDS_ON = "The last day, if it has one (结束日期)."
CONTENT = "What is to be done, 100 characters at the most (内容)."
OWNER = "The department or body that answers for it, 100 characters at the most (责任单位)."
DUE_ON = "The day it is due (完成时限)."
TO = "The state, one of `nextStates` (推进到的状态)."


@strawberry.input(description="A new implementation plan, a draft (拟订实施方案).")
class CreateImplementationPlanInput:
    """Input of `createImplementationPlan`."""

    group_id: strawberry.ID = given("The leading group, in scope, which stands (领导小组).")
    title: str = given(TITLE)
    begins_on: date = given(BEGINS_ON)
    ends_on: date | None = maybe(ENDS_ON)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What changes of a plan; what is left out stays (变更实施方案).")
class UpdateImplementationPlanInput:
    """Input of `updateImplementationPlan`."""

    id: strawberry.ID = given("The plan, a draft or adopted (要变更的实施方案).")
    version: int = version()
    title: str | None = maybe(TITLE)
    begins_on: date | None = maybe(BEGINS_ON)
    ends_on: date | None = maybe("The last day; null takes it away (结束日期).")


@strawberry.input(description="A step of an implementation plan (推进实施方案).")
class AdvanceImplementationPlanInput:
    """Input of `advanceImplementationPlan`."""

    id: strawberry.ID = given("The plan (要推进的实施方案).")
    version: int = version()
    state: ImplementationPlanState = given(TO)


@strawberry.input(description="A new measure of a plan (新增举措).")
class AddMeasureInput:
    """Input of `addMeasure`."""

    plan_id: strawberry.ID = given("The plan, in scope, a draft or adopted (实施方案).")
    title: str = given(CONTENT)
    owner: str = given(OWNER)
    due_on: date = given(DUE_ON)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What changes of a measure; what is left out stays (变更举措).")
class UpdateMeasureInput:
    """Input of `updateMeasure`."""

    id: strawberry.ID = given("The measure, neither done nor cancelled (要变更的举措).")
    version: int = version()
    title: str | None = maybe(CONTENT)
    owner: str | None = maybe(OWNER)
    due_on: date | None = maybe(DUE_ON)


@strawberry.input(description="A step of a measure (推进举措).")
class AdvanceMeasureInput:
    """Input of `advanceMeasure`."""

    id: strawberry.ID = given("The measure (要推进的举措).")
    version: int = version()
    state: TaskState = given(TO)


@strawberry.type
class ImplementationPlanMutation:
    """The mutations about plans and measures, for `Mutation` to inherit."""

    create_implementation_plan: Any = write(
        payload("createImplementationPlan", "implementationPlan", ImplementationPlan, WRITTEN),
        CreateImplementationPlanInput,
        plan.create,
        "Drafts a plan of a leading group (拟订实施方案).",
        WRITE,
    )

    update_implementation_plan: Any = write(
        payload("updateImplementationPlan", "implementationPlan", ImplementationPlan, WRITTEN),
        UpdateImplementationPlanInput,
        plan.update,
        "Changes a plan that is a draft or adopted (变更实施方案).",
        WRITE,
    )

    advance_implementation_plan: Any = write(
        payload("advanceImplementationPlan", "implementationPlan", ImplementationPlan, WRITTEN),
        AdvanceImplementationPlanInput,
        plan.advance,
        "Takes a plan to another state. It is not completed while a measure is neither done nor cancelled; if it is"
        " withdrawn, such measures are cancelled (推进实施方案).",
        WRITE,
    )

    add_measure: Any = write(
        payload("addMeasure", "measure", Measure, MEASURE),
        AddMeasureInput,
        plan.add_measure,
        "Adds a measure to a plan that is a draft or adopted (新增举措).",
        WRITE,
    )

    update_measure: Any = write(
        payload("updateMeasure", "measure", Measure, MEASURE),
        UpdateMeasureInput,
        plan.update_measure,
        "Changes a measure that is neither done nor cancelled (变更举措).",
        WRITE,
    )

    advance_measure: Any = write(
        payload("advanceMeasure", "measure", Measure, MEASURE),
        AdvanceMeasureInput,
        plan.advance_measure,
        "Takes a measure to another state (推进举措).",
        WRITE,
    )
