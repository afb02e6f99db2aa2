"""Grids (网格)."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from models import Grid as GridRow
from resolvers import community, person, place, volunteer
from resolvers.core.permissions import Permission
from schema.fields import column, entity, many, one, pages, public_id
from schema.filters import GRID_SORTING, PERSONNEL, REACH, VOLUNTEER_TEAMS
from schema.pages import PersonConnection, VolunteerTeamConnection
from schema.place import Place, ResponsibilityLink

if TYPE_CHECKING:
    from schema.community import Community
    from schema.person import Person

READ = Permission.PLACE_READ
COUNT = Permission.PERSONNEL_COUNT


@entity(GridRow, "G", kind="GRID", sorting=GRID_SORTING)
@strawberry.type(description="A grid: households and residents under one responsible person (网格).")
class Grid(Place):
    """A grid and who serves it."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    code: str = column("The public code (编码).", READ)
    name: str = column("The name (名称).", READ)
    division_code: str = column("The community's division code of today (行政区划代码).", READ)
    households: int = column("The number of households (户数).", READ)
    residents: int = column("The number of residents (人口数).", READ)
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
