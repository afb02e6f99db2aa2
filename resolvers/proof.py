"""How accounts prove who they are, other than by a password, from the command line: identities and service keys.

Each function takes a connection inside a transaction, and acts as `resolvers.core.owner` says.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from models import AccountKind
from resolvers.core.accounts import act_as
from resolvers.core.owner import OWN, AccountRefused, lock_account, open_account, record
from resolvers.core.service_keys import LONGEST_NAME, SHOWN, new_key
from resolvers.core.tokens import digest

LINK = """
INSERT INTO external_identity (place_id, path, station_id, county_id, account_id, issuer, subject)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id
"""
UNLINK = """
UPDATE external_identity SET valid_to = greatest(valid_from, now()), version = version + 1
 WHERE account_id = $1 AND issuer = $2 AND subject = $3 AND valid_to IS NULL RETURNING id
"""
END_SESSIONS = "UPDATE session SET ended_at = now() WHERE account_id = $1 AND ended_at IS NULL"
OPEN_SESSION = """
INSERT INTO session (account_id, of_key, expires_at)
VALUES ($1, true, COALESCE(now() + $2::interval, '9999-12-31Z')) RETURNING id
"""
ADD_KEY = """
INSERT INTO service_key (place_id, path, station_id, county_id, account_id, name, prefix, digest, session_id, valid_to)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + $10::interval) RETURNING id
"""
FIND_KEYS = """
SELECT id, session_id FROM service_key
 WHERE account_id = $1 AND (prefix = $2 OR name = $2) AND (valid_to IS NULL OR valid_to > now())
"""
END_SESSION = "UPDATE session SET ended_at = now() WHERE id = $1 AND ended_at IS NULL"
COUNT_CHANGE = "UPDATE service_key SET version = version + 1 WHERE id = $1"
LIST_KEYS = """
SELECT a.username, k.name, k.prefix, k.valid_from, k.valid_to, k.last_used_at
  FROM service_key k JOIN account a ON a.id = k.account_id
 WHERE ($1::text IS NULL OR a.username = $1) AND (k.valid_to IS NULL OR k.valid_to > now())
 ORDER BY a.username, k.valid_from, k.id
"""


@dataclass(frozen=True, slots=True)
class ListedKey:
    """One key that holds: whose, what for, how it begins, since when and until when; when it was last used."""

    username: str
    name: str
    prefix: str
    valid_from: datetime
    valid_to: datetime | None
    last_used_at: datetime | None


async def link(connection: Any, *, username: str, issuer: str, subject: str) -> int:
    """Lets a subject of an issuer sign in as an account; the identity's id.

    Raises AccountRefused for an account that is unknown or a service's, and for a subject that is linked already.
    """
    account = await lock_account(connection, username)
    if account["kind"] == AccountKind.SERVICE:
        raise AccountRefused(f"{username} is a service account, and nobody signs in as it.")
    if not subject:
        raise AccountRefused("The subject must not be empty.")
    try:
        identity_id: int = await connection.fetchval(LINK, *_located(account), account["id"], issuer, subject)
    except asyncpg.UniqueViolationError:
        raise AccountRefused(f"{subject} signs in as an account already.") from None
    after: dict[str, object] = {"issuer": issuer, "subject": subject}
    await record(connection, account["id"], "linkIdentity", "external_identity", identity_id, after)
    return identity_id


async def unlink(connection: Any, *, username: str, issuer: str, subject: str) -> None:
    """Ends that a subject may sign in as an account, and the account's sessions.

    Raises AccountRefused for an unknown account, or if there is no such link.
    """
    account = await lock_account(connection, username)
    identity_id = await connection.fetchval(UNLINK, account["id"], issuer, subject)
    if identity_id is None:
        raise AccountRefused(f"{subject} does not sign in as {username}.")
    await act_as(connection, account["id"])
    await connection.execute(END_SESSIONS, account["id"])
    await record(connection, account["id"], "unlinkIdentity", "external_identity", identity_id, None)


async def add_key(connection: Any, *, username: str, name: str, life: timedelta | None) -> str:
    """Makes a key for a service account; the key, which is kept nowhere.

    Raises AccountRefused for an account that is unknown, disabled or a person's, and for a bad name.
    """
    account = await open_account(connection, username)
    if account["kind"] != AccountKind.SERVICE:
        raise AccountRefused(f"{username} is a person's account; keys are for service accounts.")
    if not name.strip() or len(name) > LONGEST_NAME:
        raise AccountRefused(f"A key's name has 1 to {LONGEST_NAME} characters.")
    text = new_key()
    await act_as(connection, account["id"])
    session_id = await connection.fetchval(OPEN_SESSION, account["id"], life)
    kept = (account["id"], name.strip(), text[:SHOWN], digest(text), session_id, life)
    key_id: int = await connection.fetchval(ADD_KEY, *_located(account), *kept)
    after: dict[str, object] = {"name": name.strip(), "prefix": text[:SHOWN]}
    await record(connection, account["id"], "createServiceKey", "service_key", key_id, after)
    return text


async def revoke_key(connection: Any, *, username: str, key: str) -> None:
    """Ends a key of a service account from the next request on.

    key: how it begins, the whole of it, or its name. Raises AccountRefused for an unknown account, and if not exactly
    one of its keys is meant.
    """
    account = await lock_account(connection, username)
    found = await connection.fetch(FIND_KEYS, account["id"], key[:SHOWN] if key.startswith("zw_") else key)
    if len(found) != 1:
        raise AccountRefused(f"{len(found) or 'None'} of the keys of {username} that hold are meant by this.")
    await act_as(connection, account["id"])
    await connection.execute(END_SESSION, found[0]["session_id"])
    await connection.execute(COUNT_CHANGE, found[0]["id"])
    await record(connection, account["id"], "revokeServiceKey", "service_key", found[0]["id"], None)


async def list_keys(connection: Any, username: str | None) -> list[ListedKey]:
    """The keys that hold, of an account or of all."""
    await connection.execute(OWN)
    return [ListedKey(**row) for row in await connection.fetch(LIST_KEYS, username)]


def _located(account: Any) -> tuple[Any, ...]:
    return tuple(account[name] for name in ("place_id", "path", "station_id", "county_id"))
