"""`zhanwang documents …`: the documents that clients may ask by their ids, for an administrator of the server."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from server.cli_owner import as_owner, err, fail, tabbed
from server.manifests import Entry, UnfitFile, entries
from server.settings import Settings

NAME = "zhanwang documents"

# One that is there already is added again under its id without any effect, unless it is another text.
ADD = """
INSERT INTO trusted_document (id, digest, text, name) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO NOTHING RETURNING true
"""
SAME = "SELECT digest = $2 FROM trusted_document WHERE id = $1"
LIST = "SELECT id, name, added_at FROM trusted_document ORDER BY name, id"
REMOVE = "DELETE FROM trusted_document WHERE id = ANY ($1) RETURNING id"

documents = typer.Typer(no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(help="GraphQL documents, and manifests (.json).", show_default=False)]
Ids = Annotated[list[str], typer.Argument(help="Ids, as `zhanwang documents list` tells them.", show_default=False)]


class Taken(Exception):
    """An id names another document already. `str()` of it is the id."""


@documents.command()
def add(files: Files) -> None:
    """Trust the documents of files: all of them, or none if one is not valid."""
    try:
        found = [entry for file in files for entry in entries(file)]
    except UnfitFile as unfit:
        fail(str(unfit), 1)
    named = _named(found)
    try:
        added = as_owner(lambda connection: _add(connection, named), NAME)
    except Taken as taken:
        fail(f"The id {taken} names another document already; remove that first.", 1)
    there = f"; {len(named) - added:,} were there already" if added < len(named) else ""
    err.print(f"Added {added:,} of {len(named):,} documents{there}.")


@documents.command("list")
def list_() -> None:
    """List every trusted document: id, operations, and since when; tab-separated."""
    rows = as_owner(lambda connection: connection.fetch(LIST), NAME)
    tabbed((row["id"], row["name"], f"{row['added_at']:%Y-%m-%d %H:%M:%S%z}") for row in rows)


@documents.command()
def remove(ids: Ids) -> None:
    """Trust documents no longer: no worker of any server answers them by their ids."""
    removed = {row["id"] for row in as_owner(lambda connection: connection.fetch(REMOVE, ids), NAME)}
    err.print(f"Removed {len(removed):,} documents.")
    if missing := [id_ for id_ in ids if id_ not in removed]:
        fail(f"There is no document {', '.join(missing)}.", 1)


def _named(found: Sequence[Entry]) -> list[tuple[Entry, str]]:
    """Each document with the names of its operations; fails if one cannot be answered."""
    # Only here: the other commands start faster without the whole schema.
    from schema import schema

    most = Settings.load(demo=None, secrets_needed=False).max_cost
    named, faults = [], []
    for entry in found:
        document = schema.documents.obtain(entry.text)
        faults += [f"{entry.where}: {error.message}" for error in document.errors]
        names = {operation.node.name.value if operation.node.name else "" for operation in document.operations.values()}
        for operation in document.operations.values():
            # What variables add is known with them alone.
            if (rows := operation.cost.of({})) > most:
                faults.append(f"{entry.where}: it asks for {rows:,} rows; {most:,} may be asked for at once.")
                break
        named.append((entry, ", ".join(sorted(names)) or Path(entry.where).name))
    if faults:
        fail("\n".join(faults), 1)
    return named


async def _add(connection: Any, named: Sequence[tuple[Entry, str]]) -> int:
    """How many were not there. Raises Taken."""
    added = 0
    async with connection.transaction():
        for entry, name in named:
            if await connection.fetchval(ADD, entry.id, entry.digest, entry.text, name):
                added += 1
            elif not await connection.fetchval(SAME, entry.id, entry.digest):
                raise Taken(entry.id)
    return added
