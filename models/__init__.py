"""The rows: SQLModel tables, one noun a file, and nothing above them."""

from sqlmodel import SQLModel

from models.account import Account, Grant, IdempotencyKey, LogInFailure, RefreshToken, Role, Session
from models.assignment import Assignment, Duty
from models.audit import AuditBatch, AuditEntry, AuditSeal, AuditUnsealed
from models.base import Dated, Identified, Located, PlaceKind, PlaceLevel
from models.community import Community, CommunityKind
from models.grid import Grid
from models.person import Gender, Person, PersonalCanary, PersonKind, Qualification, QualificationLevel
from models.place import DivisionCode, Place, Placement
from models.station import Station, StationLevel
from models.volunteer import PersonSkill, Skill, TeamMembership, VolunteerTeam

metadata = SQLModel.metadata

__all__ = [
    "Account",
    "Assignment",
    "AuditBatch",
    "AuditEntry",
    "AuditSeal",
    "AuditUnsealed",
    "Community",
    "CommunityKind",
    "Dated",
    "DivisionCode",
    "Duty",
    "Gender",
    "Grant",
    "Grid",
    "IdempotencyKey",
    "Identified",
    "Located",
    "LogInFailure",
    "Person",
    "PersonKind",
    "PersonSkill",
    "PersonalCanary",
    "Place",
    "PlaceKind",
    "PlaceLevel",
    "Placement",
    "Qualification",
    "QualificationLevel",
    "RefreshToken",
    "Role",
    "Session",
    "Skill",
    "Station",
    "StationLevel",
    "TeamMembership",
    "VolunteerTeam",
    "metadata",
]
