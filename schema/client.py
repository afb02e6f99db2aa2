"""Clients (服务对象): the persons and households that are served."""

from datetime import date
from typing import Any

import strawberry

from models import Client as ClientRow
from models import ClientCategory, ClientKind, ErasureReason
from resolvers import client as client_rows
from resolvers import place, referral, service_record, survey
from resolvers.access import Action
from resolvers.core.permissions import Permission
from resolvers.core.private import PRIVATE
from schema.access import CAN, may
from schema.audit import history
from schema.enums import describe
from schema.fields import column, computed, entity, expression, one, pages, public_id, same
from schema.filters.client import CLIENT_SORTING, CLIENTS
from schema.filters.referral import REFERRALS
from schema.filters.service_record import SERVICE_RECORDS
from schema.filters.survey import SURVEYS
from schema.pages import (
    AuditEntryConnection,
    ClientConnection,
    ReferralConnection,
    ServiceRecordConnection,
    SurveyConnection,
)
from schema.person import PrivateDetails, reveal
from schema.place import Node, Place
from schema.roots import by_id
from schema.writing import given, idempotency_key, maybe, payload, version, write

COUNT, READ, WRITE = Permission.CLIENT_COUNT, Permission.CLIENT_READ, Permission.CLIENT_WRITE

describe(
    ClientKind,
    "Whether a client is one person or a household (服务对象类别).",
    PERSON="A person (个人).",
    HOUSEHOLD="A household (家庭).",
)
describe(
    ClientCategory,
    "Why somebody is a client (服务对象分类).",
    DIBAO_HOUSEHOLD="A household on the minimum living allowance (低保户).",
    EXTREME_POVERTY="Supported in extreme poverty (特困人员).",
    LEFT_BEHIND_ELDERLY="An old person whose children work elsewhere (留守老人).",
    ELDERLY_LIVING_ALONE="An old person who lives alone (独居老人).",
    CHILD_IN_DIFFICULTY="A child in difficulty (困境儿童).",
    LEFT_BEHIND_CHILD="A child whose parents work elsewhere (留守儿童).",
    DISABLED="A person with a disability (残疾人).",
    OTHER="Another reason (其他).",
)
describe(
    ErasureReason,
    "Why what tells of a client is erased: the cases of article 47 of the Personal Information Protection Law"
    " (删除个人信息的原因，个人信息保护法第四十七条).",
    REQUESTED="The person has asked for it (个人请求).",
    CONSENT_WITHDRAWN="The consent was withdrawn (撤回同意).",
    PURPOSE_ENDED="What it was kept for is done, or cannot be (处理目的已实现或无法实现).",
    RETENTION_OVER="It was kept for as long as it may be (保存期限届满).",
    UNLAWFUL="It should not have been recorded (违法违约处理).",
)


@entity(ClientRow, "")
@strawberry.type(description="What may be done to a client (服务对象可执行的操作).")
class ClientCan:
    """The buttons of a client's page."""

    update: bool = may(Action.UPDATE_CLIENT, COUNT)
    set_consent: bool = may(Action.SET_CLIENT_CONSENT, COUNT)
    close: bool = may(Action.CLOSE_CLIENT, COUNT)
    erase: bool = may(Action.ERASE_CLIENT, COUNT)
    refer: bool = may(Action.SEND_REFERRAL, COUNT)


