"""What workers are told to forget: whose rights and which documents have changed, wherever it was done.

Triggers notify in the transaction that changes something (migrations/versions/0019_changes.py). What a worker has
looked up, it trusts for as long as it listens, and is told nothing; else for FRESH_SECONDS. That it listens is known
for as long again after each answer on that connection, so that no silent network makes it trust any longer.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable
from enum import StrEnum
from functools import partial
from typing import Final, Generic, TypeVar

import asyncpg

from resolvers.core.cache import Cache
from server.listener import Listener
from server.pool import LOST, REFUSED_HERE, Connection

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

log = logging.getLogger("zhanwang.changes")

FRESH_SECONDS = 3.0
"""How long something is trusted that nobody would tell to have changed."""

LOOK_SECONDS = 1.0
EVERY: Final = ""
"""In the place of a key: whatever there is."""


class Subject(StrEnum):
    """What can change. The value is the channel of its notifications, whose payload is a key."""

    ACCOUNT = "zhanwang_account"
    DOCUMENT = "zhanwang_document"


class Changes:
    """What a worker knows of changes: nothing, unless it follows them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.now = clock
        self._heard_until = float("-inf")
        self._droppers: dict[Subject, list[Callable[[str], object]]] = defaultdict(list)

    def on(self, subject: Subject, drop: Callable[[str], object]) -> None:
        """Lets a cache be told. drop: is called with the key of what has changed, or EVERY."""
        self._droppers[subject].append(drop)

    def trusts(self, asked_at: float) -> bool:
        """Whether an answer still counts that nobody has told to have changed. asked_at: by `now`."""
        now = self.now()
        return now < self._heard_until or now - asked_at < FRESH_SECONDS

    def tell(self, subject: Subject, key: str) -> None:
        """Lets caches forget."""
        for drop in self._droppers[subject]:
            drop(key)

    async def follow(self, listener: Listener) -> None:
        """Listens until it is cancelled; while the database is away it tries again each second."""
        if not listener.hears:
            return
        away = False
        heard = {subject.value: partial(self.tell, subject) for subject in Subject}
        while True:
            connection: Connection | None = None
            try:
                connection = await listener.connect("zhanwang changes", heard)
                # What has changed meanwhile was told to nobody.
                for subject in Subject:
                    self.tell(subject, EVERY)
                if away:
                    log.info("Changes are heard again")
                away = False
                await self._stay(connection)
            except (*LOST, *REFUSED_HERE, asyncpg.PostgresError) as error:
                if not away:
                    log.warning("Changes are not heard: %s", type(error).__name__)
                away = True
            finally:
                self._heard_until = float("-inf")
                if connection is not None:
                    connection.terminate()
            await asyncio.sleep(LOOK_SECONDS)

    async def _stay(self, connection: Connection) -> None:
        while True:
            asked_at = self.now()
            await connection.execute("SELECT", timeout=FRESH_SECONDS)
            self._heard_until = asked_at + FRESH_SECONDS
            await asyncio.sleep(LOOK_SECONDS)


class Remembered(Generic[Key, Value]):
    """A bounded cache of what the database said, for as long as that can be trusted.

    concerns: whether something concerns what a change has the key of; each does, if it is not given.
    """

    def __init__(
        self,
        changes: Changes,
        subject: Subject,
        size: int,
        concerns: Callable[[str, Key, Value], bool] = lambda *_: True,
    ) -> None:
        self._changes, self._concerns = changes, concerns
        self._cache: Cache[Key, tuple[Value, float]] = Cache(size)
        self._dropped = 0
        changes.on(subject, self._drop)

    def __len__(self) -> int:
        return len(self._cache)

    def peek(self, key: Key) -> Value | None:
        """What a key stands for, if that is known and can be trusted."""
        found = self._cache.peek(key)
        return found[0] if found is not None and self._changes.trusts(found[1]) else None

    async def look_up(self, key: Key, ask: Callable[[], Awaitable[Value | None]]) -> Value | None:
        """What the database says, remembered unless that is None. Raises what `ask` does."""
        dropped, asked_at = self._dropped, self._changes.now()
        value = await ask()
        self._cache.forget(key)
        # What changes while it is asked for may or may not be in the answer.
        if value is not None and dropped == self._dropped:
            self._cache.keep(key, (value, asked_at))
        return value

    def forget(self, key: Key) -> None:
        """Lets a key be looked up anew."""
        self._cache.forget(key)

    def _drop(self, changed: str) -> None:
        self._dropped += 1
        if changed == EVERY:
            self._cache.clear()
        else:
            self._cache.forget_all(lambda key, found: self._concerns(changed, key, found[0]))
