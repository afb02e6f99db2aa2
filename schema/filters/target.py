"""What responsibility targets can be filtered and ordered by."""

import strawberry

from models import Indicator
from resolvers import target
from schema.fields import operand
from schema.filters.base import id_operand, listing, ordering, where, within_operand
from schema.operators import DateOperators, EnumOperators, IDOperators


@where("Which targets (责任目标筛选条件).")
class TargetFilter:
    """Filter of targets."""

    id: IDOperators | None = id_operand("TG")
    within: strawberry.ID | None = within_operand()
    indicator: EnumOperators[Indicator] | None = operand("What is counted (指标).", lambda row: row.c.indicator)
    begins_on: DateOperators | None = operand("The first day (开始日期).", lambda row: row.c.begins_on)
    ends_on: DateOperators | None = operand("The last day (结束日期).", lambda row: row.c.ends_on)
    withdrawn: bool | None = operand("Whether it was withdrawn (是否撤回).", target.is_withdrawn)


TARGET_ORDER, TARGET_SORTING = ordering(
    "Target",
    "责任目标",
    "targets",
    BEGINS_ON="By the first day (按开始日期).",
    ENDS_ON="By the last day (按结束日期).",
    AMOUNT="By how much is asked for (按目标值).",
)
TARGETS = listing(TargetFilter, TARGET_ORDER)
