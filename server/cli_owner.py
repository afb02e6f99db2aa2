"""How a command works on the database as its owner: the rights that it needs, and how it says that it did not go."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, TypeVar

import asyncpg
import typer
from rich.console import Console

from resolvers.core.owner import AccountRefused
from server.embedded import database_urls
from server.migrate import current
from server.settings import Settings

T = TypeVar("T")

err = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def as_owner(work: Callable[[Any], Awaitable[T]], name: str) -> T:
    """What `work` answers, given a connection to a migrated database. name: what PostgreSQL calls the connection."""
    settings = Settings.load(demo=None, secrets_needed=False)
    with database_urls(settings) as urls:
        if not asyncio.run(current(urls.owner_url)):
            fail("The database is not at this program's schema: run `zhanwang migrate`.", 1)
        return asyncio.run(_connected(urls.owner_url, work, name))


def changing_accounts(work: Callable[[Any], Awaitable[T]]) -> T:
    """As `as_owner`, inside a transaction; what is refused ends the command with 1."""

    async def inside(connection: Any) -> T:
        async with connection.transaction():
            return await work(connection)

    try:
        return as_owner(inside, "zhanwang account")
    except AccountRefused as refused:
        fail(str(refused), 1)


async def _connected(url: str, work: Callable[[Any], Awaitable[T]], name: str) -> T:
    connection = await asyncpg.connect(url, server_settings={"application_name": name})
    try:
        return await work(connection)
    finally:
        await connection.close()


def fail(message: str, code: int) -> NoReturn:
    """Ends the command with a sentence in red."""
    err.print(message, style="red")
    raise typer.Exit(code)
