"""What the command line does by the rights of the database's owner: the root of all trust.

No grant is asked for, and the audit log names no account. Each function takes a connection inside a transaction, and
acts as `zhanwang_owner`, whom row-level security binds too: to write, it opens the scope of the whole network that an
account or place is in.
"""

from typing import Any

from resolvers.core import audit

REQUEST_ID = "command line"

OWN = "SET LOCAL ROLE zhanwang_owner"
# With the locks that every write takes, before any row is.
OPEN_SCOPE = """
SELECT lock_county(id, false), set_config('zhanwang.scope', split_part(path, '.', 1) || '.', true)
  FROM place WHERE id = $1
"""
LOCK_AUTHORITY = "SELECT lock_authority(NULL, $1)"
# Codes are unique within each of the three kinds only.
FIND_PLACES = """
SELECT p.id, p.county_id FROM place p
  JOIN (SELECT id FROM station WHERE code = $1 UNION ALL SELECT id FROM community WHERE code = $1
        UNION ALL SELECT id FROM grid WHERE code = $1) AS coded ON coded.id = p.id
"""
PLACE = "SELECT id, path, station_id, county_id FROM place WHERE id = $1"
FIND_ACCOUNT = "SELECT id, county_id FROM account WHERE username = $1"
LOCK_ACCOUNT = """
SELECT id, place_id, path, station_id, county_id, kind, credential_version, disabled_at
  FROM account WHERE id = $1 FOR NO KEY UPDATE
"""


class AccountRefused(Exception):
    """The command cannot be done. `str()` of it is a sentence for the administrator."""


async def open_place(connection: Any, code: str) -> Any:
    """A place's id, path, station and county, with its network's scope opened. Raises AccountRefused."""
    await connection.execute(OWN)
    found = await connection.fetch(FIND_PLACES, code)
    if len(found) > 1:
        raise AccountRefused(f"Several places have the code {code}.")
    if not found:
        raise AccountRefused(f"There is no station, community or grid with the code {code}.")
    await connection.execute(OPEN_SCOPE, found[0]["county_id"])
    # Until the lock was there, it may have moved.
    return await connection.fetchrow(PLACE, found[0]["id"])


async def open_account(connection: Any, username: str) -> Any:
    """An account that is not disabled, locked, with its network's scope opened. Raises AccountRefused."""
    account = await lock_account(connection, username)
    if account["disabled_at"] is not None:
        raise AccountRefused(f"The account {username} is disabled.")
    return account


async def lock_account(connection: Any, username: str) -> Any:
    """An account, disabled or not, locked, with its network's scope opened. Raises AccountRefused."""
    await connection.execute(OWN)
    found = await connection.fetchrow(FIND_ACCOUNT, username)
    if found is None:
        raise AccountRefused(f"There is no account {username}.")
    await connection.execute(OPEN_SCOPE, found["county_id"])
    await connection.execute(LOCK_AUTHORITY, found["id"])
    return await connection.fetchrow(LOCK_ACCOUNT, found["id"])


async def record(
    connection: Any, account_id: int, action: str, noun: str, row_id: int, after: dict[str, object] | None
) -> None:
    """Appends what was done to the audit log, at an account's place."""
    await audit.append(
        connection,
        account_id=account_id,
        request_id=REQUEST_ID,
        action=action,
        noun=noun,
        row_id=row_id,
        by=None,
        after=after,
    )
