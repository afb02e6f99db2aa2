"""Whether the acting grant may do something to a row, and if not, why: one rule for each mutation of an existing row.

A rule stands here once, and is asked in two ways: of the row at hand (`can { … }` on a node), and of a row that an id
names (`viewer { can(action, id) }`). It knows permission, scope and the state of the row; what an input says besides
(a version, a successor, a name that is taken) only the mutation can judge.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    FromClause,
    Subquery,
    Text,
    and_,
    case,
    exists,
    func,
    not_,
    or_,
    select,
)
from sqlmodel import SQLModel

from models import (
    Account,
    Assignment,
    Community,
    Grant,
    Grid,
    Person,
    Place,
    Qualification,
    Station,
    StationLevel,
    TeamMembership,
    VolunteerTeam,
)
from resolvers.core import ids
from resolvers.core.arguments import Arguments
from resolvers.core.decisions import closed, permitted
from resolvers.core.json import string
from resolvers.core.mapping import Clause
from resolvers.core.permissions import Permission
from resolvers.core.relations import NOBODY, key_and_kind, place_key, table_of
from resolvers.core.scope import Scope, table_name

State = Callable[[FromClause, Scope], Clause]


class Action(StrEnum):
    """The mutations that are done to an existing row; of a creation that row is the one that the new one belongs to."""

    CREATE_STATION = "CREATE_STATION"
    UPDATE_STATION = "UPDATE_STATION"
    RENAME_STATION = "RENAME_STATION"
    RECODE_STATION = "RECODE_STATION"
    MOVE_STATION = "MOVE_STATION"
    CLOSE_STATION = "CLOSE_STATION"
    CREATE_COMMUNITY = "CREATE_COMMUNITY"
    UPDATE_COMMUNITY = "UPDATE_COMMUNITY"
    RENAME_COMMUNITY = "RENAME_COMMUNITY"
    RECODE_COMMUNITY = "RECODE_COMMUNITY"
    MOVE_COMMUNITY = "MOVE_COMMUNITY"
    CLOSE_COMMUNITY = "CLOSE_COMMUNITY"
    CREATE_GRID = "CREATE_GRID"
    UPDATE_GRID = "UPDATE_GRID"
    RENAME_GRID = "RENAME_GRID"
    RECODE_GRID = "RECODE_GRID"
    MOVE_GRID = "MOVE_GRID"
    CLOSE_GRID = "CLOSE_GRID"
    CREATE_PERSON = "CREATE_PERSON"
    UPDATE_PERSON = "UPDATE_PERSON"
    RETIRE_PERSON = "RETIRE_PERSON"
    REINSTATE_PERSON = "REINSTATE_PERSON"
    ASSIGN_PERSON = "ASSIGN_PERSON"
    END_ASSIGNMENT = "END_ASSIGNMENT"
    TRANSFER_ASSIGNMENT = "TRANSFER_ASSIGNMENT"
    CREATE_QUALIFICATION = "CREATE_QUALIFICATION"
    UPDATE_QUALIFICATION = "UPDATE_QUALIFICATION"
    CREATE_VOLUNTEER_TEAM = "CREATE_VOLUNTEER_TEAM"
    UPDATE_VOLUNTEER_TEAM = "UPDATE_VOLUNTEER_TEAM"
    ADD_TEAM_MEMBER = "ADD_TEAM_MEMBER"
    END_TEAM_MEMBERSHIP = "END_TEAM_MEMBERSHIP"
    CREATE_ACCOUNT = "CREATE_ACCOUNT"
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105
    DISABLE_ACCOUNT = "DISABLE_ACCOUNT"
    ENABLE_ACCOUNT = "ENABLE_ACCOUNT"
    GRANT_ACCOUNT = "GRANT_ACCOUNT"
    REVOKE_GRANT = "REVOKE_GRANT"


class DecisionReason(StrEnum):
    """Why something may not be done; stable across releases and languages."""

    PERMISSION_MISSING = "PERMISSION_MISSING"
    NOT_FOUND = "NOT_FOUND"
    SEEN_ONLY = "SEEN_ONLY"
    ROOT = "ROOT"
    CLOSED = "CLOSED"
    WRONG_LEVEL = "WRONG_LEVEL"
    PERSON_SEEN_ONLY = "PERSON_SEEN_ONLY"
    RETIRED = "RETIRED"
    NOT_RETIRED = "NOT_RETIRED"
    ENDED = "ENDED"
    OWN = "OWN"
    OUTRANKED = "OUTRANKED"
    DISABLED = "DISABLED"
    NOT_DISABLED = "NOT_DISABLED"


@dataclass(frozen=True)
class Rule:
    """What one action asks for: a permission, and a row of `model` that is in none of these states.

    letter: of the ids of such rows; none for a place of any kind.
    """

    model: type[SQLModel]
    letter: str
    permission: Permission
    states: tuple[tuple[DecisionReason, State], ...] = ()


# -- states --------------------------------------------------------------------------------------------------------


def _is_closed(row: FromClause, scope: Scope) -> Clause:
    if "closed_on" in row.c:
        return row.c.closed_on.is_not(None)
    return closed(row.c.id if table_name(row) == "place" else row.c.place_id, scope)


def _is_root(row: FromClause, scope: Scope) -> Clause:
    """The county's, or what the account sees: its parent is not the account's to choose from."""
    return or_(row.c.path == scope.path, row.c.parent_id.is_(None))


def _leads_no_stations(row: FromClause, _: Scope) -> Clause:
    return row.c.level == StationLevel.BASIC.value


def _leads_a_zone(row: FromClause, _: Scope) -> Clause:
    """It hangs below the hub, of which a county has one: there is nowhere to move it to."""
    return row.c.level == StationLevel.DEMONSTRATION.value


def _has_grants_above(row: FromClause, scope: Scope) -> Clause:
    """A grant at the place is the asker's own, or of a higher role: closing the place would have to end it."""
    grant = table_of(Grant).alias()
    above = exists().select_from(grant).correlate_except(grant)
    return above.where(
        grant.c.place_id == row.c.id,
        or_(grant.c.valid_to.is_(None), grant.c.valid_to > func.now()),
        or_(_is_own(grant, scope), _is_above(grant, scope)),
        scope.visible(grant),
    )


