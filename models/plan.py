"""Implementation plans (实施方案) of a leading group, and their measures (举措)."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from models.base import Identified, Located, text_column


class ImplementationPlanState(StrEnum):
    """How far a plan has come."""

    DRAFT = "DRAFT"
    ADOPTED = "ADOPTED"
    COMPLETED = "COMPLETED"
    WITHDRAWN = "WITHDRAWN"


class TaskState(StrEnum):
    """How far something has come that somebody is to do: a measure, a resolution."""

    OPEN = "OPEN"
    IN_PROGRESS = "IN_PROGRESS"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


class ImplementationPlan(Identified, Located, table=True):
    """A plan; it belongs where its leading group does."""

    __tablename__ = "implementation_plan"

    group_id: int = Field(sa_type=BigInteger, index=True)
    title: str = Field(sa_column=text_column())
    begins_on: date
    ends_on: date | None = None
    state: ImplementationPlanState = Field(default=ImplementationPlanState.DRAFT, sa_type=Text)


class Measure(Identified, Located, table=True):
    """What a plan demands, of whom and until when; it belongs where its plan does."""

    __tablename__ = "measure"

    plan_id: int = Field(sa_type=BigInteger, index=True)
    title: str = Field(sa_column=text_column())
    owner: str = Field(sa_type=Text)
    due_on: date
    state: TaskState = Field(default=TaskState.OPEN, sa_type=Text)
    done_on: date | None = None
