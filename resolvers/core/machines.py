"""The machines that more than one noun asks about: what is somebody's to do at a place."""

from enum import StrEnum

from models import Measure, Referral, ReferralState, Resolution, TaskState
from resolvers.core.states import machine

REFERRALS = machine(
    Referral,
    {
        ReferralState.SENT: (ReferralState.ACCEPTED, ReferralState.REJECTED, ReferralState.WITHDRAWN),
        ReferralState.ACCEPTED: (ReferralState.IN_PROGRESS, ReferralState.DONE, ReferralState.WITHDRAWN),
        ReferralState.IN_PROGRESS: (ReferralState.DONE, ReferralState.WITHDRAWN),
        ReferralState.DONE: (),
        ReferralState.REJECTED: (),
        ReferralState.WITHDRAWN: (),
    },
)

_TASK: dict[StrEnum, tuple[StrEnum, ...]] = {
    TaskState.OPEN: (TaskState.IN_PROGRESS, TaskState.DONE, TaskState.CANCELLED),
    TaskState.IN_PROGRESS: (TaskState.DONE, TaskState.CANCELLED),
    TaskState.DONE: (),
    TaskState.CANCELLED: (),
}
MEASURES = machine(Measure, _TASK)
RESOLUTIONS = machine(Resolution, _TASK)
