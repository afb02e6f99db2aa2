"""Awards (奖励金) and the yearly budgets they come out of: all, by id, those of a person; and how they are written.

The database holds two rules by itself: one award for each person and level, revoked ones aside, and no budget
overspent, also not by two who grant at once. An award belongs where the person does, and its budget may lie above.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
from sqlalchemy import ColumnElement, FromClause

from models import Award, AwardBudget, AwardState, Person, Qualification, QualificationLevel
from resolvers.core.json import scalar
from resolvers.core.mapping import Relation
from resolvers.core.messages import Message
from resolvers.core.money import yuan
from resolvers.core.refusals import Rejected, UserErrorCode, constraint_of
from resolvers.core.relations import by, found
from resolvers.core.scope import Scope
from resolvers.core.states import machine
from resolvers.core.texts import EARLIEST, LATEST, day, invalid
from resolvers.core.write import Given, Row, Writer

FOUND = found("AW", by_code=False)
ALL = Relation()
BUDGET_FOUND = found("AB", by_code=False)
BUDGETS = Relation()
BUDGET = by("budget_id")
AWARDED = by("person_id")
OF_BUDGET = by("id", "budget_id")
OF_PERSON = by("id", "person_id", order=("granted_on", "id"))

AWARDS = machine(
    Award,
    {
        AwardState.GRANTED: (AwardState.PAID, AwardState.REVOKED),
        AwardState.PAID: (),
        AwardState.REVOKED: (),
    },
)


def left(budget: FromClause, _: Scope) -> ColumnElement[Any]:
    """What a budget has left."""
    return scalar(budget.c.amount - budget.c.spent)


# -- writing -------------------------------------------------------------------------------------------------------

SPENT = "ck_award_budget_overspent"
ONCE = "uq_award_person_id_level"


async def create_budget(writer: Writer, given: Given) -> int:
    """Sets what a place may give in a year."""
    place = await writer.find_open_place(given["place_id"], "placeId")
    year = given["year"]
    if not EARLIEST.year <= year <= LATEST.year:
        raise invalid(
            Message("The year must lie between {earliest} and {latest}.", earliest=EARLIEST.year, latest=LATEST.year),
            "year",
        )
    amount = yuan(given["amount"], "amount")
    try:
        row = await writer.insert(AwardBudget, place, year=year, amount=amount)
    except asyncpg.UniqueViolationError as error:
        raise Rejected(UserErrorCode.TAKEN, Message("The place has a budget for this year already."), "year") from error
    key: int = row["id"]
    return key


async def update_budget(writer: Writer, given: Given) -> int:
    """Sets another amount, not below what is spent."""
    row = await writer.claim(AwardBudget, "AB", given)
    amount = yuan(given["amount"], "amount")
    if amount < row["spent"]:
        raise Rejected(
            UserErrorCode.OVERSPENT, Message("{spent} yuan of it are spent already.", spent=row["spent"]), "amount"
        )
    key: int = (await writer.change(AwardBudget, row, amount=amount))["id"]
    return key


async def grant(writer: Writer, given: Given) -> int:
    """Awards a person whose home is in scope for a level that they have reached, out of a budget in scope."""
    person = await writer.find(Person, "P", given["person_id"], "personId", lock=True)
    budget = await writer.find(AwardBudget, "AB", given["budget_id"], "budgetId")
    level = QualificationLevel(given["level"]).value
    amount = yuan(given["amount"], "amount")
    on = day(given["granted_on"], "grantedOn", until=writer.today)
    if on.year < budget["year"]:
        raise invalid(Message("The budget is for {year}.", year=budget["year"]), "grantedOn")
    await _check_reached(writer, person, level, given)
    with _within_limits():
        row = await writer.insert(
            Award,
            person,
            person_id=person["id"],
            budget_id=budget["id"],
            level=level,
            year=budget["year"],
            amount=amount,
            granted_on=on,
        )
    key: int = row["id"]
    return key


async def settle(writer: Writer, given: Given) -> int:
    """Notes that an award was paid, or revokes it, which gives its money back to the budget."""
    row = await writer.claim(Award, "AW", given)
    field = "state" if row["state"] in AWARDS.open else "id"
    key: int = (await AWARDS.advance(writer, row, AwardState(given["state"]), field))["id"]
    return key


async def _check_reached(writer: Writer, person: Row, level: str, given: Given) -> None:
    """Refuses an award for a level that the person had not reached by then."""
    # Locked: a certificate must not be corrected away meanwhile.
    held = await writer.find_all(Qualification, {"person_id": person["id"], "level": level}, lock=True)
    if not any(certificate["obtained_on"] <= given["granted_on"] for certificate in held):
        raise invalid(Message("They had no certificate of this level by then."), "level")


@contextmanager
def _within_limits() -> Iterator[None]:
    """Says which of the database's two rules an award would break."""
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        if constraint_of(error) != ONCE:
            raise
        raise Rejected(
            UserErrorCode.TAKEN, Message("They have an award for this level already."), "personId"
        ) from error
    except asyncpg.CheckViolationError as error:
        if constraint_of(error) != SPENT:
            raise
        raise Rejected(UserErrorCode.OVERSPENT, Message("The budget has less than that left."), "amount") from error
