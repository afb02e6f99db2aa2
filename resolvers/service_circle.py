"""The 15-minute service circle of a place: which of the six needs the open venues in its subtree meet."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Text,
    and_,
    case,
    column,
    exists,
    func,
    join,
    literal_column,
    not_,
    select,
    values,
)
from sqlalchemy.dialects.postgresql import array as array_of

from models import ServiceNeed, Venue, VenueNeed
from resolvers.core.arguments import Arguments
from resolvers.core.json import string
from resolvers.core.mapping import Clause, Relation
from resolvers.core.relations import key_and_kind, place_key, table_of
from resolvers.core.scope import Scope, beneath


def _named(_: FromClause, place: FromClause, arguments: Arguments, __: Scope) -> Clause:
    key = arguments.bind(BigInteger(), "place", convert=place_key)
    kind = arguments.bind(Text(), "place", convert=lambda value, _: key_and_kind(value)[1])
    return and_(place.c.id == key, place.c.kind == kind)


OF_PLACE = Relation(_named)


def needs(place: FromClause) -> FromClause:
    """The six needs in their order, each with the path of the place."""
    six = values(column("need", Text), column("position", Integer), name="six", literal_binds=True)
    six = six.data([(need.value, position) for position, need in enumerate(ServiceNeed)])
    return select(six.c.need, six.c.position, place.c.path.label("path")).correlate(place).subquery()


def _open(venue: FromClause, path: ColumnElement[Any]) -> Clause:
    return and_(beneath(venue.c.path, path), venue.c.closed_on.is_(None))


def _is_met(path: ColumnElement[Any], need: ColumnElement[Any], scope: Scope) -> Clause:
    """Whether an open venue in a subtree meets a need."""
    venue, met = table_of(Venue).alias(), table_of(VenueNeed).alias()
    meeting = exists().select_from(join(venue, met, met.c.venue_id == venue.c.id)).correlate_except(venue, met)
    return meeting.where(_open(venue, path), met.c.need == need, scope.visible(venue), scope.visible(met))


def is_met(circle: FromClause, scope: Scope) -> Clause:
    """Whether the need of one of the rows of `needs` is met."""
    return _is_met(circle.c.path, circle.c.need, scope)


def _meeting(circle: FromClause, venue: FromClause, _: Arguments, scope: Scope) -> Clause:
    met = table_of(VenueNeed).alias()
    meets = exists().select_from(met).correlate_except(met)
    meets = meets.where(met.c.venue_id == venue.c.id, met.c.need == circle.c.need, scope.visible(met))
    return and_(_open(venue, circle.c.path), meets)


VENUES = Relation(_meeting)
"""Those that meet the need of one of the rows of `needs`."""


def met(place: FromClause, scope: Scope) -> ColumnElement[Any]:
    """The needs that are met, in their order."""
    return _listed([(need, _is_met(place.c.path, string(need), scope)) for need in ServiceNeed])


def unmet(place: FromClause, scope: Scope) -> ColumnElement[Any]:
    """The needs that are not met, in their order."""
    return _listed([(need, not_(_is_met(place.c.path, string(need), scope))) for need in ServiceNeed])


def _listed(told: list[tuple[ServiceNeed, Clause]]) -> ColumnElement[Any]:
    named = array_of([case((clause, string(need))) for need, clause in told])
    return func.array_to_json(func.array_remove(named, literal_column("NULL")))
