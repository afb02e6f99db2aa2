"""The administration of accounts from the command line, by whoever may act as the database's owner.

The root of all trust: no grant is asked for, and the audit log names no account. Each function takes a connection
inside a transaction and acts as `zhanwang_owner`, whom row-level security binds too: to write, it opens the scope of
the whole network that an account or place is in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from models import Role
from resolvers.core import audit
from resolvers.core.accounts import USERNAME, USERNAME_RULE, act_as, purge_sessions
from resolvers.core.passwords import Passwords, weakness
from resolvers.core.tokens import Tokens

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
IN_LINE = """
SELECT starts_with(one.path, other.path) OR starts_with(other.path, one.path)
  FROM place one, place other WHERE one.id = $1 AND other.id = $2
"""
IS_CLOSED = """
SELECT EXISTS (SELECT FROM (SELECT id, closed_on FROM station UNION ALL SELECT id, closed_on FROM community
                            UNION ALL SELECT id, closed_on FROM grid) AS placed
                WHERE placed.id = $1 AND placed.closed_on IS NOT NULL)
"""
FIND_ACCOUNT = "SELECT id, county_id FROM account WHERE username = $1"
LOCK_ACCOUNT = """
SELECT id, county_id, credential_version, disabled_at FROM account WHERE id = $1 FOR NO KEY UPDATE
"""
CREATE = """
INSERT INTO account (place_id, path, station_id, county_id, username, password_hash)
VALUES ($1, $2, $3, $4, $5, $6) RETURNING id
"""
GRANT = """
INSERT INTO account_grant (place_id, path, station_id, county_id, account_id, role)
VALUES ($1, $2, $3, $4, $5, $6) RETURNING id
"""
CURRENT = "holds(g.valid_from, g.valid_to)"
HAS_GRANT = f"""
SELECT EXISTS (SELECT FROM account_grant g
                WHERE g.account_id = $1 AND {CURRENT} AND ($2::bigint IS NULL OR (g.place_id = $2 AND g.role = $3)))
"""
# Those too that are yet to begin.
REVOKE = """
UPDATE account_grant SET valid_to = greatest(valid_from, now()), version = version + 1
 WHERE account_id = $1 AND place_id = $2 AND ($3::text IS NULL OR role = $3) AND (valid_to IS NULL OR valid_to > now())
RETURNING id, role
"""
DISABLE = "UPDATE account SET disabled_at = now(), version = version + 1 WHERE id = $1"
ENABLE = "UPDATE account SET disabled_at = NULL, version = version + 1 WHERE id = $1"
CHANGE = """
UPDATE account SET password_hash = $2, credential_version = credential_version + 1, version = version + 1
 WHERE id = $1
"""
END_SESSIONS = "UPDATE session SET ended_at = now() WHERE account_id = $1 AND ended_at IS NULL"
OPEN_SESSION = "INSERT INTO session (account_id, expires_at) VALUES ($1, now() + $2) RETURNING id"
LIST = f"""
WITH coded AS (SELECT id, code, name FROM station UNION ALL SELECT id, code, name FROM community
               UNION ALL SELECT id, code, name FROM grid)
SELECT a.username, c.code, c.name, a.created_at, a.disabled_at,
       ARRAY(SELECT g.role || '@' || gc.code FROM account_grant g JOIN coded gc ON gc.id = g.place_id
              WHERE g.account_id = a.id AND {CURRENT} ORDER BY g.valid_from, g.id) AS grants
  FROM account a JOIN coded c ON c.id = a.place_id ORDER BY a.path, a.username
"""


class AccountRefused(Exception):
    """The command cannot be done. `str()` of it is a sentence for the administrator."""


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """One account: its place's code and name, its current grants as ``ROLE@code``, oldest first."""

    username: str
    place_code: str
    place_name: str
    grants: tuple[str, ...]
    created_at: datetime
    disabled_at: datetime | None


async def create(
    connection: Any, passwords: Passwords, *, username: str, password: str, place_code: str, role: Role
) -> int:
    """Makes an account at a place, with a grant of a role there; its id.

    Raises AccountRefused for a username that is malformed or taken, a weak password, or a place that is unknown or
    closed.
    """
    if USERNAME.fullmatch(username) is None:
        raise AccountRefused(USERNAME_RULE)
    if sentence := weakness(password, username):
        raise AccountRefused(sentence)
    place = await _open_place(connection, place_code)
    await _refuse_closed(connection, place, place_code)
    password_hash = await passwords.hash(password)
    try:
        account_id: int = await connection.fetchval(CREATE, *place, username, password_hash)
    except asyncpg.UniqueViolationError:
        raise AccountRefused(f"There is an account {username} already.") from None
    await _audit(connection, account_id, "createAccount", "account", account_id, {"username": username})
    await _add_grant(connection, account_id, place, place_code, role)
    return account_id


async def grant(connection: Any, *, username: str, place_code: str, role: Role) -> int:
    """Gives an account a further role at a place, from now on; the grant's id.

    Raises AccountRefused for an unknown or disabled account, a place that is unknown, closed or another county's (but
    for a region above the account's, and for what is below an account's region), or a role that the account holds there
    already.
    """
    account = await _open_account(connection, username)
    place = await _open_place(connection, place_code)
    await _refuse_closed(connection, place, place_code)
    if not await connection.fetchval(IN_LINE, place["county_id"], account["county_id"]):
        raise AccountRefused(f"{place_code} lies in another county than the account {username}.")
    if await connection.fetchval(HAS_GRANT, account["id"], place["id"], role.value):
        raise AccountRefused(f"{username} is {role.value} at {place_code} already.")
    return await _add_grant(connection, account["id"], place, place_code, role)


