"""The county's own working days and holidays, which its hub keeps; and how they are set."""

from models import CalendarDay, PlaceLevel
from resolvers.core.mapping import Relation
from resolvers.core.messages import Message
from resolvers.core.texts import day, invalid, line
from resolvers.core.write import Given, Writer

ALL = Relation(order=("day",))

LONGEST = 100


async def set_day(writer: Writer, given: Given) -> int:
    """Says of a day whether it is worked in the county, whatever was said of it before."""
    hub = await writer.find_open_place(given["place_id"], "placeId")
    if hub["level"] != PlaceLevel.HUB:
        raise invalid(Message("The hub keeps the calendar."), "placeId")
    on = day(given["day"], "day")
    said = {"working": given["working"], "name": line(given["name"], "name", LONGEST)}
    row = await writer.find_where(CalendarDay, {"place_id": hub["id"], "day": on}, lock=True)
    if row is None:
        row = await writer.insert(CalendarDay, hub, day=on, **said)
    else:
        row = await writer.change(CalendarDay, row, **said)
    key: int = row["id"]
    return key
