"""What has changed: written by triggers in the transaction that changes it, read by the feeds of subscriptions."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ARRAY, BigInteger, DateTime, Text
from sqlmodel import Field, SQLModel


class EventNoun(StrEnum):
    """What an event tells of. TASK: resolutions, measures, and what expires. STATISTICS: the sums of a place."""

    PLACE = "PLACE"
    REFERRAL = "REFERRAL"
    TASK = "TASK"
    ASSIGNMENT = "ASSIGNMENT"
    STATISTICS = "STATISTICS"
    ACCOUNT = "ACCOUNT"


class Event(SQLModel, table=True):
    """A row, place or account that has changed, and the paths below which somebody may be concerned.

    xact: the id of the transaction. Of a move `paths` has the old one and the new one, of a referral both ends.
    """

    __tablename__ = "event"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger)
    xact: int = Field(sa_type=BigInteger, index=True)
    at: datetime = Field(sa_type=DateTime(timezone=True))
    noun: EventNoun = Field(sa_type=Text)
    row_id: int = Field(sa_type=BigInteger)
    paths: list[str] = Field(sa_type=ARRAY(Text))
