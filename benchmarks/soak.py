"""`python -m benchmarks.soak`: many connections for minutes, some of them busy with mixed work; does anything give way?

Two workers serve the demo network. The connections that are not busy are WebSockets with a subscription each; the busy
ones ask, hear, think for a second and ask again, so that latency is not the length of a queue alone. What is done in
the first minute counts for nothing: plans are made then. Memory is the RSS of each worker, every ten seconds.
"""

import argparse
import asyncio
import gc
import resource
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psutil
import uvloop
from cryptography.fernet import Fernet
from pydantic import SecretStr
from rich.console import Console
from rich.progress import Progress
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from benchmarks.mixed import Account, Client, Outcomes
from benchmarks.serve import Served, serve
from benchmarks.subscriptions import OTHER_FILES, message, opened
from server.demo import ACCOUNTS, load
from server.embedded import Embedded, running
from server.migrate import migrate
from server.settings import Settings

RESULTS = Path(__file__).with_name("RESULTS.md")
HEADING = "### Soak"
FEW, MANY = "subscription { placeChanged { eventId at } }", "subscription { referralChanged { eventId at } }"
WATCHING = 20
"""One in so many of the held connections hears of what is written."""
SAMPLE_SECONDS = 10
WARM_SECONDS = 60
WORKERS = 2
AT_ONCE = 50
TIMEOUT_SECONDS = 60
MEGABYTE = 2**20


@dataclass
class Memory:
    """The workers' memory, in MB: a sample is its time in minutes, and each worker's."""

    pids: list[int]
    samples: list[tuple[float, list[float]]] = field(default_factory=list)

    @classmethod
    def of(cls, served: Served) -> "Memory":
        """Of the children that serve."""
        children = psutil.Process(served.pid).children()
        return cls([child.pid for child in children if any("spawn_main" in part for part in child.cmdline())])

    async def sample(self, began: float) -> None:
        """For ever, every ten seconds."""
        while True:
            now = [psutil.Process(pid).memory_info().rss / MEGABYTE for pid in self.pids]
            self.samples.append(((time.perf_counter() - began) / 60, now))
            await asyncio.sleep(SAMPLE_SECONDS)

    def rows(self, warm_minutes: float) -> Iterator[str]:
        """A line for each worker: at first, at last, and how it has grown once it was warm."""
        warm = [sample for sample in self.samples if sample[0] >= warm_minutes]
        for number in range(len(self.pids)):
            values = [worker[number] for _, worker in warm]
            slope = statistics.linear_regression([at for at, _ in warm], values).slope if len(warm) > 1 else 0.0
            first = self.samples[0][1][number]
            yield f"| {number + 1} | {first:.0f} | {values[0]:.0f} | {values[-1]:.0f} | {slope:+.2f} |"


@dataclass(frozen=True)
class Soak:
    """What is asked for."""

    connections: int
    busy: int
    minutes: float
    think_seconds: float

    async def run(self, served: Served, out: Console) -> str:
        """The section of the results."""
        outcomes, memory = Outcomes(), Memory.of(served)
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        async with httpx.AsyncClient(base_url=served.address, timeout=TIMEOUT_SECONDS, limits=limits) as client:
            accounts = [await Account.entered(client, one.username) for one in ACCOUNTS]
            held = self.connections - self.busy
            tokens = [accounts[number % len(accounts)].token for number in range(held)]
            async with opened(served.address.replace("http", "ws", 1) + "/graphql", tokens, AT_ONCE) as sockets:
                await self._subscribe(sockets)
                await self._work(client, accounts, sockets, outcomes, memory, out)
        return self._section(outcomes, memory)

    async def _subscribe(self, sockets: Sequence[ClientConnection]) -> None:
        for number, socket in enumerate(sockets):
            query = MANY if number % WATCHING else FEW
            await socket.send(message("subscribe", {"query": query}))

    async def _work(
        self,
        client: httpx.AsyncClient,
        accounts: Sequence[Account],
        sockets: Sequence[ClientConnection],
        outcomes: Outcomes,
        memory: Memory,
        out: Console,
    ) -> None:
        # The load's own collector would stop everybody for 0.3 s three times a minute, and it would be called latency.
        gc.freeze()
        began = time.perf_counter()
        warm = began + min(WARM_SECONDS, self.minutes * 30)
        until = began + self.minutes * 60
        beside = [asyncio.create_task(memory.sample(began)), asyncio.create_task(_show(began, until, out))]
        beside += [asyncio.create_task(_hear(socket, outcomes)) for socket in sockets]
        clients = [
            Client(client, accounts[number % len(accounts)], outcomes, f"soak {number}") for number in range(self.busy)
        ]
        work = (one.work(until, self.think_seconds, counted=lambda: time.perf_counter() >= warm) for one in clients)
        await asyncio.gather(*work)
        for task in beside:
            task.cancel()

    def _section(self, outcomes: Outcomes, memory: Memory) -> str:
        seconds = {kind: sorted(times) for kind, times in outcomes.seconds.items() if times}
        seconds["together"] = sorted(time for times in seconds.values() for time in times)
        warm = min(1, self.minutes / 2)
        rate = len(seconds["together"]) / (self.minutes - warm) / 60
        wrong = ", ".join(f"{count} {code}" for code, count in outcomes.errors.most_common()) or "none"
        refused = ", ".join(f"{count} {code}" for code, count in outcomes.refusals.most_common()) or "none"
        asked = f"--connections {self.connections} --busy {self.busy} --minutes {self.minutes:g}"
        about = f"{WORKERS} workers, the demo network, load from the same machine"
        lines = [
            HEADING,
            "",
            f"`python -m benchmarks.soak {asked}` of {datetime.now(UTC):%Y-%m-%d}, {about}:",
            f"{rate:.0f} requests per second, {outcomes.events} events heard.",
            "",
            f"Errors: {wrong}. Refusals of writes (a grid that another client renamed meanwhile): {refused}.",
            "",
            "| kind | requests | p50 ms | p90 ms | p99 ms | longest ms | p99 ÷ p50 |",
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
            *(_row(kind, times) for kind, times in seconds.items()),
            "",
            f"| worker | at first, MB | after {warm:g} min, MB | at last, MB | growth since, MB a minute |",
            "| --- | ---: | ---: | ---: | ---: |",
            *memory.rows(warm),
            "",
        ]
        return "\n".join(lines)


