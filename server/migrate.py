"""Brings a database to this program's schema: the two roles, then the migrations as the one that owns everything."""

import re
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
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

OWNER_ROLE = "zhanwang_owner"
SERVER_ROLE = "zhanwang_server"
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
OLDEST_POSTGRESQL = 15
# Any number will do that nobody else locks in this database: "zhanwang" in ASCII.
LOCK = int.from_bytes(b"zhanwang")
# Ours are numbered.
REVISION = re.compile(r"[0-9]{4}")


class MigrationError(Exception):
    """The database cannot be migrated with this login. `str()` of it says what to do."""


async def migrate(url: str) -> bool:
    """Makes the roles and runs the migrations that are missing; True if there was anything to do.

    url: `postgresql://…` of a superuser, of a login with CREATEROLE that may create in the schema `public`, or of a
        member of both roles if an administrator has already made them.
    Two at once are safe: the second waits. Raises MigrationError, asyncpg's errors and OSError.
    """
    connection = await asyncpg.connect(url, server_settings={"application_name": "zhanwang migrate"})
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        await _prepare(connection)
        # Not through the pool of SQLAlchemy's engine: the lock and the role belong to this one connection's session.
        return await _run(connection)
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


@cache
def newest_revision() -> str:
    """The revision that this program expects the database to be at."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
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


async def _prepare(connection: asyncpg.Connection) -> None:
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


async def _run(connection: asyncpg.Connection) -> bool:
    async def lend() -> asyncpg.Connection:
        return connection

    engine = create_async_engine("postgresql+asyncpg://", async_creator=lend, poolclass=NullPool)
    event.listen(engine.sync_engine, "do_execute", _do_execute)
    async with engine.connect() as lent:
        changed: bool = await lent.run_sync(_upgrade)
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


# The server's own login must never own anything, so nobody is told to let it.
MERELY_SERVES = """
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1 AND pg_has_role(session_user, oid, 'MEMBER'))
  AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = $2 AND pg_has_role(session_user, oid, 'MEMBER'))
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
