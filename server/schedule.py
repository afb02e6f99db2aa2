"""What every worker does again and again beside its requests: what fails is told, and tried again."""

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


def hourly(
    database: Database, work: Callable[[], Awaitable[None]], log: logging.Logger, failure: str
) -> AbstractAsyncContextManager[None]:
    """Does work on a migrated database at once and then every hour, while the block runs.

    What is under way at its end is undone, and for the next to do. failure: what the log says of one.
    """

    async def attempt() -> bool:
        if not await database.ready():
            return False
        await work()
        return True

    return beside(_run(lambda: done(attempt, log, failure)))


async def _run(attempt: Callable[[], Awaitable[bool]]) -> None:
    while True:
        seconds = SECONDS if await attempt() else AGAIN_SECONDS
        await asyncio.sleep(seconds)


async def done(attempt: Callable[[], Awaitable[bool]], log: logging.Logger, failure: str) -> bool:
    """What an attempt answers, or False if it fails; if that is for a reason of its own, the log says `failure`."""
    try:
        return await attempt()
    except Refusal:
        # The database has told of it already.
        return False
    except Exception:
        # Whatever it is, what is to be done waits, and it may be gone at the next attempt.
        log.exception(failure)
        return False
