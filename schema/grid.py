"""Grids (网格)."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Optional

import strawberry

from models import Grid as GridRow
from resolvers import community, grid, person, place, volunteer
from resolvers.core.permissions import Permission
from schema.access import CAN, GridCan
from schema.audit import history
from schema.dated import DivisionCode, Placement, division_codes, placements
from schema.fields import column, entity, many, one, pages, public_id, same
from schema.filters import GRID_SORTING, PERSONNEL, REACH, VOLUNTEER_TEAMS
from schema.pages import AuditEntryConnection, PersonConnection, VolunteerTeamConnection
from schema.place import Place, ResponsibilityLink
from schema.place_work import PlaceWork
from schema.writing import given, idempotency_key, maybe, payload, version, write

if TYPE_CHECKING:
    from schema.community import Community
    from schema.person import Person

READ = Permission.PLACE_READ
COUNT = Permission.PERSONNEL_COUNT


@entity(GridRow, "G", kind="GRID", sorting=GRID_SORTING)
@strawberry.type(description="A grid: households and residents under one responsible person (网格).")
class Grid(PlaceWork, Place):
    """A grid and who serves it."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    code: str = column("The public code (编码).", READ)
    name: str = column("The name (名称).", READ)
    division_code: str = column("The community's division code of today (行政区划代码).", READ)
    households: int = column("The number of households (户数).", READ)
    residents: int = column("The number of residents (人口数).", READ)
    closed_on: date | None = column("The day of closing, if closed (撤销日期).", READ)
    successor: Optional["Grid"] = one(
        grid.SUCCESSOR,
        "The grid that took over, if it was closed; null if the account does not see it (承接网格).",
        READ,
    )
    version: int = column("Counts its changes; an update names the one it saw (版本号).", READ)
    can: GridCan = same(CAN)
    placements: list[Placement] = placements()
    division_codes: list[DivisionCode] = division_codes()
    parent: Annotated["Community", strawberry.lazy("schema.community")] | None = one(
        community.PARENT, "The community that it is part of; null if the account does not see it (所属村居).", READ
    )
    ancestors: list[Place] = many(place.ANCESTORS, "The places above, the highest in scope first (上级链).", READ)
    responsibility_chain: list[ResponsibilityLink] = many(
        place.CHAIN, "Who answers for the grid, from itself up to the highest in scope (责任链).", READ
    )
    personnel: PersonConnection = pages(
        person.OF_PLACE, "The people at home, or currently serving, here (人员).", COUNT, *PERSONNEL, REACH
    )
    volunteer_teams: VolunteerTeamConnection = pages(
        volunteer.OF_PLACE, "The volunteer teams (志愿服务队).", Permission.VOLUNTEER_READ, *VOLUNTEER_TEAMS, REACH
    )
    history: AuditEntryConnection = history("G")
    responsible_person: Annotated["Person", strawberry.lazy("schema.person")] | None = one(
        person.RESPONSIBLE, "Who answers for it today, if anybody (责任人).", COUNT
    )
    grid_workers: list[Annotated["Person", strawberry.lazy("schema.person")]] = many(
        person.GRID_WORKERS, "The grid workers who serve it today (网格员).", COUNT
    )
    linked_social_workers: list[Annotated["Person", strawberry.lazy("schema.person")]] = many(
        person.LINKED_TO_GRID,
        "The social workers who are linked to it, or to its community, today (挂钩社工).",
        COUNT,
    )


WRITTEN = "The grid as it is now; null if nothing was written (网格)."


@strawberry.input(description="A new grid (新建网格).")
class CreateGridInput:
    """Input of `createGrid`."""

    parent_id: strawberry.ID = given("The community that it is part of (所属村居).")
    code: str = given("The public code, unique among grids (编码).")
    name: str = given("The name (名称).")
    division_code: str = given("Its community's division code, 12 digits (行政区划代码).")
    households: int = given("The number of households (户数).")
    residents: int = given("The number of residents (人口数).")
    since: date | None = maybe("The first day below its community; today if not said (起始日期).")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What changes of a grid; what is left out stays (变更网格信息).")
class UpdateGridInput:
    """Input of `updateGrid`."""

    id: strawberry.ID = given("The grid (要变更的网格).")
    version: int = version()
    households: int | None = maybe("The number of households (户数).")
    residents: int | None = maybe("The number of residents (人口数).")


@strawberry.input(description="Another name of a grid (更名).")
class RenameGridInput:
    """Input of `renameGrid`."""

    id: strawberry.ID = given("The grid (要变更的网格).")
    version: int = version()
    name: str = given("The name from now on (新名称).")


@strawberry.input(description="Another code of a grid (变更编码).")
class RecodeGridInput:
    """Input of `recodeGrid`."""

    id: strawberry.ID = given("The grid (要变更的网格).")
    version: int = version()
    division_code: str = given("The division code, 12 digits (行政区划代码).")
    code: str | None = maybe("The public code, if that changes too (编码).")
    on: date | None = maybe("The first day of the division code; today if not said (生效日期).")


@strawberry.input(description="Where a grid hangs from today on (调整隶属关系).")
class MoveGridInput:
    """Input of `moveGrid`."""

    id: strawberry.ID = given("The grid (要变更的网格).")
    version: int = version()
    parent_id: strawberry.ID = given("The community that it is part of (所属村居).")


@strawberry.input(description="The end of a grid (撤销网格).")
class CloseGridInput:
    """Input of `closeGrid`."""

    id: strawberry.ID = given("The grid (要变更的网格).")
    version: int = version()
    successor_id: strawberry.ID | None = maybe("The grid that takes over: people, teams and accounts (承接网格).")
    on: date | None = maybe("The day of closing; today if not said (撤销日期).")


@strawberry.type
class GridMutation:
    """The mutations about grids, for `Mutation` to inherit."""

    create_grid: Any = write(
        payload("createGrid", "grid", Grid, WRITTEN),
        CreateGridInput,
        place.creation(place.GRID),
        "Adds a grid (新建网格).",
        Permission.GRID_WRITE,
    )

    update_grid: Any = write(
        payload("updateGrid", "grid", Grid, WRITTEN),
        UpdateGridInput,
        place.updating(place.GRID),
        "Changes a grid (变更网格信息).",
        Permission.GRID_WRITE,
    )

    rename_grid: Any = write(
        payload("renameGrid", "grid", Grid, WRITTEN),
        RenameGridInput,
        place.updating(place.GRID),
        "Renames a grid (变更网格名称).",
        Permission.GRID_WRITE,
    )

    recode_grid: Any = write(
        payload("recodeGrid", "grid", Grid, WRITTEN),
        RecodeGridInput,
        place.recoding(place.GRID),
        "Gives a grid another code, dated (变更网格编码).",
        Permission.GRID_WRITE,
    )

    move_grid: Any = write(
        payload("moveGrid", "grid", Grid, WRITTEN),
        MoveGridInput,
        place.moving(place.GRID),
        "Hangs a grid under another community, with all that is below it (调整网格隶属关系).",
        Permission.GRID_WRITE,
        moves=True,
    )

    close_grid: Any = write(
        payload("closeGrid", "grid", Grid, WRITTEN),
        CloseGridInput,
        place.closing(place.GRID),
        "Closes a grid, what belongs to it going to the successor (撤销网格).",
        Permission.GRID_WRITE,
        moves=True,
    )
