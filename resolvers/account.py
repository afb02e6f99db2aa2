"""The administration of accounts from the command line, by whoever may act as the database's owner.

Each function takes a connection inside a transaction, and acts as `resolvers.core.owner` says.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from models import AccountKind, Role
from resolvers.core.accounts import USERNAME, USERNAME_RULE, act_as, purge_sessions
from resolvers.core.owner import OWN, AccountRefused, lock_account, open_account, open_place, record
from resolvers.core.passwords import Passwords, weakness
from resolvers.core.tokens import Tokens

IN_LINE = """
SELECT starts_with(one.path, other.path) OR starts_with(other.path, one.path)
  FROM place one, place other WHERE one.id = $1 AND other.id = $2
"""
IS_CLOSED = """
SELECT EXISTS (SELECT FROM (SELECT id, closed_on FROM station UNION ALL SELECT id, closed_on FROM community
                            UNION ALL SELECT id, closed_on FROM grid) AS placed
                WHERE placed.id = $1 AND placed.closed_on IS NOT NULL)
"""
CREATE = """
INSERT INTO account (place_id, path, station_id, county_id, username, password_hash, kind)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id
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
    connection: Any,
    passwords: Passwords,
    *,
    username: str,
    password: str | None,
    place_code: str,
    role: Role,
    kind: AccountKind = AccountKind.PERSON,
) -> int:
    """Makes an account at a place, with a grant of a role there; its id.

    password: None for a service account, and for who signs in from outside alone. Raises AccountRefused for a username
    that is malformed or taken, a weak password, or a place that is unknown or closed.
    """
    if USERNAME.fullmatch(username) is None:
        raise AccountRefused(USERNAME_RULE)
    if password is not None and (sentence := weakness(password, username)):
        raise AccountRefused(sentence)
    place = await open_place(connection, place_code)
    await _refuse_closed(connection, place, place_code)
    password_hash = None if password is None else await passwords.hash(password)
    try:
        account_id: int = await connection.fetchval(CREATE, *place, username, password_hash, kind.value)
    except asyncpg.UniqueViolationError:
        raise AccountRefused(f"There is an account {username} already.") from None
    await record(connection, account_id, "createAccount", "account", account_id, {"username": username})
    await _add_grant(connection, account_id, place, place_code, role)
    return account_id


async def grant(connection: Any, *, username: str, place_code: str, role: Role) -> int:
    """Gives an account a further role at a place, from now on; the grant's id.

    Raises AccountRefused for an unknown or disabled account, a place that is unknown, closed or another county's (but
    for a region above the account's, and for what is below an account's region), or a role that the account holds there
    already.
    """
    account = await open_account(connection, username)
    place = await open_place(connection, place_code)
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
    account = await lock_account(connection, username)
    place = await open_place(connection, place_code)
    ended = await connection.fetch(REVOKE, account["id"], place["id"], role)
    if not ended:
        raise AccountRefused(f"{username} is not {role.value if role else 'anything'} at {place_code}.")
    for row in ended:
        after: dict[str, object] = {"role": row["role"], "place": place_code}
        await record(connection, account["id"], "endGrant", "account_grant", row["id"], after)
    return [Role(row["role"]) for row in ended]


async def disable(connection: Any, *, username: str) -> None:
    """Shuts an account out from the next request on, and ends its sessions.

    Raises AccountRefused for an account that is unknown or disabled already.
    """
    account = await open_account(connection, username)
    await connection.execute(DISABLE, account["id"])
    await _end_sessions(connection, account["id"])
    await record(connection, account["id"], "disableAccount", "account", account["id"], None)


async def enable(connection: Any, *, username: str) -> None:
    """Lets a disabled account log in again; sessions from before stay ended.

    Raises AccountRefused for an account that is unknown or not disabled.
    """
    account = await lock_account(connection, username)
    if account["disabled_at"] is None:
        raise AccountRefused(f"The account {username} is not disabled.")
    await connection.execute(ENABLE, account["id"])
    # It may have been disabled by hand.
    await _end_sessions(connection, account["id"])
    await record(connection, account["id"], "enableAccount", "account", account["id"], None)


async def set_password(connection: Any, passwords: Passwords, *, username: str, password: str) -> None:
    """Gives an account a new password, disabled or not: every token so far becomes void, and its sessions end.

    Raises AccountRefused for an unknown account, a service account or a weak password.
    """
    if sentence := weakness(password, username):
        raise AccountRefused(sentence)
    password_hash = await passwords.hash(password)
    account = await lock_account(connection, username)
    if account["kind"] == AccountKind.SERVICE:
        raise AccountRefused(f"{username} is a service account: it has keys, and no password.")
    await connection.execute(CHANGE, account["id"], password_hash)
    await _end_sessions(connection, account["id"])
    await record(connection, account["id"], "setPassword", "account", account["id"], None)


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
    account = await open_account(connection, username)
    if not await connection.fetchval(HAS_GRANT, account["id"], None, None):
        raise AccountRefused(f"{username} holds no grant at present; a token would open nothing.")
    await act_as(connection, account["id"])
    await purge_sessions(connection, account["id"], tokens.refresh_life)
    session_id: int = await connection.fetchval(OPEN_SESSION, account["id"], life)
    await record(connection, account["id"], "mintToken", "session", session_id, None)
    return tokens.issue(account["id"], account["credential_version"], session_id).text


async def _add_grant(connection: Any, account_id: int, place: Any, place_code: str, role: Role) -> int:
    grant_id: int = await connection.fetchval(GRANT, *place, account_id, role.value)
    await record(
        connection, account_id, "giveGrant", "account_grant", grant_id, {"role": role.value, "place": place_code}
    )
    return grant_id


async def _refuse_closed(connection: Any, place: Any, code: str) -> None:
    if await connection.fetchval(IS_CLOSED, place["id"]):
        raise AccountRefused(f"{code} was closed.")


async def _end_sessions(connection: Any, account_id: int) -> None:
    await act_as(connection, account_id)
    await connection.execute(END_SESSIONS, account_id)
