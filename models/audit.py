"""The audit log: who did what, under which grant, to which row."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from models.base import Located


class AuditEntry(Located, table=True):
    """One write, or one unmasked reading of personal data; appended in the same transaction, never changed."""

    __tablename__ = "audit_entry"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger)
    at: datetime = Field(sa_type=DateTime(timezone=True))
    account_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="account.id")
    grant_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="account_grant.id")
    request_id: str = Field(sa_type=Text)
    action: str = Field(sa_type=Text)
    noun: str = Field(sa_type=Text)
    row_id: int | None = Field(default=None, sa_type=BigInteger)
    before: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    after: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
