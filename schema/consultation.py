"""Consultation."""

import strawberry


@strawberry.type
class ConsultationQuery:
    """Root fields, for `Query` to inherit."""


@strawberry.type
class ConsultationMutation:
    """Mutations, for `Mutation` to inherit."""
