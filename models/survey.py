"""Surveys and assessments (摸排、评估): what a grid worker finds about a household."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from models.base import Identified, Located


class SurveyKind(StrEnum):
    """A first look, or a thorough one."""

    SURVEY = "SURVEY"
    ASSESSMENT = "ASSESSMENT"


class Urgency(StrEnum):
    """How soon something must be done."""

    LOW = "LOW"
    NORMAL = "NORMAL"
    HIGH = "HIGH"
    URGENT = "URGENT"


class SurveyState(StrEnum):
    """What has become of a survey: nothing yet, something follows from it, or nothing is to."""

    OPEN = "OPEN"
    FOLLOWED_UP = "FOLLOWED_UP"
    CLOSED = "CLOSED"


class Survey(Identified, Located, table=True):
    """A survey of a household, by a person at a place."""

    __tablename__ = "survey"

    kind: SurveyKind = Field(sa_type=Text)
    client_id: int = Field(sa_type=BigInteger, foreign_key="client.id", index=True)
    surveyor_id: int = Field(sa_type=BigInteger, foreign_key="person.id", index=True)
    surveyed_on: date
    findings: str = Field(sa_type=Text)
    urgency: Urgency = Field(sa_type=Text)
    state: SurveyState = Field(default=SurveyState.OPEN, sa_type=Text)
    closed_on: date | None = None
    closing_reason: str | None = Field(default=None, sa_type=Text)
