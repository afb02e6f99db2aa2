"""Leading groups (领导小组) and their members."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from models import LeadingGroup as LeadingGroupRow
from models import LeadingGroupMember as LeadingGroupMemberRow
from models import LeadingGroupRole
from resolvers import leading_group, place, plan
from resolvers.access import Action
from resolvers.core.permissions import Permission
from schema.access import CAN, may
from schema.audit import history
from schema.enums import describe
from schema.fields import argument, column, entity, many, one, pages, public_id, same, with_arguments
from schema.filters.leading_group import LEADING_GROUP_SORTING, LEADING_GROUPS
from schema.pages import AuditEntryConnection, LeadingGroupConnection
from schema.place import Node, Place
from schema.roots import by_id
from schema.writing import given, idempotency_key, maybe, payload, version, write

if TYPE_CHECKING:
    from schema.plan import ImplementationPlan

READ = Permission.ORGANISATION_READ
WRITE = Permission.ORGANISATION_WRITE
ID = "The global id, opaque (全局标识)."
VERSION = "Counts its changes; an update names the one it saw (版本号)."
CURRENT = argument("current", bool, "Today's alone, or with false also those that left or are to come (仅现任).", True)

describe(
    LeadingGroupRole,
    "What somebody is in a leading group (领导小组职务).",
    LEADER="Leads it (组长).",
    DEPUTY="Leads it in the leader's place (副组长).",
    MEMBER="Is one of it (成员).",
)


@entity(LeadingGroupRow, "")
@strawberry.type(description="What may be done to a leading group (领导小组可执行的操作).")
class LeadingGroupCan:
    """The buttons of a group's page."""

    update: bool = may(Action.UPDATE_LEADING_GROUP, READ)
    dissolve: bool = may(Action.DISSOLVE_LEADING_GROUP, READ)
    add_member: bool = may(Action.ADD_LEADING_GROUP_MEMBER, READ)
    create_plan: bool = may(Action.CREATE_IMPLEMENTATION_PLAN, READ)


@entity(LeadingGroupRow, "LG", sorting=LEADING_GROUP_SORTING)
@strawberry.type(description="A leading group: who steers the work of a place (领导小组).")
class LeadingGroup(Node):
    """A group of a place."""

    id: strawberry.ID = public_id(ID)
    name: str = column("The name (名称).", READ)
    founded_on: date = column("The day of founding (成立日期).", READ)
    dissolved_on: date | None = column("The day of dissolution, if dissolved (撤销日期).", READ)
    version: int = column(VERSION, READ)
    can: LeadingGroupCan = same(CAN)
    place: Place | None = one(place.OF_ROW, "The place whose work it steers (所属地点).", READ)
    members: list["LeadingGroupMember"] = with_arguments(
        many(leading_group.MEMBERS, "Its members, the longest there first (成员).", READ), CURRENT
    )
    plans: list[Annotated["ImplementationPlan", strawberry.lazy("schema.plan")]] = many(
        plan.OF_GROUP, "Its implementation plans, the oldest first (实施方案).", READ
    )
    history: AuditEntryConnection = history("LG")


@entity(LeadingGroupMemberRow, "")
@strawberry.type(description="What may be done to a membership of a leading group (领导小组成员可执行的操作).")
class LeadingGroupMemberCan:
    """The buttons of a membership."""

    end: bool = may(Action.END_LEADING_GROUP_MEMBERSHIP, READ)


@entity(LeadingGroupMemberRow, "LM")
@strawberry.type(description="Somebody's time in a leading group; they need not be of the personnel (领导小组成员).")
class LeadingGroupMember(Node):
    """A membership, in scope by its group."""

    id: strawberry.ID = public_id(ID)
    name: str = column("The name (姓名).", Permission.PERSON_READ)
    title: str | None = column("What they are outside the group, such as head of a bureau (单位职务).", READ)
    role: LeadingGroupRole = column("What they are in the group (组内职务).", READ)
    valid_from: date = column("The first day (开始日期).", READ)
    valid_to: date | None = column("The day after the last, if it has ended or is to end (结束日期).", READ)
    version: int = column(VERSION, READ)
    can: LeadingGroupMemberCan = same(CAN)
    group: LeadingGroup | None = one(leading_group.OF_ROW, "The group (领导小组).", READ)
    place: Place | None = one(place.OF_ROW, "The place whose work the group steers (所属地点).", READ)
    history: AuditEntryConnection = history("LM")


