"""The schedule of escalation: a task of every worker that takes overdue referrals up a level, once it has started and
then every hour.

All workers of all servers may do it at the same time: a referral goes up once. `zhanwang referrals escalate` does the
same where no server is to.
"""

import asyncio
import logging
from contextlib import AbstractAsyncContextManager

from resolvers.core.errors import Refusal
from resolvers.escalation import escalate
from server.beside import beside
from server.database import Database

log = logging.getLogger("zhanwang.escalation")

SECONDS = 3600.0
AGAIN_SECONDS = 60.0
"""After how long it is tried again that failed."""

REQUEST = "schedule"
"""What the audit log has in the place of a request's id."""


def escalating(database: Database) -> AbstractAsyncContextManager[None]:
    """Escalates while the block runs; what is under way at its end is undone, and for the next to do."""
    return beside(_run(database))


async def _run(database: Database) -> None:
    while True:
        seconds = SECONDS if await _escalate(database) else AGAIN_SECONDS
        await asyncio.sleep(seconds)


async def _escalate(database: Database) -> bool:
    """Escalates what there is; False if that failed, which the log says."""
    try:
        if not await database.ready():
            return False
        if done := await escalate(database.transaction, REQUEST):
            log.info("Overdue referrals that went up a level: %d", done)
    except Refusal:
        # The database has told of it already.
        return False
    except Exception:
        # Whatever it is, the referrals wait, and it may be gone at the next attempt.
        log.exception("Overdue referrals could not be escalated")
        return False
    return True
