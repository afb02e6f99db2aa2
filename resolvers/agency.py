"""Agencies: all, by id or code, their ratings of today and before, how they are filtered; and how they are written."""

import asyncpg
from sqlalchemy import ColumnElement, FromClause, and_

from models import Agency, AgencyKind, AgencyRating, Grade
from resolvers.core.homes import change_at
from resolvers.core.mapping import Relation
from resolvers.core.messages import Message
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.relations import by, found, has_one
from resolvers.core.scope import current
from resolvers.core.tenure import end, end_all, span, still_open
from resolvers.core.texts import day, invalid, line, needed
from resolvers.core.write import Given, Row, Writer

FOUND = found("AG")
ALL = Relation()
OF_RATING = by("agency_id")
RATINGS = by("id", "agency_id", order=("valid_from", "id"))
RATING = Relation(lambda agency, rating, *_: and_(rating.c.agency_id == agency.c.id, current(rating)))
has_grade = has_one(AgencyRating, "grade", "agency_id", today=True)
"""The filter `grade`: agencies with such a rating today."""


def is_closed(agency: FromClause) -> ColumnElement[bool]:
    """What the filter `closed` compares."""
    return agency.c.closed_on.is_not(None).self_group()


# -- writing -------------------------------------------------------------------------------------------------------

LONGEST = {"name": 100, "code": 50}
LONGEST_RATER = 100


async def create(writer: Writer, given: Given) -> int:
    """Adds an agency at a place."""
    place = await writer.find_open_place(given["place_id"], "placeId")
    key: int = (await writer.insert(Agency, place, **_columns(writer, given)))["id"]
    return key


async def update(writer: Writer, given: Given) -> int:
    """Changes an agency and its place; its ratings go along."""
    row = still_open(await writer.claim(Agency, "AG", given), "id")
    key: int = (await change_at(writer, Agency, row, given, _columns(writer, given)))["id"]
    return key


async def close(writer: Writer, given: Given) -> int:
    """Closes an agency; ratings that go on end that day."""
    row = still_open(await writer.claim(Agency, "AG", given), "id")
    on = day(given.get("on") or writer.today, "on", until=writer.today)
    if on < row["founded_on"]:
        raise invalid(Message("It was founded on {founded_on} only.", founded_on=row["founded_on"]), "on")
    await end_all(writer, AgencyRating, {"agency_id": row["id"]}, on)
    key: int = (await writer.change(Agency, row, closed_on=on))["id"]
    return key


async def rate(writer: Writer, given: Given) -> int:
    """Gives an agency a grade for a time in which it has no other."""
    agency = still_open(await writer.find(Agency, "AG", given["agency_id"], "agencyId", lock=True), "agencyId")
    columns = {
        "grade": Grade(given["grade"]).value,
        "rated_by": line(given["rated_by"], "ratedBy", LONGEST_RATER),
        **span(given),
    }
    try:
        row = await writer.insert(AgencyRating, agency, agency_id=agency["id"], **columns)
    except asyncpg.ExclusionViolationError as error:
        message = Message("It has a rating on one of these days.")
        raise Rejected(UserErrorCode.OVERLAP, message, "validFrom") from error
    key: int = row["id"]
    return key


async def end_rating(writer: Writer, given: Given) -> int:
    """Ends a rating of an agency in scope."""
    row = await writer.claim(AgencyRating, "RT", given)
    key: int = (await end(writer, AgencyRating, row, given))["id"]
    return key


def _columns(writer: Writer, given: Given) -> Row:
    columns: Row = {name: line(given[name], name, longest) for name, longest in LONGEST.items() if name in given}
    if "kind" in given:
        columns["kind"] = AgencyKind(needed(given["kind"], "kind")).value
    if "founded_on" in given:
        columns["founded_on"] = day(given["founded_on"], "foundedOn", until=writer.today)
    return columns
