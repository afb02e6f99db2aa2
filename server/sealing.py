"""The sealing of the audit log: a task of every worker that seals what was committed since the last second.

Writers never wait for it, and of all the workers of all servers one seals at a time.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from resolvers.audit_chain import BATCH, SEAL
from server.database import Database
from server.schedule import done

log = logging.getLogger("zhanwang.audit")

SECONDS = 1.0
LONGEST_SECONDS = 30.0
STOP_SECONDS = 5.0
TOLD_SECONDS = 3600.0


@asynccontextmanager
async def sealing(database: Database) -> AsyncIterator[None]:
    """Seals while the block runs, and once more at its end."""
    sealer = _Sealer(database)
    task = asyncio.create_task(sealer.run())
    try:
        yield
    finally:
        sealer.stop.set()
        await task


class _Sealer:
    def __init__(self, database: Database) -> None:
        self.stop = asyncio.Event()
        self._database = database
        self._head = ""
        self._told_at = time.monotonic()

    async def run(self) -> None:
        """Seals until it is told to stop. Where that fails, it waits longer each time; nothing is lost meanwhile."""
        seconds = SECONDS
        while not await self._stopped(seconds):
            seconds = SECONDS if await self._sealed() else min(2 * seconds, LONGEST_SECONDS)
            if time.monotonic() - self._told_at >= TOLD_SECONDS:
                self._tell()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await self._sealed()
        self._tell()

    async def _stopped(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stop.wait()
        return self.stop.is_set()

    async def _sealed(self) -> bool:
        """Seals what there is; False if that failed, which the log says."""
        return await done(self._seal, log, "The audit log could not be sealed")

    async def _seal(self) -> bool:
        while (row := await self._database.fetchrow(SEAL, [BATCH])) is not None:
            self._head = f"batch {row['batch_id']}, {row['digest'].hex()}"
            if row["entries"] < BATCH:
                break
        return True

    def _tell(self) -> None:
        """Logs the newest digest: a copy out of reach of whoever can write to the database."""
        self._told_at = time.monotonic()
        if self._head:
            log.info("The audit log is sealed up to %s", self._head)
        self._head = ""
