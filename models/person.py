"""People who work in the network, and their qualifications.

Personal columns are kept twice: the masked text that most readers get (``138****1234``), and the plain value encrypted
with a key that the database does not have (`*_cipher`). `*_digest` is a keyed hash, for exact match alone.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, DateTime, LargeBinary, Text
from sqlmodel import Field, SQLModel

from models.base import Identified, Located, Personal, text_column


class PersonKind(StrEnum):
    """What a person is in the network, whatever they are assigned to."""

    GRID_WORKER = "GRID_WORKER"
    GRID_ASSISTANT = "GRID_ASSISTANT"
    AUXILIARY_POLICE = "AUXILIARY_POLICE"
    SOCIAL_WORKER = "SOCIAL_WORKER"
    VOLUNTEER = "VOLUNTEER"


class Gender(StrEnum):
    """As the identity card states it."""

    FEMALE = "FEMALE"
    MALE = "MALE"


class QualificationLevel(StrEnum):
    """The levels of the social worker's professional certificate (社会工作者职业水平证书)."""

    ASSISTANT = "ASSISTANT"
    INTERMEDIATE = "INTERMEDIATE"
    SENIOR = "SENIOR"


class Person(Identified, Located, Personal, table=True):
    """A member of the personnel; the place is their home, the unit that keeps their file."""

    __tablename__ = "person"

    kind: PersonKind = Field(sa_type=Text)
    name: str = Field(sa_column=text_column())
    gender: Gender = Field(sa_type=Text)
    retired_on: date | None = None


class Qualification(Identified, Located, table=True):
    """A professional certificate of a person; it belongs where the person does."""

    __tablename__ = "qualification"

    person_id: int = Field(sa_type=BigInteger, index=True)
    level: QualificationLevel = Field(sa_type=Text)
    certificate_number: str = Field(sa_column=text_column())
    obtained_on: date
    expires_on: date | None = None


class PersonalCanary(SQLModel, table=True):
    """One known word, sealed: how a server of an earlier release tells that it has the keys."""

    __tablename__ = "personal_canary"

    one: bool = Field(default=True, primary_key=True)
    sealed: bytes = Field(sa_type=LargeBinary)


class PersonalKey(SQLModel, table=True):
    """A key that personal values may be sealed with, by its name, and a known word sealed with it. One is in use."""

    __tablename__ = "personal_key"

    name: str = Field(primary_key=True, sa_type=Text)
    sealed: bytes = Field(sa_type=LargeBinary)
    in_use: bool = False
    since: datetime = Field(sa_type=DateTime(timezone=True))
