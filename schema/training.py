"""Training events (培训活动), lectures and salons, and who attends them (出席)."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from models import Attendance as AttendanceRow
from models import AttendanceState, TrainingEventState, TrainingKind
from models import TrainingEvent as TrainingEventRow
from resolvers import place, training
from resolvers.access import Action
from resolvers.core.permissions import Permission
from resolvers.core.states import next_states
from schema.access import CAN, may
from schema.audit import history
from schema.enums import describe
from schema.fields import column, entity, expression, one, pages, public_id, same
from schema.filters.training import TRAINING_EVENT_SORTING, TRAINING_EVENTS
from schema.pages import AttendanceConnection, AuditEntryConnection, TrainingEventConnection
from schema.place import Node, Place
from schema.roots import by_id
from schema.writing import given, idempotency_key, maybe, payload, version, write

if TYPE_CHECKING:
    from schema.person import Person
    from schema.venue import Venue

READ, WRITE = Permission.TALENT_READ, Permission.TALENT_WRITE
ID = "The global id, opaque (全局标识)."
VERSION = "Counts its changes; an update names the one it saw (版本号)."
NEXT = "The states that may follow, whoever may take it there (后续状态)."

describe(
    TrainingKind,
    "What a training event is (培训活动类别).",
    LECTURE="A lecture (讲座).",
    SALON="A salon (沙龙).",
)
describe(
    TrainingEventState,
    "Whether a training event took place (培训活动状态).",
    PLANNED="It is to be held; people register (待举办).",
    HELD="It was held (已举办).",
    CANCELLED="It was not, and will not be held (已取消).",
)
describe(
    AttendanceState,
    "Whether somebody who registered came (出席状态).",
    REGISTERED="They have registered (已报名).",
    ATTENDED="They came (已出席).",
    ABSENT="They did not come (缺席).",
)


@entity(TrainingEventRow, "")
@strawberry.type(description="What may be done to a training event (培训活动可执行的操作).")
class TrainingEventCan:
    """The buttons of an event's page."""

    update: bool = may(Action.UPDATE_TRAINING_EVENT, READ, "Change it (变更).")
    advance: bool = may(Action.ADVANCE_TRAINING_EVENT, READ, "Note that it was held, or cancel it (举办或取消).")
    register: bool = may(Action.REGISTER_ATTENDANCE, READ, "Register somebody, as long as there is room (报名).")


@entity(TrainingEventRow, "TE", sorting=TRAINING_EVENT_SORTING)
@strawberry.type(description="A lecture or salon of a place (培训活动).")
class TrainingEvent(Node):
    """An event of a place; its speaker is a person's name."""

    id: strawberry.ID = public_id(ID)
    kind: TrainingKind = column("What it is (类别).", READ)
    title: str = column("The title (主题).", READ)
    held_on: date = column("The day on which it is, or is to be, held (举办日期).", READ)
    speaker: str | None = column("Who speaks, if said (主讲人).", Permission.PERSON_READ)
    capacity: int | None = column("How many can register, if that is limited (名额).", READ)
    state: TrainingEventState = column("Whether it took place (状态).", READ)
    next_states: list[TrainingEventState] = expression(next_states(training.EVENTS), NEXT, READ)
    version: int = column(VERSION, READ)
    can: TrainingEventCan = same(CAN)
    place: Place | None = one(place.OF_ROW, "The place that holds it (所属地点).", READ)
    venue: Annotated["Venue", strawberry.lazy("schema.venue")] | None = one(
        training.VENUE, "The venue; null if not said or not in scope (阵地).", READ
    )
    attendances: AttendanceConnection = pages(
        training.ATTENDANCES, "Who has registered, in that order (报名与出席).", READ
    )
    attended: int = expression(training.attended, "How many came (出席人数).", READ)
    history: AuditEntryConnection = history("TE")


@entity(AttendanceRow, "")
@strawberry.type(description="What may be done to an attendance (出席记录可执行的操作).")
class AttendanceCan:
    """The buttons of an attendance."""

    settle: bool = may(Action.SETTLE_ATTENDANCE, READ, "Note whether they came (登记出席).")


@entity(AttendanceRow, "TA")
@strawberry.type(description="Somebody's registration for a training event, and whether they came (出席记录).")
class Attendance(Node):
    """An attendance, in scope by its event."""

    id: strawberry.ID = public_id(ID)
    state: AttendanceState = column("Whether they came (状态).", READ)
    next_states: list[AttendanceState] = expression(
        next_states(training.ATTENDING), "The states that may follow once the event was held (后续状态).", READ
    )
    version: int = column(VERSION, READ)
    can: AttendanceCan = same(CAN)
    place: Place | None = one(place.OF_ROW, "The place that holds the event (所属地点).", READ)
    event: TrainingEvent | None = one(training.EVENT, "The event (培训活动).", READ)
    person: Annotated["Person", strawberry.lazy("schema.person")] | None = one(
        training.ATTENDEE, "Who; null if the account does not see them (人员).", Permission.PERSONNEL_COUNT
    )
    history: AuditEntryConnection = history("TA")


