"""Joint consultations (集体会商): who is invited, what they are about, what they resolve."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from models import Consultation as ConsultationRow
from models import ConsultationAttachment as ConsultationAttachmentRow
from models import ConsultationParticipant as ConsultationParticipantRow
from models import ConsultationState, ParticipantState
from resolvers import consultation as rows
from resolvers import place
from resolvers.access import Action
from resolvers.core.permissions import Permission
from resolvers.core.states import next_states
from schema.access import CAN, may
from schema.audit import history
from schema.enums import describe
from schema.fields import column, entity, expression, many, one, pages, public_id, same
from schema.filters.consultation import CONSULTATION_SORTING, CONSULTATIONS
from schema.pages import AuditEntryConnection, ConsultationConnection
from schema.place import Node, Place
from schema.resolution import Resolution
from schema.roots import by_id
from schema.writing import given, idempotency_key, maybe, payload, version, write

if TYPE_CHECKING:
    from schema.client import Client
    from schema.referral import Referral
    from schema.survey import Survey

READ = Permission.CONSULTATION_READ
WRITE = Permission.CONSULTATION_WRITE
ID = "The global id, opaque (全局标识)."
VERSION = "Counts its changes; an update names the one it saw (版本号)."

describe(
    ConsultationState,
    "How far a consultation has come (会商状态).",
    CALLED="It is called (已召集).",
    HELD="It was held, and what came of it is being settled (已召开).",
    CLOSED="It is over; its guests see it no longer (已结束).",
    CANCELLED="It was called off; its guests see it no longer (已取消).",
)
describe(
    ParticipantState,
    "What a place has answered to its invitation (邀请答复).",
    INVITED="It has not answered yet (待答复).",
    ACCEPTED="It comes (已接受).",
    DECLINED="It does not come (已谢绝).",
)


@entity(ConsultationRow, "")
@strawberry.type(description="What may be done to a consultation (会商可执行的操作).")
class ConsultationCan:
    """The buttons of a consultation's page."""

    update: bool = may(Action.UPDATE_CONSULTATION, READ)
    advance: bool = may(Action.ADVANCE_CONSULTATION, READ)
    invite: bool = may(Action.INVITE_PARTICIPANT, READ)
    attach: bool = may(Action.ATTACH_TO_CONSULTATION, READ)
    add_resolution: bool = may(Action.ADD_RESOLUTION, READ)


@entity(ConsultationParticipantRow, "")
@strawberry.type(description="What may be done to an invitation (会商邀请可执行的操作).")
class ConsultationParticipantCan:
    """The buttons of an invitation."""

    answer: bool = may(Action.ANSWER_INVITATION, READ)


@entity(ConsultationRow, "CO", sorting=CONSULTATION_SORTING)
@strawberry.type(description="A joint consultation (集体会商).")
class Consultation(Node):
    """A consultation, in scope by the place that calls it and, as long as it is open, by those that are invited."""

    id: strawberry.ID = public_id(ID)
    issue: str = column("What it is about (会商议题).", READ)
    meets_on: date = column("The day of the meeting (会商日期).", READ)
    minutes: str | None = column("What was said, once it was held (会商纪要).", Permission.CLIENT_READ)
    state: ConsultationState = column("How far it has come (状态).", READ)
    next_states: list[ConsultationState] = expression(
        next_states(rows.CONSULTATIONS), "What it may become, whoever takes it there (可转入的状态).", READ
    )
    from_name: str = column("The name of the place that calls it, as it was then (召集单位名称).", READ)
    closed_on: date | None = column("The day on which it was closed or cancelled, if it was (结束日期).", READ)
    version: int = column(VERSION, READ)
    can: ConsultationCan = same(CAN)
    place: Place | None = one(place.OF_ROW, "The place that calls it; null for guests (召集单位).", READ)
    participants: list["ConsultationParticipant"] = many(
        rows.PARTICIPANTS, "The places that are invited (参会单位).", READ
    )
    attachments: list["ConsultationAttachment"] = many(
        rows.ATTACHMENTS, "The clients, surveys and referrals that it is about (会商材料).", READ
    )
    resolutions: list[Resolution] = many(rows.RESOLVED, "What was resolved, the first due first (会商决议).", READ)
    history: AuditEntryConnection = history("CO")


