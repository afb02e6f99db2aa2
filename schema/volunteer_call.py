"""VolunteerCall."""

import strawberry


@strawberry.type
class VolunteerCallQuery:
    """Root fields, for `Query` to inherit."""


@strawberry.type
class VolunteerCallMutation:
    """Mutations, for `Mutation` to inherit."""
