"""Who sees a record: the grants that reach it by where it belongs, by where a person serves, by where it leads, by what
shares it, or because it is on a list for all.
"""

from collections.abc import Container
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Text,
    and_,
    case,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
)
from sqlmodel import SQLModel

from models import (
    Agency,
    AgencyRating,
    Assignment,
    Attendance,
    Award,
    AwardBudget,
    CalendarDay,
    Client,
    Community,
    Consultation,
    ConsultationAttachment,
    ConsultationParticipant,
    ExamResult,
    Grid,
    ImplementationPlan,
    LeadingGroup,
    LeadingGroupMember,
    Measure,
    Person,
    Qualification,
    Referral,
    Resolution,
    ServiceItem,
    ServiceOffer,
    ServiceRecord,
    Sharing,
    SignUp,
    Station,
    Survey,
    Target,
    TeamMembership,
    TrainingEvent,
    Venue,
    VolunteerCall,
    VolunteerTeam,
)
from resolvers.core import ids
from resolvers.core.arguments import Arguments
from resolvers.core.decisions import admitted, reaches
from resolvers.core.json import string
from resolvers.core.mapping import Clause, Relation
from resolvers.core.permissions import PERMISSIONS, Permission
from resolvers.core.relations import NOBODY, by, key, table_of
from resolvers.core.scope import INHERITED, SHARED, TWO_ENDED, Scope, current, table_name

RECORDS: dict[str, type[SQLModel]] = {
    "S": Station,
    "C": Community,
    "G": Grid,
    "P": Person,
    "A": Assignment,
    "Q": Qualification,
    "T": VolunteerTeam,
    "M": TeamMembership,
    "LG": LeadingGroup,
    "LM": LeadingGroupMember,
    "IP": ImplementationPlan,
    "ME": Measure,
    "AG": Agency,
    "RT": AgencyRating,
    "VE": Venue,
    "SI": ServiceItem,
    "SO": ServiceOffer,
    "CD": CalendarDay,
    "CL": Client,
    "SR": ServiceRecord,
    "SU": Survey,
    "RF": Referral,
    "CO": Consultation,
    "CP": ConsultationParticipant,
    "CA": ConsultationAttachment,
    "RS": Resolution,
    "TG": Target,
    "VC": VolunteerCall,
    "VS": SignUp,
    "TE": TrainingEvent,
    "TA": Attendance,
    "EX": ExamResult,
    "AB": AwardBudget,
    "AW": Award,
}
"""The rows that belong to a place, by the letters of their ids."""

TABLES = {prefix: table_name(table_of(model)) for prefix, model in RECORDS.items()}
"""Their tables."""


class Through(StrEnum):
    """By what a grant reaches a record."""

    HOME = "HOME"
    ASSIGNMENT = "ASSIGNMENT"
    OTHER_END = "OTHER_END"
    GUEST = "GUEST"
    LIST = "LIST"


class PersonalDataAccess(StrEnum):
    """How a person's data comes under a role."""

    NONE = "NONE"
    MASKED = "MASKED"
    FULL = "FULL"


class _Record:
    """The record that `id` names."""

    def __init__(self, arguments: Arguments, scope: Scope) -> None:
        self._scope = scope
        self.letter = arguments.bind(Text(), "id", convert=lambda value, _: (ids.decode(value) or ("", NOBODY))[0])
        self.key = arguments.bind(BigInteger(), "id", convert=lambda value, _: (ids.decode(value) or ("", NOBODY))[1])

    def column(self, prefix: str, name: str) -> ColumnElement[Any]:
        """A column of it if its id begins so; NULL if it is not in scope."""
        row = table_of(RECORDS[prefix]).alias()
        found = select(row.c[name]).where(row.c.id == self.key, self._scope.visible(row)).correlate_except(row)
        return case((self.letter == string(prefix), found.scalar_subquery()))

    def path(self, name: str, tables: Container[str]) -> ColumnElement[Any]:
        """The column of that name, if it is in one of these tables."""
        return func.coalesce(*[self.column(prefix, name) for prefix, table in TABLES.items() if table in tables])


def _at_home(grant: FromClause, arguments: Arguments, scope: Scope) -> Clause:
    return reaches(grant, _Record(arguments, scope).path("path", TABLES.values()))


def _at_other_end(grant: FromClause, arguments: Arguments, scope: Scope) -> Clause:
    return reaches(grant, _Record(arguments, scope).path("to_path", TWO_ENDED))


def _as_guest(grant: FromClause, arguments: Arguments, scope: Scope) -> Clause:
    """The record, or the consultation that it is part of, is shared with a place where the grant reaches."""
    record, sharing = _Record(arguments, scope), table_of(Sharing).alias()
    shares = exists(literal_column("1")).select_from(sharing).correlate_except(sharing)
    ways = [
        and_(sharing.c.noun == string(SHARED[table][0]), sharing.c.row_id == record.column(prefix, SHARED[table][1]))
        for prefix, table in TABLES.items()
        if table in SHARED
    ]
    return shares.where(or_(*ways), reaches(grant, sharing.c.path), scope.visible(sharing))


def _on_a_list(grant: FromClause, arguments: Arguments, scope: Scope) -> Clause:
    """The record is on a list for all below it, and so is the grant."""
    listed = _Record(arguments, scope).path("path", INHERITED)
    return func.coalesce(func.starts_with(grant.c.path, listed), false())


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


WAYS = {
    Through.HOME: _at_home,
    Through.ASSIGNMENT: _where_serving,
    Through.OTHER_END: _at_other_end,
    Through.GUEST: _as_guest,
    Through.LIST: _on_a_list,
}
"""How a grant reaches a record; the first that does is told."""


def _seeing(_: FromClause, grant: FromClause, arguments: Arguments, scope: Scope) -> Clause:
    return and_(admitted(grant, scope), or_(*[way(grant, arguments, scope) for way in WAYS.values()]))


SEEING = Relation(_seeing)
ACCOUNT = by("account_id")


def through(grant: FromClause, scope: Scope, around: Arguments) -> ColumnElement[Any]:
    """By what the grant reaches the record; the home, if by several."""
    return case(*[(way(grant, around, scope), string(name)) for name, way in WAYS.items()])


def personal_data(grant: FromClause, _: Scope) -> ColumnElement[Any]:
    """How a person's data comes under the grant's role."""

    def of(held: frozenset[Permission]) -> PersonalDataAccess:
        if Permission.PERSON_READ_PRIVATE in held:
            return PersonalDataAccess.FULL
        return PersonalDataAccess.MASKED if Permission.PERSON_READ in held else PersonalDataAccess.NONE

    return case(*[(grant.c.role == string(role), string(of(held))) for role, held in PERMISSIONS.items()])
