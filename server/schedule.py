"""What every worker does once it has started and then every hour, beside its requests."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from resolvers.core.errors import Refusal
from server.beside import beside
from server.database import Database

SECONDS = 3600.0
AGAIN_SECONDS = 60.0
"""After how long it is tried again that failed."""

REQUEST = "schedule"
"""What the audit log has in the place of a request's id."""


def hourly(attempt: Callable[[], Awaitable[bool]]) -> AbstractAsyncContextManager[None]:
    """Attempts it while the block runs; what is under way at its end is undone, and for the next to do."""
    return beside(_run(attempt))


async def _run(attempt: Callable[[], Awaitable[bool]]) -> None:
    while True:
        seconds = SECONDS if await attempt() else AGAIN_SECONDS
        await asyncio.sleep(seconds)


async def done(database: Database, work: Callable[[], Awaitable[None]], log: logging.Logger, failure: str) -> bool:
    """Whether work on a migrated database was done; if it failed for a reason of its own, the log says `failure`."""
    try:
        if not await database.ready():
            return False
        await work()
    except Refusal:
        # The database has told of it already.
        return False
    except Exception:
        # Whatever it is, what is to be done waits, and it may be gone at the next attempt.
        log.exception(failure)
        return False
    return True
