"""Stations: by id or code, all, the zone and the children of one, the parent of a place."""

from sqlalchemy import and_, or_

from models import StationLevel
from resolvers.core.mapping import Relation
from resolvers.core.relations import by, found

FOUND = found("S")
ALL = Relation()
PARENT = by("parent_id")
CHILDREN = by("id", "parent_id")
ZONE = Relation(
    # A demonstration station with those that it leads; for a basic one, the zone that it is led in.
    lambda parent, target, *_: and_(
        target.c.level != StationLevel.HUB.value,
        or_(
            and_(
                parent.c.level == StationLevel.DEMONSTRATION.value,
                or_(target.c.id == parent.c.id, target.c.parent_id == parent.c.id),
            ),
            and_(
                parent.c.level == StationLevel.BASIC.value,
                or_(target.c.id == parent.c.parent_id, target.c.parent_id == parent.c.parent_id),
            ),
        ),
    ),
    order=("path",),
)
SUCCESSOR = by("successor_id")
