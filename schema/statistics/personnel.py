"""Statistics of personnel (人员统计)."""

import strawberry

from models import Duty, Gender, PersonKind, PlaceLevel, QualificationLevel
from resolvers import person
from resolvers.core.permissions import Permission
from resolvers.statistics.personnel import PERSONNEL
from schema.fields import argument, column, made, same
from schema.filters.base import ORDER
from schema.filters.person import PERSON_ORDER, PersonFilter
from schema.pages import PersonConnection
from schema.place import Place
from schema.scalars import BigInt
from schema.statistics.base import Statistics, conditions, dimension, grouped, share, statistics, unit

COUNT = Permission.PERSONNEL_COUNT

FIGURES = {
    "count": "How many people, each once (人数).",
    "serving": "How many of them serve somewhere in scope today (在岗人数).",
    "qualified": "How many of them have a qualification in force (持证人数).",
    "serving_share": "How many of them serve, in proportion (在岗比例).",
    "qualified_share": "How many of them have a qualification, in proportion (持证比例).",
}
PersonnelDimension = dimension(
    "Personnel",
    "人员",
    PERSONNEL,
    KIND="By kind (按人员类别).",
    GENDER="By gender (按性别).",
    DUTY="By the duties that they have today, in scope; who has several is in several groups (按岗位职责).",
    QUALIFICATION="By the highest qualification in force (按职业水平).",
    LEVEL="By the level of the place of their home (按归属层级).",
)
PersonnelHaving, PersonnelStatisticsOrder, SORTING = conditions("Personnel", "人员", FIGURES)


@made()
@strawberry.type(description="What people come to (人员数据).")
class PersonnelFigures:
    """Figures of some people; null if they are held back."""

    count: BigInt | None = column(FIGURES["count"], COUNT)
    serving: BigInt | None = column(FIGURES["serving"], COUNT)
    qualified: BigInt | None = column(FIGURES["qualified"], COUNT)
    serving_share: float | None = column(FIGURES["serving_share"], COUNT)
    qualified_share: float | None = column(FIGURES["qualified_share"], COUNT)


@made()
@strawberry.type(description="What a group of people has in common; null for what was not grouped by (人员统计分组键).")
class PersonnelGroupKey:
    """The key of a group."""

    place: Place | None = unit()
    kind: PersonKind | None = column("The kind (人员类别).", COUNT)
    gender: Gender | None = column("The gender (性别).", COUNT)
    duty: Duty | None = column("The duty; null also for those who have none (岗位职责).", COUNT)
    qualification: QualificationLevel | None = column(
        "The highest qualification; null also for those who have none (职业水平).", COUNT
    )
    level: PlaceLevel | None = column("The level of their home; null also if that is out of scope (归属层级).", COUNT)


@made(SORTING)
@strawberry.type(description="People who have something in common (人员统计分组).")
class PersonnelGroup(PersonnelFigures):
    """A group with its figures; a person who serves at several places may be in the groups of several."""

    key: PersonnelGroupKey = same("What they have in common (分组键).")
    share: float | None = share()
    records: PersonConnection | None = grouped(
        "The people that it counts (人员).",
        COUNT,
        argument("order_by", list[PERSON_ORDER] | None, ORDER),
    )


@strawberry.type(description="People by groups (人员统计).")
class PersonnelStatistics(Statistics[PersonnelGroup]):
    """A page of groups, and what all rows together come to."""

    total: PersonnelFigures = strawberry.field(
        description="The figures over all people that were asked of, each once, whatever `having` leaves out (合计)."
    )


@strawberry.type
class PersonnelStatisticsQuery:
    """The root field, for `Query` to inherit."""

    personnel_statistics: PersonnelStatistics | None = statistics(
        PERSONNEL,
        person.ALL,
        "The people in scope by groups, with their figures (人员统计).",
        COUNT,
        (PersonFilter, PersonnelDimension, PersonnelHaving, PersonnelStatisticsOrder),
    )
