"""Who an account is at an outside issuer, for signing in from there."""

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary, Text
from sqlmodel import Field, SQLModel

from models.account import Instant
from models.base import Identified, Located


class ExternalIdentity(Identified, Located, table=True):
    """A subject of an OpenID Connect issuer that may sign in as an account, for a time."""

    __tablename__ = "external_identity"

    account_id: int = Field(sa_type=BigInteger, foreign_key="account.id", index=True)
    issuer: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    valid_from: datetime = Field(sa_type=Instant)
    valid_to: datetime | None = Field(default=None, sa_type=Instant)


class UsedIdToken(SQLModel, table=True):
    """An ID token that has opened a session, as its SHA-256 alone, until it would have run out."""

    __tablename__ = "used_id_token"

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    expires_at: datetime = Field(sa_type=Instant)
