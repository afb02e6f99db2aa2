"""Clients: by id, all, their categories, how they are filtered, and how written.

A client may be in sight without being in scope, shared by a referral or a consultation: it is then only read.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, literal_column, select

from models import Client, ClientCategorisation, ClientCategory, ClientKind, ErasureReason
from resolvers.core.homes import new_place
from resolvers.core.json import array
from resolvers.core.mapping import Relation
from resolvers.core.messages import Message
from resolvers.core.private import changed_details, new_details, number_taken
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.relations import by, found, has_one, table_of, under
from resolvers.core.scope import Scope
from resolvers.core.texts import day, invalid, line, needed
from resolvers.core.write import Given, Row, Writer, located

FOUND = found("CL", by_code=False)
ALL = Relation()
OF_PLACE = Relation(under)
OF_ROW = by("client_id")


def categories(row: FromClause, scope: Scope) -> ColumnElement[Any]:
    """A client's categories, by name."""
    held = table_of(ClientCategorisation).alias()
    query: Select[Any] = select(literal_column("1")).select_from(held).correlate_except(held)
    query = query.where(held.c.client_id == row.c.id, scope.visible(held)).order_by(held.c.category)
    return array(query, held.c.category)


has_category = has_one(ClientCategorisation, "category", "client_id")
"""The filter `category`: clients who are of one of these, or of none."""


def is_erased(client: FromClause) -> ColumnElement[bool]:
    """What the filter `erased` compares."""
    return client.c.erased_on.is_not(None).self_group()


def is_closed(client: FromClause) -> ColumnElement[bool]:
    """What the filter `closed` compares."""
    return client.c.closed_on.is_not(None).self_group()


# -- writing -------------------------------------------------------------------------------------------------------

LONGEST_NAME = 50
LARGEST_HOUSEHOLD = 100
CATEGORIES_HELD = "SELECT category FROM client_category WHERE client_id = $1 AND county_id = $2 ORDER BY category"
ADD_CATEGORIES = """
INSERT INTO client_category (client_id, place_id, path, station_id, county_id, category)
VALUES ($1, $2, $3, $4, $5, $6)
"""
DROP_CATEGORIES = "DELETE FROM client_category WHERE client_id = $1 AND county_id = $2 AND category = ANY ($3)"


# What it is recorded in may lie out of scope, so that the database does it (migrations/versions/0017).
ERASE = "SELECT erase_client($1, $2, $3)"
DONE = "OK"
REFUSED = {
    "OPEN": Message("The file is open: close it first."),
    "ERASED": Message("What is kept of this client was erased before."),
    "UNDER_WAY": Message("A referral or a consultation about this client is under way, or a task from one."),
}


async def create(writer: Writer, given: Given) -> int:
    """Registers a client at a place; the birth date follows from the identity number if it is not given."""
    place = await writer.find_open_place(given["place_id"], "placeId")
    columns = _stated(given) | await new_details(writer, Client, given)
    columns.setdefault("household_size", 1)
    columns["registered_on"] = day(given.get("registered_on") or writer.today, "registeredOn", until=writer.today)
    if given.get("consent_on") is not None:
        columns["consent_on"] = day(given["consent_on"], "consentOn", until=writer.today)
    categories = _categories(given) or []
    with number_taken(Client):
        row = await writer.add(Client, **located(place), **columns)
    await _add_categories(writer, row, categories)
    writer.record(Client, row, None, columns | ({"categories": categories} if categories else {}))
    key: int = row["id"]
    return key


async def update(writer: Writer, given: Given) -> int:
    """Changes what is given of a client: what they are, their details, categories and place."""
    row = _open(await writer.claim(Client, "CL", given))
    columns = {name: value for name, value in _stated(given).items() if value != row[name]}
    columns |= await changed_details(writer, Client, row, given)
    categories = _categories(given)
    changed = await _write(writer, row, columns, await new_place(writer, row, given))
    before, after = {name: row[name] for name in columns}, dict(columns)
    if categories is not None:
        kept = await writer.connection.fetch(CATEGORIES_HELD, changed["id"], changed["county_id"])
        held = [found["category"] for found in kept]
        if held != categories:
            if changed is row:
                changed = await writer.update(Client, row)
            gone, come = set(held) - set(categories), set(categories) - set(held)
            await writer.connection.execute(DROP_CATEGORIES, changed["id"], changed["county_id"], list(gone))
            await _add_categories(writer, changed, come)
            before["categories"], after["categories"] = held, categories
    if after:
        writer.record(Client, changed, before, after)
    key: int = row["id"]
    return key


