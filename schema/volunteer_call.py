"""Calls for volunteers (志愿服务需求), whom they match, who signs up, and the hours that they give."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from models import SignUp as SignUpRow
from models import SignUpState, VolunteerCallState
from models import VolunteerCall as VolunteerCallRow
from resolvers import place
from resolvers import volunteer_call as rows
from resolvers.access import Action
from resolvers.core.permissions import Permission
from resolvers.core.states import next_states
from schema.access import CAN, may
from schema.audit import history
from schema.enums import describe
from schema.fields import column, entity, expression, one, pages, public_id, same
from schema.filters import PERSONNEL
from schema.filters.volunteer_call import VOLUNTEER_CALL_SORTING, VOLUNTEER_CALLS
from schema.pages import AuditEntryConnection, Connection, PersonConnection, VolunteerCallConnection
from schema.place import Node, Place
from schema.roots import by_id
from schema.writing import given, idempotency_key, maybe, payload, version, write

if TYPE_CHECKING:
    from schema.person import Person, Skill

READ = Permission.VOLUNTEER_READ
COUNT = Permission.PERSONNEL_COUNT

describe(
    VolunteerCallState,
    "Whether a call still looks for volunteers (志愿服务需求状态).",
    OPEN="It does (招募中).",
    FULFILLED="What was needed has been done (已完成).",
    CANCELLED="It is needed no more (已取消).",
)
describe(
    SignUpState,
    "What has become of a volunteer's sign-up (报名状态).",
    SIGNED_UP="They are to come (已报名).",
    ATTENDED="They came (已参加).",
    ABSENT="They did not come (缺席).",
    WITHDRAWN="They are not to come (已退出).",
)


@entity(VolunteerCallRow, "")
@strawberry.type(description="What may be done to a call for volunteers (志愿服务需求可执行的操作).")
class VolunteerCallCan:
    """The buttons of a call's page."""

    update: bool = may(Action.UPDATE_VOLUNTEER_CALL, READ, "Change it (变更).")
    advance: bool = may(Action.ADVANCE_VOLUNTEER_CALL, READ, "End it (办结).")
    sign_up: bool = may(Action.SIGN_UP_VOLUNTEER, READ, "Sign up a volunteer (报名).")


@entity(SignUpRow, "")
@strawberry.type(description="What may be done to a sign-up (报名可执行的操作).")
class SignUpCan:
    """The buttons of a sign-up."""

    settle: bool = may(Action.SETTLE_SIGN_UP, READ, "Note what has become of it (登记结果).")


@entity(SignUpRow, "VS")
@strawberry.type(description="A volunteer who comes to a call (志愿服务报名).")
class SignUp(Node):
    """A sign-up, in scope by its call."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    state: SignUpState = column("What has become of it (状态).", READ)
    next_states: list[SignUpState] = expression(
        next_states(rows.OFFERS), "The states that may follow (可转入的状态).", READ
    )
    hours: Decimal | None = column("The hours that they gave, once they came (服务小时数).", READ)
    version: int = column("Counts its changes; an update names the one it saw (版本号).", READ)
    can: SignUpCan = same(CAN)
    place: Place | None = one(place.OF_ROW, "The place that calls (需求地点).", READ)
    call: Annotated["VolunteerCall", strawberry.lazy("schema.volunteer_call")] | None = one(
        rows.CALL, "The call (志愿服务需求).", READ
    )
    person: Annotated["Person", strawberry.lazy("schema.person")] | None = one(
        rows.VOLUNTEER, "The volunteer; null if the account does not see them (志愿者).", COUNT
    )
    history: AuditEntryConnection = history("VS")


@entity(VolunteerCallRow, "VC", sorting=VOLUNTEER_CALL_SORTING)
@strawberry.type(description="A call of a place for volunteers (志愿服务需求).")
class VolunteerCall(Node):
    """A call for so many volunteers on a day."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    title: str = column("What is to be done (服务内容).", READ)
    needed_on: date = column("The day (服务日期).", READ)
    needed: int = column("How many are needed (需求人数).", READ)
    state: VolunteerCallState = column("Whether it still looks for volunteers (状态).", READ)
    next_states: list[VolunteerCallState] = expression(
        next_states(rows.CALLS), "The states that may follow (可转入的状态).", READ
    )
    version: int = column("Counts its changes; an update names the one it saw (版本号).", READ)
    can: VolunteerCallCan = same(CAN)
    place: Place | None = one(place.OF_ROW, "The place that calls (需求地点).", READ)
    skill: Annotated["Skill", strawberry.lazy("schema.person")] | None = one(
        rows.SKILL, "The skill that is called for, if any (所需技能).", READ
    )
    sign_ups: Connection[SignUp] = pages(
        rows.SIGN_UPS, "Who has signed up, those who withdrew with them (报名列表).", READ
    )
    matches: PersonConnection = pages(
        rows.MATCHES,
        "The volunteers who could come: at home in scope, and at or below the station that the place belongs to; not"
        " retired; with the skill, if one is called for; and not signed up (匹配的志愿者).",
        COUNT,
        *PERSONNEL,
    )
    history: AuditEntryConnection = history("VC")


