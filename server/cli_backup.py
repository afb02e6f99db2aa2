"""`zhanwang backup | restore | verify`: a database into a file and back, and whether all of it is as it must be."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from server.backup.archive import Archive, Manifest
from server.backup.distributed import verify as verify_counties
from server.backup.dump import back_up
from server.backup.restore import restore as run_restore
from server.backup.verify import Finding
from server.backup.verify import verify as run_verify
from server.citus.distribute import is_distributed
from server.cli_owner import as_owner, bar, err, fail, out
from server.embedded import database_urls
from server.migrate import migrate, newest_revision
from server.settings import Settings

NAME = "zhanwang verify"
WIDTH = 120
"""Of the table where it goes into a file."""

File = Annotated[Path, typer.Argument(help="The backup.", show_default=False)]
MadeBefore = Annotated[
    Path | None, typer.Argument(help="A backup whose rows it is to have, right after that was restored.")
]


def backup(file: File) -> None:
    """Write the database as it is at one moment to a new file, readable for you alone; the keys are not in it."""
    settings = _settings()
    with database_urls(settings) as urls, bar("Backing up") as progress:
        manifest = asyncio.run(back_up(urls.owner_url, file, progress))
    err.print(f"Backed up {manifest.rows:,} rows at revision {manifest.revision}: {file}, {manifest.size:,} bytes.")
    if manifest.audit_head is not None:
        out.print(f"Head: batch {manifest.audit_batch}, {manifest.audit_head}")


def restore(file: File) -> None:
    """Restore a backup into an empty database, migrate it if it is older, and verify it; exit 1 if it has faults."""
    settings = _settings()
    archive = Archive.open(file)
    # Before anything is made, let alone written.
    with bar("Checking the file") as progress:
        archive.check(progress)
    manifest = archive.manifest
    with database_urls(settings) as urls:
        with bar("Restoring") as progress:
            asyncio.run(run_restore(urls.owner_url, archive, progress))
        err.print(f"Restored {manifest.rows:,} rows as of {manifest.made_at.astimezone():%Y-%m-%d %H:%M:%S}.")
        asyncio.run(migrate(urls.owner_url))
    # What a migration makes of the rows is not what was backed up.
    _verified(manifest if manifest.revision == newest_revision() else None)
    err.print("`zhanwang serve` needs the ZHANWANG_PERSONAL_KEYS that it was served with. Everybody logs in anew.")


def verify(file: MadeBefore = None) -> None:
    """Look for what must not be: in the tree, paths, sums, shares, references, policies and the audit log; exit 1."""
    _verified(Archive.open(file).manifest if file else None)


def _settings() -> Settings:
    # As Ctrl-C: what is half done is taken away.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    return Settings.load(demo=None, secrets_needed=False)


def _verified(manifest: Manifest | None) -> None:
    with bar("Verifying") as progress:

        async def work(connection: Any) -> list[Finding]:
            verified = verify_counties if await is_distributed(connection) else run_verify
            return await verified(connection, manifest, progress)

        found = as_owner(work, NAME)
    # What is no terminal has a width of its own, and `print` makes nothing wider.
    (out if out.is_terminal else Console(width=WIDTH)).print(_table(found))
    for finding in found:
        for sentence in finding.samples:
            out.print(f"✗ {sentence}")
        if finding.faults > len(finding.samples):
            out.print(f"  … and {finding.faults - len(finding.samples):,} more: {finding.title}")
    if broken := sum(1 for finding in found if finding.faults):
        fail(f"{broken} of {len(found)} checks found faults, {sum(one.faults for one in found):,} together.", 1)
    err.print(f"All {len(found)} checks are passed.")


def _table(found: list[Finding]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column()
    table.add_column(justify="right")
    table.add_column(justify="right")
    for finding in found:
        if finding.faults:
            table.add_row("✗", finding.title, finding.figure, f"faults: {finding.faults:,}", style="red")
        else:
            table.add_row("✓", finding.title, finding.figure)
    return table
