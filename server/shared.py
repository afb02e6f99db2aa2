"""One answer for all who ask at about the same time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Shared(Generic[Answer]):
    """A question that is asked once for all who want its answer; whoever wants it gets one that was asked for later.

    At most one is under way; who comes meanwhile shares the next one. What it raises, all get.
    """

    def __init__(self, ask: Callable[[], Awaitable[Answer]]) -> None:
        self._ask = ask
        self._next: asyncio.Future[Answer] | None = None
        self._asking: asyncio.Task[None] | None = None

    async def __call__(self) -> Answer:
        """The answer. That one who waits gives up is nothing to the others."""
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
            if self._asking is None:
                self._asking = asyncio.create_task(self._run())
        return await asyncio.shield(self._next)

    async def _run(self) -> None:
        while (wanted := self._next) is not None:
            self._next = None
            try:
                wanted.set_result(await self._ask())
            except Exception as error:  # noqa: BLE001 - whoever waits has it; nobody may be left
                wanted.set_exception(error)
                wanted.exception()
        self._asking = None
