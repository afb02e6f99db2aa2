"""Stations (社工站)."""

from datetime import date
from typing import Any, Optional

import strawberry

from models import Station as StationRow
from models import StationLevel
from resolvers import community, grid, person, place, station, volunteer
from resolvers.core.permissions import Permission
from schema.access import CAN, StationCan
from schema.audit import history
from schema.dated import DivisionCode, Placement, division_codes, placements
from schema.fields import column, entity, many, one, pages, public_id, same
from schema.filters import COMMUNITIES, GRIDS, PERSONNEL, REACH, STATION_SORTING, STATIONS, VOLUNTEER_TEAMS
from schema.pages import (
    AuditEntryConnection,
    CommunityConnection,
    GridConnection,
    PersonConnection,
    StationConnection,
    VolunteerTeamConnection,
)
from schema.place import Place, ResponsibilityLink
from schema.place_work import PlaceWork
from schema.writing import given, idempotency_key, maybe, payload, version, write

READ = Permission.PLACE_READ


@entity(StationRow, "S", kind="STATION", sorting=STATION_SORTING)
@strawberry.type(description="A social-work station (社工站).")
class Station(PlaceWork, Place):
    """A station and what is below it."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    code: str = column("The public code (编码).", READ)
    name: str = column("The name (名称).", READ)
    level: StationLevel = column("The level (级别).", READ)
    division_code: str = column("The township's or county's division code of today (行政区划代码).", READ)
    address: str | None = column("The street address (地址).", READ)
    opened_on: date = column("The day of opening (成立日期).", READ)
    closed_on: date | None = column("The day of closing, if closed (关闭日期).", READ)
    successor: Optional["Station"] = one(
        station.SUCCESSOR,
        "The station that took over, if it was closed; null if the account does not see it (承接站).",
        READ,
    )
    version: int = column("Counts its changes; an update names the one it saw (版本号).", READ)
    can: StationCan = same(CAN)
    placements: list[Placement] = placements()
    division_codes: list[DivisionCode] = division_codes()
    parent: Optional["Station"] = one(
        station.PARENT, "The station above; null at the root of what the account sees (上级站).", READ
    )
    ancestors: list[Place] = many(place.ANCESTORS, "The places above, the highest in scope first (上级链).", READ)
    responsibility_chain: list[ResponsibilityLink] = many(
        place.CHAIN, "Who answers for the station, from itself up to the highest in scope (责任链).", READ
    )
    children: StationConnection = pages(station.CHILDREN, "The stations directly below (下级站).", READ, *STATIONS)
    zone: list["Station"] = many(
        station.ZONE, "The stations of its zone, the leading one first; none for a hub or a region (片区).", READ
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
    history: AuditEntryConnection = history("S")


WRITTEN = "The station as it is now; null if nothing was written (社工站)."


@strawberry.input(description="A new station (新建社工站).")
class CreateStationInput:
    """Input of `createStation`."""

    parent_id: strawberry.ID = given("The hub, or the demonstration station that leads its zone (上级站).")
    code: str = given("The public code, unique among stations (编码).")
    name: str = given("The name (名称).")
    division_code: str = given("The township's division code, 9 digits (行政区划代码).")
    address: str | None = maybe("The street address (地址).")
    opened_on: date | None = maybe("The day of opening; today if not said (成立日期).")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What changes of a station; what is left out stays (变更社工站信息).")
class UpdateStationInput:
    """Input of `updateStation`."""

    id: strawberry.ID = given("The station (要变更的社工站).")
    version: int = version()
    address: str | None = maybe("The street address; null takes it away (地址).")
    opened_on: date | None = maybe("The day of opening (成立日期).")


@strawberry.input(description="Another name of a station (更名).")
class RenameStationInput:
    """Input of `renameStation`."""

    id: strawberry.ID = given("The station (要变更的社工站).")
    version: int = version()
    name: str = given("The name from now on (新名称).")


@strawberry.input(description="Another code of a station (变更编码).")
class RecodeStationInput:
    """Input of `recodeStation`."""

    id: strawberry.ID = given("The station (要变更的社工站).")
    version: int = version()
    division_code: str = given("The division code, 6 or 9 digits (行政区划代码).")
    code: str | None = maybe("The public code, if that changes too (编码).")
    on: date | None = maybe("The first day of the division code; today if not said (生效日期).")


@strawberry.input(description="Where a station hangs from today on (调整隶属关系).")
class MoveStationInput:
    """Input of `moveStation`."""

    id: strawberry.ID = given("The station (要变更的社工站).")
    version: int = version()
    parent_id: strawberry.ID = given("The hub, or the demonstration station that leads its zone (上级站).")


@strawberry.input(description="The end of a station (撤销社工站).")
class CloseStationInput:
    """Input of `closeStation`."""

    id: strawberry.ID = given("The station (要变更的社工站).")
    version: int = version()
    successor_id: strawberry.ID | None = maybe(
        "The station that takes over: communities, stations that it leads, people, teams and accounts (承接社工站)."
    )
    on: date | None = maybe("The day of closing; today if not said (撤销日期).")


@strawberry.type
class StationMutation:
    """The mutations about stations, for `Mutation` to inherit."""

    create_station: Any = write(
        payload("createStation", "station", Station, WRITTEN),
        CreateStationInput,
        place.creation(place.STATION),
        "Adds a station (新建社工站).",
        Permission.PLACE_WRITE,
    )

    update_station: Any = write(
        payload("updateStation", "station", Station, WRITTEN),
        UpdateStationInput,
        place.updating(place.STATION),
        "Changes a station (变更社工站信息).",
        Permission.PLACE_WRITE,
    )

    rename_station: Any = write(
        payload("renameStation", "station", Station, WRITTEN),
        RenameStationInput,
        place.updating(place.STATION),
        "Renames a station (变更社工站名称).",
        Permission.PLACE_WRITE,
    )

    recode_station: Any = write(
        payload("recodeStation", "station", Station, WRITTEN),
        RecodeStationInput,
        place.recoding(place.STATION),
        "Gives a station another code, dated (变更社工站编码).",
        Permission.PLACE_WRITE,
    )

    move_station: Any = write(
        payload("moveStation", "station", Station, WRITTEN),
        MoveStationInput,
        place.moving(place.STATION),
        "Hangs a basic station under another demonstration station, with all that is below it (调整社工站隶属关系).",
        Permission.PLACE_WRITE,
        moves=True,
    )

    close_station: Any = write(
        payload("closeStation", "station", Station, WRITTEN),
        CloseStationInput,
        place.closing(place.STATION),
        "Closes a station, what belongs to it going to the successor (撤销社工站).",
        Permission.PLACE_WRITE,
        moves=True,
    )
