"""What the ways to subscribers share: the feed, the ids of events, and how much there may be of everything."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from time import time
from typing import Protocol

from resolvers.core.context import Context
from resolvers.core.errors import BadInput
from resolvers.core.events import Positions
from resolvers.core.messages import Message
from resolvers.core.tokens import TokenRefused, Tokens
from schema.base import Prepared, Schema
from server.http.refusals import HTTPCode, HTTPRefusal
from server.live.feed import Feed
from server.live.shares import Shares
from server.live.subscription import Outlet, Subscription

MOST_ROWS = 2000
"""What an event's payload may cost: it is answered each time that something happens, whoever did it."""

CLOSING_SECONDS = 5.0
SEND_SECONDS = 10.0
"""How long one message may take to be taken from a client that does not read."""


class Closable(Protocol):
    """A connection that stays open."""

    async def close(self) -> None:
        """Tells the client that the server stops."""


class Live:
    """The subscriptions of one worker.

    shares: what each account has of it. per_account: how many connections an account may hold.
    """

    def __init__(self, feed: Feed, positions: Positions, shares: Shares, *, per_account: int) -> None:
        self.feed, self._positions, self._shares, self._per_account = feed, positions, shares, per_account
        self._held: Counter[int] = Counter()
        self._open: set[Closable] = set()

    def __len__(self) -> int:
        return len(self._open)

    def subscription(
        self,
        schema: Schema,
        prepared: Prepared,
        context: Context,
        ask: Callable[[], Awaitable[Context]],
        outlet: Outlet,
    ) -> Subscription:
        """A subscription that has yet to begin. Raises Refusal."""
        if prepared.cost > MOST_ROWS:
            raise BadInput(
                Message(
                    "Each event could answer {rows} rows; {most} is the most. Ask for smaller pages.",
                    rows=prepared.cost,
                    most=MOST_ROWS,
                )
            )
        listener = schema.listener(prepared, context)
        return Subscription(listener, self.feed, self._positions, self._shares, ask, outlet, prepared.cost)

    @contextmanager
    def holding(self, account_id: int) -> Iterator[None]:
        """Counts a connection of an account while the block runs. Raises HTTPRefusal if it has too many."""
        if self._held[account_id] >= self._per_account:
            raise HTTPRefusal(
                HTTPStatus.TOO_MANY_REQUESTS,
                Message(
                    "An account may keep {most} connections open at the most. Close some first.",
                    most=self._per_account,
                ),
                HTTPCode.BUSY,
            )
        self._held[account_id] += 1
        try:
            yield
        finally:
            self._held[account_id] -= 1
            if not self._held[account_id]:
                del self._held[account_id]

    @contextmanager
    def opened(self, connection: Closable) -> Iterator[None]:
        """Knows a connection while it is open, so that it is told when the server stops."""
        self._open.add(connection)
        try:
            yield
        finally:
            self._open.discard(connection)

    async def close_all(self) -> None:
        """Tells all clients that the server stops: they come back to another, or later, and go on where they were."""
        async with asyncio.timeout(CLOSING_SECONDS):
            await asyncio.gather(*(connection.close() for connection in tuple(self._open)), return_exceptions=True)


def when_over(tokens: Tokens, token: str | None, end: Callable[[], object]) -> asyncio.TimerHandle | None:
    """Calls `end` when an access token runs out; None, and nothing is called, for a key for machines."""
    try:
        left = tokens.verify(token or "").expires_at - time()
    except TokenRefused:
        return None
    return asyncio.get_running_loop().call_later(left, end)
