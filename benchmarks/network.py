"""The network that is measured on, kept from run to run: a province as `zhanwang demo --scale --made-up` makes it.

A comment on the database says which sizes, migrations and generator made it, so that a kept one is used again only if
it fits.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from cryptography.fernet import Fernet
from rich.console import Console

from resolvers.core.personal import PersonalVault
from server.demo import scale
from server.demo.scale import renew
from server.embedded import DATABASE, Embedded
from server.migrate import MIGRATIONS
from server.progress import Progress

NOBODY = "nobody logs in"
"""What accounts have for a password's hash: the benchmark makes tokens for their sessions."""


@dataclass(frozen=True)
class Sizes(scale.Sizes):
    """How large the network is; the defaults are a province with about 220,000 people, its communities large ones."""

    townships: int = 13
    grids: float = 6


async def fill(embedded: Embedded, sizes: Sizes, console: Console, *, fresh: bool = False) -> bool:
    """Make the database `zhanwang` anew with a network of these sizes, unless it has just that; True if it was made."""
    wanted = fingerprint(sizes)
    if not fresh and await _found(embedded) == wanted:
        return False
    await renew(embedded.owner_url)
    vault = PersonalVault(Fernet.generate_key().decode())
    with _status(console) as progress:
        await scale.fill(embedded.owner_url, sizes, None, vault, NOBODY, progress)
    connection = await asyncpg.connect(embedded.owner_url)
    try:
        await connection.execute(f"COMMENT ON DATABASE {DATABASE} IS '{wanted}'")
    finally:
        await connection.close()
    return True


async def _found(embedded: Embedded) -> str | None:
    connection = await asyncpg.connect(embedded.owner_url)
    try:
        found: str | None = await connection.fetchval(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1", DATABASE
        )
        return found
    finally:
        await connection.close()


@contextmanager
def _status(console: Console) -> Iterator[Progress]:
    with console.status("Making the network") as status:
        yield lambda done, total=None, what=None: status.update(
            f"{what} ({done:,} of {total:,})" if total else f"{what}"
        )


def fingerprint(sizes: Sizes) -> str:
    """What the rows of a network follow from: its sizes, the migrations, the generator; and the day, within a month."""
    digest = hashlib.sha256(repr(sizes).encode())
    sources = [*sorted((MIGRATIONS / "versions").glob("*.py")), *sorted(Path(scale.__file__).parent.glob("*.py"))]
    for path in sources:
        digest.update(path.read_bytes())
    return digest.hexdigest()
