"""Communities: villages (村) and residential communities (社区)."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Optional

import strawberry

from models import Community as CommunityRow
from models import CommunityKind
from resolvers import community, grid, person, place, station, volunteer
from resolvers.core.permissions import Permission
from schema.access import CAN, CommunityCan
from schema.audit import history
from schema.dated import DivisionCode, Placement, division_codes, placements
from schema.fields import column, entity, many, one, pages, public_id, same
from schema.filters import COMMUNITY_SORTING, GRIDS, PERSONNEL, REACH, VOLUNTEER_TEAMS
from schema.pages import AuditEntryConnection, GridConnection, PersonConnection, VolunteerTeamConnection
from schema.place import Place, ResponsibilityLink
from schema.place_work import PlaceWork
from schema.writing import given, idempotency_key, maybe, payload, version, write

if TYPE_CHECKING:
    from schema.person import Person
    from schema.station import Station

READ = Permission.PLACE_READ


@entity(CommunityRow, "C", kind="COMMUNITY", sorting=COMMUNITY_SORTING)
@strawberry.type(description="A village or residential community (村居).")
class Community(PlaceWork, Place):
    """A community and what is below it."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    code: str = column("The public code (编码).", READ)
    name: str = column("The name (名称).", READ)
    kind: CommunityKind = column("Village or residential (类别).", READ)
    division_code: str = column("The division code of today, 12 digits (行政区划代码).", READ)
    households: int = column("The number of households (户数).", READ)
    residents: int = column("The number of residents (人口数).", READ)
    closed_on: date | None = column("The day of closing, if closed (撤销日期).", READ)
    successor: Optional["Community"] = one(
        community.SUCCESSOR,
        "The community that took over, if it was closed; null if the account does not see it (承接村居).",
        READ,
    )
    version: int = column("Counts its changes; an update names the one it saw (版本号).", READ)
    can: CommunityCan = same(CAN)
    placements: list[Placement] = placements()
    division_codes: list[DivisionCode] = division_codes()
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
    history: AuditEntryConnection = history("C")
    linked_social_workers: list[Annotated["Person", strawberry.lazy("schema.person")]] = many(
        person.LINKED, "The social workers who are linked to it today (挂钩社工).", Permission.PERSONNEL_COUNT
    )


WRITTEN = "The community as it is now; null if nothing was written (村居)."


@strawberry.input(description="A new community (新建村居).")
class CreateCommunityInput:
    """Input of `createCommunity`."""

    parent_id: strawberry.ID = given("The station that serves it (所属社工站).")
    kind: CommunityKind = given("Village or residential (类别).")
    code: str = given("The public code, unique among communities (编码).")
    name: str = given("The name (名称).")
    division_code: str = given("The division code, 12 digits (行政区划代码).")
    households: int = given("The number of households (户数).")
    residents: int = given("The number of residents (人口数).")
    since: date | None = maybe("The first day below its station; today if not said (起始日期).")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What changes of a community; what is left out stays (变更村居信息).")
class UpdateCommunityInput:
    """Input of `updateCommunity`."""

    id: strawberry.ID = given("The community (要变更的村居).")
    version: int = version()
    kind: CommunityKind | None = maybe("Village or residential (类别).")
    households: int | None = maybe("The number of households (户数).")
    residents: int | None = maybe("The number of residents (人口数).")


@strawberry.input(description="Another name of a community (更名).")
class RenameCommunityInput:
    """Input of `renameCommunity`."""

    id: strawberry.ID = given("The community (要变更的村居).")
    version: int = version()
    name: str = given("The name from now on (新名称).")


@strawberry.input(description="Another code of a community (变更编码).")
class RecodeCommunityInput:
    """Input of `recodeCommunity`."""

    id: strawberry.ID = given("The community (要变更的村居).")
    version: int = version()
    division_code: str = given("The division code, 12 digits (行政区划代码).")
    code: str | None = maybe("The public code, if that changes too (编码).")
    on: date | None = maybe("The first day of the division code; today if not said (生效日期).")


@strawberry.input(description="Where a community hangs from today on (调整隶属关系).")
class MoveCommunityInput:
    """Input of `moveCommunity`."""

    id: strawberry.ID = given("The community (要变更的村居).")
    version: int = version()
    parent_id: strawberry.ID = given("The station that serves it (所属社工站).")


@strawberry.input(description="The end of a community (撤销村居).")
class CloseCommunityInput:
    """Input of `closeCommunity`."""

    id: strawberry.ID = given("The community (要变更的村居).")
    version: int = version()
    successor_id: strawberry.ID | None = maybe(
        "The community that takes over: grids, people, teams and accounts (承接村居)."
    )
    on: date | None = maybe("The day of closing; today if not said (撤销日期).")


@strawberry.type
class CommunityMutation:
    """The mutations about communities, for `Mutation` to inherit."""

    create_community: Any = write(
        payload("createCommunity", "community", Community, WRITTEN),
        CreateCommunityInput,
        place.creation(place.COMMUNITY),
        "Adds a community (新建村居).",
        Permission.PLACE_WRITE,
    )

    update_community: Any = write(
        payload("updateCommunity", "community", Community, WRITTEN),
        UpdateCommunityInput,
        place.updating(place.COMMUNITY),
        "Changes a community (变更村居信息).",
        Permission.PLACE_WRITE,
    )

    rename_community: Any = write(
        payload("renameCommunity", "community", Community, WRITTEN),
        RenameCommunityInput,
        place.updating(place.COMMUNITY),
        "Renames a community (变更村居名称).",
        Permission.PLACE_WRITE,
    )

    recode_community: Any = write(
        payload("recodeCommunity", "community", Community, WRITTEN),
        RecodeCommunityInput,
        place.recoding(place.COMMUNITY),
        "Gives a community another code, dated (变更村居编码).",
        Permission.PLACE_WRITE,
    )

    move_community: Any = write(
        payload("moveCommunity", "community", Community, WRITTEN),
        MoveCommunityInput,
        place.moving(place.COMMUNITY),
        "Hangs a community under another station, with all that is below it (调整村居隶属关系).",
        Permission.PLACE_WRITE,
        moves=True,
    )

    close_community: Any = write(
        payload("closeCommunity", "community", Community, WRITTEN),
        CloseCommunityInput,
        place.closing(place.COMMUNITY),
        "Closes a community, what belongs to it going to the successor (撤销村居).",
        Permission.PLACE_WRITE,
        moves=True,
    )
