"""What a place comes to with all below it: places by level and kind, people, services.

Of today the figures are the sums that are kept (models/rollup.py), so that they cost the same at any size. Those of a
grid, which has no sums, and of a past day are counted: places that hung in the tree on that day, wherever they hang
now; people who were not retired then, where they are at home now. A township is its station's own area, without the
stations that it leads.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    Subquery,
    Text,
    and_,
    any_,
    case,
    cast,
    column,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
    values,
)
from sqlmodel import SQLModel

from models import (
    Assignment,
    Community,
    CommunityKind,
    Grid,
    NetworkDelta,
    NetworkRollup,
    Person,
    PersonKind,
    Place,
    PlaceKind,
    PlaceLevel,
    Placement,
    ServiceDelta,
    ServiceRecord,
    ServiceRecordState,
    ServiceRollup,
    Station,
    StationLevel,
)
from resolvers.core.arguments import Arguments
from resolvers.core.context import Context
from resolvers.core.errors import BadInput
from resolvers.core.json import string
from resolvers.core.mapping import Clause, Relation
from resolvers.core.messages import Message
from resolvers.core.relations import guests_of, key_and_kind, place_key, table_of
from resolvers.core.scope import Scope, beneath, standing
from resolvers.core.statistics import first_day
from resolvers.core.units import Unit, is_unit

CHINA = timezone(timedelta(hours=8))
PERSON = "PERSON"
NETWORK = ("number", "households", "residents")
SERVICES = ("records", "contacts", "beneficiaries")
ZERO: ColumnElement[int] = literal_column("0", BigInteger())
ONE: ColumnElement[int] = literal_column("1", BigInteger())


def _asked(_: FromClause, place: FromClause, arguments: Arguments, scope: Scope) -> Clause:
    """The place that is named, or else the scope's own; a day in the future is refused whatever is asked of it."""
    known: Clause = true()
    if arguments.get("on") is not None:
        known = arguments.bind(Date(), "on", convert=_until_today) <= func.current_date()
    if arguments.get("within") is None:
        return and_(place.c.path == scope.path, known)
    key = arguments.bind(BigInteger(), "within", convert=place_key)
    kind = arguments.bind(Text(), "within", convert=lambda value, _: key_and_kind(value)[1])
    return and_(place.c.id == key, place.c.kind == kind, known)


def _units(parent: FromClause, place: FromClause, arguments: Arguments, scope: Scope) -> Clause:
    return and_(beneath(place.c.path, parent.c.path), is_unit(place, arguments.get("level"), scope))


OF_PLACE = Relation(_asked)
OF_UNITS = Relation(_units)


def _until_today(value: date, _: Context) -> date:
    if value > datetime.now(UTC).astimezone(CHINA).date():
        raise BadInput(Message("The day must not be in the future."))
    return value


