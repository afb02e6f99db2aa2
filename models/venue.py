"""Venues (阵地): where services happen, which needs they meet, and when they are open."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from models.base import Identified, Located, text_column


class VenueKind(StrEnum):
    """What a venue is."""

    NEIGHBOURHOOD_CENTRE = "NEIGHBOURHOOD_CENTRE"
    GOVERNANCE_CENTRE = "GOVERNANCE_CENTRE"
    TALENT_HOME = "TALENT_HOME"
    LIVE_STREAM_BASE = "LIVE_STREAM_BASE"
    SERVICE_ROOM = "SERVICE_ROOM"


class ServiceNeed(StrEnum):
    """The six needs that a 15-minute service circle covers."""

    ELDERLY = "ELDERLY"
    CHILDREN = "CHILDREN"
    HEALTH = "HEALTH"
    FOOD = "FOOD"
    LEISURE = "LEISURE"
    AFFAIRS = "AFFAIRS"


class Venue(Identified, Located, table=True):
    """A venue of a place. `purchased`: its services are bought, of the agency if it is known."""

    __tablename__ = "venue"

    code: str = Field(sa_column=text_column(unique=True))
    name: str = Field(sa_column=text_column())
    kind: VenueKind = Field(sa_type=Text)
    address: str | None = Field(default=None, sa_type=Text)
    capacity: int | None = None
    purchased: bool = False
    agency_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="agency.id", index=True)
    opened_on: date
    closed_on: date | None = None


class VenueNeed(Identified, Located, table=True):
    """That a venue meets a need; it belongs where the venue does."""

    __tablename__ = "venue_need"

    venue_id: int = Field(sa_type=BigInteger, index=True)
    need: ServiceNeed = Field(sa_type=Text)


class OpeningTime(Identified, Located, table=True):
    """When a venue is open on a day of the week, 1 (Monday) to 7; `HH:MM`. It belongs where the venue does."""

    __tablename__ = "opening_time"

    venue_id: int = Field(sa_type=BigInteger, index=True)
    weekday: int
    opens: str = Field(sa_type=Text)
    closes: str = Field(sa_type=Text)
