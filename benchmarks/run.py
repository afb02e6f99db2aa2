"""`make bench`: the server against the floor over the same tables, in one interleaved run.

Starts PostgreSQL (kept in `.zhanwang/bench` of the checkout, with its network), the server and the floor, one worker
each; shows first that both answer alike; then takes turns between them, round by round, so that whatever else the
machine does meets both. What counts are the ratios: absolute figures are this machine's of this hour.
"""

import argparse
import asyncio
import json
import os
import platform
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import asyncpg
import psutil
from cryptography.fernet import Fernet
from pydantic import SecretStr
from rich.console import Console

from benchmarks.load import Asked, Load, Processes, load
from benchmarks.network import Sizes, fill
from benchmarks.report import Measured, Row, markdown, table
from benchmarks.workloads import LEVELS, MIXED, WORKLOADS, Target, targets
from resolvers.core.tokens import Tokens
from server.embedded import Embedded, running
from server.settings import CHECKOUT, Settings

DATA = CHECKOUT / ".zhanwang" / "bench"
RESULTS = Path(__file__).with_name("RESULTS.md")
CASES = "W1:township,W2:township,W3:township,W3:county,mixed,W3:county:mixed"
CONNECTIONS = (1, 16)
WARM_SECONDS = 1.0
START_SECONDS = 30
PACKAGES = ("uvicorn", "starlette", "strawberry-graphql", "graphql-core", "SQLAlchemy", "asyncpg", "orjson")
APPLICATIONS = {"server": "server.app:create_app", "floor": "benchmarks.floor:create_app"}


@dataclass(frozen=True)
class Case:
    """A workload at a level; `after` is what runs before each of its measurements, on the same connections."""

    workload: str
    level: str = ""
    after: str = ""

    @classmethod
    def parse(cls, text: str) -> "Case":
        """`W2:township`, `W3:county:mixed` or `mixed`. Raises argparse.ArgumentTypeError."""
        workload, level, after = (*text.split(":"), "", "")[:3]
        known = workload == MIXED if not level else workload in WORKLOADS and level in LEVELS
        if not known or after not in ("", MIXED):
            raise argparse.ArgumentTypeError(f"no case {text}: such as W1:township, {MIXED} or W3:county:{MIXED}")
        return cls(workload, level, after)

    @property
    def title(self) -> str:
        """As the table has it."""
        level = f" {self.level}" if self.level else ""
        return f"{self.workload}{level}" + (f", after {self.after}" if self.after else "")


