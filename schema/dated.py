"""What of a place is dated (历史沿革): where it hung, and under which division code."""

from datetime import date
from typing import Any

import strawberry

from models import DivisionCode as DivisionCodeRow
from models import Placement as PlacementRow
from resolvers import dated
from resolvers.core.permissions import Permission
from schema.fields import column, entity, many, one
from schema.place import Place

READ = Permission.PLACE_READ
FIRST = "The first day (开始日期)."
AFTER = "The day after the last, if it has ended (结束日期)."


@entity(PlacementRow, "")
@strawberry.type(description="Where a place hung in the tree, dated (隶属关系沿革).")
class Placement:
    """One time under one parent."""

    parent: Place | None = one(dated.PARENT, "Under which place; null if the account does not see it (上级).", READ)
    valid_from: date = column(FIRST, READ)
    valid_to: date | None = column(AFTER, READ)


@entity(DivisionCodeRow, "")
@strawberry.type(description="A division code of a place, dated (行政区划代码沿革).")
class DivisionCode:
    """One time under one code."""

    code: str = column("The code, GB/T 2260 style (代码).", READ)
    valid_from: date = column(FIRST, READ)
    valid_to: date | None = column(AFTER, READ)


def placements() -> Any:
    """The field `placements` of every kind of place."""
    return many(
        dated.PLACEMENTS, "Where it hung, the oldest first; a hub without a region hangs nowhere (隶属关系沿革).", READ
    )


def division_codes() -> Any:
    """The field `divisionCodes` of every kind of place."""
    return many(dated.DIVISION_CODES, "Its division codes, the oldest first (行政区划代码沿革).", READ)
