"""Clients that go away while their operation is under way."""

import asyncio
from types import TracebackType
from typing import Any

from starlette.types import Receive

# Most operations are done before; only the longer ones are worth a task that listens.
PATIENCE_SECONDS = 0.05


class ClientGone(Exception):
    """Nobody is left to be answered."""


class Leaving:
    """The operations of a worker whose clients may go away. One timer looks after all of them.

    loop: that they run on.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        # Asking for the running one is a call of the system, in Python 3.11.
        self._loop = loop
        self._under_way: dict[EndedIfGone, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def ended_if_gone(self, receive: Receive) -> "EndedIfGone":
        """A block that ends, and with it its statement, if the client goes away; it raises ClientGone then.

        receive: of a request whose body has been read.
        """
        return EndedIfGone(self, receive)

    def begin(self, operation: "EndedIfGone") -> "asyncio.Task[Any] | None":
        """Looks after an operation: the task that it is."""
        self._under_way[operation] = self._loop.time()
        if self._timer is None:
            self._timer = self._loop.call_later(PATIENCE_SECONDS, self._look)
        return asyncio.current_task(self._loop)

    def end(self, operation: "EndedIfGone") -> None:
        """Looks after it no longer."""
        self._under_way.pop(operation, None)

    def _look(self) -> None:
        long = self._loop.time() - PATIENCE_SECONDS
        for operation in [one for one, since in self._under_way.items() if since <= long]:
            del self._under_way[operation]
            operation.listen()
        self._timer = self._loop.call_later(PATIENCE_SECONDS, self._look) if self._under_way else None


class EndedIfGone:
    """The block of one operation."""

    __slots__ = ("_gone", "_leaving", "_listening", "_receive", "_task")

    def __init__(self, leaving: Leaving, receive: Receive) -> None:
        self._leaving, self._receive = leaving, receive
        self._listening: asyncio.Task[None] | None = None
        self._gone = False

    def __enter__(self) -> None:
        self._task = self._leaving.begin(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._leaving.end(self)
        if self._listening is not None:
            self._listening.cancel()
        if self._gone and isinstance(error, asyncio.CancelledError):
            assert self._task is not None
            self._task.uncancel()
            raise ClientGone from None

    def listen(self) -> None:
        """Waits for the client to go away."""
        self._listening = asyncio.ensure_future(self._listen())

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        assert self._task is not None
        self._task.cancel()
