"""Connections that do not come to the point: each is ended, and the others are served meanwhile."""

import json
import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from server.settings import Settings
from server.sockets import HEAD_BYTES, MOST_AHEAD, MOST_FRAMES, PART_BYTES, Connections, Http
from tests.conftest import Server

IDLE = 200
WEBSOCKET = Subprotocol("graphql-transport-ws")
ANSWER = b'{"data":{"__typename":"Query"}}'
BODY = b'{"query":"{ __typename }"}'
HEAD = b"POST /graphql HTTP/1.1\r\nHost: zhanwang\r\nContent-Type: application/json\r\n"
WHOLE = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY


@pytest.fixture
def hasty(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that has little patience, and few connections for each address."""
    monkeypatch.setattr("server.sockets.HEAD_SECONDS", 0.3)
    monkeypatch.setattr("server.sockets.STALL_SECONDS", 0.3)
    monkeypatch.setattr("server.sockets.BODY_SECONDS", 0.3)
    with Server(settings.model_copy(update={"connections_per_address": IDLE + 10})) as running:
        yield running


@contextmanager
def connected(server: Server) -> Iterator[socket.socket]:
    where = urlsplit(server.url)
    with socket.create_connection((str(where.hostname), where.port), timeout=20) as opened:
        yield opened


def heard(opened: socket.socket) -> bytes:
    """What comes until the other side closes."""
    parts = []
    while part := opened.recv(65536):
        parts.append(part)
    return b"".join(parts)


def refusal(heard: bytes) -> tuple[int, str]:
    """Status and code of the last answer."""
    head, _, body = heard[heard.rindex(b"HTTP/1.1") :].partition(b"\r\n\r\n")
    assert b"content-type: application/json" in head.lower()
    assert b"connection: close" in head.lower()
    return int(head.split()[1]), json.loads(body)["errors"][0]["extensions"]["code"]


def served(server: Server) -> bool:
    return httpx.post(f"{server.url}/graphql", json={"query": "{ __typename }"}).status_code == 200


def test_headers_that_do_not_end_are_refused(hasty: Server) -> None:
    with connected(hasty) as opened:
        opened.sendall(HEAD)
        assert refusal(heard(opened)) == (408, "REQUEST_TIMEOUT")


def test_a_connection_that_says_nothing_is_closed(hasty: Server) -> None:
    with connected(hasty) as opened:
        assert heard(opened) == b""


def test_blank_lines_after_an_answer_do_not_keep_a_connection(hasty: Server) -> None:
    with connected(hasty) as opened:
        opened.sendall(WHOLE)
        assert opened.recv(65536).endswith(ANSWER)
        opened.sendall(b"\r\n")
        assert heard(opened) == b""


def test_a_body_that_does_not_come_is_refused(hasty: Server) -> None:
    with connected(hasty) as opened:
        opened.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
        assert refusal(heard(opened)) == (408, "REQUEST_TIMEOUT")


def test_a_body_that_nobody_waits_for_does_not_keep_a_connection(hasty: Server) -> None:
    with connected(hasty) as opened:
        opened.sendall(b"POST /healthz HTTP/1.1\r\nHost: zhanwang\r\nContent-Length: 100\r\n\r\n{")
        assert opened.recv(65536).startswith(b"HTTP/1.1 405")
        opened.sendall(b" ")
        assert heard(opened) == b""


def test_headers_without_end_are_refused_before_they_fill_the_memory(hasty: Server) -> None:
    with connected(hasty) as opened:
        opened.sendall(HEAD + b"X-Long: " + b"x" * HEAD_BYTES)
        assert refusal(heard(opened)) == (431, "TOO_LARGE")


def test_many_requests_at_once_are_answered_one_after_the_other(hasty: Server) -> None:
    count = 2 * HEAD_BYTES // len(WHOLE)
    with connected(hasty) as opened:
        # In one part, the last of them not whole yet.
        opened.sendall(WHOLE * count + WHOLE[:40])
        opened.sendall(WHOLE[40:])
        answers = b""
        while answers.count(ANSWER) <= count:
            part = opened.recv(65536)
            assert part
            answers += part


def test_requests_far_ahead_of_the_answers_are_not_begun(hasty: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, count, answers, take_in = [], 20 * MOST_AHEAD, b"", Http._take_in

    def counting(connection: Http, data: bytes) -> None:
        take_in(connection, data)
        waiting.append(len(connection.pipeline))

    monkeypatch.setattr(Http, "_take_in", counting)
    with connected(hasty) as opened:
        opened.sendall(WHOLE * count)
        while answers.count(ANSWER) < count:
            answers += opened.recv(65536)
    assert max(waiting) < MOST_AHEAD + PART_BYTES / len(WHOLE)


@pytest.mark.parametrize("sent", [b"NONSENSE\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n"])
def test_what_is_no_http_is_refused_in_json(hasty: Server, sent: bytes) -> None:
    with connected(hasty) as opened:
        opened.sendall(sent)
        assert refusal(heard(opened)) == (400, "BAD_REQUEST")


def test_the_next_request_may_be_slow_while_one_is_answered(hasty: Server) -> None:
    with connected(hasty) as opened:
        opened.sendall(WHOLE + HEAD[:20])
        assert heard(opened).count(ANSWER) == 1


def test_an_answer_that_nobody_reads_is_broken_off(hasty: Server, token: Any) -> None:
    query = "{ communities(first: 100) { nodes { id code name kind grids { nodes { id code name } } } } }"
    body = json.dumps({"query": query}).encode()
    head = HEAD + f"Authorization: Bearer {token('hub')}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with connected(hasty) as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        opened.sendall((head + body) * 400)
        waiting = select.poll()
        waiting.register(opened, 0)
        # Nothing is read: that the connection is reset is told all the same.
        assert waiting.poll(20_000)
        with pytest.raises(ConnectionResetError):
            heard(opened)


def test_many_idle_connections_keep_nobody_from_being_served(hasty: Server) -> None:
    with ExitStack() as stack:
        idle = [stack.enter_context(connected(hasty)) for _ in range(IDLE)]
        for number, opened in enumerate(idle):
            opened.sendall(HEAD[: number % len(HEAD)])
        assert served(hasty)


def test_an_address_has_only_so_many_connections_and_gets_new_ones_for_old(hasty: Server) -> None:
    with ExitStack() as stack:
        idle = [stack.enter_context(connected(hasty)) for _ in range(IDLE + 10)]
        with connected(hasty) as more:
            assert refusal(heard(more)) == (503, "BUSY")
        assert heard(idle[0]) == b""
        assert served(hasty)


def test_a_websocket_is_one_connection_of_its_address_until_it_closes(hasty: Server) -> None:
    def counted() -> int:
        return hasty.connections.count

    with connect(f"{hasty.url.replace('http', 'ws', 1)}/graphql", subprotocols=[WEBSOCKET], proxy=None) as socket_:
        assert counted() == 1
        socket_.send('{"type": "connection_init"}')
        assert "connection_ack" in str(socket_.recv())
        # It is a WebSocket by now, and has no head that could be late.
        assert counted() == 1
    assert served(hasty)
    deadline = time.monotonic() + 20
    while counted() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert counted() == 0


def test_all_addresses_together_have_only_so_many_connections() -> None:
    connections = Connections(most=2, per_address=2)
    assert [connections.enter(f"192.0.2.{number}") for number in range(3)] == [True, True, False]
    connections.leave("192.0.2.0")
    assert connections.enter("192.0.2.9")


def test_a_trusted_proxy_has_as_many_as_all_may_have(settings: Settings) -> None:
    from server.serving import configuration

    proxied = settings.model_copy(update={"trusted_proxies": "10.0.0.0/8", "connections_per_address": 1})
    connections = configuration(proxied, object()).zhanwang
    assert [connections.enter("10.0.0.7") for _ in range(2)] == [True, True]
    assert [connections.enter("192.0.2.7") for _ in range(2)] == [True, False]


def test_the_addresses_of_one_ipv6_network_count_together() -> None:
    connections = Connections(most=10, per_address=1)
    assert connections.enter("2001:db8::1")
    assert not connections.enter("2001:db8::2")


FRAME = b"%b\x80\0\0\0\0"
"""Of a client, with nothing in it."""


@pytest.mark.parametrize(
    "frames",
    [FRAME % b"\x89", FRAME % b"\x8a", FRAME % b"\0", FRAME % b"\x81"],
    ids=["ping", "pong", "part", "message"],
)
def test_who_floods_a_websocket_with_frames_is_cut_off(hasty: Server, frames: bytes) -> None:
    url = hasty.url.replace("http", "ws", 1) + "/graphql"
    with connected(hasty) as opened, connect(url, sock=opened, subprotocols=[WEBSOCKET], proxy=None) as websocket:
        # Parts belong to a message that has begun.
        websocket.socket.sendall(FRAME % b"\x01" if frames[0] == 0 else b"")
        with pytest.raises(OSError):  # noqa: PT011 - a reset, or a pipe without an end
            for _ in range(1_000):
                websocket.socket.sendall(frames * MOST_FRAMES)
        assert served(hasty)
