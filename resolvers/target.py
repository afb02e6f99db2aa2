"""Responsibility targets: how far each was reached, counted from what was recorded; those of the places above."""

from collections.abc import Callable
from typing import Any

import asyncpg
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    and_,
    any_,
    case,
    cast,
    func,
    join,
    literal_column,
    select,
)

from models import (
    Indicator,
    Referral,
    ReferralState,
    ServiceRecord,
    ServiceRecordState,
    SignUp,
    SignUpState,
    Survey,
    Target,
    VolunteerCall,
)
from resolvers.core.arguments import Arguments
from resolvers.core.json import string
from resolvers.core.mapping import Clause, Relation
from resolvers.core.messages import Message
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.relations import ancestry, found, table_of, under
from resolvers.core.scope import Scope, beneath
from resolvers.core.texts import day, invalid
from resolvers.core.write import Given, Row, Writer

FOUND = found("TG", by_code=False)
ALL = Relation()
OF_PLACE = Relation(under)


def is_withdrawn(target: FromClause) -> Clause:
    """The filter `withdrawn`."""
    return target.c.withdrawn_on.is_not(None)


# -- what was reached ----------------------------------------------------------------------------------------------


def _within(target: FromClause, on: ColumnElement[Any]) -> Clause:
    """Whether a day lies in a target's period."""
    return and_(on >= target.c.begins_on, on <= target.c.ends_on)


def _served(target: FromClause, scope: Scope, counted: Callable[[FromClause], ColumnElement[Any]]) -> Any:
    record = table_of(ServiceRecord).alias()
    return (
        select(counted(record))
        .where(
            beneath(record.c.path, target.c.path),
            _within(target, record.c.served_on),
            record.c.state == string(ServiceRecordState.VALID.value),
            scope.visible(record),
        )
        .correlate_except(record)
    )


def _surveyed(target: FromClause, scope: Scope) -> Any:
    survey = table_of(Survey).alias()
    done = beneath(survey.c.path, target.c.path), _within(target, survey.c.surveyed_on), scope.visible(survey)
    return select(func.count()).select_from(survey).where(*done).correlate_except(survey)


def _referred(target: FromClause, scope: Scope) -> Any:
    """Referrals that were completed where they led to; each on the county's day."""
    referral = table_of(Referral).alias()
    closed_on = cast(func.timezone(literal_column("'Asia/Shanghai'"), referral.c.closed_at), Date)
    done = (
        beneath(referral.c.to_path, target.c.path),
        referral.c.state == string(ReferralState.DONE.value),
        _within(target, closed_on),
        scope.visible(referral),
    )
    return select(func.count()).select_from(referral).where(*done).correlate_except(referral)


def _volunteered(target: FromClause, scope: Scope) -> Any:
    """Whole hours."""
    given, call = table_of(SignUp).alias(), table_of(VolunteerCall).alias()
    done = (
        beneath(given.c.path, target.c.path),
        given.c.state == string(SignUpState.ATTENDED.value),
        _within(target, call.c.needed_on),
        scope.visible(given),
        scope.visible(call),
    )
    hours = select(func.floor(func.sum(given.c.hours))).select_from(join(given, call, call.c.id == given.c.call_id))
    return hours.where(*done).correlate_except(given, call)


COUNTED: dict[Indicator, Callable[[FromClause, Scope], Any]] = {
    Indicator.SERVICE_RECORDS: lambda target, scope: _served(target, scope, lambda record: func.count(record.c.id)),
    Indicator.SERVICE_CONTACTS: lambda target, scope: _served(
        target, scope, lambda record: func.sum(record.c.contacts)
    ),
    Indicator.CLIENTS_SERVED: lambda target, scope: _served(
        target, scope, lambda record: func.count(record.c.client_id.distinct())
    ),
    Indicator.SURVEYS: _surveyed,
    Indicator.REFERRALS_COMPLETED: _referred,
    Indicator.VOLUNTEER_HOURS: _volunteered,
}
"""What is counted for each indicator: a query of one number, over the target's place and all below it."""


def actual(target: FromClause, scope: Scope) -> ColumnElement[Any]:
    """What was reached in the period."""
    whens = [
        (target.c.indicator == string(indicator.value), cast(count(target, scope).scalar_subquery(), BigInteger))
        for indicator, count in COUNTED.items()
    ]
    return func.coalesce(case(*whens), literal_column("0"), type_=BigInteger)


def reached(target: FromClause, scope: Scope) -> Clause:
    """Whether that is as much as was asked for."""
    return actual(target, scope) >= target.c.amount


# -- the chain -----------------------------------------------------------------------------------------------------


def _of_link(place: FromClause, target: FromClause, arguments: Arguments, _: Scope) -> Clause:
    on = func.current_date() if arguments.get("on") is None else arguments.bind(Date(), "on")
    return and_(target.c.place_id == place.c.id, ~is_withdrawn(target), _within(target, on))


def _above(target: FromClause, other: FromClause, _: Arguments, __: Scope) -> Clause:
    return and_(
        other.c.place_id == any_(ancestry(target.c.path)),
        other.c.place_id != target.c.place_id,
        other.c.indicator == target.c.indicator,
        ~is_withdrawn(other),
        other.c.begins_on <= target.c.ends_on,
        other.c.ends_on >= target.c.begins_on,
    )


OF_LINK = Relation(_of_link, order=("begins_on", "id"))
CHAIN = Relation(_above, order=("-path", "begins_on", "id"))


# -- writing -------------------------------------------------------------------------------------------------------


async def create(writer: Writer, given: Given) -> int:
    """Sets a target of a place, for a period."""
    place = await writer.find_open_place(given["place_id"], "placeId")
    begins_on, ends_on = day(given["begins_on"], "beginsOn"), day(given["ends_on"], "endsOn")
    if ends_on < begins_on:
        raise invalid(Message("It must not end before it begins."), "endsOn")
    columns = {"indicator": Indicator(given["indicator"]).value, "begins_on": begins_on, "ends_on": ends_on}
    try:
        row = await writer.insert(Target, place, **columns, amount=_amount(given))
    except asyncpg.UniqueViolationError as error:
        message = Message("The place has a target of this indicator for this period already.")
        raise Rejected(UserErrorCode.TAKEN, message, "indicator") from error
    key: int = row["id"]
    return key


async def update(writer: Writer, given: Given) -> int:
    """Changes how much is asked for."""
    row = await _standing(writer, given)
    key: int = (await writer.change(Target, row, amount=_amount(given)))["id"]
    return key


async def withdraw(writer: Writer, given: Given) -> int:
    """Withdraws a target today; another may be set in its stead."""
    row = await _standing(writer, given)
    key: int = (await writer.change(Target, row, withdrawn_on=writer.today))["id"]
    return key


async def _standing(writer: Writer, given: Given) -> Row:
    row = await writer.claim(Target, "TG", given)
    if row["withdrawn_on"] is not None:
        raise invalid(Message("It was withdrawn on {withdrawn_on}.", withdrawn_on=row["withdrawn_on"]), "id")
    return row


def _amount(given: Given) -> int:
    amount: int | None = given["amount"]
    if amount is None or amount <= 0:
        raise invalid(Message("It must be more than 0."), "amount")
    return amount
