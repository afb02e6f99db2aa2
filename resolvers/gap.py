"""Responsibility gaps: the places that lacked somebody on a day, and whom."""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Date, FromClause, and_, case, exists, func, literal_column, or_
from sqlalchemy.dialects.postgresql import array as array_of

from models import Assignment, Duty, PlaceKind, Placement
from resolvers.core.arguments import Arguments
from resolvers.core.json import string
from resolvers.core.mapping import Clause, Relation
from resolvers.core.relations import place_key, table_of, within
from resolvers.core.scope import Scope, standing


class ResponsibilityGapKind(StrEnum):
    """Whom a place lacks."""

    NO_RESPONSIBLE_PERSON = "NO_RESPONSIBLE_PERSON"
    NO_GRID_WORKER = "NO_GRID_WORKER"
    NO_LINKED_SOCIAL_WORKER = "NO_LINKED_SOCIAL_WORKER"


Kind = ResponsibilityGapKind
DEMANDS = {
    Kind.NO_RESPONSIBLE_PERSON: (PlaceKind.GRID, Duty.RESPONSIBLE_PERSON),
    Kind.NO_GRID_WORKER: (PlaceKind.GRID, Duty.GRID_WORKER),
    Kind.NO_LINKED_SOCIAL_WORKER: (PlaceKind.COMMUNITY, Duty.LINKED_SOCIAL_WORKER),
}
"""The duty that somebody must have at each kind of place."""


def _day(arguments: Arguments) -> ColumnElement[Any]:
    return func.current_date() if arguments.get("on") is None else arguments.bind(Date(), "on")


def _existed(place: FromClause, day: ColumnElement[Any], scope: Scope) -> Clause:
    """Whether a place hung somewhere in the tree on a day."""
    placement = table_of(Placement).alias()
    hung = exists().select_from(placement).correlate_except(placement)
    return hung.where(placement.c.place_id == place.c.id, standing(placement, day), scope.visible(placement))


def _lacks(place: FromClause, kind: Kind, day: ColumnElement[Any], scope: Scope) -> Clause:
    """Whether nobody in scope had the duty there on a day."""
    of_kind, duty = DEMANDS[kind]
    assignment = table_of(Assignment).alias()
    held = exists().select_from(assignment).correlate_except(assignment)
    held = held.where(
        assignment.c.place_id == place.c.id,
        assignment.c.duty == string(duty),
        standing(assignment, day),
        scope.visible(assignment),
    )
    return and_(place.c.kind == string(of_kind), ~held)


def _in_question(_: FromClause, place: FromClause, arguments: Arguments, scope: Scope) -> Clause:
    day = _day(arguments)
    asked = arguments.get("kind")
    lacking = or_(*[_lacks(place, kind, day, scope) for kind in ([Kind(asked)] if asked else Kind)])
    clauses = [_existed(place, day, scope), lacking]
    if arguments.get("within") is not None:
        root = arguments.bind(BigInteger(), "within", convert=place_key)
        clauses.append(within(place, "eq", root, scope))
    return and_(*clauses)


GAPS = Relation(_in_question)


def missing(place: FromClause, scope: Scope, around: Arguments) -> ColumnElement[Any]:
    """All that a place lacked on the day that was asked for."""
    day = _day(around)
    told = [case((_lacks(place, kind, day, scope), string(kind))) for kind in Kind]
    return func.array_to_json(func.array_remove(array_of(told), literal_column("NULL")))
