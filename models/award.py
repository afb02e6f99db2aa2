"""Awards (奖励金): one for each person and level, out of a yearly budget that cannot be overspent."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import BigInteger, Numeric, Text
from sqlmodel import Field

from models.base import Identified, Located
from models.person import QualificationLevel


class AwardState(StrEnum):
    """What has become of an award; a revoked one gives its money back to the budget."""

    GRANTED = "GRANTED"
    PAID = "PAID"
    REVOKED = "REVOKED"


class AwardBudget(Identified, Located, table=True):
    """What a place may give in awards in a year, in yuan; the database itself keeps `spent`, never above `amount`."""

    __tablename__ = "award_budget"

    year: int
    amount: Decimal = Field(sa_type=Numeric(12, 2))
    spent: Decimal = Field(default=Decimal(0), sa_type=Numeric(12, 2))


class Award(Identified, Located, table=True):
    """An award to a person for reaching a level, in yuan; it belongs where the person does."""

    __tablename__ = "award"

    person_id: int = Field(sa_type=BigInteger, index=True)
    budget_id: int = Field(sa_type=BigInteger, foreign_key="award_budget.id", index=True)
    level: QualificationLevel = Field(sa_type=Text)
    year: int
    amount: Decimal = Field(sa_type=Numeric(12, 2))
    state: AwardState = Field(default=AwardState.GRANTED, sa_type=Text)
    granted_on: date
