"""What of a place is dated: where it hung in the tree, and under which division code, on any day."""

from resolvers.core.relations import by

PLACEMENTS = by("id", "place_id", order=("valid_from", "id"))
DIVISION_CODES = by("id", "place_id", order=("valid_from", "id"))
PARENT = by("parent_id")
