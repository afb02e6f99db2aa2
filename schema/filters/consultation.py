"""What joint consultations and their resolutions can be filtered and ordered by."""

import strawberry

from models import Consultation, ConsultationState, Place, TaskState
from resolvers.core import machines
from schema.fields import operand
from schema.filters.base import id_operand, listing, ordering, reference, where, within_operand
from schema.operators import DateOperators, EnumOperators, IDOperators


@where("Which joint consultations (集体会商筛选条件).")
class ConsultationFilter:
    """Filter of consultations."""

    id: IDOperators | None = id_operand("CO")
    within: strawberry.ID | None = within_operand()
    state: EnumOperators[ConsultationState] | None = operand("How far it has come (状态).", lambda row: row.c.state)
    meets_on: DateOperators | None = operand("The day of the meeting (会商日期).", lambda row: row.c.meets_on)


@where("Which resolutions (会商决议筛选条件).")
class ResolutionFilter:
    """Filter of resolutions."""

    id: IDOperators | None = id_operand("RS")
    within: strawberry.ID | None = within_operand(
        "Comes from a consultation in the subtree of this place (所属会商位于该地点及其下级)."
    )
    consultation: IDOperators | None = reference(
        "CO", "consultation_id", "The consultation that it comes from (所属会商).", seen=Consultation
    )
    owner: IDOperators | None = reference("", "to_place_id", "The place that has it to do (责任单位).", seen=Place)
    state: EnumOperators[TaskState] | None = operand("How far it has come (状态).", lambda row: row.c.state)
    due_on: DateOperators | None = operand("The day on which it is due (办结期限).", lambda row: row.c.due_on)
    overdue: bool | None = operand(
        "Should have been done before today, and is not (是否逾期).", machines.RESOLUTIONS.overdue
    )


CONSULTATION_ORDER, CONSULTATION_SORTING = ordering(
    "Consultation", "集体会商", "joint consultations", MEETS_ON="By the day of the meeting (按会商日期)."
)
CONSULTATIONS = listing(ConsultationFilter, CONSULTATION_ORDER)
RESOLUTION_ORDER, RESOLUTION_SORTING = ordering(
    "Resolution", "会商决议", "resolutions", DUE_ON="By the day on which it is due (按办结期限)."
)
RESOLUTIONS = listing(ResolutionFilter, RESOLUTION_ORDER)
