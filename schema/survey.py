"""Survey."""

import strawberry


@strawberry.type
class SurveyQuery:
    """Root fields, for `Query` to inherit."""


@strawberry.type
class SurveyMutation:
    """Mutations, for `Mutation` to inherit."""
