"""The agenda (待办事项): what waits for the account in use, for its home page."""

from typing import Any

import strawberry

from models import Account as AccountRow
from resolvers import agenda
from resolvers.core.permissions import Permission
from schema.fields import argument, entity, pages
from schema.filters.consultation import RESOLUTIONS
from schema.filters.leading_group import MEASURES
from schema.filters.referral import REFERRALS
from schema.gap import ResponsibilityGapConnection, responsibility_gaps
from schema.pages import (
    AgencyRatingConnection,
    MeasureConnection,
    QualificationConnection,
    ReferralConnection,
    ResolutionConnection,
)


def _days(usual: int) -> Any:
    return argument("days", int, "How many days ahead to look, 0 to 366 (提前天数).", usual)


@entity(AccountRow, "")
@strawberry.type(description="What waits for the account in use, within its scope (待办事项).")
class Agenda:
    """Lists that are empty when there is nothing to do; each needs what its rows need."""

    overdue_referrals: ReferralConnection = pages(
        agenda.OVERDUE_REFERRALS,
        "Referrals received in scope that are not settled and were due before today (逾期转介).",
        Permission.REFERRAL_READ,
        *REFERRALS,
    )
    unaccepted_referrals: ReferralConnection = pages(
        agenda.UNACCEPTED_REFERRALS,
        "Referrals received in scope that nobody has accepted or rejected yet (待接收转介).",
        Permission.REFERRAL_READ,
        *REFERRALS,
    )
    tasks_due: ResolutionConnection = pages(
        agenda.TASKS_DUE,
        "Resolutions that places in scope are to carry out, overdue ones too, the first due first (待办决议).",
        Permission.CONSULTATION_READ,
        *RESOLUTIONS,
        _days(14),
    )
    measures_due: MeasureConnection = pages(
        agenda.MEASURES_DUE,
        "Measures of implementation plans in scope that are not done, overdue ones too, the first due first"
        " (待办举措).",
        Permission.ORGANISATION_READ,
        *MEASURES,
        _days(14),
    )
    expiring_qualifications: QualificationConnection = pages(
        agenda.EXPIRING_QUALIFICATIONS,
        "Certificates that expire within the days ahead, of people at home in scope (即将到期的职业资格).",
        Permission.PERSONNEL_COUNT,
        _days(90),
    )
    expiring_ratings: AgencyRatingConnection = pages(
        agenda.EXPIRING_RATINGS,
        "Ratings of agencies that end within the days ahead (即将到期的等级评估).",
        Permission.ORGANISATION_READ,
        _days(90),
    )
    responsibility_gaps: ResponsibilityGapConnection = responsibility_gaps()