@dataclass
class System:
    """A running server or floor."""

    name: str
    url: str
    process: Processes
    asked: dict[str, list[Asked]] = field(default_factory=dict)

    def ask(self, asked: Asked) -> Any:
        """The parsed answer to one request. Raises urllib.error.URLError."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {asked.token}"}
        request = urllib.request.Request(self.url, asked.body.encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.run", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds; the table has their medians (3)")
    parser.add_argument("--seconds", type=float, default=3, help="length of one measurement (3)")
    parser.add_argument("--counties", type=int, default=Sizes.counties, help=f"size of the network ({Sizes.counties})")
    parser.add_argument("--cases", default=CASES, help=f"what is measured ({CASES})")
    parser.add_argument("--fresh", action="store_true", help="make the network anew")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.relative_to(CHECKOUT)}")
    given = parser.parse_args()
    try:
        cases = [Case.parse(text) for text in given.cases.split(",")]
    except argparse.ArgumentTypeError as error:
        parser.error(str(error))
    progress = Console(stderr=True, quiet=not sys.stderr.isatty())
    with running(DATA) as embedded:
        asyncio.run(fill(embedded, Sizes(counties=given.counties), progress, fresh=given.fresh))
        settings = Settings(
            database_url=embedded.server_url,
            data_dir=DATA,
            secret=SecretStr(secrets.token_urlsafe(48)),
            personal_keys=SecretStr(Fernet.generate_key().decode()),
            # Longer than any run.
            access_token_minutes=24 * 60,
            log_level="warning",
        )
        with serving(settings) as systems:
            asked = asyncio.run(requests(embedded, settings, cases))
            for system in systems:
                system.asked = asked[system.name]
            compare(systems, progress)
            rows = measure(systems, cases, embedded, given.rounds, given.seconds, progress)
        versions = asyncio.run(versions_of(embedded))
    out = Console() if sys.stdout.isatty() else Console(width=160)
    out.print(table(rows))
    if given.write:
        command = ["python -m benchmarks.run", *sys.argv[1:]]
        RESULTS.write_text(markdown(rows, versions, command, Sizes(counties=given.counties)))


@contextmanager
def serving(settings: Settings) -> Iterator[list[System]]:
    """The server and the floor, as processes of their own that end with the block. Raises RuntimeError."""
    with ExitStack() as stack:
        systems = []
        for name, application in APPLICATIONS.items():
            port = _free_port()
            command = [sys.executable, "-m", "uvicorn", application, "--factory", "--port", str(port)]
            options = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
            # As `zhanwang serve` has it, and nothing of the caller's environment.
            environment = {name: text for name, text in os.environ.items() if not name.startswith("ZHANWANG_")}
            process = subprocess.Popen(
                [*command, *options, "--no-server-header"],
                cwd=CHECKOUT,
                env=environment | settings.environment(),
                start_new_session=True,
            )
            stack.callback(_end, process)
            _wait(process, port)
            systems.append(System(name, f"http://127.0.0.1:{port}/graphql", Processes(process.pid)))
        yield systems


def _free_port() -> int:
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


async def requests(embedded: Embedded, settings: Settings, cases: Sequence[Case]) -> dict[str, dict[str, list[Asked]]]:
    """The requests of each system, by the title of the case; those that run before a case under `mixed`."""
    assert settings.secret is not None
    tokens = Tokens(settings.secret.get_secret_value(), settings.access_token_minutes, settings.refresh_token_days)
    made: dict[str, dict[str, list[Asked]]] = {name: {} for name in APPLICATIONS}
    wanted = {case.title: case for case in cases} | {case.after: Case(case.after) for case in cases if case.after}
    connection = await asyncpg.connect(embedded.owner_url)
    try:
        for title, case in wanted.items():
            for target in await targets(connection, case.workload, case.level):
                token = tokens.issue(target.account_id, 1, target.session_id).text
                for name in made:
                    made[name].setdefault(title, []).append(Asked(token, _body(name, target)))
    finally:
        await connection.close()
    return made


def _body(name: str, target: Target) -> str:
    workload = WORKLOADS[target.workload]
    query = target.workload if name == "floor" else workload.document
    return json.dumps({"query": query, "variables": {workload.variable: target.value}})


def compare(systems: Sequence[System], progress: Console) -> None:
    """Check that all systems answer all requests alike, with data. Raises RuntimeError."""
    first, *others = systems
    for title, asked in first.asked.items():
        with progress.status(f"Comparing answers: {title}"):
            for index, request in enumerate(asked):
                expected = first.ask(request)
                if "errors" in expected or None in expected["data"].values():
                    raise RuntimeError(f"{title}: {request.body}: {expected}")
                for other in others:
                    if other.ask(other.asked[title][index]) != expected:
                        raise RuntimeError(f"{title}: {other.name} and {first.name} differ on {request.body}")


def measure(
    systems: Sequence[System],
    cases: Sequence[Case],
    embedded: Embedded,
    rounds: int,
    seconds: float,
    progress: Console,
) -> list[Row]:
    """All cases with each number of connections, in rounds over the systems."""
    postgres = Processes(embedded.pid)
    rows = []
    for case in cases:
        for connections in CONNECTIONS:
            with progress.status(f"{case.title}, {connections} clients") as status:
                for system in systems:
                    load(system.url, system.asked[case.title], connections=connections, seconds=WARM_SECONDS)
                row = Row(case.title, connections)
                for number in range(rounds):
                    status.update(f"{case.title}, {connections} clients, round {number + 1} of {rounds}")
                    # Whoever goes first, goes last in the next round.
                    for system in systems if number % 2 == 0 else systems[::-1]:
                        if case.after:
                            load(system.url, system.asked[case.after], connections=16, seconds=WARM_SECONDS)
                        measured = _measure(system, system.asked[case.title], postgres, connections, seconds)
                        row.measured.setdefault(system.name, []).append(measured)
                rows.append(row)
    return rows


def _measure(system: System, asked: list[Asked], postgres: Processes, connections: int, seconds: float) -> Measured:
    before = system.process.cpu_seconds(), postgres.cpu_seconds()
    done: Load = load(system.url, asked, connections=connections, seconds=seconds)
    count = max(1, done.requests)
    own = 1e3 * (system.process.cpu_seconds() - before[0]) / count
    database = 1e3 * (postgres.cpu_seconds() - before[1]) / count
    return Measured(done.rate, done.p50, done.p99, own, database, done.errors)


async def versions_of(embedded: Embedded) -> dict[str, str]:
    """What was measured on."""
    connection = await asyncpg.connect(embedded.owner_url)
    try:
        server = str(await connection.fetchval("SHOW server_version"))
    finally:
        await connection.close()
    memory = round(psutil.virtual_memory().total / 2**30)
    return {
        "machine": f"{psutil.cpu_count()} cores, {memory} GB, {platform.system()} {platform.machine()}",
        "PostgreSQL": server,
        "Python": platform.python_version(),
    } | {name: version(name) for name in PACKAGES}


if __name__ == "__main__":
    main()
