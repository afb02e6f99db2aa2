"""What the statistics of all nouns have in common.

FIGURES = {"count": "How many records there are (服务记录数).", …}
DIMENSION = dimension("Service", "服务", SERVICES, FIELD="By field (按服务领域).", …)
HAVING, ORDER, SORTING = conditions("Service", "服务", FIGURES)

@made()
@strawberry.type(description="…")
class ServiceFigures:
    count: BigInt | None = column(FIGURES["count"], READ)
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Optional, TypeVar

import strawberry
from sqlalchemy import TIMESTAMP, ColumnElement, Float, FromClause, Integer, Text, cast, func

from resolvers.core.json import string
from resolvers.core.mapping import Grouped, Groups, Previous, Relation, Sorting
from resolvers.core.permissions import Permission
from resolvers.core.relations import by
from resolvers.core.scope import Scope
from resolvers.core.span import Comparison
from resolvers.core.statistics import Statistic
from schema.enums import describe
from schema.fields import (
    PAGING,
    PUBLIC_FIELD,
    Access,
    argument,
    column,
    expression,
    mapped,
    one,
    operand,
    with_arguments,
)
from schema.filters.base import where
from schema.operators import NumberOperators
from schema.pages import Connection, OrderDirection

READ = Permission.PLACE_READ

describe(
    Comparison,
    "With what the time that is asked of is compared (对比方式).",
    PREVIOUS_PERIOD="The time of the same length just before it (上一时段).",
    SAME_PERIOD_LAST_YEAR="The same time a year before (去年同期).",
)

UNITS = {
    "PROVINCE": "By province (按省).",
    "CITY": "By city (按市).",
    "COUNTY": "By county: its hub with all below (按县).",
    "ZONE": "By zone: a demonstration station with all below (按片区).",
    "TOWNSHIP": "By township: its station's own communities and grids, without stations that it leads (按乡镇).",
    "COMMUNITY": "By community (按村居).",
    "GRID": "By grid (按网格).",
}
PERIODS = {"MONTH": "By month (按月).", "QUARTER": "By quarter (按季度).", "YEAR": "By year (按年)."}
WHERE = "Which rows, as in the connection (筛选条件)."
WHERE_PERSONAL = f"{WHERE} Who sees figures alone groups instead. Needs `{Permission.PERSON_READ.value}`."
SHARE = "The group's count in that of everything, each thing counted once (占比)."
CHANGE = "By how much the count differs from that of the time compared with, in proportion to it (变化率)."
SUPPRESSED = "Whether groups are held back from the account, because they are of so few (是否有隐去的分组)."


Group = TypeVar("Group")


@strawberry.type(description="A page of groups (分组列表).")
class Statistics(Connection[Group]):
    """What the connections of groups have beside their page; each adds the `total`."""

    suppressed: bool = strawberry.field(description=SUPPRESSED)


def _first_day_as(form: str) -> Any:
    """A period as text, of its first day."""
    step = "quarter" if "Q" in form else "month"
    # Without a time zone, in which PostgreSQL would look the day up.
    return lambda row, _: func.to_char(cast(row.c[step], TIMESTAMP), string(form), type_=Text)


def _year(row: FromClause, _: Scope) -> ColumnElement[int]:
    return cast(func.date_part(string("year"), row.c["year"]), Integer)


def unit() -> Any:
    """The place of a group, in its key."""
    return one(
        by("unit_id"),
        "The place, if grouped by one; null also for what lies in no such place in scope (地点).",
        READ,
    )


def month() -> Any:
    """The month of a group, in its key."""
    return expression(_first_day_as("YYYY-MM"), "The month, if grouped by it, such as 2021-03 (月份).", PUBLIC_FIELD)


def quarter() -> Any:
    """The quarter of a group, in its key."""
    return expression(
        _first_day_as('YYYY-"Q"Q'), "The quarter, if grouped by it, such as 2021-Q1 (季度).", PUBLIC_FIELD
    )


def year() -> Any:
    """The year of a group, in its key."""
    return expression(_year, "The year, if grouped by it (年份).", PUBLIC_FIELD)


def dimension(name: str, noun: str, statistic: Statistic, **says: str) -> Any:
    """The enumeration of what a statistic can be grouped by."""
    needs = {key: dimension.needs for key, dimension in statistic.dimensions.items() if dimension.needs is not None}
    said = {
        key: f"{text} Needs `{needs[key].value}`." if key in needs else text
        for key, text in (UNITS | PERIODS | says).items()
        if key in statistic.dimensions
    }
    enum: Any = StrEnum(f"{name}Dimension", {key: key for key in statistic.dimensions}, module=__name__)  # type: ignore[misc]
    return describe(enum, f"What {name.lower()} statistics can be grouped by ({noun}统计维度).", **said)


def _compared(figure: str) -> Callable[[FromClause], ColumnElement[Any]]:
    return lambda row: cast(row.c[figure], Float)


def conditions(
    name: str, noun: str, figures: Mapping[str, str], needs: Mapping[str, Permission] | None = None
) -> tuple[Any, Any, Sorting]:
    """The inputs of `having` and `orderBy`, and what that sorts by, of a statistic with these figures.

    needs: what single figures need.
    """
    needed = needs or {}
    fields = {figure: operand(text, _compared(figure), needs=needed.get(figure)) for figure, text in figures.items()}
    having_type = type(
        f"{name}Having",
        (),
        {"__annotations__": dict.fromkeys(fields, Optional[NumberOperators]), "__module__": __name__, **fields},  # noqa: UP045
    )
    having = where(f"Which groups of {name.lower()} statistics, by their figures ({noun}统计分组条件).")(having_type)
    sorted_by = dict(figures) | {"share": SHARE}
    orders = {"KEY": "By what it is grouped by (按维度)."} | {
        figure.upper(): f"By this figure: {text}{f' Needs `{needed[figure].value}`.' if figure in needed else ''}"
        for figure, text in sorted_by.items()
    }
    enum: Any = StrEnum(f"{name}StatisticsOrderField", {key: key for key in orders}, module=__name__)  # type: ignore[misc]
    describe(enum, f"What groups of {name.lower()} statistics can be ordered by ({noun}统计排序字段).", **orders)

    class Order:
        """One step of an order."""

        field: Any = strawberry.field(description="By what (字段).", graphql_type=enum)
        direction: OrderDirection = strawberry.field(
            default=OrderDirection.ASC, description="Which way; a figure that a group lacks is the least (方向)."
        )

    order = strawberry.input(
        Order,
        name=f"{name}StatisticsOrder",
        description=f"An order of the groups of {name.lower()} statistics ({noun}统计排序).",
    )
    columns = {key: "id" if key == "KEY" else f"sort_{key.lower()}" for key in orders}
    return having, order, Sorting(columns, {figure.upper(): need for figure, need in needed.items()})


def statistics(
    statistic: Statistic,
    relation: Relation,
    description: str,
    needs: Access,
    types: tuple[Any, Any, Any, Any],
    *more: Any,
) -> Any:
    """The root field. types: of `where`, `groupBy`, `having` and `orderBy`; more: further arguments."""
    where_type, dimension_type, having, order = types
    arguments = [
        argument("where", where_type | None, WHERE_PERSONAL if statistic.personal else WHERE),
        argument(
            "group_by",
            list[dimension_type],  # type: ignore[valid-type]
            "By what, 4 at the most, one kind of places among them; nothing: all in one group (分组维度).",
            [],
        ),
        argument("having", having | None, "Which groups (分组条件)."),
        argument("order_by", list[order] | None, "In which order; the keys break ties (排序)."),  # type: ignore[valid-type]
        argument("include_empty", bool, "Also groups that could be and have no rows (包含空组).", False),
    ]
    if statistic.period:
        arguments.append(
            argument(
                "compare_to",
                Comparison | None,
                f"Compare with another time; needs both ends of where.{statistic.period} (对比时段).",
            )
        )
    return with_arguments(mapped(Groups(statistic, relation), description, needs), *arguments, *more, *PAGING)


def grouped(description: str, needs: Access, *arguments: Any) -> Any:
    """The rows that a group counts; the arguments are those of the noun's connection."""
    return with_arguments(mapped(Grouped(), description, needs), *arguments, *PAGING)


def previous() -> Any:
    """A group's figures of the time that is compared with."""
    return mapped(Previous(), "The figures of the time compared with; null if none is (对比时段数据).", PUBLIC_FIELD)


def share() -> Any:
    """A group's share."""
    return column(SHARE, PUBLIC_FIELD)


def change() -> Any:
    """A group's change."""
    return column(CHANGE, PUBLIC_FIELD)
