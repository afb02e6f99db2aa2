"""Brings a database to this program's schema: the two roles, then the migrations as the one that owns everything."""

import asyncio
import logging
import random
import re
import time
from functools import cache
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import AdaptedConnection, Connection, event
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import StaticPool

log = logging.getLogger("zhanwang.migrate")

OWNER_ROLE = "zhanwang_owner"
SERVER_ROLE = "zhanwang_server"
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
OLDEST_POSTGRESQL = 15
# Any number will do that nobody else locks in this database: "zhanwang" in ASCII.
LOCK = int.from_bytes(b"zhanwang")
# Whoever comes while a migration waits for a lock waits behind it. And while it is shorter than PostgreSQL's
# deadlock_timeout (1 s), it is the migration that gives way to a write that it would deadlock with.
LOCK_TIMEOUT = "300ms"
PATIENCE_SECONDS = 300.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 3.0
TURN_SECONDS = 0.1
# Ours are numbered.
REVISION = re.compile(r"[0-9]{4}")


class MigrationError(Exception):
    """The database cannot be migrated with this login. `str()` of it says what to do."""


async def migrate(url: str) -> bool:
    """Makes the roles and runs the migrations that are missing; True if there was anything to do.

    url: `postgresql://…` of a superuser, of a login with CREATEROLE that may create in the schema `public`, or of a
        member of both roles if an administrator has already made them.
    Two at once are safe: the second waits. Each migration is a transaction: one that fails leaves the database as the
    one before it has. Raises MigrationError, asyncpg's errors and OSError.
    """
    named = {"application_name": "zhanwang migrate", "lock_timeout": LOCK_TIMEOUT}
    connection = await asyncpg.connect(url, server_settings=named)
    try:
        await _take_turn(connection)
        await prepare(connection)
        await connection.execute(ON_CITUS)
        return await _run_patiently(connection)
    finally:
        await connection.close()


async def current(url: str) -> bool:
    """Whether the database has all of this program's migrations.

    url: as `migrate` takes it, or the server's own. Raises asyncpg's errors and OSError.
    """
    connection = await asyncpg.connect(url, server_settings={"application_name": "zhanwang migrate"})
    try:
        if await connection.fetchval("SELECT to_regclass('public.alembic_version')") is None:
            return False
        return has_all(await connection.fetchval("SELECT version_num FROM public.alembic_version"))
    finally:
        await connection.close()


def scripts() -> ScriptDirectory:
    """The migrations of this program."""
    return ScriptDirectory.from_config(_config())


@cache
def newest_revision() -> str:
    """The revision that this program expects the database to be at."""
    revision = scripts().get_current_head()
    assert revision is not None
    return revision


def has_all(revision: str | None) -> bool:
    """Whether a database at `revision` has all of this program's migrations.

    So it has at a newer program's revision, which is not known here: while an upgrade is under way, the workers of the
    old program go on serving.
    """
    newest = newest_revision()
    return revision == newest or (
        revision is not None and REVISION.fullmatch(revision) is not None and revision > newest
    )


async def prepare(connection: asyncpg.Connection) -> None:
    """Makes the roles, and gives them the schema. Raises MigrationError."""
    version = connection.get_server_version()
    if version.major < OLDEST_POSTGRESQL:
        raise MigrationError(f"This is PostgreSQL {version.major}; {OLDEST_POSTGRESQL} or newer is needed.")
    try:
        async with connection.transaction():
            await connection.execute(ROLES)
            await connection.execute(SCHEMA)
    except asyncpg.InsufficientPrivilegeError as error:
        if await connection.fetchval(MERELY_SERVES, SERVER_ROLE, OWNER_ROLE):
            raise MigrationError(
                "This login serves and may not migrate: set ZHANWANG_OWNER_DATABASE_URL to one that may, such as the"
                " database's administrator."
            ) from None
        login = await connection.fetchval("SELECT quote_ident(session_user)")
        raise MigrationError(
            f"{str(error).splitlines()[0]}. Migrate with a login that has CREATEROLE and owns the database, or let an"
            f" administrator run this once in it:\n  CREATE ROLE {OWNER_ROLE};\n  CREATE ROLE {SERVER_ROLE} LOGIN;\n"
            f"  GRANT {OWNER_ROLE}, {SERVER_ROLE} TO {login};\n  GRANT CREATE, USAGE ON SCHEMA public TO {OWNER_ROLE};"
        ) from None
    unfit = await connection.fetch(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY($1) AND (rolsuper OR rolbypassrls)", [OWNER_ROLE, SERVER_ROLE]
    )
    if unfit:
        names = ", ".join(row["rolname"] for row in unfit)
        raise MigrationError(f"Row-level security does not bind {names}: ALTER ROLE … NOSUPERUSER NOBYPASSRLS first.")


async def _take_turn(connection: asyncpg.Connection) -> None:
    """Waits until nobody else migrates this database, backs it up or restores it."""
    # Not by pg_advisory_lock: an index that is built beside writers waits for every statement that has begun before
    # it, and so for one that waits here for the index's own migration.
    told = False
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
        if not told:
            log.warning("Somebody migrates this database, backs it up or restores it now: waiting for that.")
            told = True
        await asyncio.sleep(TURN_SECONDS)


