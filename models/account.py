"""Accounts, the grants under which they act, and their sessions."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, DateTime, LargeBinary, Text
from sqlmodel import Field, SQLModel

from models.base import Identified, Located, text_column

Instant = DateTime(timezone=True)


class Role(StrEnum):
    """What a grant allows at its place and below; the permissions of each are in `resolvers.core.permissions`."""

    OBSERVER = "OBSERVER"
    WORKER = "WORKER"
    MANAGER = "MANAGER"
    ADMINISTRATOR = "ADMINISTRATOR"


class AccountKind(StrEnum):
    """Who stands behind an account, and so how it proves itself."""

    PERSON = "PERSON"
    SERVICE = "SERVICE"


class Account(Identified, Located, table=True):
    """Somebody who logs in, or a machine with keys; the place is the one that administers the account.

    Without a password a person signs in from outside alone; a service never has one.
    """

    __tablename__ = "account"

    username: str = Field(sa_column=text_column(unique=True))
    kind: AccountKind = Field(default=AccountKind.PERSON, sa_type=Text)
    password_hash: str | None = Field(default=None, sa_type=Text)
    credential_version: int = 1
    disabled_at: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)


class Grant(Identified, Located, table=True):
    """A role at a place, for an account, for a time; a request acts under one."""

    __tablename__ = "account_grant"

    account_id: int = Field(sa_type=BigInteger, foreign_key="account.id", index=True)
    role: Role = Field(sa_type=Text)
    given_by: int | None = Field(default=None, sa_type=BigInteger, foreign_key="account_grant.id")
    valid_from: datetime = Field(sa_type=Instant)
    valid_to: datetime | None = Field(default=None, sa_type=Instant)


class Session(SQLModel, table=True):
    """A log-in: the family of refresh tokens that descend from it; or what a service key opens, which has none.

    Ended, it admits no request.
    """

    __tablename__ = "session"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger)
    account_id: int = Field(sa_type=BigInteger, foreign_key="account.id", index=True)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    of_key: bool = False
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class RefreshToken(SQLModel, table=True):
    """One refresh token, as its SHA-256 alone; used once, then its use again ends the session."""

    __tablename__ = "refresh_token"

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    session_id: int = Field(sa_type=BigInteger, foreign_key="session.id", index=True)
    created_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class LogInFailure(SQLModel, table=True):
    """Failed log-ins since a window began, counted by a keyed hash: of the username, of the address, or of both."""

    __tablename__ = "log_in_failure"

    key: bytes = Field(primary_key=True, sa_type=LargeBinary)
    failures: int
    since: datetime = Field(sa_type=Instant)
    last_at: datetime = Field(sa_type=Instant)


class IdempotencyKey(SQLModel, table=True):
    """What an account's create with a key has made, so that a repeat answers the same; kept for some days."""

    __tablename__ = "idempotency_key"

    account_id: int = Field(primary_key=True, sa_type=BigInteger, foreign_key="account.id")
    key: str = Field(primary_key=True, sa_type=Text)
    action: str = Field(sa_type=Text)
    digest: bytes = Field(sa_type=LargeBinary)
    row_id: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Instant)
