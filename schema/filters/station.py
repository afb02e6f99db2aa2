"""What stations can be filtered and ordered by."""

import strawberry

from models import StationLevel
from schema.fields import operand
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
from schema.operators import DateOperators, EnumOperators, IDOperators, TextOperators


@where("Which stations (社工站筛选条件).")
class StationFilter:
    """Filter of stations."""

    id: IDOperators | None = id_operand("S")
    within: strawberry.ID | None = within_operand()
    level: EnumOperators[StationLevel] | None = operand("Its level (级别).", lambda row: row.c.level)
    opened_on: DateOperators | None = operand("The day of opening (成立日期).", lambda row: row.c.opened_on)
    code: TextOperators | None = code_operand()
    name: TextOperators | None = name_operand()


STATION_ORDER, STATION_SORTING = ordering(
    "Station",
    "社工站",
    "stations",
    CODE=BY_CODE,
    LEVEL="By level, the basic stations first (按级别).",
    NAME=BY_NAME,
    OPENED_ON="By the day of opening (按成立日期).",
)
STATIONS = listing(StationFilter, STATION_ORDER)