async def _run_patiently(connection: asyncpg.Connection) -> bool:
    """Migrates; where a lock is not to be had at once, lets those through who wait behind, and tries again."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    pause, changed = FIRST_PAUSE, False
    while True:
        try:
            return await _run(connection) or changed
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            holder = await connection.fetchval(LONGEST_TRANSACTION)
            if time.monotonic() > give_up:
                raise MigrationError(
                    f"A table is in use all the time; the longest transaction is {holder or 'over now'}. Run `zhanwang"
                    " migrate` again when it has ended."
                ) from None
            if pause == FIRST_PAUSE:
                log.warning("Waiting for a table that is in use; the longest transaction is %s.", holder or "over now")
        changed = True
        await asyncio.sleep(pause * random.uniform(0.5, 1))
        pause = min(2 * pause, LONGEST_PAUSE)


async def _run(connection: asyncpg.Connection) -> bool:
    async def lend() -> asyncpg.Connection:
        return connection

    # The lock, the role and the timeout belong to this one connection's session.
    engine = create_async_engine("postgresql+asyncpg://", async_creator=lend, poolclass=StaticPool)
    event.listen(engine.sync_engine, "do_execute", _do_execute)
    try:
        async with engine.connect() as lent:
            changed: bool = await lent.run_sync(_upgrade)
    except DBAPIError as error:
        # SQLAlchemy has put its own around asyncpg's.
        raise (error.orig and error.orig.__cause__) or error from None
    return changed


def _do_execute(
    cursor: DBAPICursor, statement: str, parameters: object, context: DefaultExecutionContext | None
) -> bool:
    """Lets one `op.execute` hold several statements, as migrations in SQL do; asyncpg prepares only single ones."""
    if parameters or context is None or ";" not in statement.rstrip().rstrip(";"):
        return False
    # Something ordinary first: it is with that that the dialect begins its transaction.
    cursor.execute("SELECT")
    lent = context.root_connection.connection.dbapi_connection
    assert isinstance(lent, AdaptedConnection)
    lent.run_async(lambda connection: connection.execute(statement))
    return True


def _upgrade(connection: Connection) -> bool:
    before = MigrationContext.configure(connection).get_current_heads()
    if len(before) == 1 and has_all(before[0]):
        return False
    connection.exec_driver_sql(f"SET ROLE {OWNER_ROLE}")
    connection.commit()
    config = _config()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise MigrationError(f"This is some other program's database, or damaged: {error}") from None
    # So that /readyz can tell, as the role that serves.
    connection.exec_driver_sql(f"GRANT SELECT ON alembic_version TO {SERVER_ROLE}")
    connection.commit()
    return True


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


LONGEST_TRANSACTION = """
SELECT format('of process %s (%s), since %s', pid, application_name, to_char(xact_start, 'YYYY-MM-DD HH24:MI:SS'))
  FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
 ORDER BY xact_start LIMIT 1
"""

# The server's own login must never own anything, so nobody is told to let it.
MERELY_SERVES = """
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1 AND pg_has_role(session_user, oid, 'MEMBER'))
  AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = $2 AND pg_has_role(session_user, oid, 'MEMBER'))
"""

# A coordinator's database that is not distributed is nobody else's business; one that is changes on all nodes, by one
# connection to each, since what a migration makes refers to what it has just made.
ON_CITUS = """
SELECT CASE WHEN to_regclass('public.event_waiting') IS NULL
            THEN set_config('citus.enable_ddl_propagation', 'off', false)
            ELSE set_config('citus.multi_shard_modify_mode', 'sequential', false)
                 || set_config('citus.enable_unsafe_triggers', 'on', false) END
  FROM pg_extension WHERE extname = 'citus'
"""

# Roles belong to the whole cluster: another database's migration may make them meanwhile, hence the exceptions.
# A membership is granted only where it is missing, since only few may grant it.
ROLES = f"""
DO $$
DECLARE
  a_role text;
BEGIN
  FOREACH a_role IN ARRAY ARRAY['{OWNER_ROLE}', '{SERVER_ROLE}'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = a_role) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I %s', a_role, CASE a_role WHEN '{SERVER_ROLE}' THEN 'LOGIN' ELSE 'NOLOGIN' END);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
      END;
    END IF;
    IF NOT pg_has_role(session_user, a_role,
                       CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) THEN
      EXECUTE format('GRANT %I TO %I', a_role, session_user);
    END IF;
  END LOOP;
END $$
"""

SCHEMA = f"""
DO $$
BEGIN
  IF NOT has_schema_privilege('{OWNER_ROLE}', 'public', 'CREATE') THEN
    GRANT CREATE, USAGE ON SCHEMA public TO {OWNER_ROLE};
  END IF;
  IF NOT has_schema_privilege('{SERVER_ROLE}', 'public', 'USAGE') THEN
    GRANT USAGE ON SCHEMA public TO {SERVER_ROLE};
  END IF;
  -- Databases of PostgreSQL 14 and older keep this when they are upgraded: whoever may create in the schema could
  -- put a function in front of one that the owner's functions call.
  IF has_schema_privilege('{SERVER_ROLE}', 'public', 'CREATE') THEN
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
  END IF;
END $$
"""
