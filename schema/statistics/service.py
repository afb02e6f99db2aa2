"""Statistics of service records (服务统计)."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from models import ServiceField, ServiceRecordState
from resolvers import service_record
from resolvers.core.permissions import Permission
from resolvers.core.relations import by
from resolvers.statistics.service import SERVICES
from schema.fields import argument, column, made, one, same
from schema.filters.base import ORDER
from schema.filters.service_record import SERVICE_RECORD_ORDER, VALID, ServiceRecordFilter
from schema.pages import ServiceRecordConnection
from schema.place import Place
from schema.scalars import BigInt
from schema.statistics.base import (
    Statistics,
    change,
    conditions,
    dimension,
    grouped,
    month,
    previous,
    quarter,
    share,
    statistics,
    unit,
    year,
)

if TYPE_CHECKING:
    from schema.person import Person
    from schema.service_item import ServiceItem

READ = Permission.SERVICE_READ

FIGURES = {
    "count": "How many records (服务记录数).",
    "contacts": "Their contacts (人次).",
    "beneficiaries": "Their beneficiaries, each record's for itself (人数).",
    "clients": "How many different clients they name (服务对象数).",
    "workers": "How many different people served (服务人员数).",
    "places": "At how many different places (服务地点数).",
    "average_contacts": "Contacts a record (平均人次).",
    "contacts_per_worker": "Contacts for each of those who served (人均服务人次).",
}
ServiceDimension = dimension(
    "Service",
    "服务",
    SERVICES,
    FIELD="By field (按服务领域).",
    ITEM="By service item (按服务内容).",
    WORKER="By who served (按服务人员).",
    STATE="By whether records count (按状态).",
)
ServiceHaving, ServiceStatisticsOrder, SORTING = conditions("Service", "服务", FIGURES)


@made()
@strawberry.type(description="What service records come to (服务数据).")
class ServiceFigures:
    """Figures of some records; null if they are held back."""

    count: BigInt | None = column(FIGURES["count"], READ)
    contacts: BigInt | None = column(FIGURES["contacts"], READ)
    beneficiaries: BigInt | None = column(FIGURES["beneficiaries"], READ)
    clients: BigInt | None = column(FIGURES["clients"], READ)
    workers: BigInt | None = column(FIGURES["workers"], READ)
    places: BigInt | None = column(FIGURES["places"], READ)
    average_contacts: float | None = column(FIGURES["average_contacts"], READ)
    contacts_per_worker: float | None = column(FIGURES["contacts_per_worker"], READ)


@made()
@strawberry.type(
    description="What a group of service records has in common; null for what was not grouped by (服务统计分组键)."
)
class ServiceGroupKey:
    """The key of a group."""

    place: Place | None = unit()
    field: ServiceField | None = column("The field (服务领域).", READ)
    item: Annotated["ServiceItem", strawberry.lazy("schema.service_item")] | None = one(
        by("item_id"), "The service item (服务内容).", READ
    )
    worker: Annotated["Person", strawberry.lazy("schema.person")] | None = one(
        by("server_id"), "Who served; null if the account does not see them (服务人员).", Permission.PERSONNEL_COUNT
    )
    state: ServiceRecordState | None = column("Whether they count (状态).", READ)
    month: str | None = month()
    quarter: str | None = quarter()
    year: int | None = year()


@made(SORTING)
@strawberry.type(description="Service records that have something in common (服务统计分组).")
class ServiceGroup(ServiceFigures):
    """A group with its figures."""

    key: ServiceGroupKey = same("What they have in common (分组键).")
    share: float | None = share()
    change: float | None = change()
    previous: ServiceFigures | None = previous()
    records: ServiceRecordConnection | None = grouped(
        "The records that it counts (服务记录).",
        READ,
        argument("order_by", list[SERVICE_RECORD_ORDER] | None, ORDER),
    )


@strawberry.type(description="Service records by groups (服务统计).")
class ServiceStatistics(Statistics[ServiceGroup]):
    """A page of groups, and what all rows together come to."""

    total: ServiceFigures = strawberry.field(
        description="The figures over all rows that were asked of, whatever `having` leaves out (合计)."
    )


@strawberry.type
class ServiceStatisticsQuery:
    """The root field, for `Query` to inherit."""

    service_statistics: ServiceStatistics | None = statistics(
        SERVICES,
        service_record.ALL,
        "The service records in scope by groups, with their figures (服务统计).",
        READ,
        (ServiceRecordFilter, ServiceDimension, ServiceHaving, ServiceStatisticsOrder),
        VALID,
    )
