"""`python -m benchmarks.growth`: what a township's statements cost in a county's database, and in the nation's.

PostgreSQL's time for the server's statements, in turns, by the townships of the small database's county in both.
"""

import argparse
import asyncio
from contextlib import AsyncExitStack
from statistics import median

import asyncpg
from rich.console import Console
from rich.table import Table

from benchmarks.plans import Compiled, Statements, connected, milliseconds
from benchmarks.systems import DATA
from benchmarks.workloads import WORKLOADS, targets
from server.embedded import Embedded, running

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


async def _compare(small: Embedded, large: Embedded) -> Table:
    made = Table("workload", "small, ms", "large, ms", "ratio", title="A township's statements")
    owner = await asyncpg.connect(small.owner_url)
    county = await owner.fetchval(HUB)
    await owner.close()
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
