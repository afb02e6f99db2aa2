"""What the account in use may do: `can` of each kind of node, and of any action on any id."""

from typing import Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from models import Account as AccountRow
from models import Assignment as AssignmentRow
from models import Community as CommunityRow
from models import Grant as GrantRow
from models import Grid as GridRow
from models import Person as PersonRow
from models import Qualification as QualificationRow
from models import Station as StationRow
from models import TeamMembership as TeamMembershipRow
from models import VolunteerTeam as VolunteerTeamRow
from resolvers import access
from resolvers.access import Action, DecisionReason
from resolvers.core.permissions import Permission
from schema.enums import describe
from schema.fields import PUBLIC_FIELD, Access, argument, column, derived, entity, expression, made

READ = Permission.PLACE_READ
COUNT = Permission.PERSONNEL_COUNT
VOLUNTEERS = Permission.VOLUNTEER_READ
CAN = "What the account in use may do to it, as far as permission, scope and its state decide (可执行的操作)."


def described(action: Action) -> str:
    """What an action is, by the name of its mutation and the term of its rule."""
    title = access.RULES[action].title
    if not title:
        raise TypeError(f"the rule of {action} has no title")
    return f"`{to_camel_case(action.value.lower())}` ({title})."


SAID = {
    Action.CREATE_STATION: "`createStation`, below this station (新建社工站).",
    Action.UPDATE_STATION: "`updateStation` (变更社工站信息).",
    Action.RENAME_STATION: "`renameStation` (变更社工站名称).",
    Action.RECODE_STATION: "`recodeStation` (变更社工站编码).",
    Action.MOVE_STATION: "`moveStation` (调整社工站隶属关系).",
    Action.CLOSE_STATION: "`closeStation` (撤销社工站).",
    Action.CREATE_COMMUNITY: "`createCommunity`, below this station (新建村居).",
    Action.UPDATE_COMMUNITY: "`updateCommunity` (变更村居信息).",
    Action.RENAME_COMMUNITY: "`renameCommunity` (变更村居名称).",
    Action.RECODE_COMMUNITY: "`recodeCommunity` (变更村居编码).",
    Action.MOVE_COMMUNITY: "`moveCommunity` (调整村居隶属关系).",
    Action.CLOSE_COMMUNITY: "`closeCommunity` (撤销村居).",
    Action.CREATE_GRID: "`createGrid`, in this community (新建网格).",
    Action.UPDATE_GRID: "`updateGrid` (变更网格信息).",
    Action.RENAME_GRID: "`renameGrid` (变更网格名称).",
    Action.RECODE_GRID: "`recodeGrid` (变更网格编码).",
    Action.MOVE_GRID: "`moveGrid` (调整网格隶属关系).",
    Action.CLOSE_GRID: "`closeGrid` (撤销网格).",
    Action.CREATE_PERSON: "`createPerson`, at home in this place (新增人员).",
    Action.UPDATE_PERSON: "`updatePerson` (变更人员信息).",
    Action.RETIRE_PERSON: "`retirePerson` (人员离任).",
    Action.REINSTATE_PERSON: "`reinstatePerson` (人员复任).",
    Action.ASSIGN_PERSON: "`assignPerson`, this person (安排任职).",
    Action.END_ASSIGNMENT: "`endAssignment` (结束任职).",
    Action.TRANSFER_ASSIGNMENT: "`transferAssignment` (调动任职).",
    Action.CREATE_QUALIFICATION: "`createQualification`, of this person (新增职业资格).",
    Action.UPDATE_QUALIFICATION: "`updateQualification` (变更职业资格).",
    Action.CREATE_VOLUNTEER_TEAM: "`createVolunteerTeam`, at this place (新建志愿服务队).",
    Action.UPDATE_VOLUNTEER_TEAM: "`updateVolunteerTeam` (变更志愿服务队).",
    Action.ADD_TEAM_MEMBER: "`addTeamMember`, to this team (新增队员).",
    Action.END_TEAM_MEMBERSHIP: "`endTeamMembership` (队员退出).",
    Action.CREATE_ACCOUNT: "`createAccount`, at this place (新建账号).",
    Action.RESET_PASSWORD: "`resetPassword` (重置密码).",
    Action.DISABLE_ACCOUNT: "`disableAccount` (停用账号).",
    Action.ENABLE_ACCOUNT: "`enableAccount` (启用账号).",
    Action.GRANT_ACCOUNT: "`grantAccount`, this account (新增授权).",
    Action.REVOKE_GRANT: "`revokeGrant` (撤销授权).",
}
"""What the names of actions do not say, or rules do not."""

