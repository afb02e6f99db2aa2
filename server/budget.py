"""What callers may ask of a worker: how much within a time, and how much at once.

A caller is an account, or the address of who has none. Both bounds are each worker's own and kept in memory: what they
protect is the worker and its pool, and a round trip to share them would cost more than most operations.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from http import HTTPStatus
from math import ceil

from resolvers.core.context import Context
from resolvers.core.messages import Message
from resolvers.core.throttle import network_of
from server.http.refusals import HTTPCode, HTTPRefusal

# In rows, as the cost of operations is; measured, the smallest request takes as long as some forty rows do, and a
# document that is new to the worker as long as so many more for each four characters.
REQUEST_COST = 10
DOCUMENT_COST = 200
CHARACTERS = 4
LOOK_UP_COST = 40
"""What it costs to find out who asks, where the worker does not remember it."""

CALLERS = 20_000
WAITING = 20
"""How many of a caller's operations may wait, for each that it may have under way."""

TURN_SECONDS = 5.0

Caller = tuple[str, int | str]


def caller_of(context: Context) -> Caller:
    """Who pays for a request."""
    if context.identity is not None:
        return "account", context.identity.account_id
    return "address", network_of(context.address)


def seeker_of(address: str) -> Caller:
    """Who pays for finding out who asks: apart from what the address asks for, which must not keep others' tokens out.

    address: of the client, as text.
    """
    return "look-up", network_of(address)


def document_cost(text: str) -> int:
    """What it costs to read a document that the worker does not know yet."""
    return DOCUMENT_COST + len(text) // CHARACTERS


class _Bucket:
    """The rows that a caller had left, and when."""

    __slots__ = ("level", "since")

    def __init__(self, level: float, since: float) -> None:
        self.level, self.since = level, since


class Budget:
    """A bucket of rows for each caller: full at first, filled at a steady rate, and overdrawn by one operation at most.

    per_second: rows that come back. burst: rows that a full bucket has. The CALLERS seen last are remembered; who is
    forgotten has a full one again.
    """

    def __init__(self, per_second: int, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = per_second, burst, clock
        self._buckets: OrderedDict[Caller, _Bucket] = OrderedDict()

    def take(self, caller: Caller, amount: int = REQUEST_COST) -> None:
        """Pays for what begins. Raises HTTPRefusal while nothing is left."""
        bucket = self._bucket(caller)
        if bucket.level <= 0:
            seconds = max(1, ceil(self.seconds(caller)))
            raise HTTPRefusal(
                HTTPStatus.TOO_MANY_REQUESTS,
                Message("Too much was asked within a short time. Ask again in {seconds} s.", seconds=seconds),
                HTTPCode.RATE_LIMITED,
                **{"Retry-After": str(seconds)},
            )
        bucket.level -= amount

    def spend(self, caller: Caller, amount: int) -> None:
        """Pays for what has begun, whatever is left."""
        self._bucket(caller).level -= amount

    def seconds(self, caller: Caller) -> float:
        """How long it takes until something is left; 0 if something is."""
        left = self._level(caller)
        return 0.0 if left > 0 else (1 - left) / self._rate

    def left(self, caller: Caller) -> int:
        """How many rows are left; negative while they are owed."""
        return int(self._level(caller))

    def _level(self, caller: Caller) -> float:
        return self._bucket(caller).level if caller in self._buckets else self._burst

    def _bucket(self, caller: Caller) -> _Bucket:
        """A caller's bucket, as full as it is now."""
        now, found = self._clock(), self._buckets.get(caller)
        if found is None:
            found = self._buckets[caller] = _Bucket(self._burst, now)
            if len(self._buckets) > CALLERS:
                self._buckets.popitem(last=False)
            return found
        self._buckets.move_to_end(caller)
        found.level = min(self._burst, found.level + (now - found.since) * self._rate)
        found.since = now
        return found


class _Line:
    """The operations of a caller: how many are under way, and those that wait."""

    __slots__ = ("under_way", "waiting")

    def __init__(self) -> None:
        self.under_way = 0
        self.waiting: deque[asyncio.Future[None]] = deque()


class Turns:
    """Lets each caller have `at_once` operations under way; more wait their turn while others overtake."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._lines: dict[Caller, _Line] = {}

    async def take(self, caller: Caller) -> None:
        """Waits until the caller may begin one more; `give_back` ends it. Raises HTTPRefusal if that takes too long."""
        line = self._lines.get(caller)
        if line is None:
            line = self._lines[caller] = _Line()
        if line.under_way < self._at_once:
            line.under_way += 1
        elif len(line.waiting) >= WAITING * self._at_once:
            raise self._busy()
        else:
            await self._wait(caller, line)

    def give_back(self, caller: Caller) -> None:
        """Ends an operation; the one that has waited longest begins."""
        line = self._lines[caller]
        while line.waiting:
            if not (first := line.waiting.popleft()).done():
                first.set_result(None)
                return
        line.under_way -= 1
        if not line.under_way:
            del self._lines[caller]

    async def _wait(self, caller: Caller, line: _Line) -> None:
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.waiting.append(mine)
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await mine
        except BaseException as error:
            if mine.done() and not mine.cancelled():
                self.give_back(caller)
            elif mine in line.waiting:
                line.waiting.remove(mine)
            if isinstance(error, TimeoutError):
                raise self._busy() from None
            raise

    def _busy(self) -> HTTPRefusal:
        return HTTPRefusal(
            HTTPStatus.TOO_MANY_REQUESTS,
            Message(
                "{most} operations of this caller are under way, and too many wait. Ask for less at once.",
                most=self._at_once,
            ),
            HTTPCode.BUSY,
            **{"Retry-After": "1"},
        )
