"""Grids (网格): households and residents under one responsible person, the bottom of the tree."""

from datetime import date

from sqlalchemy import BigInteger, Text
from sqlmodel import Field, SQLModel

from models.base import Path, text_column


class Grid(SQLModel, table=True):
    """A grid; its id is its place's, its parent is the community that it is part of."""

    __tablename__ = "grid"

    id: int = Field(sa_type=BigInteger, primary_key=True)
    path: str = Field(sa_type=Path, index=True)
    station_id: int = Field(sa_type=BigInteger)
    county_id: int = Field(sa_type=BigInteger)
    parent_id: int = Field(sa_type=BigInteger, index=True)
    level: str = Field(default="GRID", sa_type=Text)
    code: str = Field(sa_column=text_column(unique=True))
    name: str = Field(sa_column=text_column())
    division_code: str = Field(sa_column=text_column())
    households: int
    residents: int
    closed_on: date | None = None
    successor_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="place.id")
    version: int = 1
