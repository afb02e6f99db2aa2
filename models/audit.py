"""The audit log: who did what, under which grant, to which row; and the batches that it is sealed in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Computed, DateTime, LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from models.base import Located

# The letters of the row's public id; tables whose rows have none are left out.
_SUBJECT = """CASE noun WHEN 'station' THEN 'S' WHEN 'community' THEN 'C' WHEN 'grid' THEN 'G' WHEN 'person' THEN 'P'
WHEN 'assignment' THEN 'A' WHEN 'qualification' THEN 'Q' WHEN 'skill' THEN 'K' WHEN 'volunteer_team'
THEN 'T' WHEN 'team_membership' THEN 'M' WHEN 'account' THEN 'U' WHEN 'account_grant' THEN 'R' WHEN
'grant' THEN 'R' WHEN 'leading_group' THEN 'LG' WHEN 'leading_group_member' THEN 'LM' WHEN
'implementation_plan' THEN 'IP' WHEN 'measure' THEN 'ME' WHEN 'agency' THEN 'AG' WHEN 'agency_rating'
THEN 'RT' WHEN 'venue' THEN 'VE' WHEN 'service_item' THEN 'SI' WHEN 'service_offer' THEN 'SO' WHEN
'calendar_day' THEN 'CD' WHEN 'client' THEN 'CL' WHEN 'service_record' THEN 'SR' WHEN 'survey' THEN 'SU'
WHEN 'referral' THEN 'RF' WHEN 'consultation' THEN 'CO' WHEN 'consultation_participant' THEN 'CP' WHEN
'consultation_attachment' THEN 'CA' WHEN 'resolution' THEN 'RS' WHEN 'target' THEN 'TG' WHEN
'volunteer_call' THEN 'VC' WHEN 'sign_up' THEN 'VS' WHEN 'training_event' THEN 'TE' WHEN 'attendance'
THEN 'TA' WHEN 'exam_result' THEN 'EX' WHEN 'award_budget' THEN 'AB' WHEN 'award' THEN 'AW' END ||
row_id"""


class AuditEntry(Located, table=True):
    """One write, or one unmasked reading of personal data; appended in the same transaction, never changed.

    `subject` is the public id of the row that it is about, null for a row without one. Its digest covers `before` and
    `after` by their salted hash; an erasure, the entry `erased_by`, takes them and the salt, and leaves the hash.
    """

    __tablename__ = "audit_entry"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger)
    at: datetime = Field(sa_type=DateTime(timezone=True))
    account_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="account.id")
    grant_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="account_grant.id")
    request_id: str = Field(sa_type=Text)
    action: str = Field(sa_type=Text)
    noun: str = Field(sa_type=Text)
    row_id: int | None = Field(default=None, sa_type=BigInteger)
    subject: str | None = Field(default=None, sa_column=Column(Text(collation="C"), Computed(_SUBJECT)))
    before: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    after: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    salt: UUID | None = Field(default=None, sa_type=Uuid)
    values_digest: bytes | None = Field(default=None, sa_type=LargeBinary)
    erased_by: int | None = Field(default=None, sa_type=BigInteger)


class AuditBatch(SQLModel, table=True):
    """A link of the chain: the digest over its entries' digests and over the digest of the batch before."""

    __tablename__ = "audit_batch"

    id: int = Field(primary_key=True, sa_type=BigInteger)
    previous: bytes | None = Field(default=None, sa_type=LargeBinary, unique=True)
    digest: bytes = Field(sa_type=LargeBinary, unique=True)
    entries: int
    sealed_at: datetime = Field(sa_type=DateTime(timezone=True))


class AuditSeal(SQLModel, table=True):
    """That an entry is in a batch, and its digest."""

    __tablename__ = "audit_seal"

    entry_id: int = Field(primary_key=True, sa_type=BigInteger)
    batch_id: int = Field(sa_type=BigInteger, foreign_key="audit_batch.id")
    digest: bytes = Field(sa_type=LargeBinary)


class AuditUnsealed(SQLModel, table=True):
    """That an entry is yet to be sealed; noted in the transaction that appends it."""

    __tablename__ = "audit_unsealed"

    entry_id: int = Field(primary_key=True, sa_type=BigInteger)
