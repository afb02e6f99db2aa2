"""A distributed database as of one moment, some counties at a time.

Their rows come into temporary tables of the coordinator, which stand before the distributed ones: whatever asks for
`place` then asks for the places of those counties, and is planned by PostgreSQL as if there were no others.
"""

from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Self

import asyncpg

from server.citus.kinds import COLOCATED, COUNTY

COUNTIES = 10
"""How many are looked at together: some hundred thousand rows."""

PATIENCE = "5s"
"""How long those who write may keep one waiting who needs all of them to pause; whoever comes later waits, too."""

ANYWHERE = "place_anywhere"
"""The places of the counties in hand and those of all regions: what a place may hang under."""

ALL_SEEING = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
# Who writes shares that of the topmost place; a move, a fold and a seal, which write at several nodes, one of these.
LOCKS = """
SELECT hashtextextended('zhanwang county', id) AS key FROM (SELECT id FROM place WHERE parent_id IS NULL ORDER BY id) p
 UNION ALL SELECT hashtextextended(name, 0) FROM unnest(ARRAY['zhanwang rollups', 'zhanwang audit']) AS of (name)
"""
# One connection a node, whose snapshot is that of its first question. What is made here is of no other node.
SETTINGS = """
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_ddl_propagation = off;
SET LOCAL plan_cache_mode = auto
"""
TABLES = """
SELECT logicalrelid::regclass::text AS name, partmethod = 'h' AS distributed,
       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = logicalrelid AND a.attnum > 0
                AND NOT a.attisdropped) AS columns
  FROM pg_dist_partition ORDER BY 1
"""
LYING = f"""
SELECT {COUNTY}, count(*) AS number, substring(tableoid::regclass::text FROM '[0-9]+$')::bigint AS shard,
       get_shard_id_for_distribution_column('{{0}}', {COUNTY}) AS own
  FROM public.{{0}} GROUP BY {COUNTY}, tableoid
"""
INDEXED = ("id", "path")


class Hindered(Exception):
    """Not all of a distributed database can be seen as of one moment. `str()` of it says why."""


@asynccontextmanager
async def one_moment(
    connection: asyncpg.Connection, *holding: AbstractAsyncContextManager[None]
) -> AsyncIterator[None]:
    """A transaction that sees every node as of one moment.

    connection: of a superuser, or one with BYPASSRLS, at the coordinator, outside a transaction. Whoever writes waits
    until each node has its snapshot, for an instant. holding: is begun in that instant and ends with the transaction.
    Raises Hindered and asyncpg's errors.
    """
    if not await connection.fetchval(ALL_SEEING):
        raise Hindered("To see all counties needs a login that row-level security does not bind: a superuser.")
    async with AsyncExitStack() as stack:
        async with _nobody_writes(connection):
            for held in holding:
                await stack.enter_async_context(held)
            await stack.enter_async_context(connection.transaction(isolation="repeatable_read"))
            await connection.execute(SETTINGS)
            await connection.execute(f"SELECT count(*) FROM {COLOCATED}")
        yield


@asynccontextmanager
async def _nobody_writes(connection: asyncpg.Connection) -> AsyncIterator[None]:
    taken: list[int] = []
    try:
        await _take(connection, taken)
        yield
    finally:
        # What failed inside a transaction takes the connection along, and its locks.
        with suppress(asyncpg.InFailedSQLTransactionError):
            for key in reversed(taken):
                await connection.execute("SELECT pg_advisory_unlock($1)", key)


async def _take(connection: asyncpg.Connection, taken: list[int]) -> None:
    await connection.execute(f"SET lock_timeout = '{PATIENCE}'")
    try:
        for row in await connection.fetch(LOCKS):
            await connection.execute("SELECT pg_advisory_lock($1)", row["key"])
            taken.append(row["key"])
    except asyncpg.LockNotAvailableError:
        raise Hindered(f"Somebody writes for longer than {PATIENCE} at a time: try again when less is done.") from None
    finally:
        await connection.execute("RESET lock_timeout")


@dataclass
class Counties:
    """The tables that are taken; how many rows of them each county has, the regions, too.

    astray: tells, in sentences, of rows that lie on the shard of another county, so that nobody meets them who asks for
    their own.
    """

    connection: asyncpg.Connection
    tables: list[str]
    rows: Counter[int]
    regions: list[int]
    astray: list[str]

    @classmethod
    async def open(cls, connection: asyncpg.Connection, tables: Collection[str] | None = None) -> Self:
        """Makes the temporary tables, empty; those of reference tables are whole.

        connection: inside `one_moment`. tables: which are taken, if not all that lie on the nodes. Until the end of the
        transaction their names stand for the temporary ones; `public.` leads to the others.
        """
        found = [row for row in await connection.fetch(TABLES) if tables is None or row["name"] in tables]
        regions = [row["id"] for row in await connection.fetch("SELECT id FROM place WHERE level = 'REGION'")]
        made = cls(connection, [row["name"] for row in found if row["distributed"]], Counter(), regions, [])
        await made._count()
        for row in found:
            if not row["distributed"] and COUNTY in row["columns"]:
                own = await connection.fetch(f"SELECT DISTINCT {COUNTY} FROM {row['name']} WHERE {COUNTY} IS NOT NULL")
                made.rows.update({county: 0 for (county,) in own})
        await connection.execute(
            "CREATE TEMP TABLE region ON COMMIT DROP AS SELECT * FROM public.place WHERE level = 'REGION'"
        )
        for row in found:
            data = "NO " if row["distributed"] else ""
            await connection.execute(
                f"CREATE TEMP TABLE {row['name']} ON COMMIT DROP AS SELECT * FROM public.{row['name']} WITH {data}DATA"
            )
            for column in set(INDEXED) & set(row["columns"]):
                await connection.execute(f"CREATE INDEX ON pg_temp.{row['name']} ({column})")
        await connection.execute(
            f"CREATE TEMP VIEW {ANYWHERE} AS SELECT * FROM pg_temp.place UNION SELECT * FROM pg_temp.region"
        )
        return made

    async def parts(self) -> AsyncIterator[list[int]]:
        """Fills the tables with some counties after the others, and with all regions together at the end."""
        own = sorted(self.rows.keys() - self.regions)
        for first in range(0, len(own), COUNTIES):
            yield await self._filled(own[first : first + COUNTIES])
        if self.regions:
            yield await self._filled(self.regions)

    async def _count(self) -> None:
        for table in self.tables:
            for row in await self.connection.fetch(LYING.format(table)):
                self.rows[row[COUNTY]] += row["number"]
                if row["shard"] != row["own"]:
                    self.astray.append(
                        f"{row['number']:,} rows of {table} of county {row[COUNTY]} lie on another's shard"
                    )

    async def _filled(self, counties: list[int]) -> list[int]:
        listed = ", ".join(f"pg_temp.{table}" for table in self.tables)
        await self.connection.execute(f"TRUNCATE {listed}")
        for table in self.tables:
            await self.connection.execute(
                f"INSERT INTO pg_temp.{table} SELECT * FROM public.{table} WHERE {COUNTY} = ANY ($1::bigint[])",
                counties,
            )
        await self.connection.execute(f"ANALYZE {listed}")
        return counties
