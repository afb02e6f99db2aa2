"""The rules of venues, the service catalogue and the calendar."""

from sqlalchemy import FromClause

from models import Place, PlaceLevel, ServiceItem, ServiceOffer, Venue
from resolvers.access.action import Action
from resolvers.access.rule import CLOSED, ENDED, DecisionReason, Rule
from resolvers.core.mapping import Clause
from resolvers.core.permissions import Permission
from resolvers.core.scope import Scope


def _is_no_hub(row: FromClause, _: Scope) -> Clause:
    """The county's lists are the hub's."""
    return row.c.level != PlaceLevel.HUB.value


def _is_withdrawn(row: FromClause, _: Scope) -> Clause:
    return row.c.withdrawn_on.is_not(None)


NO_HUB = (DecisionReason.WRONG_LEVEL, _is_no_hub)
WITHDRAWN = (DecisionReason.ENDED, _is_withdrawn)
VENUE, CATALOGUE = Permission.VENUE_WRITE, Permission.CATALOGUE_WRITE

RULES: dict[Action, Rule] = {
    Action.CREATE_VENUE: Rule(Place, "", VENUE, (CLOSED,), "新建阵地"),
    Action.UPDATE_VENUE: Rule(Venue, "VE", VENUE, (CLOSED,), "变更阵地"),
    Action.CLOSE_VENUE: Rule(Venue, "VE", VENUE, (CLOSED,), "关闭阵地"),
    Action.CREATE_SERVICE_ITEM: Rule(Place, "", CATALOGUE, (NO_HUB, CLOSED), "新增服务内容"),
    Action.UPDATE_SERVICE_ITEM: Rule(ServiceItem, "SI", CATALOGUE, (WITHDRAWN,), "变更服务内容"),
    Action.WITHDRAW_SERVICE_ITEM: Rule(ServiceItem, "SI", CATALOGUE, (WITHDRAWN,), "停用服务内容"),
    Action.OFFER_SERVICE: Rule(Place, "", CATALOGUE, (CLOSED,), "列入服务清单"),
    Action.END_SERVICE_OFFER: Rule(ServiceOffer, "SO", CATALOGUE, (ENDED,), "移出服务清单"),
    Action.SET_CALENDAR_DAY: Rule(Place, "", Permission.CALENDAR_WRITE, (NO_HUB, CLOSED), "设定工作日"),
}
