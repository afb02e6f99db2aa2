"""Statistics of grids."""

from sqlalchemy import ColumnElement, FromClause, Text, and_, select

from models import Assignment, Community, CommunityKind, Duty, Grid, NetworkDelta, NetworkRollup, PlaceKind
from resolvers.core.json import string
from resolvers.core.kept import Kept
from resolvers.core.mapping import Clause
from resolvers.core.relations import table_of
from resolvers.core.scope import Scope, current
from resolvers.core.statistics import NUMBER, Dimension, Source, Statistic, distinct, ratio, total
from resolvers.core.units import units


def _kind(source: Source) -> ColumnElement[str]:
    """The kind of the community that a grid lies in, if that is in scope."""
    community = table_of(Community).alias()
    found = source.join(
        community, lambda row: and_(row.c.id == source.row.c.parent_id, source.scope.visible(community))
    )
    kind: ColumnElement[str] = found.c.kind
    return kind


def _is_of_kind(grid: FromClause, key: ColumnElement[str], scope: Scope) -> Clause:
    community = table_of(Community).alias()
    kind = select(community.c.kind).where(community.c.id == grid.c.parent_id, scope.visible(community))
    return kind.correlate_except(community).scalar_subquery().is_not_distinct_from(key)


def _workers(source: Source) -> None:
    """Joins who serves each grid today."""
    assignment = table_of(Assignment).alias()
    source.sides["workers"] = source.join(
        assignment,
        lambda row: and_(
            row.c.place_id == source.row.c.id,
            row.c.duty == string(Duty.GRID_WORKER),
            current(row),
            source.scope.visible(row),
        ),
    )


GRIDS = Statistic(
    Grid,
    dimensions={**units(), "COMMUNITY_KIND": Dimension("kind", Text(), _kind, _is_of_kind, CommunityKind)},
    measures={
        "count": total(NUMBER),
        "households": total("households"),
        "residents": total("residents"),
        "grid_workers": distinct("worker_id", side="workers"),
        "average_households": ratio("households", "count"),
        "average_residents": ratio("residents", "count"),
        "grids_per_worker": ratio("count", "grid_workers"),
        "residents_per_worker": ratio("residents", "grid_workers"),
    },
    values={"worker_id": lambda source: source.sides["workers"].c.person_id},
    sides={"workers": _workers},
    kept=Kept(
        NetworkRollup,
        NetworkDelta,
        values={NUMBER: "number", "households": "households", "residents": "residents"},
        only=lambda sums: sums.c.noun == string(PlaceKind.GRID),
    ),
)
