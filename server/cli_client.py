"""`zhanwang clients …`: what is kept of clients no longer than it may be, for cron."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, TypeVar

import typer

from resolvers.retention import Due, due_before, erase_due
from resolvers.retention import due as find_due
from server.cli_owner import COMMAND_LINE, as_server, err, fail, tabbed
from server.database import Database
from server.settings import Settings

T = TypeVar("T")

clients = typer.Typer(no_args_is_help=True)

Years = Annotated[
    int | None,
    typer.Option(min=1, max=100, help="Closed so long ago; ZHANWANG_RETENTION_YEARS if not given.", show_default=False),
]


@clients.command()
def due(years: Years = None) -> None:
    """List the clients whose time is over: the id, and the day the file was closed."""

    async def listed(database: Database, before: date) -> list[Due]:
        return [one async for one in find_due(database.transaction, before)]

    tabbed((one.id, str(one.closed_on)) for one in _working(years, listed))


@clients.command("erase-due")
def erase(years: Years = None) -> None:
    """Erase what tells of the clients whose time is over, as a server does every hour; it cannot be undone."""
    with err.status("Erasing"):
        done, waiting = _working(years, lambda database, before: erase_due(database.transaction, before, COMMAND_LINE))
    err.print(f"Erased {done:,} client{'' if done == 1 else 's'}." if done else "Nothing to erase.")
    if waiting:
        fail(f"{waiting:,} have to wait: a referral or a consultation is under way, or others write without pause.", 1)


def _working(years: int | None, work: Callable[[Database, date], Awaitable[T]]) -> T:
    settings = Settings.load(demo=None, secrets_needed=False)
    kept = years or settings.retention_years
    if kept is None:
        fail("Say after how many --years: ZHANWANG_RETENTION_YEARS is not set.", 2)

    async def begun(database: Database) -> T:
        return await work(database, await due_before(database.transaction, kept))

    return as_server(begun, settings)
