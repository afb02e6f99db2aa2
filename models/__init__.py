"""The rows: SQLModel tables, one noun a file, and nothing above them."""

from sqlmodel import SQLModel

from models.account import Account, AccountKind, Grant, IdempotencyKey, LogInFailure, RefreshToken, Role, Session
from models.agency import Agency, AgencyKind, AgencyRating, Grade
from models.assignment import Assignment, Duty
from models.audit import AuditBatch, AuditEntry, AuditSeal, AuditUnsealed
from models.award import Award, AwardBudget, AwardState
from models.base import Dated, Identified, Leading, Located, Personal, PlaceKind, PlaceLevel
from models.calendar import CalendarDay
from models.client import ERASED, Client, ClientCategorisation, ClientCategory, ClientKind, ErasureReason
from models.community import Community, CommunityKind
from models.consultation import (
    Consultation,
    ConsultationAttachment,
    ConsultationParticipant,
    ConsultationState,
    ParticipantState,
    Resolution,
)
from models.event import Event, EventNoun
from models.external_identity import ExternalIdentity, UsedIdToken
from models.grid import Grid
from models.leading_group import LeadingGroup, LeadingGroupMember, LeadingGroupRole
from models.person import Gender, Person, PersonalCanary, PersonalKey, PersonKind, Qualification, QualificationLevel
from models.place import DivisionCode, Place, Placement
from models.plan import ImplementationPlan, ImplementationPlanState, Measure, TaskState
from models.referral import Referral, ReferralState
from models.rollup import NetworkDelta, NetworkRollup, ServiceDelta, ServiceRollup
from models.service import ServiceField, ServiceItem, ServiceOffer, ServiceRecord, ServiceRecordState
from models.service_key import ServiceKey
from models.sharing import Sharing
from models.station import Station, StationLevel
from models.survey import Survey, SurveyKind, SurveyState, Urgency
from models.target import Indicator, Target
from models.training import Attendance, AttendanceState, ExamResult, TrainingEvent, TrainingEventState, TrainingKind
from models.trusted_document import TrustedDocument
from models.venue import OpeningTime, ServiceNeed, Venue, VenueKind, VenueNeed
from models.volunteer import PersonSkill, Skill, TeamMembership, VolunteerTeam
from models.volunteer_call import SignUp, SignUpState, VolunteerCall, VolunteerCallState

metadata = SQLModel.metadata

__all__ = [
    "ERASED",
    "Account",
    "AccountKind",
    "Agency",
    "AgencyKind",
    "AgencyRating",
    "Assignment",
    "Attendance",
    "AttendanceState",
    "AuditBatch",
    "AuditEntry",
    "AuditSeal",
    "AuditUnsealed",
    "Award",
    "AwardBudget",
    "AwardState",
    "CalendarDay",
    "Client",
    "ClientCategorisation",
    "ClientCategory",
    "ClientKind",
    "Community",
    "CommunityKind",
    "Consultation",
    "ConsultationAttachment",
    "ConsultationParticipant",
    "ConsultationState",
    "Dated",
    "DivisionCode",
    "Duty",
    "ErasureReason",
    "Event",
    "EventNoun",
    "ExamResult",
    "ExternalIdentity",
    "Gender",
    "Grade",
    "Grant",
    "Grid",
    "IdempotencyKey",
    "Identified",
    "ImplementationPlan",
    "ImplementationPlanState",
    "Indicator",
    "Leading",
    "LeadingGroup",
    "LeadingGroupMember",
    "LeadingGroupRole",
    "Located",
    "LogInFailure",
    "Measure",
    "NetworkDelta",
    "NetworkRollup",
    "OpeningTime",
    "ParticipantState",
    "Person",
    "PersonKind",
    "PersonSkill",
    "Personal",
    "PersonalCanary",
    "PersonalKey",
    "Place",
    "PlaceKind",
    "PlaceLevel",
    "Placement",
    "Qualification",
    "QualificationLevel",
    "Referral",
    "ReferralState",
    "RefreshToken",
    "Resolution",
    "Role",
    "ServiceDelta",
    "ServiceField",
    "ServiceItem",
    "ServiceKey",
    "ServiceNeed",
    "ServiceOffer",
    "ServiceRecord",
    "ServiceRecordState",
    "ServiceRollup",
    "Session",
    "Sharing",
    "SignUp",
    "SignUpState",
    "Skill",
    "Station",
    "StationLevel",
    "Survey",
    "SurveyKind",
    "SurveyState",
    "Target",
    "TaskState",
    "TeamMembership",
    "TrainingEvent",
    "TrainingEventState",
    "TrainingKind",
    "TrustedDocument",
    "Urgency",
    "UsedIdToken",
    "Venue",
    "VenueKind",
    "VenueNeed",
    "VolunteerCall",
    "VolunteerCallState",
    "VolunteerTeam",
    "metadata",
]
