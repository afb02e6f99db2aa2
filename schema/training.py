"""Training."""

import strawberry


@strawberry.type
class TrainingQuery:
    """Root fields, for `Query` to inherit."""


@strawberry.type
class TrainingMutation:
    """Mutations, for `Mutation` to inherit."""