@entity(ClientRow, "CL", sorting=CLIENT_SORTING)
@strawberry.type(
    description="A person or household that is served; seen where they are registered, and where a referral that was"
    " accepted, or a consultation, shares them (服务对象)."
)
class Client(Node):
    """A client as far as the scope and the permissions show them."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    kind: ClientKind = column("Person or household (服务对象类别).", COUNT)
    name: str = column("The name, of a household its head's (姓名).", READ)
    household_size: int = column("How many people live in the household (家庭人数).", COUNT)
    categories: list[ClientCategory] = expression(
        client_rows.categories, "Why they are a client, by name (服务对象分类).", COUNT
    )
    phone: str | None = column("The phone number, masked like 138****1234 (手机号，脱敏).", READ)
    id_number: str | None = column("The identity number, masked (身份证号，脱敏).", READ)
    birth_date: str | None = column("The birth date, masked to its year (出生日期，脱敏).", READ)
    address: str | None = column("The home address, masked below the township (住址，脱敏).", READ)
    consent_on: date | None = column("The day of consent, if there was one (知情同意日期).", COUNT)
    consent_withdrawn_on: date | None = column("The day the consent was withdrawn, if it was (撤回同意日期).", COUNT)
    registered_on: date = column("The day of registration (建档日期).", COUNT)
    closed_on: date | None = column("The day the file was closed, if it was (结案日期).", COUNT)
    erased_on: date | None = column(
        "The day what tells of them was erased, if it was; by whom is in `history` (个人信息删除日期).", COUNT
    )
    erasure_reason: ErasureReason | None = column("Why it was erased, if it was (个人信息删除原因).", COUNT)
    version: int = column("Counts its changes; an update names the one it saw (版本号).", COUNT)
    can: ClientCan = same(CAN)
    private: PrivateDetails | None = computed(
        PRIVATE,
        reveal("client"),
        "Phone, identity number, birth date and address in full; every reading is recorded (完整个人信息).",
        Permission.PERSON_READ_PRIVATE,
    )
    place: Place | None = one(
        place.OF_ROW, "Where they are registered; null if the account does not see it (登记地点).", COUNT
    )
    surveys: SurveyConnection = pages(
        survey.OF_CLIENT, "The surveys about them, the latest first (摸排).", Permission.SURVEY_READ, *SURVEYS
    )
    service_records: ServiceRecordConnection = pages(
        service_record.OF_CLIENT,
        "The services given to them, the latest first (服务记录).",
        Permission.SERVICE_READ,
        *SERVICE_RECORDS,
    )
    referrals: ReferralConnection = pages(
        referral.OF_CLIENT,
        "The referrals of their case, the newest first (转介).",
        Permission.REFERRAL_READ,
        *REFERRALS,
    )
    history: AuditEntryConnection = history("CL")


@strawberry.type
class ClientQuery:
    """The root fields about clients, for `Query` to inherit."""

    client: Client | None = by_id(client_rows.FOUND, "A client (服务对象).", COUNT)
    clients: ClientConnection | None = pages(
        client_rows.ALL, "The clients in scope, and those who are shared with it (服务对象列表).", COUNT, *CLIENTS
    )


WRITTEN = "The client as they are now; null if nothing was written (服务对象)."
WHICH = "The client, whose file is not closed (服务对象)."
PLACE = "Where they are registered, which is open (登记地点)."
KIND = "Person or household (服务对象类别)."
NAME = "The name, of a household its head's; 50 characters at the most (姓名)."
SIZE = "How many people live in the household, 1 to 100 (家庭人数)."
CATEGORIES = "Why they are a client: all that apply (服务对象分类)."
PHONE = "The phone number: 5 to 20 digits, behind +86 or not (手机号)."
ID_NUMBER = "The identity number, 18 characters; no other client in scope has it (身份证号)."
BIRTH_DATE = "The birth date, as the identity number says (出生日期)."
ADDRESS = "The home address, 200 characters at the most (住址)."


@strawberry.input(description="A new client (登记服务对象).")
class CreateClientInput:
    """Input of `createClient`."""

    place_id: strawberry.ID = given(PLACE)
    kind: ClientKind = given(KIND)
    name: str = given(NAME)
    household_size: int | None = maybe("How many people live in the household, 1 to 100; 1 if not said (家庭人数).")
    categories: list[ClientCategory] = given(CATEGORIES)
    phone: str | None = maybe(PHONE)
    id_number: str | None = maybe(ID_NUMBER)
    birth_date: date | None = maybe("The birth date; that of the identity number if not said (出生日期).")
    address: str | None = maybe(ADDRESS)
    consent_on: date | None = maybe("The day they consented, if they did (知情同意日期).")
    registered_on: date | None = maybe("The day of registration; today if not said (建档日期).")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What changes of a client; what is left out stays (变更服务对象信息).")
class UpdateClientInput:
    """Input of `updateClient`."""

    id: strawberry.ID = given(WHICH)
    version: int = version()
    place_id: strawberry.ID | None = maybe(PLACE)
    kind: ClientKind | None = maybe(KIND)
    name: str | None = maybe(NAME)
    household_size: int | None = maybe(SIZE)
    categories: list[ClientCategory] | None = maybe(CATEGORIES)
    phone: str | None = maybe(PHONE)
    id_number: str | None = maybe(ID_NUMBER)
    birth_date: date | None = maybe(BIRTH_DATE)
    address: str | None = maybe(ADDRESS)


@strawberry.input(description="A client's consent, or its withdrawal (登记知情同意).")
class SetClientConsentInput:
    """Input of `setClientConsent`."""

    id: strawberry.ID = given(WHICH)
    version: int = version()
    given: bool = given("Whether they consent from then on (是否同意).")
    on: date | None = maybe("The day, today at the latest; today if not said (日期).")


@strawberry.input(description="The end of a client's file (服务对象结案).")
class CloseClientInput:
    """Input of `closeClient`."""

    id: strawberry.ID = given(WHICH)
    version: int = version()
    on: date | None = maybe("The day, today at the latest; today if not said (结案日期).")


@strawberry.input(description="The erasure of what tells of a client (删除服务对象个人信息).")
class EraseClientInput:
    """Input of `eraseClient`."""

    id: strawberry.ID = given("The client, whose file is closed (服务对象).")
    version: int = version()
    reason: ErasureReason = given("Why; it stays, and the log has it (原因).")


@strawberry.type
class ClientMutation:
    """The mutations about clients, for `Mutation` to inherit."""

    create_client: Any = write(
        payload("createClient", "client", Client, WRITTEN),
        CreateClientInput,
        client_rows.create,
        "Registers a client (登记服务对象).",
        WRITE,
    )

    update_client: Any = write(
        payload("updateClient", "client", Client, WRITTEN),
        UpdateClientInput,
        client_rows.update,
        "Changes a client; null clears phone, identity number, birth date and address (变更服务对象信息).",
        WRITE,
    )

    set_client_consent: Any = write(
        payload("setClientConsent", "client", Client, WRITTEN),
        SetClientConsentInput,
        client_rows.set_consent,
        "Notes that a client consents, or does so no longer (登记知情同意).",
        WRITE,
    )

    close_client: Any = write(
        payload("closeClient", "client", Client, WRITTEN),
        CloseClientInput,
        client_rows.close,
        "Closes a client's file; it stays, and nothing is added to it any more (服务对象结案).",
        WRITE,
    )

    erase_client: Any = write(
        payload("eraseClient", "client", Client, WRITTEN),
        EraseClientInput,
        client_rows.erase,
        "Erases for good what tells of a client whose file is closed, and the texts of what was recorded of them,"
        " wherever; what is counted stays. Refused while a referral or a consultation is under way"
        " (删除服务对象个人信息).",
        Permission.CLIENT_ERASE,
        moves=True,
    )
