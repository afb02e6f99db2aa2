"""`make bench`: the server against the floor and PostGraphile 5 over the same tables, in one interleaved run.

Starts PostgreSQL (kept in `.zhanwang/bench` of the checkout, with its network), the server, the floor and, where it is
installed, the peer, one worker each; shows first that all answer alike; then takes turns between them, round by round,
so that whatever else the machine does meets all. What counts are the ratios: absolute figures are this machine's of
this hour.
"""

import argparse
import asyncio
import math
import platform
import secrets
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any

import asyncpg
import psutil
from cryptography.fernet import Fernet
from pydantic import SecretStr
from rich.console import Console

from benchmarks import peer
from benchmarks.load import Asked, Load, Processes, load
from benchmarks.network import Sizes, fill
from benchmarks.report import Measured, Row, Run, markdown, plot, table
from benchmarks.systems import DATA, LIMIT_SECONDS, SERVER, System, requests, serving
from benchmarks.workloads import LEVELS, MIXED, WORKLOADS
from server.embedded import Embedded, running
from server.settings import CHECKOUT, Settings

RESULTS = Path(__file__).with_name("RESULTS.md")
PLOT = RESULTS.with_name("results.svg")
# From this heading on the results are of other commands, and stay.
APART = "## Measured apart"
OWN = "bench"
CASES = (
    "W1:township,W2:township,W3:township,W3:county,mixed,W3:county:mixed,"
    "W4:township,W4:county,W4:province,W4:nation,W5:township,W5:county,W5:province,W5:nation"
)
CONNECTIONS = (1, 16)
WARM_SECONDS = 1.0
COMPARED_SECONDS = 30.0
# An answer that takes longer is measured in one round alone.
SLOW_SECONDS = 1.0
BUSY = """SELECT count(*) FROM pg_stat_activity
WHERE state = 'active' AND backend_type = 'client backend' AND pid <> pg_backend_pid()"""
PACKAGES = ("uvicorn", "starlette", "strawberry-graphql", "graphql-core", "SQLAlchemy", "asyncpg", "orjson")


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


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.run", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds; the table has their medians (3)")
    parser.add_argument("--seconds", type=float, default=3, help="length of one measurement (3)")
    parser.add_argument(
        "--database",
        default=OWN,
        help=f"data folder in .zhanwang, as `zhanwang demo --scale` has filled it; {OWN}: a network of its own ({OWN})",
    )
    parser.add_argument("--counties", type=int, default=Sizes.counties, help=f"size of the latter ({Sizes.counties})")
    parser.add_argument("--fresh", action="store_true", help="make the latter anew")
    parser.add_argument("--cases", default=CASES, help=f"what is measured ({CASES})")
    parser.add_argument(
        "--write", action="store_true", help=f"write {RESULTS.relative_to(CHECKOUT)} and {PLOT.relative_to(CHECKOUT)}"
    )
    given = parser.parse_args()
    try:
        cases = [Case.parse(text) for text in given.cases.split(",")]
    except argparse.ArgumentTypeError as error:
        parser.error(str(error))
    progress = Console(stderr=True, quiet=not sys.stderr.isatty())
    if peer.node() is None:
        print("PostGraphile is not installed (`make bench` does that with npm): measured without it", file=sys.stderr)
    with running(DATA / given.database) as embedded:
        if given.database == OWN:
            asyncio.run(fill(embedded, Sizes(counties=given.counties), progress, fresh=given.fresh))
        with collecting() as collector:
            run = _run(embedded, DATA / given.database, cases, given.rounds, given.seconds, progress, collector)
    out = Console() if sys.stdout.isatty() else Console(width=160)
    out.print(table(run.rows))
    if given.write:
        apart = RESULTS.read_text().partition(APART)
        found = markdown(run, ["python -m benchmarks.run", *sys.argv[1:]], PLOT.name)
        RESULTS.write_text(f"{found}\n{''.join(apart[1:])}")
        PLOT.write_text(plot(run.rows))


@contextmanager
def collecting() -> Iterator[str]:
    """Where traces may be sent to: somebody who takes them and keeps none."""

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(HTTPStatus.OK)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/traces"
        server.shutdown()


def _run(
    embedded: Embedded,
    folder: Path,
    cases: Sequence[Case],
    rounds: int,
    seconds: float,
    progress: Console,
    collector: str,
) -> Run:
    settings = Settings(
        database_url=embedded.server_url,
        data_dir=folder,
        secret=SecretStr(secrets.token_urlsafe(48)),
        personal_keys=SecretStr(Fernet.generate_key().decode()),
        # Longer than any run.
        access_token_minutes=24 * 60,
        # One account for all.
        budget_per_second=1_000_000_000,
        budget_burst=1_000_000_000,
        log_level="warning",
        # All that an operator may have: metrics, one request in a hundred traced, other origins allowed.
        metrics_token=SecretStr(secrets.token_urlsafe(24)),
        otlp_endpoint=collector,
        trace_ratio=0.01,
        cors_origins="https://front.example",
    )
    wanted = {case.title: (case.workload, case.level) for case in cases}
    wanted |= {case.after: (case.after, "") for case in cases if case.after}
    with serving(settings) as systems:
        asked = asyncio.run(requests(embedded.owner_url, settings, wanted))
        for system in systems:
            system.asked = asked[system.name]
        found = [case for case in cases if case.title in asked[SERVER]]
        if left := [case.title for case in cases if case not in found]:
            print(f"nobody here has an account for {', '.join(left)}", file=sys.stderr)
        compare(systems, progress)
        rows = measure(systems, found, embedded, rounds, seconds, progress)
    return Run(rows, *asyncio.run(_looked_at(embedded)))