class Area:
    """What one summary is of. around: the arguments of the field that found the place."""

    def __init__(self, place: FromClause, scope: Scope, around: Arguments) -> None:
        self.place, self.scope, self._around = place, scope, around
        self._unit = around.get("level")
        self._own = self._unit is Unit.TOWNSHIP

    @property
    def day(self) -> ColumnElement[Any]:
        """The day that is asked of."""
        if self._around.get("on") is None:
            return func.current_date()
        return self._around.bind(Date(), "on")

    def network(self, noun: str) -> Subquery:
        """What there is of a noun: rows of kind, number, households and residents, each of one or of many."""
        kept, counted = self._ways()
        parts: list[Select[Any]] = []
        if kept is not None:
            parts += [
                part.where(kept)
                for part in self._sums(
                    NetworkRollup,
                    NetworkDelta,
                    ("kind",),
                    NETWORK,
                    lambda sums: and_(sums.c.noun == string(noun), sums.c.open),
                )
            ]
        if counted is not None:
            rows = self._people() if noun == PERSON else self._places(noun)
            parts.append(rows.where(counted))
        if noun == PERSON:
            parts.append(self._guests())
        return union_all(*parts).subquery()

    def services(self, step: str) -> Subquery:
        """The valid service records of the month or year up to the day: rows of records, contacts and beneficiaries."""
        kept, counted = self._ways()
        parts: list[Select[Any]] = []
        if kept is not None:
            since = first_day(step, func.current_date())
            sums = self._sums(
                ServiceRollup,
                ServiceDelta,
                (),
                SERVICES,
                lambda sums: and_(sums.c.month >= since, sums.c.month <= func.current_date()),
            )
            parts += [part.where(kept) for part in sums]
        if counted is not None:
            record = table_of(ServiceRecord).alias()
            rows = self._rows(record, ONE.label("records"), record.c.contacts, record.c.beneficiaries)
            rows = rows.where(record.c.state == string(ServiceRecordState.VALID))
            rows = rows.where(record.c.served_on >= first_day(step, self.day), record.c.served_on <= self.day)
            parts.append(rows.where(counted))
        return union_all(*parts).subquery()

    # -- who is told what -----------------------------------------------------------------------------------------

    def tells(self) -> Clause:
        """Whether figures of people are told at all.

        Who sees figures alone is told those of the own scope today: from others, a few people could be computed.
        """
        if not self.scope.observing:
            return true()
        return false() if self._around.get("on") is not None else self.place.c.path == self.scope.path

    def few(self, number: ColumnElement[int]) -> Clause:
        """Whether a number is too small for who sees figures alone."""
        if not self.scope.observing:
            return false()
        # A setting of the server, and no value of the argument.
        name = "within" if self._unit is None else "level"
        smallest = self._around.bind(Integer(), name, convert=lambda _, context: context.smallest_cell)
        return and_(number > ZERO, number < smallest)

    # -- sums that are kept ---------------------------------------------------------------------------------------

    def _ways(self) -> tuple[Clause | None, Clause | None]:
        """When the figures are sums that are kept, and when they are counted; None: never."""
        if self._unit is Unit.GRID:
            return None, true()
        clauses: list[Clause] = []
        if self._unit is None:
            clauses.append(self.place.c.level != string(PlaceLevel.GRID))
        if self._around.get("on") is not None:
            clauses.append(self.day == func.current_date())
        kept = and_(true(), *clauses)
        return kept, ~kept if clauses else None

    def _sums(
        self, rollup: type[SQLModel], delta: type[SQLModel], keys: Sequence[str], sums: Sequence[str], only: Any
    ) -> Iterator[Select[Any]]:
        """The sums of the place and what is not folded of it; of a township, less those of stations that it leads."""

        def selected(row: FromClause, sign: int = 1) -> Select[Any]:
            values = [(row.c[name] if sign > 0 else -row.c[name]).label(name) for name in sums]
            query: Select[Any] = select(*[row.c[name] for name in keys], *values)
            return query.where(only(row), self.scope.visible(row))

        folded, led, station = (table.alias() for table in (table_of(rollup), table_of(rollup), table_of(Place)))
        yield selected(folded).where(folded.c.place_id == self.place.c.id).correlate_except(folded)
        unfolded = table_of(delta).alias()
        yield selected(unfolded).where(self._holds(unfolded)).correlate_except(unfolded)
        if self._own:
            below = selected(led, -1).select_from(led.join(station, station.c.id == led.c.place_id))
            below = below.where(station.c.parent_id == self.place.c.id, station.c.level == string(PlaceLevel.BASIC))
            yield below.where(self.scope.visible(station)).correlate_except(led, station)

    def _holds(self, row: FromClause) -> Clause:
        inside = beneath(row.c.path, self.place.c.path)
        return and_(inside, row.c.station_id == self.place.c.id) if self._own else inside

    # -- rows as they are -----------------------------------------------------------------------------------------

    def _rows(self, row: FromClause, *columns: ColumnElement[Any]) -> Select[Any]:
        query: Select[Any] = select(*columns).where(self._holds(row), self.scope.visible(row))
        return query.correlate_except(row)

    def _places(self, noun: str) -> Select[Any]:
        model: Any = {PlaceKind.STATION: Station, PlaceKind.COMMUNITY: Community, PlaceKind.GRID: Grid}[PlaceKind(noun)]
        row, placement = table_of(model).alias(), table_of(Placement).alias()
        hung = exists().select_from(placement).correlate_except(placement)
        there: Clause = hung.where(
            placement.c.place_id == row.c.id, standing(placement, self.day), self.scope.visible(placement)
        )
        kind: ColumnElement[str] = string("")
        counts: list[ColumnElement[Any]] = [ZERO.label("households"), ZERO.label("residents")]
        if model is Station:
            # Nothing is above the tree's root for it to hang under.
            there = or_(there, and_(row.c.parent_id.is_(None), row.c.opened_on <= self.day))
            kind = row.c.level
        else:
            counts = [row.c.households, row.c.residents]
            kind = row.c.kind if model is Community else kind
        return self._rows(row, kind.label("kind"), ONE.label("number"), *counts).where(there)

    def _people(self) -> Select[Any]:
        """The people at home there."""
        person = table_of(Person).alias()
        return self._rows(person, *_of_person(person)).where(self._works(person))

    def _works(self, person: FromClause) -> Clause:
        retired = person.c.retired_on
        return retired.is_(None) if self._around.get("on") is None else or_(retired.is_(None), retired > self.day)

    def _guests(self) -> Select[Any]:
        """The people who serve there and are at home elsewhere."""
        person, assignment = table_of(Person).alias(), table_of(Assignment).alias()
        serving: Any = guests_of(self.place, self.day, self.scope).correlate(self.place)
        apart: Clause = true()
        if self._own:
            # At the station itself also those whose home it only leads: for them that is not elsewhere.
            beside = and_(assignment.c.elsewhere, self._holds(assignment))
            here = or_(assignment.c.place_id == self.place.c.id, beside)
            apart = person.c.station_id != self.place.c.id
            serving = select(assignment.c.person_id).where(here, standing(assignment, self.day))
            serving = serving.where(self.scope.visible(assignment)).correlate_except(assignment)
        query: Select[Any] = select(*_of_person(person)).where(
            person.c.id == any_(func.array(serving.scalar_subquery())), self._works(person), apart
        )
        return query.where(self.scope.visible(person)).correlate_except(person)


