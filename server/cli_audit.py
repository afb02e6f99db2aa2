"""`zhanwang audit …`: seals the audit log and verifies it, for an administrator of the server."""

import re
from typing import Annotated, Any

import typer

from resolvers import audit_chain
from resolvers.audit_chain import Report
from server.citus import audit as audit_of_counties
from server.citus.distribute import is_distributed
from server.cli_owner import as_owner, bar, err, fail, out

NAME = "zhanwang audit"
TOLD = 100
"""How many faults are told one by one."""

DIGEST = re.compile(r"[0-9a-fA-F]{64}")

audits = typer.Typer(no_args_is_help=True)


@audits.command()
def seal() -> None:
    """Seal the entries that are not sealed yet, as a server does every second."""
    sealed = as_owner(audit_chain.seal, NAME)
    err.print(f"Sealed {sealed:,} entries." if sealed else "Nothing to seal.")


@audits.command()
def verify(
    *,
    head: Annotated[
        str | None,
        typer.Option(help="A digest that was printed before and kept elsewhere; it must still be in the chain."),
    ] = None,
) -> None:
    """Look for entries that were changed, taken away or put in; exit 1 if there are any. Prints the newest digest."""
    if head is not None and DIGEST.fullmatch(head) is None:
        fail("--head takes a digest of 64 hexadecimal digits, as `zhanwang audit verify` prints it.", 2)
    kept = bytes.fromhex(head) if head else None
    report = as_owner(lambda connection: _verify(connection, kept), NAME)
    if report.findings > TOLD:
        out.print(f"… and {report.findings - TOLD:,} faults more.")
    if report.waiting:
        assert report.since is not None
        since = f"{report.since.astimezone():%Y-%m-%d %H:%M:%S}"
        err.print(f"{report.waiting:,} entries wait to be sealed, the oldest since {since}.")
    if report.head is not None:
        out.print(f"Head: batch {report.batches}, {report.head.hex()}")
    if report.findings:
        fail(f"The audit log has been tampered with: {report.findings:,} faults.", 1)
    err.print(f"{report.entries:,} entries in {report.batches:,} batches are as they were sealed.")


async def _verify(connection: Any, head: bytes | None) -> Report:
    told = 0

    def tell(sentence: str) -> None:
        nonlocal told
        told += 1
        if told <= TOLD:
            out.print(sentence)

    if await is_distributed(connection):
        with bar("Verifying") as progress:
            return await audit_of_counties.verify(connection, tell, head, progress)
    # One snapshot for all, so that what is sealed meanwhile is no fault.
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        total = await audit_chain.count(connection)
        with bar("Verifying") as progress:
            return await audit_chain.verify(connection, tell, head=head, progress=lambda done: progress(done, total))
