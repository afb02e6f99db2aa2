"""The audit log: entries about writes, about accounts, and about personal data that was read in full.

An entry about a write is kept at the place of the row, one about an account at the place that administers it; one about
a reading at the place whose grant the reader acted under, which is always in their scope.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from resolvers.core.context import Context, Identity
from resolvers.core.errors import Unavailable

# By values, one row a statement: a distributed database takes no rows that a SELECT makes where policies guard them.
APPEND_ENTRY = """
INSERT INTO audit_entry (place_id, path, station_id, county_id,
                         account_id, grant_id, request_id, action, noun, row_id, before, after)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::jsonb, $12::text::jsonb)
"""
PLACE_OF = "SELECT place_id, path, station_id, county_id FROM account WHERE id = $1"


async def append(
    connection: Any,
    *,
    account_id: int,
    request_id: str,
    action: str,
    noun: str,
    row_id: int,
    by: int | None,
    grant_id: int | None = None,
    after: dict[str, object] | None = None,
) -> None:
    """Appends an entry about an account, in the transaction of `connection`.

    action: the mutation's name, or what has happened. noun, row_id: the row that was written.
    by: the account that did it; None for an administrator at the command line.
    after: what has become of the row, without secrets.
    """
    text = None if after is None else orjson.dumps(after).decode()
    place = await connection.fetchrow(PLACE_OF, account_id)
    if place is not None:
        await connection.execute(APPEND_ENTRY, *place, by, grant_id, request_id, action, noun, row_id, None, text)


ACTING_PLACE = "SELECT id AS place_id, path, station_id, county_id FROM place WHERE path = $1 AND county_id = $2"
READING = "readPrivate"
LOCATION = ("place_id", "path", "station_id", "county_id")


async def append_readings(connection: Any, context: Context) -> None:
    """Appends an entry for each row whose personal data was read in full, in the transaction that read it."""
    if context.readings:
        identity = context.acting()
        place = await connection.fetchrow(ACTING_PLACE, identity.grant.path, identity.grant.county_id)
        # The place may have moved since the statement: what cannot be recorded must not be answered.
        if place is None:
            raise Unavailable
        entries = [Entry(place, noun, key, None, None) for noun, key in sorted(context.readings)]
        await append_entries(connection, context, identity, READING, entries)
        context.readings.clear()


# Where a row lies, and the keys of others, which may be out of a reader's scope; what the database keeps sealed.
HIDDEN = re.compile(r"path|version|parent_.*|.*_path|.*_id|.*_cipher|.*_digest|sealed_with|password_hash")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a write has made of a row: `before` and `after` are JSON of the columns that it changed.

    place: the four columns by which the entry belongs to a place. noun: the row's table.
    """

    place: Mapping[str, Any]
    noun: str
    row_id: int
    before: str | None
    after: str | None


def shown(values: Mapping[str, Any] | None) -> str | None:
    """Columns as an entry tells them, in JSON; personal ones are masked already."""
    if values is None:
        return None
    told = {name: value for name, value in values.items() if not HIDDEN.fullmatch(name)}
    # Decimals are text here, too.
    return orjson.dumps(told, default=str).decode()


async def append_entries(
    connection: Any, context: Context, identity: Identity, action: str, entries: list[Entry]
) -> None:
    """Appends what a write has done, in its transaction."""
    if entries:
        who = (identity.account_id, identity.grant.id, context.request_id, action)
        await connection.executemany(
            APPEND_ENTRY,
            [
                (*[entry.place[name] for name in LOCATION], *who, entry.noun, entry.row_id, entry.before, entry.after)
                for entry in entries
            ],
        )
