"""The schedule of escalation: a task of every worker that takes overdue referrals up a level, once it has started and
then every hour.

All workers of all servers may do it at the same time: a referral goes up once. `zhanwang referrals escalate` does the
same where no server is to.
"""

import logging
from contextlib import AbstractAsyncContextManager

from resolvers.escalation import escalate
from server.database import Database
from server.schedule import REQUEST, hourly

log = logging.getLogger("zhanwang.escalation")


def escalating(database: Database) -> AbstractAsyncContextManager[None]:
    """Escalates while the block runs."""

    async def work() -> None:
        if number := await escalate(database.transaction, REQUEST):
            log.info("Overdue referrals that went up a level: %d", number)

    return hourly(database, work, log, "Overdue referrals could not be escalated")
