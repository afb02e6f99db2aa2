"""What people can be filtered and ordered by."""

import strawberry

from models import Duty, PersonKind
from resolvers import person as people
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
from schema.operators import EnumOperators, ExactOperators, IDOperators, TextOperators


@where("Which people (人员筛选条件).")
class PersonFilter:
    """Filter of personnel."""

    id: IDOperators | None = id_operand("P")
    within: strawberry.ID | None = within_operand(
        "Has the home in the subtree of this place, or currently serves there (归属或任职于该地点及其下级)."
    )
    kind: EnumOperators[PersonKind] | None = operand("What they are (人员类别).", lambda row: row.c.kind)
    duty: EnumOperators[Duty] | None = operand(
        "A duty that they currently have in scope (现任岗位职责).", clause=people.has_duty
    )
    skill: TextOperators | None = operand("The code of a skill that they have (技能编码).", clause=people.has_skill)
    name: TextOperators | None = operand("Their name (姓名).", lambda row: row.c.name, needs=Permission.PERSON_READ)
    phone: ExactOperators | None = phone_operand()
    id_number: ExactOperators | None = id_number_operand()


PERSON_ORDER, PERSON_SORTING = ordering(
    "Person", "人员", "people", {"NAME": Permission.PERSON_READ}, KIND=BY_KIND, NAME=BY_NAME
)
PERSONNEL = listing(PersonFilter, PERSON_ORDER)
