"""The 15-minute service circle (15分钟服务圈) of a place."""

from typing import Any

import strawberry

from models import Place as PlaceRow
from models import ServiceNeed
from resolvers import place
from resolvers import service_circle as circle
from resolvers.core.permissions import Permission
from schema.fields import argument, column, entity, expression, made, one, pages, unfolded, with_arguments
from schema.filters.venue import VENUES
from schema.pages import VenueConnection
from schema.place import Place

READ = Permission.VENUE_READ


@made()
@strawberry.type(description="One of the six needs, as far as a place's service circle meets it (服务圈需求).")
class ServiceCircleNeed:
    """A need with the venues that meet it."""

    need: ServiceNeed = column("The need (需求).", READ)
    met: bool = expression(circle.is_met, "Whether an open venue meets it (是否满足).", READ)
    venues: VenueConnection = pages(circle.VENUES, "The open venues that meet it (满足该需求的阵地).", READ, *VENUES)


@entity(PlaceRow, "")
@strawberry.type(description="Which of the six needs the open venues of a place and below it meet (15分钟服务圈).")
class ServiceCircle:
    """The circle of one place."""

    place: Place | None = one(place.ITSELF, "The place (地点).", Permission.PLACE_READ)
    needs: list[ServiceCircleNeed] = unfolded(circle.needs, "The six needs, always in the same order (六类需求).", READ)
    met: list[ServiceNeed] = expression(circle.met, "The needs that are met (已满足的需求).", READ)
    unmet: list[ServiceNeed] = expression(circle.unmet, "The needs that are not met (未满足的需求).", READ)


def service_circle() -> Any:
    """The field `serviceCircle`."""
    return with_arguments(
        one(
            circle.OF_PLACE,
            "Which of the six needs are met within a place, and which not; null if it is not in scope (15分钟服务圈).",
            READ,
        ),
        argument("place", strawberry.ID, "The place: a station, community or grid (地点)."),
    )
