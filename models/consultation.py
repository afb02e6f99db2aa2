"""Joint consultations (集体会商): an issue, who is invited from which place, what is attached, what is resolved."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from models.base import Identified, Leading, Located, text_column
from models.plan import TaskState


class ConsultationState(StrEnum):
    """How far a consultation has come; guests see it until it is closed or cancelled."""

    CALLED = "CALLED"
    HELD = "HELD"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"


class ParticipantState(StrEnum):
    """What a place has answered to its invitation."""

    INVITED = "INVITED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"


class Consultation(Identified, Located, table=True):
    """A consultation, of the place that calls it; guests are told the name of that as it was."""

    __tablename__ = "consultation"

    from_name: str = Field(sa_type=Text)
    issue: str = Field(sa_column=text_column())
    meets_on: date
    minutes: str | None = Field(default=None, sa_type=Text)
    state: ConsultationState = Field(default=ConsultationState.CALLED, sa_type=Text)
    closed_on: date | None = None


class ConsultationParticipant(Identified, Located, Leading, table=True):
    """An invited place; it belongs where the consultation does and leads to the guest. The guest says who comes."""

    __tablename__ = "consultation_participant"

    consultation_id: int = Field(sa_type=BigInteger, index=True)
    to_name: str = Field(sa_type=Text)
    state: ParticipantState = Field(default=ParticipantState.INVITED, sa_type=Text)
    representative: str | None = Field(default=None, sa_type=Text)


class ConsultationAttachment(Identified, Located, table=True):
    """A client, survey or referral, exactly one, that a consultation is about; it belongs where that does."""

    __tablename__ = "consultation_attachment"

    consultation_id: int = Field(sa_type=BigInteger, index=True)
    client_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="client.id", index=True)
    survey_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="survey.id", index=True)
    referral_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="referral.id", index=True)


class Resolution(Identified, Located, Leading, table=True):
    """A task that a consultation gives to a place; it belongs where the consultation does and leads to the owner."""

    __tablename__ = "resolution"

    consultation_id: int = Field(sa_type=BigInteger, index=True)
    title: str = Field(sa_column=text_column())
    from_name: str = Field(sa_type=Text)
    to_name: str = Field(sa_type=Text)
    due_on: date
    state: TaskState = Field(default=TaskState.OPEN, sa_type=Text)
    outcome: str | None = Field(default=None, sa_type=Text)
    done_on: date | None = None
