"""Venues: by id or code, all, which needs they meet, when they are open; and how they are written."""

import re
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, func, literal_column, select

from models import Agency, ServiceNeed, Venue, VenueKind, VenueNeed
from resolvers.core.homes import new_place
from resolvers.core.json import array, string
from resolvers.core.mapping import Relation
from resolvers.core.messages import Message
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.relations import by, found, has_one, table_of, under
from resolvers.core.scope import Scope
from resolvers.core.tenure import still_open
from resolvers.core.texts import day, invalid, line, needed
from resolvers.core.write import Given, Row, Writer, located

FOUND = found("VE")
ALL = Relation()
OF_PLACE = Relation(under)
AGENCY = by("agency_id")
OPENING_TIMES = by("id", "venue_id", order=("weekday", "opens", "id"))


def needs(venue: FromClause, scope: Scope) -> ColumnElement[Any]:
    """The needs that a venue meets, in the order of the six."""
    met = table_of(VenueNeed).alias()
    position = func.array_position(func.string_to_array(string(",".join(ServiceNeed)), string(",")), met.c.need)
    query: Select[Any] = select(literal_column("1")).select_from(met).correlate_except(met)
    query = query.where(met.c.venue_id == venue.c.id, scope.visible(met))
    return array(query.order_by(position), met.c.need)


meets = has_one(VenueNeed, "need", "venue_id")
"""The filter `need`: venues that meet one of some needs."""


def is_closed(venue: FromClause) -> ColumnElement[bool]:
    """What the filter `closed` compares."""
    return venue.c.closed_on.is_not(None).self_group()


# -- writing -------------------------------------------------------------------------------------------------------

