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
        self._waiting: list[asyncio.Future[Answer]] = []
        self._asking: asyncio.Task[None] | None = None

    async def __call__(self) -> Answer:
        """The answer. That one who waits gives up is nothing to the others."""
        mine: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        if self._asking is None:
            self._asking = asyncio.create_task(self._run())
        return await mine

    async def _run(self) -> None:
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            try:
                answer = await self._ask()
            except Exception as error:  # noqa: BLE001 - it is theirs who wait
                for one in waiting:
                    if not one.done():
                        one.set_exception(error)
            else:
                for one in waiting:
                    if not one.done():
                        one.set_result(answer)
        self._asking = None
