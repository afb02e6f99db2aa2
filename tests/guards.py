"""Takes away one of the two guards, or both, for as long as a test asks: the clause that the compiler writes, and
row-level security; and asks the database past them."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import asyncpg

from resolvers.core.executor import Executor

BOTH, POLICIES, CLAUSE, NEITHER = "both guards", "policies alone", "clause alone", "neither guard"

SCOPED_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attname = 'path' ORDER BY c.relname
"""


def run(url: str, go: Callable[[asyncpg.Connection], Coroutine[Any, Any, Any]]) -> Any:
    """What a function makes of a connection, in a transaction that is rolled back."""

    async def connected() -> Any:
        connection = await asyncpg.connect(url)
        try:
            transaction = connection.transaction()
            await transaction.start()
            try:
                return await go(connection)
            finally:
                await transaction.rollback()
        finally:
            await connection.close()

    return asyncio.run(connected())


def rows(url: str, sql: str, *arguments: Any) -> Any:
    """What a statement answers."""
    return run(url, lambda connection: connection.fetch(sql, *arguments))


@contextmanager
def standing(guards: str, url: str) -> Iterator[str]:
    """Only these guards stand until the end of the block; afterwards both do, whatever has happened.

    url: the superuser's.
    """
    scopes = Executor.scopes
    try:
        if guards in (POLICIES, NEITHER):
            Executor.scopes = tuple(replace(scope, guarded=False) for scope in scopes)
        if guards in (CLAUSE, NEITHER):
            asyncio.run(_switch(url, "DISABLE"))
        yield guards
    finally:
        Executor.scopes = scopes
        asyncio.run(_switch(url, "ENABLE"))


async def _switch(url: str, how: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        while not await _switched(connection, how):
            pass
    finally:
        await connection.close()


async def _switched(connection: asyncpg.Connection, how: str) -> bool:
    try:
        async with connection.transaction():
            for (table,) in await connection.fetch(SCOPED_TABLES):
                await connection.execute(f"ALTER TABLE {table} {how} ROW LEVEL SECURITY")
    except asyncpg.DeadlockDetectedError:
        # What the server does beside its requests takes the tables in another order.
        return False
    return True