def _has_ended(row: FromClause, _: Scope) -> Clause:
    # What ended on its first day never was, also if that is still to come.
    return row.c.valid_to <= func.greatest(func.current_date(), row.c.valid_from)


def _is_retired(row: FromClause, scope: Scope) -> Clause:
    if "retired_on" in row.c:
        return row.c.retired_on.is_not(None)
    person = table_of(Person).alias()
    retired = exists().select_from(person).correlate_except(person)
    return retired.where(person.c.id == row.c.person_id, person.c.retired_on.is_not(None), scope.visible(person))


def _is_not_retired(row: FromClause, _: Scope) -> Clause:
    return row.c.retired_on.is_(None)


def _is_anothers_person(row: FromClause, scope: Scope) -> Clause:
    """The home of the person is out of scope."""
    return not_(scope.contains(row.c.person_path))


def _is_own(row: FromClause, scope: Scope) -> Clause:
    """It is the account in use, or a grant of that."""
    return row.c["id" if table_name(row) == "account" else "account_id"] == scope.account


def _is_not_administered(account: FromClause, scope: Scope) -> Clause:
    """It holds, or will hold, a grant out of scope or above the acting role; out of scope, only the database knows."""
    return not_(func.administers(account.c.id, scope.role, type_=Boolean))


def _is_disabled(account: FromClause, _: Scope) -> Clause:
    return account.c.disabled_at.is_not(None)


def _is_not_disabled(account: FromClause, _: Scope) -> Clause:
    return account.c.disabled_at.is_(None)


def _is_above(grant: FromClause, scope: Scope) -> Clause:
    return func.role_rank(grant.c.role) > func.role_rank(scope.role)


def _is_over(grant: FromClause, _: Scope) -> Clause:
    return grant.c.valid_to <= func.greatest(func.now(), grant.c.valid_from)


CLOSED = (DecisionReason.CLOSED, _is_closed)
ROOT = (DecisionReason.ROOT, _is_root)
LEAF = (DecisionReason.WRONG_LEVEL, _leads_no_stations)
LEADER = (DecisionReason.WRONG_LEVEL, _leads_a_zone)
ABOVE = (DecisionReason.OUTRANKED, _has_grants_above)
ENDED = (DecisionReason.ENDED, _has_ended)
RETIRED = (DecisionReason.RETIRED, _is_retired)
PERSON_ELSEWHERE = (DecisionReason.PERSON_SEEN_ONLY, _is_anothers_person)
OWN = (DecisionReason.OWN, _is_own)
STRONGER = (DecisionReason.OUTRANKED, _is_not_administered)
DISABLED = (DecisionReason.DISABLED, _is_disabled)

# -- rules ---------------------------------------------------------------------------------------------------------

PLACE, GRID = Permission.PLACE_WRITE, Permission.GRID_WRITE
PERSONNEL, ACCOUNT = Permission.PERSONNEL_WRITE, Permission.ACCOUNT_WRITE

