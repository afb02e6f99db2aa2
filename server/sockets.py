"""Connections: how many a worker has, and how long each may take to say what it wants and to hear the answer.

uvicorn waits for the end of a request's headers as long as it takes, and holds an answer for a client that never reads
it. Here a connection that does not come to the point costs a few kilobytes for some seconds, whatever it sends.
"""

import asyncio
import socket
import struct
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

import orjson
import uvicorn
from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from resolvers.core.errors import Code
from resolvers.core.throttle import network_of
from server.cycle import Cycle
from server.http.refusals import HTTPCode

HEAD_SECONDS = 10.0
"""From the connection, or a request's first byte, to the end of its headers."""

HEAD_BYTES = 64 * 1024
BODY_SECONDS = STALL_SECONDS = 10.0
PROGRESS_BYTES = 10_000
"""A body of which less than this comes within BODY_SECONDS is refused, an answer of which less is taken within
STALL_SECONDS is broken off."""

PART_BYTES = 4096
"""How much is looked at at once: a request may have 18 bytes, a WebSocket's frame 6, and each takes its time."""

MOST_AHEAD = 100
"""How many requests of a connection wait while one is answered; what comes after them is not looked at."""

MOST_FRAMES = 1_000
"""How many frames a client may send on a WebSocket within a second."""

AT_ONCE = struct.pack("ii", 1, 0)
"""Of SO_LINGER: a connection is reset when it is closed."""

Network = IPv4Network | IPv6Network


@dataclass
class Connections:
    """The connections of a worker. `proxies` may have any number, up to `most` of all together."""

    most: int
    per_address: int
    proxies: list[Network] = field(default_factory=list)
    by_address: Counter[str] = field(default_factory=Counter)
    count: int = 0

    def enter(self, address: str) -> bool:
        """Counts one more; False if it is one too many, and not counted. address: "" on a Unix socket."""
        if self.count >= self.most:
            return False
        key = network_of(address)
        if address and self.by_address[key] >= self.per_address and not self._proxy(address):
            return False
        self.count += 1
        self.by_address[key] += 1
        return True

    def leave(self, address: str) -> None:
        """Counts one less."""
        key = network_of(address)
        self.count -= 1
        self.by_address[key] -= 1
        if not self.by_address[key]:
            del self.by_address[key]

    def _proxy(self, address: str) -> bool:
        found = ip_address(address)
        return any(found in network for network in self.proxies)


class Configuration(uvicorn.Config):
    """uvicorn's configuration, and the connections of the worker that is run by it."""

    def __init__(self, app: Any, connections: Connections, **options: Any) -> None:
        super().__init__(app, http=Http, ws=WebSocket, **options)
        self.zhanwang = connections


