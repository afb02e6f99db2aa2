"""What service items, and what places offer of them, can be filtered and ordered by."""

import strawberry

from models import ServiceField, ServiceItem
from resolvers import service_item as items
from schema.fields import argument, operand
from schema.filters.base import (
    BY_CODE,
    BY_NAME,
    code_operand,
    id_operand,
    listing,
    name_operand,
    ordering,
    reference,
    where,
    within_operand,
)
from schema.operators import DateOperators, EnumOperators, IDOperators, TextOperators


@where("Which service items (服务内容筛选条件).")
class ServiceItemFilter:
    """Filter of service items."""

    id: IDOperators | None = id_operand("SI")
    field: EnumOperators[ServiceField] | None = operand("Its field (服务领域).", lambda row: row.c.field)
    code: TextOperators | None = code_operand()
    name: TextOperators | None = name_operand()
    withdrawn: bool | None = operand("Whether it was withdrawn (是否停用).", items.is_withdrawn)


SERVICE_ITEM_ORDER, SERVICE_ITEM_SORTING = ordering(
    "ServiceItem", "服务内容", "service items", CODE=BY_CODE, FIELD="By field (按服务领域).", NAME=BY_NAME
)
SERVICE_ITEMS = listing(ServiceItemFilter, SERVICE_ITEM_ORDER)


@where("What of that which places offer (服务清单筛选条件).")
class ServiceOfferFilter:
    """Filter of offers."""

    id: IDOperators | None = id_operand("SO")
    within: strawberry.ID | None = within_operand()
    item: IDOperators | None = reference("SI", "item_id", "The item (服务内容).", seen=ServiceItem)
    valid_from: DateOperators | None = operand("The first day (开始日期).", lambda row: row.c.valid_from)


SERVICE_OFFER_ORDER, SERVICE_OFFER_SORTING = ordering(
    "ServiceOffer", "服务清单", "what places offer", VALID_FROM="By the first day (按开始日期)."
)
CURRENT = argument("current", bool, "Today's alone, or with false also those that ended or are to come (仅现行).", True)
SERVICE_OFFERS = (*listing(ServiceOfferFilter, SERVICE_OFFER_ORDER), CURRENT)
