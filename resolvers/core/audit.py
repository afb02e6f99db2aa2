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

APPEND = """
INSERT INTO audit_entry (place_id, path, station_id, county_id,
                         account_id, grant_id, request_id, action, noun, row_id, after)
SELECT a.place_id, a.path, a.station_id, a.county_id, $2, $3, $4, $5, $6, $7, $8::text::jsonb
  FROM account a WHERE a.id = $1
"""


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
    await connection.execute(APPEND, account_id, by, grant_id, request_id, action, noun, row_id, text)


APPEND_READINGS = """
INSERT INTO audit_entry (place_id, path, station_id, county_id,
                         account_id, grant_id, request_id, action, noun, row_id)
SELECT p.id, p.path, p.station_id, p.county_id, $2, $3, $4, 'readPrivate', noun, row_id
  FROM place p, unnest($5::text[], $6::bigint[]) AS read (noun, row_id) WHERE p.path = $1
"""


async def append_readings(connection: Any, context: Context) -> None:
    """Appends an entry for each row whose personal data was read in full, in the transaction that read it."""
    if context.readings:
        identity = context.acting()
        grant = identity.grant
        nouns, keys = zip(*sorted(context.readings), strict=True)
        who = (grant.path, identity.account_id, grant.id, context.request_id)
        # The place may have moved since the statement: what cannot be recorded must not be answered.
        if await connection.execute(APPEND_READINGS, *who, nouns, keys) != f"INSERT 0 {len(keys)}":
            raise Unavailable
        context.readings.clear()


# Where a row lies, and the keys of others, which may be out of a reader's scope; what the database keeps sealed.
HIDDEN = re.compile(r"path|version|parent_.*|.*_path|.*_id|.*_cipher|.*_digest|sealed_with|password_hash")
APPEND_ENTRIES = """
INSERT INTO audit_entry (place_id, path, station_id, county_id,
                         account_id, grant_id, request_id, action, noun, row_id, before, after)
SELECT place_id, path, station_id, county_id, $1, $2, $3, $4, noun, row_id, before::jsonb, after::jsonb
  FROM unnest($5::bigint[], $6::text[], $7::bigint[], $8::bigint[], $9::text[], $10::bigint[], $11::text[], $12::text[])
    AS entry (place_id, path, station_id, county_id, noun, row_id, before, after)
"""


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
        places = [[entry.place[name] for entry in entries] for name in ("place_id", "path", "station_id", "county_id")]
        rows = [[getattr(entry, name) for entry in entries] for name in ("noun", "row_id", "before", "after")]
        who = (identity.account_id, identity.grant.id, context.request_id, action)
        await connection.execute(APPEND_ENTRIES, *who, *places, *rows)
