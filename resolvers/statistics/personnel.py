"""Statistics of personnel: people at home, or serving, in the scope, each once in every group."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Text, and_, case, exists, func, or_, select

from models import (
    Assignment,
    Duty,
    Gender,
    NetworkDelta,
    NetworkRollup,
    Person,
    PersonKind,
    Place,
    PlaceLevel,
    Qualification,
    QualificationLevel,
)
from resolvers.core.json import string
from resolvers.core.kept import Kept
from resolvers.core.mapping import Clause
from resolvers.core.relations import guests_of, table_of
from resolvers.core.scope import Scope, current
from resolvers.core.statistics import NUMBER, Dimension, Source, Statistic, by_column, by_seen, distinct, ratio, total
from resolvers.core.units import units


def _served(assignment: FromClause, scope: Scope) -> Clause:
    return and_(current(assignment), scope.visible(assignment))


def _duty(source: Source) -> ColumnElement[str]:
    """The duties that a person has today, in scope: several, one or none."""
    assignment = table_of(Assignment).alias()
    held = select(assignment.c.person_id, assignment.c.duty).distinct().where(_served(assignment, source.scope))
    found = source.join(held.subquery(), lambda row: row.c.person_id == source.row.c.id)
    duty: ColumnElement[str] = found.c.duty
    return duty


def _has_duty(person: FromClause, key: ColumnElement[str], scope: Scope) -> Clause:
    assignment = table_of(Assignment).alias()
    held = exists().select_from(assignment).correlate_except(assignment)
    held = held.where(assignment.c.person_id == person.c.id, _served(assignment, scope))
    return or_(held.where(assignment.c.duty == key), and_(key.is_(None), ~held))


def _in_force(qualification: FromClause, scope: Scope) -> Clause:
    expires = qualification.c.expires_on
    return and_(or_(expires.is_(None), expires >= func.current_date()), scope.visible(qualification))


def _highest(query: Any, qualification: FromClause) -> Select[Any]:
    # The levels happen to be in the order of the alphabet.
    found: Select[Any] = query.add_columns(func.max(qualification.c.level).label("level"))
    return found


def _qualification(source: Source) -> ColumnElement[str]:
    """The highest level in force."""
    qualification = table_of(Qualification).alias()
    held = _highest(select(qualification.c.person_id), qualification).where(_in_force(qualification, source.scope))
    found = source.join(
        held.group_by(qualification.c.person_id).subquery(), lambda row: row.c.person_id == source.row.c.id
    )
    level: ColumnElement[str] = found.c.level
    return level


def _is_qualified(person: FromClause, key: ColumnElement[str], scope: Scope) -> Clause:
    qualification = table_of(Qualification).alias()
    held = _highest(select(), qualification).where(
        qualification.c.person_id == person.c.id, _in_force(qualification, scope)
    )
    return held.correlate_except(qualification).scalar_subquery().is_not_distinct_from(key)


def _serving(source: Source) -> ColumnElement[Any]:
    """The person, if they serve somewhere in scope today."""
    assignment = table_of(Assignment).alias()
    held = exists().select_from(assignment).correlate_except(assignment)
    held = held.where(assignment.c.person_id == source.row.c.id, _served(assignment, source.scope))
    return case((held, source.row.c.id))


def _qualified(source: Source) -> ColumnElement[Any]:
    """The person, if they have a qualification in force."""
    qualification = table_of(Qualification).alias()
    held = exists().select_from(qualification).correlate_except(qualification)
    held = held.where(qualification.c.person_id == source.row.c.id, _in_force(qualification, source.scope))
    return case((held, source.row.c.id))


def _guests(root: FromClause, scope: Scope) -> Select[Any]:
    """Who serves below a place today without being at home there."""
    return guests_of(root, func.current_date(), scope).select_from(root)


PERSONNEL = Statistic(
    Person,
    dimensions={
        **units(people=True),
        "KIND": by_column("kind", Text(), PersonKind),
        "GENDER": by_column("gender", Text(), Gender),
        "DUTY": Dimension("duty", Text(), _duty, _has_duty, Duty),
        "QUALIFICATION": Dimension("qualification", Text(), _qualification, _is_qualified, QualificationLevel),
        "LEVEL": by_seen(Place, "place_id", "level", Text(), PlaceLevel),
    },
    measures={
        "count": distinct("id", sums=total(NUMBER)),
        "serving": distinct("serving", people=True),
        "qualified": distinct("qualified", people=True),
        "serving_share": ratio("serving", "count"),
        "qualified_share": ratio("qualified", "count"),
    },
    values={"serving": _serving, "qualified": _qualified},
    personal=True,
    kept=Kept(
        NetworkRollup,
        NetworkDelta,
        values={NUMBER: "number"},
        keys={"kind": "kind"},
        wide=frozenset({"kind"}),
        only=lambda sums: sums.c.noun == string("PERSON"),
        units=False,
        beside=_guests,
    ),
)
