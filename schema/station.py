"""Stations (社工站)."""

from datetime import date
from typing import Optional

import strawberry

from models import Station as StationRow
from models import StationLevel
from resolvers import community, grid, person, place, station, volunteer
from resolvers.core.permissions import Permission
from schema.fields import column, entity, many, one, pages, public_id
from schema.filters import COMMUNITIES, GRIDS, PERSONNEL, REACH, STATION_SORTING, STATIONS, VOLUNTEER_TEAMS
from schema.pages import (
    CommunityConnection,
    GridConnection,
    PersonConnection,
    StationConnection,
    VolunteerTeamConnection,
)
from schema.place import Place, ResponsibilityLink

READ = Permission.PLACE_READ


@entity(StationRow, "S", kind="STATION", sorting=STATION_SORTING)
@strawberry.type(description="A social-work station (社工站).")
class Station(Place):
    """A station and what is below it."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    code: str = column("The public code (编码).", READ)
    name: str = column("The name (名称).", READ)
    level: StationLevel = column("The level (级别).", READ)
    division_code: str = column("The township's or county's division code of today (行政区划代码).", READ)
    address: str | None = column("The street address (地址).", READ)
    opened_on: date = column("The day of opening (成立日期).", READ)
    closed_on: date | None = column("The day of closing, if closed (关闭日期).", READ)
    parent: Optional["Station"] = one(
        station.PARENT, "The station above; null at the root of what the account sees (上级站).", READ
    )
    ancestors: list[Place] = many(place.ANCESTORS, "The places above, the highest in scope first (上级链).", READ)
    responsibility_chain: list[ResponsibilityLink] = many(
        place.CHAIN, "Who answers for the station, from itself up to the highest in scope (责任链).", READ
    )
    children: StationConnection = pages(station.CHILDREN, "The stations directly below (下级站).", READ, *STATIONS)
    zone: list["Station"] = many(
        station.ZONE, "The stations of its zone, the leading one first; none for the hub (片区).", READ
    )
    communities: CommunityConnection = pages(
        community.OF_STATION, "The communities below (村居).", READ, *COMMUNITIES, REACH
    )
    grids: GridConnection = pages(grid.OF_STATION, "The grids below (网格).", READ, *GRIDS, REACH)
    personnel: PersonConnection = pages(
        person.OF_STATION,
        "The people at home, or currently serving, below (人员).",
        Permission.PERSONNEL_COUNT,
        *PERSONNEL,
        REACH,
    )
    volunteer_teams: VolunteerTeamConnection = pages(
        volunteer.OF_STATION,
        "The volunteer teams below (志愿服务队).",
        Permission.VOLUNTEER_READ,
        *VOLUNTEER_TEAMS,
        REACH,
    )
