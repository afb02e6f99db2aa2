"""Service records (服务记录): what was done, where, by whom, for how many; and what they come to."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Optional

import strawberry

from models import ServiceRecord as ServiceRecordRow
from models import ServiceRecordState
from resolvers import client, place, survey
from resolvers import service_record as record_rows
from resolvers.access import Action
from resolvers.core.permissions import Permission
from resolvers.core.states import next_states
from schema.access import CAN, may
from schema.audit import history
from schema.enums import describe
from schema.fields import argument, column, derived, entity, expression, made, one, pages, public_id, same
from schema.filters.service_record import SERVICE_RECORD_SORTING, SERVICE_RECORDS
from schema.pages import AuditEntryConnection, ServiceRecordConnection
from schema.place import Node, Place
from schema.roots import by_id
from schema.scalars import BigInt
from schema.writing import given, idempotency_key, maybe, payload, version, write

if TYPE_CHECKING:
    from schema.client import Client
    from schema.person import Person
    from schema.referral import Referral
    from schema.service_item import ServiceItem
    from schema.survey import Survey
    from schema.venue import Venue

READ, WRITE = Permission.SERVICE_READ, Permission.SERVICE_WRITE
TOLD = Permission.CLIENT_READ

describe(
    ServiceRecordState,
    "Whether a service record counts (服务记录状态).",
    VALID="It counts (有效).",
    CORRECTED="Another record has replaced it (已更正).",
    CANCELLED="It was taken back (已作废).",
)


@entity(ServiceRecordRow, "")
@strawberry.type(description="What may be done to a service record (服务记录可执行的操作).")
class ServiceRecordCan:
    """The buttons of a service record's page."""

    correct: bool = may(Action.CORRECT_SERVICE_RECORD, READ)
    cancel: bool = may(Action.CANCEL_SERVICE_RECORD, READ)


