"""`zhanwang rollups …`: folds the sums that are kept per place and month, verifies them and makes them anew."""

from typing import Any

import typer

from server import rollups as sums
from server.citus import sums as sums_of_counties
from server.citus.distribute import is_distributed
from server.cli_owner import as_owner, bar, err, fail, out

NAME = "zhanwang rollups"
TOLD = 20
"""How many places with wrong sums are told one by one."""

rollups = typer.Typer(no_args_is_help=True)


@rollups.command()
def fold() -> None:
    """Add what was written to the sums, as a server does every second."""
    folded = as_owner(sums.fold, NAME)
    err.print(f"Folded {folded:,} changes." if folded else "Nothing to fold.")


@rollups.command()
def verify() -> None:
    """Compare the sums of every place with what counting gives; exit 1 if any differ."""
    told: dict[str, str] = {}

    def tell(sentence: str) -> None:
        place = sentence.partition(":")[0]
        if len(told) < TOLD or place in told:
            told.setdefault(place, sentence)

    with bar("Verifying") as progress:

        async def work(connection: Any) -> sums.Report:
            verified = sums_of_counties.verify if await is_distributed(connection) else sums.verify
            return await verified(connection, tell, progress)

        report = as_owner(work, NAME)
    for sentence in told.values():
        out.print(sentence)
    if report.wrong:
        fail(f"{report.wrong:,} sums of {report.places:,} places are not what counting gives: `{NAME} rebuild`.", 1)
    err.print(
        f"The sums of {report.parts:,} counties and regions are what counting gives; {report.waiting:,} changes wait"
        " to be folded."
    )


@rollups.command()
def rebuild() -> None:
    """Make the sums of every place what counting gives; meanwhile no place can be moved."""
    with bar("Counting") as progress:

        async def work(connection: Any) -> None:
            rebuilt = sums_of_counties.rebuild if await is_distributed(connection) else sums.rebuild
            await rebuilt(connection, progress)

        as_owner(work, NAME)
    err.print("The sums are what counting gives.")
