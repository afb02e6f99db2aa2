"""Statistics of grids."""

from sqlalchemy import Text, and_

from models import Assignment, Community, CommunityKind, Duty, Grid, NetworkDelta, NetworkRollup, PlaceKind
from resolvers.core.json import string
from resolvers.core.kept import Kept
from resolvers.core.relations import table_of
from resolvers.core.scope import current
from resolvers.core.statistics import NUMBER, Source, Statistic, by_seen, distinct, ratio, total
from resolvers.core.units import units


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
    dimensions={**units(), "COMMUNITY_KIND": by_seen(Community, "parent_id", "kind", Text(), CommunityKind)},
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
