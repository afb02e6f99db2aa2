"""How a command works on the database, as its owner or as a server; how it lists, and tells of progress and failure."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, TypeVar

import asyncpg
import typer
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table

from resolvers.core.owner import AccountRefused
from server.database import Database
from server.embedded import database_urls
from server.migrate import current
from server.progress import Progress
from server.settings import Settings

T = TypeVar("T")

COMMAND_LINE = "command line"
"""What the audit log has in the place of a request's id."""

UNMIGRATED = "The database is not at this program's schema: run `zhanwang migrate`."

out = Console(highlight=False, markup=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def bar(title: str) -> Iterator[Progress]:
    """A bar for as long as the block; nothing where nobody looks on."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Bars(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        task = bars.add_task(title, total=None)

        def show(done: int, total: int | None = None, title: str | None = None, /) -> None:
            bars.update(task, completed=done, total=total, description=title)

        yield show


def as_server(work: Callable[[Database], Awaitable[T]], settings: Settings) -> T:
    """What `work` answers, given a migrated database with the rights of a server."""

    async def opened(url: str) -> T:
        database = await Database.open(
            url, pool_size=1, statement_timeout_ms=settings.statement_timeout_ms, pooler=settings.pooler
        )
        try:
            if not await database.ready():
                fail(UNMIGRATED, 1)
            return await work(database)
        finally:
            await database.close()

    with database_urls(settings) as urls:
        return asyncio.run(opened(urls.server_url))


def as_owner(work: Callable[[Any], Awaitable[T]], name: str) -> T:
    """What `work` answers, given a connection to a migrated database. name: what PostgreSQL calls the connection."""
    settings = Settings.load(demo=None, secrets_needed=False)
    with database_urls(settings) as urls:
        if not asyncio.run(current(urls.owner_url)):
            fail(UNMIGRATED, 1)
        return asyncio.run(connected(urls.owner_url, work, name))


def changing_accounts(work: Callable[[Any], Awaitable[T]]) -> T:
    """As `as_owner`, inside a transaction; what is refused ends the command with 1."""

    async def inside(connection: Any) -> T:
        async with connection.transaction():
            return await work(connection)

    try:
        return as_owner(inside, "zhanwang account")
    except AccountRefused as refused:
        fail(str(refused), 1)


async def connected(url: str, work: Callable[[Any], Awaitable[T]], name: str) -> T:
    """What `work` answers, given a connection. name: what PostgreSQL calls it. Raises asyncpg's errors."""
    connection = await asyncpg.connect(url, server_settings={"application_name": name})
    try:
        return await work(connection)
    finally:
        await connection.close()


def listed(rows: Iterable[tuple[str, ...]], headings: tuple[str, ...]) -> None:
    """Prints rows as a table, or as `tabbed` does if they are not read on a terminal."""
    if not out.is_terminal:
        tabbed(rows)
        return
    table = Table(*headings)
    for row in rows:
        table.add_row(*row)
    out.print(table, soft_wrap=False)


def tabbed(rows: Iterable[tuple[str, ...]]) -> None:
    """Prints rows with tabs between their cells, and no heading."""
    # Not through rich, which would turn the tabs into spaces.
    sys.stdout.writelines("\t".join(row) + "\n" for row in rows)


def fail(message: str, code: int) -> NoReturn:
    """Ends the command with a sentence in red."""
    err.print(message, style="red")
    raise typer.Exit(code)
