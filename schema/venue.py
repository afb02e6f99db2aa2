"""Venues (阵地): where services happen, which of the six needs they meet, and when they are open."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from models import OpeningTime as OpeningTimeRow
from models import ServiceNeed, VenueKind
from models import Venue as VenueRow
from resolvers import place
from resolvers import venue as rows
from resolvers.access import Action
from resolvers.core.permissions import Permission
from schema.access import CAN, may
from schema.audit import history
from schema.enums import describe
from schema.fields import column, entity, expression, many, one, pages, public_id, same
from schema.filters.venue import VENUE_SORTING, VENUES
from schema.pages import AuditEntryConnection, VenueConnection
from schema.place import Node, Place
from schema.roots import by_id_or_code
from schema.service_circle import ServiceCircle, service_circle
from schema.writing import given, idempotency_key, maybe, payload, version, write

if TYPE_CHECKING:
    from schema.agency import Agency

READ, WRITE = Permission.VENUE_READ, Permission.VENUE_WRITE

describe(
    VenueKind,
    "The kind of a venue (阵地类别).",
    NEIGHBOURHOOD_CENTRE="A neighbourhood centre (邻里中心).",
    GOVERNANCE_CENTRE="A governance centre (治理中心).",
    TALENT_HOME="A home of social-work talent (人才之家).",
    LIVE_STREAM_BASE="A live-stream base (直播基地).",
    SERVICE_ROOM="A service room (服务室).",
)
describe(
    ServiceNeed,
    "The six needs that a 15-minute service circle covers (六类服务需求).",
    ELDERLY="Care for the old (老有所养).",
    CHILDREN="Care for the young (幼有所育).",
    HEALTH="Care for the sick (病有所医).",
    FOOD="Meals (食有所安).",
    LEISURE="Leisure and a pleasant neighbourhood (居有所乐).",
    AFFAIRS="Affairs that get done (事有所办).",
)


@entity(VenueRow, "")
@strawberry.type(description="What may be done to a venue (阵地可执行的操作).")
class VenueCan:
    """The buttons of a venue's page."""

    update: bool = may(Action.UPDATE_VENUE, READ, "Change it (变更).")
    close: bool = may(Action.CLOSE_VENUE, READ, "Close it (关闭).")


@entity(OpeningTimeRow, "")
@strawberry.type(description="When a venue is open on a day of the week (开放时间).")
class OpeningTime:
    """A span of one day; it is replaced together with the venue's others."""

    weekday: int = column("The day of the week, 1 (Monday) to 7 (星期).", READ)
    opens: str = column("When it opens, HH:MM (开门时间).", READ)
    closes: str = column("When it closes, HH:MM (关门时间).", READ)


