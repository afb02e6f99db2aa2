"""Leading groups: all, their members of today or all that there were; and how they are written."""

from datetime import date

from sqlalchemy import ColumnElement, FromClause, and_

from models import LeadingGroup, LeadingGroupMember, LeadingGroupRole
from resolvers.core.arguments import Arguments
from resolvers.core.homes import change_at
from resolvers.core.mapping import Clause, Relation
from resolvers.core.messages import Message
from resolvers.core.relations import by, found
from resolvers.core.scope import Scope, current
from resolvers.core.tenure import end, end_all, span
from resolvers.core.texts import day, invalid, line
from resolvers.core.write import Given, Row, Writer

FOUND = found("LG", by_code=False)
ALL = Relation()
OF_ROW = by("group_id")


def _members(group: FromClause, member: FromClause, arguments: Arguments, _: Scope) -> Clause:
    theirs = member.c.group_id == group.c.id
    return and_(theirs, current(member)) if arguments.get("current") is not False else theirs


MEMBERS = Relation(_members, order=("valid_from", "id"))


def is_dissolved(group: FromClause) -> ColumnElement[bool]:
    """What the filter `dissolved` compares."""
    return group.c.dissolved_on.is_not(None).self_group()


# -- writing -------------------------------------------------------------------------------------------------------

LONGEST = {"name": 100, "title": 100}
LONGEST_OF_PERSON = 50


async def create(writer: Writer, given: Given) -> int:
    """Sets up a group at a place."""
    place = await writer.find_open_place(given["place_id"], "placeId")
    key: int = (await writer.insert(LeadingGroup, place, **_columns(writer, given)))["id"]
    return key


async def update(writer: Writer, given: Given) -> int:
    """Changes a group's name, day of founding and place; members, plans and measures go along."""
    row = _standing(await writer.claim(LeadingGroup, "LG", given), "id")
    key: int = (await change_at(writer, LeadingGroup, row, given, _columns(writer, given)))["id"]
    return key


async def dissolve(writer: Writer, given: Given) -> int:
    """Dissolves a group; memberships that go on end that day, what is planned is still carried out."""
    row = _standing(await writer.claim(LeadingGroup, "LG", given), "id")
    on = day(given.get("on") or writer.today, "on", until=writer.today)
    if on < row["founded_on"]:
        raise invalid(Message("It was founded on {founded_on} only.", founded_on=row["founded_on"]), "on")
    await end_all(writer, LeadingGroupMember, {"group_id": row["id"]}, on)
    key: int = (await writer.change(LeadingGroup, row, dissolved_on=on))["id"]
    return key


async def add_member(writer: Writer, given: Given) -> int:
    """Makes somebody a member of a group that stands."""
    group = _standing(await writer.find(LeadingGroup, "LG", given["group_id"], "groupId", lock=True), "groupId")
    title = given.get("title")
    row = await writer.insert(
        LeadingGroupMember,
        group,
        group_id=group["id"],
        name=line(given["name"], "name", LONGEST_OF_PERSON),
        title=None if title is None else line(title, "title", LONGEST["title"]),
        role=LeadingGroupRole(given["role"]).value,
        **span(given),
    )
    key: int = row["id"]
    return key


async def end_membership(writer: Writer, given: Given) -> int:
    """Ends a membership of a group in scope."""
    row = await writer.claim(LeadingGroupMember, "LM", given)
    key: int = (await end(writer, LeadingGroupMember, row, given))["id"]
    return key


def _standing(group: Row, field: str) -> Row:
    """The group, unless it was dissolved. Raises Rejected."""
    if group["dissolved_on"] is not None:
        raise invalid(Message("It was dissolved on {dissolved_on}.", dissolved_on=group["dissolved_on"]), field)
    return group


def _columns(writer: Writer, given: Given) -> Row:
    columns: dict[str, str | date] = {}
    if "name" in given:
        columns["name"] = line(given["name"], "name", LONGEST["name"])
    if "founded_on" in given:
        columns["founded_on"] = day(given["founded_on"], "foundedOn", until=writer.today)
    return columns
