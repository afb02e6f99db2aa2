"""Coverage (服务覆盖): communities by service items, and what has not reached them."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from models import Community as CommunityRow
from resolvers import coverage
from resolvers.core.permissions import Permission
from schema.fields import argument, asked, column, entity, made, many, one, pages, unfolded
from schema.filters import COMMUNITIES, COMMUNITY_SORTING
from schema.pages import Connection
from schema.scalars import BigInt

if TYPE_CHECKING:
    from schema.community import Community
    from schema.service_item import ServiceItem

READ = Permission.SERVICE_READ
ONLY_FIGURES = "null for who sees figures alone"


@made()
@strawberry.type(description="What a community got of a service item (服务覆盖单元).")
class CoverageCell:
    """One cell of the matrix."""

    item: Annotated["ServiceItem", strawberry.lazy("schema.service_item")] | None = one(
        coverage.ITEM, "The item (服务内容).", READ
    )
    covered: bool = column("Whether there is a record of it (是否覆盖).", READ)
    records: BigInt | None = column(f"How many records; {ONLY_FIGURES} (服务记录数).", READ)
    contacts: BigInt | None = column(f"Their contacts; {ONLY_FIGURES} (人次).", READ)
    last_served_on: date | None = column("The day of the latest (最近服务日期).", READ)


@made()
@strawberry.type(description="How many communities a service item reached (服务内容覆盖面).")
class ItemCoverage:
    """One item over all communities."""

    item: Annotated["ServiceItem", strawberry.lazy("schema.service_item")] | None = one(
        coverage.ITEM, "The item (服务内容).", READ
    )
    communities: BigInt = column("How many of the communities asked of got it (覆盖村居数).", READ)
    share: float | None = column("In proportion to those on whose list it is (覆盖率).", READ)


@entity(CommunityRow, "", sorting=COMMUNITY_SORTING)
@strawberry.type(description="Which of the service items in force reached a community (村居服务覆盖).")
class Coverage:
    """One row of the matrix."""

    community: Annotated["Community", strawberry.lazy("schema.community")] | None = one(
        coverage.ITSELF, "The community (村居).", Permission.PLACE_READ
    )
    cells: list[CoverageCell] = unfolded(coverage.cells, "Each item in force, by code (各项服务覆盖情况).", READ)
    covered: BigInt = asked(coverage.covered, "How many items it got (已覆盖项数).", READ)
    uncovered: list[Annotated["ServiceItem", strawberry.lazy("schema.service_item")]] = many(
        coverage.UNCOVERED, "The items that it did not get, by code (未覆盖的服务内容).", READ
    )
    share: float | None = asked(
        coverage.share, "The items that it got in proportion to those in force; null if none is (覆盖率).", READ
    )


@strawberry.type(description="A page of communities with what reached them, and what all of them got (服务覆盖表).")
class CoverageConnection(Connection[Coverage]):
    """The rows of the matrix, and its columns' sums."""

    items: list[ItemCoverage] = strawberry.field(
        description="Each item in force, by code, 100 at the most, over all communities asked of (各项服务覆盖面)."
    )


@strawberry.type
class CoverageQuery:
    """The root field, for `Query` to inherit."""

    coverage: CoverageConnection | None = pages(
        coverage.COMMUNITIES,
        "Which of the service items in force reached which open communities: those of which there is a valid record at"
        " the community or its grids (服务覆盖).",
        READ,
        *COMMUNITIES,
        argument("from", date | None, "The first day; open if not said (起始日期)."),
        argument(
            "to",
            date | None,
            "The last day, on which the items must be in force; open if not said, with the items in force today"
            " (截止日期).",
        ),
        argument("uncovered_only", bool, "Only communities that some item did not reach (仅未全覆盖).", False),
        beside={"items": coverage.items},
    )
