"""How long who has failed must wait: the throttle's statements, in transactions that are never committed."""

import asyncio
import secrets

import asyncpg
import pytest

from resolvers.core import throttle


@pytest.mark.parametrize(
    ("failures", "ago", "wait"),
    [
        (4, 0, None),
        (5, 0, 5),
        (5, 3, 2),
        (5, 60, -55),
        (8, 0, 40),
        (12, 0, 640),
        (13, 0, 900),
        (1_000, 0, 900),
        (1_000, 880, 20),
    ],
)
def test_waiting(database: str, failures: int, ago: int, wait: int | None) -> None:
    async def work() -> int | None:
        connection = await asyncpg.connect(database)
        try:
            # Never committed.
            async with connection.transaction():
                key = secrets.token_bytes(32)
                await connection.execute(
                    "INSERT INTO log_in_failure VALUES ($1, $2, clock_timestamp() - $3 * interval '1 second')",
                    key,
                    failures,
                    ago,
                )
                waiting: int | None = await connection.fetchval(throttle.WAIT, [key])
                raise asyncio.CancelledError(waiting)
        except asyncio.CancelledError as cancelled:
            return cancelled.args[0] if cancelled.args else None
        finally:
            await connection.close()

    assert asyncio.run(work()) == wait


def test_failures_are_forgotten_after_the_window(database: str) -> None:
    async def work() -> tuple[int, list[asyncpg.Record]]:
        connection = await asyncpg.connect(database)
        try:
            transaction = connection.transaction()
            await transaction.start()
            old, older = secrets.token_bytes(32), secrets.token_bytes(32)
            await connection.executemany(
                "INSERT INTO log_in_failure VALUES ($1, 7, now() - interval '16 minutes')", [(old,), (older,)]
            )
            await throttle.Attempt(old, None).count(connection)
            failures = await connection.fetchval("SELECT failures FROM log_in_failure WHERE key = $1", old)
            left = await connection.fetch("SELECT FROM log_in_failure WHERE key = $1", older)
            await transaction.rollback()
            return failures, left
        finally:
            await connection.close()

    assert asyncio.run(work()) == (1, [])
