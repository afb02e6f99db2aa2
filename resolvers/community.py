"""Communities: by id or code, all, those of a station, the parent of a grid."""

from resolvers.core.mapping import Relation
from resolvers.core.relations import UNDER_STATION, by, found

FOUND = found("C")
ALL = Relation()
OF_STATION = UNDER_STATION
PARENT = by("parent_id")
SUCCESSOR = by("successor_id")
