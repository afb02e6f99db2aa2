"""What may be asked: the GraphQL schema."""

import strawberry

from schema.account import AccountMutation
from schema.assignment import AssignmentMutation
from schema.base import Schema
from schema.community import CommunityMutation
from schema.grid import GridMutation
from schema.person import PersonMutation
from schema.qualification import QualificationMutation
from schema.query import Query
from schema.session import SessionMutation
from schema.station import StationMutation
from schema.volunteer import VolunteerMutation


@strawberry.type(description="What can be changed (变更).")
class Mutation(
    SessionMutation,
    StationMutation,
    CommunityMutation,
    GridMutation,
    PersonMutation,
    AssignmentMutation,
    QualificationMutation,
    VolunteerMutation,
    AccountMutation,
):
    """The root of mutations."""


schema = Schema(query=Query, mutation=Mutation)
"""The schema that the server serves and `schema/schema.graphql` shows."""

__all__ = ["Mutation", "Query", "schema"]
