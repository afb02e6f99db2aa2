"""Brings a distributed database back to the coordinator: the schema that the migrations make, and all rows in it.

Nothing of the plain schema was kept for this: it is made anew, by the migrations, and the rows are put into it. They
wait aside in between, in a schema of their own, so that whatever ends this in the middle can be gone on with.
"""

from collections.abc import Awaitable, Callable

import asyncpg

from server.citus import erasing
from server.citus.catalogue import FOREIGN_KEYS, TABLES
from server.citus.distribute import is_distributed
from server.migrate import LOCK, OWNER_ROLE, newest_revision
from server.progress import Progress

ASIDE = "zhanwang_aside"
NOT_KEPT = ("alembic_version", "event_waiting", erasing.TABLE)
"""What the migrations write themselves, or no plain database has."""


class NotUndistributable(Exception):
    """The database cannot be brought back as it is. `str()` of it says why."""


async def undistribute(
    connection: asyncpg.Connection, migrate: Callable[[], Awaitable[object]], progress: Progress
) -> bool:
    """Does it, as the superuser of the coordinator; False if there is nothing to bring back.

    migrate: runs the migrations, by a connection of its own. progress: gets each step's tables.
    Raises NotUndistributable, what `migrate` raises, and asyncpg's errors.
    """
    aside = await connection.fetchval("SELECT to_regnamespace($1) IS NOT NULL", ASIDE)
    if not aside:
        if not await is_distributed(connection):
            return False
        await _check(connection)
        await _put_aside(connection, progress)
    progress(0, None, "Making the plain schema")
    await migrate()
    await _put_back(connection, progress)
    await connection.execute(f"ALTER ROLE {OWNER_ROLE} NOLOGIN")
    await connection.execute("ANALYZE")
    return True


async def _check(connection: asyncpg.Connection) -> None:
    revision = await connection.fetchval("SELECT version_num FROM alembic_version")
    if revision != newest_revision():
        raise NotUndistributable(
            f"The database is at revision {revision}, and this program makes {newest_revision()}: use the program that"
            " migrated it."
        )


async def _put_aside(connection: asyncpg.Connection, progress: Progress) -> None:
    """Copies all rows to tables of the coordinator and removes the distributed ones, in one transaction."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        await connection.execute("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")
        await connection.execute("SET LOCAL client_min_messages = error")
        await connection.execute(f"CREATE SCHEMA {ASIDE}")
        tables = [row["name"] for row in await connection.fetch(TABLES) if row["name"] not in NOT_KEPT]
        for done, table in enumerate(tables):
            progress(done, len(tables), "Bringing the rows together")
            await connection.execute(f"CREATE TABLE {ASIDE}.{table} AS SELECT * FROM public.{table}")
        progress(0, None, "Removing what was distributed")
        await connection.execute(REMOVE)


async def _put_back(connection: asyncpg.Connection, progress: Progress) -> None:
    """Moves the rows into the plain schema, and sees that its foreign keys hold, in one transaction."""
    async with connection.transaction():
        # The rows are as the triggers left them, and refer to one another in any order.
        await connection.execute("SET LOCAL session_replication_role = replica")
        columns = {row["table"]: row["columns"] for row in await connection.fetch(WRITABLE)}
        kept = {row["table"]: set(row["columns"]) for row in await connection.fetch(KEPT, ASIDE)}
        for done, (table, found) in enumerate(sorted(kept.items())):
            progress(done, len(kept), "Putting the rows back")
            listed = ", ".join(name for name in columns[table] if name in found)
            await connection.execute(
                f"INSERT INTO public.{table} ({listed}) OVERRIDING SYSTEM VALUE SELECT {listed} FROM {ASIDE}.{table}"
            )
        progress(0, None, "Looking whether the keys hold")
        for key in await connection.fetch(FOREIGN_KEYS):
            await _hold(connection, key)
        await connection.execute(NUMBERS)
        await connection.execute(f"DROP SCHEMA {ASIDE} CASCADE")


async def _hold(connection: asyncpg.Connection, key: asyncpg.Record) -> None:
    pairs = list(zip(key["columns"], key["target_columns"], strict=True))
    given = " AND ".join(f"r.{column} IS NOT NULL" for column, _ in pairs)
    same = " AND ".join(f"t.{target} = r.{column}" for column, target in pairs)
    lost = await connection.fetchval(
        f"SELECT count(*) FROM {key['table']} r"
        f" WHERE {given} AND NOT EXISTS (SELECT 1 FROM {key['target']} t WHERE {same})"
    )
    if lost:
        raise NotUndistributable(
            f"{lost:,} rows of {key['table']} name what is not there by {', '.join(key['columns'])}. Nothing was put"
            f" back; the rows are in the schema {ASIDE}."
        )


# What there is of ours, by name: not what extensions own. Dropping one may take others along.
LISTED = """
  FOREACH one IN ARRAY ARRAY(
    SELECT o.oid::{form}::text FROM {catalogue} o
     WHERE o.{schema} = 'public'::regnamespace AND {condition}
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = o.oid AND d.deptype IN ('e', 'i')))
  LOOP EXECUTE format('DROP {kind} IF EXISTS %s CASCADE', one); END LOOP;"""


def _drop(kind: str, catalogue: str, prefix: str, form: str, condition: str) -> str:
    schema = f"{prefix}namespace"
    return LISTED.format(kind=kind, catalogue=catalogue, schema=schema, form=form, condition=condition)


REMOVE = f"""
DO $$
DECLARE
  one text;
BEGIN
{_drop("VIEW", "pg_class", "rel", "regclass", "o.relkind = 'v'")}
{_drop("FUNCTION", "pg_proc", "pro", "regprocedure", "true")}
{_drop("TABLE", "pg_class", "rel", "regclass", "o.relkind = 'r'")}
{_drop("SEQUENCE", "pg_class", "rel", "regclass", "o.relkind = 'S'")}
{_drop("TYPE", "pg_type", "typ", "regtype", "o.typtype = 'r'")}
END $$
"""
COLUMNS = """
SELECT c.relname AS "table", array_agg(a.attname::text ORDER BY a.attnum) AS columns
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relnamespace = {schema}::regnamespace AND c.relkind = 'r'{{also}}
 GROUP BY 1
"""
WRITABLE = COLUMNS.format(schema="'public'").format(also=" AND a.attgenerated = ''")
KEPT = COLUMNS.format(schema="$1::text").format(also="")
NUMBERS = """
DO $$
DECLARE
  one record;
BEGIN
  FOR one IN
    SELECT c.oid::regclass AS name, a.attname AS column, pg_get_serial_sequence(c.oid::regclass::text, a.attname) AS seq
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> ''
     WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'place', 'id', 'place_id_seq'
  LOOP
    EXECUTE format('SELECT setval(%L, max(%I)) FROM %s HAVING max(%I) > 0', one.seq, one.column, one.name, one.column);
  END LOOP;
END $$
"""
