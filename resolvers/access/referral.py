"""The rules of referrals: their sender's, and their receiver's."""

from sqlalchemy import FromClause, or_

from models import Client, Referral, ReferralState
from resolvers.access.action import Action
from resolvers.access.rule import CLOSED, DecisionReason, Rule, in_state
from resolvers.core.mapping import Clause
from resolvers.core.permissions import Permission
from resolvers.core.scope import End, Scope

WRITE = Permission.REFERRAL_WRITE
SENT, ACCEPTED, IN_PROGRESS = ReferralState.SENT, ReferralState.ACCEPTED, ReferralState.IN_PROGRESS


def _has_no_consent(client: FromClause, _: Scope) -> Clause:
    return or_(client.c.consent_on.is_(None), client.c.consent_withdrawn_on.is_not(None))


CONSENT = (DecisionReason.WRONG_STATE, _has_no_consent)

RULES: dict[Action, Rule] = {
    # A client who is shared with somebody can be referred onward, from a place of theirs.
    Action.SEND_REFERRAL: Rule(Client, "CL", WRITE, (CLOSED, CONSENT), "发出转介", seen=True),
    Action.ACCEPT_REFERRAL: Rule(Referral, "RF", WRITE, (in_state(SENT),), "接收转介", End.TO),
    Action.REJECT_REFERRAL: Rule(Referral, "RF", WRITE, (in_state(SENT),), "退回转介", End.TO),
    Action.START_REFERRAL: Rule(Referral, "RF", WRITE, (in_state(ACCEPTED),), "开始办理转介", End.TO),
    Action.COMPLETE_REFERRAL: Rule(Referral, "RF", WRITE, (in_state(ACCEPTED, IN_PROGRESS),), "办结转介", End.TO),
    Action.WITHDRAW_REFERRAL: Rule(Referral, "RF", WRITE, (in_state(SENT, ACCEPTED, IN_PROGRESS),), "撤回转介"),
}
