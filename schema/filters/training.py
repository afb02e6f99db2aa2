"""What training events and exam results can be filtered and ordered by."""

import strawberry

from models import Person, QualificationLevel, TrainingEventState, TrainingKind, Venue
from schema.fields import operand
from schema.filters.base import BY_KIND, id_operand, listing, ordering, reference, where, within_operand
from schema.operators import DateOperators, EnumOperators, IDOperators, IntOperators


@where("Which training events (培训活动筛选条件).")
class TrainingEventFilter:
    """Filter of training events."""

    id: IDOperators | None = id_operand("TE")
    within: strawberry.ID | None = within_operand()
    kind: EnumOperators[TrainingKind] | None = operand("What it is (类别).", lambda row: row.c.kind)
    state: EnumOperators[TrainingEventState] | None = operand("Its state (状态).", lambda row: row.c.state)
    held_on: DateOperators | None = operand("Its day (举办日期).", lambda row: row.c.held_on)
    venue: IDOperators | None = reference("VE", "venue_id", "The venue (阵地).", seen=Venue)


TRAINING_EVENT_ORDER, TRAINING_EVENT_SORTING = ordering(
    "TrainingEvent", "培训活动", "training events", HELD_ON="By the day (按举办日期).", KIND=BY_KIND
)
TRAINING_EVENTS = listing(TrainingEventFilter, TRAINING_EVENT_ORDER)


@where("Which exam results (考试成绩筛选条件).")
class ExamResultFilter:
    """Filter of exam results."""

    id: IDOperators | None = id_operand("EX")
    within: strawberry.ID | None = within_operand()
    person: IDOperators | None = reference("P", "person_id", "Whose it is (人员).", seen=Person)
    level: EnumOperators[QualificationLevel] | None = operand("The level (级别).", lambda row: row.c.level)
    year: IntOperators | None = operand("The year (年度).", lambda row: row.c.year)
    passed: bool | None = operand("Whether it was passed (是否通过).", lambda row: row.c.passed)


EXAM_RESULT_ORDER, EXAM_RESULT_SORTING = ordering(
    "ExamResult", "考试成绩", "exam results", YEAR="By the year (按年度).", LEVEL="By the level's name (按级别代码)."
)
EXAM_RESULTS = listing(ExamResultFilter, EXAM_RESULT_ORDER)
