"""ImplementationPlan."""

import strawberry


@strawberry.type
class ImplementationPlanMutation:
    """Mutations, for `Mutation` to inherit."""
