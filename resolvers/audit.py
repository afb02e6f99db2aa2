"""The audit log as it is read: all entries in scope, those about one row, who wrote them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Text,
    and_,
    case,
    cast,
    func,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSON

from models import (
    Account,
    Agency,
    AgencyRating,
    Award,
    Client,
    ExamResult,
    ImplementationPlan,
    LeadingGroup,
    LeadingGroupMember,
    Measure,
    Person,
    Qualification,
    SignUp,
    Venue,
    VolunteerCall,
    VolunteerTeam,
)
from resolvers.core import ids
from resolvers.core.errors import BadInput
from resolvers.core.json import string
from resolvers.core.mapping import Clause, Relation
from resolvers.core.messages import Message
from resolvers.core.relations import by, table_of
from resolvers.core.scope import Scope, table_name

NEWEST = ("-id",)
ALL = Relation(order=NEWEST)
ACCOUNT = by("account_id")
GRANT = by("grant_id")


# What may have left since, with a person, with its place's successor or by itself, only who sees it now is told of.
LEAVING = (
    *(Person, Qualification, ExamResult, Award, Account, VolunteerTeam, Client, Venue, VolunteerCall, SignUp),
    *(Agency, AgencyRating, LeadingGroup, LeadingGroupMember, ImplementationPlan, Measure),
)


def told(name: str) -> Callable[[FromClause, Scope], ColumnElement[Any]]:
    """`before` or `after` of an entry, unless it tells of a row that is out of scope by now."""

    def build(entry: FromClause, scope: Scope) -> ColumnElement[Any]:
        kept = entry.c[name]
        # Where something came from or went to is the place that keeps the entry.
        whole: Clause = func.jsonb_extract_path_text(kept, string("place")).is_not(None)
        for model in LEAVING:
            row = table_of(model).alias()
            seen = select(row.c.id).where(row.c.id == entry.c.row_id, scope.visible(row)).correlate_except(row)
            whole = or_(whole, and_(entry.c.noun == string(table_name(row)), seen.exists()))
        others = and_(*[entry.c.noun != string(table_of(model).name) for model in LEAVING])
        shown: ColumnElement[Any] = case((or_(others, whole), kept), else_=null())
        return cast(shown, JSON)

    return build


def history(letter: str) -> Relation:
    """The entries about a row whose public id begins with a letter, the newest first."""
    public_id = string(letter).op("||", return_type=Text())
    return Relation(lambda row, entry, *_: entry.c.subject == public_id(row.c.id), order=NEWEST)


def public_id(value: Any, _: Any) -> str:
    """Reads a public id of any kind; what is none names nothing."""
    return str(value) if ids.decode(value) else ""


def instant(value: datetime, _: Any) -> datetime:
    """Reads a time. Raises BadInput for one that does not say which instant it is."""
    if value.tzinfo is None:
        raise BadInput(Message("A time needs its offset from UTC, as in 2021-06-01T08:00:00+08:00."))
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise BadInput(Message("The time lies before the year 1 or after the year 9999.")) from None
