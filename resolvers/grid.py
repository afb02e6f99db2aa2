"""Grids: by id or code, all, those of a station or community."""

from resolvers.core.mapping import Relation
from resolvers.core.relations import UNDER_STATION, by, found

FOUND = found("G")
ALL = Relation()
OF_STATION = UNDER_STATION
OF_COMMUNITY = by("id", "parent_id")
SUCCESSOR = by("successor_id")
