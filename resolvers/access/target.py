"""The rules of responsibility targets and calls for volunteers."""

from models import Place, SignUp, SignUpState, Target, VolunteerCall, VolunteerCallState
from resolvers.access.action import Action
from resolvers.access.rule import CLOSED, DecisionReason, Rule, in_state
from resolvers.core.permissions import Permission

WITHDRAWN = (DecisionReason.ENDED, lambda row, _: row.c.withdrawn_on.is_not(None))
OPEN = in_state(VolunteerCallState.OPEN)
UNSETTLED = in_state(SignUpState.SIGNED_UP, SignUpState.WITHDRAWN)
TARGETS, VOLUNTEERS = Permission.TARGET_WRITE, Permission.VOLUNTEER_WRITE

RULES: dict[Action, Rule] = {
    Action.CREATE_TARGET: Rule(Place, "", TARGETS, (CLOSED,), "设定责任目标"),
    Action.UPDATE_TARGET: Rule(Target, "TG", TARGETS, (WITHDRAWN,), "变更责任目标"),
    Action.WITHDRAW_TARGET: Rule(Target, "TG", TARGETS, (WITHDRAWN,), "撤回责任目标"),
    Action.CREATE_VOLUNTEER_CALL: Rule(Place, "", VOLUNTEERS, (CLOSED,), "发布志愿服务需求"),
    Action.UPDATE_VOLUNTEER_CALL: Rule(VolunteerCall, "VC", VOLUNTEERS, (OPEN,), "变更志愿服务需求"),
    Action.ADVANCE_VOLUNTEER_CALL: Rule(VolunteerCall, "VC", VOLUNTEERS, (OPEN,), "办结志愿服务需求"),
    Action.SIGN_UP_VOLUNTEER: Rule(VolunteerCall, "VC", VOLUNTEERS, (OPEN,), "志愿者报名"),
    Action.SETTLE_SIGN_UP: Rule(SignUp, "VS", VOLUNTEERS, (UNSETTLED,), "登记志愿服务结果"),
}
