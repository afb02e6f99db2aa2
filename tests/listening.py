"""Subscribers, as front ends are: over graphql-transport-ws, and by server-sent events."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from server.embedded import Embedded
from server.live.feed import Feed
from tests.conftest import Server
from tests.scene import World, create

PROTOCOL = "graphql-transport-ws"
PATIENCE = 10.0
"""How long to wait for what must come."""
QUIET = 0.4
"""How long to wait for what must not come: the feed has looked twice by then."""


class Socket:
    """A WebSocket of a subscriber."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self._ids = iter(range(1, 10_000))

    def send(self, **message: Any) -> None:
        """Sends a message."""
        self.connection.send(json.dumps(message))

    def receive(self, seconds: float = PATIENCE) -> dict[str, Any]:
        """The next message. Raises TimeoutError."""
        found: dict[str, Any] = json.loads(self.connection.recv(timeout=seconds))
        return found

    def begin(self, token: str | None, grant: str | None = None) -> None:
        """Says who subscribes, and waits to be acknowledged."""
        given = {"Authorization": token and f"Bearer {token}", "X-Zhanwang-Grant": grant}
        self.send(type="connection_init", payload={name: value for name, value in given.items() if value})
        assert self.receive() == {"type": "connection_ack"}

    def operate(self, query: str, **variables: Any) -> str:
        """Begins an operation; its id."""
        id_ = str(next(self._ids))
        self.send(type="subscribe", id=id_, payload={"query": query, "variables": variables})
        return id_

    def event(self, seconds: float = PATIENCE) -> Any:
        """The root field's value of the next event."""
        message = self.receive(seconds)
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        (value,) = message["payload"]["data"].values()
        return value

    def error(self) -> dict[str, Any]:
        """The error with which an operation ends."""
        message = self.receive()
        assert message["type"] == "error", message
        (error,) = message["payload"]
        found: dict[str, Any] = error
        return found

    def refusal(self) -> str:
        """The code with which an operation is refused."""
        return str(self.error()["extensions"]["code"])

    def rest(self, seconds: float = QUIET) -> list[dict[str, Any]]:
        """What comes until nothing does."""
        found = []
        try:
            while True:
                found.append(self.receive(seconds))
        except TimeoutError:
            return found

    def closed(self) -> int | None:
        """The code with which the server closes, whatever it sends before."""
        try:
            while True:
                self.receive()
        except ConnectionClosed:
            return self.connection.close_code


@dataclass
class Ground:
    """A database of its own with a server on it."""

    world: World
    server: Server

    @property
    def feed(self) -> Feed:
        """The server's feed."""
        found: Feed = self.server.app.state.services.live.feed
        return found

    @contextmanager
    def opened(self, **options: Any) -> Iterator[Socket]:
        """A socket that has yet to say who it is."""
        url = self.server.url.replace("http", "ws", 1) + "/graphql"
        chosen: dict[str, Any] = {
            "subprotocols": [Subprotocol(PROTOCOL)],
            "compression": None,
            "proxy": None,
            **options,
        }
        with connect(url, open_timeout=PATIENCE, **chosen) as connection:
            yield Socket(connection)

    @contextmanager
    def socket(self, token: str | None, grant: str | None = None) -> Iterator[Socket]:
        """A socket that is acknowledged."""
        with self.opened() as made:
            made.begin(token, grant)
            yield made

    @contextmanager
    def listening(self, token: str, query: str, **variables: Any) -> Iterator[Socket]:
        """A socket with one subscription, which has begun."""
        with self.socket(token) as made:
            with self.joining():
                made.operate(query, **variables)
            yield made

    @contextmanager
    def joining(self, count: int = 1) -> Iterator[None]:
        """Waits after the block until so many more subscriptions have begun."""
        before = listeners(self.feed)
        yield
        until(lambda: listeners(self.feed) >= before + count)

    @contextmanager
    def stream(
        self, token: str, query: str, last: str | None = None, accept: str = "text/event-stream"
    ) -> Iterator["Stream"]:
        """Server-sent events of a subscription, which has begun."""
        headers = {"Authorization": f"Bearer {token}", "Accept": accept}
        headers |= {"Last-Event-ID": last} if last else {}
        before = listeners(self.feed)
        with (
            httpx.Client(timeout=PATIENCE) as client,
            client.stream("POST", f"{self.server.url}/graphql", json={"query": query}, headers=headers) as response,
        ):
            until(lambda: listeners(self.feed) > before)
            yield Stream(response)


class Stream:
    """Server-sent events."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.iter_lines()

    def event(self) -> tuple[str, str, Any]:
        """The next event: its type, its id, its data."""
        found = {"event": "", "id": "", "data": ""}
        for line in self._lines:
            name, _, value = line.partition(":")
            if name:
                found[name] = value.strip()
            elif found["event"]:
                return found["event"], found["id"], json.loads(found["data"] or "null")
        raise AssertionError("the stream ended")


def listeners(feed: Feed) -> int:
    """How many subscriptions there are."""
    return sum(map(len, tuple(feed._by_account.values())))


def until(holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Waits until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


@contextmanager
def ground(embedded: Embedded, data_dir: Path, **changed: Any) -> Iterator[Ground]:
    """A database of its own, and a server on it. changed: settings."""
    url, settings = create(embedded, data_dir)
    settings = settings.model_copy(update=changed)
    with Server(settings) as server, closing(World(url, settings, server.url)) as world:
        yield Ground(world, server)
