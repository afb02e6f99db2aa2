"""`zhanwang distribute` and `undistribute`: from one PostgreSQL to many by county, on Citus, and back."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import asyncpg
import typer

from server.citus.distribute import Undistributable, is_distributed, planned
from server.citus.distribute import distribute as run
from server.citus.kinds import UnknownTable
from server.citus.plan import UnknownTrigger
from server.citus.policies import UnknownSubquery
from server.citus.undistribute import NotUndistributable
from server.citus.undistribute import undistribute as run_back
from server.cli_owner import bar, connected, err, fail, out
from server.embedded import database_urls
from server.migrate import migrate
from server.progress import Progress
from server.settings import Settings

REFUSED = (Undistributable, NotUndistributable, UnknownTable, UnknownTrigger, UnknownSubquery)


def distribute(
    *,
    shards: Annotated[int, typer.Option(min=1, max=1024, help="How many parts each table is cut into.")] = 32,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print the statements.")] = False,
) -> None:
    """Distribute the database by county over the nodes of a Citus cluster; nobody may use it meanwhile."""

    async def work(connection: asyncpg.Connection, _: str, progress: Progress) -> bool:
        if dry_run:
            await _print(connection, shards)
            return False
        return await run(connection, shards, progress)

    if _done(work, "zhanwang distribute"):
        err.print("Distributed by county.")
    elif not dry_run:
        err.print("Nothing to do: it is distributed.")


def undistribute() -> None:
    """Bring a distributed database back to the coordinator, to the plain schema; nobody may use it meanwhile."""

    async def work(connection: asyncpg.Connection, owner_url: str, progress: Progress) -> bool:
        return await run_back(connection, lambda: migrate(owner_url), progress)

    done = _done(work, "zhanwang undistribute")
    err.print("Back on the coordinator." if done else "Nothing to do: it is not distributed.")


async def _print(connection: asyncpg.Connection, shards: int) -> None:
    if await is_distributed(connection):
        fail("It is distributed already.", 1)
    for step in await planned(connection, shards):
        out.print(f"-- {step.title}")
        for statement in step.statements:
            out.print(f"{statement.strip().rstrip(';')};")


def _done(work: Callable[[asyncpg.Connection, str, Progress], Awaitable[bool]], name: str) -> bool:
    """What `work` answers, given the owner's connection, its URL, and a bar for the step under way."""
    settings = Settings.load(demo=None, secrets_needed=False)
    with database_urls(settings) as urls, bar("Looking") as progress:
        try:
            return asyncio.run(connected(urls.owner_url, lambda owner: work(owner, urls.owner_url, progress), name))
        except REFUSED as error:
            fail(str(error), 1)
