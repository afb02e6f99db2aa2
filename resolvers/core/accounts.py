"""What both sessions and the administration of accounts need to know of an account."""

import re
from datetime import timedelta
from typing import Any

from resolvers.core.messages import Message

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}", re.ASCII)
"""What a username may be, whole; the table has the same constraint."""

USERNAME_RULE = Message(
    "A username has 2 to 63 characters: lower-case letters, digits, dots, hyphens and underscores, the first"
    " one a letter or a digit."
)

# Tokens of an ended session open nothing, so that nobody needs to know whether they were used. A used one of a living
# session is kept for as long as somebody could have hoped to use it.
_PURGE_TOKENS = """
DELETE FROM refresh_token WHERE digest = ANY (ARRAY(
  SELECT t.digest FROM refresh_token t JOIN session s ON s.id = t.session_id
   WHERE s.account_id = $1 AND (s.ended_at IS NOT NULL OR s.expires_at <= now() OR t.used_at < now() - $2::interval)
   LIMIT 200 FOR UPDATE OF t SKIP LOCKED))
"""
# What became of a session, the audit log tells. A day later nothing that was under way can still mean it.
_PURGE_SESSIONS = """
DELETE FROM session WHERE id = ANY (ARRAY(
  SELECT s.id FROM session s
   WHERE s.account_id = $1 AND least(s.ended_at, s.expires_at) < now() - interval '1 day'
     AND NOT EXISTS (SELECT FROM refresh_token t WHERE t.session_id = s.id)
   LIMIT 200 FOR UPDATE SKIP LOCKED))
"""


async def act_as(connection: Any, account_id: int) -> None:
    """Lets row-level security show an account its own rows, to the end of the transaction.

    It shares the county's lock until then, so it comes before any row is locked.
    """
    await connection.execute("SELECT act_as($1)", account_id)


async def end_sessions(connection: Any, account_id: int) -> int:
    """Ends the sessions of an account that the open scope administers, in whole; how many there were."""
    ended: int = await connection.fetchval("SELECT end_sessions($1)", account_id)
    return ended


async def purge_sessions(connection: Any, account_id: int, refresh_life: timedelta) -> None:
    """Clears away up to 200 refresh tokens and 200 sessions of an account, acted as, that are over for good.

    Called wherever one is added, it keeps up. refresh_life: how long a refresh token lives that is not used.
    """
    await connection.execute(_PURGE_TOKENS, account_id, refresh_life)
    await connection.execute(_PURGE_SESSIONS, account_id)
