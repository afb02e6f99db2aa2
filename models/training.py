"""Training events (培训活动), who attends them, and the results of the social worker's exam."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from models.base import Identified, Located, text_column
from models.person import QualificationLevel


class TrainingKind(StrEnum):
    """What a training event is."""

    LECTURE = "LECTURE"
    SALON = "SALON"


class TrainingEventState(StrEnum):
    """Whether an event took place."""

    PLANNED = "PLANNED"
    HELD = "HELD"
    CANCELLED = "CANCELLED"


class AttendanceState(StrEnum):
    """Whether somebody who registered came."""

    REGISTERED = "REGISTERED"
    ATTENDED = "ATTENDED"
    ABSENT = "ABSENT"


class TrainingEvent(Identified, Located, table=True):
    """A lecture or salon of a place."""

    __tablename__ = "training_event"

    kind: TrainingKind = Field(sa_type=Text)
    title: str = Field(sa_column=text_column())
    held_on: date
    speaker: str | None = Field(default=None, sa_type=Text)
    venue_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="venue.id", index=True)
    capacity: int | None = None
    state: TrainingEventState = Field(default=TrainingEventState.PLANNED, sa_type=Text)


class Attendance(Identified, Located, table=True):
    """Somebody who registered for an event; it belongs where the event does."""

    __tablename__ = "attendance"

    event_id: int = Field(sa_type=BigInteger, index=True)
    person_id: int = Field(sa_type=BigInteger, foreign_key="person.id", index=True)
    state: AttendanceState = Field(default=AttendanceState.REGISTERED, sa_type=Text)


class ExamResult(Identified, Located, table=True):
    """How somebody did in the exam of a level in a year; it belongs where the person does."""

    __tablename__ = "exam_result"

    person_id: int = Field(sa_type=BigInteger, index=True)
    level: QualificationLevel = Field(sa_type=Text)
    year: int
    passed: bool
