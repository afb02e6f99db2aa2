"""Surveys and assessments (摸排、评估): what a grid worker finds about a household."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from models import Survey as SurveyRow
from models import SurveyKind, SurveyState, Urgency
from resolvers import client, place, service_record
from resolvers import survey as survey_rows
from resolvers.access import Action
from resolvers.core.follow_up import SURVEYS as MACHINE
from resolvers.core.permissions import Permission
from resolvers.core.states import next_states
from schema.access import CAN, may
from schema.audit import history
from schema.enums import describe
from schema.fields import column, entity, expression, many, one, pages, public_id, same
from schema.filters.service_record import SERVICE_RECORDS
from schema.filters.survey import SURVEY_SORTING, SURVEYS
from schema.pages import AuditEntryConnection, ServiceRecordConnection, SurveyConnection
from schema.place import Node, Place
from schema.roots import by_id
from schema.writing import given, idempotency_key, maybe, payload, version, write

if TYPE_CHECKING:
    from schema.client import Client
    from schema.person import Person
    from schema.referral import Referral

READ, WRITE = Permission.SURVEY_READ, Permission.SURVEY_WRITE
TOLD = Permission.CLIENT_READ

describe(
    SurveyKind,
    "A first look at a household, or a thorough one (摸排类别).",
    SURVEY="A survey (摸排).",
    ASSESSMENT="An assessment (评估).",
)
describe(
    SurveyState,
    "What has become of a survey (摸排状态).",
    OPEN="Nothing yet (待处理).",
    FOLLOWED_UP="A service or a referral follows from it (已跟进).",
    CLOSED="Nothing is to follow from it, or nothing more (已办结).",
)
describe(
    Urgency,
    "How soon something must be done (紧急程度).",
    LOW="When there is time (低).",
    NORMAL="As usual (一般).",
    HIGH="Soon (较高).",
    URGENT="At once (紧急).",
)


@entity(SurveyRow, "")
@strawberry.type(description="What may be done to a survey (摸排可执行的操作).")
class SurveyCan:
    """The buttons of a survey's page."""

    update: bool = may(Action.UPDATE_SURVEY, READ)
    close: bool = may(Action.CLOSE_SURVEY, READ)


@entity(SurveyRow, "SU", sorting=SURVEY_SORTING)
@strawberry.type(
    description="A survey or assessment of a client; seen at its place, and where a referral that was accepted, or a"
    " consultation, shares it (摸排)."
)
class Survey(Node):
    """What was found, and what follows from it."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    kind: SurveyKind = column("Survey or assessment (摸排类别).", READ)
    surveyed_on: date = column("The day of the survey (摸排日期).", READ)
    findings: str = column("What was found (摸排情况).", TOLD)
    urgency: Urgency = column("How soon something must be done (紧急程度).", READ)
    state: SurveyState = column("What has become of it (状态).", READ)
    next_states: list[SurveyState] = expression(
        next_states(MACHINE), "The states that may follow, whoever may take it there (后续状态).", READ
    )
    closed_on: date | None = column("The day it was closed, if it was (办结日期).", READ)
    closing_reason: str | None = column("Why it was closed (办结说明).", TOLD)
    version: int = column("Counts its changes; an update names the one it saw (版本号).", READ)
    can: SurveyCan = same(CAN)
    place: Place | None = one(
        place.OF_ROW, "Where it was recorded; null if the account does not see it (登记地点).", READ
    )
    client: Annotated["Client", strawberry.lazy("schema.client")] | None = one(
        client.OF_ROW,
        "Whom it is about; null if the account does not see them (服务对象).",
        Permission.CLIENT_COUNT,
    )
    surveyor: Annotated["Person", strawberry.lazy("schema.person")] | None = one(
        survey_rows.SURVEYOR,
        "Who made it; null if the account does not see them (摸排人员).",
        Permission.PERSONNEL_COUNT,
    )
    service_records: ServiceRecordConnection = pages(
        service_record.OF_SURVEY,
        "The services that follow from it, the latest first (服务记录).",
        Permission.SERVICE_READ,
        *SERVICE_RECORDS,
    )
    referrals: list[Annotated["Referral", strawberry.lazy("schema.referral")]] = many(
        survey_rows.REFERRALS,
        "The referrals that follow from it, as far as they are seen (转介).",
        Permission.REFERRAL_READ,
    )
    history: AuditEntryConnection = history("SU")


@strawberry.type
class SurveyQuery:
    """The root fields about surveys, for `Query` to inherit."""

    survey: Survey | None = by_id(survey_rows.FOUND, "A survey (摸排).", READ)
    surveys: SurveyConnection | None = pages(
        survey_rows.ALL,
        "The surveys in scope, and those that are shared with it, the latest first (摸排列表).",
        READ,
        *SURVEYS,
    )


WRITTEN = "The survey as it is now; null if nothing was written (摸排)."
KIND = "Survey or assessment (摸排类别)."
SURVEYED_ON = "The day of the survey, today at the latest (摸排日期)."
FINDINGS = "What was found, 2000 characters at the most (摸排情况)."
URGENCY = "How soon something must be done (紧急程度)."


@strawberry.input(description="A new survey (登记摸排).")
class RecordSurveyInput:
    """Input of `recordSurvey`."""

    place_id: strawberry.ID = given("Where it was made, which is in scope and open (登记地点).")
    client_id: strawberry.ID = given("Whom it is about; they are seen, and their file is not closed (服务对象).")
    surveyor_id: strawberry.ID = given("Who made it; they are seen, and not retired (摸排人员).")
    kind: SurveyKind = given(KIND)
    surveyed_on: date = given(SURVEYED_ON)
    findings: str = given(FINDINGS)
    urgency: Urgency = given(URGENCY)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What changes of a survey; what is left out stays (变更摸排).")
class UpdateSurveyInput:
    """Input of `updateSurvey`."""

    id: strawberry.ID = given("The survey, from which nothing follows yet (摸排).")
    version: int = version()
    kind: SurveyKind | None = maybe(KIND)
    surveyed_on: date | None = maybe(SURVEYED_ON)
    findings: str | None = maybe(FINDINGS)
    urgency: Urgency | None = maybe(URGENCY)


@strawberry.input(description="The end of a survey (摸排办结).")
class CloseSurveyInput:
    """Input of `closeSurvey`."""

    id: strawberry.ID = given("The survey (摸排).")
    version: int = version()
    reason: str = given("Why nothing, or nothing more, is to follow, 2000 characters at the most (办结说明).")


@strawberry.type
class SurveyMutation:
    """The mutations about surveys, for `Mutation` to inherit."""

    record_survey: Any = write(
        payload("recordSurvey", "survey", Survey, WRITTEN),
        RecordSurveyInput,
        survey_rows.record,
        "Records a survey or an assessment of a client (登记摸排).",
        WRITE,
    )

    update_survey: Any = write(
        payload("updateSurvey", "survey", Survey, WRITTEN),
        UpdateSurveyInput,
        survey_rows.update,
        "Corrects a survey that is open (变更摸排).",
        WRITE,
    )

    close_survey: Any = write(
        payload("closeSurvey", "survey", Survey, WRITTEN),
        CloseSurveyInput,
        survey_rows.close,
        "Closes a survey (摸排办结).",
        WRITE,
    )
