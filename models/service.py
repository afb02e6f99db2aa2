"""The service catalogue: items in four fields (服务内容), what places offer (服务清单), what was done (服务记录)."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from models.base import Dated, Identified, Located, text_column


class ServiceField(StrEnum):
    """The four fields of service."""

    SOCIAL_ASSISTANCE = "SOCIAL_ASSISTANCE"
    ELDERLY_CARE = "ELDERLY_CARE"
    CHILD_CARE = "CHILD_CARE"
    COMMUNITY_GOVERNANCE = "COMMUNITY_GOVERNANCE"


class ServiceRecordState(StrEnum):
    """Whether a record counts: a corrected one has been replaced by another, a cancelled one never was."""

    VALID = "VALID"
    CORRECTED = "CORRECTED"
    CANCELLED = "CANCELLED"


class ServiceItem(Identified, Located, table=True):
    """An item of the catalogue; the hub's, and read by all below it."""

    __tablename__ = "service_item"

    code: str = Field(sa_column=text_column())
    name: str = Field(sa_column=text_column())
    field: ServiceField = Field(sa_type=Text)
    withdrawn_on: date | None = None


class ServiceOffer(Identified, Located, Dated, table=True):
    """That a place offers an item."""

    __tablename__ = "service_offer"

    item_id: int = Field(sa_type=BigInteger, foreign_key="service_item.id", index=True)


class ServiceRecord(Identified, Located, table=True):
    """A service that was given at a place. `contacts` counts visits (人次), `beneficiaries` people (人数).

    `field` is the item's; the database keeps it.
    """

    __tablename__ = "service_record"

    item_id: int = Field(sa_type=BigInteger, foreign_key="service_item.id", index=True)
    field: ServiceField = Field(sa_type=Text)
    worker_id: int = Field(sa_type=BigInteger, foreign_key="person.id", index=True)
    served_on: date
    contacts: int
    beneficiaries: int
    client_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="client.id", index=True)
    venue_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="venue.id", index=True)
    survey_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="survey.id", index=True)
    referral_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="referral.id", index=True)
    note: str | None = Field(default=None, sa_type=Text)
    state: ServiceRecordState = Field(default=ServiceRecordState.VALID, sa_type=Text)
    corrects_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="service_record.id", index=True)
    reason: str | None = Field(default=None, sa_type=Text)
