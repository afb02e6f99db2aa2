"""Which groups of a statistic are held back from who sees figures alone (`small_cells`, migrations 0011)."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Text,
    case,
    cast,
    column,
    func,
    literal_column,
    or_,
    select,
    union,
    values,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from models import Place, PlaceLevel
from resolvers.core.json import string
from resolvers.core.relations import table_of
from resolvers.core.statistics import Dimension, first_day
from resolvers.core.units import Unit

if TYPE_CHECKING:
    from resolvers.core.asked import Asked

STEPS = ("year", "quarter", "month")


def hidden(asked: "Asked", found: CTE, sizes: list[str]) -> CTE:
    """The keys of the groups that are held back. found: all; sizes: the columns that say how many each counts."""
    joined: FromClause = found
    chains: list[list[ColumnElement[Any]]] = []
    for dimension in asked.dimensions:
        key = found.c[dimension.column]
        if dimension.unit is not None:
            place, station = table_of(Place).alias(), table_of(Place).alias()
            joined = joined.outerjoin(place, place.c.id == key).outerjoin(station, station.c.id == place.c.station_id)
            chains.append(_places(dimension.unit, place, station))
        else:
            chains.append(_periods(dimension, key))
    keys = [key for chain in chains for key in chain]
    listed = (
        select(
            func.row_number().over().label("position"),
            *[cast(key, Text).label(f"key_{index}") for index, key in enumerate(keys)],
            *[found.c[dimension.column] for dimension in asked.dimensions],
            *[found.c[size] for size in sizes],
        )
        .select_from(joined)
        .cte(f"listed_{asked.number}")
        .prefix_with("MATERIALIZED")
    )
    lengths: ColumnElement[Any] = literal_column(f"ARRAY[{', '.join(str(len(chain)) for chain in chains)}]::integer[]")
    positions = [
        select(
            func.small_cells(_keys(listed, len(keys)), lengths, _sizes(listed, size), smallest(asked)).column_valued(
                "p"
            )
        )
        for size in sizes
    ]
    chosen = union(*positions) if len(positions) > 1 else positions[0]
    kept = [listed.c[dimension.column] for dimension in asked.dimensions]
    held_back: ColumnElement[bool] = listed.c.position.in_(chosen)
    if asked.arguments.get("includeEmpty"):
        # What is empty must not be told from what is held back.
        held_back = or_(held_back, listed.c[sizes[0]] == literal_column("0"))
    query = select(*kept, literal_column("true").label("hidden")).where(held_back)
    return query.cte(f"hidden_{asked.number}").prefix_with("MATERIALIZED")


def smallest(asked: "Asked") -> ColumnElement[int]:
    """The least number that is shown."""
    # A setting of the server, and no value of the argument, which is always there.
    return asked.arguments.bind(Integer(), "groupBy", convert=lambda _, context: context.smallest_cell)


def _keys(listed: CTE, count: int) -> ColumnElement[Any]:
    """The keys of all groups, one group after the other."""
    if not count:
        return literal_column("'{}'::text[]", ARRAY(Text))
    rows = values(column("number", Integer), column("key", Text), name="each")
    rows = rows.data([(literal_column(str(index)), listed.c[f"key_{index}"]) for index in range(count)]).lateral()
    keys = func.array_agg(aggregate_order_by(rows.c.key, listed.c.position, rows.c.number), type_=ARRAY(Text))
    return select(keys).select_from(listed.join(rows, literal_column("true"))).scalar_subquery()


def _sizes(listed: CTE, size: str) -> ColumnElement[Any]:
    return select(
        func.array_agg(aggregate_order_by(listed.c[size], listed.c.position), type_=ARRAY(BigInteger))
    ).scalar_subquery()


def _places(unit: Unit, place: FromClause, station: FromClause) -> list[ColumnElement[Any]]:
    """What a unit is part of, down to itself: its figures add up to theirs."""
    zone = case((station.c.level == string(PlaceLevel.BASIC), station.c.parent_id), else_=station.c.id)
    chain: list[ColumnElement[Any]] = [place.c.parent_id if unit in (Unit.CITY, Unit.COUNTY) else place.c.county_id]
    if unit in (Unit.TOWNSHIP, Unit.COMMUNITY, Unit.GRID):
        chain.append(zone)
    if unit in (Unit.COMMUNITY, Unit.GRID):
        chain.append(place.c.station_id)
    if unit is Unit.GRID:
        chain.append(place.c.parent_id)
    return [*([] if unit is Unit.PROVINCE else chain), place.c.id]


def _periods(dimension: Dimension, key: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """The year and quarter of a period, down to itself; of what is no period, the key alone."""
    if not dimension.step:
        return [key]
    steps = STEPS[: STEPS.index(dimension.step) + 1]
    return [first_day(step, key) for step in steps]