WRITTEN = "The call as it is now; null if nothing was written (志愿服务需求)."
OFFER = "The sign-up as it is now; null if nothing was written (报名)."
WHICH = "The call (要变更的志愿服务需求)."
TITLE = "What is to be done, 100 characters at the most (服务内容)."
NEEDED_ON = "The day (服务日期)."
NEEDED = "How many are needed, 1 to 1000 (需求人数)."


@strawberry.input(description="A new call for volunteers (发布志愿服务需求).")
class CreateVolunteerCallInput:
    """Input of `createVolunteerCall`."""

    place_id: strawberry.ID = given("The place that calls, which is open (需求地点).")
    title: str = given(TITLE)
    skill: str | None = maybe(
        "The code of the skill that is called for; any volunteer may come if not said (技能编码)."
    )
    needed_on: date = given(NEEDED_ON)
    needed: int = given(NEEDED)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What changes of an open call; what is left out stays (变更志愿服务需求).")
class UpdateVolunteerCallInput:
    """Input of `updateVolunteerCall`."""

    id: strawberry.ID = given(WHICH)
    version: int = version()
    title: str | None = maybe(TITLE)
    skill: str | None = maybe("The code of the skill, or null for any, as long as nobody has signed up (技能编码).")
    needed_on: date | None = maybe("The day, as long as nobody was noted to have come or not (服务日期).")
    needed: int | None = maybe("How many are needed, 1 to 1000, not fewer than have signed up (需求人数).")


@strawberry.input(description="The end of a call (办结志愿服务需求).")
class AdvanceVolunteerCallInput:
    """Input of `advanceVolunteerCall`."""

    id: strawberry.ID = given(WHICH)
    version: int = version()
    state: VolunteerCallState = given("The state that follows (转入的状态).")


@strawberry.input(description="A volunteer's sign-up (志愿者报名).")
class SignUpVolunteerInput:
    """Input of `signUpVolunteer`."""

    call_id: strawberry.ID = given("The call, which is open (志愿服务需求).")
    person_id: strawberry.ID = given(
        "The volunteer, whom the account sees, with the skill that is called for (志愿者)."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What has become of a sign-up (登记志愿服务结果).")
class SettleSignUpInput:
    """Input of `settleSignUp`."""

    id: strawberry.ID = given("The sign-up (要登记的报名).")
    version: int = version()
    state: SignUpState = given("The state that follows (转入的状态).")
    hours: Decimal | None = maybe(
        "How many hours they gave, more than 0 and 24 at the most, two decimals; of who came, and of nobody else"
        " (服务小时数)."
    )


@strawberry.type
class VolunteerCallQuery:
    """The root fields about calls for volunteers, for `Query` to inherit."""

    volunteer_call: VolunteerCall | None = by_id(rows.FOUND, "A call for volunteers (志愿服务需求).", READ)
    volunteer_calls: VolunteerCallConnection | None = pages(
        rows.ALL, "The calls for volunteers in scope (志愿服务需求列表).", READ, *VOLUNTEER_CALLS
    )


@strawberry.type
class VolunteerCallMutation:
    """The mutations about calls for volunteers, for `Mutation` to inherit."""

    create_volunteer_call: Any = write(
        payload("createVolunteerCall", "volunteerCall", VolunteerCall, WRITTEN),
        CreateVolunteerCallInput,
        rows.create,
        "Calls for volunteers (发布志愿服务需求).",
        Permission.VOLUNTEER_WRITE,
    )

    update_volunteer_call: Any = write(
        payload("updateVolunteerCall", "volunteerCall", VolunteerCall, WRITTEN),
        UpdateVolunteerCallInput,
        rows.update,
        "Changes an open call (变更志愿服务需求).",
        Permission.VOLUNTEER_WRITE,
    )

    advance_volunteer_call: Any = write(
        payload("advanceVolunteerCall", "volunteerCall", VolunteerCall, WRITTEN),
        AdvanceVolunteerCallInput,
        rows.advance,
        "Ends a call; cancelling it withdraws who has signed up (办结志愿服务需求).",
        Permission.VOLUNTEER_WRITE,
    )

    sign_up_volunteer: Any = write(
        payload("signUpVolunteer", "signUp", SignUp, OFFER),
        SignUpVolunteerInput,
        rows.sign_up,
        "Signs up a volunteer for an open call, as long as more are needed; who has withdrawn may come after all"
        " (志愿者报名).",
        Permission.VOLUNTEER_WRITE,
    )

    settle_sign_up: Any = write(
        payload("settleSignUp", "signUp", SignUp, OFFER),
        SettleSignUpInput,
        rows.settle,
        "Notes that a volunteer came, on the day or later, or did not; that they withdraw, or come after all"
        " (登记志愿服务结果).",
        Permission.VOLUNTEER_WRITE,
    )
