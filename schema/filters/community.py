"""What communities can be filtered and ordered by."""

import strawberry
from sqlalchemy import Boolean

from models import CommunityKind
from resolvers import service_record
from resolvers.core.permissions import Permission
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
    where,
    within_operand,
)
from schema.operators import EnumOperators, IDOperators, TextOperators


@where("Which communities (村居筛选条件).")
class CommunityFilter:
    """Filter of communities."""

    id: IDOperators | None = id_operand("C")
    within: strawberry.ID | None = within_operand()
    kind: EnumOperators[CommunityKind] | None = operand("Its kind (类别).", lambda row: row.c.kind)
    code: TextOperators | None = code_operand()
    name: TextOperators | None = name_operand()
    served: bool | None = operand(
        "Whether services were given there or in its grids, as the valid records in scope tell (已开展服务).",
        clause=service_record.is_served,
        needs=Permission.SERVICE_READ,
        type_=Boolean(),
    )


COMMUNITY_ORDER, COMMUNITY_SORTING = ordering(
    "Community", "村居", "communities", CODE=BY_CODE, KIND=BY_KIND, NAME=BY_NAME
)
COMMUNITIES = listing(CommunityFilter, COMMUNITY_ORDER)
