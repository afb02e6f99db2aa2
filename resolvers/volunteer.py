"""Volunteer teams: all, those of a place, their members."""

from sqlalchemy import and_

from resolvers.core.mapping import Relation
from resolvers.core.relations import UNDER_PLACE, UNDER_STATION, by
from resolvers.core.scope import current

ALL = Relation()
OF_STATION = UNDER_STATION
OF_PLACE = UNDER_PLACE
TEAM = by("team_id")
MEMBERSHIPS = Relation(
    lambda team, membership, *_: and_(membership.c.team_id == team.c.id, current(membership)),
    order=("valid_from", "id"),
)