@entity(ConsultationParticipantRow, "CP")
@strawberry.type(description="A place that is invited to a consultation (参会单位).")
class ConsultationParticipant(Node):
    """An invitation, seen by who sees the consultation."""

    id: strawberry.ID = public_id(ID)
    to_name: str = column("The name of the place or agency that is invited, as it was then (参会单位名称).", READ)
    state: ParticipantState = column("What it has answered (答复).", READ)
    next_states: list[ParticipantState] = expression(
        next_states(rows.INVITATIONS), "What it may still answer (可改为的答复).", READ
    )
    representative: str | None = column("Who comes for it, if said (参会代表).", Permission.PERSON_READ)
    version: int = column(VERSION, READ)
    can: ConsultationParticipantCan = same(CAN)
    guest: Place | None = one(rows.OTHER_PLACE, "The place that is invited; null if not in scope (参会地点).", READ)
    consultation: Consultation | None = one(rows.CONSULTATION, "The consultation (所属会商).", READ)
    place: Place | None = one(place.OF_ROW, "The place that calls the consultation; null for guests (召集单位).", READ)
    history: AuditEntryConnection = history("CP")


@entity(ConsultationAttachmentRow, "CA")
@strawberry.type(description="A client, survey or referral that a consultation is about (会商材料).")
class ConsultationAttachment(Node):
    """An attachment, seen by who sees the consultation, and with it what is attached."""

    id: strawberry.ID = public_id(ID)
    client: Annotated["Client", strawberry.lazy("schema.client")] | None = one(
        rows.CLIENT, "The client, if one is attached (服务对象).", Permission.CLIENT_COUNT
    )
    survey: Annotated["Survey", strawberry.lazy("schema.survey")] | None = one(
        rows.SURVEY, "The survey, if one is attached (摸排).", Permission.SURVEY_READ
    )
    referral: Annotated["Referral", strawberry.lazy("schema.referral")] | None = one(
        rows.REFERRAL, "The referral, if one is attached (转介).", Permission.REFERRAL_READ
    )
    version: int = column(VERSION, READ)
    consultation: Consultation | None = one(rows.CONSULTATION, "The consultation (所属会商).", READ)
    place: Place | None = one(place.OF_ROW, "The place that calls the consultation; null for guests (召集单位).", READ)
    history: AuditEntryConnection = history("CA")


WRITTEN = "The consultation as it is now; null if nothing was written (集体会商)."
INVITATION = "The invitation as it is now; null if nothing was written (参会单位)."
ATTACHMENT = "The attachment; null if nothing was written (会商材料)."
ISSUE = "What it is about, 100 characters at the most (会商议题)."
MEETS_ON = "The day of the meeting (会商日期)."
MINUTES = "What was said, 2000 characters at the most (会商纪要)."
OPEN = "The consultation, which is open (集体会商)."


@strawberry.input(description="A new consultation (召集会商).")
class CallConsultationInput:
    """Input of `callConsultation`."""

    place_id: strawberry.ID = given("The place that calls it, which is open (召集单位).")
    issue: str = given(ISSUE)
    meets_on: date = given(MEETS_ON)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What changes of a consultation; what is left out stays (变更会商信息).")
class UpdateConsultationInput:
    """Input of `updateConsultation`."""

    id: strawberry.ID = given("The consultation, which is open (要变更的会商).")
    version: int = version()
    issue: str | None = maybe(ISSUE)
    meets_on: date | None = maybe(MEETS_ON)
    minutes: str | None = maybe(MINUTES)


