"""What a place comes to with all below it: places by level and kind, people, services.

All that is selected of one place is read together: `Summary` is the row that the fields are made of.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    case,
    cast,
    column,
    false,
    func,
    literal_column,
    null,
    select,
    true,
    values,
)

from models import CommunityKind, PersonKind, PlaceKind, StationLevel
from resolvers.core.arguments import Arguments
from resolvers.core.context import Context
from resolvers.core.errors import BadInput
from resolvers.core.json import string
from resolvers.core.mapping import Clause, Relation
from resolvers.core.messages import Message
from resolvers.core.relations import key_and_kind, place_key
from resolvers.core.scope import Scope, beneath
from resolvers.core.units import is_unit
from resolvers.network_summary.area import INHABITED, PERSON, SERVICES, ZERO, Area

CHINA = timezone(timedelta(hours=8))
FIGURES = "figures"
NOT_TOLD: ColumnElement[Any] = cast(null(), BigInteger())


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


@dataclass(frozen=True)
class Figure:
    """A sum over what there is of a noun, or over those of a kind. noun: INHABITED for what has the inhabitants."""

    value: str
    noun: str
    kind: str = ""

    @property
    def name(self) -> str:
        """Of its column."""
        return "_".join(filter(None, (self.value, self.noun, self.kind))).lower()


class Summary:
    """A place with its figures, all of which are read together: each is noted when a field asks for it."""

    def __init__(self, place: FromClause, scope: Scope, around: Arguments) -> None:
        self.c: Any = place.c
        self.element: Any = getattr(place, "element", place)
        self.area = Area(place, scope, around)
        self._figures: dict[Figure, ColumnElement[int]] = {}

    def figure(self, value: str, noun: str, kind: str = "") -> ColumnElement[int]:
        """A figure, for what is selected from the row of `read`."""
        figure = Figure(value, noun, kind)
        return self._figures.setdefault(figure, literal_column(f"{FIGURES}.{figure.name}", BigInteger()))

    def read(self) -> FromClause | None:
        """The figures that were noted."""
        if not self._figures:
            return None
        nouns = {noun for figure in self._figures for noun in self.area.nouns(figure.noun)}
        rows = self.area.network(nouns)
        totals = [self._total(rows, figure).label(figure.name) for figure in self._figures]
        return select(*totals).select_from(rows).correlate_except(rows).subquery(FIGURES)

    def _total(self, rows: FromClause, figure: Figure) -> ColumnElement[int]:
        of_noun = rows.c.noun == self.area.noun(figure.noun)
        if figure.kind:
            return _total(rows, figure.value, and_(of_noun, rows.c.kind == string(figure.kind)))
        kinds = [each for each in self._figures if each.kind and (each.value, each.noun) == (figure.value, figure.noun)]
        if kinds:
            # All kinds are read or none is, and PostgreSQL makes a sum once that stands twice.
            return reduce(add, [self._total(rows, kind) for kind in kinds])
        return _total(rows, figure.value, of_noun)


def number(noun: str) -> Any:
    """How many there are of a noun."""
    return lambda summary, *_: summary.figure("number", noun)


def inhabitants(name: str) -> Any:
    """The households, or residents, of the communities; of a grid, its own."""
    return lambda summary, *_: summary.figure(name, INHABITED)


def by_kind(noun: str, kinds: type[StrEnum]) -> Any:
    """How many there are of each kind, those of which there are none too, in their order."""

    def of(summary: Summary, scope: Scope, _: Arguments) -> FromClause:
        withheld = noun == PERSON and scope.observing
        told = summary.area.tells() if withheld else true()
        numbers = [NOT_TOLD if told is None else summary.figure("number", noun, kind.value) for kind in kinds]
        listed = values(column("kind", Text), column("position", Integer), column("number", BigInteger), name="kinds")
        listed = listed.data(
            [
                (string(kind.value), literal_column(str(position)), number)
                for position, (kind, number) in enumerate(zip(kinds, numbers, strict=True))
            ]
        )
        count: ColumnElement[Any] = listed.c.number
        if withheld and told is not None:
            # All or none: what is left of a total tells of one that is held back.
            count = case((and_(told, ~func.bool_or(summary.area.few(count)).over()), count))
        query: Select[Any] = select(listed.c.kind, listed.c.position, count.label("count"))
        return query.correlate_except(listed).subquery()

    return of


def personnel(summary: Any, scope: Scope, _: Arguments) -> ColumnElement[int | None]:
    """The people at home or serving there, each once; null if it is held back."""
    if not scope.observing:
        return summary.figure("number", PERSON)  # type: ignore[no-any-return]
    told = summary.area.tells()
    if told is None:
        return NOT_TOLD
    counted = summary.figure("number", PERSON)
    return case((and_(told, ~summary.area.few(counted)), counted))


STATIONS, COMMUNITIES, GRIDS = (number(noun) for noun in (PlaceKind.STATION, PlaceKind.COMMUNITY, PlaceKind.GRID))
STATIONS_BY_LEVEL = by_kind(PlaceKind.STATION, StationLevel)
COMMUNITIES_BY_KIND = by_kind(PlaceKind.COMMUNITY, CommunityKind)
PERSONNEL_BY_KIND = by_kind(PERSON, PersonKind)
HOUSEHOLDS, RESIDENTS = inhabitants("households"), inhabitants("residents")


def services(step: str) -> Any:
    """What the service records of a month or year come to; no row for who sees figures alone."""

    def of(summary: Summary, scope: Scope, _: Arguments) -> FromClause:
        rows = summary.area.services(step)
        sums = select(*[_total(rows, name).label(name) for name in SERVICES]).subquery()
        return select(sums).where(false() if scope.observing else true()).subquery()

    return of


def _total(rows: FromClause, name: str, only: Clause | None = None) -> ColumnElement[int]:
    sum_: Any = func.sum(rows.c[name])
    return cast(func.coalesce(sum_ if only is None else sum_.filter(only), ZERO), BigInteger)
