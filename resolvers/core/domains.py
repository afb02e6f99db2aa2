"""The groups that a statistic could have: every unit, value and period, also those that have no rows."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    TIMESTAMP,
    ColumnElement,
    FromClause,
    Select,
    Text,
    cast,
    column,
    func,
    join,
    literal_column,
    select,
    true,
    values,
)

from models import Place
from resolvers.core.relations import table_of
from resolvers.core.span import Bounds
from resolvers.core.statistics import Dimension, length_of
from resolvers.core.units import OWN, all_units

if TYPE_CHECKING:
    from resolvers.core.asked import Asked


def domain(asked: "Asked", found: FromClause, dimensions: list[Dimension]) -> FromClause:
    """All combinations of keys. found: the groups that have rows, with their keys."""
    parts = [_keys(asked, found, dimension).subquery() for dimension in dimensions]
    joined: FromClause = parts[0]
    for part in parts[1:]:
        joined = join(joined, part, true())
    return select(*[key for part in parts for key in part.c]).select_from(joined).subquery()


def _keys(asked: "Asked", found: FromClause, dimension: Dimension) -> Select[Any]:
    name = dimension.column
    if dimension.unit is not None:
        # What lies within a place may lead anywhere.
        within = _within(asked) if name == OWN else None
        return all_units(dimension, asked.scope, within).where(asked.scope.gate())
    if dimension.values is not None:
        listed = values(column(name, Text), name=f"every_{name}", literal_binds=True)
        listed = listed.data([(value.value,) for value in dimension.values])
        return select(listed.c[name]).select_from(listed)
    if dimension.all is not None:
        return dimension.all(asked.scope).where(asked.scope.gate())
    if dimension.step:
        return _periods(asked, found, dimension)
    return select(found.c[name]).distinct()


def _periods(asked: "Asked", found: FromClause, dimension: Dimension) -> Select[Any]:
    """From the first to the last period of the time asked of; where that is open, of those that have rows."""
    key = found.c[dimension.column]
    bounds = Bounds(asked.statistic, asked.arguments)
    low: ColumnElement[Any] = select(func.min(key)).scalar_subquery()
    high: ColumnElement[Any] = select(func.max(key)).scalar_subquery()
    if bounds.low is not None:
        low = func.date_trunc(literal_column(f"'{dimension.step}'"), bounds.low)
    if bounds.high is not None:
        high = bounds.high - literal_column(f"interval '1 {'microsecond' if asked.statistic.instant else 'day'}'")
    series = func.generate_series(cast(low, TIMESTAMP), cast(high, TIMESTAMP), length_of(dimension.step)).column_valued(
        "period"
    )
    return select(cast(series, dimension.kind).label(dimension.column))


def _within(asked: "Asked") -> FromClause | None:
    """The place that is asked of; none if it is the scope's own."""
    if asked.arguments.get("where", "within") is None:
        return None
    place = table_of(Place).alias()
    return select(place.c.path).where(asked.named(place), asked.scope.visible(place)).subquery()