@strawberry.input(description="A step of a consultation (推进会商).")
class AdvanceConsultationInput:
    """Input of `advanceConsultation`."""

    id: strawberry.ID = given("The consultation (要推进的会商).")
    version: int = version()
    state: ConsultationState = given("What it becomes (新状态).")
    minutes: str | None = maybe(
        "What was said, 2000 characters at the most; a consultation that was held has minutes (会商纪要)."
    )


@strawberry.input(description="An invitation to a consultation (邀请参会单位).")
class InviteParticipantInput:
    """Input of `inviteParticipant`."""

    consultation_id: strawberry.ID = given(OPEN)
    to_id: strawberry.ID | None = maybe("The place in scope that is invited; this or `toCode` (参会单位标识).")
    to_code: str | None = maybe("The code of the county's place or agency that is invited (参会单位编码).")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="The answer to an invitation (答复会商邀请).")
class AnswerInvitationInput:
    """Input of `answerInvitation`."""

    id: strawberry.ID = given("The invitation, of a place in scope (要答复的邀请).")
    version: int = version()
    state: ParticipantState = given("Accepted or declined (答复).")
    representative: str | None = maybe("Who comes, 50 characters at the most (参会代表).")


@strawberry.input(
    description="What is attached to a consultation: one client, survey or referral in scope (提交会商材料)."
)
class AttachToConsultationInput:
    """Input of `attachToConsultation`."""

    consultation_id: strawberry.ID = given(OPEN)
    client_id: strawberry.ID | None = maybe("The client, who has consented (服务对象).")
    survey_id: strawberry.ID | None = maybe("The survey, of a client who has consented (摸排).")
    referral_id: strawberry.ID | None = maybe("The referral, which was sent from a place in scope (转介).")
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class ConsultationQuery:
    """The root fields about consultations, for `Query` to inherit."""

    consultation: Consultation | None = by_id(rows.FOUND, "A joint consultation (集体会商).", READ)
    consultations: ConsultationConnection | None = pages(
        rows.ALL,
        "The consultations in scope, and the open ones that places in scope are invited to; the newest first"
        " (集体会商列表).",
        READ,
        *CONSULTATIONS,
    )


@strawberry.type
class ConsultationMutation:
    """The mutations about consultations, for `Mutation` to inherit."""

    call_consultation: Any = write(
        payload("callConsultation", "consultation", Consultation, WRITTEN),
        CallConsultationInput,
        rows.call,
        "Calls a joint consultation (召集会商).",
        WRITE,
    )

    update_consultation: Any = write(
        payload("updateConsultation", "consultation", Consultation, WRITTEN),
        UpdateConsultationInput,
        rows.update,
        "Changes a consultation that is open (变更会商信息).",
        WRITE,
    )

    advance_consultation: Any = write(
        payload("advanceConsultation", "consultation", Consultation, WRITTEN),
        AdvanceConsultationInput,
        rows.advance,
        "Takes a consultation a step further; with its last one, guests no longer see it (推进会商).",
        WRITE,
    )

    invite_participant: Any = write(
        payload("inviteParticipant", "consultationParticipant", ConsultationParticipant, INVITATION),
        InviteParticipantInput,
        rows.invite,
        "Invites a place, in scope or not: it sees the consultation and what is attached until that is over"
        " (邀请参会单位).",
        WRITE,
    )

    answer_invitation: Any = write(
        payload("answerInvitation", "consultationParticipant", ConsultationParticipant, INVITATION),
        AnswerInvitationInput,
        rows.answer,
        "Accepts or declines an invitation (答复会商邀请).",
        WRITE,
    )

    attach_to_consultation: Any = write(
        payload("attachToConsultation", "consultationAttachment", ConsultationAttachment, ATTACHMENT),
        AttachToConsultationInput,
        rows.attach,
        "Lets the guests of a consultation see a client, survey or referral until it is over (提交会商材料).",
        WRITE,
    )
