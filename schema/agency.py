"""Agency."""

import strawberry


@strawberry.type
class AgencyQuery:
    """Root fields, for `Query` to inherit."""


@strawberry.type
class AgencyMutation:
    """Mutations, for `Mutation` to inherit."""
