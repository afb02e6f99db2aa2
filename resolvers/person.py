"""People: by id, all, those of a place, those with a duty at a place, how they are filtered, and how written."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import asyncpg
from sqlalchemy import ColumnElement, FromClause, any_, exists, join, or_, select

from models import Assignment, Duty, Gender, Person, PersonKind, PersonSkill, Skill, TeamMembership
from resolvers.core.arguments import Arguments
from resolvers.core.context import Context
from resolvers.core.details import born_on, check_fit, check_id_number, check_phone, kept
from resolvers.core.filters import compare
from resolvers.core.mapping import Clause, Relation, Via
from resolvers.core.personal import PersonalVault
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.relations import UNDER_PLACE, UNDER_STATION, by, found, serving_as, table_of
from resolvers.core.scope import Scope, current
from resolvers.core.tenure import end_all
from resolvers.core.texts import day, invalid, line
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


def has_duty(row: FromClause, operator: str, value: ColumnElement[Any], scope: Scope) -> Clause:
    """The filter `duty`: people with a current assignment in scope in such a duty."""
    assignment = table_of(Assignment).alias()
    asked = assignment.c.duty == value if operator == "eq" else assignment.c.duty == any_(value)
    matching = exists().select_from(assignment).correlate_except(assignment)
    matching = matching.where(assignment.c.person_id == row.c.id, asked, current(assignment), scope.visible(assignment))
    return ~matching if operator == "notIn" else matching


def has_skill(row: FromClause, operator: str, value: ColumnElement[Any], scope: Scope) -> Clause:
    """The filter `skill`: people who have one of the skills with such codes."""
    held, skill = table_of(PersonSkill).alias(), table_of(Skill).alias()
    asked = compare(skill.c.code, operator, value)
    skilled = exists().select_from(join(held, skill, held.c.skill_id == skill.c.id)).correlate_except(held, skill)
    return skilled.where(held.c.person_id == row.c.id, asked, scope.visible(held))


def digest(column: str) -> Any:
    """Reads a plain personal value as the keyed hash that is stored of it."""

    def convert(value: str, context: Context) -> bytes:
        assert context.vault is not None
        digested: bytes = context.vault.digest(column, value)
        return digested

    return convert


DETAILS = ("phone", "id_number", "birth_date", "address")
PRIVATE = ("id", *[f"{name}_cipher" for name in DETAILS])


class Sealed:
    """A person's personal values, sealed, by name."""

    def __init__(self, vault: PersonalVault, ciphers: dict[str, str | None]) -> None:
        self._vault, self._ciphers = vault, ciphers

    def open(self, name: str) -> str | None:
        """One of them in full."""
        cipher = self._ciphers[name]
        return None if cipher is None else self._vault.open(bytes.fromhex(cipher[2:]))


def read_private(context: Context, key: int, *ciphers: str | None) -> Sealed:
    """A person's values from the columns `PRIVATE`, as JSON has them.

    Whoever calls this reads them: the key is added to the context's readings, which the executor records.
    """
    assert context.vault is not None
    context.readings.add(key)
    return Sealed(context.vault, dict(zip(DETAILS, ciphers, strict=True)))


# -- writing -------------------------------------------------------------------------------------------------------

LONGEST = {"name": 50, "address": 200}
SOCIAL_WORK = (Duty.STATION_SOCIAL_WORKER, Duty.LINKED_SOCIAL_WORKER)
SKILLS_HELD = """
SELECT k.id, k.code FROM person_skill h JOIN skill k ON k.id = h.skill_id WHERE h.person_id = $1 ORDER BY k.code
"""
SKILLS_LISTED = "SELECT id, code FROM skill WHERE code = ANY ($1) ORDER BY code"
ADD_SKILLS = """
INSERT INTO person_skill (person_id, place_id, path, station_id, county_id, skill_id)
SELECT $1, $2, $3, $4, $5, unnest($6::bigint[])
"""
DROP_SKILLS = "DELETE FROM person_skill WHERE person_id = $1 AND skill_id = ANY ($2)"


async def create(writer: Writer, given: Given) -> int:
    """Adds a person at home in a place; the birth date follows from the identity number if it is not given."""
    home = await writer.find_open_place(given["home_id"], "homeId")
    stated, details = _stated(given), _details(writer, given)
    number = details.get("id_number")
    if number is not None:
        check_fit(number, stated["gender"], details.get("birth_date"))
        details["birth_date"] = details.get("birth_date") or born_on(number).isoformat()
        await _refuse_known(writer, number)
    skills = await _skills(writer, given) or {}
    columns = stated | _kept(writer, {name: value for name, value in details.items() if value is not None})
    with _number_taken():
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
    columns |= _kept(writer, await _changed_details(writer, row, given))
    skills, held = await _skills(writer, given), await _held(writer, row) if "skills" in given else {}
    changed = await _write(writer, row, columns, await _new_home(writer, row, given))
    before, after = {name: row[name] for name in columns}, dict(columns)
    if skills is not None and skills != held:
        if changed is row:
            changed = await writer.update(Person, row)
        await writer.connection.execute(DROP_SKILLS, row["id"], list(set(held.values()) - set(skills.values())))
        await _add_skills(writer, changed, set(skills.values()) - set(held.values()))
        before["skills"], after["skills"] = list(held), list(skills)
    if after:
        writer.record(Person, changed, before, after)
    key: int = row["id"]
    return key


