"""Relations that recur: a row by id or code, rows below a place, an assignment between a place and a person."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Text,
    and_,
    any_,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import array
from sqlmodel import SQLModel

from models import Assignment, Duty, Place
from resolvers.core import ids
from resolvers.core.arguments import Arguments
from resolvers.core.errors import BadInput
from resolvers.core.mapping import Clause, On, Relation, Via
from resolvers.core.messages import Message
from resolvers.core.scope import Scope, beneath, current, serving, standing, table_name

Having = Callable[[FromClause, str, ColumnElement[Any], Scope], Clause]
OWN = "OWN"
PLACE_LETTERS = {"S": "STATION", "C": "COMMUNITY", "G": "GRID"}
"""The kind of place behind each letter of an id."""
NOBODY = 0
"""A key that no row has: what a malformed id names, so that it answers as a missing one does."""


def table_of(model: type[SQLModel]) -> Any:
    """The table of a model."""
    return model.__table__  # type: ignore[attr-defined]


def key(prefix: str) -> Callable[[Any, Any], int]:
    """Reads a public id of one kind."""
    return lambda value, _: ids.key_of(value, prefix) or NOBODY


def key_and_kind(public_id: Any) -> tuple[int, str]:
    """The key and the kind of place in an id; of what is no place's id a key that no row has."""
    letter, key = ids.decode(public_id) or ("", NOBODY)
    return (key, PLACE_LETTERS[letter]) if letter in PLACE_LETTERS else (NOBODY, "")


def place_key(value: Any, _: Any) -> int:
    """Reads a public id of any place."""
    return key_and_kind(value)[0]


def found(prefix: str, *, by_code: bool = True) -> Relation:
    """The row that `id` or `code` names; with both, the one that both name."""

    def on(_: FromClause, target: FromClause, arguments: Arguments, __: Scope) -> Clause:
        clauses = []
        if arguments.get("id") is not None:
            clauses.append(target.c.id == arguments.bind(BigInteger(), "id", convert=key(prefix)))
        if by_code and arguments.get("code") is not None:
            clauses.append(target.c.code == arguments.bind(Text(), "code"))
        if not clauses:
            raise BadInput(
                Message("Say which one: give its id or its code.")
                if by_code
                else Message("Say which one: give its id.")
            )
        return and_(*clauses)

    return Relation(on)


def by(parent_column: str, target_column: str = "id", order: tuple[str, ...] = ("id",)) -> Relation:
    """Rows whose column equals one of the parent's."""
    joined = parent_column if target_column == "id" else None
    return Relation(
        lambda parent, target, *_: parent.c[parent_column] == target.c[target_column], order=order, key=joined
    )


def has_one(held: type[SQLModel], column: str, owner: str, *, today: bool = False) -> Having:
    """A filter by what a row has: whether one of the rows held by it, in scope, has such a value in a column.

    owner: the held row's column with the key of who has it. today: only those count that hold today.
    """

    def clause(row: FromClause, operator: str, value: ColumnElement[Any], scope: Scope) -> Clause:
        one = table_of(held).alias()
        asked = one.c[column] == (value if operator == "eq" else any_(value))
        holding = [current(one)] if today else []
        found = exists().select_from(one).correlate_except(one)
        found = found.where(one.c[owner] == row.c.id, asked, *holding, scope.visible(one))
        return ~found if operator == "notIn" else found

    return clause


def below(parent: FromClause, target: FromClause) -> Clause:
    """Rows in the parent's subtree; people also by where they serve."""
    inside = beneath(target.c.path, parent.c.path)
    if table_name(target) != "person":
        return inside
    assignment = table_of(Assignment).alias()
    return or_(inside, serving(target, _elsewhere_below(assignment, parent.c.path), assignment))


def _elsewhere_below(assignment: FromClause, path: ColumnElement[str]) -> Clause:
    """Assignments in a subtree, of people whose home need not be there."""
    return and_(assignment.c.elsewhere, beneath(assignment.c.path, path))


def reached(parent: FromClause, target: FromClause, arguments: Arguments, _: Scope) -> Clause:
    """Rows in a station's subtree or, with `reach: OWN`, without the stations that it leads."""
    reach = arguments.get("reach")
    if getattr(reach, "value", reach) != OWN:
        return below(parent, target)
    # The range as well, which an index serves: under a grant above the county the scope's own is no help.
    own = and_(target.c.station_id == parent.c.id, beneath(target.c.path, parent.c.path))
    if table_name(target) != "person":
        return own
    assignment = table_of(Assignment).alias()
    # At the station itself also those whose home it only leads: for them that is not elsewhere.
    here = or_(
        assignment.c.place_id == parent.c.id,
        and_(_elsewhere_below(assignment, parent.c.path), assignment.c.station_id == parent.c.id),
    )
    return or_(own, serving(target, here, assignment))


def under(parent: FromClause, target: FromClause, arguments: Arguments, scope: Scope) -> Clause:
    """Rows in the subtree of a place of any kind, of a station by its `reach`."""
    return reached(parent, target, arguments, scope) if table_name(parent) == "station" else below(parent, target)


def guests_of(place: FromClause, day: ColumnElement[Any], scope: Scope) -> Select[Any]:
    """The keys of the people who serve below a visible place on a day, and are at home elsewhere."""
    if not scope.sharded:
        # The planner knows of the function how few they are, and of the array nothing.
        return select(func.guests_of(place.c.id, day, type_=BigInteger))
    assignment = table_of(Assignment).alias()
    serving = select(assignment.c.person_id).distinct().correlate_except(assignment)
    return serving.where(
        assignment.c.elsewhere,
        assignment.c.guest_places.op("@>")(array([place.c.id])),
        standing(assignment, day),
        scope.visible(assignment),
    )


UNDER_STATION = Relation(reached, beneath=True)
UNDER_PLACE = Relation(lambda parent, target, *_: below(parent, target), beneath=True)


def within(row: FromClause, _: str, value: ColumnElement[Any], scope: Scope) -> Clause:
    """The filter `within`: rows in the subtree of a place, none if it is not visible."""
    place = table_of(Place).alias()
    path = select(place.c.path).where(place.c.id == value, scope.visible(place)).scalar_subquery()
    # '~' sorts behind every path, and its subtree is empty.
    root = select(func.coalesce(path, literal_column("'~'"), type_=place.c.path.type).label("path")).subquery()
    low = select(root.c.path).scalar_subquery()
    inside = beneath(row.c.path, low)
    if table_name(row) != "person":
        return inside
    assignment = table_of(Assignment).alias()
    serves = and_(_elsewhere_below(assignment, low), scope.visible(assignment))
    return or_(inside, serving(row, serves, assignment))


def ancestry(path: ColumnElement[str]) -> ColumnElement[Any]:
    """The ids in a path, as an array."""
    return func.string_to_array(func.rtrim(path, "."), ".").cast(ARRAY(BigInteger))


def on_path(*, inclusive: bool) -> On:
    """Places on the way from the tree's root to the parent."""

    def on(parent: FromClause, target: FromClause, _: Arguments, __: Scope) -> Clause:
        listed = target.c.id == any_(ancestry(parent.c.path))
        return listed if inclusive else and_(listed, target.c.id != parent.c.id)

    return on


def serving_as(duty: Duty) -> Relation:
    """People who currently have a duty at the parent place."""
    people = Via(table_of(Assignment), lambda between, person: between.c.person_id == person.c.id)

    def on(parent: FromClause, between: FromClause, _: Arguments, __: Scope) -> Clause:
        return and_(between.c.place_id == parent.c.id, between.c.duty == duty.value, current(between))

    return Relation(on, via=people)
