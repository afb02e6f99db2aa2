"""The service catalogue (items of the hub) and what places offer of it; and how both are written."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy import ColumnElement, FromClause, and_

from models import PlaceLevel, ServiceField, ServiceItem, ServiceOffer
from resolvers.core.arguments import Arguments
from resolvers.core.catalogue import find_item
from resolvers.core.mapping import Clause, On, Relation
from resolvers.core.messages import Message
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.relations import by, found, under
from resolvers.core.scope import Scope, current
from resolvers.core.tenure import end, end_all
from resolvers.core.texts import day, invalid, line, needed
from resolvers.core.write import Given, Row, Writer

FOUND = found("SI")
ALL = Relation(order=("code",))
ITEM = by("item_id")


def _offers(joined: On | None = None) -> Relation:
    """The offers that are joined to the parent; today's, if not all are asked for."""

    def on(parent: FromClause, offer: FromClause, arguments: Arguments, scope: Scope) -> Clause:
        clauses = [] if joined is None else [joined(parent, offer, arguments, scope)]
        if arguments.get("current") is not False:
            clauses.append(current(offer))
        return and_(True, *clauses)

    return Relation(on)


OFFERS = _offers()
OFFERS_OF_PLACE = _offers(under)
OFFERS_OF_ITEM = _offers(lambda item, offer, *_: offer.c.item_id == item.c.id)


def is_withdrawn(item: FromClause) -> ColumnElement[bool]:
    """What the filter `withdrawn` compares."""
    return item.c.withdrawn_on.is_not(None).self_group()


# -- writing -------------------------------------------------------------------------------------------------------

LONGEST = {"code": 50, "name": 100}


async def create(writer: Writer, given: Given) -> int:
    """Adds an item to the county's catalogue, which the hub keeps."""
    hub = await writer.find_open_place(given["place_id"], "placeId")
    if hub["level"] != PlaceLevel.HUB:
        raise invalid(Message("The hub keeps the catalogue."), "placeId")
    with _code_taken():
        key: int = (await writer.insert(ServiceItem, hub, **_columns(given)))["id"]
    return key


async def update(writer: Writer, given: Given) -> int:
    """Changes an item that is not withdrawn."""
    row = _standing(await writer.claim(ServiceItem, "SI", given), "id")
    with _code_taken():
        key: int = (await writer.change(ServiceItem, row, **_columns(given)))["id"]
    return key


async def withdraw(writer: Writer, given: Given) -> int:
    """Withdraws an item for good; what is offered of it ends."""
    row = _standing(await writer.claim(ServiceItem, "SI", given), "id")
    on = day(given.get("on") or writer.today, "on", until=writer.today)
    await end_all(writer, ServiceOffer, {"item_id": row["id"]}, on)
    key: int = (await writer.change(ServiceItem, row, withdrawn_on=on))["id"]
    return key


async def offer(writer: Writer, given: Given) -> int:
    """Puts an item on a place's list from a day on."""
    place = await writer.find_open_place(given["place_id"], "placeId")
    item = _standing(await find_item(writer, given["item_id"], place), "itemId")
    since = day(given["valid_from"], "validFrom")
    try:
        row = await writer.insert(ServiceOffer, place, item_id=item["id"], valid_from=since)
    except asyncpg.ExclusionViolationError as error:
        raise Rejected(UserErrorCode.OVERLAP, Message("It is offered there on one of these days."), "itemId") from error
    key: int = row["id"]
    return key


async def end_offer(writer: Writer, given: Given) -> int:
    """Takes an item off a place's list."""
    row = await writer.claim(ServiceOffer, "SO", given)
    key: int = (await end(writer, ServiceOffer, row, given))["id"]
    return key


def _standing(row: Row, field: str) -> Row:
    if row["withdrawn_on"] is not None:
        raise invalid(Message("It was withdrawn on {withdrawn_on}.", withdrawn_on=row["withdrawn_on"]), field)
    return row


def _columns(given: Given) -> Row:
    columns: Row = {name: line(given[name], name, longest) for name, longest in LONGEST.items() if name in given}
    if "field" in given:
        columns["field"] = ServiceField(needed(given["field"], "field")).value
    return columns


@contextmanager
def _code_taken() -> Iterator[None]:
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise Rejected(UserErrorCode.TAKEN, Message("There is one with this code already."), "code") from error
