"""Statistics of service records."""

from typing import Any

from sqlalchemy import BigInteger, FromClause, Select, Text, select

from models import Person, ServiceDelta, ServiceField, ServiceItem, ServiceRecord, ServiceRecordState, ServiceRollup
from resolvers.core.kept import Kept
from resolvers.core.permissions import Permission
from resolvers.core.relations import table_of
from resolvers.core.scope import Scope
from resolvers.core.statistics import NUMBER, Statistic, by_column, by_seen, distinct, periods, ratio, total
from resolvers.core.units import units


def _day(record: FromClause) -> Any:
    return record.c.served_on


def _items(scope: Scope) -> Select[Any]:
    item = table_of(ServiceItem).alias()
    return select(item.c.id.label("item_id")).where(item.c.withdrawn_on.is_(None), scope.visible(item))


SERVICES = Statistic(
    ServiceRecord,
    dimensions={
        **units(),
        **periods(_day),
        "FIELD": by_column("field", Text(), ServiceField),
        "ITEM": by_column("item_id", BigInteger(), all_=_items),
        "WORKER": by_seen(Person, "worker_id", "id", BigInteger(), name="server_id", needs=Permission.PERSONNEL_COUNT),
        "STATE": by_column("state", Text(), ServiceRecordState),
    },
    measures={
        "count": total(NUMBER),
        "contacts": total("contacts"),
        "beneficiaries": total("beneficiaries"),
        "clients": distinct("client_id", people=True),
        "workers": distinct("worker_id", people=True),
        "places": distinct("place_id"),
        "average_contacts": ratio("contacts", "count"),
        "contacts_per_worker": ratio("contacts", "workers"),
    },
    period="servedOn",
    personal=True,
    kept=Kept(
        ServiceRollup,
        ServiceDelta,
        values={NUMBER: "records", "contacts": "contacts", "beneficiaries": "beneficiaries"},
        keys={"field": "field", "item_id": "item_id"},
        wide=frozenset({"field"}),
        when=lambda arguments: arguments.get("valid") is not False,
        day=_day,
    ),
)
