"""ServiceRecord."""

import strawberry


@strawberry.type
class ServiceRecordQuery:
    """Root fields, for `Query` to inherit."""


@strawberry.type
class ServiceRecordMutation:
    """Mutations, for `Mutation` to inherit."""
