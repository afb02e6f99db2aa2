"""Client."""

import strawberry


@strawberry.type
class ClientQuery:
    """Root fields, for `Query` to inherit."""


@strawberry.type
class ClientMutation:
    """Mutations, for `Mutation` to inherit."""
