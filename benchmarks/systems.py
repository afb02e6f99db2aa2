"""The systems that are compared, as processes of their own: the server, the floor, and the peer if it is installed."""

import json
import math
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from benchmarks import peer
from benchmarks.load import Asked, Processes
from benchmarks.workloads import WORKLOADS, Target, targets
from resolvers.core.tokens import Tokens
from server.settings import CHECKOUT, Settings

DATA = CHECKOUT / ".zhanwang"
SERVER, FLOOR = "server", "floor"
# The floor has what uvicorn does best; the server its own protocol, and all that stands before an operation.
FLOOR_OPTIONS = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")
START_SECONDS = 60
# The longest that anybody waits for one answer, and the longest measurement.
LIMIT_SECONDS = 30.0


@dataclass
class System:
    """A running system. asked: its requests by the title of a case; slowness: the seconds of one, alone and warm."""

    name: str
    url: str
    process: Processes
    asked: dict[str, list[Asked]] = field(default_factory=dict)
    slowness: dict[str, float] = field(default_factory=dict)

    def ask(self, asked: Asked) -> Any:
        """The parsed answer to one request, an error too; None if there is none within LIMIT_SECONDS."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {asked.token}"}
        request = urllib.request.Request(self.url, asked.body.encode(), headers)
        began = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=LIMIT_SECONDS) as response:
                found = json.load(response)
        except urllib.error.HTTPError as error:
            found = json.load(error)
        except TimeoutError:
            return None
        # What PostgreSQL stopped comes a moment before.
        return None if "errors" in found and time.monotonic() - began > LIMIT_SECONDS * 0.95 else found

    def too_slow(self, title: str) -> bool:
        """Whether there was no answer in time."""
        return math.isinf(self.slowness[title])


@contextmanager
def serving(settings: Settings) -> Iterator[list[System]]:
    """The systems, one worker each, that end with the block. Raises RuntimeError."""
    assert settings.secret is not None
    assert settings.database_url is not None
    with ExitStack() as stack:
        systems = []

        def start(name: str, command: Sequence[str], environment: dict[str, str], port: int) -> None:
            pid = stack.enter_context(listening(command, environment, port))
            systems.append(System(name, f"http://127.0.0.1:{port}/graphql", Processes(pid)))

        port = free_port()
        start(SERVER, [sys.executable, "-m", "benchmarks.server", str(port)], settings.environment(), port)
        port = free_port()
        command = [sys.executable, "-m", "uvicorn", "benchmarks.floor:create_app", "--factory", "--port", str(port)]
        start(FLOOR, [*command, *FLOOR_OPTIONS, "--no-server-header"], settings.environment(), port)
        if (node := peer.node()) is not None:
            port = free_port()
            secret = settings.secret.get_secret_value()
            given = peer.environment(settings.database_url, secret, settings.pool_size, port, LIMIT_SECONDS)
            start(peer.NAME, [node, str(peer.FOLDER / "server.cjs")], given, port)
        yield systems


@contextmanager
def listening(command: Sequence[str], environment: dict[str, str], port: int) -> Iterator[int]:
    """A process that listens on a port of 127.0.0.1 and ends with the block: its id. Raises RuntimeError."""
    # Nothing of the caller's environment that is for servers.
    shell = {name: text for name, text in os.environ.items() if not name.startswith("ZHANWANG_")}
    process = subprocess.Popen(command, cwd=CHECKOUT, env=shell | environment, start_new_session=True)
    try:
        _wait(process, port)
        yield process.pid
    finally:
        _end(process)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{process.args!r} did not start")


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


async def requests(
    url: str, settings: Settings, wanted: dict[str, tuple[str, str]]
) -> dict[str, dict[str, list[Asked]]]:
    """The requests of each system, by the title of the case; without those for which nobody has an account.

    url: of the owner. wanted: workload and level by title.
    """
    assert settings.secret is not None
    tokens = Tokens(settings.secret.get_secret_value(), settings.access_token_minutes, settings.refresh_token_days)
    bodies = {SERVER: _server_body, FLOOR: _floor_body, peer.NAME: peer.body}
    made: dict[str, dict[str, list[Asked]]] = {name: {} for name in bodies}
    connection = await asyncpg.connect(url)
    try:
        for title, (workload, level) in wanted.items():
            for target in await targets(connection, workload, level):
                token = tokens.issue(target.account_id, 1, target.session_id).text
                for name, body in bodies.items():
                    made[name].setdefault(title, []).append(Asked(token, body(target)))
    finally:
        await connection.close()
    return made


def _server_body(target: Target) -> str:
    workload = WORKLOADS[target.workload]
    return json.dumps({"query": workload.document, "variables": workload.variables(target.value)})


def _floor_body(target: Target) -> str:
    return json.dumps({"query": target.workload, "variables": {"value": target.value}})
