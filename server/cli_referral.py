"""`zhanwang referrals …`: what is done to referrals on schedule, for cron."""

import asyncio

import typer
from rich.console import Console

from resolvers.escalation import escalate as take_up
from server.database import Database
from server.embedded import database_urls
from server.settings import Settings

COMMAND_LINE = "command line"
"""What the audit log has in the place of a request's id."""

err = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)

referrals = typer.Typer(no_args_is_help=True)


@referrals.callback()
def _group() -> None:
    """Escalate overdue referrals."""


@referrals.command()
def escalate() -> None:
    """Take overdue referrals to the next place up, as a server does every hour."""
    settings = Settings.load(demo=None, secrets_needed=False)
    with database_urls(settings) as urls:
        done = asyncio.run(_escalate(urls.server_url, settings))
    if done is None:
        err.print("The database is not at this program's schema: run `zhanwang migrate`.", style="red")
        raise typer.Exit(1)
    err.print(f"Escalated {done:,} referral{'' if done == 1 else 's'}." if done else "Nothing to escalate.")


async def _escalate(url: str, settings: Settings) -> int | None:
    """How many went up; None if the database is not migrated."""
    database = await Database.open(
        url, pool_size=1, statement_timeout_ms=settings.statement_timeout_ms, pooler=settings.pooler
    )
    try:
        if not await database.ready():
            return None
        with err.status("Escalating"):
            return await take_up(database.transaction, COMMAND_LINE)
    finally:
        await database.close()