LONGEST = {"code": 50, "name": 100}
LONGEST_ADDRESS = 300
MOST_TIMES = 28
CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
WEEK = range(1, 8)
KEPT_NEEDS = "SELECT need FROM venue_need WHERE venue_id = $1 AND county_id = $2"
DROP_NEEDS = "DELETE FROM venue_need WHERE venue_id = $1 AND county_id = $2"
ADD_NEEDS = """
INSERT INTO venue_need (venue_id, place_id, path, station_id, county_id, need)
VALUES ($1, $2, $3, $4, $5, $6)
"""
KEPT_TIMES = """
SELECT weekday, opens, closes FROM opening_time WHERE venue_id = $1 AND county_id = $2 ORDER BY weekday, opens
"""
DROP_TIMES = "DELETE FROM opening_time WHERE venue_id = $1 AND county_id = $2"
ADD_TIMES = """
INSERT INTO opening_time (venue_id, place_id, path, station_id, county_id, weekday, opens, closes)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


async def create(writer: Writer, given: Given) -> int:
    """Opens a venue at a place."""
    place = await writer.find_open_place(given["place_id"], "placeId")
    columns = await _columns(writer, given, {"purchased": False})
    lists = _lists(given)
    row = await writer.add(Venue, **located(place), **columns)
    await _keep(writer, row, lists)
    writer.record(Venue, row, None, columns | {name: items for name, items in lists.items() if items})
    key: int = row["id"]
    return key


async def update(writer: Writer, given: Given) -> int:
    """Changes what is given of a venue that is open; needs and opening times are replaced as a whole."""
    row = still_open(await writer.claim(Venue, "VE", given), "id")
    columns = {name: value for name, value in (await _columns(writer, given, row)).items() if value != row[name]}
    held = await _held(writer, row)
    lists = {name: items for name, items in _lists(given).items() if items != held[name]}
    place = await new_place(writer, row, given)
    changed = row
    if place is not None:
        changed = await writer.rehome(Venue, row, place, **columns)
    elif columns or lists:
        changed = await writer.update(Venue, row, **columns)
    await _keep(writer, changed, lists)
    if columns or lists:
        before = {name: (row | held)[name] for name in (*columns, *lists)}
        writer.record(Venue, changed, before, columns | lists)
    key: int = row["id"]
    return key


async def close(writer: Writer, given: Given) -> int:
    """Closes a venue for good."""
    row = still_open(await writer.claim(Venue, "VE", given), "id")
    on = day(given.get("on") or writer.today, "on", until=writer.today)
    if on < row["opened_on"]:
        raise invalid(Message("It was opened on {opened_on} only.", opened_on=row["opened_on"]), "on")
    key: int = (await writer.change(Venue, row, closed_on=on))["id"]
    return key


async def _columns(writer: Writer, given: Given, row: Row) -> Row:
    """The columns that are given, checked against each other and what the row has."""
    columns: Row = {name: line(given[name], name, longest) for name, longest in LONGEST.items() if name in given}
    for name in ("kind", "purchased"):
        if name in given:
            value = needed(given[name], name)
            columns[name] = VenueKind(value).value if name == "kind" else value
    if "address" in given:
        text = given["address"]
        columns["address"] = None if text is None else line(text, "address", LONGEST_ADDRESS)
    if "capacity" in given:
        if given["capacity"] is not None and given["capacity"] < 1:
            raise invalid(Message("The number must be 1 or more."), "capacity")
        columns["capacity"] = given["capacity"]
    if "opened_on" in given:
        columns["opened_on"] = day(given["opened_on"], "openedOn", until=writer.today)
    if "agency_id" in given:
        columns["agency_id"] = await _agency(writer, given["agency_id"])
    whole = row | columns
    if whole.get("agency_id") is not None and not whole["purchased"]:
        raise invalid(
            Message("Only purchased services are an agency's."), "agencyId" if "agency_id" in given else "purchased"
        )
    return columns


async def _agency(writer: Writer, public_id: str | None) -> int | None:
    if public_id is None:
        return None
    agency = await writer.find(Agency, "AG", public_id, "agencyId", seen=True)
    if agency["closed_on"] is not None:
        raise invalid(Message("This agency was closed."), "agencyId")
    key: int = agency["id"]
    return key


def _lists(given: Given) -> dict[str, list[Any]]:
    """The needs and opening times that are given, each list in its own order."""
    lists: dict[str, list[Any]] = {}
    for name, field in (("needs", "needs"), ("opening_times", "openingTimes")):
        if name in given and given[name] is None:
            raise invalid(Message("It must not be null; an empty list is none."), field)
    if "needs" in given:
        lists["needs"] = [need.value for need in ServiceNeed if need in given["needs"]]
    if "opening_times" in given:
        lists["opening_times"] = _times(given["opening_times"])
    return lists


def _times(given: list[Given]) -> list[Row]:
    """Opening times by day and hour; refuses those that are no times, and two of one day that overlap."""
    if len(given) > MOST_TIMES:
        raise invalid(Message("There may be {most} opening times at the most.", most=MOST_TIMES), "openingTimes")
    for number, time in enumerate(given):
        field = f"openingTimes.{number}"
        if time["weekday"] not in WEEK:
            raise invalid(Message("The days of the week are 1, Monday, to 7."), f"{field}.weekday")
        for name in ("opens", "closes"):
            if not CLOCK.fullmatch(time[name]):
                raise invalid(Message("A time is HH:MM, from 00:00 to 23:59."), f"{field}.{name}")
        if time["closes"] <= time["opens"]:
            raise invalid(Message("It must close after it opens."), f"{field}.closes")
    times = sorted((dict(time) for time in given), key=lambda time: (time["weekday"], time["opens"]))
    for first, second in pairwise(times):
        if first["weekday"] == second["weekday"] and second["opens"] < first["closes"]:
            raise Rejected(UserErrorCode.OVERLAP, Message("Two opening times of one day overlap."), "openingTimes")
    return times


async def _held(writer: Writer, row: Row) -> dict[str, list[Any]]:
    """The needs and opening times that a venue has, as `_lists` has them."""
    of = row["id"], row["county_id"]
    kept = {found["need"] for found in await writer.connection.fetch(KEPT_NEEDS, *of)}
    times = [dict(time) for time in await writer.connection.fetch(KEPT_TIMES, *of)]
    return {"needs": [need.value for need in ServiceNeed if need in kept], "opening_times": times}


async def _keep(writer: Writer, row: Row, lists: dict[str, list[Any]]) -> None:
    """Replaces a venue's needs and opening times by those of the lists that there are."""
    belonging = (row["id"], *located(row).values())
    if "needs" in lists:
        await writer.connection.execute(DROP_NEEDS, row["id"], row["county_id"])
        await writer.connection.executemany(ADD_NEEDS, [(*belonging, need) for need in lists["needs"]])
    if "opening_times" in lists:
        await writer.connection.execute(DROP_TIMES, row["id"], row["county_id"])
        times = [[time[name] for name in ("weekday", "opens", "closes")] for time in lists["opening_times"]]
        await writer.connection.executemany(ADD_TIMES, [(*belonging, *time) for time in times])