async def set_consent(writer: Writer, given: Given) -> int:
    """Notes that a client consents to be served and told of, or does so no longer."""
    row = _open(await writer.claim(Client, "CL", given))
    on = day(given.get("on") or writer.today, "on", until=writer.today)
    since, until = row["consent_on"], row["consent_withdrawn_on"]
    holds = since is not None and until is None
    if given["given"] == holds:
        raise invalid(
            Message("They have consented since {since}.", since=since) if holds else Message("They do not consent."),
            "given",
        )
    last = since if holds else until
    if last is not None and on < last:
        begun, ended = Message("It was given on {day}.", day=last), Message("It was withdrawn on {day}.", day=last)
        raise invalid(begun if holds else ended, "on")
    consent = {"consent_withdrawn_on": on} if holds else {"consent_on": on, "consent_withdrawn_on": None}
    key: int = (await writer.change(Client, row, **consent))["id"]
    return key


async def close(writer: Writer, given: Given) -> int:
    """Closes a client's file; it stays, and nothing is added to it any more."""
    row = _open(await writer.claim(Client, "CL", given))
    on = day(given.get("on") or writer.today, "on", until=writer.today)
    if on < row["registered_on"]:
        raise invalid(Message("They were registered on {registered_on}.", registered_on=row["registered_on"]), "on")
    key: int = (await writer.change(Client, row, closed_on=on))["id"]
    return key


async def erase(writer: Writer, given: Given) -> int:
    """Erases what tells of a client whose file is closed, wherever it was recorded; what is counted stays."""
    row = await writer.claim(Client, "CL", given)
    reason = ErasureReason(given["reason"]).value
    answer = await writer.connection.fetchval(ERASE, row["id"], reason, writer.context.request_id)
    if answer != DONE:
        raise Rejected(UserErrorCode.WRONG_STATE, REFUSED[answer], "id")
    key: int = row["id"]
    return key


def _open(client: Row) -> Row:
    if client["closed_on"] is not None:
        raise invalid(Message("This client's file was closed on {closed_on}.", closed_on=client["closed_on"]), "id")
    return client


def _stated(given: Given) -> Row:
    """What is given of a client and is kept as it is."""
    columns: Row = {}
    if "name" in given:
        columns["name"] = line(given["name"], "name", LONGEST_NAME)
    if "kind" in given:
        columns["kind"] = ClientKind(needed(given["kind"], "kind")).value
    if "household_size" in given:
        size = given["household_size"]
        if size is None or not 1 <= size <= LARGEST_HOUSEHOLD:
            raise invalid(
                Message("A household has 1 to {most} people.", most=LARGEST_HOUSEHOLD),
                "householdSize",
            )
        columns["household_size"] = size
    return columns


def _categories(given: Given) -> list[str] | None:
    """The categories that are given, by name; None if none are."""
    if "categories" not in given:
        return None
    if given["categories"] is None:
        raise invalid(Message("It must not be null; an empty list is none."), "categories")
    return sorted({ClientCategory(category).value for category in given["categories"]})


async def _write(writer: Writer, row: Row, columns: Row, place: Row | None) -> Row:
    with number_taken(Client):
        if place is not None:
            return await writer.rehome(Client, row, place, **columns)
        return await writer.update(Client, row, **columns) if columns else row


async def _add_categories(writer: Writer, row: Row, categories: Collection[str]) -> None:
    if categories:
        of = (row["id"], *located(row).values())
        await writer.connection.executemany(ADD_CATEGORIES, [(*of, category) for category in categories])
