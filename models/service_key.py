"""What machines prove themselves with."""

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary, Text
from sqlmodel import Field

from models.account import Instant
from models.base import Identified, Located


class ServiceKey(Identified, Located, table=True):
    """A key of a service account, as its SHA-256 alone: it opens a session of its own for as long as it holds.

    `prefix` is how the key begins, to know it by. `last_used_at` is kept to the hour.
    """

    __tablename__ = "service_key"

    account_id: int = Field(sa_type=BigInteger, foreign_key="account.id", index=True)
    name: str = Field(sa_type=Text)
    prefix: str = Field(sa_type=Text)
    digest: bytes = Field(sa_type=LargeBinary, unique=True)
    session_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="session.id")
    valid_from: datetime = Field(sa_type=Instant)
    valid_to: datetime | None = Field(default=None, sa_type=Instant)
    last_used_at: datetime | None = Field(default=None, sa_type=Instant)
