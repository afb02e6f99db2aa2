"""Referral."""

import strawberry


@strawberry.type
class ReferralQuery:
    """Root fields, for `Query` to inherit."""


@strawberry.type
class ReferralMutation:
    """Mutations, for `Mutation` to inherit."""
