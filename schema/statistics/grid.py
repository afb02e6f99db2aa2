"""Statistics of grids (网格统计)."""

import strawberry

from models import CommunityKind
from resolvers import grid
from resolvers.core.permissions import Permission
from resolvers.statistics.grid import GRIDS
from schema.fields import argument, column, made, same
from schema.filters.base import ORDER
from schema.filters.grid import GRID_ORDER, GridFilter
from schema.pages import GridConnection
from schema.place import Place
from schema.scalars import BigInt
from schema.statistics.base import Statistics, conditions, dimension, grouped, share, statistics, unit

READ, COUNT = Permission.PLACE_READ, Permission.PERSONNEL_COUNT

FIGURES = {
    "count": "How many grids (网格数).",
    "households": "Their households (户数).",
    "residents": "Their residents (人口数).",
    "grid_workers": "How many different grid workers serve them today (网格员数).",
    "average_households": "Households a grid (平均户数).",
    "average_residents": "Residents a grid (平均人口数).",
    "grids_per_worker": "Grids for each grid worker (人均网格数).",
    "residents_per_worker": "Residents for each grid worker (人均服务人口数).",
}
NEEDS = dict.fromkeys(("grid_workers", "grids_per_worker", "residents_per_worker"), COUNT)
GridDimension = dimension("Grid", "网格", GRIDS, COMMUNITY_KIND="By the kind of the community (按村居类别).")
GridHaving, GridStatisticsOrder, SORTING = conditions("Grid", "网格", FIGURES, NEEDS)


@made()
@strawberry.type(description="What grids come to (网格数据).")
class GridFigures:
    """Figures of some grids."""

    count: BigInt | None = column(FIGURES["count"], READ)
    households: BigInt | None = column(FIGURES["households"], READ)
    residents: BigInt | None = column(FIGURES["residents"], READ)
    grid_workers: BigInt | None = column(FIGURES["grid_workers"], COUNT)
    average_households: float | None = column(FIGURES["average_households"], READ)
    average_residents: float | None = column(FIGURES["average_residents"], READ)
    grids_per_worker: float | None = column(FIGURES["grids_per_worker"], COUNT)
    residents_per_worker: float | None = column(FIGURES["residents_per_worker"], COUNT)


@made()
@strawberry.type(description="What a group of grids has in common; null for what was not grouped by (网格统计分组键).")
class GridGroupKey:
    """The key of a group."""

    place: Place | None = unit()
    community_kind: CommunityKind | None = column("The kind of the community (村居类别).", READ, "kind")


@made(SORTING)
@strawberry.type(description="Grids that have something in common (网格统计分组).")
class GridGroup(GridFigures):
    """A group with its figures."""

    key: GridGroupKey = same("What they have in common (分组键).")
    share: float | None = share()
    records: GridConnection | None = grouped(
        "The grids that it counts (网格).",
        READ,
        argument("order_by", list[GRID_ORDER] | None, ORDER),
    )


@strawberry.type(description="Grids by groups (网格统计).")
class GridStatistics(Statistics[GridGroup]):
    """A page of groups, and what all rows together come to."""

    total: GridFigures = strawberry.field(
        description="The figures over all grids that were asked of, whatever `having` leaves out (合计)."
    )


@strawberry.type
class GridStatisticsQuery:
    """The root field, for `Query` to inherit."""

    grid_statistics: GridStatistics | None = statistics(
        GRIDS,
        grid.ALL,
        "The grids in scope by groups, with their figures (网格统计).",
        READ,
        (GridFilter, GridDimension, GridHaving, GridStatisticsOrder),
    )