async def revoke(connection: Any, *, username: str, place_code: str, role: Role | None) -> list[Role]:
    """Ends what an account is granted at a place, from the next request on; the roles that ended.

    role: the one that ends; None for all that it holds there. Raises AccountRefused for an unknown account or place, or
    if there is no such grant.
    """
    account = await _lock_account(connection, username)
    place = await _open_place(connection, place_code)
    ended = await connection.fetch(REVOKE, account["id"], place["id"], role)
    if not ended:
        raise AccountRefused(f"{username} is not {role.value if role else 'anything'} at {place_code}.")
    for row in ended:
        after: dict[str, object] = {"role": row["role"], "place": place_code}
        await _audit(connection, account["id"], "endGrant", "account_grant", row["id"], after)
    return [Role(row["role"]) for row in ended]


async def disable(connection: Any, *, username: str) -> None:
    """Shuts an account out from the next request on, and ends its sessions.

    Raises AccountRefused for an account that is unknown or disabled already.
    """
    account = await _open_account(connection, username)
    await connection.execute(DISABLE, account["id"])
    await _end_sessions(connection, account["id"])
    await _audit(connection, account["id"], "disableAccount", "account", account["id"], None)


async def enable(connection: Any, *, username: str) -> None:
    """Lets a disabled account log in again; sessions from before stay ended.

    Raises AccountRefused for an account that is unknown or not disabled.
    """
    account = await _lock_account(connection, username)
    if account["disabled_at"] is None:
        raise AccountRefused(f"The account {username} is not disabled.")
    await connection.execute(ENABLE, account["id"])
    # It may have been disabled by hand.
    await _end_sessions(connection, account["id"])
    await _audit(connection, account["id"], "enableAccount", "account", account["id"], None)


async def set_password(connection: Any, passwords: Passwords, *, username: str, password: str) -> None:
    """Gives an account a new password, disabled or not: every token so far becomes void, and its sessions end.

    Raises AccountRefused for an unknown account or a weak password.
    """
    if sentence := weakness(password, username):
        raise AccountRefused(sentence)
    password_hash = await passwords.hash(password)
    account = await _lock_account(connection, username)
    await connection.execute(CHANGE, account["id"], password_hash)
    await _end_sessions(connection, account["id"])
    await _audit(connection, account["id"], "setPassword", "account", account["id"], None)


async def list_all(connection: Any) -> list[ListedAccount]:
    """Every account, by the place that it belongs to."""
    await connection.execute(OWN)
    return [
        ListedAccount(
            username=row["username"],
            place_code=row["code"],
            place_name=row["name"],
            grants=tuple(row["grants"]),
            created_at=row["created_at"],
            disabled_at=row["disabled_at"],
        )
        for row in await connection.fetch(LIST)
    ]


async def mint_token(connection: Any, tokens: Tokens, *, username: str, life: timedelta) -> str:
    """An access token of an account, without its password; its session lives as long and cannot be refreshed.

    Raises AccountRefused for an account that is unknown, disabled or without a grant.
    """
    account = await _open_account(connection, username)
    if not await connection.fetchval(HAS_GRANT, account["id"], None, None):
        raise AccountRefused(f"{username} holds no grant at present; a token would open nothing.")
    await act_as(connection, account["id"])
    await purge_sessions(connection, account["id"], tokens.refresh_life)
    session_id: int = await connection.fetchval(OPEN_SESSION, account["id"], life)
    await _audit(connection, account["id"], "mintToken", "session", session_id, None)
    return tokens.issue(account["id"], account["credential_version"], session_id).text


async def _add_grant(connection: Any, account_id: int, place: Any, place_code: str, role: Role) -> int:
    grant_id: int = await connection.fetchval(GRANT, *place, account_id, role.value)
    await _audit(
        connection, account_id, "giveGrant", "account_grant", grant_id, {"role": role.value, "place": place_code}
    )
    return grant_id


async def _open_place(connection: Any, code: str) -> Any:
    """A place's id, path, station and county, with its network's scope opened."""
    await connection.execute(OWN)
    found = await connection.fetch(FIND_PLACES, code)
    if len(found) > 1:
        raise AccountRefused(f"Several places have the code {code}.")
    if not found:
        raise AccountRefused(f"There is no station, community or grid with the code {code}.")
    await connection.execute(OPEN_SCOPE, found[0]["county_id"])
    # Until the lock was there, it may have moved.
    return await connection.fetchrow(PLACE, found[0]["id"])


async def _refuse_closed(connection: Any, place: Any, code: str) -> None:
    if await connection.fetchval(IS_CLOSED, place["id"]):
        raise AccountRefused(f"{code} was closed.")


async def _open_account(connection: Any, username: str) -> Any:
    """An account that is not disabled, locked, with its network's scope opened."""
    account = await _lock_account(connection, username)
    if account["disabled_at"] is not None:
        raise AccountRefused(f"The account {username} is disabled.")
    return account


async def _lock_account(connection: Any, username: str) -> Any:
    """An account, disabled or not, locked, with its network's scope opened."""
    await connection.execute(OWN)
    found = await connection.fetchrow(FIND_ACCOUNT, username)
    if found is None:
        raise AccountRefused(f"There is no account {username}.")
    await connection.execute(OPEN_SCOPE, found["county_id"])
    await connection.execute(LOCK_AUTHORITY, found["id"])
    return await connection.fetchrow(LOCK_ACCOUNT, found["id"])


async def _end_sessions(connection: Any, account_id: int) -> None:
    await act_as(connection, account_id)
    await connection.execute(END_SESSIONS, account_id)


async def _audit(
    connection: Any, account_id: int, action: str, noun: str, row_id: int, after: dict[str, object] | None
) -> None:
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
