"""Communities: villages (村) and residential communities (社区)."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from models import Community as CommunityRow
from models import CommunityKind
from resolvers import grid, person, place, station, volunteer
from resolvers.core.permissions import Permission
from schema.fields import column, entity, many, one, pages, public_id
from schema.filters import COMMUNITY_SORTING, GRIDS, PERSONNEL, REACH, VOLUNTEER_TEAMS
from schema.pages import GridConnection, PersonConnection, VolunteerTeamConnection
from schema.place import Place, ResponsibilityLink

if TYPE_CHECKING:
    from schema.person import Person
    from schema.station import Station

READ = Permission.PLACE_READ


@entity(CommunityRow, "C", kind="COMMUNITY", sorting=COMMUNITY_SORTING)
@strawberry.type(description="A village or residential community (村居).")
class Community(Place):
    """A community and what is below it."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    code: str = column("The public code (编码).", READ)
    name: str = column("The name (名称).", READ)
    kind: CommunityKind = column("Village or residential (类别).", READ)
    division_code: str = column("The division code of today, 12 digits (行政区划代码).", READ)
    households: int = column("The number of households (户数).", READ)
    residents: int = column("The number of residents (人口数).", READ)
    parent: Annotated["Station", strawberry.lazy("schema.station")] | None = one(
        station.PARENT, "The station that serves it; null if the account does not see it (所属社工站).", READ
    )
    ancestors: list[Place] = many(place.ANCESTORS, "The places above, the highest in scope first (上级链).", READ)
    responsibility_chain: list[ResponsibilityLink] = many(
        place.CHAIN, "Who answers for the community, from itself up to the highest in scope (责任链).", READ
    )
    grids: GridConnection = pages(grid.OF_COMMUNITY, "The grids (网格).", READ, *GRIDS, REACH)
    personnel: PersonConnection = pages(
        person.OF_PLACE,
        "The people at home, or currently serving, here and in its grids (人员).",
        Permission.PERSONNEL_COUNT,
        *PERSONNEL,
        REACH,
    )
    volunteer_teams: VolunteerTeamConnection = pages(
        volunteer.OF_PLACE, "The volunteer teams (志愿服务队).", Permission.VOLUNTEER_READ, *VOLUNTEER_TEAMS, REACH
    )
    linked_social_workers: list[Annotated["Person", strawberry.lazy("schema.person")]] = many(
        person.LINKED, "The social workers who are linked to it today (挂钩社工).", Permission.PERSONNEL_COUNT
    )
