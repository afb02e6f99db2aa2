"""Leading groups (领导小组): who steers the work of a place."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from models.base import Dated, Identified, Located, text_column


class LeadingGroupRole(StrEnum):
    """What somebody is in a leading group."""

    LEADER = "LEADER"
    DEPUTY = "DEPUTY"
    MEMBER = "MEMBER"


class LeadingGroup(Identified, Located, table=True):
    """A leading group of a place."""

    __tablename__ = "leading_group"

    name: str = Field(sa_column=text_column())
    founded_on: date
    dissolved_on: date | None = None


class LeadingGroupMember(Identified, Located, Dated, table=True):
    """Somebody's time in a leading group; they need not be of the personnel."""

    __tablename__ = "leading_group_member"

    group_id: int = Field(sa_type=BigInteger, index=True)
    name: str = Field(sa_column=text_column())
    title: str | None = Field(default=None, sa_type=Text)
    role: LeadingGroupRole = Field(sa_type=Text)