RULES: dict[Action, Rule] = {
    Action.CREATE_STATION: Rule(Station, "S", PLACE, (LEAF, CLOSED)),
    Action.CREATE_COMMUNITY: Rule(Station, "S", PLACE, (CLOSED,)),
    Action.CREATE_GRID: Rule(Community, "C", GRID, (CLOSED,)),
    Action.CREATE_PERSON: Rule(Place, "", PERSONNEL, (CLOSED,)),
    Action.UPDATE_PERSON: Rule(Person, "P", PERSONNEL),
    Action.RETIRE_PERSON: Rule(Person, "P", PERSONNEL, (RETIRED,)),
    Action.REINSTATE_PERSON: Rule(Person, "P", PERSONNEL, ((DecisionReason.NOT_RETIRED, _is_not_retired),)),
    Action.ASSIGN_PERSON: Rule(Person, "P", PERSONNEL, (RETIRED,)),
    Action.END_ASSIGNMENT: Rule(Assignment, "A", PERSONNEL, (ENDED,)),
    Action.TRANSFER_ASSIGNMENT: Rule(Assignment, "A", PERSONNEL, (PERSON_ELSEWHERE, RETIRED, ENDED)),
    Action.CREATE_QUALIFICATION: Rule(Person, "P", PERSONNEL),
    Action.UPDATE_QUALIFICATION: Rule(Qualification, "Q", PERSONNEL),
    Action.CREATE_VOLUNTEER_TEAM: Rule(Place, "", PERSONNEL, (CLOSED,)),
    Action.UPDATE_VOLUNTEER_TEAM: Rule(VolunteerTeam, "T", PERSONNEL),
    Action.ADD_TEAM_MEMBER: Rule(VolunteerTeam, "T", PERSONNEL),
    Action.END_TEAM_MEMBERSHIP: Rule(TeamMembership, "M", PERSONNEL, (ENDED,)),
    Action.CREATE_ACCOUNT: Rule(Place, "", ACCOUNT, (CLOSED,)),
    Action.RESET_PASSWORD: Rule(Account, "U", ACCOUNT, (OWN, STRONGER)),
    Action.DISABLE_ACCOUNT: Rule(Account, "U", ACCOUNT, (OWN, STRONGER, DISABLED)),
    Action.ENABLE_ACCOUNT: Rule(
        Account, "U", ACCOUNT, (OWN, STRONGER, (DecisionReason.NOT_DISABLED, _is_not_disabled))
    ),
    Action.GRANT_ACCOUNT: Rule(Account, "U", ACCOUNT, (OWN, DISABLED)),
    Action.REVOKE_GRANT: Rule(
        Grant,
        "R",
        ACCOUNT,
        (OWN, (DecisionReason.OUTRANKED, _is_above), (DecisionReason.ENDED, _is_over)),
    ),
}
for _model, _letter, _permission in ((Station, "S", PLACE), (Community, "C", PLACE), (Grid, "G", GRID)):
    _name = table_of(_model).name.upper()
    for _verb in ("UPDATE", "RENAME"):
        RULES[Action(f"{_verb}_{_name}")] = Rule(_model, _letter, _permission)
    RULES[Action(f"RECODE_{_name}")] = Rule(_model, _letter, _permission, (CLOSED,))
    RULES[Action(f"MOVE_{_name}")] = Rule(_model, _letter, _permission, (CLOSED, ROOT))
    if _model is Station:
        RULES[Action.MOVE_STATION] = Rule(_model, _letter, _permission, (CLOSED, ROOT, LEADER))
    RULES[Action(f"CLOSE_{_name}")] = Rule(_model, _letter, _permission, (CLOSED, ROOT, ABOVE))


# -- asking --------------------------------------------------------------------------------------------------------


def _against(rule: Rule, row: FromClause, scope: Scope) -> ColumnElement[Any]:
    """The first reason against it that the row itself gives, or NULL."""
    states = [(state(row, scope), string(reason)) for reason, state in rule.states]
    return case((not_(scope.covers(row)), string(DecisionReason.SEEN_ONLY)), *states)


def may(action: Action) -> Callable[[FromClause, Scope], Clause]:
    """Whether the action may be done to the row."""
    rule = RULES[action]

    def build(row: FromClause, scope: Scope) -> Clause:
        return and_(permitted(rule.permission, scope), _against(rule, row, scope).is_(None))

    return build


def holds(permission: Permission) -> Callable[[FromClause, Scope], Clause]:
    """Whether the acting grant holds a permission; for what a row that is seen need not be covered for."""
    return lambda _, scope: permitted(permission, scope)


def decide(arguments: Arguments, scope: Scope) -> Subquery:
    """The reason against the asked action on the row that the id names, or NULL.

    Without the permission no row is looked for; what is out of scope, malformed or missing is not found alike.
    """
    rule = RULES[Action(arguments.get("action"))]
    row = table_of(rule.model).alias()
    query = select(func.coalesce(_against(rule, row, scope), string(""), type_=Text)).correlate_except(row)
    query = query.where(_named(rule, row, arguments), scope.visible(row))
    found = func.coalesce(query.scalar_subquery(), string(DecisionReason.NOT_FOUND), type_=Text)
    reason = case((not_(permitted(rule.permission, scope)), string(DecisionReason.PERMISSION_MISSING)), else_=found)
    return select(func.nullif(reason, string(""), type_=Text).label("reason")).subquery()


def _named(rule: Rule, row: FromClause, arguments: Arguments) -> Clause:
    if rule.letter:
        convert = lambda value, _: ids.key_of(value, rule.letter) or NOBODY  # noqa: E731 - as short as it is
        return row.c.id == arguments.bind(BigInteger(), "id", convert=convert)
    key = arguments.bind(BigInteger(), "id", convert=place_key)
    kind = arguments.bind(Text(), "id", convert=lambda value, _: key_and_kind(value)[1])
    return and_(row.c.id == key, row.c.kind == kind)


def allowed(decision: FromClause, _: Scope) -> Clause:
    """Whether nothing speaks against it."""
    return decision.c.reason.is_(None)
