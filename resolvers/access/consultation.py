"""Rules of joint consultations."""

from sqlalchemy import FromClause, exists, not_

from models import Consultation, ConsultationParticipant, ConsultationState, Place, Resolution, TaskState
from resolvers.access.action import Action
from resolvers.access.rule import CLOSED, DecisionReason, Rule, in_state
from resolvers.core.json import string
from resolvers.core.mapping import Clause
from resolvers.core.permissions import Permission
from resolvers.core.relations import table_of
from resolvers.core.scope import End, Scope

OPEN = (ConsultationState.CALLED, ConsultationState.HELD)


def _is_over(participant: FromClause, scope: Scope) -> Clause:
    """The consultation that it is invited to is closed or cancelled."""
    consultation = table_of(Consultation).alias()
    going_on = exists().select_from(consultation).correlate_except(consultation)
    going_on = going_on.where(
        consultation.c.id == participant.c.consultation_id,
        consultation.c.state.in_([string(state) for state in OPEN]),
        scope.visible(consultation),
    )
    return not_(going_on)


WRITE = Permission.CONSULTATION_WRITE
WHILE_OPEN = (in_state(*OPEN),)
OVER = (DecisionReason.WRONG_STATE, _is_over)
UNSETTLED = in_state(TaskState.OPEN, TaskState.IN_PROGRESS)

RULES: dict[Action, Rule] = {
    Action.CALL_CONSULTATION: Rule(Place, "", WRITE, (CLOSED,), "召集会商"),
    Action.UPDATE_CONSULTATION: Rule(Consultation, "CO", WRITE, WHILE_OPEN, "变更会商信息"),
    Action.ADVANCE_CONSULTATION: Rule(Consultation, "CO", WRITE, WHILE_OPEN, "推进会商"),
    Action.INVITE_PARTICIPANT: Rule(Consultation, "CO", WRITE, WHILE_OPEN, "邀请参会单位"),
    Action.ANSWER_INVITATION: Rule(ConsultationParticipant, "CP", WRITE, (OVER,), "答复会商邀请", End.TO),
    Action.ATTACH_TO_CONSULTATION: Rule(Consultation, "CO", WRITE, WHILE_OPEN, "提交会商材料"),
    Action.ADD_RESOLUTION: Rule(Consultation, "CO", WRITE, WHILE_OPEN, "形成会商决议"),
    Action.ADVANCE_RESOLUTION: Rule(Resolution, "RS", WRITE, (UNSETTLED,), "推进会商决议", End.EITHER),
}
