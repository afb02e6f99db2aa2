"""Root fields that recur: one row, by its id or its code.

A noun brings its root fields in a class for `Query` to inherit, as it brings its mutations for `Mutation`:

    @strawberry.type
    class VenueQuery:
        venue: Venue | None = by_id_or_code(rows.FOUND, "A venue (阵地).", READ)
        venues: VenueConnection | None = pages(rows.ALL, "The venues in scope (阵地列表).", READ, *VENUES)

All root fields are nullable: a refusal of one leaves the others standing.
"""

from typing import Any

import strawberry

from resolvers.core.mapping import Relation
from schema.fields import Access, argument, one, with_arguments

ID = argument("id", strawberry.ID | None, "Its global id (标识).")
CODE = argument("code", str | None, "Its public code (编码).")
GLOBAL_ID = argument("id", strawberry.ID, "The global id (标识).")
OWN_ID = argument("id", strawberry.ID, "Its id (标识).")


def by_id(relation: Relation, description: str, needs: Access, *, node: bool = True) -> Any:
    """The row that an id names; `found(letters, by_code=False)` relates it.

    description: what it is, with the Chinese term. node: whether `node` takes the id too.
    """
    english, chinese = description.rsplit(" (", 1)
    said = f"{english}, by id; null if not in scope ({chinese}"
    return with_arguments(one(relation, said, needs), GLOBAL_ID if node else OWN_ID)


def by_id_or_code(relation: Relation, description: str, needs: Access) -> Any:
    """The row that an id or a code names; `found(letters)` relates it. description: as for `by_id`."""
    return with_arguments(one(relation, f"{description} By id or code; null if not in scope.", needs), ID, CODE)
