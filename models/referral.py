"""Referrals (转介): a client's case, from one place to another, or to an agency at one."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, DateTime, Text
from sqlmodel import Field

from models.base import Identified, Leading, Located
from models.survey import Urgency


class ReferralState(StrEnum):
    """How far a referral has come."""

    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    IN_PROGRESS = "IN_PROGRESS"
    DONE = "DONE"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


class Referral(Identified, Located, Leading, table=True):
    """A referral; it belongs to the place that sends it and leads to the one that receives it.

    The names of both ends are kept as they were: either may be out of the other's scope. `escalated_to_id` is the place
    above the receiver that an overdue one has come to, `escalations` how often it went up.
    """

    __tablename__ = "referral"

    from_name: str = Field(sa_type=Text)
    to_name: str = Field(sa_type=Text)
    client_id: int = Field(sa_type=BigInteger, foreign_key="client.id", index=True)
    survey_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="survey.id", index=True)
    agency_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="agency.id", index=True)
    assignee_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="person.id", index=True)
    reason: str = Field(sa_type=Text)
    urgency: Urgency = Field(sa_type=Text)
    state: ReferralState = Field(default=ReferralState.SENT, sa_type=Text)
    sent_at: datetime = Field(sa_type=DateTime(timezone=True))
    due_on: date
    accepted_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    closed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    outcome: str | None = Field(default=None, sa_type=Text)
    escalations: int = 0
    escalated_to_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="place.id", index=True)
    escalated_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
