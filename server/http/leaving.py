"""Clients that go away while their operation is under way."""

import asyncio
from types import TracebackType

from starlette.types import Receive

# Most operations are done before; only the longer ones are worth a task that listens.
PATIENCE_SECONDS = 0.05


class ClientGone(Exception):
    """Nobody is left to be answered."""


class EndedIfGone:
    """Ends the block, and with it its statement, if the client goes away; raises ClientGone then.

    receive: of a request whose body has been read.
    """

    __slots__ = ("_gone", "_later", "_listening", "_receive", "_task")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._listening: asyncio.Task[None] | None = None
        self._gone = False

    def __enter__(self) -> None:
        self._task = asyncio.current_task()
        self._later = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._begin)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._later.cancel()
        if self._listening is not None:
            self._listening.cancel()
        if self._gone and isinstance(error, asyncio.CancelledError):
            assert self._task is not None
            self._task.uncancel()
            raise ClientGone from None

    def _begin(self) -> None:
        self._listening = asyncio.ensure_future(self._listen())

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        assert self._task is not None
        self._task.cancel()
