"""The visibility clause: the one place that writes it. Every SELECT, count and filter takes it from here.

A row is visible if its path lies in the acting grant's subtree: one range over the row's own column, bound as
parameters, which is an index range and gives the planner its numbers. A grant in a county compares that, too; one
above the county, at a region, has a scope that is `wide` and cannot. Beside that:
- a person is visible too where they currently serve
- what goes from one place to another (`TWO_ENDED`) is visible at either end
- what a referral or a consultation shares with a guest (`SHARED`) is visible to the guest for as long as it does
- county-wide lists (`INHERITED`) are visible to all below the place that keeps them

PostgreSQL's row-level policies hold the same rule a second time, from the setting that the statement opens
(migrations/versions/); each of the two suffices alone, and a test removes either.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import product
from typing import Any, ClassVar

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    BindParameter,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    true,
)

from models import Assignment, Sharing, Skill
from models.base import Path
from resolvers.core.context import ActingGrant, Identity
from resolvers.core.json import string
from resolvers.core.permissions import PERMISSIONS

UNSCOPED = frozenset({Skill.__tablename__})
"""Tables that everybody may read whole."""

_BY_ROLE = {
    role: {"scope_role": role.value, "scope_permissions": sorted(permission.name for permission in held)}
    for role, held in PERMISSIONS.items()
}
"""The values of parameters that follow from the role, by name."""

OPEN = "OK"
"""The state of a scope that is open."""

_OWNED = {"account": "id", "account_grant": "account_id"}
"""Tables whose rows their own account sees wherever they lie."""

TWO_ENDED = frozenset({"referral", "resolution"})
"""Tables whose rows lead to another place, by `to_path` and `to_county_id`, and are seen there for good.

What invites a place to a consultation leads there, too, but is seen only as long as the consultation is shared.
"""

SHARED = {
    "client": ("client", "id"),
    "client_category": ("client", "client_id"),
    "survey": ("survey", "id"),
    "referral": ("referral", "id"),
    "consultation": ("consultation", "id"),
    "consultation_participant": ("consultation", "consultation_id"),
    "consultation_attachment": ("consultation", "consultation_id"),
    "resolution": ("consultation", "consultation_id"),
}
"""Tables whose rows guests may see: what `sharing` calls that which is shared, and the column that has its key."""

INHERITED = frozenset({"service_item", "calendar_day"})
"""Tables of county-wide lists, which all below may read."""


def upper(path: ColumnElement[str]) -> ColumnElement[str]:
    """The end, exclusive, of the subtree's range: '/' is the character after the closing '.'."""
    return func.left(path, -1, type_=Path).op("||", return_type=Path)("/")


def end_of(path: str) -> str:
    """As `upper`, of a path at hand."""
    return path[:-1] + "/"


