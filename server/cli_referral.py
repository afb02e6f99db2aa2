"""`zhanwang referrals …`: what is done to referrals on schedule, for cron."""

import typer

from resolvers.escalation import escalate as take_up
from server.cli_owner import COMMAND_LINE, as_server, err
from server.settings import Settings

referrals = typer.Typer(no_args_is_help=True)


@referrals.callback()
def _group() -> None:
    """Escalate overdue referrals."""


@referrals.command()
def escalate() -> None:
    """Take overdue referrals to the next place up, as a server does every hour."""
    settings = Settings.load(demo=None, secrets_needed=False)
    with err.status("Escalating"):
        done = as_server(lambda database: take_up(database.transaction, COMMAND_LINE), settings)
    err.print(f"Escalated {done:,} referral{'' if done == 1 else 's'}." if done else "Nothing to escalate.")
