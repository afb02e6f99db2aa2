"""What a statistic is of: dimensions that its rows are grouped by, measures that the groups have.

    SERVICES = Statistic(
        ServiceRecord,
        dimensions=units() | periods(day) | {"FIELD": by_column("field", Text(), ServiceField), …},
        values={"contacts": lambda source: source.row.c.contacts, …},
        measures={"contacts": total("contacts"), "clients": distinct("client_id"),
                  "average_contacts": ratio("contacts", "count"), …},
    )

`resolvers/core/cells.py` makes SQL of it: of what is `asked`, over rows or over sums that are `kept` of them,
`grouping` aggregates, `hiding` holds small groups back. A measure is taken over values of the rows, so that the same
measure can be taken over sums.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Float,
    FromClause,
    Integer,
    Numeric,
    Select,
    and_,
    case,
    cast,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

from resolvers.core.json import string
from resolvers.core.mapping import Clause
from resolvers.core.permissions import Permission
from resolvers.core.relations import table_of
from resolvers.core.scope import Scope

if TYPE_CHECKING:
    from resolvers.core.kept import Kept
    from resolvers.core.units import Unit

NUMBER = "number"
"""The value of which each row has one."""

PAST = "past"
"""The column that says whether a row is of the time that is compared with."""
DECIMAL = Numeric(scale=2)
"""Sums of decimals, such as yuan and hours, and what they come to on average."""


class Source:
    """Rows on their way to groups: `row` of the noun, and what is joined to it.

    shift: how much later a row of the time that is compared with counts.
    """

    def __init__(self, row: FromClause, scope: Scope, shift: ColumnElement[Any] | None = None) -> None:
        self.row, self.scope, self.shift = row, scope, shift
        self.joined: FromClause = row
        self.sides: dict[str, FromClause] = {}

    def join(self, right: FromClause, on: Callable[[FromClause], Clause], *, outer: bool = True) -> FromClause:
        """Joins something to the rows; it says itself what of it is visible."""
        self.joined = self.joined.join(right, on(right), isouter=outer)
        return right

    def day(self, day: ColumnElement[Any]) -> ColumnElement[Any]:
        """A day of the row, as it counts."""
        return day if self.shift is None else cast(day + self.shift, Date)


@dataclass(frozen=True)
class Dimension:
    """What rows are grouped by.

    column: of the groups, with the key. of: the key of each row. holds: whether a row belongs to the group with a key.
    values, all: what there can be, of an enumeration or as rows. unit: the kind of places, if it is the place.
    """

    column: str
    kind: TypeEngine[Any]
    of: Callable[[Source], ColumnElement[Any]]
    holds: Callable[[FromClause, ColumnElement[Any], Scope], Clause]
    values: type[Enum] | None = None
    needs: Permission | None = None
    all: Callable[[Scope], Select[Any]] | None = None
    unit: "Unit | None" = None
    step: str = ""
    """The length of a period: month, quarter or year."""


class Values:
    """The values of a group's rows, or of those that are kept by a clause."""

    def __init__(self, rows: FromClause, keep: Clause | None) -> None:
        self._rows, self._keep = rows, keep

    def _kept(self, aggregate: Any) -> Any:
        return aggregate if self._keep is None else aggregate.filter(self._keep)

    def total(self, name: str) -> ColumnElement[Any]:
        """The sum of a value; 0 of nothing."""
        value = self._rows.c[name]
        if isinstance(value.type, Numeric):
            return func.coalesce(self._kept(func.sum(value)), nothing(value.type), type_=value.type)
        return cast(func.coalesce(self._kept(func.sum(value)), literal_column("0")), BigInteger())

    def distinct(self, name: str) -> ColumnElement[int]:
        """How many different ones there are."""
        counted: ColumnElement[int] = self._kept(func.count(self._rows.c[name].distinct()))
        return counted


@dataclass(frozen=True)
class Measure:
    """A figure of a group.

    compute: from the `values` of its rows. ratio: instead, one measure in proportion to another. side: the name of
    what must be joined to the rows for it, which multiplies them, so that it is computed apart. sums: the measure over
    sums that were kept, if that is another. people: whether it counts people other than the rows: a few of them are
    held back, however many rows there are.
    """

    type: TypeEngine[Any]
    values: tuple[str, ...] = ()
    compute: Callable[[Values], ColumnElement[Any]] | None = None
    ratio: tuple[str, str] | None = None
    side: str = ""
    sums: "Measure | None" = None
    people: bool = False


def total(value: str, *, type_: TypeEngine[Any] | None = None, side: str = "") -> Measure:
    """The sum of a value."""
    return Measure(type_ or BigInteger(), (value,), lambda rows: rows.total(value), side=side)


def distinct(value: str, *, side: str = "", sums: Measure | None = None, people: bool = False) -> Measure:
    """How many different values there are, however many rows have each."""
    return Measure(BigInteger(), (value,), lambda rows: rows.distinct(value), side=side, sums=sums, people=people)


