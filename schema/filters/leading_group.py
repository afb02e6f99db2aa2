"""What leading groups, and the measures of a plan, can be filtered and ordered by."""

import strawberry

from models import TaskState
from resolvers import leading_group
from resolvers.core import machines
from schema.fields import operand
from schema.filters.base import BY_NAME, id_operand, listing, name_operand, ordering, where, within_operand
from schema.operators import DateOperators, EnumOperators, IDOperators, TextOperators


@where("Which leading groups (领导小组筛选条件).")
class LeadingGroupFilter:
    """Filter of leading groups."""

    id: IDOperators | None = id_operand("LG")
    within: strawberry.ID | None = within_operand()
    name: TextOperators | None = name_operand()
    founded_on: DateOperators | None = operand("The day of founding (成立日期).", lambda row: row.c.founded_on)
    dissolved: bool | None = operand("Whether it was dissolved (是否撤销).", leading_group.is_dissolved)


LEADING_GROUP_ORDER, LEADING_GROUP_SORTING = ordering(
    "LeadingGroup", "领导小组", "leading groups", NAME=BY_NAME, FOUNDED_ON="By the day of founding (按成立日期)."
)
LEADING_GROUPS = listing(LeadingGroupFilter, LEADING_GROUP_ORDER)


@where("Which measures (举措筛选条件).")
class MeasureFilter:
    """Filter of measures."""

    id: IDOperators | None = id_operand("ME")
    state: EnumOperators[TaskState] | None = operand("How far it has come (状态).", lambda row: row.c.state)
    due_on: DateOperators | None = operand("The day it is due (完成时限).", lambda row: row.c.due_on)
    overdue: bool | None = operand("Whether it is overdue (是否逾期).", machines.MEASURES.overdue)


MEASURE_ORDER, MEASURE_SORTING = ordering(
    "Measure", "举措", "measures", DUE_ON="By the day it is due (按完成时限).", STATE="By state (按状态)."
)
MEASURES = listing(MeasureFilter, MEASURE_ORDER)
