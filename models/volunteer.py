"""Volunteers: teams (志愿服务队), who is in them, and what they can do."""

from sqlalchemy import BigInteger
from sqlmodel import Field

from models.base import Dated, Identified, Located, text_column


class Skill(Identified, table=True):
    """Something a volunteer can do for others: electrician, barber, medical… A list for all, not scoped."""

    __tablename__ = "skill"

    code: str = Field(sa_column=text_column(unique=True))
    name: str = Field(sa_column=text_column())


class PersonSkill(Identified, Located, table=True):
    """A skill that a person has; it belongs where the person does."""

    __tablename__ = "person_skill"

    person_id: int = Field(sa_type=BigInteger, index=True)
    skill_id: int = Field(sa_type=BigInteger, foreign_key="skill.id", index=True)


class VolunteerTeam(Identified, Located, table=True):
    """A volunteer team of a place."""

    __tablename__ = "volunteer_team"

    code: str = Field(sa_column=text_column(unique=True))
    name: str = Field(sa_column=text_column())


class TeamMembership(Identified, Located, Dated, table=True):
    """A person's time in a team; it belongs where the team does."""

    __tablename__ = "team_membership"

    team_id: int = Field(sa_type=BigInteger, index=True)
    person_id: int = Field(sa_type=BigInteger, foreign_key="person.id", index=True)