def beneath(column: ColumnElement[str], path: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a path lies in the subtree of another."""
    return and_(column >= path, column < upper(path))


def current(row: FromClause) -> ColumnElement[bool]:
    """Whether a dated fact holds today."""
    return standing(row, func.current_date())


def standing(row: FromClause, day: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a dated fact holds on a day."""
    return and_(row.c.valid_from <= day, or_(row.c.valid_to.is_(None), row.c.valid_to > day))


def serving(row: FromClause, where: ColumnElement[bool], assignment: FromClause) -> ColumnElement[bool]:
    """Whether a person currently serves in an assignment that meets a condition.

    An array from a subquery that does not depend on the person: it is computed once and meets the primary key.
    """
    ids = select(assignment.c.person_id).where(where, current(assignment))
    ids = ids.correlate_except(assignment)
    return row.c.id == any_(func.array(ids.scalar_subquery(), type_=ARRAY(BigInteger)))


class End(StrEnum):
    """An end of a row that leads from its place to another."""

    FROM = "FROM"
    TO = "TO"
    EITHER = "EITHER"


@dataclass(frozen=True, kw_only=True, eq=False)
class Scope:
    """The scope of a statement, as parameters that are bound to an identity each time that it runs.

    `guarded` is False only in the test that shows row-level security to suffice alone. `wide`: for grants that reach
    over more than a county. `observing`: for those who see figures alone, from whom small ones are held back.
    `sharded`: for a database whose rows lie on shards, by their county (`resolvers.core.sharding`).
    """

    guarded: bool = True
    wide: bool = False
    observing: bool = False
    sharded: bool = False

    account = bindparam("scope_account", type_=BigInteger)
    credential_version = bindparam("scope_credential_version", type_=Integer)
    session = bindparam("scope_session", type_=BigInteger)
    grant = bindparam("scope_grant", type_=BigInteger)
    path = bindparam("scope_path", type_=Path)
    end = bindparam("scope_end", type_=Path)
    county = bindparam("scope_county", type_=BigInteger)
    role = bindparam("scope_role", type_=Text)
    permissions: ClassVar[BindParameter[Any]] = bindparam("scope_permissions", type_=ARRAY(Text))

    @property
    def fans_out(self) -> bool:
        """Whether its statements ask several shards, each of which answers for its counties."""
        return self.sharded and self.wide

    def values(self, identity: Identity) -> dict[str, Any]:
        """The values of the parameters, by name."""
        grant = identity.grant
        return {
            "scope_account": identity.account_id,
            "scope_credential_version": identity.credential_version,
            "scope_session": identity.session_id,
            "scope_grant": grant.id,
            "scope_path": grant.path,
            "scope_end": end_of(grant.path),
            "scope_county": grant.county_id,
            **_BY_ROLE[grant.role],
        }

    def opened(self) -> Select[tuple[str]]:
        """The statement's first step: checks the grant and opens its scope for row-level security."""
        state = func.open_scope(
            self.account, self.credential_version, self.session, self.grant, self.path, self.role, type_=Text
        )
        return select(state.label("state"))

    @cached_property
    def opening(self) -> CTE:
        """A statement's first step, by the name under which all else of it waits for it."""
        return self.opened().cte("scope").prefix_with("MATERIALIZED")

    def stated(self, values: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
        """The statement that says `state`, and these values by name, none of which it looks for before that is OK.

        On shards the scope is open before the statement begins, or that is not run (`resolvers.core.opening`).
        """
        if self.sharded:
            return select(string(OPEN).label("state"), *[value.label(name) for name, value in values.items()])
        opened = self.opening
        shown = [case((opened.c.state == string(OPEN), value)).label(name) for name, value in values.items()]
        return select(opened.c.state, *shown).select_from(opened)

    def gate(self) -> ColumnElement[bool]:
        """Holds once the scope is open; what asks for it reads nothing before."""
        return true() if self.sharded else select(self.opening.c.state).scalar_subquery() == string(OPEN)

    def covers(self, row: FromClause) -> ColumnElement[bool]:
        """Whether a row's own path lies in the scope; the county narrows an index before the path does."""
        inside = self.contains(row.c.path)
        return inside if self.wide else and_(inside, row.c.county_id == self.county)

    def contains(self, path: ColumnElement[str]) -> ColumnElement[bool]:
        """Whether a path lies in the scope."""
        return and_(path >= self.path, path < self.end)

    def covers_other(self, row: FromClause) -> ColumnElement[bool]:
        """Whether the other end of a row that leads from place to place lies in the scope."""
        inside = self.contains(row.c.to_path)
        return inside if self.wide else and_(inside, row.c.to_county_id == self.county)

    def writable(self, row: FromClause) -> ColumnElement[bool]:
        """Whether a row may be written, or written about, as far as its place goes: nothing that is merely seen."""
        return self.covers(row) if self.guarded else true()

    def writable_at(self, row: FromClause, end: End) -> ColumnElement[bool]:
        """As `writable`, for what one end of a row that leads from place to place may do, or either."""
        if not self.guarded:
            return true()
        ends = {End.FROM: (self.covers,), End.TO: (self.covers_other,), End.EITHER: (self.covers, self.covers_other)}
        return or_(*[covers(row) for covers in ends[end]])

    def shared(self, row: FromClause) -> ColumnElement[bool]:
        """Whether a referral or a consultation shares a row with somebody in the scope; computed once, as `serving`."""
        noun, column = SHARED[table_name(row)]
        sharing = Sharing.__table__.alias()  # type: ignore[attr-defined]
        keys = select(sharing.c.row_id).where(sharing.c.noun == literal_column(f"'{noun}'"), self.covers(sharing))
        keys = keys.correlate_except(sharing)
        return row.c[column] == any_(func.array(keys.scalar_subquery(), type_=ARRAY(BigInteger)))

    def visible(self, row: FromClause) -> ColumnElement[bool]:
        """The visibility clause of a table's alias."""
        name = table_name(row)
        if name in UNSCOPED or not self.guarded:
            return true()
        inside = self.covers(row)
        if name == "person":
            assignment = Assignment.__table__.alias()  # type: ignore[attr-defined]
            return or_(inside, serving(row, and_(assignment.c.elsewhere, self.covers(assignment)), assignment))
        if name in _OWNED:
            return or_(inside, row.c[_OWNED[name]] == self.account)
        if name in INHERITED:
            return or_(inside, func.starts_with(self.path, row.c.path))
        beside = [self.covers_other(row)] if name in TWO_ENDED else []
        if name in SHARED:
            beside.append(self.shared(row))
        return or_(inside, *beside)


SCOPES = tuple(
    Scope(wide=wide, observing=observing, sharded=sharded)
    for sharded, observing, wide in product((False, True), repeat=3)
)
"""What statements are compiled for, by the aspect of a grant."""


def scope_of(grant: ActingGrant) -> Scope:
    """The scope of what runs under a grant."""
    return SCOPES[grant.aspect]


def table_name(row: FromClause) -> str:
    """The name of the table behind an alias."""
    table: Any = getattr(row, "element", row)
    return str(table.name)