@strawberry.type
class TrainingQuery:
    """The root fields about training, for `Query` to inherit."""

    training_event: TrainingEvent | None = by_id(training.FOUND, "A training event (培训活动).", READ)
    training_events: TrainingEventConnection | None = pages(
        training.ALL, "The training events in scope, the latest first (培训活动列表).", READ, *TRAINING_EVENTS
    )


WRITTEN = "The event as it is now; null if nothing was written (培训活动)."
ATTENDANCE = "The attendance as it is now; null if nothing was written (出席记录)."
EVENT = "The training event (培训活动)."
KIND = "What it is (类别)."
TITLE = "The title, 100 characters at the most (主题)."
HELD_ON = "The day on which it is to be held (举办日期)."
SPEAKER = "Who speaks, 50 characters at the most (主讲人)."
VENUE = "The venue, in scope and open (阵地)."
CAPACITY = "How many can register, 1 at the least; no limit if not said (名额)."


@strawberry.input(description="A new training event (新建培训活动).")
class CreateTrainingEventInput:
    """Input of `createTrainingEvent`."""

    place_id: strawberry.ID = given("The place that holds it, which is open (所属地点).")
    kind: TrainingKind = given(KIND)
    title: str = given(TITLE)
    held_on: date = given(HELD_ON)
    speaker: str | None = maybe(SPEAKER)
    venue_id: strawberry.ID | None = maybe(VENUE)
    capacity: int | None = maybe(CAPACITY)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What changes of a training event; what is left out stays (变更培训活动).")
class UpdateTrainingEventInput:
    """Input of `updateTrainingEvent`."""

    id: strawberry.ID = given(EVENT)
    version: int = version()
    kind: TrainingKind | None = maybe(KIND)
    title: str | None = maybe(TITLE)
    held_on: date | None = maybe(HELD_ON)
    speaker: str | None = maybe(SPEAKER)
    venue_id: strawberry.ID | None = maybe(VENUE)
    capacity: int | None = maybe("How many can register, no fewer than have; null for no limit (名额).")


@strawberry.input(description="What has become of a training event (举办或取消培训活动).")
class AdvanceTrainingEventInput:
    """Input of `advanceTrainingEvent`."""

    id: strawberry.ID = given(EVENT)
    version: int = version()
    state: TrainingEventState = given("The new state; `HELD` not before its day (新状态).")


@strawberry.input(description="Somebody who registers for a training event (登记培训报名).")
class RegisterAttendanceInput:
    """Input of `registerAttendance`."""

    event_id: strawberry.ID = given("The training event, in scope and planned (培训活动).")
    person_id: strawberry.ID = given("Who; the account sees them, and they are not retired (人员).")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Whether somebody who registered came (登记出席情况).")
class SettleAttendanceInput:
    """Input of `settleAttendance`."""

    id: strawberry.ID = given("The attendance (出席记录).")
    version: int = version()
    state: AttendanceState = given("Whether they came (状态).")


@strawberry.type
class TrainingMutation:
    """The mutations about training, for `Mutation` to inherit."""

    create_training_event: Any = write(
        payload("createTrainingEvent", "trainingEvent", TrainingEvent, WRITTEN),
        CreateTrainingEventInput,
        training.create,
        "Plans a training event (新建培训活动).",
        WRITE,
    )

    update_training_event: Any = write(
        payload("updateTrainingEvent", "trainingEvent", TrainingEvent, WRITTEN),
        UpdateTrainingEventInput,
        training.update,
        "Changes a planned training event; null clears speaker, venue and capacity (变更培训活动).",
        WRITE,
    )

    advance_training_event: Any = write(
        payload("advanceTrainingEvent", "trainingEvent", TrainingEvent, WRITTEN),
        AdvanceTrainingEventInput,
        training.advance,
        "Notes that a training event was held, or is not going to be (举办或取消培训活动).",
        WRITE,
    )

    register_attendance: Any = write(
        payload("registerAttendance", "attendance", Attendance, ATTENDANCE),
        RegisterAttendanceInput,
        training.register,
        "Registers somebody for a planned training event that has room (登记培训报名).",
        WRITE,
    )

    settle_attendance: Any = write(
        payload("settleAttendance", "attendance", Attendance, ATTENDANCE),
        SettleAttendanceInput,
        training.settle,
        "Notes whether somebody came to a training event that was held; a mistake can be put right (登记出席情况).",
        WRITE,
    )
