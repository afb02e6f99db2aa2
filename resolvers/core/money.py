"""Money that is given in an input, as it is kept: yuan, with two decimals at the most, never a float."""

from decimal import Decimal

from resolvers.core.messages import Message
from resolvers.core.texts import invalid, needed

FEN = Decimal("0.01")
LIMIT = Decimal(10**10)
"""What the columns, `numeric(12, 2)`, can hold stays below it."""


def yuan(value: Decimal | None, field: str) -> Decimal:
    """An amount above nothing, in whole fen. Raises Rejected, also for what is a decimal and no number."""
    given = needed(value, field)
    if not given.is_finite() or not 0 < given < LIMIT:
        raise invalid(Message("The amount must lie above 0 and below {limit} yuan.", limit=LIMIT), field)
    kept = given.quantize(FEN)
    if kept != given:
        raise invalid(Message("The amount may have two decimals at the most."), field)
    return kept
