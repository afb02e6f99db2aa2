"""ServiceItem."""

import strawberry


@strawberry.type
class ServiceItemQuery:
    """Root fields, for `Query` to inherit."""


@strawberry.type
class ServiceItemMutation:
    """Mutations, for `Mutation` to inherit."""
