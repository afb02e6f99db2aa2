"""Slows down who guesses passwords: failed log-ins, counted by username and by address, for all workers together.

From the fifth failure within 15 minutes on, a further attempt must wait: 5 seconds, twice as long after each failure,
15 minutes at most. An attempt that is refused for that is not tried and not counted. Keys are keyed digests: the table
says nothing about who failed, and a username that does not exist counts like any other.
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
# In the order of the keys, so that two attempts never wait for each other.
COUNT = f"""
INSERT INTO log_in_failure AS f (key, failures, last_at)
SELECT k, 1, clock_timestamp() FROM unnest($1::bytea[]) AS k ORDER BY k
ON CONFLICT (key) DO UPDATE SET last_at = excluded.last_at, failures = CASE
  WHEN f.last_at < clock_timestamp() - interval '{WINDOW_SECONDS} seconds' THEN 1
  ELSE least(f.failures, 1000) + 1 END
"""
PURGE = f"""
DELETE FROM log_in_failure WHERE key = ANY (ARRAY(
  SELECT key FROM log_in_failure WHERE last_at < clock_timestamp() - interval '{WINDOW_SECONDS} seconds'
   LIMIT {_PURGED_AT_ONCE} FOR UPDATE SKIP LOCKED))
"""
FORGIVE = "DELETE FROM log_in_failure WHERE key = $1"


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody's attempt to prove a password: the keys by which it counts."""

    username_key: bytes
    address_key: bytes | None

    @classmethod
    def of(cls, tokens: Tokens, username: str, address: str) -> "Attempt":
        """The attempt for a username, known or not, from an address; "" if there is none (a Unix socket)."""
        return cls(
            tokens.keyed("username", username),
            tokens.keyed("address", _network(address)) if address else None,
        )

    @property
    def keys(self) -> list[bytes]:
        """What it counts by."""
        return [self.username_key] if self.address_key is None else [self.username_key, self.address_key]

    async def count(self, connection: Any) -> None:
        """Counts a failure, in the transaction of `connection`, and clears away what is past."""
        await connection.execute(COUNT, self.keys)
        await connection.execute(PURGE)

    async def forgive(self, connection: Any) -> None:
        """Clears the username. The address stays: one good password must not make room for guessing at others."""
        await connection.execute(FORGIVE, self.username_key)


def _network(address: str) -> str:
    """An IPv4 address itself; of an IPv6 address the /64, which a single host owns whole."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.IPv6Network((int(parsed), 64), strict=False))
    return str(parsed)
