"""The audit log (审计日志): what was written, and which personal data was read in full."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.scalars import JSON

from models import AuditEntry as AuditEntryRow
from resolvers import audit, place
from resolvers.core.permissions import Permission
from schema.fields import column, entity, expression, one, pages, public_id
from schema.filters import AUDIT_ENTRIES, AUDIT_ENTRY_SORTING
from schema.place import Place

if TYPE_CHECKING:
    from schema.account import Account, Grant

READ = Permission.AUDIT_READ


@entity(AuditEntryRow, "E", sorting=AUDIT_ENTRY_SORTING)
@strawberry.type(description="An entry of the audit log: something that was written, or read in full (审计条目).")
class AuditEntry:
    """An entry, in scope by the place that it is kept at; no `Node`, so that only who may read it learns of it."""

    id: strawberry.ID = public_id("The id, opaque; `node` does not take it (标识).")
    at: datetime = column("When its transaction began (时间).", READ)
    action: str = column("The mutation's name, or what has happened (操作).", READ)
    noun: str = column("The kind of row that it is about: the name of its table (对象类别).", READ)
    subject: strawberry.ID | None = column(
        "The id of the row that it is about, if such rows have ids; the row itself may be out of scope by now"
        " (对象标识).",
        READ,
    )
    request_id: str = column("The request's id, `command line`, or `schedule` (请求标识).", READ)
    before: JSON | None = expression(
        audit.told("before"),
        "The columns that changed, as they were, personal ones masked; null if the row is out of scope (变更前).",
        READ,
    )
    after: JSON | None = expression(
        audit.told("after"),
        "The columns that changed, as they became, personal ones masked; null if the row is out of scope (变更后).",
        READ,
    )
    account: Annotated["Account", strawberry.lazy("schema.account")] | None = one(
        audit.ACCOUNT, "Who did it; null if not in scope, and for the command line (操作账号).", READ
    )
    grant: Annotated["Grant", strawberry.lazy("schema.account")] | None = one(
        audit.GRANT, "The grant that they acted under; null if not in scope, or if there was none (操作授权).", READ
    )
    place: Place | None = one(place.OF_ROW, "The place that the entry is kept at (所属地点).", READ)


def history(letter: str) -> Any:
    """The field `history` of the type whose public ids begin with a letter."""
    return pages(
        audit.history(letter),
        "What was done to it, the newest first, as far as the places that the entries are kept at are in scope"
        " (变更记录).",
        READ,
        *AUDIT_ENTRIES,
    )
