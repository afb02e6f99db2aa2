"""Connections: how many a worker has, and how long each may take to say what it wants and to hear the answer.

uvicorn waits for the end of a request's headers as long as it takes, and holds an answer for a client that never reads
it. Here a connection that does not come to the point costs a few kilobytes for some seconds, whatever it sends.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

import orjson
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from resolvers.core.errors import Code
from resolvers.core.throttle import network_of
from server.http.refusals import HTTPCode

HEAD_SECONDS = 10.0
"""From the connection, or a request's first byte, to the end of its headers."""

HEAD_BYTES = 64 * 1024
STALL_SECONDS = 10.0
STALL_BYTES = 10_000
"""An answer of which less than this is taken within STALL_SECONDS is broken off."""

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
        self._head: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._begun = False
        self._received = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Counts it, or refuses it."""
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        if self._all.enter(address):
            self._address = address
            self._wait()
        else:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, HTTPCode.BUSY, "There are too many connections. Try later.")

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets it."""
        self._settle()
        if self._stalled is not None:
            self._stalled.cancel()
        super().connection_lost(exc)
        self._leave()

    def data_received(self, data: bytes) -> None:
        """Takes in what has come, and sees to it that a request's head comes to its end."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return
        if self._begun:
            self._received += len(data)
            if self._received > HEAD_BYTES:
                self._refuse(
                    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                    Code.TOO_LARGE,
                    f"Address and headers may have {HEAD_BYTES} bytes at the most.",
                )
                return
        # What comes after an answer, and begins no request, has stopped the clock of uvicorn.
        waiting = not self._answering and self.timeout_keep_alive_task is None
        if self._head is None and (self._begun or waiting):
            self._wait()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._begun, self._received = True, 0

    def on_headers_complete(self) -> None:
        """Its head is there."""
        self._begun = False
        self._settle()
        super().on_headers_complete()

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

    @property
    def _answering(self) -> bool:
        # There is no cycle before the first request.
        return not getattr(self.cycle, "response_complete", True)

    def _wait(self) -> None:
        self._head = self.loop.call_later(HEAD_SECONDS, self._late)

    def _settle(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _late(self) -> None:
        self._head = None
        if self._answering:
            # The next request is slow while the one before is being answered.
            self._wait()
        elif self._begun:
            message = f"The headers did not arrive within {HEAD_SECONDS:g} s."
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, HTTPCode.REQUEST_TIMEOUT, message)
        else:
            self.transport.close()

    def _watch(self) -> None:
        left = self.transport.get_write_buffer_size()
        self._stalled = self.loop.call_later(STALL_SECONDS, self._stall, left)

    def _stall(self, before: int) -> None:
        if self.transport.get_write_buffer_size() > before - STALL_BYTES:
            self.transport.abort()
        else:
            self._watch()

    def _leave(self) -> None:
        if self._address is not None:
            self._all.leave(self._address)
            self._address = None

    def _refuse(self, status: HTTPStatus, code: Code | HTTPCode, message: str) -> None:
        """Answers without any application, and ends the connection."""
        if self._answering:
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
    """A WebSocket."""

    def __init__(self, config: Configuration, *arguments: Any, **named: Any) -> None:
        super().__init__(config, *arguments, **named)
        self._all = config.zhanwang
        self._address: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Counts it; it was counted a moment ago as HTTP, so that there is room."""
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        if self._all.enter(address):
            self._address = address

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets it."""
        super().connection_lost(exc)
        if self._address is not None:
            self._all.leave(self._address)
            self._address = None
