"""Places as units that figures are told of: every province, city, county, zone, township, community or grid below.

A unit has what lies in its subtree, but for a township: that is a township's station with its own communities and
grids, without the stations that it leads, so that all townships together have each row once. A row above all units of
a kind is in none of them.
"""

from collections.abc import Callable
from enum import StrEnum
from types import SimpleNamespace
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, and_, any_, case, exists, func, or_, select, true

from models import Assignment, Person, Place, PlaceLevel, Station
from resolvers.core.json import string
from resolvers.core.mapping import Clause
from resolvers.core.relations import ancestry, table_of
from resolvers.core.scope import TWO_ENDED, Scope, beneath, current, serving, table_name, upper
from resolvers.core.statistics import Dimension, Source


class Unit(StrEnum):
    """What kind of places figures are told of, the highest first."""

    PROVINCE = "PROVINCE"
    CITY = "CITY"
    COUNTY = "COUNTY"
    ZONE = "ZONE"
    TOWNSHIP = "TOWNSHIP"
    COMMUNITY = "COMMUNITY"
    GRID = "GRID"


LEVELS = {
    Unit.PROVINCE: (PlaceLevel.REGION,),
    Unit.CITY: (PlaceLevel.REGION,),
    Unit.COUNTY: (PlaceLevel.HUB,),
    Unit.ZONE: (PlaceLevel.DEMONSTRATION,),
    Unit.TOWNSHIP: (PlaceLevel.DEMONSTRATION, PlaceLevel.BASIC),
    Unit.COMMUNITY: (PlaceLevel.COMMUNITY,),
    Unit.GRID: (PlaceLevel.GRID,),
}
CODES = {Unit.PROVINCE: "^(?!00)..0000$", Unit.CITY: "^..(?!00)..00$"}
"""What the division codes of regions are like, by GB/T 2260."""
OWN, RECEIVER = "unit_id", "receiver_id"
"""The columns of the units that rows lie in, and of those that they lead to."""
LOCATION = ("place_id", "path", "station_id", "county_id")


def is_unit(place: FromClause, unit: Unit, scope: Scope) -> Clause:
    """Whether a visible place is a unit of a kind."""
    levels = LEVELS[unit]
    right = or_(*[place.c.level == string(level) for level in levels])
    if unit in CODES:
        region = table_of(Station).alias()
        coded = select(region.c.id).where(region.c.level == string(PlaceLevel.REGION), scope.visible(region))
        coded = coded.where(region.c.division_code.op("~")(string(CODES[unit])))
        right = and_(right, place.c.id.in_(coded.correlate_except(region)))
    return and_(right, scope.visible(place))


def place_of(row: FromClause) -> ColumnElement[int]:
    """The key of a row's place, which may be the row itself."""
    return row.c.place_id if hasattr(row.c, "place_id") else row.c.id


def has(place: FromClause, row: FromClause, unit: Unit) -> Clause:
    """Whether a row lies in a place that is a unit of a kind."""
    match unit:
        case Unit.GRID:
            return place.c.id == place_of(row)
        case Unit.TOWNSHIP:
            return place.c.id == row.c.station_id
        case Unit.COUNTY:
            return place.c.id == row.c.county_id
    return place.c.id == any_(ancestry(row.c.path))


def _joined(source: Source, row: FromClause, unit: Unit, *, outer: bool = True) -> FromClause:
    """The unit of each row, joined in a form that PostgreSQL can hash."""
    place, scope = table_of(Place).alias(), source.scope
    clause = has(place, row, unit)
    if unit is Unit.COMMUNITY:
        own = source.join(table_of(Place).alias(), lambda own: own.c.id == place_of(row))
        clause = place.c.id == case((own.c.level == string(PlaceLevel.GRID), own.c.parent_id), else_=own.c.id)
    elif unit is Unit.ZONE:
        own = source.join(table_of(Place).alias(), lambda own: own.c.id == row.c.station_id)
        clause = place.c.id == case((own.c.level == string(PlaceLevel.BASIC), own.c.parent_id), else_=own.c.id)
    elif unit in CODES:
        own = source.join(table_of(Place).alias(), lambda own: own.c.id == row.c.county_id)
        clause = place.c.id == any_(ancestry(own.c.path))
    return source.join(place, lambda _: and_(clause, is_unit(place, unit, scope)), outer=outer)


