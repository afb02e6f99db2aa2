"""Facts that hold from a day to a day, and how they end."""

from datetime import date

from sqlmodel import SQLModel

from resolvers.core.messages import Message
from resolvers.core.texts import day, invalid
from resolvers.core.write import Given, Row, Writer


async def end(writer: Writer, model: type[SQLModel], row: Row, given: Given) -> Row:
    """Ends a dated fact, `on` being the day after its last; on its first day it has never held. Raises Rejected."""
    on = day(given.get("on") or writer.today, "on")
    if on < row["valid_from"]:
        raise invalid(Message("It begins on {valid_from} only.", valid_from=row["valid_from"]), "on")
    if row["valid_to"] is not None and on > row["valid_to"]:
        raise invalid(Message("It ends on {valid_to} already.", valid_to=row["valid_to"]), "on")
    return await writer.change(model, row, valid_to=on)


def span(given: Given) -> Row:
    """The columns of a dated fact, by `valid_from` and `valid_to` of an input. Raises Rejected."""
    since, until = day(given["valid_from"], "validFrom"), given.get("valid_to")
    if until is not None and day(until, "validTo") <= since:
        raise invalid(Message("It must end after its first day."), "validTo")
    return {"valid_from": since, "valid_to": until}


async def end_all(writer: Writer, model: type[SQLModel], values: Given, on: date) -> None:
    """Ends the dated facts in scope with these values that go on beyond a day; what begins later has never held."""
    for fact in await writer.find_all(model, values, lock=True):
        last = max(on, fact["valid_from"])
        if fact["valid_to"] is None or fact["valid_to"] > last:
            await writer.change(model, fact, valid_to=last)


def active(person: Row, field: str) -> Row:
    """The person, unless they are retired. Raises Rejected."""
    if person["retired_on"] is not None:
        raise invalid(Message("They retired on {retired_on}.", retired_on=person["retired_on"]), field)
    return person


def still_open(row: Row, field: str) -> Row:
    """A row of what can be closed, unless it was; of nothing, nothing. Raises Rejected."""
    if row.get("closed_on") is not None:
        raise invalid(Message("It was closed on {closed_on}.", closed_on=row["closed_on"]), field)
    return row
