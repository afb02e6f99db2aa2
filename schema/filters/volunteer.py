"""What volunteer teams can be filtered and ordered by."""

import strawberry

from schema.filters.base import (
    BY_CODE,
    BY_NAME,
    code_operand,
    id_operand,
    listing,
    name_operand,
    ordering,
    where,
    within_operand,
)
from schema.operators import IDOperators, TextOperators


@where("Which volunteer teams (志愿服务队筛选条件).")
class VolunteerTeamFilter:
    """Filter of volunteer teams."""

    id: IDOperators | None = id_operand("T")
    within: strawberry.ID | None = within_operand()
    code: TextOperators | None = code_operand()
    name: TextOperators | None = name_operand()


VOLUNTEER_TEAM_ORDER, VOLUNTEER_TEAM_SORTING = ordering(
    "VolunteerTeam", "志愿服务队", "volunteer teams", short=("teams", "服务队"), CODE=BY_CODE, NAME=BY_NAME
)
VOLUNTEER_TEAMS = listing(VolunteerTeamFilter, VOLUNTEER_TEAM_ORDER)
