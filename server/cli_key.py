"""`zhanwang account key …`: the keys of service accounts."""

import sys
from datetime import timedelta
from typing import Annotated

import typer

from resolvers import proof
from resolvers.proof import ListedKey
from server.cli_owner import changing_accounts, err, listed

keys = typer.Typer(no_args_is_help=True)

Username = Annotated[str, typer.Argument(help="The service account's name.", show_default=False)]
OfUsername = Annotated[
    str | None, typer.Argument(help="The service account's name; all if not given.", show_default=False)
]
Name = Annotated[str, typer.Option("--name", help="What the key is for.", show_default=False)]
Days = Annotated[
    int | None,
    typer.Option(
        "--days", min=1, max=36_500, help="How long it holds; if not given, until revoked.", show_default=False
    ),
]
Key = Annotated[str, typer.Argument(help="How the key begins, or its name.", show_default=False)]


@keys.command()
def add(username: Username, name: Name, days: Days = None) -> None:
    """Make a key and print it, this once."""
    life = None if days is None else timedelta(days=days)
    text = changing_accounts(lambda connection: proof.add_key(connection, username=username, name=name, life=life))
    sys.stdout.write(text + "\n")
    err.print("For Authorization: Bearer …; it is kept nowhere and not shown again.")


@keys.command()
def revoke(username: Username, key: Key) -> None:
    """End a key from its next request on."""
    changing_accounts(lambda connection: proof.revoke_key(connection, username=username, key=key))
    err.print(f"Revoked a key of {username}.")


@keys.command("list")
def list_(username: OfUsername = None) -> None:
    """List the keys that hold; tab-separated and without a heading if it is not read on a terminal."""
    rows = map(_cells, changing_accounts(lambda connection: proof.list_keys(connection, username)))
    listed(rows, ("Username", "Name", "Begins", "Since", "Until", "Last used"))


def _cells(row: ListedKey) -> tuple[str, ...]:
    dates = (row.valid_from, row.valid_to, row.last_used_at)
    days = ["never" if at is None else f"{at.astimezone():%Y-%m-%d}" for at in dates]
    return row.username, row.name, row.prefix, *days
