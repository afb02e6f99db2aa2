"""A person's details as they are given: checked, and as a row keeps them, sealed and masked.

Identity numbers are those of GB 11643: six digits of a region, the birth date, three of a serial whose last is odd for
men, and a check character by ISO 7064 MOD 11-2.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

from models import Gender
from resolvers.core.messages import Message
from resolvers.core.personal import (
    MOBILE_LENGTH,
    PersonalVault,
    mask_address,
    mask_birth_date,
    mask_id_number,
    mask_phone,
)
from resolvers.core.texts import EARLIEST, invalid

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
ID_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9X]", re.ASCII)
PHONE = re.compile(r"(?:\+86)?([0-9]{5,20})", re.ASCII)
BEGINS_AS_MOBILE = re.compile(r"1[3-9]", re.ASCII)
# How people set the digits apart.
GAPS = re.compile(r"[\s\-–—()]")

MASKS: dict[str, Callable[[str], str]] = {
    "phone": mask_phone,
    "id_number": mask_id_number,
    "birth_date": mask_birth_date,
    "address": mask_address,
}
"""How each of them is masked."""
DIGESTED = ("phone", "id_number")
"""Those that somebody may look for."""


def check_phone(text: str) -> str:
    """The digits of a Chinese phone number, without the country's code. Raises Rejected."""
    found = PHONE.fullmatch(GAPS.sub("", unicodedata.normalize("NFKC", text)))
    if found is None:
        raise invalid(Message("A phone number has 5 to 20 digits, behind +86 or not."), "phone")
    # A service number such as 12345 begins as no mobile does.
    if BEGINS_AS_MOBILE.match(found[1]) and len(found[1]) != MOBILE_LENGTH:
        raise invalid(Message("A mobile number has {digits} digits.", digits=MOBILE_LENGTH), "phone")
    return found[1]


def check_id_number(text: str, today: date) -> str:
    """An identity number in its canonical spelling, with a capital X. Raises Rejected."""
    number = GAPS.sub("", unicodedata.normalize("NFKC", text)).upper()
    if not ID_NUMBER.fullmatch(number):
        raise invalid(Message("An identity number has 17 digits, and one more or an X."), "idNumber")
    weighted = sum(int(digit) * weight for digit, weight in zip(number[:-1], WEIGHTS, strict=True))
    if number[-1] != CHECK_CHARACTERS[weighted % len(CHECK_CHARACTERS)]:
        raise invalid(Message("The last character does not fit the others: a digit must be wrong."), "idNumber")
    try:
        born = born_on(number)
    except ValueError:
        raise invalid(Message("There is no such birth date as it says."), "idNumber") from None
    if not EARLIEST <= born <= today:
        raise invalid(Message("The birth date that it says cannot be."), "idNumber")
    return number


def check_fit(number: str, gender: str | None, born: str | None) -> None:
    """Refuses an identity number that tells of another gender, or another birth date, if known. Raises Rejected."""
    if gender is not None and gender_of(number) != gender:
        raise invalid(Message("The identity number and the gender do not fit."), "idNumber")
    if born is not None and born_on(number).isoformat() != born:
        raise invalid(Message("The identity number and the birth date do not fit."), "idNumber")


def born_on(number: str) -> date:
    """The birth date in an identity number. Raises ValueError."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def gender_of(number: str) -> Gender:
    """The gender in an identity number."""
    return Gender.MALE if int(number[16]) % 2 else Gender.FEMALE


def kept(vault: PersonalVault, name: str, value: str | None) -> dict[str, Any]:
    """The columns of a row that keep a detail: masked, sealed and, where it may be looked for, hashed."""
    columns: dict[str, Any] = {
        name: None if value is None else MASKS[name](value),
        f"{name}_cipher": None if value is None else vault.seal(value),
    }
    if name in DIGESTED:
        columns[f"{name}_digest"] = None if value is None else vault.digest(name, value)
    return columns
