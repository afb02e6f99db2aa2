"""The feed: what has been committed, on whatever server, told to the subscribers of this worker that it may concern.

One connection listens for PostgreSQL's notifications. A notification says no more than "look"; what is new is read by
snapshots, and looked for once in a while in any case, so that a lost one, a restart or a pooler in between costs a
second and no event.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

import asyncpg

from models import EventNoun
from resolvers.core.errors import Code, Refusal, Unavailable
from resolvers.core.events import Event, Listens, Position, Snapshot
from resolvers.core.messages import Message
from server.listener import Listener
from server.pool import LOST, PATIENCE_SECONDS, REFUSED_HERE, UNABLE, Connection

Key = TypeVar("Key", bound=Hashable)

log = logging.getLogger("zhanwang.live")

CHANNEL = "zhanwang"
# Of transactions that end at once only one notifies: the others have ended shortly after it.
AFTERWARDS = (0.03, 0.2)
LONGEST_SECONDS = 1.0
LONGEST_BACKOFF = 3.0
PRUNE_SECONDS = 600.0
MOST_RESUMED = 1000
"""How many events a subscriber may have missed that goes on from one."""

SINCE = """
SELECT pg_current_snapshot()::text AS snapshot, e.*
  FROM (SELECT) AS one LEFT JOIN events_since($1::text::pg_snapshot, $2, $3, $4) AS e ON true ORDER BY e.id
