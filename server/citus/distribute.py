"""Distributes a migrated database by county, in one transaction; says what it would do; tells whether it is done."""

import asyncpg

from server.citus.catalogue import TABLES, read
from server.citus.keys import astray, wide_foreign_key
from server.citus.kinds import Kind
from server.citus.plan import SETTINGS, Step, steps
from server.migrate import LOCK, OWNER_ROLE, SERVER_ROLE, has_all
from server.progress import Progress

OLDEST = (13, 0)


class Undistributable(Exception):
    """The database cannot be distributed as it is. `str()` of it says why, and what to do."""


async def is_distributed(connection: asyncpg.Connection) -> bool:
    """Whether the rows lie on shards."""
    if await connection.fetchval("SELECT to_regclass('pg_catalog.pg_dist_partition')") is None:
        return False
    sql = "SELECT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = to_regclass('public.place'))"
    distributed: bool = await connection.fetchval(sql)
    return distributed


async def planned(connection: asyncpg.Connection, shards: int) -> list[Step]:
    """What would be done. Raises Undistributable, and what `steps` raises."""
    await _check(connection)
    catalogue = await read(connection)
    columns = {row["name"]: frozenset(row["columns"]) for row in await connection.fetch(TABLES)}
    await _check_counties(connection, catalogue.kinds)
    return steps(catalogue, columns, shards)


async def distribute(connection: asyncpg.Connection, shards: int, progress: Progress) -> bool:
    """Does it, as the superuser of the coordinator; False if it was done already. All of it or nothing.

    shards: how many each table is cut into. progress: gets each step's statements.
    Raises Undistributable, what `steps` raises, and asyncpg's errors.
    """
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        if await is_distributed(connection):
            return False
        await _check(connection)
        # Citus connects to the nodes as whoever asks, also within a function of the owner's.
        await connection.execute(f"ALTER ROLE {OWNER_ROLE} LOGIN")
        for rights, role in (("CREATE, USAGE", OWNER_ROLE), ("USAGE", SERVER_ROLE)):
            await connection.execute(f"SELECT run_command_on_workers('GRANT {rights} ON SCHEMA public TO {role}')")
        for setting in SETTINGS:
            await connection.execute(setting)
        plan = await planned(connection, shards)
        for step in plan:
            for done, statement in enumerate(step.statements):
                progress(done, len(step.statements), step.title)
                await connection.execute(statement)
    await connection.execute("ANALYZE")
    return True


async def _check(connection: asyncpg.Connection) -> None:
    version = await connection.fetchval("SELECT extversion FROM pg_extension WHERE extname = 'citus'")
    if version is None:
        raise Undistributable(
            "Citus is not in this database: CREATE EXTENSION citus, on every node, and join the nodes."
        )
    if tuple(int(number) for number in version.replace("-", ".").split(".")[:2]) < OLDEST:
        raise Undistributable(f"This is Citus {version}; {'.'.join(map(str, OLDEST))} or newer is needed.")
    if not await connection.fetchval("SELECT EXISTS (SELECT 1 FROM pg_dist_node WHERE shouldhaveshards)"):
        raise Undistributable("No node takes shards: join the workers first, with citus_add_node at the coordinator.")
    if not await connection.fetchval("SELECT EXISTS (SELECT 1 FROM pg_dist_node WHERE groupid = 0)"):
        raise Undistributable("The workers cannot reach the coordinator: SELECT citus_set_coordinator_host(…) first.")
    revision = await connection.fetchval("SELECT version_num FROM alembic_version")
    if not has_all(revision):
        raise Undistributable("The database is not at this program's schema: run `zhanwang migrate` first.")


async def _check_counties(connection: asyncpg.Connection, kinds: dict[str, Kind]) -> None:
    """Refuses rows that name one of another county, which no shard could hold together."""
    found = []
    for key in (await read(connection)).foreign_keys:
        widened = wide_foreign_key(key, kinds)
        both = kinds[key.table] is Kind.DISTRIBUTED and kinds[key.target] is Kind.DISTRIBUTED
        if widened is None or not both or "inner_parent_id" in widened.key.columns:
            continue
        if count := await connection.fetchval(astray(widened)):
            found.append(f"{key.table} ({', '.join(key.columns)}): {count:,}")
    if found:
        raise Undistributable("Rows name others of another county, and so cannot lie with them:\n" + "\n".join(found))
