"""Slows down who guesses passwords: failed log-ins, counted by username and by address, for all workers together.

A key's first failure begins a window of 15 minutes; the first one after its end begins the next. From the fifth
failure in a window on, a further attempt must wait: 5 seconds, twice as long after each failure, 15 minutes at most,
beyond the window's end if need be. An attempt that is refused for that is not tried and not counted. A success clears
its username, and takes off its address what the username itself had failed there: other people's guesses stay.

Keys are keyed digests: the table says nothing about who failed, and a username that does not exist counts like any
other.
"""

import ipaddress
from dataclasses import dataclass
from typing import Any

from resolvers.core.tokens import Tokens

FAILURES = 5
FIRST_WAIT_SECONDS = 5
LONGEST_WAIT_SECONDS = WINDOW_SECONDS = 15 * 60
_PURGED_AT_ONCE = 200

# The exponent is kept small enough for an integer; the longest wait is reached well below it.
WAIT = f"""
SELECT ceil(max(extract(epoch FROM f.last_at - clock_timestamp())
         + least({LONGEST_WAIT_SECONDS}, {FIRST_WAIT_SECONDS} * 2 ^ (least(f.failures, 30) - {FAILURES}))))::int
  FROM log_in_failure f WHERE f.key = ANY($1::bytea[]) AND f.failures >= {FAILURES}
"""
# In the order of the keys, so that two attempts never wait for each other. One time for all of them: whether a share
# began within its address's window is told from that.
COUNT = f"""
INSERT INTO log_in_failure AS f (key, failures, since, last_at)
SELECT k, 1, statement_timestamp(), statement_timestamp() FROM unnest($1::bytea[]) AS k ORDER BY k
ON CONFLICT (key) DO UPDATE SET (failures, since, last_at) = (
  SELECT CASE WHEN past THEN 1 ELSE least(f.failures, 1000) + 1 END,
         CASE WHEN past THEN excluded.since ELSE f.since END, excluded.last_at
    FROM (SELECT f.since <= excluded.since - interval '{WINDOW_SECONDS} seconds') AS window_is (past))
"""
# No wait is longer than a window: whose last failure is that old neither waits nor counts.
PURGE = f"""
DELETE FROM log_in_failure WHERE key = ANY (ARRAY(
  SELECT key FROM log_in_failure WHERE last_at < clock_timestamp() - interval '{WINDOW_SECONDS} seconds'
   LIMIT {_PURGED_AT_ONCE} FOR UPDATE SKIP LOCKED))
"""
# $1: the keys, locked in their order as by COUNT; $2: the address's; $3: the share's. A share that began before the
# address's window is in part not in its count, and takes nothing off.
FORGIVE = """
WITH held AS MATERIALIZED (
  SELECT key, failures, since FROM log_in_failure WHERE key = ANY ($1::bytea[]) ORDER BY key FOR UPDATE
), cleared AS (
  DELETE FROM log_in_failure f USING held h WHERE f.key = h.key AND f.key IS DISTINCT FROM $2::bytea
)
UPDATE log_in_failure f SET failures = f.failures - share.failures
  FROM held address, held share
 WHERE f.key = $2 AND address.key = $2 AND share.key = $3::bytea AND share.since >= address.since
"""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody's attempt to prove a password: the keys by which it counts.

    `share_key` is the username's at this address. It makes nobody wait; there is one if both are known.
    """

    username_key: bytes | None
    address_key: bytes | None
    share_key: bytes | None

    @classmethod
    def of(cls, tokens: Tokens, username: str | None, address: str) -> "Attempt":
        """The attempt for a username, known or not, from an address; "" if there is none (a Unix socket).

        username: None if what is to be proved does not tell whose it is.
        """
        by_name = None if username is None else tokens.keyed("username", username)
        if not address:
            return cls(by_name, None, None)
        network = network_of(address)
        share = None if username is None else tokens.keyed("share", f"{network} {username}")
        return cls(by_name, tokens.keyed("address", network), share)

    @property
    def keys(self) -> list[bytes]:
        """What it may have to wait for."""
        return [key for key in (self.username_key, self.address_key) if key is not None]

    async def count(self, connection: Any) -> None:
        """Counts a failure, in the transaction of `connection`, and clears away what is past."""
        await connection.execute(COUNT, self._all)
        await connection.execute(PURGE)

    async def forgive(self, connection: Any) -> None:
        """Clears the username, and its share at the address: a good password makes no room for guessing at others."""
        await connection.execute(FORGIVE, self._all, self.address_key, self.share_key)

    @property
    def _all(self) -> list[bytes]:
        return [*self.keys, *([] if self.share_key is None else [self.share_key])]


def network_of(address: str) -> str:
    """An IPv4 address itself; of an IPv6 address the /64, which a single host owns whole."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.IPv6Network((int(parsed), 64), strict=False))
    return str(parsed)
