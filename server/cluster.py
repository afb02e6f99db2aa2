"""Streaming replicas of an embedded PostgreSQL, all on this machine: what `make cluster` shows and the tests use."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import asyncpg

from server.embedded import Embedded, running

# Copied to the replicas. Instead of slots, which would keep all that is written for a replica that never comes back;
# and lest what the primary cleans away ends the reads that still need it.
PRIMARY_SETTINGS = {"wal_keep_size": "256MB", "hot_standby_feedback": "on"}


@contextmanager
def replicas_of(primary: Embedded, folders: list[Path]) -> Iterator[list[Embedded]]:
    """Runs a replica in each folder's `postgres`, made by pg_basebackup if it is not there. Raises EmbeddedError."""
    asyncio.run(_prepare(primary.owner_url))
    with ExitStack() as stack:
        yield [stack.enter_context(running(folder, primary)) for folder in folders]


async def _prepare(owner_url: str) -> None:
    connection = await asyncpg.connect(owner_url)
    try:
        for name, value in PRIMARY_SETTINGS.items():
            await connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        await connection.execute("SELECT pg_reload_conf()")
    finally:
        await connection.close()