def _of_person(person: FromClause) -> tuple[ColumnElement[Any], ...]:
    return person.c.kind, ONE.label("number"), ZERO.label("households"), ZERO.label("residents")


def _total(rows: FromClause, name: str) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(rows.c[name]), ZERO), BigInteger)


# -- figures -------------------------------------------------------------------------------------------------------


def number(noun: str) -> Any:
    """How many there are of a noun."""

    def of(place: FromClause, scope: Scope, around: Arguments) -> ColumnElement[int]:
        return select(_total(Area(place, scope, around).network(noun), "number")).scalar_subquery()

    return of


def inhabitants(name: str) -> Any:
    """The households, or residents, of the communities; of a grid, its own."""

    def of(place: FromClause, scope: Scope, around: Arguments) -> ColumnElement[int]:
        def total(noun: str) -> ColumnElement[int]:
            return select(_total(Area(place, scope, around).network(noun), name)).scalar_subquery()

        is_grid = place.c.level == string(PlaceLevel.GRID)
        return case((is_grid, total(PlaceKind.GRID)), else_=total(PlaceKind.COMMUNITY))

    return of


def by_kind(noun: str, kinds: type[StrEnum]) -> Any:
    """How many there are of each kind, those of which there are none too, in their order."""

    def of(place: FromClause, scope: Scope, around: Arguments) -> FromClause:
        area = Area(place, scope, around)
        rows = area.network(noun)
        found = select(rows.c.kind, _total(rows, "number").label("number")).group_by(rows.c.kind).subquery()
        listed = values(column("kind", Text), column("position", Integer), name="kinds", literal_binds=True)
        listed = listed.data([(kind.value, position) for position, kind in enumerate(kinds)])
        count: ColumnElement[Any] = func.coalesce(found.c.number, ZERO, type_=BigInteger())
        if noun == PERSON:
            # All or none: what is left of a total tells of one that is held back.
            few = func.bool_or(area.few(count)).over()
            count = case((and_(area.tells(), ~few), count))
        query: Select[Any] = select(listed.c.kind, listed.c.position, count.label("count"))
        query = query.select_from(listed.outerjoin(found, found.c.kind == listed.c.kind))
        return query.correlate(place).subquery()

    return of


STATIONS, COMMUNITIES, GRIDS = (number(noun) for noun in (PlaceKind.STATION, PlaceKind.COMMUNITY, PlaceKind.GRID))
STATIONS_BY_LEVEL = by_kind(PlaceKind.STATION, StationLevel)
COMMUNITIES_BY_KIND = by_kind(PlaceKind.COMMUNITY, CommunityKind)
PERSONNEL_BY_KIND = by_kind(PERSON, PersonKind)
HOUSEHOLDS, RESIDENTS = inhabitants("households"), inhabitants("residents")


def personnel(place: FromClause, scope: Scope, around: Arguments) -> ColumnElement[int | None]:
    """The people at home or serving there, each once; null if it is held back."""
    area = Area(place, scope, around)
    counted = select(_total(area.network(PERSON), "number").label("number")).subquery()
    told = case((and_(area.tells(), ~area.few(counted.c.number)), counted.c.number))
    return select(told).correlate(place).scalar_subquery()


def services(step: str) -> Any:
    """What the service records of a month or year come to; no row for who sees figures alone."""

    def of(place: FromClause, scope: Scope, around: Arguments) -> FromClause:
        area = Area(place, scope, around)
        rows = area.services(step)
        sums = select(*[_total(rows, name).label(name) for name in SERVICES]).subquery()
        return select(sums).where(false() if scope.observing else true()).subquery()

    return of
