"""Statistics out of the sums that are kept per place and month, where those can tell what is asked.

A figure of a place is what its sums say, and what was written since they were last folded: the deltas in its subtree,
in the same snapshot. The few rows of a grid have no sums; neither has a part of a month, so that the rows of such parts
are read as they are, which none are if the time asked of begins and ends with a month.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Select,
    and_,
    any_,
    func,
    literal_column,
    select,
)
from sqlmodel import SQLModel

from models import Place, PlaceLevel
from resolvers.core.arguments import Arguments
from resolvers.core.json import string
from resolvers.core.mapping import Clause
from resolvers.core.relations import ancestry, place_key, table_of
from resolvers.core.scope import Scope, beneath
from resolvers.core.span import Bounds, Span
from resolvers.core.statistics import Dimension, Source, Statistic, first_day
from resolvers.core.units import Unit, has, is_unit

if TYPE_CHECKING:
    from resolvers.core.cells import Cells


@dataclass(frozen=True)
class Kept:
    """Sums of a statistic's rows.

    values: their columns, by the value of the rows. keys: their columns, by the column of the groups. where: the fields
    of `where` that they can tell apart. only: which of the sums. when: whether what else is asked is what they are of.
    day: of a row, if they are kept by month. units: whether the units of a place can be told from them.
    wide: the keys that regions have, too. beside: rows that count besides, and lie elsewhere.
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
    """The sums that answer one statistic of an operation."""

    def __init__(
        self,
        statistic: Statistic,
        arguments: Arguments,
        dimensions: list[Dimension],
        values: list[str],
        scope: Scope,
        span: Span | None,
    ) -> None:
        assert statistic.kept is not None
        self._statistic, self._kept, self._arguments = statistic, statistic.kept, arguments
        self._dimensions, self._values, self._scope, self._span = dimensions, values, scope, span

    @classmethod
    def of(
        cls,
        statistic: Statistic,
        arguments: Arguments,
        dimensions: list[Dimension],
        values: list[str],
        scope: Scope,
        span: Span | None,
    ) -> "Sums | None":
        """The sums, or None where they cannot tell what is asked."""
        kept = statistic.kept
        if kept is None or not set(values) <= kept.values.keys() or not kept.when(arguments):
            return None
        asked = {name for name, value in (arguments.get("where") or {}).items() if value is not None}
        if not asked <= ({"within", statistic.period} if kept.day else {"within"}):
            return None
        # By days, a time before does not begin with a month.
        steps = kept.day is not None and (span is None or span.by_year)
        known = kept.wide if scope.wide else kept.keys.keys()
        for dimension in dimensions:
            if dimension.unit is not None:
                if not kept.units or dimension.unit is Unit.GRID:
                    return None
            elif dimension.column not in known and not (dimension.step and steps):
                return None
        return cls(statistic, arguments, dimensions, values, scope, span)

    def rows(self, cells: "Cells", *, past: bool) -> list[Select[Any]]:
        """Rows of the same shape as `cells.plain` has them, each for many."""
        root = self._root(cells)
        bounds = Bounds(self._statistic, self._arguments) if self._kept.day else None
        if bounds and past and self._span:
            bounds = bounds.shifted(self._span)
        months = self._months(bounds)
        made = self._of_units(root, months, cells, past=past) if self._unit else []
        if not self._unit:
            made = [
                self._select(root, lambda sums: sums.c.place_id == root.c.id, months, cells, past=past),
                self._select(root, self._below(root), months, cells, past=past, delta=True),
            ]
        leaf = root.c.level == string(PlaceLevel.GRID)

        def at_leaf(_: FromClause) -> Clause:
            return select(literal_column("1")).select_from(root).where(leaf).exists()

        made.append(cells.plain(self._dimensions, self._values, past=past, only=at_leaf))
        if bounds:
            made += self._edges(bounds, cells, root, past=past)
        if self._kept.beside is not None:
            made.append(self._beside(root, cells))
        return made

    @property
    def _unit(self) -> Unit | None:
        return next((dimension.unit for dimension in self._dimensions if dimension.unit), None)

    def _root(self, cells: "Cells") -> Any:
        """The place that is asked of: that of `within`, or the scope's own; no row if it is not visible."""
        place = table_of(Place).alias()
        named = place.c.path == self._scope.path
        if self._arguments.get("where", "within") is not None:
            named = place.c.id == self._arguments.bind(BigInteger(), "where", "within", convert=place_key)
        query = select(place.c.id, place.c.path, place.c.level).where(named, self._scope.visible(place), cells.gate())
        return query.subquery()

    def _below(self, root: FromClause) -> Callable[[FromClause], Clause]:
        return lambda row: and_(beneath(row.c.path, root.c.path), root.c.level != string(PlaceLevel.GRID))

    def _months(self, bounds: Bounds | None) -> Callable[[FromClause], Clause]:
        """Which months lie in the time asked of as a whole."""

        def clause(sums: FromClause) -> Clause:
            found: list[Clause] = [self._kept.only(sums)] if self._kept.only else []
            if bounds and bounds.low is not None:
                found.append(sums.c.month >= _next_month(bounds.low))
            if bounds and bounds.high is not None:
                found.append(sums.c.month < first_day("month", bounds.high))
            return and_(True, *found)

        return clause

    def _select(
        self,
        root: FromClause,
        of: Callable[[FromClause], Clause],
        months: Callable[[FromClause], Clause],
        cells: "Cells",
        *,
        past: bool,
        delta: bool = False,
        unit: Callable[[FromClause], tuple[FromClause, ColumnElement[Any]]] | None = None,
        sign: int = 1,
    ) -> Select[Any]:
        """The sums, or deltas, of some places; unit: joins what the key of the unit comes from."""
        sums = table_of(self._kept.delta if delta else self._kept.rollup).alias()
        joined: FromClause = root.join(sums, of(sums))
        unit_id: ColumnElement[Any] = literal_column("NULL::bigint", BigInteger())
        if unit is not None:
            joined, unit_id = unit(sums)
        columns = []
        for dimension in self._dimensions:
            if dimension.unit:
                key = unit_id
            elif dimension.step:
                source = Source(sums, self._scope, self._span.shift if past and self._span else None)
                key = first_day(dimension.step, source.day(sums.c.month))
            else:
                key = sums.c[self._kept.keys[dimension.column]]
            columns.append(key.label(dimension.column))
        for value in self._values:
            number = sums.c[self._kept.values[value]]
            columns.append((number if sign > 0 else -number).label(value))
        columns.append(literal_column("true" if past else "false").label("past"))
        query = select(*columns).select_from(joined)
        return query.where(self._scope.visible(sums), months(sums), cells.gate())

    def _of_units(
        self, root: FromClause, months: Callable[[FromClause], Clause], cells: "Cells", *, past: bool
    ) -> list[Select[Any]]:
        """The sums of each unit below the root; what lies in none of them is what is left of the root's."""
        unit, scope = self._unit, self._scope
        assert unit is not None
        made: list[Select[Any]] = []

        def add(key: Any, *, delta: bool, sign: int, child: bool = False) -> None:
            """The sums of all units under a key; child: of the stations that lead to another, for that."""

            def joined(sums: FromClause) -> tuple[FromClause, ColumnElement[Any]]:
                place = table_of(Place).alias()
                match = has(place, sums, unit) if delta else place.c.id == sums.c.place_id
                if child:
                    match = and_(match, place.c.level == string(PlaceLevel.BASIC))
                inside = beneath(place.c.path, root.c.path)
                units = root.join(place, and_(inside, is_unit(place, unit, scope)))
                return units.join(sums, match), key(place)

            made.append(
                self._select(root, lambda _: and_(True), months, cells, past=past, delta=delta, unit=joined, sign=sign)
            )

        above = self._above(root, unit)
        for key, sign in ((lambda place: place.c.id, 1), (lambda _: above, -1)):
            add(key, delta=False, sign=sign)
            add(key, delta=True, sign=sign)
        if unit is Unit.TOWNSHIP:
            # What a station that is led has is no part of the leading one's own.
            add(lambda place: place.c.parent_id, delta=False, sign=-1, child=True)
            add(lambda _: above, delta=False, sign=1, child=True)
        whole = lambda sums: (root.join(sums, sums.c.place_id == root.c.id), above)  # noqa: E731
        rest = lambda sums: (root.join(sums, self._below(root)(sums)), above)  # noqa: E731
        made.append(self._select(root, lambda _: and_(True), months, cells, past=past, unit=whole))
        made.append(self._select(root, lambda _: and_(True), months, cells, past=past, delta=True, unit=rest))
        return made

    def _above(self, root: FromClause, unit: Unit) -> ColumnElement[Any]:
        """The unit that the root lies in, for what lies in none below it."""
        place = table_of(Place).alias()
        found = select(place.c.id).where(
            place.c.id == any_(ancestry(root.c.path)), place.c.id != root.c.id, is_unit(place, unit, self._scope)
        )
        return found.correlate_except(place).scalar_subquery()

    def _edges(self, bounds: Bounds, cells: "Cells", root: FromClause, *, past: bool) -> list[Select[Any]]:
        """The rows of the parts of months at both ends."""
        assert self._kept.day is not None
        day, low, high = self._kept.day, bounds.low, bounds.high
        below: Select[Any] = select(literal_column("1")).select_from(root)
        tall = below.where(root.c.level != string(PlaceLevel.GRID)).exists()
        ends: list[tuple[ColumnElement[Any], ColumnElement[Any]]] = []
        if low is not None:
            end = _next_month(low)
            ends.append((low, end if high is None else func.least(end, high, type_=Date())))
        if high is not None:
            begin = first_day("month", high)
            ends.append((begin if low is None else func.greatest(begin, _next_month(low), type_=Date()), high))

        def part(begin: ColumnElement[Any], end: ColumnElement[Any]) -> Callable[[FromClause], Clause]:
            # The first condition depends on no row: where it fails, none is looked for.
            return lambda row: and_(begin < end, tall, day(row) >= begin, day(row) < end)

        return [cells.plain(self._dimensions, self._values, past=past, only=part(*each)) for each in ends]

    def _beside(self, root: FromClause, cells: "Cells") -> Select[Any]:
        assert self._kept.beside is not None
        row = cells.table.alias()
        columns = [row.c[dimension.column].label(dimension.column) for dimension in self._dimensions]
        columns += [literal_column("1", BigInteger()).label(value) for value in self._values]
        found = select(*columns, literal_column("false").label("past")).select_from(row)
        guests = self._kept.beside(root, self._scope)
        return found.where(row.c.id.in_(guests), self._scope.visible(row), cells.gate())


def _next_month(day: ColumnElement[Any]) -> ColumnElement[Any]:
    """The first day of a month that is not before a day."""
    from sqlalchemy import cast

    return cast(first_day("month", day + literal_column("interval '1 month' - interval '1 day'")), Date)
