"""What every place has of the service work: its venues, offers, clients, records, targets; and what it comes to."""

import strawberry

from resolvers import client, network_summary, service_item, service_record, target, venue
from resolvers.core.permissions import Permission
from resolvers.core.units import Unit
from schema.fields import argument, common, pages
from schema.filters import REACH
from schema.filters.client import CLIENTS
from schema.filters.service_item import SERVICE_OFFERS
from schema.filters.service_record import SERVICE_RECORDS
from schema.filters.target import TARGETS
from schema.filters.venue import VENUES
from schema.pages import (
    ClientConnection,
    NetworkSummaryConnection,
    ServiceOfferConnection,
    ServiceRecordConnection,
    TargetConnection,
    VenueConnection,
)

VENUES_OF = "The venues of the place and below (阵地)."
OFFERS_OF = "What the place and those below offer today (服务清单)."
CLIENTS_OF = "The clients of the place and below (服务对象)."
RECORDS_OF = "The services that were given at the place and below, the latest first (服务记录)."
TARGETS_OF = "The targets of the place and below (责任目标)."
ROLLUP_OF = "What every unit of a kind comes to, of those of the place and below (下级概况)."
UNIT = argument("level", Unit, "Which kind of units (统计单位).")


@strawberry.type
class PromisedWork:
    """What the interface `Place` promises, for it to inherit; no interface itself, or the schema would have it."""

    venues: VenueConnection = common(VENUES_OF, *VENUES, REACH)
    service_offers: ServiceOfferConnection = common(OFFERS_OF, *SERVICE_OFFERS, REACH)
    clients: ClientConnection = common(CLIENTS_OF, *CLIENTS, REACH)
    service_records: ServiceRecordConnection = common(RECORDS_OF, *SERVICE_RECORDS, REACH)
    targets: TargetConnection = common(TARGETS_OF, *TARGETS, REACH)
    rollup: NetworkSummaryConnection = common(ROLLUP_OF, UNIT)


@strawberry.type
class PlaceWork:
    """The same, as it is answered, for the types of places to inherit."""

    venues: VenueConnection = pages(venue.OF_PLACE, VENUES_OF, Permission.VENUE_READ, *VENUES, REACH)
    service_offers: ServiceOfferConnection = pages(
        service_item.OFFERS_OF_PLACE, OFFERS_OF, Permission.SERVICE_READ, *SERVICE_OFFERS, REACH
    )
    clients: ClientConnection = pages(client.OF_PLACE, CLIENTS_OF, Permission.CLIENT_COUNT, *CLIENTS, REACH)
    service_records: ServiceRecordConnection = pages(
        service_record.OF_PLACE, RECORDS_OF, Permission.SERVICE_READ, *SERVICE_RECORDS, REACH
    )
    targets: TargetConnection = pages(target.OF_PLACE, TARGETS_OF, Permission.TARGET_READ, *TARGETS, REACH)
    rollup: NetworkSummaryConnection = pages(network_summary.OF_UNITS, ROLLUP_OF, Permission.PLACE_READ, UNIT)
