"""Volunteer teams (志愿服务队) and their members."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from models import TeamMembership as TeamMembershipRow
from models import VolunteerTeam as VolunteerTeamRow
from resolvers import person, place, volunteer
from resolvers.core.permissions import Permission
from schema.access import CAN, TeamMembershipCan, VolunteerTeamCan
from schema.audit import history
from schema.fields import column, entity, many, one, public_id, same
from schema.filters import VOLUNTEER_TEAM_SORTING
from schema.pages import AuditEntryConnection
from schema.place import Node, Place
from schema.writing import given, idempotency_key, maybe, payload, version, write

if TYPE_CHECKING:
    from schema.person import Person

READ = Permission.VOLUNTEER_READ


@entity(VolunteerTeamRow, "T", sorting=VOLUNTEER_TEAM_SORTING)
@strawberry.type(description="A volunteer team (志愿服务队).")
class VolunteerTeam(Node):
    """A team of a place."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    code: str = column("The public code (编码).", READ)
    name: str = column("The name (名称).", READ)
    version: int = column("Counts its changes; an update names the one it saw (版本号).", READ)
    can: VolunteerTeamCan = same(CAN)
    place: Place | None = one(place.OF_ROW, "The place that it belongs to (所属地点).", READ)
    memberships: list["TeamMembership"] = many(volunteer.MEMBERSHIPS, "Its members of today (成员).", READ)
    history: AuditEntryConnection = history("T")


@entity(TeamMembershipRow, "M")
@strawberry.type(description="A person's time in a volunteer team (队员资格).")
class TeamMembership(Node):
    """A membership, in scope by its team."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    valid_from: date = column("The first day (加入日期).", READ)
    valid_to: date | None = column("The day after the last, if ended (退出日期).", READ)
    version: int = column("Counts its changes; an update names the one it saw (版本号).", READ)
    can: TeamMembershipCan = same(CAN)
    team: VolunteerTeam | None = one(volunteer.TEAM, "The team (服务队).", READ)
    person: Annotated["Person", strawberry.lazy("schema.person")] | None = one(
        person.OF_MEMBERSHIP, "The member; null if the account does not see them (成员).", Permission.PERSONNEL_COUNT
    )
    history: AuditEntryConnection = history("M")


WRITTEN = "The team as it is now; null if nothing was written (志愿服务队)."
MEMBERSHIP = "The membership as it is now; null if nothing was written (队员资格)."
PLACE = "The place that it belongs to, which is open (所属地点)."
CODE = "The public code, unique among teams (编码)."
NAME = "The name (名称)."


@strawberry.input(description="A new volunteer team (新建志愿服务队).")
class CreateVolunteerTeamInput:
    """Input of `createVolunteerTeam`."""

    place_id: strawberry.ID = given(PLACE)
    code: str = given(CODE)
    name: str = given(NAME)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What changes of a volunteer team; what is left out stays (变更志愿服务队信息).")
class UpdateVolunteerTeamInput:
    """Input of `updateVolunteerTeam`."""

    id: strawberry.ID = given("The team (要变更的志愿服务队).")
    version: int = version()
    place_id: strawberry.ID | None = maybe(PLACE)
    code: str | None = maybe(CODE)
    name: str | None = maybe(NAME)


@strawberry.input(description="A new member of a volunteer team (加入志愿服务队).")
class AddTeamMemberInput:
    """Input of `addTeamMember`."""

    team_id: strawberry.ID = given("The team, in scope (服务队).")
    person_id: strawberry.ID = given("Who; their home is in scope (成员).")
    valid_from: date = given("The first day (加入日期).")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="The end of a membership (退出志愿服务队).")
class EndTeamMembershipInput:
    """Input of `endTeamMembership`."""

    id: strawberry.ID = given("The membership (要结束的队员资格).")
    version: int = version()
    on: date | None = maybe("The day after the last; today if not said. On its first day, it never was (退出日期).")


@strawberry.type
class VolunteerMutation:
    """The mutations about volunteer teams, for `Mutation` to inherit."""

    create_volunteer_team: Any = write(
        payload("createVolunteerTeam", "volunteerTeam", VolunteerTeam, WRITTEN),
        CreateVolunteerTeamInput,
        volunteer.create,
        "Founds a volunteer team (新建志愿服务队).",
        Permission.PERSONNEL_WRITE,
    )

    update_volunteer_team: Any = write(
        payload("updateVolunteerTeam", "volunteerTeam", VolunteerTeam, WRITTEN),
        UpdateVolunteerTeamInput,
        volunteer.update,
        "Changes a volunteer team, its members going along (变更志愿服务队信息).",
        Permission.PERSONNEL_WRITE,
    )

    add_team_member: Any = write(
        payload("addTeamMember", "teamMembership", TeamMembership, MEMBERSHIP),
        AddTeamMemberInput,
        volunteer.add_member,
        "Makes a person a member of a team (加入志愿服务队).",
        Permission.PERSONNEL_WRITE,
    )

    end_team_membership: Any = write(
        payload("endTeamMembership", "teamMembership", TeamMembership, MEMBERSHIP),
        EndTeamMembershipInput,
        volunteer.end_membership,
        "Ends a membership (退出志愿服务队).",
        Permission.PERSONNEL_WRITE,
    )
