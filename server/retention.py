"""The schedule of retention: a task of every worker that erases what is kept no longer, once it has started and then
every hour.

All workers of all servers may do it at the same time. `zhanwang clients erase-due` does the same for clients where no
server is to.
"""

import asyncio
import logging
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import asyncpg

from resolvers.core.errors import Refusal
from resolvers.retention import due_before, erase_due, purge
from server.beside import beside
from server.database import Database
from server.settings import Settings

log = logging.getLogger("zhanwang.retention")

SECONDS = 3600.0
AGAIN_SECONDS = 60.0
"""After how long it is tried again that failed."""

REQUEST = "schedule"
"""What the audit log has in the place of a request's id."""


def retaining(database: Database, settings: Settings) -> AbstractAsyncContextManager[None]:
    """Erases while the block runs; what is under way at its end is undone, and for the next to do."""
    return beside(_run(database, settings))


async def _run(database: Database, settings: Settings) -> None:
    while True:
        seconds = SECONDS if await _retain(database, settings) else AGAIN_SECONDS
        await asyncio.sleep(seconds)


async def _retain(database: Database, settings: Settings) -> bool:
    """Erases what there is; False if that failed, which the log says."""
    try:
        if not await database.ready():
            return False
        await purge(database.transaction, timedelta(days=settings.refresh_token_days))
        if settings.retention_years is not None:
            before = await due_before(database.transaction, settings.retention_years)
            done, waiting = await erase_due(database.transaction, before, REQUEST)
            if done or waiting:
                log.info("Clients who were erased, as their time was over: %d; who have to wait: %d", done, waiting)
    except (Refusal, asyncpg.UndefinedFunctionError):
        # The database has told of it already; or it has this program's migrations yet to come.
        return False
    except Exception:
        # Whatever it is, it may be gone at the next attempt.
        log.exception("What is kept no longer could not be erased")
        return False
    return True
