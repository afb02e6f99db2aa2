"""The audit log's entries about accounts themselves, kept at the place that administers the account."""

from typing import Any

import orjson

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
