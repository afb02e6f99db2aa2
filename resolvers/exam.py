"""Results of the social worker's exam (考试成绩): all, by id, those of a person; and how they are written.

They belong where the person does.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from models import ExamResult, Person, QualificationLevel
from resolvers.core.mapping import Relation
from resolvers.core.messages import Message
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.relations import by, found
from resolvers.core.texts import EARLIEST, invalid, needed
from resolvers.core.write import Given, Row, Writer

FOUND = found("EX", by_code=False)
ALL = Relation()
CANDIDATE = by("person_id")
OF_PERSON = by("id", "person_id", order=("year", "id"))


# -- writing -------------------------------------------------------------------------------------------------------


async def record(writer: Writer, given: Given) -> int:
    """Records how a person whose home is in scope did."""
    person = await writer.find(Person, "P", given["person_id"], "personId", lock=True)
    columns = _columns(writer, given)
    with _once():
        row = await writer.insert(ExamResult, person, person_id=person["id"], **columns)
    key: int = row["id"]
    return key


async def update(writer: Writer, given: Given) -> int:
    """Corrects a result."""
    row = await writer.claim(ExamResult, "EX", given)
    with _once():
        changed = await writer.change(ExamResult, row, **_columns(writer, given))
    key: int = changed["id"]
    return key


@contextmanager
def _once() -> Iterator[None]:
    """Refuses a second result of a person, level and year."""
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        message = Message("There is a result of theirs for this level and year already.")
        raise Rejected(UserErrorCode.TAKEN, message, "year") from error


def _columns(writer: Writer, given: Given) -> Row:
    """The columns that are given."""
    columns: Row = {}
    for name in ("level", "year", "passed"):
        if name in given:
            columns[name] = needed(given[name], name)
    if "level" in columns:
        columns["level"] = QualificationLevel(columns["level"]).value
    if "year" in columns and not EARLIEST.year <= columns["year"] <= writer.today.year:
        raise invalid(
            Message(
                "The year must lie between {earliest} and {latest}.", earliest=EARLIEST.year, latest=writer.today.year
            ),
            "year",
        )
    return columns
