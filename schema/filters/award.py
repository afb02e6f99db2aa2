"""What awards and their budgets can be filtered and ordered by."""

import strawberry

from models import AwardBudget, AwardState, Person, QualificationLevel
from schema.fields import operand
from schema.filters.base import id_operand, listing, ordering, reference, where, within_operand
from schema.operators import DateOperators, EnumOperators, IDOperators, IntOperators

BY_YEAR = "By the year (按年度)."


@where("Which awards (奖励金筛选条件).")
class AwardFilter:
    """Filter of awards."""

    id: IDOperators | None = id_operand("AW")
    within: strawberry.ID | None = within_operand()
    person: IDOperators | None = reference("P", "person_id", "Whose it is (人员).", seen=Person)
    budget: IDOperators | None = reference("AB", "budget_id", "What it comes out of (预算).", seen=AwardBudget)
    level: EnumOperators[QualificationLevel] | None = operand("The level (级别).", lambda row: row.c.level)
    year: IntOperators | None = operand("The budget's year (年度).", lambda row: row.c.year)
    state: EnumOperators[AwardState] | None = operand("Its state (状态).", lambda row: row.c.state)
    granted_on: DateOperators | None = operand("The day it was granted (发放日期).", lambda row: row.c.granted_on)


AWARD_ORDER, AWARD_SORTING = ordering(
    "Award",
    "奖励金",
    "awards",
    GRANTED_ON="By the day it was granted (按发放日期).",
    YEAR=BY_YEAR,
)
AWARDS = listing(AwardFilter, AWARD_ORDER)


@where("Which award budgets (奖励预算筛选条件).")
class AwardBudgetFilter:
    """Filter of award budgets."""

    id: IDOperators | None = id_operand("AB")
    within: strawberry.ID | None = within_operand()
    year: IntOperators | None = operand("The year (年度).", lambda row: row.c.year)


AWARD_BUDGET_ORDER, AWARD_BUDGET_SORTING = ordering("AwardBudget", "奖励预算", "award budgets", YEAR=BY_YEAR)
AWARD_BUDGETS = listing(AwardBudgetFilter, AWARD_BUDGET_ORDER)
