"""Clients that go away while their operation is under way."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import Receive

# Most operations are done before; only the longer ones are worth a task that listens.
PATIENCE_SECONDS = 0.05


class ClientGone(Exception):
    """Nobody is left to be answered."""


@contextmanager
def ended_if_gone(receive: Receive) -> Iterator[None]:
    """Ends the block, and with it its statement, if the client goes away. Raises ClientGone then.

    receive: of a request whose body has been read.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    listening: asyncio.Task[None] | None = None
    gone = False

    async def listen() -> None:
        nonlocal gone
        while (await receive())["type"] != "http.disconnect":
            pass
        gone = True
        task.cancel()

    def begin() -> None:
        nonlocal listening
        listening = loop.create_task(listen())

    later = loop.call_later(PATIENCE_SECONDS, begin)
    try:
        yield
    except asyncio.CancelledError:
        if not gone:
            raise
        task.uncancel()
        raise ClientGone from None
    finally:
        later.cancel()
        if listening is not None:
            listening.cancel()
