"""LeadingGroup."""

import strawberry


@strawberry.type
class LeadingGroupQuery:
    """Root fields, for `Query` to inherit."""


@strawberry.type
class LeadingGroupMutation:
    """Mutations, for `Mutation` to inherit."""
