"""`python -m benchmarks.plan_modes`: generic plans against those that are made anew, at every level.

PostgreSQL's time for the server's statements, planning included, by `plan_cache_mode`; `auto` after as many runs as it
takes to make up its mind. See docs/decisions/0003.
"""

import argparse
import asyncio
from contextlib import AsyncExitStack

import asyncpg
from rich.console import Console
from rich.table import Table

from benchmarks.plans import LEVELS, Statements, connected, milliseconds
from benchmarks.systems import DATA
from benchmarks.workloads import WORKLOADS, targets
from server.embedded import Embedded, running

MODES = ("force_generic_plan", "auto", "force_custom_plan")


async def _compare(embedded: Embedded, names: list[str], times: int) -> Table:
    made = Table("workload", "level", *MODES, title="PostgreSQL's time with planning, ms")
    async with AsyncExitStack() as stack:
        statements = await stack.enter_async_context(Statements.over(embedded.server_url))
        connections = [
            await stack.enter_async_context(connected(embedded.server_url, plan_cache_mode=mode)) for mode in MODES
        ]
        owner = await asyncpg.connect(embedded.owner_url)
        stack.push_async_callback(owner.close)
        for name in names:
            for level in LEVELS:
                for target in await targets(owner, name, level, 1):
                    compiled = await statements.of(target)
                    taken = [await milliseconds(connection, compiled, times) for connection in connections]
                    made.add_row(name, level, *(f"{each:.2f}" for each in taken))
    return made


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.plan_modes", description=__doc__)
    parser.add_argument("--database", default="nation", help="data folder in .zhanwang (nation)")
    parser.add_argument("--workloads", default=",".join(WORKLOADS), help="which ones")
    parser.add_argument("--times", type=int, default=21, help="runs of each, of which the median counts (21)")
    given = parser.parse_args()
    with running(DATA / given.database) as embedded:
        Console().print(asyncio.run(_compare(embedded, given.workloads.split(","), given.times)))


if __name__ == "__main__":
    main()
