"""Agencies (机构): mass and social organisations, social-work service agencies, and their ratings."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from models.base import Dated, Identified, Located, text_column


class AgencyKind(StrEnum):
    """What an agency is."""

    MASS_ORGANISATION = "MASS_ORGANISATION"
    SOCIAL_ORGANISATION = "SOCIAL_ORGANISATION"
    SERVICE_AGENCY = "SERVICE_AGENCY"


class Grade(StrEnum):
    """The grades of an agency's rating; GraphQL has no names that begin with a digit."""

    A1 = "A1"
    A2 = "A2"
    A3 = "A3"
    A4 = "A4"
    A5 = "A5"


class Agency(Identified, Located, table=True):
    """An agency, at the place that works with it or supervises it."""

    __tablename__ = "agency"

    code: str = Field(sa_column=text_column(unique=True))
    name: str = Field(sa_column=text_column())
    kind: AgencyKind = Field(sa_type=Text)
    founded_on: date
    closed_on: date | None = None


class AgencyRating(Identified, Located, Dated, table=True):
    """The grade that an agency has for a time, and who gave it; it belongs where the agency does."""

    __tablename__ = "agency_rating"

    agency_id: int = Field(sa_type=BigInteger, index=True)
    grade: Grade = Field(sa_type=Text)
    rated_by: str = Field(sa_type=Text)
