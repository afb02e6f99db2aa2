"""Calls for volunteers (志愿服务需求), who signs up, and the hours they gave."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import BigInteger, Numeric, Text
from sqlmodel import Field

from models.base import Identified, Located, text_column


class VolunteerCallState(StrEnum):
    """Whether a call still looks for volunteers."""

    OPEN = "OPEN"
    FULFILLED = "FULFILLED"
    CANCELLED = "CANCELLED"


class SignUpState(StrEnum):
    """What has become of a volunteer's offer to come."""

    SIGNED_UP = "SIGNED_UP"
    ATTENDED = "ATTENDED"
    ABSENT = "ABSENT"
    WITHDRAWN = "WITHDRAWN"


class VolunteerCall(Identified, Located, table=True):
    """A call of a place for so many volunteers, with a skill if one is needed."""

    __tablename__ = "volunteer_call"

    title: str = Field(sa_column=text_column())
    skill_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="skill.id", index=True)
    needed_on: date
    needed: int
    state: VolunteerCallState = Field(default=VolunteerCallState.OPEN, sa_type=Text)


class SignUp(Identified, Located, table=True):
    """A volunteer who comes to a call; it belongs where the call does. `hours` once they have come."""

    __tablename__ = "sign_up"

    call_id: int = Field(sa_type=BigInteger, index=True)
    person_id: int = Field(sa_type=BigInteger, foreign_key="person.id", index=True)
    state: SignUpState = Field(default=SignUpState.SIGNED_UP, sa_type=Text)
    hours: Decimal | None = Field(default=None, sa_type=Numeric(6, 2))
