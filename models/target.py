"""Responsibility targets (责任目标): how much of something a place answers for in a period."""

from datetime import date
from enum import StrEnum

from sqlalchemy import Text
from sqlmodel import Field

from models.base import Identified, Located


class Indicator(StrEnum):
    """What is counted, over the place and all below it."""

    SERVICE_RECORDS = "SERVICE_RECORDS"
    SERVICE_CONTACTS = "SERVICE_CONTACTS"
    CLIENTS_SERVED = "CLIENTS_SERVED"
    SURVEYS = "SURVEYS"
    REFERRALS_COMPLETED = "REFERRALS_COMPLETED"
    VOLUNTEER_HOURS = "VOLUNTEER_HOURS"


class Target(Identified, Located, table=True):
    """A target of a place, from a day to a day, both inclusive; what was reached is counted and never kept."""

    __tablename__ = "target"

    indicator: Indicator = Field(sa_type=Text)
    begins_on: date
    ends_on: date
    amount: int
    withdrawn_on: date | None = None
