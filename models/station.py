"""Stations (社工站): the county hub, the demonstration stations that lead a zone, the basic stations; and the regions
above the hubs.
"""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, Text
from sqlmodel import Field, SQLModel

from models.base import Path, text_column


class StationLevel(StrEnum):
    """The level of a station; each hangs under the one before, a region under another."""

    REGION = "REGION"
    HUB = "HUB"
    DEMONSTRATION = "DEMONSTRATION"
    BASIC = "BASIC"


class Station(SQLModel, table=True):
    """A station; its id is its place's, and a basic station's parent is the demonstration station that leads it."""

    __tablename__ = "station"

    id: int = Field(sa_type=BigInteger, primary_key=True)
    path: str = Field(sa_type=Path, index=True)
    station_id: int = Field(sa_type=BigInteger)
    county_id: int = Field(sa_type=BigInteger)
    parent_id: int | None = Field(default=None, sa_type=BigInteger, index=True)
    level: StationLevel = Field(sa_type=Text)
    code: str = Field(sa_column=text_column(unique=True))
    name: str = Field(sa_column=text_column())
    division_code: str = Field(sa_column=text_column())
    address: str | None = Field(default=None, sa_type=Text)
    opened_on: date
    closed_on: date | None = None
    successor_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="place.id")
    version: int = 1
