"""Qualifications: how a person's certificates are written; they belong where the person does."""

import unicodedata

from models import Person, Qualification, QualificationLevel
from resolvers.core.messages import Message
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.texts import LATEST, day, invalid, line, needed
from resolvers.core.write import Given, Row, Writer

LONGEST = 50


async def create(writer: Writer, given: Given) -> int:
    """Adds a certificate of a person whose home is in scope."""
    person = await writer.find(Person, "P", given["person_id"], "personId", lock=True)
    columns = await _columns(writer, given, {})
    key: int = (await writer.insert(Qualification, person, person_id=person["id"], **columns))["id"]
    return key


async def update(writer: Writer, given: Given) -> int:
    """Corrects a certificate."""
    row = await writer.claim(Qualification, "Q", given)
    key: int = (await writer.change(Qualification, row, **await _columns(writer, given, row)))["id"]
    return key


async def _columns(writer: Writer, given: Given, row: Row) -> Row:
    """The columns that are given, checked against each other and what the row has."""
    columns: Row = {}
    if "level" in given:
        columns["level"] = QualificationLevel(needed(given["level"], "level")).value
    if "obtained_on" in given:
        columns["obtained_on"] = day(given["obtained_on"], "obtainedOn", until=writer.today)
    if "expires_on" in given:
        columns["expires_on"] = None if given["expires_on"] is None else day(given["expires_on"], "expiresOn")
    whole = row | columns
    if (whole.get("expires_on") or LATEST) <= whole["obtained_on"]:
        raise invalid(Message("It must expire after the day it was obtained."), "expiresOn")
    if "certificate_number" in given:
        text = unicodedata.normalize("NFKC", given["certificate_number"] or "")
        columns["certificate_number"] = line(text, "certificateNumber", LONGEST)
        await _refuse_known(writer, columns["certificate_number"], row)
    return columns


async def _refuse_known(writer: Writer, number: str, row: Row) -> None:
    """Refuses the number of somebody's certificate in scope; of others it must not tell."""
    for other in await writer.find_all(Qualification, {"certificate_number": number}):
        if other["id"] != row.get("id"):
            raise Rejected(
                UserErrorCode.TAKEN, Message("There is a certificate with this number already."), "certificateNumber"
            )
