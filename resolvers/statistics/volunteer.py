"""Statistics of calls for volunteers, and of who signed up."""

from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, Text, and_, case, literal_column, select

from models import SignUp, SignUpState, Skill, VolunteerCall, VolunteerCallState
from resolvers.core.json import string
from resolvers.core.mapping import Clause
from resolvers.core.relations import table_of
from resolvers.core.scope import Scope
from resolvers.core.statistics import (
    DECIMAL,
    NUMBER,
    Source,
    Statistic,
    by_column,
    distinct,
    periods,
    ratio,
    total,
)
from resolvers.core.units import units

SIGN_UPS = "sign_ups"


def _day(call: FromClause) -> ColumnElement[object]:
    day: ColumnElement[object] = call.c.needed_on
    return day


def _skills(_: Scope) -> Select[tuple[int]]:
    return select(table_of(Skill).c.id.label("skill_id"))


def _sign_ups(source: Source) -> None:
    """Joins who has signed up for each call and did not withdraw."""

    def stands(offer: FromClause) -> Clause:
        withdrawn = offer.c.state == string(SignUpState.WITHDRAWN)
        return and_(offer.c.call_id == source.row.c.id, ~withdrawn, source.scope.visible(offer))

    source.sides[SIGN_UPS] = source.join(table_of(SignUp).alias(), stands, outer=False)


def _attended(source: Source) -> ColumnElement[int]:
    came = source.sides[SIGN_UPS].c.state == string(SignUpState.ATTENDED)
    return case((came, literal_column("1")), else_=literal_column("0"))


VOLUNTEERS = Statistic(
    VolunteerCall,
    dimensions={
        **units(),
        **periods(_day),
        "SKILL": by_column("skill_id", BigInteger(), all_=_skills, optional=True),
        "STATE": by_column("state", Text(), VolunteerCallState),
    },
    values={
        "person_id": lambda source: source.sides[SIGN_UPS].c.person_id,
        "attended": _attended,
        "hours": lambda source: source.sides[SIGN_UPS].c.hours,
    },
    sides={SIGN_UPS: _sign_ups},
    measures={
        "count": total(NUMBER),
        "needed": total("needed"),
        "sign_ups": total(NUMBER, side=SIGN_UPS),
        "volunteers": distinct("person_id", side=SIGN_UPS, people=True),
        "attended": total("attended", side=SIGN_UPS),
        "hours": total("hours", type_=DECIMAL, side=SIGN_UPS),
        "fulfilment": ratio("sign_ups", "needed"),
    },
    period="neededOn",
)