@entity(ServiceRecordRow, "SR", sorting=SERVICE_RECORD_SORTING)
@strawberry.type(description="A service that was given at a place; a correction keeps it as it was (服务记录).")
class ServiceRecord(Node):
    """A record; those that count are `VALID`."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    served_on: date = column("The day of the service (服务日期).", READ)
    contacts: int = column("How often somebody was served; adds up across places and times (人次).", READ)
    beneficiaries: int = column("How many people were served (人数).", READ)
    note: str | None = column("What was done, in words (服务情况).", TOLD)
    state: ServiceRecordState = column("Whether it counts (状态).", READ)
    next_states: list[ServiceRecordState] = expression(
        next_states(record_rows.RECORDS), "The states that may follow, whoever may take it there (后续状态).", READ
    )
    reason: str | None = column("Why it corrects another, or was cancelled (更正或作废原因).", TOLD)
    version: int = column("Counts its changes; an update names the one it saw (版本号).", READ)
    can: ServiceRecordCan = same(CAN)
    place: Place | None = one(place.OF_ROW, "Where (服务地点).", READ)
    item: Annotated["ServiceItem", strawberry.lazy("schema.service_item")] | None = one(
        record_rows.ITEM, "What was done (服务内容).", READ
    )
    worker: Annotated["Person", strawberry.lazy("schema.person")] | None = one(
        record_rows.WORKER,
        "Who served; null if the account does not see them (服务人员).",
        Permission.PERSONNEL_COUNT,
    )
    client: Annotated["Client", strawberry.lazy("schema.client")] | None = one(
        client.OF_ROW,
        "Who was served, if it was one client; null if the account does not see them (服务对象).",
        Permission.CLIENT_COUNT,
    )
    survey: Annotated["Survey", strawberry.lazy("schema.survey")] | None = one(
        survey.OF_ROW,
        "The survey that it follows from; null if the account does not see it (摸排).",
        Permission.SURVEY_READ,
    )
    referral: Annotated["Referral", strawberry.lazy("schema.referral")] | None = one(
        record_rows.REFERRAL,
        "The referral that it follows from; null if the account does not see it (转介).",
        Permission.REFERRAL_READ,
    )
    venue: Annotated["Venue", strawberry.lazy("schema.venue")] | None = one(
        record_rows.VENUE,
        "In which venue; null if the account does not see it (阵地).",
        Permission.VENUE_READ,
    )
    corrects: Optional["ServiceRecord"] = one(
        record_rows.CORRECTS, "The record that it replaces, as that was (被更正的记录).", READ
    )
    corrected_by: Optional["ServiceRecord"] = one(
        record_rows.CORRECTED_BY, "The record that has replaced it (更正后的记录).", READ
    )
    history: AuditEntryConnection = history("SR")


@made()
@strawberry.type(description="What the service records in scope that count come to (服务统计).")
class ServiceTotals:
    """Sums over the valid records that were asked of."""

    records: BigInt = column("How many records there are (服务记录数).", READ)
    contacts: BigInt = column("Their contacts (人次).", READ)
    beneficiaries: BigInt = column("Their beneficiaries, each record's for itself (人数).", READ)
    communities: BigInt = column("In how many communities in scope, or their grids, they lie (覆盖村居数).", READ)
    clients: BigInt = column("How many clients they name, each once (服务对象数).", READ)


@strawberry.type
class ServiceRecordQuery:
    """The root fields about service records, for `Query` to inherit."""

    service_record: ServiceRecord | None = by_id(record_rows.FOUND, "A service record (服务记录).", READ)
    service_records: ServiceRecordConnection | None = pages(
        record_rows.ALL, "The service records in scope, the latest first (服务记录列表).", READ, *SERVICE_RECORDS
    )
    service_totals: ServiceTotals | None = derived(
        record_rows.totals,
        "What the service records in scope that count come to (服务统计).",
        READ,
        argument(
            "within",
            strawberry.ID | None,
            "Only in the subtree of this place; nothing if it is not in scope (位于该地点及其下级).",
        ),
        argument("from", date | None, "From this day on (起始日期)."),
        argument("to", date | None, "Up to this day, inclusive (截止日期)."),
        deprecated="Until 2027-12-31: use `serviceStatistics`. Its `total` has `records` as `count`, and the other"
        " sums; `communities` are its groups by COMMUNITY that have a place. Who sees figures alone groups, and filters"
        " not.",
    )


WRITTEN = "The record as it is now; null if nothing was written (服务记录)."
ITEM = "What was done: an item of the catalogue that is not withdrawn (服务内容)."
WORKER = "Who served; they are seen, and not retired (服务人员)."
SERVED_ON = "The day of the service, today at the latest (服务日期)."
CONTACTS = "How often somebody was served, 1 to 1000000 (人次)."
BENEFICIARIES = "How many people were served, no more than contacts (人数)."
CLIENT = "Who was served, if it was one client, who is seen and whose file is not closed (服务对象)."
VENUE = "In which venue, which is in scope and not closed (阵地)."
NOTE = "What was done, in words, 2000 characters at the most (服务情况)."


@strawberry.input(description="A new service record (登记服务).")
class RecordServiceInput:
    """Input of `recordService`."""

    place_id: strawberry.ID = given("Where, in scope and open (服务地点).")
    item_id: strawberry.ID = given(ITEM)
    worker_id: strawberry.ID = given(WORKER)
    served_on: date = given(SERVED_ON)
    contacts: int = given(CONTACTS)
    beneficiaries: int = given(BENEFICIARIES)
    client_id: strawberry.ID | None = maybe(CLIENT)
    venue_id: strawberry.ID | None = maybe(VENUE)
    survey_id: strawberry.ID | None = maybe("The survey of the same client, in scope, that it follows from (摸排).")
    referral_id: strawberry.ID | None = maybe(
        "The referral of the same client that it follows from; one of its ends is in scope (转介)."
    )
    note: str | None = maybe(NOTE)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What a record should have said; what is left out stays (更正服务记录).")
class CorrectServiceRecordInput:
    """Input of `correctServiceRecord`."""

    id: strawberry.ID = given("The record, which counts (要更正的服务记录).")
    version: int = version()
    reason: str = given("Why, 2000 characters at the most (更正原因).")
    item_id: strawberry.ID | None = maybe(ITEM)
    worker_id: strawberry.ID | None = maybe(WORKER)
    served_on: date | None = maybe(SERVED_ON)
    contacts: int | None = maybe(CONTACTS)
    beneficiaries: int | None = maybe(BENEFICIARIES)
    client_id: strawberry.ID | None = maybe(CLIENT)
    venue_id: strawberry.ID | None = maybe(VENUE)
    note: str | None = maybe(NOTE)


@strawberry.input(description="The cancelling of a service record (作废服务记录).")
class CancelServiceRecordInput:
    """Input of `cancelServiceRecord`."""

    id: strawberry.ID = given("The record, which counts (要作废的服务记录).")
    version: int = version()
    reason: str = given("Why, 2000 characters at the most (作废原因).")


@strawberry.type
class ServiceRecordMutation:
    """The mutations about service records, for `Mutation` to inherit."""

    record_service: Any = write(
        payload("recordService", "serviceRecord", ServiceRecord, WRITTEN),
        RecordServiceInput,
        record_rows.record,
        "Records a service; a survey that it follows from is then no longer open (登记服务).",
        WRITE,
    )

    correct_service_record: Any = write(
        payload("correctServiceRecord", "serviceRecord", ServiceRecord, "The new record, or null (更正后的记录)."),
        CorrectServiceRecordInput,
        record_rows.correct,
        "Replaces a record by one that says what was so, and keeps it as it was; null clears client, venue and note"
        " (更正服务记录).",
        WRITE,
    )

    cancel_service_record: Any = write(
        payload("cancelServiceRecord", "serviceRecord", ServiceRecord, WRITTEN),
        CancelServiceRecordInput,
        record_rows.cancel,
        "Takes a record back, which stays and no longer counts (作废服务记录).",
        WRITE,
    )
