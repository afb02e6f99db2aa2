"""What venues can be filtered and ordered by."""

import strawberry

from models import Agency, ServiceNeed, VenueKind
from resolvers import venue as venues
from schema.fields import operand
from schema.filters.base import (
    BY_CODE,
    BY_KIND,
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


@where("Which venues (阵地筛选条件).")
class VenueFilter:
    """Filter of venues."""

    id: IDOperators | None = id_operand("VE")
    within: strawberry.ID | None = within_operand()
    kind: EnumOperators[VenueKind] | None = operand("Its kind (类别).", lambda row: row.c.kind)
    need: EnumOperators[ServiceNeed] | None = operand("A need that it meets (满足的需求).", clause=venues.meets)
    code: TextOperators | None = code_operand()
    name: TextOperators | None = name_operand()
    purchased: bool | None = operand("Whether its services are purchased (是否购买服务).", lambda row: row.c.purchased)
    agency: IDOperators | None = reference(
        "AG", "agency_id", "The agency that its services are purchased of (承接机构).", seen=Agency
    )
    opened_on: DateOperators | None = operand("The day of opening (启用日期).", lambda row: row.c.opened_on)
    closed: bool | None = operand("Whether it was closed (是否已关闭).", venues.is_closed)


VENUE_ORDER, VENUE_SORTING = ordering(
    "Venue",
    "阵地",
    "venues",
    CODE=BY_CODE,
    KIND=BY_KIND,
    NAME=BY_NAME,
    OPENED_ON="By the day of opening (按启用日期).",
)
VENUES = listing(VenueFilter, VENUE_ORDER)
