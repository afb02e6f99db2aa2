"""Sums kept per place (and month): of a place and all below it, and what has been written since they were last folded.

The database keeps them; nothing else writes them. A place's figure is the sum of its own `*Rollup` rows and of the
`*Delta` rows in its subtree. Grids have no rollups: their few rows are counted.
"""

from datetime import date

from sqlalchemy import BigInteger, Text
from sqlmodel import Field, SQLModel

from models.base import Located


class _Kept(Located):
    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger)


class _ServiceSums(SQLModel):
    month: date
    field: str = Field(sa_type=Text)
    item_id: int | None = Field(default=None, sa_type=BigInteger)
    records: int = Field(sa_type=BigInteger)
    contacts: int = Field(sa_type=BigInteger)
    beneficiaries: int = Field(sa_type=BigInteger)


class _NetworkSums(SQLModel):
    noun: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    open: bool
    number: int = Field(sa_type=BigInteger)
    households: int = Field(sa_type=BigInteger)
    residents: int = Field(sa_type=BigInteger)


class ServiceRollup(_Kept, _ServiceSums, table=True):
    """The valid service records of a place and all below it, by month (its first day), field and item.

    `item_id` is null at regions: items are a county's.
    """

    __tablename__ = "service_rollup"


class ServiceDelta(_Kept, _ServiceSums, table=True):
    """What a change of service records at a place adds to the sums of that place and all above it."""

    __tablename__ = "service_delta"


class NetworkRollup(_Kept, _NetworkSums, table=True):
    """The stations (by level), communities (by kind), grids and people at home (by kind) of a place, itself included.

    noun: STATION, COMMUNITY, GRID or PERSON. kind: `''` for grids. open: not closed, not retired. households,
    residents: of communities and grids, 0 for others.
    """

    __tablename__ = "network_rollup"


class NetworkDelta(_Kept, _NetworkSums, table=True):
    """What a change of the network at a place adds to the sums of that place and all above it."""

    __tablename__ = "network_delta"
