"""The county's own working days and holidays (工作日历), which deadlines in working days go by."""

from datetime import date
from typing import Any

import strawberry

from models import CalendarDay as CalendarDayRow
from resolvers import calendar, place
from resolvers.core.permissions import Permission
from schema.audit import history
from schema.fields import column, entity, one, pages, public_id
from schema.filters.calendar import CALENDAR_DAY_SORTING, CALENDAR_DAYS
from schema.pages import AuditEntryConnection, CalendarDayConnection
from schema.place import Node, Place
from schema.writing import given, payload, write

READ = Permission.PLACE_READ


@entity(CalendarDayRow, "CD", sorting=CALENDAR_DAY_SORTING)
@strawberry.type(description="A day on which a county differs from the public calendar (工作日历中的特殊日期).")
class CalendarDay(Node):
    """A day of the hub's, which all below read."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    day: date = column("The day (日期).", READ)
    working: bool = column("Whether it is worked (是否工作日).", READ)
    name: str = column("What for (名称).", READ)
    version: int = column("Counts its changes (版本号).", READ)
    place: Place | None = one(
        place.OF_ROW, "The hub that keeps it; null if the account does not see it (所属地点).", READ
    )
    history: AuditEntryConnection = history("CD")


@strawberry.input(description="Whether a day is worked in the county (设定工作日).")
class SetCalendarDayInput:
    """Input of `setCalendarDay`."""

    place_id: strawberry.ID = given("The hub, which keeps the calendar (总站).")
    day: date = given("The day (日期).")
    working: bool = given("Whether it is worked (是否工作日).")
    name: str = given("What for, 100 characters at the most (名称).")


@strawberry.type
class CalendarQuery:
    """The root fields about the calendar, for `Query` to inherit."""

    calendar_days: CalendarDayConnection | None = pages(
        calendar.ALL,
        "The days on which the county differs from the public calendar, in their order (工作日历).",
        READ,
        *CALENDAR_DAYS,
    )


@strawberry.type
class CalendarMutation:
    """The mutations about the calendar, for `Mutation` to inherit."""

    set_calendar_day: Any = write(
        payload(
            "setCalendarDay", "calendarDay", CalendarDay, "The day as it is now; null if nothing was written (日期)."
        ),
        SetCalendarDayInput,
        calendar.set_day,
        "Says of a day whether it is worked in the county, whatever was said of it before (设定工作日).",
        Permission.CALENDAR_WRITE,
    )
