"""The rules of the network itself: places, people and what they do, volunteer teams, accounts."""

from sqlalchemy import Boolean, FromClause, exists, func, not_, or_

from models import (
    Account,
    AccountKind,
    Assignment,
    Community,
    ExternalIdentity,
    Grant,
    Grid,
    Person,
    Place,
    Qualification,
    ServiceKey,
    Station,
    StationLevel,
    TeamMembership,
    VolunteerTeam,
)
from resolvers.access.action import Action
from resolvers.access.rule import CLOSED, ENDED, PERSON_ELSEWHERE, RETIRED, ROOT, Against, DecisionReason, Rule
from resolvers.core.json import string
from resolvers.core.mapping import Clause
from resolvers.core.permissions import Permission
from resolvers.core.relations import table_of
from resolvers.core.scope import Scope, table_name

# -- states --------------------------------------------------------------------------------------------------------


def _is_region(row: FromClause, _: Scope) -> Clause:
    return row.c.level == StationLevel.REGION.value


def _leads_no_stations(row: FromClause, scope: Scope) -> Clause:
    leaf = row.c.level == StationLevel.BASIC.value
    return or_(leaf, _is_region(row, scope)) if scope.wide else leaf


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


def _is_not_retired(row: FromClause, _: Scope) -> Clause:
    return row.c.retired_on.is_(None)


def _is_own(row: FromClause, scope: Scope) -> Clause:
    """It is the account in use, or a grant of that."""
    return row.c["id" if table_name(row) == "account" else "account_id"] == scope.account


def _is_not_administered(row: FromClause, scope: Scope) -> Clause:
    """The account, or that of the row, holds, or will hold, a grant out of scope or above the acting role.

    Out of scope, only the database knows.
    """
    account = row.c["id" if table_name(row) == "account" else "account_id"]
    return not_(func.administers(account, scope.role, type_=Boolean))


def _is_of_kind(kind: AccountKind) -> Against:
    return DecisionReason.WRONG_KIND, lambda account, _: account.c.kind == string(kind.value)


def _is_disabled(account: FromClause, _: Scope) -> Clause:
    return account.c.disabled_at.is_not(None)


def _is_not_disabled(account: FromClause, _: Scope) -> Clause:
    return account.c.disabled_at.is_(None)


def _is_above(grant: FromClause, scope: Scope) -> Clause:
    return func.role_rank(grant.c.role) > func.role_rank(scope.role)


def _is_over(grant: FromClause, _: Scope) -> Clause:
    return grant.c.valid_to <= func.greatest(func.now(), grant.c.valid_from)


REGION = (DecisionReason.WRONG_LEVEL, _is_region)
LEAF = (DecisionReason.WRONG_LEVEL, _leads_no_stations)
LEADER = (DecisionReason.WRONG_LEVEL, _leads_a_zone)
ABOVE = (DecisionReason.OUTRANKED, _has_grants_above)
OWN = (DecisionReason.OWN, _is_own)
STRONGER = (DecisionReason.OUTRANKED, _is_not_administered)
DISABLED = (DecisionReason.DISABLED, _is_disabled)
OVER = (DecisionReason.ENDED, _is_over)
FOR_PEOPLE, FOR_SERVICES = _is_of_kind(AccountKind.SERVICE), _is_of_kind(AccountKind.PERSON)

# -- rules ---------------------------------------------------------------------------------------------------------

PLACE, GRID = Permission.PLACE_WRITE, Permission.GRID_WRITE
PERSONNEL, ACCOUNT = Permission.PERSONNEL_WRITE, Permission.ACCOUNT_WRITE

RULES: dict[Action, Rule] = {
    Action.CREATE_STATION: Rule(Station, "S", PLACE, (LEAF, CLOSED)),
    Action.CREATE_COMMUNITY: Rule(Station, "S", PLACE, (REGION, CLOSED)),
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
    Action.RESET_PASSWORD: Rule(Account, "U", ACCOUNT, (OWN, STRONGER, FOR_PEOPLE)),
    Action.DISABLE_ACCOUNT: Rule(Account, "U", ACCOUNT, (OWN, STRONGER, DISABLED)),
    Action.ENABLE_ACCOUNT: Rule(
        Account, "U", ACCOUNT, (OWN, STRONGER, (DecisionReason.NOT_DISABLED, _is_not_disabled))
    ),
    Action.GRANT_ACCOUNT: Rule(Account, "U", ACCOUNT, (OWN, DISABLED)),
    Action.REVOKE_GRANT: Rule(
        Grant,
        "R",
        ACCOUNT,
        (OWN, (DecisionReason.OUTRANKED, _is_above), OVER),
    ),
    Action.LINK_IDENTITY: Rule(Account, "U", ACCOUNT, (OWN, STRONGER, FOR_PEOPLE), "关联外部身份"),
    Action.UNLINK_IDENTITY: Rule(ExternalIdentity, "EI", ACCOUNT, (OWN, STRONGER, OVER), "解除外部身份"),
    Action.CREATE_SERVICE_KEY: Rule(Account, "U", ACCOUNT, (OWN, STRONGER, FOR_SERVICES, DISABLED), "新建服务密钥"),
    Action.REVOKE_SERVICE_KEY: Rule(ServiceKey, "SK", ACCOUNT, (OWN, STRONGER, OVER), "吊销服务密钥"),
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