def _row(kind: str, times: list[float]) -> str:
    p50, p90, p99 = (1e3 * times[int(len(times) * share)] for share in (0.5, 0.9, 0.99))
    return f"| {kind} | {len(times):,} | {p50:.1f} | {p90:.1f} | {p99:.1f} | {1e3 * times[-1]:.0f} | {p99 / p50:.1f} |"


async def _hear(socket: ClientConnection, outcomes: Outcomes) -> None:
    try:
        while True:
            await socket.recv()
            outcomes.events += 1
    except ConnectionClosed:
        outcomes.errors["a WebSocket was closed"] += 1


async def _show(began: float, until: float, out: Console) -> None:
    with Progress(console=out, disable=not out.is_terminal) as bar:
        task = bar.add_task("soaking", total=until - began)
        while True:
            bar.update(task, completed=time.perf_counter() - began)
            await asyncio.sleep(1)


async def prepared(embedded: Embedded, folder: Path) -> Settings:
    """The demo network, and the settings of a server of it that nothing is refused by."""
    keys = SecretStr(Fernet.generate_key().decode())
    await migrate(embedded.owner_url)
    await load(embedded.owner_url, keys.get_secret_value(), None)
    most = 1_000_000_000
    return Settings(
        database_url=embedded.server_url,
        data_dir=folder,
        secret=SecretStr("a secret of the benchmarks, long enough for everybody"),
        personal_keys=keys,
        access_token_minutes=240,
        budget_per_second=most,
        budget_burst=most,
        operations_at_once=100,
        connections=20_000,
        connections_per_address=20_000,
        connections_per_account=10_000,
        log_level="error",
    )


def written(results: str, section: str) -> str:
    """The results with a section in the place of the one that there was, or at the end."""
    before, _, rest = results.partition(HEADING)
    after = rest[rest.find("\n### ") + 1 :] if "\n### " in rest else ""
    return f"{before.rstrip()}\n\n{section}" + (f"\n{after}" if after else "")


def main() -> None:
    """Soak from the command line; exit 1 if there were errors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--busy", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--think-seconds", type=float, default=1)
    parser.add_argument("--write", action="store_true", help=f"put the section into {RESULTS.name}")
    given = parser.parse_args()
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(files, given.connections + OTHER_FILES), files))
    soak = Soak(given.connections, given.busy, given.minutes, given.think_seconds)
    with TemporaryDirectory() as folder, running(Path(folder, "data")) as embedded:
        settings = asyncio.run(prepared(embedded, Path(folder)))
        with serve(settings, WORKERS) as served:
            section = uvloop.run(soak.run(served, Console(stderr=True)))
    print(section)
    if given.write:
        RESULTS.write_text(written(RESULTS.read_text(), section))


if __name__ == "__main__":
    main()
