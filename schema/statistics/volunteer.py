"""Statistics of calls for volunteers (志愿服务统计)."""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from models import VolunteerCallState
from resolvers import volunteer_call
from resolvers.core.permissions import Permission
from resolvers.core.relations import by
from resolvers.statistics.volunteer import VOLUNTEERS
from schema.fields import argument, column, made, one, same
from schema.filters.base import ORDER
from schema.filters.volunteer_call import VOLUNTEER_CALL_ORDER, VolunteerCallFilter
from schema.pages import VolunteerCallConnection
from schema.place import Place
from schema.scalars import BigInt
from schema.statistics.base import (
    Statistics,
    change,
    conditions,
    dimension,
    grouped,
    month,
    previous,
    quarter,
    share,
    statistics,
    unit,
    year,
)

if TYPE_CHECKING:
    from schema.person import Skill

READ, COUNT = Permission.VOLUNTEER_READ, Permission.PERSONNEL_COUNT

FIGURES = {
    "count": "How many calls (志愿服务需求数).",
    "needed": "How many volunteers they need, each call for itself (需求人数).",
    "sign_ups": "How many sign-ups for them there are that were not withdrawn (报名人次).",
    "volunteers": "How many different people these sign-ups are of (志愿者人数).",
    "attended": "To how many of these sign-ups the volunteer came (参加人次).",
    "hours": "The hours that volunteers gave (服务小时数).",
    "fulfilment": "The sign-ups that were not withdrawn, in proportion to how many are needed (满足率).",
}
NEEDS = {"volunteers": COUNT}
VolunteerDimension = dimension(
    "Volunteer",
    "志愿服务",
    VOLUNTEERS,
    SKILL="By the skill that is called for (按所需技能).",
    STATE="By whether they still look for volunteers (按状态).",
    MONTH="By the month of the day (按服务月份).",
    QUARTER="By the quarter of the day (按服务季度).",
    YEAR="By the year of the day (按服务年份).",
)
VolunteerHaving, VolunteerStatisticsOrder, SORTING = conditions("Volunteer", "志愿服务", FIGURES, NEEDS)


@made()
@strawberry.type(description="What calls for volunteers come to (志愿服务数据).")
class VolunteerFigures:
    """Figures of some calls."""

    count: BigInt | None = column(FIGURES["count"], READ)
    needed: BigInt | None = column(FIGURES["needed"], READ)
    sign_ups: BigInt | None = column(FIGURES["sign_ups"], READ)
    volunteers: BigInt | None = column(FIGURES["volunteers"], COUNT)
    attended: BigInt | None = column(FIGURES["attended"], READ)
    hours: Decimal | None = column(FIGURES["hours"], READ)
    fulfilment: float | None = column(FIGURES["fulfilment"], READ)


@made()
@strawberry.type(
    description="What a group of calls has in common; null for what was not grouped by (志愿服务统计分组键)."
)
class VolunteerGroupKey:
    """The key of a group."""

    place: Place | None = unit()
    skill: Annotated["Skill", strawberry.lazy("schema.person")] | None = one(
        by("skill_id"), "The skill; null also for calls for any volunteer (所需技能).", READ
    )
    state: VolunteerCallState | None = column("Whether they still look for volunteers (状态).", READ)
    month: str | None = month()
    quarter: str | None = quarter()
    year: int | None = year()


@made(SORTING)
@strawberry.type(description="Calls for volunteers that have something in common (志愿服务统计分组).")
class VolunteerGroup(VolunteerFigures):
    """A group with its figures."""

    key: VolunteerGroupKey = same("What they have in common (分组键).")
    share: float | None = share()
    change: float | None = change()
    previous: VolunteerFigures | None = previous()
    records: VolunteerCallConnection | None = grouped(
        "The calls that it counts (志愿服务需求).",
        READ,
        argument("order_by", list[VOLUNTEER_CALL_ORDER] | None, ORDER),
    )


@strawberry.type(description="Calls for volunteers by groups (志愿服务统计).")
class VolunteerStatistics(Statistics[VolunteerGroup]):
    """A page of groups, and what all rows together come to."""

    total: VolunteerFigures = strawberry.field(
        description="The figures over all calls that were asked of, whatever `having` leaves out (合计)."
    )


@strawberry.type
class VolunteerStatisticsQuery:
    """The root field, for `Query` to inherit."""

    volunteer_statistics: VolunteerStatistics | None = statistics(
        VOLUNTEERS,
        volunteer_call.ALL,
        "The calls for volunteers in scope by groups, with their figures and those of their sign-ups (志愿服务统计).",
        READ,
        (VolunteerCallFilter, VolunteerDimension, VolunteerHaving, VolunteerStatisticsOrder),
    )
