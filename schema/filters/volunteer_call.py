"""What calls for volunteers can be filtered and ordered by."""

import strawberry

from models import VolunteerCallState
from resolvers import volunteer_call
from schema.fields import operand
from schema.filters.base import id_operand, listing, ordering, where, within_operand
from schema.operators import DateOperators, EnumOperators, IDOperators, TextOperators


@where("Which calls for volunteers (志愿服务需求筛选条件).")
class VolunteerCallFilter:
    """Filter of calls for volunteers."""

    id: IDOperators | None = id_operand("VC")
    within: strawberry.ID | None = within_operand()
    state: EnumOperators[VolunteerCallState] | None = operand("Its state (状态).", lambda row: row.c.state)
    skill: TextOperators | None = operand(
        "The code of the skill that is called for (技能编码).", clause=volunteer_call.needs_skill
    )
    needed_on: DateOperators | None = operand("The day (服务日期).", lambda row: row.c.needed_on)


VOLUNTEER_CALL_ORDER, VOLUNTEER_CALL_SORTING = ordering(
    "VolunteerCall",
    "志愿服务需求",
    "calls for volunteers",
    short=("calls", "志愿服务需求"),
    NEEDED_ON="By the day (按服务日期).",
    NEEDED="By how many are needed (按需求人数).",
)
VOLUNTEER_CALLS = listing(VolunteerCallFilter, VOLUNTEER_CALL_ORDER)
