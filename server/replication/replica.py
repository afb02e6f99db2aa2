"""One streaming replica: how far it has come, whether reads may go there, and the way to it.

How far it has come is asked by a connection of its own, and believed for connections that were open before: a replica
that has started anew may know less than it did, and has none of them any more.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

import asyncpg

from resolvers.core.trace import Trace
from server.database import LOGIN, fetchrow
from server.migrate import OWNER_ROLE
from server.pool import LOST, UNABLE, Connection, Pool
from server.replication.node import WATCH_SECONDS, Position, Unfit, Watch
from server.replication.shared import Shared

log = logging.getLogger("zhanwang.replicas")

WAIT_SECONDS = 0.1
"""How long a read waits for a replica to know what was committed before it; after that, the replica lags."""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.0005, 0.01
SHORTEST_ABSENCE, LONGEST_ABSENCE = 0.5, 5.0
CLOCKS_APART = timedelta(seconds=1)
"""How far a replica's clock may be from the primary's: by it, sessions and grants end, and today begins."""

STEADY_SECONDS = 10.0
"""A replica that was in use for so long is back soon after it has failed."""

REACHED = "SELECT pg_last_wal_replay_lsn() AS lsn, pg_is_in_recovery() AS follows"
ITSELF = f"""
SELECT s.system_identifier AS system, c.timeline_id AS timeline, pg_is_in_recovery() AS follows, l.fault,
       clock_timestamp() AS clock
  FROM pg_control_system() AS s, pg_control_checkpoint() AS c, ({LOGIN}) AS l
