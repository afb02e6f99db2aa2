"""The end of a server: first it says so, then it goes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass
class Stopping:
    """Whether the server is about to stop, and what then has to be ended that would not end by itself.

    seconds: how long it goes on after it has said so.
    """

    seconds: float = 0.0
    begun: bool = False
    last: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    async def end(self) -> None:
        """End what stays open."""
        for one in self.last:
            await one()
