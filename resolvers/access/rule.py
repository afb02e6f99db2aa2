"""What a rule is made of: the reasons against an action, and the states of a row that several nouns share."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import FromClause, and_, exists, func, not_
from sqlmodel import SQLModel

from models import Person
from resolvers.core.decisions import closed, is_top
from resolvers.core.mapping import Clause
from resolvers.core.permissions import Permission
from resolvers.core.relations import table_of
from resolvers.core.scope import End, Scope, table_name

State = Callable[[FromClause, Scope], Clause]


class DecisionReason(StrEnum):
    """Why something may not be done; stable across releases and languages."""

    PERMISSION_MISSING = "PERMISSION_MISSING"
    NOT_FOUND = "NOT_FOUND"
    SEEN_ONLY = "SEEN_ONLY"
    ROOT = "ROOT"
    CLOSED = "CLOSED"
    WRONG_LEVEL = "WRONG_LEVEL"
    WRONG_KIND = "WRONG_KIND"
    WRONG_STATE = "WRONG_STATE"
    PERSON_SEEN_ONLY = "PERSON_SEEN_ONLY"
    RETIRED = "RETIRED"
    NOT_RETIRED = "NOT_RETIRED"
    ENDED = "ENDED"
    OWN = "OWN"
    OUTRANKED = "OUTRANKED"
    DISABLED = "DISABLED"
    NOT_DISABLED = "NOT_DISABLED"


Against = tuple[DecisionReason, State]
"""A reason, and whether it speaks against a row."""


@dataclass(frozen=True)
class Rule:
    """What one action asks for: a permission, and a row of `model` that is in none of these states.

    letter: the letters that the ids of such rows begin with; none for a place of any kind.
    title: the Chinese term of the action. ends: which end must be in scope, of a row that leads from place to place.
    seen: whether it suffices that the row is visible.
    """

    model: type[SQLModel]
    letter: str
    permission: Permission
    states: tuple[Against, ...] = ()
    title: str = ""
    ends: End = End.FROM
    seen: bool = False


def in_state(*states: str) -> Against:
    """Speaks against a row whose column `state` is none of these."""
    return DecisionReason.WRONG_STATE, lambda row, _: and_(*[row.c.state != str(state) for state in states])


def is_closed(row: FromClause, scope: Scope) -> Clause:
    """It is closed itself or, if it cannot be, its place is."""
    if "closed_on" in row.c:
        return row.c.closed_on.is_not(None)
    return closed(row.c.id if table_name(row) == "place" else row.c.place_id, scope)


def has_ended(row: FromClause, _: Scope) -> Clause:
    """Its last day is over; what ended on its first day never was, also if that is still to come."""
    return row.c.valid_to <= func.greatest(func.current_date(), row.c.valid_from)


def is_retired(row: FromClause, scope: Scope) -> Clause:
    """The person is retired, or the one of the row is."""
    if "retired_on" in row.c:
        return row.c.retired_on.is_not(None)
    person = table_of(Person).alias()
    retired = exists().select_from(person).correlate_except(person)
    return retired.where(person.c.id == row.c.person_id, person.c.retired_on.is_not(None), scope.visible(person))


def is_anothers_person(row: FromClause, scope: Scope) -> Clause:
    """The home of the person is out of scope."""
    return not_(scope.contains(row.c.person_path))


CLOSED: Against = (DecisionReason.CLOSED, is_closed)
ROOT: Against = (DecisionReason.ROOT, is_top)
ENDED: Against = (DecisionReason.ENDED, has_ended)
RETIRED: Against = (DecisionReason.RETIRED, is_retired)
PERSON_ELSEWHERE: Against = (DecisionReason.PERSON_SEEN_ONLY, is_anothers_person)
