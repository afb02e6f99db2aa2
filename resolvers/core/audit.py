"""The audit log: entries about accounts, and about personal data that was read in full.

An entry about an account is kept at the place that administers it; one about a reading at the place whose grant the
reader acted under, which is always in their scope.
"""

from typing import Any

import orjson

from resolvers.core.context import Context
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
SELECT p.id, p.path, p.station_id, p.county_id, $2, $3, $4, 'readPrivate', 'person', person_id
  FROM place p, unnest($5::bigint[]) AS person_id WHERE p.path = $1
"""


async def append_readings(connection: Any, context: Context) -> None:
    """Appends an entry for each person whose personal data was read in full, in the transaction that read it."""
    if context.readings:
        identity = context.acting()
        grant = identity.grant
        people = sorted(context.readings)
        who = (grant.path, identity.account_id, grant.id, context.request_id)
        # The place may have moved since the statement: what cannot be recorded must not be answered.
        if await connection.execute(APPEND_READINGS, *who, people) != f"INSERT 0 {len(people)}":
            raise Unavailable
