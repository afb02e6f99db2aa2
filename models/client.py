"""Clients (服务对象): the persons and households that are served, with their categories and consent.

Personal columns are kept as a person's are: masked, sealed, and hashed where somebody may look for them.
"""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from models.base import Identified, Located, Personal, text_column


class ClientKind(StrEnum):
    """Whether a client is one person or a household."""

    PERSON = "PERSON"
    HOUSEHOLD = "HOUSEHOLD"


class ClientCategory(StrEnum):
    """Why somebody is a client."""

    DIBAO_HOUSEHOLD = "DIBAO_HOUSEHOLD"
    EXTREME_POVERTY = "EXTREME_POVERTY"
    LEFT_BEHIND_ELDERLY = "LEFT_BEHIND_ELDERLY"
    ELDERLY_LIVING_ALONE = "ELDERLY_LIVING_ALONE"
    CHILD_IN_DIFFICULTY = "CHILD_IN_DIFFICULTY"
    LEFT_BEHIND_CHILD = "LEFT_BEHIND_CHILD"
    DISABLED = "DISABLED"
    OTHER = "OTHER"


class ErasureReason(StrEnum):
    """Why what tells of a client is erased: the cases of article 47 of the Personal Information Protection Law.

    个人信息保护法第四十七条. REQUESTED is the person's own request, by whichever of them.
    """

    REQUESTED = "REQUESTED"
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"
    PURPOSE_ENDED = "PURPOSE_ENDED"
    RETENTION_OVER = "RETENTION_OVER"
    UNLAWFUL = "UNLAWFUL"


ERASED = "已删除"
"""What stands where a text was that may have told of an erased client."""


class Client(Identified, Located, Personal, table=True):
    """A client of a place. Consent holds from `consent_on` until it is taken back.

    Of an erased one the row stays, for what is counted by it.
    """

    __tablename__ = "client"

    kind: ClientKind = Field(sa_type=Text)
    name: str = Field(sa_column=text_column())
    household_size: int
    consent_on: date | None = None
    consent_withdrawn_on: date | None = None
    registered_on: date
    closed_on: date | None = None
    erased_on: date | None = None
    erasure_reason: ErasureReason | None = Field(default=None, sa_type=Text)


class ClientCategorisation(Identified, Located, table=True):
    """That a client is of a category; it belongs where the client does."""

    __tablename__ = "client_category"

    client_id: int = Field(sa_type=BigInteger, index=True)
    category: ClientCategory = Field(sa_type=Text)
