"""Referrals (转介): a client's case on its way from one place to another, or to an agency at one."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from models import Referral as ReferralRow
from models import ReferralState, Urgency
from resolvers import place
from resolvers import referral as rows
from resolvers.access import Action
from resolvers.core import machines
from resolvers.core.mapping import One
from resolvers.core.permissions import Permission
from resolvers.core.states import next_states
from resolvers.referral import Direction
from schema.access import CAN, may
from schema.audit import history
from schema.enums import describe
from schema.fields import column, entity, expression, mapped, one, pages, public_id, same
from schema.filters.referral import REFERRAL_SORTING, REFERRALS
from schema.pages import AuditEntryConnection, ReferralConnection
from schema.place import Node, Place
from schema.roots import by_id
from schema.writing import given, idempotency_key, maybe, payload, version, write

if TYPE_CHECKING:
    from schema.agency import Agency
    from schema.client import Client
    from schema.person import Person
    from schema.survey import Survey

READ = Permission.REFERRAL_READ
WRITE = Permission.REFERRAL_WRITE
ABOUT_CLIENTS = Permission.CLIENT_READ

describe(
    ReferralState,
    "How far a referral has come (转介状态).",
    SENT="Sent, and not answered yet (已发出).",
    ACCEPTED="Accepted: the receiver is shown the client (已接收).",
    IN_PROGRESS="Being worked on (办理中).",
    DONE="Done, with its outcome (已办结).",
    REJECTED="Rejected by the receiver, with a reason (已退回).",
    WITHDRAWN="Withdrawn by the sender, with a reason (已撤回).",
)
describe(
    Direction,
    "Which way a referral goes, seen from what the account covers; one within it goes both ways (转介方向).",
    INCOMING="It leads to a place in scope (转入).",
    OUTGOING="It is sent from a place in scope (转出).",
)


@entity(ReferralRow, "")
@strawberry.type(description="What may be done to a referral (转介可执行的操作).")
class ReferralCan:
    """The buttons of a referral's page."""

    accept: bool = may(Action.ACCEPT_REFERRAL, READ)
    reject: bool = may(Action.REJECT_REFERRAL, READ)
    start: bool = may(Action.START_REFERRAL, READ)
    complete: bool = may(Action.COMPLETE_REFERRAL, READ)
    withdraw: bool = may(Action.WITHDRAW_REFERRAL, READ)


