"""Escalation: an open referral that is overdue goes to the next place up, up to the hub, with a few days more.

The steps themselves are the database's (`overdue_referrals`, `escalate_referral`: migrations/versions/0008), which
acts for nobody and in no scope. A referral that went up is not overdue any more, so that it goes up once, whoever else
escalates at the same time and however often.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Any

from resolvers.core.calendar import due_after

TODAY = "SELECT current_date"
OVERDUE = "SELECT id, county_id FROM overdue_referrals($1, $2)"
ESCALATE = "SELECT escalate_referral($1, $2, $3, $4)"
BATCH = 100
"""The most referrals that are looked for at once."""

DAYS = 2
"""Working days that the next place up is given."""

Transaction = Callable[[], AbstractAsyncContextManager[Any]]


async def escalate(transaction: Transaction, request: str) -> int:
    """Takes each overdue referral one level up, in a transaction of its own; how many went up.

    transaction: opens one and hands out its connection. request: what the audit log has in the place of a request's id.
    """
    done = 0
    due: dict[int, date] = {}
    while True:
        async with transaction() as connection:
            today = await connection.fetchval(TODAY)
            overdue = await connection.fetch(OVERDUE, today, BATCH)
        went = 0
        for referral in overdue:
            county = referral["county_id"]
            async with transaction() as connection:
                if county not in due:
                    due[county] = await due_after(connection, county, today, DAYS)
                went += await connection.fetchval(ESCALATE, referral["id"], today, due[county], request)
        done += went
        # What did not go, somebody else has taken up meanwhile.
        if not went:
            return done