@entity(VenueRow, "VE", sorting=VENUE_SORTING)
@strawberry.type(description="A venue, where services happen (阵地).")
class Venue(Node):
    """A venue of a place."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    kind: VenueKind = column("The kind (类别).", READ)
    code: str = column("The public code (编码).", READ)
    name: str = column("The name (名称).", READ)
    address: str | None = column("The street address (地址).", READ)
    capacity: int | None = column("How many people it has room for (容纳人数).", READ)
    purchased: bool = column("Whether its services are purchased (是否购买服务).", READ)
    agency: Annotated["Agency", strawberry.lazy("schema.agency")] | None = one(
        rows.AGENCY,
        "The agency that they are purchased of; null if not in scope (承接机构).",
        Permission.ORGANISATION_READ,
    )
    opened_on: date = column("The day of opening (启用日期).", READ)
    closed_on: date | None = column("The day of closing, if closed (关闭日期).", READ)
    needs: list[ServiceNeed] = expression(
        rows.needs, "The needs that it meets, in the order of the six (满足的需求).", READ
    )
    opening_times: list[OpeningTime] = many(rows.OPENING_TIMES, "When it is open, by day and hour (开放时间).", READ)
    version: int = column("Counts its changes; an update names the one it saw (版本号).", READ)
    can: VenueCan = same(CAN)
    place: Place | None = one(place.OF_ROW, "The place that it belongs to (所属地点).", READ)
    history: AuditEntryConnection = history("VE")


WRITTEN = "The venue as it is now; null if nothing was written (阵地)."
WHICH = "The venue (要变更的阵地)."
PLACE = "The place that it belongs to, which is open (所属地点)."
CODE = "The public code, unique among venues (编码)."
NAME = "The name (名称)."
KIND = "The kind (类别)."
ADDRESS = "The street address, 300 characters at the most (地址)."
CAPACITY = "How many people it has room for, 1 or more (容纳人数)."
PURCHASED = "Whether its services are purchased (是否购买服务)."
AGENCY = "The agency that they are purchased of, which is open (承接机构)."
OPENED_ON = "The day of opening, today at the latest (启用日期)."
NEEDS = "All the needs that it meets (满足的需求)."
TIMES = "All its opening times, 28 at the most; those of one day do not overlap (开放时间)."


@strawberry.input(description="When a venue is open on a day of the week (开放时间).")
class OpeningTimeInput:
    """A span of one day."""

    weekday: int = given("The day of the week, 1 (Monday) to 7 (星期).")
    opens: str = given("When it opens, HH:MM (开门时间).")
    closes: str = given("When it closes, HH:MM, later than it opens (关门时间).")


@strawberry.input(description="A new venue (新建阵地).")
class CreateVenueInput:
    """Input of `createVenue`."""

    place_id: strawberry.ID = given(PLACE)
    kind: VenueKind = given(KIND)
    code: str = given(CODE)
    name: str = given(NAME)
    opened_on: date = given(OPENED_ON)
    address: str | None = maybe(ADDRESS)
    capacity: int | None = maybe(CAPACITY)
    purchased: bool | None = maybe("Whether its services are purchased; not, if not said (是否购买服务).")
    agency_id: strawberry.ID | None = maybe(AGENCY)
    needs: list[ServiceNeed] | None = maybe(NEEDS)
    opening_times: list[OpeningTimeInput] | None = maybe(TIMES)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What changes of a venue; what is left out stays (变更阵地信息).")
class UpdateVenueInput:
    """Input of `updateVenue`."""

    id: strawberry.ID = given(WHICH)
    version: int = version()
    place_id: strawberry.ID | None = maybe(PLACE)
    kind: VenueKind | None = maybe(KIND)
    code: str | None = maybe(CODE)
    name: str | None = maybe(NAME)
    opened_on: date | None = maybe(OPENED_ON)
    address: str | None = maybe(ADDRESS)
    capacity: int | None = maybe(CAPACITY)
    purchased: bool | None = maybe(PURCHASED)
    agency_id: strawberry.ID | None = maybe(AGENCY)
    needs: list[ServiceNeed] | None = maybe(NEEDS)
    opening_times: list[OpeningTimeInput] | None = maybe(TIMES)


@strawberry.input(description="The end of a venue (关闭阵地).")
class CloseVenueInput:
    """Input of `closeVenue`."""

    id: strawberry.ID = given(WHICH)
    version: int = version()
    on: date | None = maybe("The day of closing, today at the latest; today if not said (关闭日期).")


@strawberry.type
class VenueQuery:
    """The root fields about venues, for `Query` to inherit."""

    venue: Venue | None = by_id_or_code(rows.FOUND, "A venue (阵地).", READ)
    venues: VenueConnection | None = pages(rows.ALL, "The venues in scope (阵地列表).", READ, *VENUES)
    service_circle: ServiceCircle | None = service_circle()


@strawberry.type
class VenueMutation:
    """The mutations about venues, for `Mutation` to inherit."""

    create_venue: Any = write(
        payload("createVenue", "venue", Venue, WRITTEN),
        CreateVenueInput,
        rows.create,
        "Opens a venue (新建阵地).",
        WRITE,
    )

    update_venue: Any = write(
        payload("updateVenue", "venue", Venue, WRITTEN),
        UpdateVenueInput,
        rows.update,
        "Changes a venue, or takes it to another place; null clears address, capacity and agency, and lists are"
        " replaced as a whole (变更阵地信息).",
        WRITE,
    )

    close_venue: Any = write(
        payload("closeVenue", "venue", Venue, WRITTEN),
        CloseVenueInput,
        rows.close,
        "Closes a venue for good (关闭阵地).",
        WRITE,
    )
