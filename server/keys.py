"""Service keys as the server meets them: `Authorization: Bearer zw_…`, wherever an access token is taken.

A key stands for the session that it opens. Which one that is, is remembered for an hour; whether it still opens, each
statement checks, as of any other session.
"""

import time
from collections.abc import Callable
from typing import Final

from resolvers.core.context import Database
from resolvers.core.errors import Unauthenticated
from resolvers.core.messages import Message
from resolvers.core.service_keys import is_key
from resolvers.core.tokens import AccessClaims, digest
from server.changes import Changes, Remembered, Subject

# As coarse as what the database notes of a key's last use.
REMEMBERED_SECONDS = 3600.0
USE: Final = "SELECT account_id, credential_version, session_id, expires_at FROM use_service_key($1)"

Known = tuple[AccessClaims, float]


class ServiceKeys:
    """Finds the sessions of keys; remembers those seen last. One for each worker."""

    def __init__(self, database: Database, changes: Changes, *, cache_size: int) -> None:
        self._database = database
        self._known: Remembered[bytes, Known] = Remembered(changes, Subject.ACCOUNT, cache_size, _concerns)

    async def claims(self, text: str, pay: Callable[[], None]) -> AccessClaims:
        """What a key says, in the words of an access token. Raises Unauthenticated and Unavailable.

        pay: is called before a statement; what it raises ends the matter.
        """
        key = digest(text)
        found = self._known.peek(key)
        if found is None or found[1] <= time.monotonic():
            # The database is asked for nothing that cannot be one.
            if not is_key(text):
                raise Unauthenticated(Message("The service key is not whole."))
            pay()
            found = await self._known.look_up(key, lambda: self._look_up(key))
        if found is None:
            raise Unauthenticated(
                Message("The service key is unknown, revoked or expired, or its account is disabled.")
            )
        claims = found[0]
        if claims.expires_at <= time.time():
            self._known.forget(key)
            raise Unauthenticated(Message("The service key has expired."))
        return claims

    def forget(self, text: str) -> None:
        """Lets a key be looked up anew; nothing happens if it is none."""
        self._known.forget(digest(text))

    async def _look_up(self, key: bytes) -> Known | None:
        row = await self._database.fetchrow(USE, [key])
        if row is None:
            return None
        claims = AccessClaims(
            row["account_id"], row["credential_version"], row["session_id"], int(row["expires_at"].timestamp())
        )
        return claims, time.monotonic() + REMEMBERED_SECONDS


def _concerns(account: str, _: bytes, found: Known) -> bool:
    return str(found[0].account_id) == account
