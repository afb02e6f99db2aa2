"""The rules of the talent home: training events and who attends them, exam results, awards and their budgets."""

from sqlalchemy import FromClause, exists, func, select

from models import (
    Attendance,
    Award,
    AwardBudget,
    AwardState,
    ExamResult,
    Person,
    Place,
    TrainingEvent,
    TrainingEventState,
)
from resolvers.access.action import Action
from resolvers.access.rule import CLOSED, Against, DecisionReason, Rule, in_state
from resolvers.core.mapping import Clause
from resolvers.core.permissions import Permission
from resolvers.core.relations import table_of
from resolvers.core.scope import Scope


def _is_full(event: FromClause, scope: Scope) -> Clause:
    """As many have registered as there is room for."""
    attendance = table_of(Attendance).alias()
    registered = select(func.count()).select_from(attendance).correlate_except(attendance)
    registered = registered.where(attendance.c.event_id == event.c.id, scope.visible(attendance))
    return registered.scalar_subquery() >= event.c.capacity


def _was_not_held(attendance: FromClause, scope: Scope) -> Clause:
    """The event was not held, or not yet."""
    event = table_of(TrainingEvent).alias()
    held = exists().select_from(event).correlate_except(event)
    return ~held.where(
        event.c.id == attendance.c.event_id, event.c.state == TrainingEventState.HELD.value, scope.visible(event)
    )


FULL: Against = (DecisionReason.WRONG_STATE, _is_full)
NOT_HELD: Against = (DecisionReason.WRONG_STATE, _was_not_held)
PLANNED = in_state(TrainingEventState.PLANNED)

TALENT, AWARD, BUDGET = Permission.TALENT_WRITE, Permission.AWARD_WRITE, Permission.BUDGET_WRITE

RULES: dict[Action, Rule] = {
    Action.CREATE_TRAINING_EVENT: Rule(Place, "", TALENT, (CLOSED,), "新建培训活动"),
    Action.UPDATE_TRAINING_EVENT: Rule(TrainingEvent, "TE", TALENT, (PLANNED,), "变更培训活动"),
    Action.ADVANCE_TRAINING_EVENT: Rule(TrainingEvent, "TE", TALENT, (PLANNED,), "举办或取消培训活动"),
    Action.REGISTER_ATTENDANCE: Rule(TrainingEvent, "TE", TALENT, (PLANNED, FULL), "登记培训报名"),
    Action.SETTLE_ATTENDANCE: Rule(Attendance, "TA", TALENT, (NOT_HELD,), "登记出席情况"),
    Action.RECORD_EXAM_RESULT: Rule(Person, "P", TALENT, (), "登记考试成绩"),
    Action.UPDATE_EXAM_RESULT: Rule(ExamResult, "EX", TALENT, (), "变更考试成绩"),
    Action.CREATE_AWARD_BUDGET: Rule(Place, "", BUDGET, (CLOSED,), "新建奖励预算"),
    Action.UPDATE_AWARD_BUDGET: Rule(AwardBudget, "AB", BUDGET, (), "变更奖励预算"),
    Action.GRANT_AWARD: Rule(Person, "P", AWARD, (), "核发奖励金"),
    Action.SETTLE_AWARD: Rule(Award, "AW", AWARD, (in_state(AwardState.GRANTED),), "支付或撤销奖励金"),
}
