"""What there is of a place with all below it, as rows that figures are summed from.

Of today the figures are the sums that are kept (models/rollup.py), so that they cost the same at any size. Those of a
grid, which has no sums, and of a past day are counted: places that hung in the tree on that day, wherever they hang
now; people who were not retired then, where they are at home now. A township is its station's own area, without the
stations that it leads.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    Subquery,
    and_,
    any_,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlmodel import SQLModel

from models import (
    Assignment,
    Community,
    Grid,
    NetworkDelta,
    NetworkRollup,
    Person,
    Place,
    PlaceKind,
    PlaceLevel,
    Placement,
    ServiceDelta,
    ServiceRecord,
    ServiceRecordState,
    ServiceRollup,
    Station,
)
from resolvers.core.arguments import Arguments
from resolvers.core.json import string
from resolvers.core.mapping import Clause
from resolvers.core.relations import guests_of, table_of
from resolvers.core.scope import Scope, beneath, standing
from resolvers.core.statistics import first_day
from resolvers.core.units import Unit

PERSON = "PERSON"
INHABITED = "INHABITED"
"""In the place of a noun: the communities, or of a grid the grid itself."""
NETWORK = ("number", "households", "residents")
SERVICES = ("records", "contacts", "beneficiaries")
ZERO: ColumnElement[int] = literal_column("0", BigInteger())
ONE: ColumnElement[int] = literal_column("1", BigInteger())


class Area:
    """What one summary is of. around: the arguments of the field that found the place."""

    def __init__(self, place: FromClause, scope: Scope, around: Arguments) -> None:
        self.place, self.scope, self._around = place, scope, around
        self._unit = around.get("level")
        self._own = self._unit is Unit.TOWNSHIP

    @property
    def _today(self) -> bool:
        """Whether no day is named. Then it is grids alone whose figures are counted."""
        return self._around.get("on") is None

    @property
    def day(self) -> ColumnElement[Any]:
        """The day that is asked of."""
        return func.current_date() if self._today else self._around.bind(Date(), "on")

    def network(self, nouns: Collection[str]) -> Subquery:
        """What there is of some nouns: rows of noun, kind, number, households, residents, each of one or of many."""
        kept, counted = self._ways()
        parts: list[Select[Any]] = []
        if kept is not None:
            parts += [
                part.where(kept)
                for part in self._sums(
                    NetworkRollup,
                    NetworkDelta,
                    ("noun", "kind"),
                    NETWORK,
                    lambda sums: and_(sums.c.noun.in_([string(noun) for noun in sorted(nouns)]), sums.c.open),
                )
            ]
        if counted is not None and not self._today:
            for noun in sorted(nouns):
                rows = self._people() if noun == PERSON else self._places(noun)
                parts.append(rows.where(counted))
        elif counted is not None and (kept is None or PlaceKind.GRID in nouns):
            parts.append(self._itself().where(counted))
        if PERSON in nouns:
            parts.append(self._guests(counted if self._today else None))
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

    def tells(self) -> Clause | None:
        """Whether figures of people are told to who sees figures alone; None: never.

        Those of the own scope today are: from others, a few people could be computed.
        """
        return self.place.c.path == self.scope.path if self._today else None

    def few(self, number: ColumnElement[int]) -> Clause:
        """Whether a number is too small for who sees figures alone."""
        # A setting of the server, and no value of the argument.
        name = "within" if self._unit is None else "level"
        smallest = self._around.bind(Integer(), name, convert=lambda _, context: context.smallest_cell)
        return and_(number > ZERO, number < smallest)

    # -- what has the inhabitants ---------------------------------------------------------------------------------

    def nouns(self, noun: str) -> tuple[str, ...]:
        """The nouns that may be meant by one."""
        if noun != INHABITED:
            return (noun,)
        if self._unit is None:
            return (PlaceKind.COMMUNITY, PlaceKind.GRID)
        return (PlaceKind.GRID if self._unit is Unit.GRID else PlaceKind.COMMUNITY,)

    def noun(self, noun: str) -> ColumnElement[str]:
        """The one that is meant: of the inhabitants the communities, in a grid the grid itself."""
        meant = [string(each) for each in self.nouns(noun)]
        if len(meant) == 1:
            return meant[0]
        return case((self.place.c.level == string(PlaceLevel.GRID), meant[1]), else_=meant[0])

    # -- sums that are kept ---------------------------------------------------------------------------------------

    def _ways(self) -> tuple[Clause | None, Clause | None]:
        """When the figures are sums that are kept, and when they are counted; None: never."""
        if self._unit is Unit.GRID:
            return None, true()
        clauses: list[Clause] = []
        if self._unit is None:
            clauses.append(self.place.c.level != string(PlaceLevel.GRID))
        if not self._today:
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
        return self._rows(row, string(noun).label("noun"), kind.label("kind"), ONE.label("number"), *counts).where(
            there
        )

    def _itself(self) -> Select[Any]:
        """A grid itself, unless it is closed."""
        grid = table_of(Grid).alias()
        columns = string(PlaceKind.GRID).label("noun"), string("").label("kind"), ONE.label("number")
        query: Select[Any] = select(*columns, grid.c.households, grid.c.residents).correlate_except(grid)
        return query.where(grid.c.id == self.place.c.id, grid.c.closed_on.is_(None), self.scope.visible(grid))

    def _people(self) -> Select[Any]:
        """The people at home there."""
        person = table_of(Person).alias()
        return self._rows(person, *_of_person(person)).where(self._works(person))

    def _works(self, person: FromClause) -> Clause:
        retired = person.c.retired_on
        return retired.is_(None) if self._today else or_(retired.is_(None), retired > self.day)

    def _guests(self, counted: Clause | None) -> Select[Any]:
        """The people who serve there and are at home elsewhere. counted: when those who are at home in a grid, too."""
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
        who: Clause = person.c.id == any_(func.array(serving.scalar_subquery()))
        if counted is not None:
            # Of no grid this is null, and nobody is looked for.
            who = or_(who, person.c.place_id == case((counted, self.place.c.id)))
        query: Select[Any] = select(*_of_person(person)).where(who, self._works(person), apart)
        return query.where(self.scope.visible(person)).correlate_except(person)


def _of_person(person: FromClause) -> tuple[ColumnElement[Any], ...]:
    return (
        string(PERSON).label("noun"),
        person.c.kind,
        ONE.label("number"),
        ZERO.label("households"),
        ZERO.label("residents"),
    )
