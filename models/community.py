"""Communities: the villages (村) and residential communities (社区) below a township."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, Text
from sqlmodel import Field, SQLModel

from models.base import Path, text_column


class CommunityKind(StrEnum):
    """Rural or urban: a village's committee, or a residential community's."""

    VILLAGE = "VILLAGE"
    RESIDENTIAL = "RESIDENTIAL"


class Community(SQLModel, table=True):
    """A village or residential community; its id is its place's, its parent is the station that serves it."""

    __tablename__ = "community"

    id: int = Field(sa_type=BigInteger, primary_key=True)
    path: str = Field(sa_type=Path, index=True)
    station_id: int = Field(sa_type=BigInteger)
    county_id: int = Field(sa_type=BigInteger)
    parent_id: int = Field(sa_type=BigInteger, index=True)
    level: str = Field(default="COMMUNITY", sa_type=Text)
    kind: CommunityKind = Field(sa_type=Text)
    code: str = Field(sa_column=text_column(unique=True))
    name: str = Field(sa_column=text_column())
    division_code: str = Field(sa_column=text_column())
    households: int
    residents: int
    closed_on: date | None = None
    successor_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="place.id")
    version: int = 1
