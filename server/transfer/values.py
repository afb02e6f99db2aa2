"""Cells as townships fill them in: what a reader finds in a cell, and what is meant by it.

Each parser takes a cell that is not empty and answers a value as the mutation's input takes it, or raises Fault.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from resolvers.core.messages import Message
from server.transfer.writing import STARTS_FORMULA

LONGEST = 1000
EXACT_DIGITS = 15
"""How many digits of a number a spreadsheet keeps."""

_GAPS = re.compile(r"\s+")
_PARTS = re.compile(r"(\d{4})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})日?(?: 00?:00(?::00)?)?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_SERIAL = re.compile(r"\d{1,6}(?:\.0+)?", re.ASCII)
_COUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.0+)?[户人]?", re.ASCII)
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:\.\d+)?E\+?\d+", re.ASCII | re.IGNORECASE)
_LAST_SERIAL = 2_958_465
_LOST = Message(
    "The spreadsheet has made a number of it and lost its last digits. Format the column as text (文本)"
    " and enter it again."
)


class RowCode(StrEnum):
    """Codes of faults that are found before anything is written; what the write finds has the codes of mutations."""

    INVALID = "INVALID"
    REQUIRED = "REQUIRED"
    DUPLICATE = "DUPLICATE"
    NOT_FOUND = "NOT_FOUND"
    MISSING_COLUMN = "MISSING_COLUMN"
    UNKNOWN_COLUMN = "UNKNOWN_COLUMN"
    DUPLICATE_COLUMN = "DUPLICATE_COLUMN"


class Fault(Exception):
    """A cell that cannot be used."""

    def __init__(self, message: Message, code: RowCode = RowCode.INVALID) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class Number:
    """A cell that the spreadsheet takes for a number, as the file spells it."""

    text: str

    def digits(self) -> str:
        """Its digits, if it is a whole number that a spreadsheet keeps exactly. Raises Fault."""
        try:
            value = Decimal(self.text)
        except InvalidOperation:
            raise Fault(Message("This is not a number.")) from None
        if not value.is_finite() or value.copy_abs() >= 10**EXACT_DIGITS:
            raise Fault(_LOST)
        if value != value.to_integral_value():
            raise Fault(Message("This has decimals."))
        return str(int(value))


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell in which the spreadsheet shows an error, such as #N/A."""

    text: str


Cell = str | Number | Broken | date | bool | None
Value = str | int
Parse = Callable[[Cell], Value]


def plain(text: str) -> str:
    """Text without the spaces around it, and with one where there are more; full-width ones are spaces."""
    text = _GAPS.sub(" ", text).strip()
    # As our own exports, and careful people, keep a spreadsheet from calculating it.
    return text[1:] if text.startswith("'") and text[1:].startswith(STARTS_FORMULA) else text


def folded(text: str) -> str:
    """Text without any spaces, full-width characters made ordinary."""
    return _GAPS.sub("", unicodedata.normalize("NFKC", text))


def is_empty(cell: Cell) -> bool:
    """Whether nothing is in it but spaces."""
    return cell is None or (isinstance(cell, str) and not plain(cell))


def text(cell: Cell) -> str:
    """Any text; numbers as they are spelled."""
    match cell:
        case Broken():
            raise Fault(Message("The cell shows the error {error}.", error=cell.text[:20]))
        case Number():
            return cell.digits()
        case bool():
            raise Fault(Message("The cell holds TRUE or FALSE."))
        case date():
            return _day(cell).isoformat()
        case None:
            return ""
    found = plain(cell)
    if len(found) > LONGEST:
        raise Fault(Message("The text is longer than {most} characters.", most=LONGEST))
    if any(unicodedata.category(character) in {"Cc", "Cs", "Cn"} for character in found):
        raise Fault(Message("The text has control characters."))
    return found


def code(cell: Cell) -> str:
    """A code: no spaces in it, full-width digits made ordinary."""
    found = folded(text(cell))
    if _SCIENTIFIC.fullmatch(found):
        raise Fault(_LOST)
    return found


def phone(cell: Cell) -> str:
    """A phone number without spaces and hyphens."""
    return code(cell).replace("-", "")


def id_number(cell: Cell) -> str:
    """An identity number; one that has been a number in a spreadsheet has lost its last digits."""
    return code(cell).upper()


def count(cell: Cell) -> int:
    """A whole number, with or without 户 or 人 behind it."""
    found = _COUNT.fullmatch(folded(text(cell)))
    if found is None or len(found[1]) > EXACT_DIGITS:
        raise Fault(Message("This is not a whole number."))
    return int(found[1].replace(",", ""))


def day(cell: Cell) -> str:
    """A day in ISO form, of 2024-05-01, 2024/5/1, 2024.5.1, 2024年5月1日, 20240501 or a spreadsheet's serial number."""
    if isinstance(cell, date):
        return _day(cell).isoformat()
    found = unicodedata.normalize("NFKC", text(cell))
    parts = _PARTS.fullmatch(found.replace("年 ", "年").replace("月 ", "月")) or _COMPACT.fullmatch(found)
    try:
        if parts:
            return date(*map(int, parts.groups())).isoformat()
        if _SERIAL.fullmatch(found):
            return of_serial(float(found)).isoformat()
    except (ValueError, OverflowError):
        raise Fault(Message("There is no such day.")) from None
    raise Fault(Message("This is not a day such as 2024-05-01."))


def of_serial(serial: float, *, since_1904: bool = False) -> date:
    """The day that a spreadsheet's serial number stands for. Raises ValueError."""
    if not 1 <= serial <= _LAST_SERIAL:
        raise ValueError("not a day")
    if since_1904:
        return date(1904, 1, 1) + timedelta(days=int(serial))
    # The day 60 is 29 February 1900, which there never was.
    return date(1899, 12, 31 if serial < 60 else 30) + timedelta(days=int(serial))


def choice(terms: Mapping[str, str]) -> Parse:
    """One value of an enumeration, by its name or its Chinese term."""
    values = {folded(word).upper(): name for name, word in terms.items()} | {name: name for name in terms}

    def parse(cell: Cell) -> str:
        found = values.get(folded(text(cell)).upper())
        if found is None:
            raise Fault(Message("This must be one of: {terms}.", terms=list(terms.values())))
        return found

    return parse


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value
