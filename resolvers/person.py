"""People: by id, all, those of a place, those with a duty at a place, how they are filtered, and how written."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, FromClause, exists, join, or_, select

from models import Assignment, Duty, Gender, Person, PersonKind, PersonSkill, Skill, TeamMembership
from resolvers.core.arguments import Arguments
from resolvers.core.filters import compare
from resolvers.core.homes import new_place
from resolvers.core.mapping import Clause, Relation, Via
from resolvers.core.messages import Message
from resolvers.core.private import changed_details, new_details, number_taken
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.relations import UNDER_PLACE, UNDER_STATION, by, found, has_one, serving_as, table_of
from resolvers.core.scope import Scope, current
from resolvers.core.tenure import active, end_all
from resolvers.core.texts import day, invalid, line, needed
from resolvers.core.write import Given, Row, Writer, located

FOUND = found("P", by_code=False)
ALL = Relation()
OF_STATION = UNDER_STATION
OF_PLACE = UNDER_PLACE
RESPONSIBLE = serving_as(Duty.RESPONSIBLE_PERSON)
GRID_WORKERS = serving_as(Duty.GRID_WORKER)
LINKED = serving_as(Duty.LINKED_SOCIAL_WORKER)
OF_MEMBERSHIP = by("person_id")
QUALIFICATIONS = by("id", "person_id", order=("obtained_on", "id"))
SKILLS = Relation(
    lambda person, between, *_: between.c.person_id == person.c.id,
    via=Via(table_of(PersonSkill), lambda between, skill: between.c.skill_id == skill.c.id),
)


def _linked_to_grid(grid: FromClause, person: FromClause, _: Arguments, scope: Scope) -> Clause:
    """A social worker linked to a grid itself or to its community; once, if to both."""
    assignment = table_of(Assignment).alias()
    linked = select(assignment.c.person_id).where(
        or_(assignment.c.place_id == grid.c.id, assignment.c.place_id == grid.c.parent_id),
        assignment.c.duty == Duty.LINKED_SOCIAL_WORKER.value,
        current(assignment),
        scope.visible(assignment),
    )
    return person.c.id.in_(linked.correlate_except(assignment))


LINKED_TO_GRID = Relation(_linked_to_grid)
has_duty = has_one(Assignment, "duty", "person_id", today=True)
"""The filter `duty`: people with a current assignment in scope in such a duty."""


def has_skill(row: FromClause, operator: str, value: ColumnElement[Any], scope: Scope) -> Clause:
    """The filter `skill`: people who have one of the skills with such codes."""
    held, skill = table_of(PersonSkill).alias(), table_of(Skill).alias()
    asked = compare(skill.c.code, operator, value)
    skilled = exists().select_from(join(held, skill, held.c.skill_id == skill.c.id)).correlate_except(held, skill)
    return skilled.where(held.c.person_id == row.c.id, asked, scope.visible(held))


# -- writing -------------------------------------------------------------------------------------------------------

LONGEST_NAME = 50
SOCIAL_WORK = (Duty.STATION_SOCIAL_WORKER, Duty.LINKED_SOCIAL_WORKER)
SKILLS_HELD = """
SELECT k.id, k.code FROM person_skill h JOIN skill k ON k.id = h.skill_id
 WHERE h.person_id = $1 AND h.county_id = $2 ORDER BY k.code
