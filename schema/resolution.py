"""Resolutions (会商决议): the tasks that joint consultations give to places."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from models import Resolution as ResolutionRow
from models import TaskState
from resolvers import consultation as rows
from resolvers import place
from resolvers.access import Action
from resolvers.core import machines
from resolvers.core.permissions import Permission
from resolvers.core.states import next_states
from schema.access import CAN, may
from schema.audit import history
from schema.fields import column, entity, expression, one, pages, public_id, same
from schema.filters.consultation import RESOLUTION_SORTING, RESOLUTIONS
from schema.pages import AuditEntryConnection, ResolutionConnection
from schema.place import Node, Place
from schema.roots import by_id
from schema.writing import given, idempotency_key, maybe, payload, version, write

if TYPE_CHECKING:
    from schema.consultation import Consultation

READ = Permission.CONSULTATION_READ
WRITE = Permission.CONSULTATION_WRITE


@entity(ResolutionRow, "")
@strawberry.type(description="What may be done to a resolution (会商决议可执行的操作).")
class ResolutionCan:
    """The buttons of a resolution."""

    advance: bool = may(Action.ADVANCE_RESOLUTION, READ)


@entity(ResolutionRow, "RS", sorting=RESOLUTION_SORTING)
@strawberry.type(description="A task that a joint consultation gives to a place (会商决议).")
class Resolution(Node):
    """A resolution, in scope at either end; other guests see it as long as the consultation is open."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    title: str = column("What is to be done (决议事项).", READ)
    from_name: str = column("The name of the place that called the consultation, as it was then (召集单位名称).", READ)
    to_name: str = column("The name of the place or agency that has it to do, as it was then (责任单位名称).", READ)
    due_on: date = column("The day on which it is due (办结期限).", READ)
    overdue: bool = expression(
        machines.RESOLUTIONS.overdue, "Whether it should have been done before today, and is not (是否逾期).", READ
    )
    state: TaskState = column("How far it has come (状态).", READ)
    next_states: list[TaskState] = expression(
        next_states(machines.RESOLUTIONS), "What it may become, whoever takes it there (可转入的状态).", READ
    )
    outcome: str | None = column("What has come of it, if said (办理结果).", Permission.CLIENT_READ)
    done_on: date | None = column("The day on which it was done, if it was (办结日期).", READ)
    version: int = column("Counts its changes; an update names the one it saw (版本号).", READ)
    can: ResolutionCan = same(CAN)
    owner: Place | None = one(rows.OTHER_PLACE, "The place that has it to do; null if not in scope (责任单位).", READ)
    consultation: Annotated["Consultation", strawberry.lazy("schema.consultation")] | None = one(
        rows.CONSULTATION, "Where it was resolved; null if not in scope, or no longer (所属会商).", READ
    )
    place: Place | None = one(place.OF_ROW, "The place that called the consultation (召集单位).", READ)
    history: AuditEntryConnection = history("RS")


WRITTEN = "The resolution as it is now; null if nothing was written (会商决议)."


@strawberry.input(description="A new resolution (形成会商决议).")
class AddResolutionInput:
    """Input of `addResolution`."""

    consultation_id: strawberry.ID = given("The consultation, which is open (所属会商).")
    title: str = given("What is to be done, 100 characters at the most (决议事项).")
    to_id: strawberry.ID | None = maybe("The place in scope that has it to do; this or `toCode` (责任单位标识).")
    to_code: str | None = maybe("The code of the county's place or agency that has it to do (责任单位编码).")
    due_on: date = given("The day on which it is due (办结期限).")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A step of a resolution (推进会商决议).")
class AdvanceResolutionInput:
    """Input of `advanceResolution`."""

    id: strawberry.ID = given("The resolution (要推进的会商决议).")
    version: int = version()
    state: TaskState = given(
        "What it becomes: `CANCELLED` at the place that called the consultation, else at the one that has it to do"
        " (新状态)."
    )
    outcome: str | None = maybe("What has come of it, 2000 characters at the most (办理结果).")


@strawberry.type
class ResolutionQuery:
    """The root fields about resolutions, for `Query` to inherit."""

    resolution: Resolution | None = by_id(rows.RESOLUTION_FOUND, "A resolution (会商决议).", READ)
    resolutions: ResolutionConnection | None = pages(
        rows.ALL_RESOLUTIONS,
        "The resolutions in scope: of its consultations, for its places to do, or of the open consultations that they"
        " are invited to; the first due first (会商决议列表).",
        READ,
        *RESOLUTIONS,
    )


@strawberry.type
class ResolutionMutation:
    """The mutations about resolutions, for `Mutation` to inherit."""

    add_resolution: Any = write(
        payload("addResolution", "resolution", Resolution, WRITTEN),
        AddResolutionInput,
        rows.resolve,
        "Gives a place, in scope or not, something to do (形成会商决议).",
        WRITE,
    )

    advance_resolution: Any = write(
        payload("advanceResolution", "resolution", Resolution, WRITTEN),
        AdvanceResolutionInput,
        rows.advance_resolution,
        "Takes a resolution a step further (推进会商决议).",
        WRITE,
    )
