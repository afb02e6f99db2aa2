"""What the tests of the audit log, as it is read, have in common."""

from datetime import UTC, datetime
from typing import Any

from tests.nouns.base import letters
from tests.scene import TABLES, World, Writing, fresh, key

APPEND = """
INSERT INTO audit_entry (place_id, path, station_id, county_id, at, account_id, grant_id, request_id, action, noun,
                         row_id, before, after)
SELECT p.id, p.path, p.station_id, p.county_id, $2, $3, (SELECT min(id) FROM account_grant WHERE account_id = $3), $4,
       $5, $6, $7, $8::jsonb, $9::jsonb FROM place p WHERE p.id = $1 RETURNING id
"""
AT = datetime(2021, 6, 1, tzinfo=UTC)


def append(
    world: World,
    place: str,
    subject: str = "P1",
    *,
    at: datetime = AT,
    by: int | None = None,
    action: str = "updatePerson",
    noun: str | None = None,
    before: str | None = None,
    after: str | None = None,
) -> str:
    """An entry at a place about a row; its id."""
    noun = noun or TABLES[letters(subject)]
    values = (key(place), at, by, fresh("r"), action, noun, key(subject), before, after)
    return f"E{world.value(APPEND, *values)}"


def found(asker: Writing, arguments: str = "", **variables: Any) -> list[str]:
    """The ids of the entries of a page, in its order."""
    types = {"id": "ID", "ids": "[ID!]", "text": "String", "time": "DateTime"}
    declared = ", ".join(f"${name}: {types[name]}" for name in variables)
    head = f"query ({declared})" if declared else "query"
    answer = asker.ask(f"{head} {{ auditEntries{arguments and f'({arguments})'} {{ nodes {{ id }} }} }}", variables)
    return [node["id"] for node in answer["auditEntries"]["nodes"]]
