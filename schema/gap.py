"""Responsibility gaps (责任空白): places that lack somebody who answers for them, works there or is linked to them."""

from datetime import date
from typing import Any

import strawberry

from models import Place as PlaceRow
from resolvers import gap, place
from resolvers.core.permissions import Permission
from resolvers.gap import ResponsibilityGapKind
from schema.enums import describe
from schema.fields import argument, asked, entity, one, pages
from schema.pages import Connection
from schema.place import Place

COUNT = Permission.PERSONNEL_COUNT

describe(
    ResponsibilityGapKind,
    "Whom a place lacks (责任空白类别).",
    NO_RESPONSIBLE_PERSON="A grid has nobody who answers for it (网格无责任人).",
    NO_GRID_WORKER="A grid has no grid worker (网格无网格员).",
    NO_LINKED_SOCIAL_WORKER="No social worker is linked to a community (村居无挂钩社工).",
)


@entity(PlaceRow, "")
@strawberry.type(description="A place that lacks somebody on a day (责任空白).")
class ResponsibilityGap:
    """One place, with all that it lacks."""

    place: Place | None = one(place.ITSELF, "The place, a community or a grid (地点).", Permission.PLACE_READ)
    missing: list[ResponsibilityGapKind] = asked(gap.missing, "All that it lacks on that day (空白类别).", COUNT)


def responsibility_gaps() -> Any:
    """The field `responsibilityGaps`."""
    return pages(
        gap.GAPS,
        "The communities and grids that lack somebody on a day, as far as the assignments in scope tell; a place counts"
        " if it existed then, and belongs where it hangs today (责任空白列表).",
        COUNT,
        argument("on", date | None, "The day; today if not said (日期)."),
        argument(
            "within",
            strawberry.ID | None,
            "Only in the subtree, as it is today, of this place; none if it is not in scope (位于该地点及其下级).",
        ),
        argument("kind", ResponsibilityGapKind | None, "Only places that lack this (空白类别)."),
    )


ResponsibilityGapConnection = Connection[ResponsibilityGap]
