"""What is given in an input, as it is kept: text on one line or several, days that may be."""

import re
import unicodedata
from datetime import date

from resolvers.core.refusals import Rejected, UserErrorCode

EARLIEST = date(1900, 1, 1)
LATEST = date(2200, 1, 1)


def invalid(message: str, field: str) -> Rejected:
    """A refusal for a value that cannot be used; `field` in GraphQL's spelling."""
    return Rejected(UserErrorCode.INVALID, message, field)


def line(text: str | None, field: str, longest: int) -> str:
    """Text trimmed, any run of spaces or line ends made one space. Raises Rejected if it is empty or too long."""
    return _checked(" ".join((text or "").split()), field, longest)


def prose(text: str | None, field: str, longest: int) -> str:
    """Text of several lines, each trimmed, with one empty line at the most between two. Raises Rejected as `line`."""
    lines = "\n".join(part.strip() for part in (text or "").splitlines())
    return _checked(re.sub(r"\n{3,}", "\n\n", lines.strip("\n")), field, longest)


def _checked(kept: str, field: str, longest: int) -> str:
    if not kept:
        raise invalid("It must not be empty.", field)
    if len(kept) > longest:
        raise invalid(f"It may have {longest} characters at the most.", field)
    # Two names must not differ in what nobody sees. Private-use characters stay: rare names are written with them.
    if any(unicodedata.category(character) in {"Cc", "Cf"} for character in kept.replace("\n", "")):
        raise invalid("It must not have control characters.", field)
    return kept


def day(value: date | None, field: str, *, until: date = LATEST) -> date:
    """A day from 1900 on, up to another. Raises Rejected."""
    if value is None:
        raise invalid("It must not be null.", field)
    if not EARLIEST <= value <= until:
        raise invalid(f"The day must lie between {EARLIEST} and {until}.", field)
    return value
