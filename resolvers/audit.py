"""The audit log as it is read: all entries in scope, those about one row, who wrote them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, FromClause, Text, any_, func, select

from models import Account
from resolvers.core import ids
from resolvers.core.errors import BadInput
from resolvers.core.json import string
from resolvers.core.mapping import Clause, Relation
from resolvers.core.relations import by, table_of
from resolvers.core.scope import Scope

NEWEST = ("-id",)
ALL = Relation(order=NEWEST)
ACCOUNT = by("account_id")
GRANT = by("grant_id")


def history(letter: str) -> Relation:
    """The entries about a row whose public id begins with a letter, the newest first."""
    public_id = string(letter).op("||", return_type=Text())
    return Relation(lambda row, entry, *_: entry.c.subject == public_id(row.c.id), order=NEWEST)


def done_by(row: FromClause, operator: str, value: ColumnElement[Any], scope: Scope) -> Clause:
    """The filter `account`: entries of accounts that are visible; whose the others are is not to be guessed."""
    account = table_of(Account).alias()
    named = account.c.id == (any_(value) if operator == "in" else value)
    found = select(account.c.id).where(named, scope.visible(account)).correlate_except(account)
    return row.c.account_id == any_(func.array(found.scalar_subquery(), type_=ARRAY(BigInteger)))


def public_id(value: Any, _: Any) -> str:
    """Reads a public id of any kind; what is none names nothing."""
    return str(value) if ids.decode(value) else ""


def instant(value: datetime, _: Any) -> datetime:
    """Reads a time. Raises BadInput for one that does not say which instant it is."""
    if value.tzinfo is None:
        raise BadInput("A time needs its offset from UTC, as in 2021-06-01T08:00:00+08:00.")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise BadInput("The time lies before the year 1 or after the year 9999.") from None
