"""A server under load that is told to stop: whoever it has heard is answered, and nobody else waits."""

import json
import signal
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from server.demo import PASSWORD
from server.settings import Settings
from tests.conftest import LOG_IN, Server
from tests.processes import serving
from tests.test_metrics import TOKEN, metrics, of

DRAIN_SECONDS = 1
ASKING = 6


class Asking(threading.Thread):
    """Asks without pause until the server says that it is the last time, as a load balancer in front of it would."""

    def __init__(self, address: str, headers: dict[str, str]) -> None:
        super().__init__(daemon=True)
        self._address, self._headers = address, headers
        self.answers = 0
        self.faults: list[object] = []

    def run(self) -> None:
        with httpx.Client(base_url=self._address, headers=self._headers, timeout=60) as client:
            last = False
            while not last:
                try:
                    answer = client.post("/graphql", json={"query": "query Asked { stations { totalCount } }"})
                except httpx.HTTPError as error:
                    self.faults.append(error)
                    return
                if answer.json() == {"data": {"stations": {"totalCount": 19}}}:
                    self.answers += 1
                else:
                    self.faults.append(answer.text)
                last = answer.headers.get("connection") == "close"


def listened(address: str, headers: dict[str, str], heard: list[str], begun: threading.Event) -> None:
    """Subscribes by server-sent events, until the server ends that."""
    asked = {"query": "subscription { placeChanged { eventId } }"}
    accept = {"Accept": "text/event-stream"}
    with httpx.stream("POST", f"{address}/graphql", json=asked, headers=headers | accept, timeout=60) as stream:
        for line in stream.iter_lines():
            begun.set()
            heard.append(line)


def test_two_workers_that_stop_lose_no_request_and_count_together(tmp_path: Path, settings: Settings) -> None:
    variables = settings.environment() | {
        "ZHANWANG_PORT": "0",
        "ZHANWANG_METRICS_TOKEN": TOKEN,
        "ZHANWANG_WORKERS": "2",
        "ZHANWANG_POOL_SIZE": "4",
        "ZHANWANG_BUDGET_PER_SECOND": "1000000",
        "ZHANWANG_DRAIN_SECONDS": str(DRAIN_SECONDS),
    }
    with serving(tmp_path, **variables) as (server, address):
        assert httpx.get(f"{address}/readyz", timeout=120).status_code == 200
        logged_in = httpx.post(
            f"{address}/graphql",
            json={"query": LOG_IN, "variables": {"username": "hub", "password": PASSWORD}},
            timeout=60,
        ).json()["data"]["logIn"]
        headers = {"Authorization": f"Bearer {logged_in['accessToken']}"}
        heard: list[str] = []
        begun = threading.Event()
        listening = threading.Thread(target=listened, args=(address, headers, heard, begun), daemon=True)
        listening.start()
        assert begun.wait(60)
        asking = [Asking(address, headers) for _ in range(ASKING)]
        for one in asking:
            one.start()
        while sum(one.answers for one in asking) < 40:
            time.sleep(0.05)
        before = sum(one.answers for one in asking)
        with httpx.Client(base_url=address, timeout=60) as client:
            assert of(metrics(client), "zhanwang_operations_total", operation="Asked", code="OK") >= before
        server.send_signal(signal.SIGTERM)
        told = set()
        while 503 not in told:
            told.add(httpx.get(f"{address}/readyz", timeout=60).status_code)
        for one in asking:
            one.join(60)
        listening.join(60)
        _, errors = server.communicate(timeout=60)
    assert [fault for one in asking for fault in one.faults] == []
    assert sum(one.answers for one in asking) > before
    assert "event: complete" in heard
    assert server.returncode == 0
    assert {json.loads(line)["level"] for line in errors.splitlines()} <= {"info"}


def test_what_is_under_way_is_answered_though_the_server_stops(settings: Settings) -> None:
    with Server(settings) as served:
        host, port = urlsplit(served.url).hostname, urlsplit(served.url).port
        body = b'{"query": "{ __typename }"}'
        with socket.create_connection((str(host), port or 0)) as connection:
            head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:5])
            address = served.url
            idle = httpx.Client(base_url=address)
            idle.get("/healthz")
            stopping = threading.Thread(target=served.__exit__)
            stopping.start()
            with pytest.raises(httpx.ConnectError):
                while True:
                    # One that is just being made can be closed again.
                    with suppress(httpx.RemoteProtocolError, httpx.ReadError):
                        httpx.get(f"{address}/healthz")
            connection.sendall(body[5:])
            answer = connection.recv(65_536)
            while b"typename" not in answer and (more := connection.recv(65_536)):
                answer += more
            assert b"200 OK" in answer
            assert b"connection: close" in answer
            stopping.join()
            idle.close()