"""
NOW = "SELECT pg_current_snapshot()::text"
PRUNE = "SELECT prune_events($1)"
# A transaction writes its events before it ends, and positions are told after.
MARGIN_HOURS = 1


class EventsGone(Refusal):
    """What has happened since the event to go on from is not known any more, or too much."""

    code = Code.EVENTS_GONE

    def __init__(self) -> None:
        super().__init__(
            Message(
                "Too much has happened since that event, or it is too long ago. Load anew, and subscribe without it."
            )
        )


class Subscriber(Protocol):
    """Who is told of events. prefix: the path below which they concern it; only the feed changes it."""

    prefix: str

    @property
    def listens(self) -> Listens:
        """What it listens to."""

    @property
    def account_id(self) -> int:
        """Whose it is."""

    def offer(self, event: Event, position: Position) -> None:
        """Takes an event, which it may find not to be visible."""

    def recheck(self) -> None:
        """Something about its account has changed."""


class Feed:
    """The feed of one worker. It connects when the first subscriber comes.

    lag: seconds from when the newest event's transaction had begun to when it was read.
    """

    def __init__(self, listener: Listener, *, hours: int) -> None:
        self._listener, self._hours = listener, hours
        self._connection: Connection | None = None
        self._last: Snapshot | None = None
        self._by_path: dict[tuple[EventNoun, str], set[Subscriber]] = defaultdict(set)
        self._by_account: dict[int, set[Subscriber]] = defaultdict(set)
        self._joining: set[Subscriber] = set()
        self._wanted, self._woken, self._connected = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._reading = asyncio.Lock()
        self.lag = 0.0

    @property
    def subscriptions(self) -> int:
        """How many there are."""
        return sum(len(subscribers) for subscribers in self._by_account.values())

    async def run(self) -> None:
        """Feeds until it is cancelled. While the database is away it tries again, less and less often."""
        pause = LONGEST_SECONDS
        await self._wanted.wait()
        while True:
            try:
                await self._listen()
            except (*LOST, *REFUSED_HERE, asyncpg.PostgresError) as error:
                log.warning("The feed of events is interrupted: %s", type(error).__name__)
                pause = min(2 * pause, LONGEST_BACKOFF) if self._connection is None else LONGEST_SECONDS
            finally:
                self._connected.clear()
                if self._connection is not None:
                    self._connection.terminate()
                    self._connection = None
            await asyncio.sleep(pause)

    async def join(self, subscriber: Subscriber, after: Position | None) -> None:
        """Tells a subscriber of what happens from now on, and first of what has since a position.

        Raises EventsGone and Unavailable.
        """
        self._wanted.set()
        missed: list[tuple[Event, Position]] = []
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._connected.wait()
                if after is None:
                    self._joining.add(subscriber)
                    async with self._reading:
                        await self._let_join(subscriber)
                else:
                    async with self._reading:
                        await self._read()
                        missed = await self._missed(subscriber, after)
                        self._register(subscriber)
        except BaseException as error:
            # Who came before may have let it join already.
            self._joining.discard(subscriber)
            self.leave(subscriber)
            if isinstance(error, (*LOST, *UNABLE, *REFUSED_HERE)):
                raise Unavailable from error
            raise
        for event, position in missed:
            subscriber.offer(event, position)

    async def _let_join(self, subscriber: Subscriber) -> None:
        """Reads for everybody who waits to join, unless who came before did; under the lock alone.

        Of thousands that come back at once, the last would wait too long for a read of its own.
        """
        if subscriber not in self._joining:
            return
        came = set(self._joining)
        await self._read()
        # Some may have gone meanwhile.
        for one in came & self._joining:
            self._register(one)
        self._joining -= came

    def leave(self, subscriber: Subscriber) -> None:
        """Tells a subscriber of nothing any more."""
        for key in _keys(subscriber):
            _discard(self._by_path, key, subscriber)
        _discard(self._by_account, subscriber.account_id, subscriber)

    def relocate(self, subscriber: Subscriber, prefix: str) -> None:
        """Lets a subscriber be concerned below another path."""
        if prefix != subscriber.prefix:
            self.leave(subscriber)
            subscriber.prefix = prefix
            self._register(subscriber)

    def _register(self, subscriber: Subscriber) -> None:
        for key in _keys(subscriber):
            self._by_path[key].add(subscriber)
        self._by_account[subscriber.account_id].add(subscriber)

    # -- reading --------------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        connection = await self._listener.connect("zhanwang events", {CHANNEL: lambda _: self._woken.set()})
        self._connection = connection
        if self._last is None:
            self._last = Snapshot.read(await connection.fetchval(NOW))
        self._connected.set()
        loop = asyncio.get_running_loop()
        pruned, pauses = loop.time() - PRUNE_SECONDS, iter(AFTERWARDS)
        while True:
            async with self._reading:
                await self._read()
                if loop.time() - pruned > PRUNE_SECONDS:
                    pruned = loop.time()
                    await connection.fetchval(PRUNE, self._hours + MARGIN_HOURS)
            with suppress(TimeoutError):
                async with asyncio.timeout(next(pauses, LONGEST_SECONDS)):
                    await self._woken.wait()
                self._woken.clear()
                pauses = iter(AFTERWARDS)

    async def _read(self) -> None:
        """Tells what is new; under the lock alone. Raises what LOST lists, also to who has waited for it in vain."""
        if self._connection is None:
            raise ConnectionResetError("the feed is interrupted")
        assert self._last is not None
        rows = await self._connection.fetch(SINCE, str(self._last), None, None, None)
        before, self._last = self._last, Snapshot.read(rows[0]["snapshot"])
        events = _events(rows)
        if events:
            self.lag = (datetime.now(UTC) - events[-1].at).total_seconds()
        for event in events:
            self._tell(event, Position(before, self._last, event.id))

    async def _missed(self, subscriber: Subscriber, after: Position) -> list[tuple[Event, Position]]:
        """The events since a position, up to what the feed has read."""
        assert self._connection is not None
        assert self._last is not None
        if after.after.high > self._last.high:
            # Of transactions that the database has not seen: it was restored since, as of before.
            raise EventsGone
        listens = subscriber.listens
        rows = await self._connection.fetch(
            SINCE, str(after.before), subscriber.prefix, sorted(listens.nouns), MOST_RESUMED + 1
        )
        # Of what is told as a whole it is enough that anything has happened.
        if len(rows) > MOST_RESUMED and not listens.whole:
            raise EventsGone
        rest, later = [], []
        for event in _events(rows):
            if not self._last.shows(event.xact):
                continue
            if not after.after.shows(event.xact):
                later.append((event, Position(after.after, self._last, event.id)))
            elif event.id > after.id:
                rest.append((event, Position(after.before, after.after, event.id)))
        return rest + later

    # -- telling --------------------------------------------------------------------------------------------------

    def _tell(self, event: Event, position: Position) -> None:
        if event.noun is EventNoun.ACCOUNT:
            for subscriber in tuple(self._by_account.get(event.row_id, ())):
                subscriber.recheck()
            return
        if event.noun is EventNoun.PLACE and len(event.paths) > 1:
            self._move(*event.paths[:2])
        concerned = {
            subscriber
            for path in event.paths
            for prefix in _prefixes(path)
            for subscriber in self._by_path.get((event.noun, prefix), ())
        }
        for subscriber in concerned:
            subscriber.offer(event, position)

    def _move(self, old: str, new: str) -> None:
        """Follows a place that has moved: what is below it has moved with it."""
        moved = {s for (_, prefix), all_ in self._by_path.items() if prefix.startswith(old) for s in all_}
        for subscriber in moved:
            self.relocate(subscriber, new + subscriber.prefix.removeprefix(old))
            subscriber.recheck()


def _discard(index: dict[Key, set[Subscriber]], key: Key, subscriber: Subscriber) -> None:
    """Takes a subscriber out of an index, and its key with the last one."""
    index[key].discard(subscriber)
    if not index[key]:
        del index[key]


def _keys(subscriber: Subscriber) -> list[tuple[EventNoun, str]]:
    return [(noun, subscriber.prefix) for noun in subscriber.listens.nouns]


def _prefixes(path: str) -> Iterator[str]:
    """``"1.7."`` → ``"1."``, ``"1.7."``."""
    end = path.find(".")
    while end >= 0:
        yield path[: end + 1]
        end = path.find(".", end + 1)


def _events(rows: Sequence[Any]) -> list[Event]:
    """The events of a batch, one for all that a transaction has done to a row."""
    found: dict[tuple[int, str, int], Event] = {}
    for row in rows:
        if row["id"] is None:
            continue
        key = row["xact"], row["noun"], row["row_id"]
        event = Event(row["id"], row["xact"], row["at"], EventNoun(row["noun"]), row["row_id"], tuple(row["paths"]))
        if key in found:
            event = replace(event, paths=tuple(dict.fromkeys((*found.pop(key).paths, *event.paths))))
        found[key] = event
    return list(found.values())
