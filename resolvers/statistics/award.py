"""Statistics of awards. Revoked ones are counted, as they are listed; their money is back in the budget."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, Text, case, cast, extract, func, literal_column

from models import Award, AwardState, QualificationLevel
from resolvers.core.json import string
from resolvers.core.mapping import Clause
from resolvers.core.statistics import (
    DECIMAL,
    NUMBER,
    Dimension,
    Source,
    Statistic,
    by_column,
    distinct,
    holding,
    periods,
    ratio,
    total,
)
from resolvers.core.units import units


def _day(award: FromClause) -> Any:
    return award.c.granted_on


def _stands(award: FromClause) -> Clause:
    return award.c.state != string(AwardState.REVOKED)


def _if_it_stands(column: str) -> Any:
    """The value of a column of an award that was not revoked."""
    return lambda source: case((_stands(source.row), source.row.c[column]))


def _year(source: Source) -> ColumnElement[int]:
    """The budget's year; of what is compared with, that of the budget in whose place it is."""
    first: ColumnElement[Any] = literal_column("1")
    return cast(extract("year", source.day(func.make_date(source.row.c.year, first, first))), Integer)


AWARDS = Statistic(
    Award,
    dimensions={
        **units(),
        **periods(_day),
        "YEAR": Dimension("year", Integer(), _year, lambda row, key, _: row.c.year == key),
        "QUALIFICATION": by_column("level", Text(), QualificationLevel),
        "STATE": by_column("state", Text(), AwardState),
    },
    values={
        "standing": holding(_stands),
        "amount": _if_it_stands("amount"),
        "person_id": _if_it_stands("person_id"),
    },
    measures={
        "count": total(NUMBER),
        "standing": total("standing"),
        "amount": total("amount", type_=DECIMAL),
        "people": distinct("person_id", people=True),
        "average_amount": ratio("amount", "standing", type_=DECIMAL),
    },
    period="grantedOn",
    personal=True,
)