describe(
    Action,
    "A mutation of an existing row (操作).",
    **{action.value: SAID.get(action) or described(action) for action in Action},
)
describe(
    DecisionReason,
    "Why something may not be done (不可执行的原因).",
    PERMISSION_MISSING="The acting grant lacks the permission (缺少权限).",
    NOT_FOUND="Nothing in scope has this id, or the action is not for such rows (未找到).",
    SEEN_ONLY="It is seen, but belongs to a place out of scope (仅可见，归属不在管辖范围内).",
    ROOT="It is the root of the county, or of what the account sees (管辖范围的顶层).",
    CLOSED="The place is closed (已撤销).",
    WRONG_LEVEL="It is not for a place of this level (级别不符).",
    WRONG_KIND="It is not for an account of this kind (账号类型不符).",
    WRONG_STATE="It is in a state that does not allow this (当前状态不允许).",
    PERSON_SEEN_ONLY="The person's home is out of scope (人员归属不在管辖范围内).",
    RETIRED="The person is retired (人员已离任).",
    NOT_RETIRED="The person is not retired (人员未离任).",
    ENDED="It has ended (已结束).",
    OWN="It is the account in use, or something of it (当前账号自身).",
    OUTRANKED="It has, or is, a grant that the acting one does not cover (存在超出当前授权的授权).",
    DISABLED="The account is disabled (账号已停用).",
    NOT_DISABLED="The account is not disabled (账号未停用).",
)


def may(action: Action, needs: Access, description: str | None = None) -> Any:
    """A field that says whether an action may be done to the row; described as the action, if not otherwise."""
    return expression(access.may(action), description or described(action), needs)


@entity(StationRow, "")
@strawberry.type(description="What may be done to a station (社工站可执行的操作).")
class StationCan:
    """The buttons of a station's page."""

    update: bool = may(Action.UPDATE_STATION, READ, "Change, rename it (变更、更名).")
    recode: bool = may(Action.RECODE_STATION, READ, "Give it another code (变更编码).")
    move: bool = may(Action.MOVE_STATION, READ, "Hang it under another station (调整隶属关系).")
    close: bool = may(Action.CLOSE_STATION, READ, "Close it (撤销).")
    create_station: bool = may(Action.CREATE_STATION, READ, "Add a station below it (新建下级站).")
    create_community: bool = may(Action.CREATE_COMMUNITY, READ, "Add a community below it (新建村居).")


@entity(CommunityRow, "")
@strawberry.type(description="What may be done to a community (村居可执行的操作).")
class CommunityCan:
    """The buttons of a community's page."""

    update: bool = may(Action.UPDATE_COMMUNITY, READ, "Change, rename it (变更、更名).")
    recode: bool = may(Action.RECODE_COMMUNITY, READ, "Give it another code (变更编码).")
    move: bool = may(Action.MOVE_COMMUNITY, READ, "Hang it under another station (调整隶属关系).")
    close: bool = may(Action.CLOSE_COMMUNITY, READ, "Close it (撤销).")
    create_grid: bool = may(Action.CREATE_GRID, READ, "Add a grid to it (新建网格).")


@entity(GridRow, "")
@strawberry.type(description="What may be done to a grid (网格可执行的操作).")
class GridCan:
    """The buttons of a grid's page."""

    update: bool = may(Action.UPDATE_GRID, READ, "Change, rename it (变更、更名).")
    recode: bool = may(Action.RECODE_GRID, READ, "Give it another code (变更编码).")
    move: bool = may(Action.MOVE_GRID, READ, "Hang it under another community (调整隶属关系).")
    close: bool = may(Action.CLOSE_GRID, READ, "Close it (撤销).")