@entity(ReferralRow, "RF", sorting=REFERRAL_SORTING)
@strawberry.type(description="A client's case, referred from one place to another, which both ends see (转介).")
class Referral(Node):
    """A referral, visible at either end; each end sees the other by its name alone."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    from_: Place | None = mapped(
        One(place.OF_ROW), "The place that sends it; null if not in scope (发出单位).", READ, name="from"
    )
    from_name: str = column("The name of the sender as it was then (发出单位名称).", READ)
    to: Place | None = one(rows.TO, "The place that receives it; null if not in scope (接收单位).", READ)
    to_name: str = column("The name of the receiver, place or agency, as it was then (接收单位名称).", READ)
    client: Annotated["Client", strawberry.lazy("schema.client")] | None = one(
        rows.CLIENT,
        "Whom it is about; null for the receiver until it has accepted (服务对象).",
        Permission.CLIENT_COUNT,
    )
    survey: Annotated["Survey", strawberry.lazy("schema.survey")] | None = one(
        rows.SURVEY,
        "The survey that it follows from, if any; null for the receiver until it has accepted (摸排).",
        Permission.SURVEY_READ,
    )
    agency: Annotated["Agency", strawberry.lazy("schema.agency")] | None = one(
        rows.AGENCY,
        "The agency that receives it, if one does; null if not in scope (接收机构).",
        Permission.ORGANISATION_READ,
    )
    assignee: Annotated["Person", strawberry.lazy("schema.person")] | None = one(
        rows.ASSIGNEE, "Who takes care of it; null if nobody in scope (承办人).", Permission.PERSONNEL_COUNT
    )
    reason: str = column("Why it is referred (转介原因).", ABOUT_CLIENTS)
    urgency: Urgency = column("How urgent it is (紧急程度).", READ)
    state: ReferralState = column("How far it has come (状态).", READ)
    next_states: list[ReferralState] = expression(
        next_states(machines.REFERRALS), "The states that may follow, whoever may take it there (后续状态).", READ
    )
    sent_at: datetime = column("When it was sent (发出时间).", READ)
    due_on: date = column("The day on which it is due; later once it has been escalated (办理期限).", READ)
    overdue: bool = expression(
        machines.REFERRALS.overdue, "Whether it was due before today and is not settled (是否逾期).", READ
    )
    accepted_at: datetime | None = column("When it was accepted (接收时间).", READ)
    closed_at: datetime | None = column("When it was done, rejected or withdrawn (办结时间).", READ)
    outcome: str | None = column(
        "What came out of it, or why it was rejected or withdrawn (办理结果或退回、撤回原因).", ABOUT_CLIENTS
    )
    escalations: int = column("How many levels up it has gone, overdue (升级次数).", READ)
    escalated_to: Place | None = one(
        rows.ESCALATED_TO, "Up to which place it has gone; null if not in scope (升级至).", READ
    )
    escalated_at: datetime | None = column("When it went up last (升级时间).", READ)
    version: int = column("Counts its changes; an update names the one it saw (版本号).", READ)
    can: ReferralCan = same(CAN)
    history: AuditEntryConnection = history("RF")


@strawberry.type
class ReferralQuery:
    """The root fields about referrals, for `Query` to inherit."""

    referral: Referral | None = by_id(rows.FOUND, "A referral (转介).", READ)
    referrals: ReferralConnection | None = pages(
        rows.ALL,
        "The referrals that are sent from, or lead to, what is in scope, the newest first (转介列表).",
        READ,
        *REFERRALS,
    )


WRITTEN = "The referral as it is now; null if nothing was written (转介)."
WHICH = "The referral (要办理的转介)."


@strawberry.input(description="A new referral (发出转介).")
class SendReferralInput:
    """Input of `sendReferral`."""

    client_id: strawberry.ID = given("Whom it is about: open, and with consent (服务对象).")
    place_id: strawberry.ID | None = maybe("The place that sends it, in scope; the client's if not said (发出单位).")
    to_id: strawberry.ID | None = maybe(
        "The place that receives it, in scope. If no receiver is named, it goes to the social worker who is linked to"
        " the sender, or to what is above it (接收单位)."
    )
    to_code: str | None = maybe(
        "The code of the place or agency that receives it, anywhere in the county (接收单位编码)."
    )
    agency_id: strawberry.ID | None = maybe("The agency in scope that receives it (接收机构).")
    survey_id: strawberry.ID | None = maybe(
        "The survey of the client that it follows from, which is then followed up (摸排)."
    )
    reason: str = given(
        "Why, 2,000 characters at the most; the receiver reads it before it is shown the client (转介原因)."
    )
    urgency: Urgency = given("How urgent it is (紧急程度).")
    due_in_working_days: int | None = maybe(
        "In how many of the county's working days it is due, 1 to 60; if not said, 1 for urgent ones, 3 for those of"
        " high urgency, 5 for normal ones, 10 for those of low urgency (办理时限，工作日)."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="The acceptance of a referral (接收转介).")
class AcceptReferralInput:
    """Input of `acceptReferral`."""

    id: strawberry.ID = given(WHICH)
    version: int = version()
    assignee_id: strawberry.ID | None = maybe(
        "Who is to take care of it, at home or serving in scope; as it is if not said (承办人)."
    )


@strawberry.input(description="The rejection of a referral (退回转介).")
class RejectReferralInput:
    """Input of `rejectReferral`."""

    id: strawberry.ID = given(WHICH)
    version: int = version()
    reason: str = given("Why, 2,000 characters at the most (退回原因).")


@strawberry.input(description="The beginning of work on a referral (开始办理转介).")
class StartReferralInput:
    """Input of `startReferral`."""

    id: strawberry.ID = given(WHICH)
    version: int = version()


@strawberry.input(description="The end of work on a referral (办结转介).")
class CompleteReferralInput:
    """Input of `completeReferral`."""

    id: strawberry.ID = given(WHICH)
    version: int = version()
    outcome: str = given("What came out of it, 2,000 characters at the most (办理结果).")


@strawberry.input(description="The withdrawal of a referral (撤回转介).")
class WithdrawReferralInput:
    """Input of `withdrawReferral`."""

    id: strawberry.ID = given(WHICH)
    version: int = version()
    reason: str = given("Why, 2,000 characters at the most (撤回原因).")


@strawberry.type
class ReferralMutation:
    """The mutations about referrals, for `Mutation` to inherit."""

    send_referral: Any = write(
        payload("sendReferral", "referral", Referral, WRITTEN),
        SendReferralInput,
        rows.send,
        "Refers a client's case from a place in scope to another place, or to an agency (发出转介).",
        WRITE,
    )

    accept_referral: Any = write(
        payload("acceptReferral", "referral", Referral, WRITTEN),
        AcceptReferralInput,
        rows.accept,
        "Accepts a referral that leads to what is in scope; the client and the survey are seen there from now on"
        " (接收转介).",
        WRITE,
    )

    reject_referral: Any = write(
        payload("rejectReferral", "referral", Referral, WRITTEN),
        RejectReferralInput,
        rows.reject,
        "Rejects a referral that leads to what is in scope and was not accepted yet (退回转介).",
        WRITE,
    )

    start_referral: Any = write(
        payload("startReferral", "referral", Referral, WRITTEN),
        StartReferralInput,
        rows.start,
        "Begins to work on an accepted referral (开始办理转介).",
        WRITE,
    )

    complete_referral: Any = write(
        payload("completeReferral", "referral", Referral, WRITTEN),
        CompleteReferralInput,
        rows.complete,
        "Ends an accepted referral with its outcome (办结转介).",
        WRITE,
    )

    withdraw_referral: Any = write(
        payload("withdrawReferral", "referral", Referral, WRITTEN),
        WithdrawReferralInput,
        rows.withdraw,
        "Takes back a referral that is not settled; the receiver no longer sees the client (撤回转介).",
        WRITE,
    )
