"""Subscribers, as front ends are: over graphql-transport-ws, and by server-sent events."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect

PROTOCOL = "graphql-transport-ws"
PATIENCE = 10.0
"""How long to wait for what must come."""
QUIET = 0.6
"""How long to wait for what must not: the feed looks twice in this time."""


class Socket:
    """A WebSocket that has said who it is."""

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

    def subscribe(self, query: str, **variables: Any) -> str:
        """Begins an operation; its id."""
        id_ = str(next(self._ids))
        self.send(type="subscribe", id=id_, payload={"query": query, "variables": variables})
        return id_

    def settle(self) -> None:
        """Waits until the server has seen to all that was sent before."""
        # An answered query comes after what was subscribed before it has begun: one second is the feed's own rhythm.
        id_ = self.subscribe("{ viewer { account { id } } }")
        kept = []
        while (message := self.receive()).get("id") != id_ or message["type"] != "complete":
            if message.get("id") != id_:
                kept.append(message)
        assert not kept, kept

    def event(self, seconds: float = PATIENCE) -> Any:
        """The root field's value of the next event, in whatever operation."""
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

    def quiet(self, seconds: float = QUIET) -> bool:
        """Whether nothing comes."""
        try:
            raise AssertionError(self.receive(seconds))
        except TimeoutError:
            return True

    def closed(self) -> int | None:
        """The code with which the server closes."""
        from websockets.exceptions import ConnectionClosed

        try:
            while True:
                self.receive()
        except ConnectionClosed:
            return self.connection.close_code


@contextmanager
def socket(address: str, token: str | None, *, grant: str | None = None, **options: Any) -> Iterator[Socket]:
    """A socket of an account, acknowledged."""
    url = address.replace("http", "ws", 1) + "/graphql"
    with connect(url, subprotocols=[PROTOCOL], open_timeout=PATIENCE, **options) as connection:  # type: ignore[list-item]
        made = Socket(connection)
        payload = ({"Authorization": f"Bearer {token}"} if token else {}) | (
            {"X-Zhanwang-Grant": grant} if grant else {}
        )
        made.send(type="connection_init", payload=payload)
        assert made.receive() == {"type": "connection_ack"}
        yield made
