"""What every table shares: names of constraints, the place that a row belongs to, dated facts, the tree's levels.

A row that belongs somewhere is `Located`: `path` is its place's ancestors and itself, as ids, each followed by a dot
(``1.7.42.``). A subtree is then one index range, ``path >= '1.7.' AND path < '1.7/'`` ('/' follows '.').
The four columns of `Located` are copies of the place's; composite foreign keys with ON UPDATE CASCADE keep them equal,
so that moving a place moves everything below it and no row can claim a path that is not its place's.
"""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, Column, LargeBinary, Text
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Path = Text(collation="C")
"""The type of a path; bytewise order makes a subtree contiguous."""


class PlaceLevel(StrEnum):
    """Where in the tree a place stands; the levels that may hang under one another are a constraint of `place`."""

    REGION = "REGION"
    HUB = "HUB"
    DEMONSTRATION = "DEMONSTRATION"
    BASIC = "BASIC"
    COMMUNITY = "COMMUNITY"
    GRID = "GRID"


class PlaceKind(StrEnum):
    """Which table holds a place."""

    STATION = "STATION"
    COMMUNITY = "COMMUNITY"
    GRID = "GRID"


class Identified(SQLModel):
    """A row with a generated integer key and the version that optimistic writers name."""

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger)
    version: int = Field(default=1, nullable=False)


class Located(SQLModel):
    """A row that belongs to a place: its id, path, nearest station at or above, and county."""

    place_id: int = Field(sa_type=BigInteger, nullable=False, index=True)
    path: str = Field(sa_type=Path, nullable=False, index=True)
    station_id: int = Field(sa_type=BigInteger, nullable=False)
    county_id: int = Field(sa_type=BigInteger, nullable=False)


class Leading(SQLModel):
    """Where a row leads that belongs to one place and goes to another: the same four columns of that place."""

    to_place_id: int = Field(sa_type=BigInteger, nullable=False, index=True)
    to_path: str = Field(sa_type=Path, nullable=False, index=True)
    to_station_id: int = Field(sa_type=BigInteger, nullable=False)
    to_county_id: int = Field(sa_type=BigInteger, nullable=False)


class Personal(SQLModel):
    """Personal values, each kept as the masked text that most readers get, and sealed; two hashed for exact match.

    `sealed_with` names the key; null of a row without any, or of an earlier release.
    """

    phone: str | None = Field(default=None, sa_type=Text)
    id_number: str | None = Field(default=None, sa_type=Text)
    birth_date: str | None = Field(default=None, sa_type=Text)
    address: str | None = Field(default=None, sa_type=Text)
    phone_cipher: bytes | None = Field(default=None, sa_type=LargeBinary)
    id_number_cipher: bytes | None = Field(default=None, sa_type=LargeBinary)
    birth_date_cipher: bytes | None = Field(default=None, sa_type=LargeBinary)
    address_cipher: bytes | None = Field(default=None, sa_type=LargeBinary)
    phone_digest: bytes | None = Field(default=None, sa_type=LargeBinary, index=True)
    id_number_digest: bytes | None = Field(default=None, sa_type=LargeBinary, index=True)
    sealed_with: str | None = Field(default=None, sa_type=Text)


class Dated(SQLModel):
    """A fact that holds from a day, inclusive, to a day, exclusive; `valid_to` is null while it holds."""

    valid_from: date
    valid_to: date | None = None


def text_column(*, unique: bool = False, nullable: bool = False) -> Column[str]:
    """A text column in bytewise order, so that sorting and paging agree on every server."""
    return Column(Text(collation="C"), unique=unique, nullable=nullable)
