"""Answers as uvicorn sends them, but for those whose length is known when they begin, which nearly all are.

uvicorn looks at each header of each answer by itself, and sends head and body apart. With the headers that are here,
that takes as long as finding out who asks and what it costs; and the client wakes up twice.
"""

from typing import Any, ClassVar, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

CONTROLS: Final = bytes([*range(9), *range(10, 32), 127])
"""What no header may have: among headers there are those that end their lines, and no others."""

BY_UVICORN: Final = frozenset({b"connection", b"transfer-encoding"})
"""Headers that change how the answer is sent."""

Headers = list[tuple[bytes, bytes]]


class Cycle(RequestResponseCycle):
    """A request and its answer."""

    _latest: ClassVar[tuple[Headers, bytes]] = ([], b"")
    """The headers that uvicorn gives to all answers, anew each second, and their lines."""

    _head = b""
    """What waits for the body."""

    async def send(self, message: Any) -> None:
        """Sends a part of the answer."""
        if message["type"] == "http.response.start":
            self._head = self._begun(message)
            if not self._head:
                await super().send(message)
            return
        head, self._head = self._head, b""
        if head and not self.disconnected:
            body = message.get("body", b"")
            if len(body) == self.expected_content_length and not message.get("more_body", False):
                self._end(head + body)
                return
            self.transport.write(head)
        await super().send(message)

    def _begun(self, message: Any) -> bytes:
        """The head of an answer that begins; nothing if it is for uvicorn to send, or to refuse."""
        headers: Headers = message.get("headers", [])
        length = dict(headers).get(b"content-length")
        if length is None or not self.keep_alive or self.scope["method"] == "HEAD":
            return b""
        if self.response_started or self.disconnected or self.flow.write_paused:
            return b""
        if Cycle._latest[0] is not self.default_headers:
            Cycle._latest = self.default_headers, _lines(self.default_headers)
        common, own = Cycle._latest[1], _lines(headers)
        if not common or not own:
            return b""
        self.response_started, self.waiting_for_100_continue = True, False
        self.expected_content_length, self.chunked_encoding = int(length), False
        return b"%b%b%b\r\n" % (STATUS_LINE[message["status"]], common, own)

    def _end(self, answer: bytes) -> None:
        self.transport.write(answer)
        self.expected_content_length, self.response_complete = 0, True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()


def _lines(headers: Headers) -> bytes:
    """Headers as they are sent; nothing if uvicorn has to see to them."""
    lines = b"\r\n".join([*map(b": ".join, headers), b""])
    harmless = len(lines) - len(lines.translate(None, CONTROLS)) == 2 * len(headers)
    return lines if harmless and BY_UVICORN.isdisjoint(dict(headers)) else b""
