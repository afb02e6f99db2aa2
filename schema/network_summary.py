"""What a place comes to with all below it (概况), for home pages and for lists of units."""

from datetime import date
from typing import Any

import strawberry

from models import CommunityKind, PersonKind, StationLevel
from models import Place as PlaceRow
from resolvers import network_summary as summary
from resolvers import place
from resolvers.core.permissions import Permission
from schema.fields import argument, asked, column, entity, made, one, unfolded, with_arguments
from schema.place import Place
from schema.scalars import BigInt

READ = Permission.PLACE_READ
COUNT = Permission.PERSONNEL_COUNT
SERVICE = Permission.SERVICE_READ


@made()
@strawberry.type(description="How many stations there are of a level (各级社工站数).")
class StationCount:
    """A level with its stations."""

    level: StationLevel = column("The level (级别).", READ, "kind")
    count: BigInt = column("How many stations are open (社工站数).", READ)


@made()
@strawberry.type(description="How many communities there are of a kind (各类村居数).")
class CommunityCount:
    """A kind with its communities."""

    kind: CommunityKind = column("The kind (类别).", READ)
    count: BigInt = column("How many communities are open (村居数).", READ)


HELD_BACK = (
    "who sees figures alone is told it of the own scope today, if it is of no few; `personnelStatistics` has more"
)


@made()
@strawberry.type(description="How many people there are of a kind (各类人员数).")
class PersonnelCount:
    """A kind with its people."""

    kind: PersonKind = column("The kind (类别).", COUNT)
    count: BigInt | None = column(
        f"How many are at home, or currently serving, here; null if they or another kind are held back: {HELD_BACK}"
        " (人数).",
        COUNT,
    )


@made()
@strawberry.type(description="What valid service records come to (服务合计).")
class ServiceSums:
    """The sums of a time."""

    records: BigInt = column("How many records (服务记录数).", SERVICE)
    contacts: BigInt = column("Their contacts (人次).", SERVICE)
    beneficiaries: BigInt = column("Their beneficiaries, each record's for itself (人数).", SERVICE)


def _services(step: str, term: str) -> Any:
    said = (
        f"What the services come to of the {step} up to the day; null for who sees figures alone, whom"
        f" `serviceStatistics` tells what may be told ({term})."
    )
    return unfolded(summary.services(step), said, SERVICE, single=True)


@entity(PlaceRow, "", summed=summary.Summary)
@strawberry.type(
    description="What a place comes to with all below it, itself included: what is open, who is not retired (概况)."
)
class NetworkSummary:
    """The figures of one place; in `rollup(level: TOWNSHIP)` without the stations that it leads."""

    place: Place | None = one(place.ITSELF, "The place (地点).", READ)
    stations: BigInt = asked(summary.STATIONS, "How many stations there are (社工站数).", READ)
    stations_by_level: list[StationCount] = unfolded(
        summary.STATIONS_BY_LEVEL, "How many of each level, the highest first (各级社工站数).", READ
    )
    communities: BigInt = asked(summary.COMMUNITIES, "How many communities there are (村居数).", READ)
    communities_by_kind: list[CommunityCount] = unfolded(
        summary.COMMUNITIES_BY_KIND, "How many of each kind (各类村居数).", READ
    )
    grids: BigInt = asked(summary.GRIDS, "How many grids there are (网格数).", READ)
    households: BigInt = asked(
        summary.HOUSEHOLDS, "The households of the communities; of a grid, its own (户数).", READ
    )
    residents: BigInt = asked(summary.RESIDENTS, "The residents of the communities; of a grid, its own (人口数).", READ)
    personnel: BigInt | None = asked(
        summary.personnel,
        f"How many people are at home, or currently serving, here, each once; null if held back: {HELD_BACK} (人员数).",
        COUNT,
    )
    personnel_by_kind: list[PersonnelCount] = unfolded(
        summary.PERSONNEL_BY_KIND, "How many people of each kind (各类人员数).", COUNT
    )
    services: ServiceSums | None = _services("year", "本年服务")
    services_this_month: ServiceSums | None = _services("month", "本月服务")


def network_summary() -> Any:
    """The field `networkSummary`."""
    return with_arguments(
        one(
            summary.OF_PLACE,
            "What a place comes to with all below it, at the same cost for any place; null if it is not in scope"
            " (概况).",
            READ,
        ),
        argument("within", strawberry.ID | None, "The place; the scope's own if not said (地点)."),
        argument(
            "on",
            date | None,
            "The day, not after today; today if not said. A past day is slower, being counted anew: places that existed"
            " then, where they hang today; people who were not retired then, at their homes of today; households and"
            " residents as they are today (日期).",
        ),
    )
