"""People: by id, all, those of a place, those with a duty at a place, and how they are filtered."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, any_, exists, join, or_, select

from models import Assignment, Duty, PersonSkill, Skill
from resolvers.core.arguments import Arguments
from resolvers.core.context import Context
from resolvers.core.filters import compare
from resolvers.core.mapping import Clause, Relation, Via
from resolvers.core.personal import PersonalVault
from resolvers.core.relations import UNDER_PLACE, UNDER_STATION, by, found, serving_as, table_of
from resolvers.core.scope import Scope, current

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