class Http(HttpToolsProtocol):
    """An HTTP connection."""

    def __init__(self, config: Configuration, *arguments: Any, **named: Any) -> None:
        super().__init__(config, *arguments, **named)
        self._all = config.zhanwang
        self._address: str | None = None
        # At most one runs: until a head is there, or until more of a body is.
        self._clock: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._in_head = self._in_body = False
        # What has come and must wait.
        self._later = b""
        # Bytes of this head or of this body so far.
        self._received = 0
        self._running: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Counts it, or refuses it."""
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        if self._all.enter(address):
            self._address = address
            self._clock = self.loop.call_later(HEAD_SECONDS, self._late_head)
        else:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, HTTPCode.BUSY, "There are too many connections. Try later.")

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets it."""
        self._stop_clock()
        if self._stalled is not None:
            self._stalled.cancel()
        if self._running is not None:
            # uvicorn tells the last request of a pipeline alone.
            self._running.disconnected = True
        super().connection_lost(exc)
        self._leave()

    def data_received(self, data: bytes) -> None:
        """Takes in what has come, as far as answers keep up: uvicorn makes a scope of each request that is in it."""
        if self._later:
            data, self._later = self._later + data, b""
        for start in range(0, len(data), PART_BYTES):
            if self.transport.is_closing() or self.transport.get_protocol() is not self:
                return
            if len(self.pipeline) >= MOST_AHEAD:
                self._later = data[start:]
                self.flow.pause_reading()
                return
            self._take_in(data[start : start + PART_BYTES])

    def on_response_complete(self) -> None:
        """The next request's turn; what had to wait is taken in once none is left."""
        super().on_response_complete()
        if self._later and not self.pipeline:
            self.data_received(b"")
        elif self._later:
            self.flow.pause_reading()

    def _take_in(self, data: bytes) -> None:
        """Takes in a part, and sees to it that the rest comes, too."""
        self._received += len(data)
        super().data_received(data)
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return
        if self._in_head and not self._received:
            # It began in this part, perhaps after whole requests.
            self._received = len(data) - max(0, data.rfind(b"\r\n\r\n"))
        if self._in_head and self._received > HEAD_BYTES:
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                Code.TOO_LARGE,
                f"Address and headers may have {HEAD_BYTES} bytes at the most.",
            )
        elif self._clock is None:
            if self._in_body and self._answering:
                self._clock = self.loop.call_later(BODY_SECONDS, self._late_body)
            # What comes after an answer, and begins no request, has stopped the clock of uvicorn.
            elif self._in_head or (not self._answering and self.timeout_keep_alive_task is None):
                self._clock = self.loop.call_later(HEAD_SECONDS, self._late_head)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_head, self._received = True, 0

    def on_headers_complete(self) -> None:
        """Its head is there."""
        self._stop_clock()
        self._in_head, self._in_body, self._received = False, True, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Its body is there."""
        self._stop_clock()
        self._in_body = False
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hands the connection over; the WebSocket counts it from then on."""
        self._leave()
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Answers what is not HTTP."""
        self._refuse(HTTPStatus.BAD_REQUEST, Code.BAD_REQUEST, msg)

    def pause_writing(self) -> None:
        """The client does not keep up."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """It does again."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    @property
    def _answering(self) -> bool:
        # There is no cycle before the first request.
        return not getattr(self.cycle, "response_complete", True)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _late_head(self) -> None:
        self._clock = None
        if self._answering:
            # The next request is slow while the one before is being answered.
            self._clock = self.loop.call_later(HEAD_SECONDS, self._late_head)
        elif self._in_head:
            message = f"The headers did not arrive within {HEAD_SECONDS:g} s."
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, HTTPCode.REQUEST_TIMEOUT, message)
        else:
            self.transport.close()

    def _late_body(self) -> None:
        self._clock = None
        # Nothing comes in while the application, or a request before this one, takes its time.
        if self.flow.read_paused or self._received >= PROGRESS_BYTES:
            self._received = 0
            self._clock = self.loop.call_later(BODY_SECONDS, self._late_body)
        elif not self._answering:
            self.transport.close()
        else:
            message = f"The body did not arrive, or less than {PROGRESS_BYTES} bytes of it in {BODY_SECONDS:g} s."
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, HTTPCode.REQUEST_TIMEOUT, message)

    def _watch(self) -> None:
        left = self.transport.get_write_buffer_size()
        self._stalled = self.loop.call_later(STALL_SECONDS, self._stall, left)

    def _stall(self, before: int) -> None:
        if self.transport.get_write_buffer_size() > before - PROGRESS_BYTES:
            # Without this the system would keep what is unsent, for as long as the client likes.
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            self.transport.abort()
        else:
            self._watch()

    def _leave(self) -> None:
        if self._address is not None:
            self._all.leave(self._address)
            self._address = None

    def _refuse(self, status: HTTPStatus, code: Code | HTTPCode, message: str) -> None:
        """Answers without any application, and ends the connection."""
        if self._answering and (self.cycle.response_started or self.pipeline):
            # In the middle of another answer this one would be taken for a part of it.
            self.transport.abort()
            return
        body = orjson.dumps({"errors": [{"message": message, "extensions": {"code": code.value}}]})
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json; charset=utf-8\r\n"
            f"content-length: {len(body)}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


class WebSocket(WebSocketsSansIOProtocol):
    """A WebSocket.

    Pings and parts of messages, which no application sees, are counted here; a client's messages are in server.live.
    """

    def __init__(self, config: Configuration, *arguments: Any, **named: Any) -> None:
        super().__init__(config, *arguments, **named)
        self._all = config.zhanwang
        self._address: str | None = None
        # Frames within the second that has begun.
        self._frames, self._since = 0, 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Counts it; it was counted a moment ago as HTTP, so that there is room."""
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        if self._all.enter(address):
            self._address = address

    def start_keepalive(self) -> None:
        """Begins with it, and forgets the opening handshake, which nobody reads again: kilobytes of headers, twice."""
        super().start_keepalive()
        del self.request, self.response

    def data_received(self, data: bytes) -> None:
        """Takes in what has come, little by little, until it is too much."""
        for start in range(0, len(data), PART_BYTES):
            if self.transport.is_closing():
                return
            super().data_received(data[start : start + PART_BYTES])

    def handle_events(self) -> None:
        """Ends the connection of who sends too many frames."""
        now = self.loop.time()
        if now - self._since >= 1:
            self._frames, self._since = 0, now
        self._frames += len(self.conn.events)
        if self._frames > MOST_FRAMES:
            self.transport.abort()
        else:
            super().handle_events()

    def handle_ping(self) -> None:
        """Answers, unless the client does not take the answers: uvicorn would keep them all."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets it."""
        super().connection_lost(exc)
        if self._address is not None:
            self._all.leave(self._address)
            self._address = None


# uvicorn has no other way to say of which class its answers are.
httptools_impl.RequestResponseCycle = Cycle  # type: ignore[misc]
