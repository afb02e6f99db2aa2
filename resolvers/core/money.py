"""Money that is given in an input, as it is kept: yuan, with two decimals at the most, never a float."""

from decimal import Decimal

from resolvers.core.messages import Message
from resolvers.core.texts import invalid

FEN = Decimal("0.01")
LIMIT = Decimal(10**10)
"""What the columns, `numeric(12, 2)`, can hold stays below it."""


def yuan(value: Decimal | None, field: str) -> Decimal:
    """An amount above nothing, in whole fen. Raises Rejected, also for what is a decimal and no number."""
    if value is None:
        raise invalid(Message("It must not be null."), field)
    if not value.is_finite() or not 0 < value < LIMIT:
        raise invalid(Message("The amount must lie above 0 and below {limit} yuan.", limit=LIMIT), field)
    kept = value.quantize(FEN)
    if kept != value:
        raise invalid(Message("The amount may have two decimals at the most."), field)
    return kept
