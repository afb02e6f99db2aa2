"""What grids can be filtered and ordered by."""

import strawberry

from schema.filters.base import (
    BY_CODE,
    BY_NAME,
    code_operand,
    id_operand,
    listing,
    name_operand,
    ordering,
    where,
    within_operand,
)
from schema.operators import IDOperators, TextOperators


@where("Which grids (网格筛选条件).")
class GridFilter:
    """Filter of grids."""

    id: IDOperators | None = id_operand("G")
    within: strawberry.ID | None = within_operand()
    code: TextOperators | None = code_operand()
    name: TextOperators | None = name_operand()


GRID_ORDER, GRID_SORTING = ordering("Grid", "网格", "grids", CODE=BY_CODE, NAME=BY_NAME)
GRIDS = listing(GridFilter, GRID_ORDER)
