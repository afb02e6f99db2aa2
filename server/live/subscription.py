"""One subscription: what it was offered and has yet to be told, and how it ends.

It costs a few hundred bytes while nothing happens: a task is there only while there is something to tell. Each event is
answered for the account as it is at that moment, by a statement that opens its scope.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from resolvers.core.context import Context
from resolvers.core.errors import Code, Refusal
from resolvers.core.events import Event, Listens, Position, Positions
from resolvers.core.listening import Listener, digest_of
from resolvers.core.messages import Message
from server.live.feed import EventsGone, Feed
from server.live.shares import Shares

MOST_PENDING = 1000
"""How many events a client may be behind."""
RESUME_COST = 500
"""In rows: all that has happened since, wherever, is looked through."""
CALM_SECONDS = 1.0
"""How long what is told as a whole stays as it is."""


class SlowReader(Refusal):
    """The client does not read what it is told."""

    code = Code.SLOW_READER

    def __init__(self, event_id: str | None) -> None:
        super().__init__(
            Message("More has happened than was read. Subscribe again after the event that came last, and read faster.")
        )
        self.extensions = {**(self.extensions or {}), "lastEventId": event_id}


class Outlet(Protocol):
    """The way to the client."""

    async def tell(self, event_id: str, data: bytes) -> None:
        """Sends an event. data: the JSON of `data`."""

    async def fail(self, error: Exception) -> None:
        """Says why there will be no more."""


class Subscription:
    """A listener of the feed."""

    __slots__ = (
        "_ask", "_calm_until", "_cost", "_ended", "_feed", "_last_id", "_listener", "_outlet", "_pending", "_positions",
        "_seen", "_shares", "_stale", "_task", "account_id", "prefix",
    )  # fmt: skip

    def __init__(
        self,
        listener: Listener,
        feed: Feed,
        positions: Positions,
        shares: Shares,
        ask: Callable[[], Awaitable[Context]],
        outlet: Outlet,
        cost: int,
    ) -> None:
        """ask: makes the context of one event. cost: of each event, in rows."""
        self._listener, self._feed, self._positions, self._shares = listener, feed, positions, shares
        self._ask, self._outlet, self._cost = ask, outlet, cost
        self._pending: deque[tuple[Event, Position]] | None = None
        self._task: asyncio.Task[None] | None = None
        self._seen = b""
        self._stale = self._ended = False
        self._calm_until = 0.0
        self._last_id: str | None = None
        self.prefix, self.account_id = "", 0

    @property
    def listens(self) -> Listens:
        """What it listens to."""
        return self._listener.listens

    async def begin(self, after: str | None) -> None:
        """Joins the feed. after: the event to go on from, if it is not the argument's. Raises Refusal."""
        context = await self._ask()
        self.account_id = context.acting().account_id
        position = None
        async with self._shares.turn(self.account_id):
            if self._ended:
                return
            async with self._shares.busy:
                self.prefix = await self._listener.locate(context)
                if (public_id := after or self._listener.after) is not None:
                    position = self._positions.open(public_id)
                    if position is None:
                        raise EventsGone
                    self._seen = position.seen
                elif self.listens.whole:
                    shown = await self._listener.answer(context, None)
                    self._seen = digest_of(shown) if shown else b""
            if position is not None:
                await self._shares.pay(self.account_id, RESUME_COST)
            await self._feed.join(self, position)
        if self._ended:
            self._feed.leave(self)

    def end(self) -> None:
        """Leaves the feed; nothing is told any more."""
        self._ended = True
        self._feed.leave(self)
        self._pending = None
        if self._task is not None:
            self._task.cancel()

    def offer(self, event: Event, position: Position) -> None:
        """Takes an event."""
        if self._ended:
            return
        if self._pending is None or self.listens.whole:
            # Of what is told as a whole the last tells all.
            self._pending = deque()
        self._pending.append((event, position))
        if len(self._pending) > MOST_PENDING:
            self._fail(SlowReader(self._last_id))
        else:
            self._work()

    def recheck(self) -> None:
        """Lets the account be looked at anew."""
        self._stale = True
        self._work()

    def _work(self) -> None:
        if self._task is None and not self._ended:
            self._task = asyncio.create_task(self._tell_all())

    def _fail(self, error: Exception) -> None:
        self.end()
        self._task = asyncio.create_task(self._outlet.fail(error))

    async def _tell_all(self) -> None:
        try:
            while self._stale or self._pending:
                if self._stale:
                    self._stale = False
                    async with self._shares.turn(self.account_id), self._shares.busy:
                        context = await self._ask()
                        self._feed.relocate(self, await self._listener.locate(context))
                    continue
                await self._calm()
                if self._pending:
                    await self._tell(*self._pending.popleft())
            self._pending = None
        except Exception as error:  # noqa: BLE001 - whoever is told of it logs what was not expected
            self._fail(error)
        finally:
            if not self._ended:
                self._task = None

    async def _calm(self) -> None:
        """Waits until what is told as a whole may be told again."""
        loop = asyncio.get_running_loop()
        if self.listens.whole and (left := self._calm_until - loop.time()) > 0:
            await asyncio.sleep(left)

    async def _tell(self, event: Event, position: Position) -> None:
        whole = self.listens.whole
        async with self._shares.turn(self.account_id):
            await self._shares.pay(self.account_id, self._cost)
            async with self._shares.busy:
                payload = await self._listener.answer(await self._ask(), None if whole else event.row_id)
        if whole:
            self._calm_until = asyncio.get_running_loop().time() + CALM_SECONDS
            seen = digest_of(payload) if payload else b""
            if seen == self._seen:
                return
            self._seen = seen
            position = replace(position, seen=seen)
        if payload is not None:
            self._last_id = self._positions.seal(position)
            data = b'{"' + self._listener.key.encode() + b'":' + payload.of(self._last_id, event.at) + b"}"
            await self._outlet.tell(self._last_id, data)
