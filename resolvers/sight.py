"""Who sees a record: the grants that reach it, by where it belongs or, of a person, by where they serve."""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, Text, and_, case, exists, or_, select
from sqlmodel import SQLModel

from models import (
    Assignment,
    Community,
    Grid,
    Person,
    Qualification,
    Station,
    TeamMembership,
    VolunteerTeam,
)
from resolvers.core import ids
from resolvers.core.arguments import Arguments
from resolvers.core.decisions import admitted, reaches
from resolvers.core.json import string
from resolvers.core.mapping import Clause, Relation
from resolvers.core.permissions import PERMISSIONS, Permission
from resolvers.core.relations import NOBODY, by, key, table_of
from resolvers.core.scope import Scope, current

RECORDS: dict[str, type[SQLModel]] = {
    "S": Station,
    "C": Community,
    "G": Grid,
    "P": Person,
    "A": Assignment,
    "Q": Qualification,
    "T": VolunteerTeam,
    "M": TeamMembership,
}
"""The rows that belong to a place, by the letter of their ids."""


class Through(StrEnum):
    """Which place of a record a grant reaches."""

    HOME = "HOME"
    ASSIGNMENT = "ASSIGNMENT"


class PersonalDataAccess(StrEnum):
    """How a person's data comes under a role."""

    NONE = "NONE"
    MASKED = "MASKED"
    FULL = "FULL"


def _home(arguments: Arguments, scope: Scope) -> ColumnElement[Any]:
    """The path of the record that `id` names, NULL if it is not in scope."""
    letter = arguments.bind(Text(), "id", convert=lambda value, _: (ids.decode(value) or ("", NOBODY))[0])
    number = arguments.bind(BigInteger(), "id", convert=lambda value, _: (ids.decode(value) or ("", NOBODY))[1])
    whens = []
    for prefix, model in RECORDS.items():
        row = table_of(model).alias()
        path = select(row.c.path).where(row.c.id == number, scope.visible(row)).correlate_except(row)
        whens.append((letter == string(prefix), path.scalar_subquery()))
    return case(*whens)


def _at_home(grant: FromClause, arguments: Arguments, scope: Scope) -> Clause:
    return reaches(grant, _home(arguments, scope))


def _where_serving(grant: FromClause, arguments: Arguments, scope: Scope) -> Clause:
    """The record is a person who currently serves where the grant reaches."""
    assignment = table_of(Assignment).alias()
    serving = exists().select_from(assignment).correlate_except(assignment)
    return serving.where(
        assignment.c.person_id == arguments.bind(BigInteger(), "id", convert=key("P")),
        assignment.c.elsewhere,
        current(assignment),
        reaches(grant, assignment.c.path),
        scope.visible(assignment),
    )


def _seeing(_: FromClause, grant: FromClause, arguments: Arguments, scope: Scope) -> Clause:
    reached = or_(_at_home(grant, arguments, scope), _where_serving(grant, arguments, scope))
    return and_(admitted(grant, scope), reached)


SEEING = Relation(_seeing)
ACCOUNT = by("account_id")


def through(grant: FromClause, scope: Scope, around: Arguments) -> ColumnElement[Any]:
    """Which place of the record the grant reaches; the home, if both."""
    return case((_at_home(grant, around, scope), string(Through.HOME)), else_=string(Through.ASSIGNMENT))


def personal_data(grant: FromClause, _: Scope) -> ColumnElement[Any]:
    """How a person's data comes under the grant's role."""

    def of(held: frozenset[Permission]) -> PersonalDataAccess:
        if Permission.PERSON_READ_PRIVATE in held:
            return PersonalDataAccess.FULL
        return PersonalDataAccess.MASKED if Permission.PERSON_READ in held else PersonalDataAccess.NONE

    return case(*[(grant.c.role == string(role), string(of(held))) for role, held in PERMISSIONS.items()])
