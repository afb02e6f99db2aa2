"""The registry of the tree: every station, community and grid is one place, and the tree is kept here alone."""

from sqlalchemy import BigInteger, Column, Computed, ForeignKeyConstraint, Sequence, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.base import Dated, Identified, Located, Path, PlaceKind, PlaceLevel, text_column

PLACE_ID = Sequence("place_id_seq")
"""One sequence for stations, communities and grids: a path's ids are unique over the three."""


class Place(SQLModel, table=True):
    """A node of the tree.

    Its parent's four columns come by a foreign key that cascades, and its own are computed from them, so that the
    change of one row's parent carries through the subtree and through every located row in the same statement.
    """

    __tablename__ = "place"
    __table_args__ = (
        UniqueConstraint("id", "path", "station_id", "county_id"),
        UniqueConstraint("id", "level"),
        UniqueConstraint("id", "parent_id"),
        ForeignKeyConstraint(
            ["parent_id", "parent_path", "parent_station_id", "parent_county_id"],
            ["place.id", "place.path", "place.station_id", "place.county_id"],
            onupdate="CASCADE",
        ),
        ForeignKeyConstraint(["parent_id", "parent_level"], ["place.id", "place.level"]),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, PLACE_ID, primary_key=True))
    level: PlaceLevel = Field(sa_type=Text)
    kind: PlaceKind | None = Field(
        default=None,
        sa_column=Column(
            Text,
            Computed("CASE level WHEN 'COMMUNITY' THEN 'COMMUNITY' WHEN 'GRID' THEN 'GRID' ELSE 'STATION' END"),
            nullable=False,
        ),
    )
    parent_id: int | None = Field(default=None, sa_type=BigInteger, index=True)
    parent_level: PlaceLevel | None = Field(default=None, sa_type=Text)
    parent_path: str | None = Field(default=None, sa_type=Path)
    parent_station_id: int | None = Field(default=None, sa_type=BigInteger)
    parent_county_id: int | None = Field(default=None, sa_type=BigInteger)
    path: str | None = Field(
        default=None,
        sa_column=Column(Path, Computed("COALESCE(parent_path, '') || id || '.'"), nullable=False, index=True),
    )
    station_id: int | None = Field(
        default=None,
        sa_column=Column(
            BigInteger,
            Computed("CASE WHEN level IN ('COMMUNITY', 'GRID') THEN parent_station_id ELSE id END"),
            nullable=False,
        ),
    )
    county_id: int | None = Field(
        default=None,
        sa_column=Column(
            BigInteger,
            Computed("CASE WHEN level IN ('REGION', 'HUB') THEN id ELSE parent_county_id END"),
            nullable=False,
        ),
    )


class Placement(Identified, Located, Dated, table=True):
    """Where a place hung in the tree, dated: the history behind `Place.parent_id`; the root has none."""

    __tablename__ = "placement"

    parent_id: int = Field(sa_type=BigInteger, foreign_key="place.id")


class DivisionCode(Identified, Located, Dated, table=True):
    """The administrative code of a place, dated: the history behind `division_code` of a station, community or grid."""

    __tablename__ = "division_code"

    code: str = Field(sa_column=text_column())
