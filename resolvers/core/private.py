"""The details of a person, or of a client, as their rows keep them: opened for reading in full, checked and sealed for
writing, hashed for looking for. What each detail may be is `details`' to say.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import asyncpg
from sqlalchemy import ARRAY, LargeBinary, any_
from sqlmodel import SQLModel

from models import Person
from resolvers.core.context import Context
from resolvers.core.details import born_on, check_fit, check_id_number, check_phone, kept
from resolvers.core.errors import Unavailable
from resolvers.core.messages import Message
from resolvers.core.personal import PersonalVault, UnknownKey
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.texts import day, line
from resolvers.core.write import Given, Row, Writer

log = logging.getLogger("zhanwang.personal")

DETAILS = ("phone", "id_number", "birth_date", "address")
PRIVATE = ("id", *[f"{name}_cipher" for name in DETAILS])
"""The columns that `read_private` takes."""
LONGEST_ADDRESS = 200
USE_KEY = "SELECT use_personal_key()"


# -- reading -------------------------------------------------------------------------------------------------------


class Sealed:
    """Personal values of a row, sealed, by name."""

    def __init__(self, vault: PersonalVault, ciphers: dict[str, str | None]) -> None:
        self._vault, self._ciphers = vault, ciphers

    def open(self, name: str) -> str | None:
        """One of them in full."""
        cipher = self._ciphers[name]
        return None if cipher is None else self._vault.open(bytes.fromhex(cipher[2:]))


def read_private(context: Context, noun: str, key: int, *ciphers: str | None) -> Sealed:
    """The values of a row of the table `noun`, from the columns `PRIVATE` as JSON has them.

    Whoever calls this reads them: the row is added to the context's readings, which the executor records.
    """
    assert context.vault is not None
    context.readings.add((noun, key))
    return Sealed(context.vault, dict(zip(DETAILS, ciphers, strict=True)))


DIGESTS = ARRAY(LargeBinary())


def digests(column: str) -> Any:
    """Reads a plain personal value as the keyed hashes that may be stored of it, `DIGESTS`."""

    def convert(value: str, context: Context) -> list[bytes]:
        assert context.vault is not None
        return context.vault.digests(column, value)

    return convert


def is_digest(column: str) -> Any:
    """The filter of a plain personal value: rows in whose column one of its hashes is stored."""
    return lambda row, _, value, __: row.c[f"{column}_digest"] == any_(value)


# -- writing -------------------------------------------------------------------------------------------------------


async def new_details(writer: Writer, model: type[SQLModel], given: Given, gender: str | None = None) -> Row:
    """The columns of a new row's details; the birth date follows from the identity number if it is not given.

    gender: what the number must tell, if anything. Raises Rejected.
    """
    details = _details(writer, given)
    number = details.get("id_number")
    if number is not None:
        check_fit(number, gender, details.get("birth_date"))
        details["birth_date"] = details.get("birth_date") or born_on(number).isoformat()
    known = {name: value for name, value in details.items() if value is not None}
    if not known:
        return {}
    vault = await _sealing(writer)
    if number is not None:
        await _refuse_known(writer, model, number)
    return _kept(vault, known)


async def changed_details(
    writer: Writer, model: type[SQLModel], row: Row, given: Given, gender: str | None = None
) -> Row:
    """The columns of the details that are given and differ from a row's own; the birth date follows a new number.

    gender: as for `new_details`. Of a row that another key has sealed, all are sealed anew. Raises Rejected.
    """
    details = _details(writer, given)
    if {"id_number", "birth_date", "gender"} & given.keys():
        number = details["id_number"] if "id_number" in details else _open(writer, row, "id_number")
        if number is not None:
            if "id_number" in details:
                details.setdefault("birth_date", born_on(number).isoformat())
            born = details["birth_date"] if "birth_date" in details else _open(writer, row, "birth_date")
            check_fit(number, gender, born)
    changed = {name: value for name, value in details.items() if value != _open(writer, row, name)}
    if not changed:
        return {}
    vault = await _sealing(writer)
    if (number := changed.get("id_number")) is not None:
        await _refuse_known(writer, model, number)
    columns = _kept(vault, changed)
    if row["sealed_with"] != vault.name:
        rest = {name: _open(writer, row, name) for name in DETAILS if name not in changed}
        # As they are masked they stay, and the log has nothing to tell of them.
        columns = {name: value for name, value in _kept(vault, rest).items() if name not in DETAILS} | columns
    if all(columns[name] is None if name in columns else row[name] is None for name in DETAILS):
        columns["sealed_with"] = None
    return columns


@contextmanager
def number_taken(model: type[SQLModel]) -> Iterator[None]:
    """Refuses an identity number that another write under way has taken first."""
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise _taken(model) from error


def _details(writer: Writer, given: Given) -> dict[str, str | None]:
    """The details that are given, in their canonical spelling."""
    details: dict[str, str | None] = {name: None for name in DETAILS if name in given}
    if given.get("phone") is not None:
        details["phone"] = check_phone(given["phone"])
    if given.get("id_number") is not None:
        details["id_number"] = check_id_number(given["id_number"], writer.today)
    if given.get("birth_date") is not None:
        details["birth_date"] = day(given["birth_date"], "birthDate", until=writer.today).isoformat()
    if given.get("address") is not None:
        details["address"] = line(given["address"], "address", LONGEST_ADDRESS)
    return details


def _open(writer: Writer, row: Row, name: str) -> str | None:
    cipher = row[f"{name}_cipher"]
    return None if cipher is None else _vault(writer).open(cipher)


def _kept(vault: PersonalVault, details: Mapping[str, str | None]) -> Row:
    columns: Row = {"sealed_with": vault.name}
    for name, value in details.items():
        columns |= kept(vault, name, value)
    return columns


def _vault(writer: Writer) -> PersonalVault:
    assert writer.context.vault is not None
    return writer.context.vault


async def _sealing(writer: Writer) -> PersonalVault:
    """The vault that seals with the key which is in use, to the end of the transaction.

    Raises Unavailable on a server without that key: what it wrote by another would not be found by the others.
    """
    if writer.sealing is None:
        name = await writer.connection.fetchval(USE_KEY)
        vault = _vault(writer)
        try:
            writer.sealing = vault if name is None else vault.using(name)
        except UnknownKey:
            log.error("Personal data cannot be written: ZHANWANG_PERSONAL_KEYS lacks the key in use, %s", name)
            raise Unavailable from None
    return writer.sealing


async def _refuse_known(writer: Writer, model: type[SQLModel], number: str) -> None:
    """Refuses the identity number of somebody in scope; of others it must not tell."""
    for digest in _vault(writer).digests("id_number", number):
        if await writer.find_where(model, {"id_number_digest": digest}):
            raise _taken(model)


def _taken(model: type[SQLModel]) -> Rejected:
    person = Message("There is a person with this identity number already.")
    client = Message("There is a client with this identity number already.")
    return Rejected(UserErrorCode.TAKEN, person if model is Person else client, "idNumber")
