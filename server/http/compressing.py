"""Compression: zstd, brotli or gzip, whichever of them comes first among what the client takes.

Answers that may carry a token are never compressed: where a secret and what somebody else has chosen are compressed
together, the length tells of the secret (BREACH).
"""

from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type, remove_compress_type

from server.http.headers import RESPONSE_JSON
from server.transfer.writing import CSV_TYPE

SMALLEST = 1_000
"""In bytes: below, compression saves nothing that one packet more would cost."""

_OPTIONS: dict[str, Any] = {"minimum_size": SMALLEST, "zstd_level": 3, "gzip_level": 4}
_PLAIN, _READY = "zhanwang.plain", "zhanwang.ready"

add_compress_type(RESPONSE_JSON)
add_compress_type(CSV_TYPE.partition(";")[0])
# Each stream would keep a compressor's memory for as long as it is open.
remove_compress_type("text/event-stream")


class Compression:
    """Compresses what an application answers, unless it sends by `plain`."""

    def __init__(self, app: ASGIApp) -> None:
        self._compressing = CompressMiddleware(app, **_OPTIONS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        scope[_PLAIN] = send
        await self._compressing(scope, receive, send)


async def _send_ready(scope: Scope, _: Receive, send: Send) -> None:
    for message in scope[_READY]:
        await send(message)


_COMPRESSING = CompressMiddleware(_send_ready, **_OPTIONS)


async def send_compressed(scope: Scope, receive: Receive, send: Send, messages: list[Message]) -> None:
    """Send a whole response, compressed if the client takes that."""
    scope[_READY] = messages
    await _COMPRESSING(scope, receive, send)


def plain(scope: Scope, send: Send) -> Send:
    """The way to the client without compression."""
    found: Send = scope.get(_PLAIN, send)
    return found


class Packed(Response):
    """A response whose body is compressed already, or never to be."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it as it is."""
        await super().__call__(scope, receive, plain(scope, send))
