"""The rules of clients, service records and surveys."""

from sqlalchemy import FromClause, and_, false, func, not_

from models import Client, Place, ServiceRecord, ServiceRecordState, Survey, SurveyState
from resolvers.access.action import Action
from resolvers.access.rule import CLOSED, Against, DecisionReason, Rule, in_state
from resolvers.core.mapping import Clause
from resolvers.core.permissions import Permission
from resolvers.core.scope import Scope

CLIENT, SERVICE, SURVEY = Permission.CLIENT_WRITE, Permission.SERVICE_WRITE, Permission.SURVEY_WRITE
VALID = in_state(ServiceRecordState.VALID)


def _is_kept(client: FromClause, _: Scope) -> Clause:
    return not_(and_(client.c.closed_on.is_not(None), client.c.erased_on.is_(None)))


def _is_of_an_erased(record: FromClause, _: Scope) -> Clause:
    return func.coalesce(func.client_erased(record.c.client_id), false())


TO_ERASE: Against = (DecisionReason.WRONG_STATE, _is_kept)
OF_ERASED: Against = (DecisionReason.WRONG_STATE, _is_of_an_erased)

RULES: dict[Action, Rule] = {
    Action.CREATE_CLIENT: Rule(Place, "", CLIENT, (CLOSED,), "登记服务对象"),
    Action.UPDATE_CLIENT: Rule(Client, "CL", CLIENT, (CLOSED,), "变更服务对象信息"),
    Action.SET_CLIENT_CONSENT: Rule(Client, "CL", CLIENT, (CLOSED,), "登记知情同意"),
    Action.CLOSE_CLIENT: Rule(Client, "CL", CLIENT, (CLOSED,), "服务对象结案"),
    Action.ERASE_CLIENT: Rule(Client, "CL", Permission.CLIENT_ERASE, (TO_ERASE,), "删除服务对象个人信息"),
    Action.RECORD_SERVICE: Rule(Place, "", SERVICE, (CLOSED,), "登记服务"),
    Action.CORRECT_SERVICE_RECORD: Rule(ServiceRecord, "SR", SERVICE, (VALID, OF_ERASED), "更正服务记录"),
    Action.CANCEL_SERVICE_RECORD: Rule(ServiceRecord, "SR", SERVICE, (VALID, OF_ERASED), "作废服务记录"),
    Action.RECORD_SURVEY: Rule(Place, "", SURVEY, (CLOSED,), "登记摸排"),
    Action.UPDATE_SURVEY: Rule(Survey, "SU", SURVEY, (in_state(SurveyState.OPEN),), "变更摸排"),
    Action.CLOSE_SURVEY: Rule(Survey, "SU", SURVEY, (in_state(SurveyState.OPEN, SurveyState.FOLLOWED_UP),), "摸排办结"),
}