def ratio(measure: str, per: str, *, type_: TypeEngine[Any] | None = None) -> Measure:
    """One measure divided by another; null where that is 0. type_: if it is not a floating point number."""
    return Measure(type_ or Float(), ratio=(measure, per))


def nothing(type_: TypeEngine[Any]) -> ColumnElement[Any]:
    """The sum of nothing, with the decimals that other sums have."""
    decimals = (type_.scale or 0) if isinstance(type_, Numeric) else 0
    return literal_column(f"{0:.{decimals}f}", type_)


def holding(condition: Callable[[FromClause], Clause]) -> Callable[[Source], ColumnElement[int]]:
    """The value that is 1 of a row of which something holds, and else 0."""
    return lambda source: case((condition(source.row), literal_column("1", Integer())), else_=literal_column("0"))


@dataclass(frozen=True)
class Statistic:
    """Rows of a noun, and what is told of them.

    period: the field of `where` that says from when to when; without, nothing can be compared with the time before.
    sides: what is joined for the measures of a side. kept: the sums that are kept.
    """

    model: type[SQLModel]
    dimensions: Mapping[str, Dimension]
    measures: Mapping[str, Measure]
    values: Mapping[str, Callable[[Source], ColumnElement[Any]]] = field(default_factory=dict)
    sides: Mapping[str, Callable[[Source], None]] = field(default_factory=dict)
    period: str = ""
    instant: bool = False
    """Whether the period's field compares instants and not days."""
    kept: "Kept | None" = None
    personal: bool = False
    """Whether it counts people, or what was done for them: then who sees figures alone gets none of few."""

    @cached_property
    def columns(self) -> Mapping[str, Dimension]:
        """The dimensions by the column of their keys."""
        return {dimension.column: dimension for dimension in self.dimensions.values()}

    def needed(self, measures: set[str]) -> set[str]:
        """The measures with those that they are computed from."""
        found = set(measures)
        for name in measures:
            found |= set(self.measures[name].ratio or ())
        return found


def by_column(
    name: str,
    type_: TypeEngine[Any],
    values: type[Enum] | None = None,
    *,
    needs: Permission | None = None,
    all_: Callable[[Scope], Select[Any]] | None = None,
    optional: bool = False,
) -> Dimension:
    """The dimension of a column. optional: whether it can be null."""

    def holds(row: FromClause, key: ColumnElement[Any], _: Scope) -> Clause:
        return row.c[name].is_not_distinct_from(key) if optional else row.c[name] == key

    return Dimension(name, type_, lambda source: source.row.c[name], holds, values, needs, all_)


def by_seen(
    model: type[SQLModel],
    link: str,
    column: str,
    type_: TypeEngine[Any],
    values: type[Enum] | None = None,
    *,
    name: str = "",
    needs: Permission | None = None,
) -> Dimension:
    """The dimension of a column of another row, to which `link` leads; null where that is not in scope.

    name: of the groups' column, if it is another.
    """

    def of(source: Source) -> ColumnElement[Any]:
        other = table_of(model).alias()
        seen = source.join(other, lambda row: and_(row.c.id == source.row.c[link], source.scope.visible(row)))
        key: ColumnElement[Any] = seen.c[column]
        return key

    def holds(row: FromClause, key: ColumnElement[Any], scope: Scope) -> Clause:
        other = table_of(model).alias()
        seen = select(other.c[column]).where(other.c.id == row.c[link], scope.visible(other))
        return seen.correlate_except(other).scalar_subquery().is_not_distinct_from(key)

    return Dimension(name or column, type_, of, holds, values, needs)


def periods(day: Callable[[FromClause], ColumnElement[Any]]) -> dict[str, Dimension]:
    """The dimensions of time, by name: the month, quarter and year of a day; the key is the first day."""
    return {step.upper(): _period(step, day) for step in ("month", "quarter", "year")}


def length_of(step: str) -> ColumnElement[Any]:
    """How long a month, quarter or year is."""
    return literal_column(f"interval '{'3 months' if step == 'quarter' else f'1 {step}'}'")


def marked(*, past: bool) -> ColumnElement[Any]:
    """The column that says of which time a row is."""
    return literal_column("true" if past else "false", Boolean()).label(PAST)


def same_keys(dimensions: Sequence[Dimension], one: FromClause, other: FromClause) -> Clause:
    """Whether two rows are of the same group."""
    return and_(true(), *[one.c[d.column].is_not_distinct_from(other.c[d.column]) for d in dimensions])


def first_day(step: str, day: ColumnElement[Any]) -> ColumnElement[Any]:
    """The first day of the period in which a day lies."""
    return cast(func.date_trunc(string(step), day), Date)


def _period(step: str, day: Callable[[FromClause], ColumnElement[Any]]) -> Dimension:
    return Dimension(
        step,
        Date(),
        lambda source: first_day(step, source.day(day(source.row))),
        lambda row, key, _: and_(day(row) >= key, day(row) < key + length_of(step)),
        step=step,
    )
