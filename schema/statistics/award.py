"""Statistics of awards (奖励金统计)."""

from decimal import Decimal

import strawberry

from models import AwardState, QualificationLevel
from resolvers import award
from resolvers.core.permissions import Permission
from resolvers.statistics.award import AWARDS
from schema.fields import argument, column, made, same
from schema.filters.award import AWARD_ORDER, AwardFilter
from schema.filters.base import ORDER
from schema.pages import AwardConnection
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
)

READ, COUNT = Permission.TALENT_READ, Permission.PERSONNEL_COUNT

FIGURES = {
    "count": "How many awards, revoked ones too (奖励金数).",
    "standing": "How many were not revoked (有效奖励金数).",
    "amount": "What they come to, without revoked ones, in yuan (奖励金额，元).",
    "people": "How many different people have one that was not revoked (获奖人数).",
    "average_amount": "The amount of an award, without revoked ones, in yuan, rounded to two decimals (平均金额，元).",
}
NEEDS = {"people": COUNT}
AwardDimension = dimension(
    "Award",
    "奖励金",
    AWARDS,
    YEAR="By the budget's year, which may lie before the year of granting (按年度).",
    MONTH="By the month of granting (按核发月份).",
    QUARTER="By the quarter of granting (按核发季度).",
    QUALIFICATION="By the level that they are for (按级别).",
    STATE="By what has become of them (按状态).",
)
AwardHaving, AwardStatisticsOrder, SORTING = conditions("Award", "奖励金", FIGURES, NEEDS)


@made()
@strawberry.type(description="What awards come to (奖励金数据).")
class AwardFigures:
    """Figures of some awards; null if they are held back."""

    count: BigInt | None = column(FIGURES["count"], READ)
    standing: BigInt | None = column(FIGURES["standing"], READ)
    amount: Decimal | None = column(FIGURES["amount"], READ)
    people: BigInt | None = column(FIGURES["people"], COUNT)
    average_amount: Decimal | None = column(FIGURES["average_amount"], READ)


@made()
@strawberry.type(
    description="What a group of awards has in common; null for what was not grouped by (奖励金统计分组键)."
)
class AwardGroupKey:
    """The key of a group."""

    place: Place | None = unit()
    qualification: QualificationLevel | None = column("The level that they are for (级别).", READ, "level")
    state: AwardState | None = column("What has become of them (状态).", READ)
    year: int | None = column("The budget's year (年度).", READ)
    month: str | None = month()
    quarter: str | None = quarter()


@made(SORTING)
@strawberry.type(description="Awards that have something in common (奖励金统计分组).")
class AwardGroup(AwardFigures):
    """A group with its figures."""

    key: AwardGroupKey = same("What they have in common (分组键).")
    share: float | None = share()
    change: float | None = change()
    previous: AwardFigures | None = previous()
    records: AwardConnection | None = grouped(
        "The awards that it counts (奖励金).", READ, argument("order_by", list[AWARD_ORDER] | None, ORDER)
    )


@strawberry.type(description="Awards by groups (奖励金统计).")
class AwardStatistics(Statistics[AwardGroup]):
    """A page of groups, and what all rows together come to."""

    total: AwardFigures = strawberry.field(
        description="The figures over all awards that were asked of, whatever `having` leaves out (合计)."
    )


@strawberry.type
class AwardStatisticsQuery:
    """The root field, for `Query` to inherit."""

    award_statistics: AwardStatistics | None = statistics(
        AWARDS,
        award.ALL,
        "The awards in scope, by the person's home, by groups, with their figures (奖励金统计).",
        READ,
        (AwardFilter, AwardDimension, AwardHaving, AwardStatisticsOrder),
    )
