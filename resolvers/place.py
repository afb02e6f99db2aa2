"""Places of any kind: what a row belongs to, what is above it, and who answers for it."""

from resolvers.core.mapping import Relation
from resolvers.core.relations import by, on_path

OF_ROW = by("place_id")
ITSELF = by("id")
ANCESTORS = Relation(on_path(inclusive=False), order=("path",))
CHAIN = Relation(on_path(inclusive=True), order=("-path",))
