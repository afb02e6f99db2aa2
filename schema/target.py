"""Target."""

import strawberry


@strawberry.type
class TargetQuery:
    """Root fields, for `Query` to inherit."""


@strawberry.type
class TargetMutation:
    """Mutations, for `Mutation` to inherit."""
