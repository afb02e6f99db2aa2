"""The folding of sums: a task of every worker that adds what was written since the last second to the sums of its place
and all above.

Writers never wait for it, and of all the workers of all servers one folds at a time. `zhanwang rollups fold` does the
same where no server is to.
"""

import asyncio
import logging
from contextlib import AbstractAsyncContextManager

import asyncpg

from resolvers.core.errors import Refusal
from server.beside import beside
from server.database import Database
from server.rollups import BATCH, FOLD

log = logging.getLogger("zhanwang.rollups")

SECONDS = 1.0
LONGEST_SECONDS = 30.0


def folding(database: Database) -> AbstractAsyncContextManager[None]:
    """Folds while the block runs; what is under way at its end is undone, and for the next to do."""
    return beside(_run(database))


async def _run(database: Database) -> None:
    """Folds until it is cancelled. Where that fails, it waits longer each time; nothing is wrong meanwhile."""
    seconds = SECONDS
    while True:
        await asyncio.sleep(seconds)
        seconds = SECONDS if await _fold(database) else min(2 * seconds, LONGEST_SECONDS)


async def _fold(database: Database) -> bool:
    """Folds what there is; False if that failed, which the log says."""
    try:
        while (row := await database.fetchrow(FOLD, [BATCH])) is not None and row["folded"] >= BATCH:
            pass
    except (Refusal, asyncpg.UndefinedFunctionError):
        # The database has told of it already; or it has this program's migrations yet to come.
        return False
    except Exception:
        # Whatever it is, the deltas wait and are counted as they are, and it may be gone at the next attempt.
        log.exception("The sums could not be folded")
        return False
    return True
