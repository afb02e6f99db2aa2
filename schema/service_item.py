"""The service catalogue (服务内容), the hub's, and what places offer of it (服务清单)."""

from datetime import date
from typing import Any

import strawberry

from models import ServiceField
from models import ServiceItem as ServiceItemRow
from models import ServiceOffer as ServiceOfferRow
from resolvers import place
from resolvers import service_item as rows
from resolvers.access import Action
from resolvers.core.permissions import Permission
from schema.access import CAN, may
from schema.audit import history
from schema.enums import describe
from schema.fields import column, entity, one, pages, public_id, same
from schema.filters.service_item import (
    SERVICE_ITEM_SORTING,
    SERVICE_ITEMS,
    SERVICE_OFFER_SORTING,
    SERVICE_OFFERS,
)
from schema.pages import AuditEntryConnection, ServiceItemConnection, ServiceOfferConnection
from schema.place import Node, Place
from schema.roots import by_id_or_code
from schema.writing import given, idempotency_key, maybe, payload, version, write

READ, WRITE = Permission.SERVICE_READ, Permission.CATALOGUE_WRITE

describe(
    ServiceField,
    "The four fields of service (服务领域).",
    SOCIAL_ASSISTANCE="Social assistance (社会救助).",
    ELDERLY_CARE="Care for the old (为老服务).",
    CHILD_CARE="Care for children (儿童关爱).",
    COMMUNITY_GOVERNANCE="Community governance (社区治理).",
)


@entity(ServiceItemRow, "")
@strawberry.type(description="What may be done to a service item (服务内容可执行的操作).")
class ServiceItemCan:
    """The buttons of an item."""

    update: bool = may(Action.UPDATE_SERVICE_ITEM, READ, "Change it (变更).")
    withdraw: bool = may(Action.WITHDRAW_SERVICE_ITEM, READ, "Withdraw it (停用).")


@entity(ServiceItemRow, "SI", sorting=SERVICE_ITEM_SORTING)
@strawberry.type(description="An item of the county's service catalogue (服务内容).")
class ServiceItem(Node):
    """An item of the hub's, which all below read."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    code: str = column("The public code (编码).", READ)
    name: str = column("The name (名称).", READ)
    field: ServiceField = column("The field (服务领域).", READ)
    withdrawn_on: date | None = column("The day from which on it is not offered any more, if so (停用日期).", READ)
    version: int = column("Counts its changes; an update names the one it saw (版本号).", READ)
    can: ServiceItemCan = same(CAN)
    place: Place | None = one(
        place.OF_ROW, "The hub that keeps it; null if the account does not see it (所属地点).", READ
    )
    offers: ServiceOfferConnection = pages(
        rows.OFFERS_OF_ITEM, "Where in scope it is offered today (提供该服务的地点).", READ, *SERVICE_OFFERS
    )
    history: AuditEntryConnection = history("SI")


@entity(ServiceOfferRow, "")
@strawberry.type(description="What may be done to an offer (服务清单条目可执行的操作).")
class ServiceOfferCan:
    """The buttons of an offer."""

    end: bool = may(Action.END_SERVICE_OFFER, READ, "End it (移出清单).")


@entity(ServiceOfferRow, "SO", sorting=SERVICE_OFFER_SORTING)
@strawberry.type(description="That a place offers an item, dated: a line of its service list (服务清单条目).")
class ServiceOffer(Node):
    """An offer of a place."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    valid_from: date = column("The first day (开始日期).", READ)
    valid_to: date | None = column("The day after the last, if it has ended or is to end (结束日期).", READ)
    version: int = column("Counts its changes; an update names the one it saw (版本号).", READ)
    can: ServiceOfferCan = same(CAN)
    item: ServiceItem | None = one(rows.ITEM, "What is offered (服务内容).", READ)
    place: Place | None = one(place.OF_ROW, "The place that offers it (提供地点).", READ)
    history: AuditEntryConnection = history("SO")


