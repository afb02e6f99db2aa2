"""What the county's own days can be filtered and ordered by."""

from schema.fields import operand
from schema.filters.base import id_operand, listing, ordering, where
from schema.operators import DateOperators, IDOperators


@where("Which days (工作日历筛选条件).")
class CalendarDayFilter:
    """Filter of the county's days."""

    id: IDOperators | None = id_operand("CD")
    day: DateOperators | None = operand("The day (日期).", lambda row: row.c.day)
    working: bool | None = operand("Whether it is worked (是否工作日).", lambda row: row.c.working)


CALENDAR_DAY_ORDER, CALENDAR_DAY_SORTING = ordering(
    "CalendarDay", "工作日历", "the county's days", DAY="By the day (按日期)."
)
CALENDAR_DAYS = listing(CalendarDayFilter, CALENDAR_DAY_ORDER)
