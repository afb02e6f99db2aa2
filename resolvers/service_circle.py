"""The 15-minute service circle of a place: which of the six needs the open venues in its subtree meet."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    column,
    exists,
    join,
    literal_column,
    not_,
    select,
    values,
)

from models import ServiceNeed, Venue, VenueNeed
from resolvers.core.arguments import Arguments
from resolvers.core.json import array
from resolvers.core.mapping import Clause, Relation
from resolvers.core.relations import key_and_kind, place_key, table_of
from resolvers.core.scope import Scope, beneath


def _named(_: FromClause, place: FromClause, arguments: Arguments, __: Scope) -> Clause:
    key = arguments.bind(BigInteger(), "place", convert=place_key)
    kind = arguments.bind(Text(), "place", convert=lambda value, _: key_and_kind(value)[1])
    return and_(place.c.id == key, place.c.kind == kind)


OF_PLACE = Relation(_named)


def needs(place: FromClause, *_: Any) -> FromClause:
    """The six needs in their order, each with the path of the place."""
    six = values(column("need", Text), column("position", Integer), name="six", literal_binds=True)
    six = six.data([(need.value, position) for position, need in enumerate(ServiceNeed)])
    return select(six.c.need, six.c.position, place.c.path.label("path")).correlate(place).subquery()


def _open(venue: FromClause, circle: FromClause) -> Clause:
    return and_(beneath(venue.c.path, circle.c.path), venue.c.closed_on.is_(None))


def is_met(circle: FromClause, scope: Scope) -> Clause:
    """Whether an open venue meets the need of one of the rows of `needs`."""
    venue, met = table_of(Venue).alias(), table_of(VenueNeed).alias()
    meeting = exists().select_from(join(venue, met, met.c.venue_id == venue.c.id)).correlate_except(venue, met)
    meeting = meeting.where(_open(venue, circle), met.c.need == circle.c.need)
    return meeting.where(scope.visible(venue), scope.visible(met))


def _meeting(circle: FromClause, venue: FromClause, _: Arguments, scope: Scope) -> Clause:
    met = table_of(VenueNeed).alias()
    meets = exists().select_from(met).correlate_except(met)
    meets = meets.where(met.c.venue_id == venue.c.id, met.c.need == circle.c.need, scope.visible(met))
    return and_(_open(venue, circle), meets)


VENUES = Relation(_meeting)
"""Those that meet the need of one of the rows of `needs`."""


def met(place: FromClause, scope: Scope) -> ColumnElement[Any]:
    """The needs that are met, in their order."""
    circle = needs(place)
    return _listed(circle, is_met(circle, scope))


def unmet(place: FromClause, scope: Scope) -> ColumnElement[Any]:
    """The needs that are not met, in their order."""
    circle = needs(place)
    return _listed(circle, not_(is_met(circle, scope)))


def _listed(circle: FromClause, told: Clause) -> ColumnElement[Any]:
    query: Select[Any] = select(literal_column("1")).select_from(circle).correlate_except(circle)
    return array(query.where(told).order_by(circle.c.position), circle.c.need)
