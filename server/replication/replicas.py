"""Reads by streaming replicas, which know all that was committed before the request came (docs/decisions/0030).

Where the primary's log has got to is asked after a read has come, once for all that come meanwhile; a replica answers
when it has replayed that far. So it makes no difference which node a read goes to, whoever has written, and wherever.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from time import perf_counter

import asyncpg

from resolvers.core.trace import Trace
from server.database import FAILED, Database
from server.pool import LOST, UNABLE
from server.pooler import Pooler
from server.replication.node import Position, Unfit, Watch
from server.replication.replica import ELSEWHERE, NO_FAULT, Replica
from server.replication.shared import Shared
from server.settings import Settings

PRIMARY = "primary"
"""The name of the primary in metrics."""

# What is visible is flushed, and so on its way to the replicas, unless commits do not wait for that. Where the log is
# flushed to the end of a page, in the middle of what was written last, no replica gets to that end before more follows.
POSITION = """
SELECT c.system_identifier AS system, ('x' || left(pg_walfile_name(l.flushed), 8))::bit(32)::integer AS timeline,
       l.flushed AS lsn, clock_timestamp() AS clock, current_setting('synchronous_commit') = 'off' AS early,
       l.inserted > l.flushed AND (l.flushed - '0/0') % current_setting('wal_block_size')::integer = 0 AS unfinished
  FROM pg_control_system() AS c,
       (SELECT pg_current_wal_flush_lsn() AS flushed, pg_current_wal_insert_lsn() AS inserted) AS l
"""
FINISH = "SELECT pg_logical_emit_message(true, 'zhanwang', '')"


class ReplicatedDatabase(Database):
    """A database that has replicas. reads: how many each node has answered, by its name."""

    def __init__(self, url: str, *, pool_size: int, statement_timeout_ms: int, pooler: Pooler = Pooler.NONE) -> None:
        super().__init__(url, pool_size=pool_size, statement_timeout_ms=statement_timeout_ms, pooler=pooler)
        self._size, self._timeout_ms = pool_size, statement_timeout_ms
        self.replicas: list[Replica] = []
        self.reads: Counter[str] = Counter()
        self._watch = Watch(url, statement_timeout_ms, pooler)
        self._position = Shared(self._ask)
        self._following: list[asyncio.Task[None]] = []

    def follow(self, urls: Sequence[str]) -> None:
        """Lets reads go to replicas. urls: each of one server, with nothing between that could lead to another."""
        self.replicas = [
            Replica(number, url, pool_size=self._size, statement_timeout_ms=self._timeout_ms)
            for number, url in enumerate(urls, start=1)
        ]
        self._following = [asyncio.create_task(one.follow(self._position)) for one in self.replicas]

    async def close(self) -> None:
        """Ends the connections."""
        for task in self._following:
            task.cancel()
        await asyncio.gather(*self._following, return_exceptions=True)
        await asyncio.gather(*(replica.close() for replica in self.replicas), self._watch.close())
        await super().close()

    async def read(self, sql: str, args: Sequence[object], trace: Trace | None = None) -> asyncpg.Record | None:
        """As `fetchrow`, by a replica that is at hand and knows enough, or will shortly."""
        began = perf_counter()
        if (chosen := await self._choose()) is not None:
            replica, lsn = chosen
            try:
                await replica.reach(lsn)
                if trace is not None:
                    trace.got(began, "replica")
                row = await replica.fetchrow(lsn, sql, args, trace)
            except ELSEWHERE as error:
                if not isinstance(error, NO_FAULT):
                    replica.leave(error)
            except FAILED as error:
                raise self._told(error) from error
            else:
                self.reads[replica.name] += 1
                return row
        self.reads[PRIMARY] += 1
        return await self.fetchrow(sql, args, trace)

    async def _choose(self) -> tuple[Replica, int] | None:
        """A replica, and how far it has to be; None if the primary is to answer, or to say why it does not."""
        if not any(replica.in_use for replica in self.replicas):
            return None
        try:
            position = await self._position()
        except (*LOST, *UNABLE, Unfit):
            return None
        found = [one for one in self.replicas if one.follows(position) and not one.pool.busy]
        # The least busy; which of those is all the same, if it need not be waited for.
        key = {one: (one.pool.used, not one.knows(position.lsn), random.random()) for one in found}
        return (min(found, key=key.__getitem__), position.lsn) if found else None

    async def _ask(self) -> Position:
        row = await self._watch.row(POSITION)
        if row["unfinished"]:
            # A commit, which flushes all that is before it.
            await self._watch.row(FINISH)
            row = await self._watch.row(POSITION)
        if row["early"]:
            raise Unfit("the primary's synchronous_commit is off, so that what is visible may not be on its way yet")
        return Position(row["system"], row["timeline"], row["lsn"], row["clock"])


async def open_database(settings: Settings, url: str) -> Database:
    """The database of a worker, with its replicas, if the settings name any. Raises what `Database.open` does."""
    kind = Database if settings.replica_urls is None else ReplicatedDatabase
    database = await kind.open(
        url,
        pool_size=settings.pool_size,
        statement_timeout_ms=settings.statement_timeout_ms,
        pooler=settings.pooler,
    )
    if isinstance(database, ReplicatedDatabase) and settings.replica_urls is not None:
        database.follow(settings.replica_urls.split(","))
    return database
