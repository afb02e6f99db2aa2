"""What waits for the account in use: each list as its scope and permissions show it."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, and_, func

from models import ReferralState
from resolvers.core.arguments import Arguments
from resolvers.core.context import Context
from resolvers.core.errors import BadInput
from resolvers.core.json import string
from resolvers.core.machines import MEASURES, REFERRALS, RESOLUTIONS
from resolvers.core.mapping import Clause, Relation
from resolvers.core.messages import Message
from resolvers.core.scope import Scope

LONGEST_DAYS = 366


def _overdue(_: FromClause, referral: FromClause, __: Arguments, scope: Scope) -> Clause:
    return and_(REFERRALS.overdue(referral), scope.covers_other(referral))


def _unaccepted(_: FromClause, referral: FromClause, __: Arguments, scope: Scope) -> Clause:
    return and_(referral.c.state == string(ReferralState.SENT), scope.covers_other(referral))


def _days(value: int, _: Context) -> int:
    if not 0 <= value <= LONGEST_DAYS:
        raise BadInput(Message("The days ahead must be 0 to {most}.", most=LONGEST_DAYS))
    return value


def _horizon(arguments: Arguments) -> ColumnElement[Any]:
    """The last day that is looked ahead to."""
    return func.current_date() + arguments.bind(Integer(), "days", convert=_days)


def _tasks_due(_: FromClause, task: FromClause, arguments: Arguments, scope: Scope) -> Clause:
    # What somebody in scope has given to others is theirs to do.
    return and_(RESOLUTIONS.unsettled(task), task.c.due_on <= _horizon(arguments), scope.covers_other(task))


def _measures_due(_: FromClause, measure: FromClause, arguments: Arguments, __: Scope) -> Clause:
    return and_(MEASURES.unsettled(measure), measure.c.due_on <= _horizon(arguments))


def _expiring(column: str) -> Relation:
    def on(_: FromClause, fact: FromClause, arguments: Arguments, __: Scope) -> Clause:
        last = fact.c[column]
        return and_(last >= func.current_date(), last <= _horizon(arguments))

    return Relation(on)


# As the lists of all referrals are, which can be ordered by what is due.
OVERDUE_REFERRALS = Relation(_overdue, order=("-id",))
UNACCEPTED_REFERRALS = Relation(_unaccepted, order=("-id",))
TASKS_DUE = Relation(_tasks_due, order=("due_on", "id"))
MEASURES_DUE = Relation(_measures_due, order=("due_on", "id"))
EXPIRING_QUALIFICATIONS = _expiring("expires_on")
EXPIRING_RATINGS = _expiring("valid_to")
