"""What surveys can be filtered and ordered by."""

import strawberry

from models import Client, Person, SurveyKind, SurveyState, Urgency
from schema.fields import operand
from schema.filters.base import id_operand, listing, ordering, reference, where, within_operand
from schema.operators import DateOperators, EnumOperators, IDOperators


@where("Which surveys (摸排筛选条件).")
class SurveyFilter:
    """Filter of surveys."""

    id: IDOperators | None = id_operand("SU")
    within: strawberry.ID | None = within_operand()
    kind: EnumOperators[SurveyKind] | None = operand("Survey or assessment (摸排类别).", lambda row: row.c.kind)
    state: EnumOperators[SurveyState] | None = operand("What has become of it (状态).", lambda row: row.c.state)
    urgency: EnumOperators[Urgency] | None = operand("How soon to act (紧急程度).", lambda row: row.c.urgency)
    surveyed_on: DateOperators | None = operand("The day of the survey (摸排日期).", lambda row: row.c.surveyed_on)
    client: IDOperators | None = reference("CL", "client_id", "Whom it is about (服务对象).", seen=Client)
    surveyor: IDOperators | None = reference("P", "surveyor_id", "Who made it (摸排人员).", seen=Person)


SURVEY_ORDER, SURVEY_SORTING = ordering(
    "Survey", "摸排", "surveys", SURVEYED_ON="By the day of the survey (按摸排日期)."
)
SURVEYS = listing(SurveyFilter, SURVEY_ORDER)
