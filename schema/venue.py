"""Venue."""

import strawberry


@strawberry.type
class VenueQuery:
    """Root fields, for `Query` to inherit."""


@strawberry.type
class VenueMutation:
    """Mutations, for `Mutation` to inherit."""
