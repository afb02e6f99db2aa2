"""What a move would do before it is done: whether it may be, what goes along, who gains and who loses sight of it.

The rules are those of `moveStation`, `moveCommunity` and `moveGrid`; a test holds that both say the same.
"""

from collections.abc import Callable
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Subquery,
    Text,
    and_,
    case,
    func,
    literal_column,
    not_,
    or_,
    select,
)
from sqlmodel import SQLModel

from models import Account, Assignment, Community, Grant, Grid, Person, Place, PlaceKind, PlaceLevel, Station
from models import VolunteerTeam as Team
from resolvers.core.arguments import Arguments
from resolvers.core.decisions import admitted, closed, is_top, permitted, reaches
from resolvers.core.json import string
from resolvers.core.mapping import Clause, Relation
from resolvers.core.permissions import Permission
from resolvers.core.relations import by, key_and_kind, place_key, table_of
from resolvers.core.scope import Scope, beneath, current


class MoveRefusal(StrEnum):
    """Why a move would be refused."""

    PERMISSION_MISSING = "PERMISSION_MISSING"
    NOT_FOUND = "NOT_FOUND"
    CLOSED = "CLOSED"
    ROOT = "ROOT"
    PARENT_NOT_FOUND = "PARENT_NOT_FOUND"
    CYCLE = "CYCLE"
    OTHER_COUNTY = "OTHER_COUNTY"
    WRONG_LEVEL = "WRONG_LEVEL"
    PARENT_CLOSED = "PARENT_CLOSED"
    ALREADY_THERE = "ALREADY_THERE"


PARENTS = (
    (PlaceLevel.DEMONSTRATION, (PlaceLevel.HUB,)),
    (PlaceLevel.BASIC, (PlaceLevel.DEMONSTRATION,)),
    (PlaceLevel.COMMUNITY, (PlaceLevel.HUB, PlaceLevel.DEMONSTRATION, PlaceLevel.BASIC)),
    (PlaceLevel.GRID, (PlaceLevel.COMMUNITY,)),
)
"""Under which levels each level may hang."""

PLACE, FROM, TO = by("place_id"), by("from_id"), by("to_id")


def preview(arguments: Arguments, scope: Scope) -> Subquery:
    """The one row of a preview: place, where it hangs, where it would, and the first reason against it, or NULL."""
    place, parent = table_of(Place).alias(), table_of(Place).alias()
    one = select(literal_column("1").label("one")).subquery()
    joined = one.outerjoin(place, _named(place, "id", arguments, scope))
    joined = joined.outerjoin(parent, _named(parent, "parentId", arguments, scope))
    # In a county's scope there is no other.
    beyond = [(place.c.county_id != parent.c.county_id, string(MoveRefusal.OTHER_COUNTY))] if scope.wide else []
    reason = case(
        (place.c.id.is_(None), string(MoveRefusal.NOT_FOUND)),
        (not_(_may_move(place, scope)), string(MoveRefusal.PERMISSION_MISSING)),
        (closed(place.c.id, scope), string(MoveRefusal.CLOSED)),
        (is_top(place, scope), string(MoveRefusal.ROOT)),
        (parent.c.id.is_(None), string(MoveRefusal.PARENT_NOT_FOUND)),
        (beneath(parent.c.path, place.c.path), string(MoveRefusal.CYCLE)),
        *beyond,
        (not_(_fits(place, parent)), string(MoveRefusal.WRONG_LEVEL)),
        (closed(parent.c.id, scope), string(MoveRefusal.PARENT_CLOSED)),
        (place.c.parent_id == parent.c.id, string(MoveRefusal.ALREADY_THERE)),
    )
    columns = {
        "place_id": place.c.id,
        "path": place.c.path,
        "from_id": place.c.parent_id,
        "from_path": place.c.parent_path,
        "to_id": parent.c.id,
        "to_path": parent.c.path,
        "reason": reason,
    }
    return select(*[column.label(name) for name, column in columns.items()]).select_from(joined).subquery()


def _named(place: FromClause, argument: str, arguments: Arguments, scope: Scope) -> Clause:
    key = arguments.bind(BigInteger(), argument, convert=place_key)
    kind = arguments.bind(Text(), argument, convert=lambda value, _: key_and_kind(value)[1])
    return and_(place.c.id == key, place.c.kind == kind, scope.visible(place))


def _may_move(place: FromClause, scope: Scope) -> Clause:
    return case(
        (place.c.kind == string(PlaceKind.GRID), permitted(Permission.GRID_WRITE, scope)),
        else_=permitted(Permission.PLACE_WRITE, scope),
    )


def _fits(place: FromClause, parent: FromClause) -> Clause:
    pairs = [(level, above) for level, parents in PARENTS for above in parents]
    return or_(*[and_(place.c.level == string(level), parent.c.level == string(above)) for level, above in pairs])


def allowed(row: FromClause, _: Scope) -> Clause:
    """Whether nothing speaks against the move."""
    return row.c.reason.is_(None)


# -- what goes along -----------------------------------------------------------------------------------------------

Count = Callable[[FromClause, Scope], ColumnElement[int]]


def _along(model: type[SQLModel], condition: Callable[[FromClause], Clause] | None = None) -> Count:
    def build(row: FromClause, scope: Scope) -> ColumnElement[int]:
        moved = table_of(model).alias()
        count = select(func.count()).select_from(moved).correlate_except(moved)
        count = count.where(beneath(moved.c.path, row.c.path), scope.writable(moved))
        return (count if condition is None else count.where(condition(moved))).scalar_subquery()

    return build


STATIONS, COMMUNITIES, GRIDS = _along(Station), _along(Community), _along(Grid)
PERSONNEL, TEAMS, ACCOUNTS = _along(Person), _along(Team), _along(Account)
ASSIGNMENTS = _along(Assignment, current)
GRANTS = _along(Grant, lambda grant: func.holds(grant.c.valid_from, grant.c.valid_to))


# -- who loses and who gains sight ---------------------------------------------------------------------------------


def _seen_from(inside: str, outside: str) -> Relation:
    """The grants at places on one path and not on the other, of a move that may be done."""

    def on(row: FromClause, grant: FromClause, _: Arguments, scope: Scope) -> Clause:
        here, there = reaches(grant, row.c[inside]), reaches(grant, row.c[outside])
        return and_(row.c.reason.is_(None), admitted(grant, scope), here, not_(there))

    return Relation(on)


LOSE, GAIN = _seen_from("from_path", "to_path"), _seen_from("to_path", "from_path")
ACCOUNT = by("account_id")
