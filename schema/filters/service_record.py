"""What service records can be filtered and ordered by."""

import strawberry

from models import Client, Person, Referral, ServiceItem, ServiceRecordState, Survey, Venue
from schema.fields import argument, operand
from schema.filters.base import id_operand, listing, ordering, reference, where, within_operand
from schema.operators import DateOperators, EnumOperators, IDOperators


@where("Which service records (服务记录筛选条件).")
class ServiceRecordFilter:
    """Filter of service records."""

    id: IDOperators | None = id_operand("SR")
    within: strawberry.ID | None = within_operand()
    state: EnumOperators[ServiceRecordState] | None = operand(
        "Whether it counts; for others than the valid ones, `valid` must be false (状态).", lambda row: row.c.state
    )
    served_on: DateOperators | None = operand("The day of the service (服务日期).", lambda row: row.c.served_on)
    item: IDOperators | None = reference("SI", "item_id", "What was done (服务内容).", seen=ServiceItem)
    worker: IDOperators | None = reference("P", "worker_id", "Who served (服务人员).", seen=Person)
    client: IDOperators | None = reference("CL", "client_id", "Who was served (服务对象).", seen=Client)
    venue: IDOperators | None = reference("VE", "venue_id", "In which venue (阵地).", seen=Venue)
    survey: IDOperators | None = reference("SU", "survey_id", "From which survey it follows (摸排).", seen=Survey)
    referral: IDOperators | None = reference(
        "RF", "referral_id", "From which referral it follows (转介).", seen=Referral
    )


SERVICE_RECORD_ORDER, SERVICE_RECORD_SORTING = ordering(
    "ServiceRecord",
    "服务记录",
    "service records",
    short=("records", "服务记录"),
    SERVED_ON="By the day of the service (按服务日期).",
    CONTACTS="By contacts (按人次).",
    BENEFICIARIES="By beneficiaries (按人数).",
)
VALID = argument(
    "valid", bool, "Those that count alone, or with false also the corrected and cancelled (仅有效).", True
)
SERVICE_RECORDS = (*listing(ServiceRecordFilter, SERVICE_RECORD_ORDER), VALID)