"""


class Behind(Exception):
    """The replica does not know enough. `str()` of it says why."""


class Busy(Exception):
    """None of the connections to the replica came free."""


AGAINST = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
"""What a replica replays stands against a statement."""

ELSEWHERE = (*LOST, *UNABLE, *AGAINST, Busy, Behind, Unfit)
"""What another node may do better."""

NO_FAULT = (*UNABLE, *AGAINST, Busy)
"""Of that, what is no reason to leave a replica out."""


class Replica:
    """A replica. `name` goes into metrics and the log.

    in_use: whether reads may go there. lag: seconds that it was behind when it was last looked at, or for which it has
    been, at the most, if it did not get there.
    """

    def __init__(self, number: int, url: str, *, pool_size: int, statement_timeout_ms: int) -> None:
        self.name = f"replica-{number}"
        self.in_use = False
        self.lag = 0.0
        self.pool = Pool(url, pool_size, statement_timeout_ms)
        self._where = urlsplit(url).hostname or "a Unix socket"
        self._watch = Watch(url, statement_timeout_ms)
        self._look = Shared(self._ask)
        # What was last answered, and when that was asked.
        self._lsn, self._asked_at = 0, 0.0
        self._system, self._timeline = 0, 0
        self._reading: set[Connection] = set()
        self._told = False
        self._absence, self._away_until, self._since, self._knew_all_at = SHORTEST_ABSENCE, 0.0, 0.0, time.monotonic()

    async def close(self) -> None:
        """Ends the connections."""
        await asyncio.gather(self.pool.close(), self._watch.close())

    def follows(self, position: Position) -> bool:
        """Whether it may be read, and its log leads to a position, now or later."""
        return self.in_use and (self._timeline, self._system) == (position.timeline, position.system)

    def knows(self, lsn: int) -> bool:
        """Whether it is known to know what was committed before a place of its log."""
        return self._lsn >= lsn

    async def reach(self, lsn: int) -> None:
        """Waits until the replica knows what was committed before a place of its log. Raises what ELSEWHERE lists."""
        if self.knows(lsn):
            return
        pause = SHORTEST_PAUSE
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while await self._look() < lsn:
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, LONGEST_PAUSE)
        except TimeoutError:
            raise Behind(f"it is more than {WAIT_SECONDS:g} s behind") from None

    async def fetchrow(
        self, lsn: int, sql: str, args: Sequence[object], trace: Trace | None = None
    ) -> asyncpg.Record | None:
        """The first row of one read that knows what was committed before a place of the log, which was reached.

        Raises what ELSEWHERE lists, and asyncpg.PostgresError for what else it says.
        """
        try:
            connection, _ = await self.pool.acquire(trace)
        except TimeoutError as error:
            if self.pool.busy:
                raise Busy from error
            raise
        self._reading.add(connection)
        try:
            try:
                await self._assure(connection, lsn)
            except BaseException:
                self.pool.release(connection)
                raise
            return await fetchrow(self.pool, connection, sql, args)
        finally:
            self._reading.discard(connection)

    def leave(self, why: Exception) -> None:
        """Lets no reads go there for a while; unless it merely lags, those that are under way end, and raise LOST."""
        now = time.monotonic()
        if not self.in_use and now < self._away_until:
            # Several reads meet the same failure.
            return
        if not self._told:
            text = next(iter(str(why).splitlines()), "")
            log.warning("%s (%s) is left out: %s: %s", self.name, self._where, type(why).__name__, text)
        if self.in_use and now - self._since > STEADY_SECONDS:
            self._absence = SHORTEST_ABSENCE
        self.in_use, self._told, self.lag = False, True, now - self._knew_all_at
        self._away_until = now + self._absence * random.uniform(0.5, 1.0)
        self._absence = min(2 * self._absence, LONGEST_ABSENCE)
        if not isinstance(why, Behind):
            self._lsn = 0
            for connection in tuple(self._reading):
                connection.terminate()

    async def follow(self, position: Callable[[], Awaitable[Position]]) -> None:
        """Looks after the replica until it is cancelled. position: that of the primary; raises LOST if it is away."""
        while True:
            if self.in_use or time.monotonic() >= self._away_until:
                await self._check(position)
            await asyncio.sleep(WATCH_SECONDS * random.uniform(0.5, 1.0) if self.in_use else SHORTEST_ABSENCE / 2)

    # -- looking --------------------------------------------------------------------------------------------------

    async def _check(self, position: Callable[[], Awaitable[Position]]) -> None:
        asked_at = time.monotonic()
        try:
            wanted = await position()
        except (*LOST, *UNABLE):
            # That the primary is away is no fault of the replica, and is told by who asks the primary.
            return
        except Unfit as why:
            self.leave(why)
            return
        began = time.monotonic()
        try:
            await self._know(wanted, asked_at)
            await self.reach(wanted.lsn)
        except ELSEWHERE as why:
            self.leave(why)
        else:
            self._knew_all_at = began
            self.lag = time.monotonic() - began
            if not self.in_use:
                self.in_use, self._told, self._since = True, False, began
                log.info("%s (%s) is in use.", self.name, self._where)

    async def _know(self, primary: Position, asked_at: float) -> None:
        """Finds out what it is. asked_at: when the primary was, by `time.monotonic`. Raises Unfit."""
        row = await self._watch.row(ITSELF, OWNER_ROLE)
        self._system, self._timeline = row["system"], row["timeline"]
        if not row["follows"]:
            raise Unfit("it is no replica")
        if self._system != primary.system:
            raise Unfit("it is a replica of another database")
        if self._timeline != primary.timeline:
            raise Unfit(f"it is on timeline {self._timeline}, and the primary is on {primary.timeline}")
        if row["fault"]:
            raise Unfit(f"its login's role {row['fault']}")
        # It was asked after the primary, and not longer after than it has taken since.
        apart, passed = row["clock"] - primary.clock, timedelta(seconds=time.monotonic() - asked_at)
        if not -CLOCKS_APART < apart < passed + CLOCKS_APART:
            raise Unfit(f"its clock is {apart.total_seconds():+.0f} s from the primary's")

    async def _assure(self, connection: Connection, lsn: int) -> None:
        """Raises Behind, unless what the replica has told of itself holds for what a connection leads to."""
        if connection.opened > self._asked_at or not self.knows(lsn):
            await self._look()
            if not self.knows(lsn):
                raise Behind("it has started anew")

    async def _ask(self) -> int:
        asked_at = time.monotonic()
        row = await self._watch.row(REACHED)
        if not row["follows"]:
            raise Unfit("it is no replica any more")
        self._lsn, self._asked_at = row["lsn"], asked_at
        return self._lsn