@strawberry.type
class LeadingGroupQuery:
    """The root fields about leading groups, for `Query` to inherit."""

    leading_groups: LeadingGroupConnection | None = pages(
        leading_group.ALL, "The leading groups in scope (领导小组列表).", READ, *LEADING_GROUPS
    )
    leading_group: LeadingGroup | None = by_id(leading_group.FOUND, "A leading group (领导小组).", READ)


WRITTEN = "The group as it is now; null if nothing was written (领导小组)."
MEMBER = "The membership as it is now; null if nothing was written (领导小组成员)."
PLACE = "The place whose work it steers, which is open (所属地点)."
NAME = "The name, 100 characters at the most (名称)."
FOUNDED_ON = "The day of founding, today at the latest (成立日期)."


@strawberry.input(description="A new leading group (成立领导小组).")
class CreateLeadingGroupInput:
    """Input of `createLeadingGroup`."""

    place_id: strawberry.ID = given(PLACE)
    name: str = given(NAME)
    founded_on: date = given(FOUNDED_ON)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What changes of a leading group; what is left out stays (变更领导小组信息).")
class UpdateLeadingGroupInput:
    """Input of `updateLeadingGroup`."""

    id: strawberry.ID = given("The group, which stands (要变更的领导小组).")
    version: int = version()
    place_id: strawberry.ID | None = maybe(PLACE)
    name: str | None = maybe(NAME)
    founded_on: date | None = maybe(FOUNDED_ON)


@strawberry.input(description="The end of a leading group (撤销领导小组).")
class DissolveLeadingGroupInput:
    """Input of `dissolveLeadingGroup`."""

    id: strawberry.ID = given("The group, which stands (要撤销的领导小组).")
    version: int = version()
    on: date | None = maybe("The first day without it, today at the latest; today if not said (撤销日期).")


@strawberry.input(description="A new member of a leading group (新增领导小组成员).")
class AddLeadingGroupMemberInput:
    """Input of `addLeadingGroupMember`."""

    group_id: strawberry.ID = given("The group, in scope, which stands (领导小组).")
    name: str = given("The name, 50 characters at the most (姓名).")
    title: str | None = maybe("What they are outside the group, 100 characters at the most (单位职务).")
    role: LeadingGroupRole = given("What they are in the group (组内职务).")
    valid_from: date = given("The first day (开始日期).")
    valid_to: date | None = maybe("The day after the last, if that is known (结束日期).")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="The end of a membership of a leading group (结束领导小组成员任期).")
class EndLeadingGroupMembershipInput:
    """Input of `endLeadingGroupMembership`."""

    id: strawberry.ID = given("The membership (要结束的成员任期).")
    version: int = version()
    on: date | None = maybe("The day after the last; today if not said. On its first day, it never was (结束日期).")


@strawberry.type
class LeadingGroupMutation:
    """The mutations about leading groups, for `Mutation` to inherit."""

    create_leading_group: Any = write(
        payload("createLeadingGroup", "leadingGroup", LeadingGroup, WRITTEN),
        CreateLeadingGroupInput,
        leading_group.create,
        "Sets up a leading group at a place (成立领导小组).",
        WRITE,
    )

    update_leading_group: Any = write(
        payload("updateLeadingGroup", "leadingGroup", LeadingGroup, WRITTEN),
        UpdateLeadingGroupInput,
        leading_group.update,
        "Changes a leading group, its members and plans going along (变更领导小组信息).",
        WRITE,
    )

    dissolve_leading_group: Any = write(
        payload("dissolveLeadingGroup", "leadingGroup", LeadingGroup, WRITTEN),
        DissolveLeadingGroupInput,
        leading_group.dissolve,
        "Dissolves a leading group. Memberships that go on end; its plans can still be carried out, and no others begin"
        " (撤销领导小组).",
        WRITE,
    )

    add_leading_group_member: Any = write(
        payload("addLeadingGroupMember", "leadingGroupMember", LeadingGroupMember, MEMBER),
        AddLeadingGroupMemberInput,
        leading_group.add_member,
        "Makes somebody a member of a leading group (新增领导小组成员).",
        WRITE,
    )

    end_leading_group_membership: Any = write(
        payload("endLeadingGroupMembership", "leadingGroupMember", LeadingGroupMember, MEMBER),
        EndLeadingGroupMembershipInput,
        leading_group.end_membership,
        "Ends a membership of a leading group (结束领导小组成员任期).",
        WRITE,
    )
