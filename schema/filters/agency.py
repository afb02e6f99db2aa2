"""What agencies can be filtered and ordered by."""

import strawberry

from models import AgencyKind, Grade
from resolvers import agency
from schema.fields import operand
from schema.filters.base import (
    BY_CODE,
    BY_KIND,
    BY_NAME,
    code_operand,
    id_operand,
    listing,
    name_operand,
    ordering,
    where,
    within_operand,
)
from schema.operators import DateOperators, EnumOperators, IDOperators, TextOperators


@where("Which agencies (机构筛选条件).")
class AgencyFilter:
    """Filter of agencies."""

    id: IDOperators | None = id_operand("AG")
    within: strawberry.ID | None = within_operand()
    kind: EnumOperators[AgencyKind] | None = operand("What it is (机构类别).", lambda row: row.c.kind)
    grade: EnumOperators[Grade] | None = operand(
        "The grade that it has today; one without any has none of them (现有等级).", clause=agency.has_grade
    )
    code: TextOperators | None = code_operand()
    name: TextOperators | None = name_operand()
    founded_on: DateOperators | None = operand("The day of founding (成立日期).", lambda row: row.c.founded_on)
    closed: bool | None = operand("Whether it was closed (是否注销).", agency.is_closed)


AGENCY_ORDER, AGENCY_SORTING = ordering(
    "Agency",
    "机构",
    "agencies",
    CODE=BY_CODE,
    NAME=BY_NAME,
    KIND=BY_KIND,
    FOUNDED_ON="By the day of founding (按成立日期).",
)
AGENCIES = listing(AgencyFilter, AGENCY_ORDER)
