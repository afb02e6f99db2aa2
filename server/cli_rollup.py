"""`zhanwang rollups …`: folds the sums that are kept per place and month, verifies them and makes them anew."""

import typer
from rich.console import Console

from server import rollups as sums
from server.cli_owner import as_owner, bar, err, fail

NAME = "zhanwang rollups"
TOLD = 20
"""How many places with wrong sums are told one by one."""

out = Console(highlight=False, markup=False, soft_wrap=True)

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
        report = as_owner(lambda connection: sums.verify(connection, tell, progress), NAME)
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
        as_owner(lambda connection: sums.rebuild(connection, progress), NAME)
    err.print("The sums are what counting gives.")
