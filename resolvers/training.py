"""Training events (培训活动) and who attends them: all, by id, those of a person; and how they are written."""

from typing import Any

import asyncpg
from sqlalchemy import ColumnElement, FromClause, func, select

from models import Attendance, AttendanceState, Person, TrainingEvent, TrainingEventState, TrainingKind, Venue
from resolvers.core.json import string
from resolvers.core.mapping import Relation
from resolvers.core.messages import Message
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.relations import by, found, table_of
from resolvers.core.scope import Scope
from resolvers.core.states import machine
from resolvers.core.tenure import active
from resolvers.core.texts import day, invalid, line, needed
from resolvers.core.write import Given, Row, Writer

FOUND = found("TE", by_code=False)
ALL = Relation(order=("-held_on", "-id"))
VENUE = by("venue_id")
ATTENDANCES = by("id", "event_id")
EVENT = by("event_id")
ATTENDEE = by("person_id")
OF_PERSON = by("id", "person_id")

EVENTS = machine(
    TrainingEvent,
    {
        TrainingEventState.PLANNED: (TrainingEventState.HELD, TrainingEventState.CANCELLED),
        TrainingEventState.HELD: (),
        TrainingEventState.CANCELLED: (),
    },
)
# What was ticked by mistake can be put right.
ATTENDING = machine(
    Attendance,
    {
        AttendanceState.REGISTERED: (AttendanceState.ATTENDED, AttendanceState.ABSENT),
        AttendanceState.ATTENDED: (AttendanceState.ABSENT,),
        AttendanceState.ABSENT: (AttendanceState.ATTENDED,),
    },
)


def attended(event: FromClause, scope: Scope) -> ColumnElement[int]:
    """How many came to an event."""
    attendance = table_of(Attendance).alias()
    came = select(func.count()).select_from(attendance).correlate_except(attendance)
    return came.where(
        attendance.c.event_id == event.c.id,
        attendance.c.state == string(AttendanceState.ATTENDED.value),
        scope.visible(attendance),
    ).scalar_subquery()


# -- writing -------------------------------------------------------------------------------------------------------

LONGEST = {"title": 100, "speaker": 50}


async def create(writer: Writer, given: Given) -> int:
    """Plans an event at a place."""
    place = await writer.find_open_place(given["place_id"], "placeId")
    key: int = (await writer.insert(TrainingEvent, place, **await _columns(writer, given)))["id"]
    return key


async def update(writer: Writer, given: Given) -> int:
    """Changes an event that is still to come."""
    row = await writer.claim(TrainingEvent, "TE", given)
    _planned(row, "id")
    columns = await _columns(writer, given)
    if columns.get("capacity") is not None and columns["capacity"] < await _registered(writer, row):
        raise invalid(Message("More than that have registered already."), "capacity")
    key: int = (await writer.change(TrainingEvent, row, **columns))["id"]
    return key


async def advance(writer: Writer, given: Given) -> int:
    """Notes that an event was held, on its day or later, or that it is not going to be."""
    row = await writer.claim(TrainingEvent, "TE", given)
    _planned(row, "id")
    to = TrainingEventState(given["state"])
    EVENTS.check(row, to, "state")
    if to == TrainingEventState.HELD and row["held_on"] > writer.today:
        raise invalid(Message("It is to be held on {held_on} only.", held_on=row["held_on"]), "state")
    key: int = (await EVENTS.advance(writer, row, to))["id"]
    return key


async def register(writer: Writer, given: Given) -> int:
    """Registers a person who is seen for an event in scope, as long as there is room."""
    # Locked: the last place is given once.
    event = await writer.find(TrainingEvent, "TE", given["event_id"], "eventId", lock=True)
    person = active(await writer.find(Person, "P", given["person_id"], "personId", seen=True), "personId")
    _planned(event, "eventId")
    if event["capacity"] is not None and await _registered(writer, event) >= event["capacity"]:
        raise Rejected(
            UserErrorCode.WRONG_STATE,
            Message("All {capacity} places are taken.", capacity=event["capacity"]),
            "eventId",
        )
    try:
        row = await writer.insert(Attendance, event, event_id=event["id"], person_id=person["id"])
    except asyncpg.UniqueViolationError as error:
        raise Rejected(UserErrorCode.TAKEN, Message("They have registered for it already."), "personId") from error
    key: int = row["id"]
    return key


async def settle(writer: Writer, given: Given) -> int:
    """Notes whether somebody came to an event that was held."""
    row = await writer.claim(Attendance, "TA", given)
    event = await writer.find_where(TrainingEvent, {"id": row["event_id"]})
    assert event is not None
    if event["state"] != TrainingEventState.HELD:
        raise Rejected(
            UserErrorCode.WRONG_STATE,
            Message("The event is {state}; it must have been held.", state=TrainingEventState(event["state"])),
            "id",
        )
    key: int = (await ATTENDING.advance(writer, row, AttendanceState(given["state"])))["id"]
    return key


def _planned(event: Row, field: str) -> None:
    if event["state"] != TrainingEventState.PLANNED:
        raise Rejected(
            UserErrorCode.WRONG_STATE,
            Message("The event is {state}; it must be planned.", state=TrainingEventState(event["state"])),
            field,
        )


async def _registered(writer: Writer, event: Row) -> int:
    return len(await writer.find_all(Attendance, {"event_id": event["id"]}))


async def _columns(writer: Writer, given: Given) -> Row:
    """The columns that are given; null clears the speaker, the venue and the capacity."""
    columns: Row = {}
    if "kind" in given:
        columns["kind"] = TrainingKind(needed(given["kind"], "kind")).value
    if "held_on" in given:
        columns["held_on"] = day(given["held_on"], "heldOn")
    for name, longest in LONGEST.items():
        if name in given:
            cleared = name == "speaker" and given[name] is None
            columns[name] = None if cleared else line(given[name], name, longest)
    if "venue_id" in given:
        columns["venue_id"] = await _venue(writer, given["venue_id"])
    if "capacity" in given:
        columns["capacity"] = _capacity(given["capacity"])
    return columns


async def _venue(writer: Writer, public_id: str | None) -> Any:
    if public_id is None:
        return None
    venue = await writer.find(Venue, "VE", public_id, "venueId", seen=True)
    if venue["closed_on"] is not None:
        raise invalid(Message("This venue was closed on {closed_on}.", closed_on=venue["closed_on"]), "venueId")
    return venue["id"]


def _capacity(number: int | None) -> int | None:
    if number is not None and number < 1:
        raise invalid(Message("There must be room for one at least."), "capacity")
    return number
