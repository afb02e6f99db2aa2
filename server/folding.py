"""The folding of sums: a task of every worker that adds what was written since the last second to the sums of its place
and all above.

Writers never wait for it, and of all the workers of all servers one folds at a time. `zhanwang rollups fold` does the
same where no server is to.
"""

import asyncio
import logging
from contextlib import AbstractAsyncContextManager

import asyncpg

from server.beside import beside
from server.database import Database
from server.rollups import BATCH, FOLD
from server.schedule import done

log = logging.getLogger("zhanwang.rollups")

SECONDS = 1.0
LONGEST_SECONDS = 30.0


def folding(database: Database) -> AbstractAsyncContextManager[None]:
    """Folds while the block runs; what is under way at its end is undone, and for the next to do."""
    return beside(_run(database))


async def _run(database: Database) -> None:
    """Folds until it is cancelled. Where that fails, it waits longer each time: the deltas are counted meanwhile."""
    seconds = SECONDS
    while True:
        await asyncio.sleep(seconds)
        folded = await done(lambda: _fold(database), log, "The sums could not be folded")
        seconds = SECONDS if folded else min(2 * seconds, LONGEST_SECONDS)


async def _fold(database: Database) -> bool:
    """Folds what there is; False where this program's migrations are yet to come."""
    try:
        while (row := await database.fetchrow(FOLD, [BATCH])) is not None and row["folded"] >= BATCH:
            pass
    except asyncpg.UndefinedFunctionError:
        return False
    return True
