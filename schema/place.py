"""What every place has in common, and the chain of those who answer for it."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Optional

import strawberry

from models import Place as PlaceRow
from models import PlaceKind
from resolvers import person, place, target
from resolvers.core.permissions import Permission
from schema.fields import abstract, argument, common, entity, many, one, with_arguments
from schema.filters import AUDIT_ENTRIES, PERSONNEL, REACH, VOLUNTEER_TEAMS
from schema.pages import AuditEntryConnection, PersonConnection, VolunteerTeamConnection
from schema.place_work import PromisedWork

if TYPE_CHECKING:
    from schema.person import Person
    from schema.target import Target

READ = Permission.PLACE_READ


@strawberry.interface(description="Whatever has a global id (节点).")
class Node:
    """Relay's node; its types are found by the letter of the id."""

    id: strawberry.ID = strawberry.field(description="The global id, opaque (全局标识).")


@abstract(PlaceRow, kind="kind", kinds=(PlaceKind.GRID, PlaceKind.COMMUNITY, PlaceKind.STATION))
@strawberry.interface(description="A station, community or grid (地点：社工站、村居或网格).")
class Place(PromisedWork, Node):
    """What every place has in common; the concrete types say where it comes from."""

    code: str = strawberry.field(description="The public code, unique among its kind (编码).")
    name: str = strawberry.field(description="The name (名称).")
    division_code: str = strawberry.field(
        description="The administrative division's code of today, GB/T 2260 style (行政区划代码)."
    )
    closed_on: date | None = strawberry.field(description="The day of closing, if closed (撤销日期).")
    version: int = strawberry.field(description="Counts its changes; an update names the one it saw (版本号).")
    parent: Optional["Place"] = strawberry.field(
        description="The place above; null at the root of what the account sees (上级)."
    )
    ancestors: list["Place"] = strawberry.field(description="The places above, the highest in scope first (上级链).")
    responsibility_chain: list["ResponsibilityLink"] = strawberry.field(
        description="Who answers for the place, from itself up to the highest in scope (责任链)."
    )
    personnel: PersonConnection = common("The people at home, or currently serving, below (人员).", *PERSONNEL, REACH)
    volunteer_teams: VolunteerTeamConnection = common(
        "The volunteer teams of the place and below (志愿服务队).", *VOLUNTEER_TEAMS, REACH
    )
    history: AuditEntryConnection = common("What was done to it, the newest first (变更记录).", *AUDIT_ENTRIES)


@entity(PlaceRow, "")
@strawberry.type(description="A link of the responsibility chain (责任链环节).")
class ResponsibilityLink:
    """One place of the chain with who answers for it."""

    place: Place | None = one(place.ITSELF, "The place (地点).", READ)
    responsible_person: Annotated["Person", strawberry.lazy("schema.person")] | None = one(
        person.RESPONSIBLE, "Who answers for it today, if anybody (责任人).", Permission.PERSONNEL_COUNT
    )
    targets: list[Annotated["Target", strawberry.lazy("schema.target")]] = with_arguments(
        many(
            target.OF_LINK,
            "The targets of the place that hold on a day and were not withdrawn (责任目标).",
            Permission.TARGET_READ,
        ),
        argument("on", date | None, "The day; today if not said (日期)."),
    )
