"""Award."""

import strawberry


@strawberry.type
class AwardQuery:
    """Root fields, for `Query` to inherit."""


@strawberry.type
class AwardMutation:
    """Mutations, for `Mutation` to inherit."""