"""
SKILLS_LISTED = "SELECT id, code FROM skill WHERE code = ANY ($1) ORDER BY code"
ADD_SKILLS = """
INSERT INTO person_skill (person_id, place_id, path, station_id, county_id, skill_id)
VALUES ($1, $2, $3, $4, $5, $6)
"""
DROP_SKILLS = "DELETE FROM person_skill WHERE person_id = $1 AND county_id = $2 AND skill_id = ANY ($3)"


async def create(writer: Writer, given: Given) -> int:
    """Adds a person at home in a place; the birth date follows from the identity number if it is not given."""
    home = await writer.find_open_place(given["home_id"], "homeId")
    stated = _stated(given)
    details = await new_details(writer, Person, given, stated["gender"])
    skills = await _skills(writer, given) or {}
    columns = stated | details
    with number_taken(Person):
        row = await writer.add(Person, **located(home), **columns)
    await _add_skills(writer, row, skills.values())
    writer.record(Person, row, None, columns | ({"skills": list(skills)} if skills else {}))
    key: int = row["id"]
    return key


async def update(writer: Writer, given: Given) -> int:
    """Changes what is given of a person: what they are, their details, skills and home."""
    row = await writer.claim(Person, "P", given)
    columns = {name: value for name, value in _stated(given).items() if value != row[name]}
    await _check_kind(writer, row, columns.get("kind"))
    columns |= await changed_details(writer, Person, row, given, given.get("gender") or row["gender"])
    skills, held = await _skills(writer, given), await _held(writer, row) if "skills" in given else {}
    changed = await _write(writer, row, columns, await new_place(writer, row, given, "home_id", "homeId"))
    before, after = {name: row[name] for name in columns}, dict(columns)
    if skills is not None and skills != held:
        if changed is row:
            changed = await writer.update(Person, row)
        gone = list(set(held.values()) - set(skills.values()))
        await writer.connection.execute(DROP_SKILLS, changed["id"], changed["county_id"], gone)
        await _add_skills(writer, changed, set(skills.values()) - set(held.values()))
        before["skills"], after["skills"] = list(held), list(skills)
    if after:
        writer.record(Person, changed, before, after)
    key: int = row["id"]
    return key


async def retire(writer: Writer, given: Given) -> int:
    """Retires a person; their duties and memberships in scope end that day, or on their first if that is later."""
    row = active(await writer.claim(Person, "P", given), "id")
    on = day(given.get("on") or writer.today, "on", until=writer.today)
    for model in (Assignment, TeamMembership):
        await end_all(writer, model, {"person_id": row["id"]}, on)
    key: int = (await writer.change(Person, row, retired_on=on))["id"]
    return key


async def reinstate(writer: Writer, given: Given) -> int:
    """Takes a retirement back; what ended with it stays ended."""
    row = await writer.claim(Person, "P", given)
    if row["retired_on"] is None:
        raise invalid(Message("They are not retired."), "id")
    key: int = (await writer.change(Person, row, retired_on=None))["id"]
    return key


def _stated(given: Given) -> Row:
    """What is given of a person and is kept as it is."""
    columns: Row = {}
    if "name" in given:
        columns["name"] = line(given["name"], "name", LONGEST_NAME)
    for name, enum in (("kind", PersonKind), ("gender", Gender)):
        if name in given:
            columns[name] = enum(needed(given[name], name)).value
    return columns


async def _check_kind(writer: Writer, row: Row, kind: str | None) -> None:
    """Refuses to make something else of a social worker who has, or will have, such duties."""
    if kind is None or row["kind"] != PersonKind.SOCIAL_WORKER:
        return
    for duty in await writer.find_all(Assignment, {"person_id": row["id"]}):
        # What ended on its first day never was, also if that is still to come.
        lasts = duty["valid_to"] is None or duty["valid_to"] > max(writer.today, duty["valid_from"])
        if duty["duty"] in SOCIAL_WORK and lasts:
            raise invalid(Message("They serve as a social worker: end that first."), "kind")


async def _write(writer: Writer, row: Row, columns: Row, home: Row | None) -> Row:
    with number_taken(Person):
        if home is not None:
            return await writer.rehome(Person, row, home, **columns)
        return await writer.update(Person, row, **columns) if columns else row


async def _skills(writer: Writer, given: Given) -> dict[str, int] | None:
    """The keys of the skills that are given, by code; None if none are."""
    if "skills" not in given:
        return None
    if given["skills"] is None:
        raise invalid(Message("It must not be null; an empty list is none."), "skills")
    codes = set(given["skills"])
    found = {row["code"]: row["id"] for row in await writer.connection.fetch(SKILLS_LISTED, list(codes))}
    if codes - found.keys():
        raise Rejected(UserErrorCode.NOT_FOUND, Message("The common list has no skill with such a code."), "skills")
    return found


async def _held(writer: Writer, row: Row) -> dict[str, int]:
    found = await writer.connection.fetch(SKILLS_HELD, row["id"], row["county_id"])
    return {held["code"]: held["id"] for held in found}


async def _add_skills(writer: Writer, row: Row, keys: Collection[int]) -> None:
    if keys:
        of = (row["id"], *located(row).values())
        await writer.connection.executemany(ADD_SKILLS, [(*of, key) for key in keys])