def _member(row: FromClause, unit_id: ColumnElement[int], unit: Unit, scope: Scope) -> Clause:
    """Whether a row lies in the unit with a key, or in none of the kind if that is null."""
    place = table_of(Place).alias()
    path = select(place.c.path).where(place.c.id == unit_id, scope.visible(place)).correlate_except(place)
    root = path.scalar_subquery()
    # A range also where there is no unit, so that an index serves either.
    inside = and_(
        row.c.path >= func.coalesce(root, scope.path, type_=root.type),
        row.c.path < func.coalesce(upper(root), scope.end, type_=root.type),
    )
    if unit is Unit.TOWNSHIP:
        inside = and_(inside, or_(unit_id.is_(None), row.c.station_id == unit_id))
    if table_name(row) in TWO_ENDED:
        # What is seen at its other end alone lies in no unit.
        inside = or_(unit_id.is_(None), inside)
    return and_(inside, or_(unit_id.is_not(None), ~in_any(row, unit, scope)))


def in_any(row: FromClause, unit: Unit, scope: Scope) -> Clause:
    """Whether a row lies in any visible unit of a kind."""
    place = table_of(Place).alias()
    found = exists().select_from(place).correlate_except(place)
    return found.where(has(place, row, unit), is_unit(place, unit, scope))


def all_units(dimension: Dimension, scope: Scope, within: FromClause | None) -> Select[tuple[int]]:
    """The visible units of a dimension; those in the subtree of the one row of `within`, if that is given."""
    unit, place = dimension.unit, table_of(Place).alias()
    assert unit is not None
    inside = place if within is None else place.join(within, beneath(place.c.path, within.c.path))
    return select(place.c.id.label(dimension.column)).select_from(inside).where(is_unit(place, unit, scope))


def units(*, people: bool = False) -> dict[str, Dimension]:
    """The dimensions of the place, by name. people: who serve elsewhere, too, and may so be in several units."""
    return {unit.value: _people(unit) if people else _unit(unit) for unit in Unit}


def receivers(*kinds: Unit) -> dict[str, Dimension]:
    """The dimensions of the place that rows lead to, by name."""
    return {f"RECEIVER_{unit.value}": _unit(unit, RECEIVER, _OtherEnd) for unit in kinds}


class _OtherEnd:
    """A row that leads to another place, as if it belonged there."""

    def __init__(self, row: Any) -> None:
        self.element = getattr(row, "element", row)
        self.c = SimpleNamespace(**{name: row.c[f"to_{name}"] for name in LOCATION})


def _unit(unit: Unit, column: str = OWN, end: Callable[[FromClause], Any] = lambda row: row) -> Dimension:
    return Dimension(
        column,
        BigInteger(),
        lambda source: _joined(source, end(source.row), unit).c.id,
        lambda row, key, scope: _member(end(row), key, unit, scope),
        unit=unit,
    )


def _serves(assignment: FromClause, unit: Unit, scope: Scope) -> Clause:
    """Whether somebody serves where a unit may be another than that of their home."""
    away: Clause = assignment.c.elsewhere
    if unit is Unit.TOWNSHIP:
        # At a station also those whose home it only leads: for them that is not elsewhere.
        away = or_(away, assignment.c.place_id == assignment.c.station_id)
    return and_(away, current(assignment), scope.visible(assignment))


def _people(unit: Unit) -> Dimension:
    """Of people: the units of their home and of where else they serve, each once."""

    def of(source: Source) -> ColumnElement[int]:
        person, scope = source.row, source.scope
        home, assignment = table_of(Person).alias(), table_of(Assignment).alias()
        homes, guests = Source(home, scope), Source(assignment, scope)
        at_home = _joined(homes, home, unit, outer=False)
        as_guest = _joined(guests, assignment, unit, outer=False)
        both = (
            select(home.c.id.label("person_id"), at_home.c.id.label("unit_id"))
            .select_from(homes.joined)
            .where(scope.covers(home) if scope.guarded else true())
            .union(
                select(assignment.c.person_id, as_guest.c.id)
                .select_from(guests.joined)
                .where(_serves(assignment, unit, scope))
            )
            .subquery()
        )
        found = source.join(both, lambda both: both.c.person_id == person.c.id)
        unit_id: ColumnElement[int] = found.c.unit_id
        return unit_id

    def holds(person: FromClause, key: ColumnElement[int], scope: Scope) -> Clause:
        assignment = table_of(Assignment).alias()
        one, place = table_of(Assignment).alias(), table_of(Place).alias()
        path = select(place.c.path).where(place.c.id == key, scope.visible(place)).correlate_except(place)
        root = path.scalar_subquery()
        here = beneath(assignment.c.path, root)
        home = beneath(person.c.path, root)
        if unit is Unit.TOWNSHIP:
            here, home = assignment.c.station_id == key, person.c.station_id == key
        serves = serving(person, and_(_serves(assignment, unit, scope), here), assignment)
        anywhere = serving(person, and_(_serves(one, unit, scope), in_any(one, unit, scope)), one)
        nowhere = and_(key.is_(None), ~in_any(person, unit, scope), ~anywhere)
        return or_(and_(key.is_not(None), or_(home, serves)), nowhere)

    return Dimension(OWN, BigInteger(), of, holds, unit=unit)
