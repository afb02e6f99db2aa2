"""`python -m benchmarks.growth`: what a township's statements cost in a county's database, and in the nation's.

PostgreSQL's time for the server's statements, in turns, by the townships of the small database's county in both.
"""

import argparse
import asyncio
from contextlib import AsyncExitStack
from statistics import median
from typing import Any

import asyncpg
from rich.console import Console
from rich.table import Table

from benchmarks.plans import Compiled, Statements, connected, milliseconds
from benchmarks.systems import DATA
from benchmarks.workloads import WORKLOADS, targets
from server.embedded import Embedded, running

# The generator gives the same county other numbers when it is made alone; this explains some per cent.
WORKERS = """SELECT count(*) FROM person p JOIN station s ON s.id = p.station_id
WHERE s.level = 'BASIC' AND starts_with(s.division_code, $1) AND p.kind = 'GRID_WORKER'"""
HUB = "SELECT division_code FROM station WHERE level = 'HUB'"


async def _statements(embedded: Embedded, county: str) -> dict[str, list[Compiled]]:
    """The statements of a county's townships, by workload."""
    owner = await asyncpg.connect(embedded.owner_url)
    try:
        async with Statements.over(embedded.server_url) as statements:
            return {
                name: [
                    await statements.of(target) for target in await targets(owner, name, "township", division=county)
                ]
                for name in WORKLOADS
            }
    finally:
        await owner.close()


async def _value(embedded: Embedded, query: str, *given: str) -> Any:
    owner = await asyncpg.connect(embedded.owner_url)
    try:
        return await owner.fetchval(query, *given)
    finally:
        await owner.close()


async def _compare(small: Embedded, large: Embedded) -> Table:
    county = await _value(small, HUB)
    workers = [await _value(each, WORKERS, county) for each in (small, large)]
    made = Table(
        *("workload", "small, ms", "large, ms", "ratio"),
        title="A township's statements",
        caption=f"{workers[0]} and {workers[1]} grid workers in these townships",
    )
    asked = [await _statements(each, county) for each in (small, large)]
    async with AsyncExitStack() as stack:
        connections = [await stack.enter_async_context(connected(each.server_url)) for each in (small, large)]
        for name in WORKLOADS:
            taken: tuple[list[float], list[float]] = ([], [])
            for pair in zip(*(found[name] for found in asked), strict=False):
                for found, connection, compiled in zip(taken, connections, pair, strict=True):
                    found.append(await milliseconds(connection, compiled))
            first, second = map(median, taken)
            made.add_row(name, f"{first:.2f}", f"{second:.2f}", f"{second / first:.2f}")
    return made


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.growth", description=__doc__)
    parser.add_argument("--small", default="county", help="data folder in .zhanwang (county)")
    parser.add_argument("--large", default="nation", help="data folder in .zhanwang (nation)")
    given = parser.parse_args()
    with running(DATA / given.small) as small, running(DATA / given.large) as large:
        Console().print(asyncio.run(_compare(small, large)))


if __name__ == "__main__":
    main()
