"""What a node of PostgreSQL says of itself: a primary, or a replica."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from server.database import fetchrow
from server.pool import LOST, REFUSED_HERE, UNABLE, Pool
from server.pooler import Pooler

WATCH_SECONDS = 1.0
"""How often a replica is looked at, and how long a node may take to tell of itself."""

# With one in use, another can be opened while what has fallen silent is ended.
_CONNECTIONS = 2


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the log of what PostgreSQL writes: lsn, in bytes, on a timeline of a system.

    clock: what the node's own clock said then.
    """

    system: int
    timeline: int
    lsn: int
    clock: datetime


class Unfit(Exception):
    """By what a node is, no replica may be read. `str()` of it says why."""


class Watch:
    """Connections to a node beside those that requests wait for."""

    def __init__(self, url: str, statement_timeout_ms: int, pooler: Pooler = Pooler.NONE) -> None:
        self._pool = Pool(url, _CONNECTIONS, statement_timeout_ms, pooler)

    async def row(self, sql: str, *args: object) -> asyncpg.Record:
        """The one row of a statement. Raises what LOST and UNABLE list, and Unfit for whatever else it says."""
        try:
            async with asyncio.timeout(WATCH_SECONDS):
                connection, _ = await self._pool.acquire()
                try:
                    row = await fetchrow(self._pool, connection, sql, args)
                except BaseException:
                    # Whatever has fallen silent would not take a cancellation either.
                    connection.terminate()
                    raise
        except (*LOST, *UNABLE):
            raise
        except (asyncpg.PostgresError, *REFUSED_HERE) as error:
            raise Unfit(str(error)) from error
        assert row is not None
        return row

    async def close(self) -> None:
        """Ends the connections."""
        await self._pool.close()
