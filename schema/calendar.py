"""Calendar."""

import strawberry


@strawberry.type
class CalendarQuery:
    """Root fields, for `Query` to inherit."""


@strawberry.type
class CalendarMutation:
    """Mutations, for `Mutation` to inherit."""
