"""What referrals can be filtered and ordered by."""

import strawberry

from models import Client, ReferralState, Urgency
from resolvers import referral
from resolvers.audit import instant
from resolvers.core import machines
from resolvers.referral import Direction
from schema.fields import operand
from schema.filters.base import id_operand, listing, ordering, reference, where, within_operand
from schema.operators import DateOperators, DateTimeOperators, EnumOperators, IDOperators


@where("Which referrals (转介筛选条件).")
class ReferralFilter:
    """Filter of referrals."""

    id: IDOperators | None = id_operand("RF")
    within: strawberry.ID | None = within_operand("Is sent from the subtree of this place (由该地点及其下级发出).")
    state: EnumOperators[ReferralState] | None = operand("How far it has come (状态).", lambda row: row.c.state)
    urgency: EnumOperators[Urgency] | None = operand("How urgent it is (紧急程度).", lambda row: row.c.urgency)
    sent_at: DateTimeOperators | None = operand(
        "When it was sent (发出时间).", lambda row: row.c.sent_at, convert=instant
    )
    due_on: DateOperators | None = operand("The day on which it is due (办理期限).", lambda row: row.c.due_on)
    overdue: bool | None = operand(
        "Whether it was due before today and is not settled (是否逾期).", machines.REFERRALS.overdue
    )
    client: IDOperators | None = reference(
        "CL", "client_id", "Whom it is about, as far as the account sees them (服务对象).", seen=Client
    )
    direction: Direction | None = operand(
        "Which way it goes, seen from what the account covers (方向).", clause=referral.goes
    )


REFERRAL_ORDER, REFERRAL_SORTING = ordering(
    "Referral", "转介", "referrals", DUE_ON="By the day on which it is due (按办理期限)."
)
REFERRALS = listing(ReferralFilter, REFERRAL_ORDER)
