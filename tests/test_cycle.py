"""Answers as they go out: what uvicorn itself would send, byte for byte, and whole ones at once."""

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from uvicorn.protocols.http.flow_control import FlowControl

from server.cycle import Cycle

# What it calls so itself is ours by now.
UVICORN: Any = Cycle.__base__

COMMON = [(b"date", b"Wed, 25 Nov 2026 23:00:00 GMT"), (b"x-frame-options", b"DENY")]
LENGTH = (b"content-length", b"4")
OWN = [(b"content-type", b"application/json"), LENGTH]


class Transport:
    """Notes what is written, each time."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


def sent(
    kind: type[Any],
    headers: list[tuple[bytes, bytes]],
    bodies: list[bytes],
    method: str,
    keep_alive: bool,
    *,
    stopped: bool = False,
) -> Transport:
    """What a cycle writes of an answer. kind: its class. stopped: whether the server stops after the head."""
    transport = Transport()
    cycle = kind(
        scope={"method": method},
        transport=transport,
        flow=FlowControl(transport),  # type: ignore[arg-type]
        logger=logging.getLogger("uvicorn.error"),
        access_logger=logging.getLogger("uvicorn.access"),
        access_log=False,
        default_headers=COMMON,
        message_event=SimpleNamespace(set=lambda: None),
        expect_100_continue=False,
        keep_alive=keep_alive,
        on_response=lambda: None,
    )

    async def send() -> None:
        await cycle.send({"type": "http.response.start", "status": 201, "headers": headers})
        cycle.keep_alive = cycle.keep_alive and not stopped
        for number, body in enumerate(bodies, start=1):
            await cycle.send({"type": "http.response.body", "body": body, "more_body": number < len(bodies)})

    asyncio.run(send())
    assert cycle.response_complete
    return transport


@pytest.mark.parametrize(
    ("headers", "bodies", "method", "keep_alive"),
    [
        pytest.param(OWN, [b"abcd"], "POST", True, id="whole"),
        pytest.param(OWN, [b"ab", b"cd"], "POST", True, id="in two parts"),
        pytest.param(OWN, [b"abcd", b""], "POST", True, id="with an empty last part"),
        pytest.param([(b"content-length", b"0")], [b""], "GET", True, id="empty"),
        pytest.param(OWN, [b"abcd"], "HEAD", True, id="HEAD"),
        pytest.param(OWN, [b"abcd"], "POST", False, id="the last of its connection"),
        pytest.param([*OWN, (b"connection", b"close")], [b"abcd"], "POST", True, id="the last by its own header"),
        pytest.param(OWN[:1], [b"ab", b"cd"], "GET", True, id="of unknown length"),
        pytest.param([(b"transfer-encoding", b"chunked")], [b"ab", b"cd"], "GET", True, id="chunked"),
    ],
)
def test_an_answer_goes_out_as_uvicorn_would_send_it(
    headers: list[tuple[bytes, bytes]], bodies: list[bytes], method: str, keep_alive: bool
) -> None:
    ours, theirs = (sent(kind, headers, bodies, method, keep_alive) for kind in (Cycle, UVICORN))
    assert b"".join(ours.written) == b"".join(theirs.written)
    assert ours.closed is theirs.closed


def test_an_answer_during_which_the_server_stops_is_the_last_of_its_connection() -> None:
    assert sent(Cycle, OWN, [b"abcd"], "POST", True, stopped=True).closed


def test_a_whole_answer_is_written_at_once() -> None:
    (written,) = sent(Cycle, OWN, [b"abcd"], "POST", True).written
    assert written.endswith(b"\r\n\r\nabcd")


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: b", b"a\nb", b"a\rb", b"a\x00b", b"a\x7fb"])
def test_a_header_that_would_end_its_line_is_never_sent(value: bytes) -> None:
    with pytest.raises(RuntimeError, match="Invalid HTTP header value"):
        sent(Cycle, [(b"x-request-id", value), LENGTH], [b"abcd"], "POST", True)


@pytest.mark.parametrize("body", [b"abc", b"abcde"])
def test_a_body_of_another_length_than_its_head_says_is_refused(body: bytes) -> None:
    with pytest.raises(RuntimeError, match="than Content-Length"):
        sent(Cycle, OWN, [body], "POST", True)
