"""Statistics out of the sums that are kept per place and month, where those can tell what is asked.

A figure of a place is what its sums say, and what was written since they were last folded: the deltas in its subtree,
in the same snapshot. The few rows of a grid have no sums; neither has a part of a month, so that the rows of such parts
are read as they are, which none are if the time asked of begins and ends with a month.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ColumnElement, Date, FromClause, Select, and_, func, literal_column, select
from sqlmodel import SQLModel

from models import Place, PlaceLevel
from resolvers.core.arguments import Arguments
from resolvers.core.json import string
from resolvers.core.mapping import Clause
from resolvers.core.relations import table_of
from resolvers.core.scope import Scope, beneath
from resolvers.core.span import Bounds
from resolvers.core.statistics import NUMBER, Dimension, first_day, marked
from resolvers.core.units import Unit, has, is_unit

if TYPE_CHECKING:
    from resolvers.core.asked import Asked


@dataclass(frozen=True)
class Kept:
    """Sums of a statistic's rows.

    values: their columns, by the value of the rows. keys: their columns, by the column of the groups. only: which of
    the sums. when: whether what else is asked is what they are of. day: of a row, if they are kept by month. units:
    whether the units of a place can be told from them. wide: the keys that regions have, too. beside: rows that count
    besides, and lie elsewhere.
    """

    rollup: type[SQLModel]
    delta: type[SQLModel]
    values: Mapping[str, str]
    keys: Mapping[str, str] = field(default_factory=dict)
    only: Callable[[FromClause], Clause] | None = None
    when: Callable[[Arguments], bool] = lambda _: True
    day: Callable[[FromClause], ColumnElement[Any]] | None = None
    units: bool = True
    wide: frozenset[str] = frozenset()
    beside: Callable[[FromClause, Scope], Select[Any]] | None = None


class Sums:
    """The sums that answer a statistic, in one of its two times."""

    def __init__(self, asked: "Asked", kept: Kept, dimensions: list[Dimension], values: list[str]) -> None:
        self._asked, self._kept, self._dimensions, self._values = asked, kept, dimensions, values
        self._scope, self._span = asked.scope, asked.span
        self._unit = next((dimension.unit for dimension in dimensions if dimension.unit), None)

    @classmethod
    def of(cls, asked: "Asked", dimensions: list[Dimension], values: list[str]) -> "Sums | None":
        """The sums, or None where they cannot tell what is asked."""
        kept = asked.statistic.kept
        if kept is None or not set(values) <= kept.values.keys() or not kept.when(asked.arguments):
            return None
        given = {name for name, value in (asked.arguments.get("where") or {}).items() if value is not None}
        if not given <= ({"within", asked.statistic.period} if kept.day else {"within"}):
            return None
        # By days, a time before does not begin with a month.
        steps = kept.day is not None and (asked.span is None or asked.span.by_year)
        known = kept.wide if asked.scope.wide else kept.keys.keys()
        for dimension in dimensions:
            if dimension.unit is not None:
                if not kept.units or dimension.unit is Unit.GRID:
                    return None
            elif dimension.column not in known and not (dimension.step and steps):
                return None
        return cls(asked, kept, dimensions, sorted({*values, NUMBER}))

    def rows(self, *, past: bool) -> list[Select[Any]]:
        """Rows of the same shape as `Asked.plain` has them, each for many."""
        root, bounds = self._asked.root, None
        if self._kept.day is not None:
            bounds = Bounds(self._asked.statistic, self._asked.arguments)
            if past and self._span is not None:
                bounds = bounds.shifted(self._span)
        made = [self._select(*part, bounds, past=past) for part in self._parts(root)]

        def only(clause: Clause) -> Clause:
            """Whether a clause holds of the root; depends on no row, so that where it fails, none is looked for."""
            return select(literal_column("1")).select_from(root).where(clause).exists()

        grid = root.c.level == string(PlaceLevel.GRID)
        made.append(self._plain(lambda _: only(grid), past=past))
        for begin, end in _edges(bounds) if bounds is not None else ():
            made.append(self._plain(self._between(only(and_(~grid, begin < end)), begin, end), past=past))
        if self._kept.beside is not None:
            # All rows of a grid are counted as they are, those too.
            made.append(self._beside(root).where(only(~grid)))
        return made

    # -- sums and deltas ------------------------------------------------------------------------------------------

    def _parts(self, root: Any) -> Iterator["Part"]:
        """All sums and deltas that are asked of, each with the key of its unit and the sign with which it counts.

        What lies in no unit is what is left of the root's.
        """
        rest = self._above(root)
        yield self._folded(root, root.c.id, rest, 1)
        yield self._unfolded(root, lambda _: and_(True), rest, 1)
        unit = self._unit
        if unit is None:
            return
        for sign, other in ((1, None), (-1, rest)):
            place, units = self._units(root, unit)
            yield self._folded(units, place.c.id, place.c.id if other is None else other, sign)
            place, units = self._units(root, unit)
            lies = partial(has, place, unit=unit)
            yield self._unfolded(units, lies, place.c.id if other is None else other, sign, root=root)
        if unit is Unit.TOWNSHIP:
            # What a station that is led has is no part of the leading one's own.
            for sign, other in ((-1, None), (1, rest)):
                place, units = self._units(root, unit, led=True)
                yield self._folded(units, place.c.id, place.c.parent_id if other is None else other, sign)

    def _units(self, root: Any, unit: Unit, *, led: bool = False) -> tuple[Any, FromClause]:
        """The units in the root's subtree; those alone that are led by another there, if that is asked."""
        place = table_of(Place).alias()
        clause = and_(beneath(place.c.path, root.c.path), is_unit(place, unit, self._scope))
        if led:
            clause = and_(clause, place.c.level == string(PlaceLevel.BASIC), place.c.id != root.c.id)
        return place, root.join(place, clause)

    def _above(self, root: Any) -> ColumnElement[Any] | None:
        """The unit that the root lies in: what lies in none below it lies in that."""
        if self._unit is None:
            return None
        place = table_of(Place).alias()
        found = select(place.c.id).where(
            has(place, root, self._unit), place.c.id != root.c.id, is_unit(place, self._unit, self._scope)
        )
        return found.correlate_except(place).scalar_subquery()

    def _folded(self, places: FromClause, key: ColumnElement[Any], unit_id: Any, sign: int) -> "Part":
        sums = table_of(self._kept.rollup).alias()
        return sums, places.join(sums, sums.c.place_id == key), unit_id, sign

    def _unfolded(
        self, places: FromClause, lies: Callable[[FromClause], Clause], unit_id: Any, sign: int, root: Any = None
    ) -> "Part":
        delta, top = table_of(self._kept.delta).alias(), places if root is None else root
        clause = and_(beneath(delta.c.path, top.c.path), top.c.level != string(PlaceLevel.GRID), lies(delta))
        return delta, places.join(delta, clause), unit_id, sign

    def _select(
        self, sums: Any, joined: FromClause, unit_id: Any, sign: int, bounds: Bounds | None, *, past: bool
    ) -> Select[Any]:
        columns: list[ColumnElement[Any]] = []
        for dimension in self._dimensions:
            if dimension.unit:
                key = unit_id
            elif dimension.step:
                key = self._asked.source(sums, past=past).day(sums.c.month)
                if dimension.step != "month":
                    key = first_day(dimension.step, key)
            else:
                key = sums.c[self._kept.keys[dimension.column]]
            columns.append(key.label(dimension.column))
        for value in self._values:
            number = sums.c[self._kept.values[value]]
            columns.append((number if sign > 0 else -number).label(value))
        columns.append(marked(past=past))
        query = select(*columns).select_from(joined).where(self._scope.visible(sums), self._scope.gate())
        if self._kept.only is not None:
            query = query.where(self._kept.only(sums))
        if bounds is not None and bounds.low is not None:
            query = query.where(sums.c.month >= _next_month(bounds.low))
        if bounds is not None and bounds.high is not None:
            query = query.where(sums.c.month < first_day("month", bounds.high))
        return query

    # -- rows as they are -----------------------------------------------------------------------------------------

    def _plain(self, only: Callable[[FromClause], Clause], *, past: bool) -> Select[Any]:
        return self._asked.plain(self._dimensions, self._values, past=past, only=only)

    def _between(
        self, asked: Clause, begin: ColumnElement[Any], end: ColumnElement[Any]
    ) -> Callable[[FromClause], Clause]:
        day = self._kept.day
        assert day is not None
        return lambda row: and_(asked, day(row) >= begin, day(row) < end)

    def _beside(self, root: Any) -> Select[Any]:
        assert self._kept.beside is not None
        row = self._asked.table.alias()
        columns = [row.c[dimension.column].label(dimension.column) for dimension in self._dimensions]
        columns += [literal_column("1", BigInteger()).label(value) for value in self._values]
        found = select(*columns, marked(past=False)).select_from(row)
        guests = self._kept.beside(root, self._scope)
        return found.where(row.c.id.in_(guests), self._scope.visible(row), self._scope.gate())


Part = tuple[Any, FromClause, Any, int]
"""An alias of the sums, or of the deltas; what they are joined to; the key of their unit; 1 or -1."""


def _edges(bounds: Bounds) -> Iterator[tuple[ColumnElement[Any], ColumnElement[Any]]]:
    """The parts of months at both ends, each from a day on and before another; empty ones too."""
    low, high = bounds.low, bounds.high
    if low is not None:
        end = _next_month(low)
        yield low, end if high is None else func.least(end, high, type_=Date())
    if high is not None:
        begin = first_day("month", high)
        yield begin if low is None else func.greatest(begin, _next_month(low), type_=Date()), high


def _next_month(day: ColumnElement[Any]) -> ColumnElement[Any]:
    """The first day of a month that is not before a day."""
    return first_day("month", day + literal_column("interval '1 month' - interval '1 day'"))
