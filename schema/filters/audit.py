"""What the entries of the audit log can be filtered and ordered by."""

import strawberry

from models import Account
from resolvers import audit
from schema.fields import operand
from schema.filters.base import id_operand, listing, ordering, reference, where, within_operand
from schema.operators import DateTimeOperators, IDOperators, TextOperators


@where("Which entries of the audit log (审计条目筛选条件).")
class AuditEntryFilter:
    """Filter of audit entries."""

    id: IDOperators | None = id_operand("E")
    within: strawberry.ID | None = within_operand("Is kept at this place or below it (记录于该地点及其下级).")
    account: IDOperators | None = reference(
        "U", "account_id", "The account that did it, if that is in scope (操作账号).", seen=Account
    )
    action: TextOperators | None = operand(
        "The mutation's name, or what has happened (操作).", lambda row: row.c.action
    )
    noun: TextOperators | None = operand("The kind of row that it is about (对象类别).", lambda row: row.c.noun)
    subject: IDOperators | None = operand(
        "The row that it is about (对象标识).", lambda row: row.c.subject, convert=audit.public_id
    )
    at: DateTimeOperators | None = operand(
        "When its transaction began (时间).", lambda row: row.c.at, convert=audit.instant
    )


AUDIT_ENTRY_ORDER, AUDIT_ENTRY_SORTING = ordering(
    "AuditEntry",
    "审计条目",
    "audit entries",
    ID="By the order in which they were written, which is nearly that of their times (按写入次序).",
)
AUDIT_ENTRIES = listing(AuditEntryFilter, AUDIT_ENTRY_ORDER)
