"""Makes a backup: pg_dump and what the manifest counts see the database as it is at one moment, whoever writes."""

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

import asyncpg

from server.backup.archive import CHUNK, BackupError, Manifest, writing
from server.backup.programs import connecting, running
from server.citus.distribute import is_distributed
from server.migrate import LOCK, REVISION, newest_revision
from server.progress import Progress

NAME = "zhanwang backup"
EMPTIED = ("event",)
"""What is of the cluster and not of the network: events lie by numbers of transactions, which begin anew elsewhere."""

OPTIONS = (
    "--format=custom", "--compress=gzip:3", "--verbose", "--no-password", "--exclude-extension=*", "--no-publications",
    "--no-subscriptions", "--no-tablespaces", *(f"--exclude-table-data=public.{table}" for table in EMPTIED),
)  # fmt: skip
DUMPED = re.compile(r'dumping contents of table "public\.(\w+)"')
LAST_LINES = 5

ALL_SEEING = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
TABLES = """
SELECT relname FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname <> ALL ($1) ORDER BY relname
"""
HEAD = "SELECT id, encode(digest, 'hex') AS digest FROM public.audit_batch ORDER BY id DESC LIMIT 1"


async def back_up(url: str, path: Path, progress: Progress) -> Manifest:
    """Writes a backup of a database to a file that is not there yet; answers what it has.

    url: of a login that row-level security does not bind, and that may read everything. progress: gets the rows.
    Nobody waits for it but migrations. Raises BackupError, asyncpg's errors and OSError.
    """
    connection = await asyncpg.connect(url, server_settings={"application_name": NAME})
    try:
        async with unmigrated_meanwhile(connection, shared=True):
            await check_login(connection, "back up")
            revision = await _revision(connection)
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
                manifest = await _manifest(connection, revision)
                with writing(path, manifest.made_at) as archive:
                    async for chunk in _dumped(url, snapshot, manifest, progress):
                        archive.write(chunk)
                    return archive.finish(manifest)
    finally:
        await connection.close()


@asynccontextmanager
async def unmigrated_meanwhile(connection: asyncpg.Connection, *, shared: bool) -> AsyncIterator[None]:
    """Keeps migrations away for as long as the block; `shared` with others who merely read. Raises BackupError."""
    kind = "_shared" if shared else ""
    if not await connection.fetchval(f"SELECT pg_try_advisory_lock{kind}($1)", LOCK):
        raise BackupError("Somebody migrates, or restores, this database now: try again when that is done.")
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.execute(f"SELECT pg_advisory_unlock{kind}($1)", LOCK)


async def check_login(connection: asyncpg.Connection, what: str) -> None:
    """Refuses a login, or a database, that would show a part of the rows alone. what: is to be done; BackupError."""
    if not await connection.fetchval(ALL_SEEING):
        raise BackupError(
            f"To {what} all of it needs a login that row-level security does not bind: a superuser, or one with"
            " BYPASSRLS that is a member of zhanwang_owner. Set ZHANWANG_OWNER_DATABASE_URL to such a one."
        )
    if await is_distributed(connection):
        raise BackupError(
            f"Counties of this database lie on other nodes, and this program cannot {what} all of it:"
            " docs/operating/backup-of-shards.md says how every node is backed up to one point."
        )


async def _revision(connection: asyncpg.Connection) -> str:
    if await connection.fetchval("SELECT to_regclass('public.alembic_version')") is None:
        raise BackupError("There is nothing of this program in the database: it was never migrated.")
    revision = str(await connection.fetchval("SELECT version_num FROM public.alembic_version"))
    if not REVISION.fullmatch(revision) or revision > newest_revision():
        raise BackupError(f"The database is at revision {revision}, which a newer program made: back it up with that.")
    return revision


async def _manifest(connection: asyncpg.Connection, revision: str) -> Manifest:
    tables = [row["relname"] for row in await connection.fetch(TABLES, [*EMPTIED, "alembic_version"])]
    counts = await connection.fetchrow(
        "SELECT " + ", ".join(f'(SELECT count(*) FROM public."{table}") AS "{table}"' for table in tables)
    )
    head = await connection.fetchrow(HEAD)
    return Manifest(
        program=version("zhanwang"),
        revision=revision,
        postgresql=await connection.fetchval("SELECT current_setting('server_version_num')::int"),
        made_at=await connection.fetchval("SELECT now()"),
        tables=dict(counts or {}),
        audit_batch=head["id"] if head else 0,
        audit_head=head["digest"] if head else None,
    )


async def _dumped(url: str, snapshot: str, manifest: Manifest, progress: Progress) -> AsyncIterator[bytes]:
    """What pg_dump writes."""
    bare, environment = connecting(url, NAME)
    said: deque[str] = deque(maxlen=LAST_LINES)
    async with running("pg_dump", [*OPTIONS, f"--snapshot={snapshot}", bare], environment, read=True) as dump:
        assert dump.stdout is not None
        assert dump.stderr is not None
        watching = asyncio.create_task(_watch(dump.stderr, said, manifest, progress))
        while chunk := await dump.stdout.read(CHUNK):
            yield chunk
        await watching
        if await dump.wait():
            raise BackupError("\n".join(["pg_dump failed:", *said]))


async def _watch(stderr: asyncio.StreamReader, said: deque[str], manifest: Manifest, progress: Progress) -> None:
    """Follows what pg_dump says it does: the rows of the tables that it is done with."""
    done, under_way = 0, ""
    async for line in stderr:
        text = line.decode(errors="replace").rstrip()
        if (found := DUMPED.search(text)) is None:
            said.append(text)
            continue
        done += manifest.tables.get(under_way, 0)
        under_way = found.group(1)
        progress(done, manifest.rows)
