"""Statistics of referrals (转介统计)."""

import strawberry

from models import ReferralState, Urgency
from resolvers import referral
from resolvers.core.permissions import Permission
from resolvers.core.relations import by
from resolvers.statistics.referral import REFERRALS
from schema.fields import argument, column, made, one, same
from schema.filters.base import ORDER
from schema.filters.referral import REFERRAL_ORDER, ReferralFilter
from schema.pages import ReferralConnection
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

READ, CLIENTS = Permission.REFERRAL_READ, Permission.CLIENT_COUNT

FIGURES = {
    "count": "How many referrals (转介数).",
    "clients": "How many different clients they are about, as far as the account sees them (服务对象数).",
    "open": "How many are not settled (未办结数).",
    "overdue": "How many were due before today and are not settled (逾期数).",
    "done": "How many are done (办结数).",
    "rejected": "How many were rejected (退回数).",
    "closed": "How many are settled: done, rejected or withdrawn (已结束数).",
    "escalations": "How many levels they have gone up, overdue (升级次数).",
    "average_days": "Days from sending to closing, with fractions, of those that are settled (平均办理天数).",
    "done_share": "How many are done, in proportion (办结率).",
}
NEEDS = {"clients": CLIENTS}
ReferralDimension = dimension(
    "Referral",
    "转介",
    REFERRALS,
    RECEIVER_ZONE="By the zone of the receiver (按接收片区).",
    RECEIVER_TOWNSHIP="By the township of the receiver: its station's own communities and grids (按接收乡镇).",
    RECEIVER_COMMUNITY="By the community of the receiver (按接收村居).",
    RECEIVER_GRID="By the grid that receives them (按接收网格).",
    STATE="By how far they have come (按状态).",
    URGENCY="By how urgent they are (按紧急程度).",
    MONTH="By the month in which they were sent (按发出月份).",
    QUARTER="By the quarter in which they were sent (按发出季度).",
    YEAR="By the year in which they were sent (按发出年份).",
)
ReferralHaving, ReferralStatisticsOrder, SORTING = conditions("Referral", "转介", FIGURES, NEEDS)


@made()
@strawberry.type(description="What referrals come to (转介数据).")
class ReferralFigures:
    """Figures of some referrals; null if they are held back."""

    count: BigInt | None = column(FIGURES["count"], READ)
    clients: BigInt | None = column(FIGURES["clients"], CLIENTS)
    open: BigInt | None = column(FIGURES["open"], READ)
    overdue: BigInt | None = column(FIGURES["overdue"], READ)
    done: BigInt | None = column(FIGURES["done"], READ)
    rejected: BigInt | None = column(FIGURES["rejected"], READ)
    closed: BigInt | None = column(FIGURES["closed"], READ)
    escalations: BigInt | None = column(FIGURES["escalations"], READ)
    average_days: float | None = column(FIGURES["average_days"], READ)
    done_share: float | None = column(FIGURES["done_share"], READ)


@made()
@strawberry.type(
    description="What a group of referrals has in common; null for what was not grouped by (转介统计分组键)."
)
class ReferralGroupKey:
    """The key of a group."""

    place: Place | None = unit()
    receiver: Place | None = one(
        by("receiver_id"),
        "The place of the receiver, if grouped by one; null also for what leads to no such place in scope (接收地点).",
        Permission.PLACE_READ,
    )
    state: ReferralState | None = column("How far they have come (状态).", READ)
    urgency: Urgency | None = column("How urgent they are (紧急程度).", READ)
    month: str | None = month()
    quarter: str | None = quarter()
    year: int | None = year()


@made(SORTING)
@strawberry.type(description="Referrals that have something in common (转介统计分组).")
class ReferralGroup(ReferralFigures):
    """A group with its figures."""

    key: ReferralGroupKey = same("What they have in common (分组键).")
    share: float | None = share()
    change: float | None = change()
    previous: ReferralFigures | None = previous()
    records: ReferralConnection | None = grouped(
        "The referrals that it counts (转介).", READ, argument("order_by", list[REFERRAL_ORDER] | None, ORDER)
    )


@strawberry.type(description="Referrals by groups (转介统计).")
class ReferralStatistics(Statistics[ReferralGroup]):
    """A page of groups, and what all rows together come to."""

    total: ReferralFigures = strawberry.field(
        description="The figures over all referrals that were asked of, whatever `having` leaves out (合计)."
    )


@strawberry.type
class ReferralStatisticsQuery:
    """The root field, for `Query` to inherit."""

    referral_statistics: ReferralStatistics | None = statistics(
        REFERRALS,
        referral.ALL,
        "The referrals that are sent from, or lead to, what is in scope, by groups, with their figures; places are"
        " those of the sender, days those of Asia/Shanghai (转介统计).",
        READ,
        (ReferralFilter, ReferralDimension, ReferralHaving, ReferralStatisticsOrder),
    )
