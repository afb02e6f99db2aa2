"""What is given in an input, as it is kept: text on one line or several, days and times that may be."""

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import TypeVar

from resolvers.core.messages import Message
from resolvers.core.refusals import Rejected, UserErrorCode

T = TypeVar("T")

EARLIEST = date(1900, 1, 1)
LATEST = date(2200, 1, 1)
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def invalid(message: Message, field: str) -> Rejected:
    """A refusal for a value that cannot be used; `field` in GraphQL's spelling."""
    return Rejected(UserErrorCode.INVALID, message, field)


def needed(value: T | None, field: str) -> T:
    """What is given and must not be null. Raises Rejected."""
    if value is None:
        raise invalid(Message("It must not be null."), field)
    return value


def line(text: str | None, field: str, longest: int) -> str:
    """Text trimmed, any run of spaces or line ends made one space. Raises Rejected if it is empty or too long."""
    return _checked(" ".join((text or "").split()), field, longest)


def prose(text: str | None, field: str, longest: int) -> str:
    """Text of several lines, each trimmed, with one empty line at the most between two. Raises Rejected as `line`."""
    lines = "\n".join(part.strip() for part in (text or "").splitlines())
    return _checked(re.sub(r"\n{3,}", "\n\n", lines.strip("\n")), field, longest)


def _checked(kept: str, field: str, longest: int) -> str:
    if not kept:
        raise invalid(Message("It must not be empty."), field)
    if len(kept) > longest:
        raise invalid(Message("It may have {most} characters at the most.", most=longest), field)
    # Two names must not differ in what nobody sees. Private-use characters stay: rare names are written with them.
    if any(unicodedata.category(character) in {"Cc", "Cf"} for character in kept.replace("\n", "")):
        raise invalid(Message("It must not have control characters."), field)
    return kept


def day(value: date | None, field: str, *, until: date = LATEST) -> date:
    """A day from 1900 on, up to another. Raises Rejected."""
    given = needed(value, field)
    if not EARLIEST <= given <= until:
        raise invalid(
            Message("The day must lie between {earliest} and {until}.", earliest=EARLIEST, until=until), field
        )
    return given


def moment(value: datetime, field: str) -> datetime:
    """A time with its offset, from 2000 on. Raises Rejected."""
    if value.tzinfo is None:
        raise invalid(Message("Say its offset too, like 2026-01-31T08:00:00+08:00."), field)
    if not FIRST <= value <= LAST:
        raise invalid(Message("The year must be between 2000 and 2199."), field)
    return value
