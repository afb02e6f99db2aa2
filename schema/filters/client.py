"""What clients can be filtered and ordered by."""

import strawberry

from models import ClientCategory, ClientKind
from resolvers import client
from resolvers.core.permissions import Permission
from schema.fields import operand
from schema.filters.base import (
    BY_KIND,
    BY_NAME,
    id_number_operand,
    id_operand,
    listing,
    ordering,
    phone_operand,
    where,
    within_operand,
)
from schema.operators import DateOperators, EnumOperators, ExactOperators, IDOperators, TextOperators


@where("Which clients (服务对象筛选条件).")
class ClientFilter:
    """Filter of clients."""

    id: IDOperators | None = id_operand("CL")
    within: strawberry.ID | None = within_operand()
    kind: EnumOperators[ClientKind] | None = operand("Person or household (服务对象类别).", lambda row: row.c.kind)
    category: EnumOperators[ClientCategory] | None = operand(
        "A category that they are of; with `notIn`, those who are of none of these (服务对象分类).",
        clause=client.has_category,
    )
    registered_on: DateOperators | None = operand(
        "The day of registration (建档日期).", lambda row: row.c.registered_on
    )
    closed: bool | None = operand("Whether the file is closed (是否结案).", client.is_closed)
    closed_on: DateOperators | None = operand("The day the file was closed (结案日期).", lambda row: row.c.closed_on)
    erased: bool | None = operand("Whether what tells of them was erased (是否已删除个人信息).", client.is_erased)
    name: TextOperators | None = operand("Their name (姓名).", lambda row: row.c.name, needs=Permission.CLIENT_READ)
    phone: ExactOperators | None = phone_operand()
    id_number: ExactOperators | None = id_number_operand()


CLIENT_ORDER, CLIENT_SORTING = ordering(
    "Client",
    "服务对象",
    "clients",
    {"NAME": Permission.CLIENT_READ},
    KIND=BY_KIND,
    NAME=BY_NAME,
    REGISTERED_ON="By the day of registration (按建档日期).",
)
CLIENTS = listing(ClientFilter, CLIENT_ORDER)