async def retire(writer: Writer, given: Given) -> int:
    """Retires a person; their duties and memberships in scope end that day, or on their first if that is later."""
    row = await writer.claim(Person, "P", given)
    if row["retired_on"] is not None:
        raise invalid(f"They retired on {row['retired_on']}.", "id")
    on = day(given.get("on") or writer.today, "on", until=writer.today)
    for model in (Assignment, TeamMembership):
        await end_all(writer, model, {"person_id": row["id"]}, on)
    key: int = (await writer.change(Person, row, retired_on=on))["id"]
    return key


async def reinstate(writer: Writer, given: Given) -> int:
    """Takes a retirement back; what ended with it stays ended."""
    row = await writer.claim(Person, "P", given)
    if row["retired_on"] is None:
        raise invalid("They are not retired.", "id")
    key: int = (await writer.change(Person, row, retired_on=None))["id"]
    return key


def _stated(given: Given) -> Row:
    """What is given of a person and is kept as it is."""
    columns: Row = {}
    if "name" in given:
        columns["name"] = line(given["name"], "name", LONGEST["name"])
    for name, enum in (("kind", PersonKind), ("gender", Gender)):
        if name in given:
            if given[name] is None:
                raise invalid("It must not be null.", name)
            columns[name] = enum(given[name]).value
    return columns


def _details(writer: Writer, given: Given) -> dict[str, str | None]:
    """The details that are given, in their canonical spelling."""
    details: dict[str, str | None] = {name: None for name in DETAILS if name in given}
    if given.get("phone") is not None:
        details["phone"] = check_phone(given["phone"])
    if given.get("id_number") is not None:
        details["id_number"] = check_id_number(given["id_number"], writer.today)
    if given.get("birth_date") is not None:
        details["birth_date"] = day(given["birth_date"], "birthDate", until=writer.today).isoformat()
    if given.get("address") is not None:
        details["address"] = line(given["address"], "address", LONGEST["address"])
    return details


async def _changed_details(writer: Writer, row: Row, given: Given) -> dict[str, str | None]:
    """The details that are given and differ from a person's own; the birth date follows a new identity number."""
    details = _details(writer, given)
    if {"id_number", "birth_date", "gender"} & given.keys():
        number = details["id_number"] if "id_number" in details else _open(writer, row, "id_number")
        if number is not None:
            if "id_number" in details:
                details.setdefault("birth_date", born_on(number).isoformat())
            born = details["birth_date"] if "birth_date" in details else _open(writer, row, "birth_date")
            check_fit(number, given.get("gender") or row["gender"], born)
    changed = {name: value for name, value in details.items() if value != _open(writer, row, name)}
    if (number := changed.get("id_number")) is not None:
        await _refuse_known(writer, number)
    return changed


def _open(writer: Writer, row: Row, name: str) -> str | None:
    cipher = row[f"{name}_cipher"]
    return None if cipher is None else _vault(writer).open(cipher)


def _kept(writer: Writer, details: Mapping[str, str | None]) -> Row:
    columns: Row = {}
    for name, value in details.items():
        columns |= kept(_vault(writer), name, value)
    return columns


def _vault(writer: Writer) -> PersonalVault:
    assert writer.context.vault is not None
    return writer.context.vault


async def _refuse_known(writer: Writer, number: str) -> None:
    """Refuses the identity number of somebody in scope; of others it must not tell."""
    if await writer.find_where(Person, {"id_number_digest": _vault(writer).digest("id_number", number)}):
        raise _taken()


def _taken() -> Rejected:
    return Rejected(UserErrorCode.TAKEN, "There is a person with this identity number already.", "idNumber")


@contextmanager
def _number_taken() -> Iterator[None]:
    """Refuses what another write under way has made first."""
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise _taken() from error


async def _check_kind(writer: Writer, row: Row, kind: str | None) -> None:
    """Refuses to make something else of a social worker who has, or will have, such duties."""
    if kind is None or row["kind"] != PersonKind.SOCIAL_WORKER:
        return
    for duty in await writer.find_all(Assignment, {"person_id": row["id"]}):
        # What ended on its first day never was, also if that is still to come.
        lasts = duty["valid_to"] is None or duty["valid_to"] > max(writer.today, duty["valid_from"])
        if duty["duty"] in SOCIAL_WORK and lasts:
            raise invalid("They serve as a social worker: end that first.", "kind")


async def _new_home(writer: Writer, row: Row, given: Given) -> Row | None:
    """The place that becomes the home, if another is given."""
    if "home_id" not in given:
        return None
    if given["home_id"] is None:
        raise invalid("It must not be null.", "homeId")
    place = await writer.find_open_place(given["home_id"], "homeId")
    return None if place["id"] == row["place_id"] else place


async def _write(writer: Writer, row: Row, columns: Row, home: Row | None) -> Row:
    with _number_taken():
        if home is not None:
            return await writer.rehome(Person, row, home, **columns)
        return await writer.update(Person, row, **columns) if columns else row


async def _skills(writer: Writer, given: Given) -> dict[str, int] | None:
    """The keys of the skills that are given, by code; None if none are."""
    if "skills" not in given:
        return None
    if given["skills"] is None:
        raise invalid("It must not be null; an empty list is none.", "skills")
    codes = set(given["skills"])
    found = {row["code"]: row["id"] for row in await writer.connection.fetch(SKILLS_LISTED, list(codes))}
    if codes - found.keys():
        raise Rejected(UserErrorCode.NOT_FOUND, "The common list has no skill with such a code.", "skills")
    return found


async def _held(writer: Writer, row: Row) -> dict[str, int]:
    return {held["code"]: held["id"] for held in await writer.connection.fetch(SKILLS_HELD, row["id"])}


async def _add_skills(writer: Writer, row: Row, keys: Collection[int]) -> None:
    if keys:
        await writer.connection.execute(ADD_SKILLS, row["id"], *located(row).values(), list(keys))
