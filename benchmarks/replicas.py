"""What it adds to a read that a replica answers it and knows all that was committed before: the rule of decision 0030.

`python -m benchmarks.replicas` runs a primary and two replicas on this machine and prints a table: microseconds until
the answer, the median and the 99th in 100, and processor time of this process for each read; the statement itself is
the smallest there is. With `--writes` somebody commits every 5 ms meanwhile.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import uvloop
from rich.console import Console
from rich.table import Table

from server.beside import beside
from server.embedded import Embedded, running
from server.migrate import migrate
from server.replication.cluster import replicas_of
from server.replication.replicas import ReplicatedDatabase

READS = 6000
PAUSE = 0.005
COMMIT = "SELECT pg_logical_emit_message(true, 'benchmark', '')"

Read = Callable[[str, tuple[()]], Awaitable[Any]]


async def measured(read: Read, at_once: int) -> tuple[float, float, float]:
    """Microseconds: the median, the 99th in 100, and processor time."""
    taken: list[float] = []

    async def some() -> None:
        for _ in range(READS // at_once):
            began = time.perf_counter()
            await read("SELECT 1", ())
            taken.append(time.perf_counter() - began)

    began = time.process_time()
    await asyncio.gather(*(some() for _ in range(at_once)))
    spent = time.process_time() - began
    taken.sort()
    return tuple(1e6 * one for one in (taken[len(taken) // 2], taken[len(taken) * 99 // 100], spent / len(taken)))  # type: ignore[return-value]


@asynccontextmanager
async def opened(primary: Embedded, replicas: list[Embedded]) -> AsyncIterator[ReplicatedDatabase]:
    """The database, its replicas in use."""
    await migrate(primary.owner_url)
    database = await ReplicatedDatabase.open(primary.server_url, pool_size=16, statement_timeout_ms=10_000)
    try:
        database.follow([one.server_url for one in replicas])
        while not all(one.in_use for one in database.replicas):  # noqa: ASYNC110 - they tell nobody
            await asyncio.sleep(0.05)
        yield database
    finally:
        await database.close()


async def commit_on_and_on(url: str) -> None:
    """A commit every PAUSE seconds."""
    connection = await asyncpg.connect(url)
    while True:
        await connection.execute(COMMIT)
        await asyncio.sleep(PAUSE)


async def run(primary: Embedded, replicas: list[Embedded], *, writes: bool) -> Table:
    """The table."""
    table = Table("read", "at once", "median µs", "99th in 100", "CPU µs", "of replicas", title="A read")
    async with opened(primary, replicas) as database:
        ways: dict[str, Read] = {"at the primary": database.fetchrow, "by a replica": database.read}

        async def measure() -> None:
            for at_once in (1, 16):
                for name, read in ways.items():
                    # Connections are opened, the statement is prepared.
                    await measured(read, at_once)
                    before = database.reads.copy()
                    figures = await measured(read, at_once)
                    reads = database.reads - before
                    share = f"{1 - reads['primary'] / reads.total():.1%}" if reads else ""
                    table.add_row(name, str(at_once), *(f"{one:.0f}" for one in figures), share)

        if writes:
            async with beside(commit_on_and_on(primary.owner_url)):
                await measure()
        else:
            await measure()
    return table


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writes", action="store_true", help="let somebody commit meanwhile")
    writes = parser.parse_args().writes
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            running(folder / "primary") as primary,
            replicas_of(primary, [folder / "replica-1", folder / "replica-2"]) as replicas,
        ):
            Console().print(uvloop.run(run(primary, replicas, writes=writes)))


if __name__ == "__main__":
    main()
