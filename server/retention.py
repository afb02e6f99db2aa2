"""The schedule of retention: a task of every worker that erases what is kept no longer, once it has started and then
every hour.

All workers of all servers may do it at the same time. `zhanwang clients erase-due` does the same for clients where no
server is to.
"""

import logging
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from resolvers.retention import due_before, erase_due, purge
from server.database import Database
from server.schedule import REQUEST, hourly
from server.settings import Settings

log = logging.getLogger("zhanwang.retention")


def retaining(database: Database, settings: Settings) -> AbstractAsyncContextManager[None]:
    """Erases while the block runs."""
    failure = "What is kept no longer could not be erased"
    return hourly(database, lambda: _retain(database, settings), log, failure)


async def _retain(database: Database, settings: Settings) -> None:
    """Erases what there is."""
    await purge(database.transaction, timedelta(days=settings.refresh_token_days))
    if settings.retention_years is not None:
        before = await due_before(database.transaction, settings.retention_years)
        erased, waiting = await erase_due(database.transaction, before, REQUEST)
        if erased or waiting:
            log.info("Clients who were erased, as their time was over: %d; who have to wait: %d", erased, waiting)