ITEM = "The item as it is now; null if nothing was written (服务内容)."
OFFER = "The offer as it is now; null if nothing was written (服务清单条目)."
WHICH = "The item (要变更的服务内容)."
CODE = "The public code, unique in the county (编码)."
NAME = "The name (名称)."
FIELD = "The field (服务领域)."


@strawberry.input(description="A new service item (新增服务内容).")
class CreateServiceItemInput:
    """Input of `createServiceItem`."""

    place_id: strawberry.ID = given("The hub, which keeps the catalogue (总站).")
    code: str = given(CODE)
    name: str = given(NAME)
    field: ServiceField = given(FIELD)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What changes of a service item; what is left out stays (变更服务内容).")
class UpdateServiceItemInput:
    """Input of `updateServiceItem`."""

    id: strawberry.ID = given(WHICH)
    version: int = version()
    code: str | None = maybe(CODE)
    name: str | None = maybe(NAME)
    field: ServiceField | None = maybe(FIELD)


@strawberry.input(description="The withdrawal of a service item (停用服务内容).")
class WithdrawServiceItemInput:
    """Input of `withdrawServiceItem`."""

    id: strawberry.ID = given(WHICH)
    version: int = version()
    on: date | None = maybe("The first day without it, today at the latest; today if not said (停用日期).")


@strawberry.input(description="A new line of a place's service list (列入服务清单).")
class OfferServiceInput:
    """Input of `offerService`."""

    place_id: strawberry.ID = given("The place, which is open (提供地点).")
    item_id: strawberry.ID = given("The item, which is not withdrawn (服务内容).")
    valid_from: date = given("The first day (开始日期).")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="The end of an offer (移出服务清单).")
class EndServiceOfferInput:
    """Input of `endServiceOffer`."""

    id: strawberry.ID = given("The offer (要结束的服务清单条目).")
    version: int = version()
    on: date | None = maybe("The day after the last; today if not said. On its first day, it never was (结束日期).")


@strawberry.type
class ServiceItemQuery:
    """The root fields about the service catalogue, for `Query` to inherit."""

    service_item: ServiceItem | None = by_id_or_code(rows.FOUND, "A service item (服务内容).", READ)
    service_items: ServiceItemConnection | None = pages(
        rows.ALL, "The county's service catalogue, by code (服务内容列表).", READ, *SERVICE_ITEMS
    )
    service_offers: ServiceOfferConnection | None = pages(
        rows.OFFERS, "What the places in scope offer today (服务清单).", READ, *SERVICE_OFFERS
    )


@strawberry.type
class ServiceItemMutation:
    """The mutations about the service catalogue, for `Mutation` to inherit."""

    create_service_item: Any = write(
        payload("createServiceItem", "serviceItem", ServiceItem, ITEM),
        CreateServiceItemInput,
        rows.create,
        "Adds an item to the catalogue (新增服务内容).",
        WRITE,
    )

    update_service_item: Any = write(
        payload("updateServiceItem", "serviceItem", ServiceItem, ITEM),
        UpdateServiceItemInput,
        rows.update,
        "Changes an item (变更服务内容).",
        WRITE,
    )

    withdraw_service_item: Any = write(
        payload("withdrawServiceItem", "serviceItem", ServiceItem, ITEM),
        WithdrawServiceItemInput,
        rows.withdraw,
        "Withdraws an item for good; what is offered of it ends (停用服务内容).",
        WRITE,
        # No place may put it on its list meanwhile.
        moves=True,
    )

    offer_service: Any = write(
        payload("offerService", "serviceOffer", ServiceOffer, OFFER),
        OfferServiceInput,
        rows.offer,
        "Puts an item on a place's service list (列入服务清单).",
        WRITE,
    )

    end_service_offer: Any = write(
        payload("endServiceOffer", "serviceOffer", ServiceOffer, OFFER),
        EndServiceOfferInput,
        rows.end_offer,
        "Takes an item off a place's service list (移出服务清单).",
        WRITE,
    )
