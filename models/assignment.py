"""Assignments: who serves where, in which duty, from when to when."""

from enum import StrEnum

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Computed, Text
from sqlmodel import Field

from models.base import Dated, Identified, Located, Path


class Duty(StrEnum):
    """What a person is assigned to do at a place."""

    RESPONSIBLE_PERSON = "RESPONSIBLE_PERSON"
    GRID_WORKER = "GRID_WORKER"
    GRID_ASSISTANT = "GRID_ASSISTANT"
    AUXILIARY_POLICE = "AUXILIARY_POLICE"
    STATION_SOCIAL_WORKER = "STATION_SOCIAL_WORKER"
    LINKED_SOCIAL_WORKER = "LINKED_SOCIAL_WORKER"


class Assignment(Identified, Located, Dated, table=True):
    """A person's duty at a place.

    `elsewhere` marks the few whose place is neither the person's home nor above it: through those alone can a scope see
    a person whose home it does not cover. `person_path` follows the person by a cascading foreign key. `guest_places`
    has the ids of the places that see the person for this assignment and not for the home.
    """

    __tablename__ = "assignment"

    person_id: int = Field(sa_type=BigInteger, index=True)
    person_path: str = Field(sa_type=Path)
    duty: Duty = Field(sa_type=Text)
    elsewhere: bool | None = Field(
        default=None, sa_column=Column(Boolean, Computed("NOT starts_with(person_path, path)"), nullable=False)
    )
    guest_places: list[int] | None = Field(
        default=None,
        sa_column=Column(
            ARRAY(BigInteger),
            Computed("CASE WHEN starts_with(person_path, path) THEN '{}' ELSE places_apart(path, person_path) END"),
            nullable=False,
        ),
    )