@entity(PersonRow, "")
@strawberry.type(description="What may be done to a person (人员可执行的操作).")
class PersonCan:
    """The buttons of a person's page."""

    update: bool = may(Action.UPDATE_PERSON, COUNT, "Change their data, home, skills (变更信息).")
    retire: bool = may(Action.RETIRE_PERSON, COUNT, "Retire them (离任).")
    reinstate: bool = may(Action.REINSTATE_PERSON, COUNT, "Take the retirement back (复任).")
    assign: bool = may(Action.ASSIGN_PERSON, COUNT, "Assign them to a duty (安排任职).")
    create_qualification: bool = may(Action.CREATE_QUALIFICATION, COUNT, "Add a certificate (新增职业资格).")
    read_private: bool = expression(
        access.holds(Permission.PERSON_READ_PRIVATE), "Read their data in full (查看完整个人信息).", COUNT
    )


@entity(AssignmentRow, "")
@strawberry.type(description="What may be done to an assignment (任职可执行的操作).")
class AssignmentCan:
    """The buttons of an assignment."""

    end: bool = may(Action.END_ASSIGNMENT, COUNT, "End it (结束).")
    transfer: bool = may(Action.TRANSFER_ASSIGNMENT, COUNT, "Go on with it elsewhere (调动).")


@entity(QualificationRow, "")
@strawberry.type(description="What may be done to a qualification (职业资格可执行的操作).")
class QualificationCan:
    """The buttons of a qualification."""

    update: bool = may(Action.UPDATE_QUALIFICATION, COUNT, "Correct it (变更).")


@entity(VolunteerTeamRow, "")
@strawberry.type(description="What may be done to a volunteer team (志愿服务队可执行的操作).")
class VolunteerTeamCan:
    """The buttons of a team's page."""

    update: bool = may(Action.UPDATE_VOLUNTEER_TEAM, VOLUNTEERS, "Change it (变更).")
    add_member: bool = may(Action.ADD_TEAM_MEMBER, VOLUNTEERS, "Add a member (新增队员).")


@entity(TeamMembershipRow, "")
@strawberry.type(description="What may be done to a membership (队员资格可执行的操作).")
class TeamMembershipCan:
    """The buttons of a membership."""

    end: bool = may(Action.END_TEAM_MEMBERSHIP, VOLUNTEERS, "End it (结束).")


@entity(AccountRow, "")
@strawberry.type(description="What may be done to an account (账号可执行的操作).")
class AccountCan:
    """The buttons of an account's page."""

    reset_password: bool = may(Action.RESET_PASSWORD, PUBLIC_FIELD, "Give it another password (重置密码).")
    disable: bool = may(Action.DISABLE_ACCOUNT, PUBLIC_FIELD, "Shut it out (停用).")
    enable: bool = may(Action.ENABLE_ACCOUNT, PUBLIC_FIELD, "Let it in again (启用).")
    grant: bool = may(Action.GRANT_ACCOUNT, PUBLIC_FIELD, "Give it a further role (新增授权).")
    link_identity: bool = may(Action.LINK_IDENTITY, PUBLIC_FIELD, "Let somebody sign in as it (关联外部身份).")
    create_service_key: bool = may(Action.CREATE_SERVICE_KEY, PUBLIC_FIELD, "Make a key for it (新建服务密钥).")


@entity(GrantRow, "")
@strawberry.type(description="What may be done to a grant (授权可执行的操作).")
class GrantCan:
    """The buttons of a grant."""

    revoke: bool = may(Action.REVOKE_GRANT, PUBLIC_FIELD, "End it (撤销).")


@made()
@strawberry.type(description="Whether something may be done (操作判定).")
class Decision:
    """An answer to `can`."""

    allowed: bool = expression(access.allowed, "Whether nothing speaks against it (是否允许).", PUBLIC_FIELD)
    reason: DecisionReason | None = column("What speaks against it first, if anything (原因).", PUBLIC_FIELD)


def can() -> Any:
    """The field `can` of the viewer."""
    return derived(
        access.decide,
        "Whether an action on what an id names would be refused for permission, scope or state, whatever its input"
        " (能否执行某操作).",
        PUBLIC_FIELD,
        argument("action", Action, "Which (操作)."),
        argument("id", strawberry.ID, "On what: of a creation, what the new row belongs to (操作对象)."),
    )
