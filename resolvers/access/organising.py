"""The rules of leading groups, their plans, and agencies."""

from sqlalchemy import FromClause

from models import (
    Agency,
    AgencyRating,
    ImplementationPlan,
    ImplementationPlanState,
    LeadingGroup,
    LeadingGroupMember,
    Measure,
    Place,
    TaskState,
)
from resolvers.access.action import Action
from resolvers.access.rule import CLOSED, ENDED, DecisionReason, Rule, in_state
from resolvers.core.mapping import Clause
from resolvers.core.permissions import Permission
from resolvers.core.scope import Scope


def _is_dissolved(group: FromClause, _: Scope) -> Clause:
    return group.c.dissolved_on.is_not(None)


DISSOLVED = (DecisionReason.ENDED, _is_dissolved)
UNFINISHED = in_state(ImplementationPlanState.DRAFT, ImplementationPlanState.ADOPTED)
UNDONE = in_state(TaskState.OPEN, TaskState.IN_PROGRESS)
WRITE = Permission.ORGANISATION_WRITE

RULES: dict[Action, Rule] = {
    Action.CREATE_LEADING_GROUP: Rule(Place, "", WRITE, (CLOSED,), "成立领导小组"),
    Action.UPDATE_LEADING_GROUP: Rule(LeadingGroup, "LG", WRITE, (DISSOLVED,), "变更领导小组信息"),
    Action.DISSOLVE_LEADING_GROUP: Rule(LeadingGroup, "LG", WRITE, (DISSOLVED,), "撤销领导小组"),
    Action.ADD_LEADING_GROUP_MEMBER: Rule(LeadingGroup, "LG", WRITE, (DISSOLVED,), "新增领导小组成员"),
    Action.END_LEADING_GROUP_MEMBERSHIP: Rule(LeadingGroupMember, "LM", WRITE, (ENDED,), "结束领导小组成员任期"),
    Action.CREATE_IMPLEMENTATION_PLAN: Rule(LeadingGroup, "LG", WRITE, (DISSOLVED,), "拟订实施方案"),
    Action.UPDATE_IMPLEMENTATION_PLAN: Rule(ImplementationPlan, "IP", WRITE, (UNFINISHED,), "变更实施方案"),
    Action.ADVANCE_IMPLEMENTATION_PLAN: Rule(ImplementationPlan, "IP", WRITE, (UNFINISHED,), "推进实施方案"),
    Action.ADD_MEASURE: Rule(ImplementationPlan, "IP", WRITE, (UNFINISHED,), "新增举措"),
    Action.UPDATE_MEASURE: Rule(Measure, "ME", WRITE, (UNDONE,), "变更举措"),
    Action.ADVANCE_MEASURE: Rule(Measure, "ME", WRITE, (UNDONE,), "推进举措"),
    Action.CREATE_AGENCY: Rule(Place, "", WRITE, (CLOSED,), "登记机构"),
    Action.UPDATE_AGENCY: Rule(Agency, "AG", WRITE, (CLOSED,), "变更机构信息"),
    Action.CLOSE_AGENCY: Rule(Agency, "AG", WRITE, (CLOSED,), "注销机构"),
    Action.RATE_AGENCY: Rule(Agency, "AG", WRITE, (CLOSED,), "评定机构等级"),
    Action.END_AGENCY_RATING: Rule(AgencyRating, "RT", WRITE, (ENDED,), "终止机构等级"),
}
