"""Fills an empty database with a network: all rows in one transaction, or none of them, and then their sums."""

from collections.abc import Iterable
from dataclasses import dataclass

import asyncpg

from resolvers.core.personal import PersonalVault
from server.demo.scale import accounts, divisions, organising, people, places, services
from server.demo.scale.sizes import Sizes
from server.demo.scale.steps import Step
from server.embedded import DATABASE
from server.migrate import migrate
from server.progress import Progress
from server.rollups import rebuild

# Any number will do that nobody else locks in this database: "zw scale" in ASCII.
LOCK = int.from_bytes(b"zw scale")
PIECES = 10_000
"""How many places one piece of a step takes."""

# Keys are copied from rows just made: checking each again would take most of the time, and the triggers that keep sums
# and shares would see every row before its neighbours. What the rows come to is made, or checked, at the end.
SETTINGS = """
SET LOCAL session_replication_role = replica;
SET LOCAL synchronous_commit = off;
SET LOCAL work_mem = '256MB';
SET LOCAL maintenance_work_mem = '1GB';
"""
# An index made at the end is smaller, and several times faster than one that grows row by row.
INDEXES = """
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS made
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
 WHERE c.relnamespace = 'public'::regnamespace
   AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
 ORDER BY c.relname, name
"""
EXCLUSIONS = """
SELECT conrelid::regclass::text AS on_table, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS made
  FROM pg_constraint WHERE contype = 'x' AND connamespace = 'public'::regnamespace ORDER BY 1, 2
"""


class Occupied(Exception):
    """The database holds places already. `str()` of it says so."""


@dataclass(frozen=True)
class Index:
    """An index or an exclusion constraint, as what takes it away and what makes it again."""

    title: str
    drop: str
    create: str


async def renew(owner_url: str) -> None:
    """Makes the embedded server's database anew, migrated and empty; whoever uses it is put out."""
    server = await asyncpg.connect(owner_url.replace(f"/{DATABASE}?", "/postgres?"))
    try:
        await server.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        await server.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        await server.close()
    await migrate(owner_url)


async def check_empty(owner_url: str) -> None:
    """Raises Occupied if a migrated database has places, and asyncpg's errors."""
    connection = await asyncpg.connect(owner_url)
    try:
        await _check_empty(connection)
    finally:
        await connection.close()


async def _check_empty(connection: asyncpg.Connection) -> None:
    if await connection.fetchval("SELECT EXISTS (SELECT FROM place)"):
        raise Occupied("The database holds places already; a network is made in an empty one.")


async def fill(
    owner_url: str,
    sizes: Sizes,
    listed: Iterable[tuple[str, str]] | None,
    vault: PersonalVault,
    password_hash: str,
    progress: Progress,
) -> None:
    """Makes a network in a migrated database without places.

    owner_url: of a superuser. listed: codes and names of the real places; None: they are made up.
    vault, password_hash: what phone numbers are sealed with, and the password of all accounts.
    Raises Occupied, and asyncpg's errors.
    """
    connection = await asyncpg.connect(owner_url, server_settings={"application_name": "zhanwang demo"})
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            await _check_empty(connection)
            await connection.execute(SETTINGS)
            await _list(connection, sizes, listed, vault)
            indexes = await _indexes(connection)
            for index in indexes:
                await connection.execute(index.drop)
            for step in _steps(sizes, password_hash):
                await _make(connection, step, progress)
            await connection.execute("SELECT setval('place_id_seq', (SELECT max(id) FROM place))")
            for done, index in enumerate(indexes):
                progress(done, len(indexes), f"Making the index {index.title}")
                await connection.execute(index.create)
        await rebuild(connection, lambda done, total=None, _=None: progress(done, total, "Making sums"))
        progress(0, None, "Making statistics")
        await connection.execute("VACUUM (FREEZE, ANALYZE)")
    finally:
        await connection.close()


def _steps(sizes: Sizes, password_hash: str) -> list[Step]:
    return [
        *places.steps(sizes),
        *people.steps(sizes),
        *services.steps(sizes),
        *organising.AWARDS,
        *organising.CALLS,
        *accounts.steps(password_hash),
    ]


async def _list(
    connection: asyncpg.Connection, sizes: Sizes, listed: Iterable[tuple[str, str]] | None, vault: PersonalVault
) -> None:
    """The tables that the steps take from, with what does not come out of other tables."""
    for tables in (places.TABLES, people.TABLES, services.TABLES):
        await connection.execute(tables)
    if listed is None:
        await connection.execute(divisions.made_up(sizes))
    else:
        await connection.copy_records_to_table("listed", records=listed)
    await connection.copy_records_to_table("phone", records=people.phones(vault))
    await connection.execute("ANALYZE listed, phone")


async def _indexes(connection: asyncpg.Connection) -> list[Index]:
    plain = [Index(row["name"], f"DROP INDEX {row['name']}", row["made"]) for row in await connection.fetch(INDEXES)]
    exclusions = [
        Index(
            row["name"],
            f"ALTER TABLE {row['on_table']} DROP CONSTRAINT {row['name']}",
            f"ALTER TABLE {row['on_table']} ADD CONSTRAINT {row['name']} {row['made']}",
        )
        for row in await connection.fetch(EXCLUSIONS)
    ]
    return plain + exclusions


async def _make(connection: asyncpg.Connection, step: Step, progress: Progress) -> None:
    """One step, piece by piece if it is made of places."""
    if step.tiers is None:
        progress(0, None, f"Making {step.title}")
        await connection.execute(step.statement)
        return
    bounds = await connection.fetchrow(
        "SELECT COALESCE(min(id), 0), COALESCE(max(id), -1) + 1 FROM node WHERE tier BETWEEN $1 AND $2", *step.tiers
    )
    assert bounds is not None
    low, high = bounds
    for start in range(low, high, PIECES):
        progress(start - low, high - low, f"Making {step.title}")
        await connection.execute(step.statement, start, min(start + PIECES, high))
