"""What may be asked: the GraphQL schema."""

import strawberry

from schema.account import AccountMutation
from schema.agency import AgencyMutation
from schema.assignment import AssignmentMutation
from schema.award import AwardMutation
from schema.base import Schema
from schema.calendar import CalendarMutation
from schema.client import ClientMutation
from schema.community import CommunityMutation
from schema.consultation import ConsultationMutation
from schema.exam import ExamMutation
from schema.external_identity import ExternalIdentityMutation
from schema.grid import GridMutation
from schema.leading_group import LeadingGroupMutation
from schema.person import PersonMutation
from schema.plan import ImplementationPlanMutation
from schema.qualification import QualificationMutation
from schema.query import Query
from schema.referral import ReferralMutation
from schema.resolution import ResolutionMutation
from schema.service_item import ServiceItemMutation
from schema.service_key import ServiceKeyMutation
from schema.service_record import ServiceRecordMutation
from schema.session import SessionMutation
from schema.station import StationMutation
from schema.subscription import Subscription
from schema.survey import SurveyMutation
from schema.target import TargetMutation
from schema.training import TrainingMutation
from schema.venue import VenueMutation
from schema.volunteer import VolunteerMutation
from schema.volunteer_call import VolunteerCallMutation


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
    ExternalIdentityMutation,
    ServiceKeyMutation,
    LeadingGroupMutation,
    ImplementationPlanMutation,
    AgencyMutation,
    VenueMutation,
    ServiceItemMutation,
    CalendarMutation,
    ClientMutation,
    ServiceRecordMutation,
    SurveyMutation,
    ReferralMutation,
    ConsultationMutation,
    ResolutionMutation,
    TargetMutation,
    VolunteerCallMutation,
    TrainingMutation,
    ExamMutation,
    AwardMutation,
):
    """The root of mutations."""


schema = Schema(query=Query, mutation=Mutation, subscription=Subscription)
"""The schema that the server serves and `schema/schema.graphql` shows."""

__all__ = ["Mutation", "Query", "Subscription", "schema"]
