"""Volunteer teams (志愿服务队) and their members."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from models import TeamMembership as TeamMembershipRow
from models import VolunteerTeam as VolunteerTeamRow
from resolvers import person, place, volunteer
from resolvers.core.permissions import Permission
from schema.fields import column, entity, many, one, public_id
from schema.filters import VOLUNTEER_TEAM_SORTING
from schema.place import Node, Place

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
    place: Place | None = one(place.OF_ROW, "The place that it belongs to (所属地点).", READ)
    memberships: list["TeamMembership"] = many(volunteer.MEMBERSHIPS, "Its members of today (成员).", READ)


@entity(TeamMembershipRow, "M")
@strawberry.type(description="A person's time in a volunteer team (队员资格).")
class TeamMembership(Node):
    """A membership, in scope by its team."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    valid_from: date = column("The first day (加入日期).", READ)
    valid_to: date | None = column("The day after the last, if ended (退出日期).", READ)
    version: int = column("Counts its changes; an update names the one it saw (版本号).", READ)
    team: VolunteerTeam | None = one(volunteer.TEAM, "The team (服务队).", READ)
    person: Annotated["Person", strawberry.lazy("schema.person")] | None = one(
        person.OF_MEMBERSHIP, "The member; null if the account does not see them (成员).", Permission.PERSONNEL_COUNT
    )