def compare(systems: Sequence[System], progress: Console) -> None:
    """Check that all systems answer all requests alike, with data, and time one. Raises RuntimeError.

    Of a slow one, as many requests as fit in COMPARED_SECONDS.
    """
    first, *others = systems
    for title, asked in first.asked.items():
        with progress.status(f"Comparing answers: {title}"):
            spent: dict[str, float] = {}
            for index, request in enumerate(asked):
                expected = _timed(first, title, request, spent)
                if expected is None or "errors" in expected or None in expected["data"].values():
                    raise RuntimeError(f"{title}: {request.body}: {expected}")
                for other in others:
                    if spent.get(other.name, 0) > COMPARED_SECONDS:
                        continue
                    answer = _timed(other, title, other.asked[title][index], spent)
                    if answer is not None and _shaped(other, answer) != expected:
                        raise RuntimeError(
                            f"{title}: {other.name} says {answer!s:.2000}, {first.name} {expected!s:.2000}"
                        )


def _shaped(system: System, answer: Any) -> Any:
    if system.name != peer.NAME or "errors" in answer:
        return answer
    return {"data": peer.shaped(answer["data"])}


def _timed(system: System, title: str, request: Asked, spent: dict[str, float]) -> Any:
    began = time.monotonic()
    answer = system.ask(request)
    seconds = time.monotonic() - began
    spent[system.name] = spent.get(system.name, 0) + seconds
    if answer is None:
        seconds = math.inf
    system.slowness[title] = min(system.slowness.get(title, math.inf), seconds)
    return answer


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
            row = Row(case.workload, case.title, connections, {system.name: [] for system in systems})
            with progress.status(f"{row.title}, {connections} clients") as status:
                for system in systems:
                    if system.slowness[case.title] < SLOW_SECONDS:
                        load(system.url, system.asked[case.title], connections=connections, seconds=WARM_SECONDS)
                for number in range(rounds):
                    status.update(f"{row.title}, {connections} clients, round {number + 1} of {rounds}")
                    # Whoever goes first, goes last in the next round.
                    for system in systems if number % 2 == 0 else systems[::-1]:
                        slow = system.slowness[case.title] > SLOW_SECONDS
                        if system.too_slow(case.title) or (slow and number):
                            continue
                        if case.after:
                            load(system.url, system.asked[case.after], connections=16, seconds=WARM_SECONDS)
                        length = _length(system, case, connections, seconds)
                        row.measured[system.name].append(
                            _measure(system, system.asked[case.title], postgres, connections, length)
                        )
                        if slow:
                            asyncio.run(_settle(embedded))
            rows.append(row)
    return rows


def _length(system: System, case: Case, connections: int, seconds: float) -> float:
    """How long to measure, for some answers to each of the connections, if that can be."""
    busy = system.slowness[case.title] * max(1, connections / (psutil.cpu_count() or 1))
    return max(seconds, min(LIMIT_SECONDS, 3 * busy))


def _measure(system: System, asked: list[Asked], postgres: Processes, connections: int, seconds: float) -> Measured:
    before = system.process.cpu_seconds(), postgres.cpu_seconds()
    done: Load = load(system.url, asked, connections=connections, seconds=seconds)
    count = max(1, done.requests)
    own = 1e3 * (system.process.cpu_seconds() - before[0]) / count
    database = 1e3 * (postgres.cpu_seconds() - before[1]) / count
    return Measured(done.rate, done.p50, done.p99, own, database, done.errors)


async def _settle(embedded: Embedded) -> None:
    """Wait until PostgreSQL has done what nobody waits for any more."""
    connection = await asyncpg.connect(embedded.owner_url)
    try:
        for _ in range(round(2 * LIMIT_SECONDS)):
            if not await connection.fetchval(BUSY):
                break
            await asyncio.sleep(1)
    finally:
        await connection.close()


async def _looked_at(embedded: Embedded) -> tuple[dict[str, str], dict[str, int]]:
    """What was measured on, and how large the network is."""
    tables = ("station", "community", "grid", "person", "assignment", "service_record")
    connection = await asyncpg.connect(embedded.owner_url)
    try:
        server = str(await connection.fetchval("SHOW server_version"))
        counted = {name: await connection.fetchval(f"SELECT count(*) FROM {name}") for name in tables}
    finally:
        await connection.close()
    memory = round(psutil.virtual_memory().total / 2**30)
    facts = {
        "machine": f"{psutil.cpu_count()} cores, {memory} GB, {platform.system()} {platform.machine()}",
        "PostgreSQL": server,
        "Python": platform.python_version(),
    } | {name: version(name) for name in PACKAGES}
    node = peer.node()
    return facts | (peer.versions(node) if node else {}), counted


if __name__ == "__main__":
    main()
