"""Streaming replicas of an embedded PostgreSQL, all on this machine: what `make cluster` shows and the tests use."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import asyncpg

from server.embedded import Embedded, running
from server.pool import LOST

# Copied to the replicas. Instead of slots, which would keep all that is written for a replica that never comes back;
# and lest what the primary cleans away ends the reads that still need it.
SETTINGS = {"wal_keep_size": "256MB", "hot_standby_feedback": "on"}


@contextmanager
def replicas_of(primary: Embedded, folders: list[Path]) -> Iterator[list[Embedded]]:
    """Runs a replica in each folder's `postgres`, made by pg_basebackup. Raises EmbeddedError, and asyncpg's errors."""
    asyncio.run(_set(primary.owner_url, [f"SET {name} = '{value}'" for name, value in SETTINGS.items()]))
    try:
        with ExitStack() as stack:
            yield [stack.enter_context(running(folder, primary)) for folder in folders]
    finally:
        with suppress(*LOST):
            asyncio.run(_set(primary.owner_url, [f"RESET {name}" for name in SETTINGS]))


async def bytes_behind(primary: Embedded, replicas: list[Embedded]) -> list[int]:
    """How much of the primary's log each replica has yet to replay. Raises asyncpg's errors."""
    written = await _lsn(primary, "pg_current_wal_flush_lsn()")
    return [max(written - await _lsn(one, "pg_last_wal_replay_lsn()"), 0) for one in replicas]


async def _lsn(node: Embedded, where: str) -> int:
    connection = await asyncpg.connect(node.owner_url)
    try:
        found: int = await connection.fetchval(f"SELECT {where}")
    finally:
        await connection.close()
    return found


async def _set(owner_url: str, changes: list[str]) -> None:
    connection = await asyncpg.connect(owner_url)
    try:
        for change in changes:
            await connection.execute(f"ALTER SYSTEM {change}")
        await connection.execute("SELECT pg_reload_conf()")
    finally:
        await connection.close()
