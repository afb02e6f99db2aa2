"""Retention: what is kept of clients no longer than it may be, and what nobody needs any more.

The Personal Information Protection Law asks for the shortest time that the purpose needs (个人信息保护法第十九条),
and for erasure by oneself when it is over (第四十七条). How long that is, the operator says. The steps are the
database's (`due_clients`, `erase_due_client`, `purge_expired`: migrations/versions/0017), which acts for nobody and in
no scope, so that they may be taken by many at the same time and are done once.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import asyncpg

TODAY = "SELECT current_date"
DUE = "SELECT id, county_id, closed_on FROM due_clients($1, $2, $3)"
ERASE = "SELECT erase_due_client($1, $2, $3)"
# As who erases one by request: nothing else is written in the county meanwhile.
LOCK = "SELECT lock_county($1, true)"
PATIENCE = "SET LOCAL lock_timeout = '3s'"
PURGE = "SELECT purge_expired($1, $2)"
BATCH = 200

Transaction = Callable[[], AbstractAsyncContextManager[Any]]


@dataclass(frozen=True)
class Due:
    """A client whose file was closed so long ago that what tells of them is to be erased."""

    key: int
    county_id: int
    closed_on: date

    @property
    def id(self) -> str:
        """The public id."""
        return f"CL{self.key}"


async def due_before(transaction: Transaction, years: int) -> date:
    """The day before which a file was closed that is now kept for more than so many years."""
    async with transaction() as connection:
        today: date = await connection.fetchval(TODAY)
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        # Of 29 February, in a year that has none.
        return today.replace(year=today.year - years, day=28) + timedelta(days=1)


async def due(transaction: Transaction, before: date) -> AsyncIterator[Due]:
    """The clients whose files were closed before a day, and are kept still, by their ids."""
    last = 0
    while True:
        async with transaction() as connection:
            rows = await connection.fetch(DUE, before, last, BATCH)
        for row in rows:
            yield Due(row["id"], row["county_id"], row["closed_on"])
        if len(rows) < BATCH:
            return
        last = rows[-1]["id"]


async def erase_due(transaction: Transaction, before: date, request: str) -> tuple[int, int]:
    """Erases each client who is due, in a transaction of its own: how many, and how many have to wait.

    Who waits has a referral or a consultation under way, or somebody writes in their county without pause.
    request: what the audit log has in the place of a request's id.
    """
    done = waiting = 0
    async for one in due(transaction, before):
        try:
            async with transaction() as connection:
                await connection.execute(PATIENCE)
                await connection.execute(LOCK, one.county_id)
                answer = await connection.fetchval(ERASE, one.key, before, request)
        except asyncpg.LockNotAvailableError:
            answer = "LOCKED"
        done += answer == "OK"
        waiting += answer in ("UNDER_WAY", "LOCKED")
    return done, waiting


async def purge(transaction: Transaction, refresh_life: timedelta) -> None:
    """Removes tokens, sessions, keys of repeats and counts of failures that are over for good.

    refresh_life: how long a refresh token lives that is not used.
    """
    while True:
        async with transaction() as connection:
            if await connection.fetchval(PURGE, refresh_life, BATCH) < BATCH:
                return
