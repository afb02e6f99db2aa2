"""What guests see: rows out of their scope that a referral or a joint consultation shares with them for a time."""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from models.base import Identified, Located


class Sharing(Identified, Located, table=True):
    """That a row is visible at a place where it does not belong: the guest's.

    Triggers of the referral and of the consultation keep it; nobody writes it. `noun` is the table of the row.
    """

    __tablename__ = "sharing"

    noun: str = Field(sa_type=Text)
    row_id: int = Field(sa_type=BigInteger)
    referral_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="referral.id", index=True)
    consultation_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="consultation.id", index=True)
