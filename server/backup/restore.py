"""Takes a backup back into an empty database, in one transaction: all of it, or nothing."""

import asyncio
from asyncio.subprocess import Process
from contextlib import suppress

import asyncpg

from server.backup.archive import CHUNK, Archive, BackupError, Manifest
from server.backup.dump import check_login, unmigrated_meanwhile
from server.backup.programs import connecting, running
from server.migrate import REVISION, newest_revision, prepare
from server.progress import Progress

NAME = "zhanwang restore"
# pg_restore sets it whatever it restores into; PostgreSQL knows it from 17 on.
NEW_SETTING, KNOWN_FROM = b"SET transaction_timeout = 0;\n", 170_000
SESSIONS_OF_KEYS = "0016"
"""From this revision on a session may be a key's."""

OCCUPIED = """
SELECT EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND NOT EXISTS (
         SELECT FROM pg_depend d WHERE (d.classid, d.objid, d.deptype) = ('pg_class'::regclass, c.oid, 'e')))
    OR EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS (
         SELECT FROM pg_depend d WHERE (d.classid, d.objid, d.deptype) = ('pg_proc'::regclass, p.oid, 'e')))
"""


async def restore(url: str, archive: Archive, progress: Progress) -> None:
    """Restores a backup whose bytes were checked; the database is then at the backup's revision.

    url: as `dump.back_up` takes it, of a database without anything in the schema `public`. progress: gets the bytes.
    Everybody's sessions are ended but those of keys: some may have been ended since. Raises BackupError,
    MigrationError, asyncpg's errors and OSError.
    """
    connection = await asyncpg.connect(url, server_settings={"application_name": NAME})
    try:
        async with unmigrated_meanwhile(connection, shared=False):
            await check_login(connection, "restore")
            version = await connection.fetchval("SELECT current_setting('server_version_num')::int")
            await _check(connection, archive.manifest, version)
            await prepare(connection)
            await _run(url, archive, version, progress)
    finally:
        await connection.close()


async def _check(connection: asyncpg.Connection, manifest: Manifest, version: int) -> None:
    if not REVISION.fullmatch(manifest.revision) or manifest.revision > newest_revision():
        raise BackupError(
            f"The backup is at revision {manifest.revision}, of a newer program ({manifest.program}): restore it by"
            " that one."
        )
    if version // 10_000 < manifest.postgresql // 10_000:
        raise BackupError(
            f"The backup is of PostgreSQL {manifest.postgresql // 10_000}, and this is {version // 10_000}: restore it"
            " into the same or a newer one."
        )
    if await connection.fetchval(OCCUPIED):
        raise BackupError(
            "The database is not empty, and a restoration replaces nothing: make a new one (createdb), or choose"
            " another ZHANWANG_DATA_DIR."
        )


async def _run(url: str, archive: Archive, version: int, progress: Progress) -> None:
    """pg_restore turns the archive into statements, and psql runs them.

    In between, so that they begin and end as one transaction, with what has to hold of it: psql that gets no COMMIT,
    because anything before it has failed, has done nothing.
    """
    bare, environment = connecting(url, NAME)
    quiet = ["--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", "--file=-", f"--dbname={bare}"]
    async with (
        running("psql", quiet, environment, fed=True) as psql,
        running("pg_restore", ["--file=-"], environment, fed=True, read=True) as statements,
    ):
        said = [asyncio.create_task(_said(process)) for process in (psql, statements)]
        reading = asyncio.create_task(_feed(statements, archive, progress))
        try:
            # Who is gone says why below.
            with suppress(BrokenPipeError, ConnectionResetError, asyncio.IncompleteReadError):
                await _pass_on(statements, psql, version)
                if await statements.wait() == 0:
                    await _write(psql, ending(archive.manifest).encode())
            assert psql.stdin is not None
            psql.stdin.close()
            if await psql.wait():
                raise BackupError(f"Nothing was restored. {await said[0]}")
            if await statements.wait():
                raise BackupError(f"Nothing was restored. {await said[1]}")
        finally:
            for task in (reading, *said):
                task.cancel()
            await asyncio.gather(reading, *said, return_exceptions=True)


def ending(manifest: Manifest) -> str:
    """What ends the transaction: the rows must be as many as were backed up."""
    counts = " UNION ALL ".join(
        f"SELECT '{table}', {rows}, count(*) FROM public.\"{table}\"" for table, rows in manifest.tables.items()
    )
    keys = "" if manifest.revision < SESSIONS_OF_KEYS else " AND NOT of_key"
    return f"""
SET row_security = on;
DO $$
DECLARE
  wrong text := (SELECT string_agg(format('%s has %s rows and had %s', name, present, kept), '; ')
                   FROM ({counts}) AS counted (name, kept, present) WHERE kept <> present);
BEGIN
  IF wrong IS NOT NULL THEN RAISE EXCEPTION '%', wrong; END IF;
END $$;
UPDATE public.session SET ended_at = now() WHERE ended_at IS NULL{keys};
ANALYZE;
COMMIT;
"""


async def _pass_on(statements: Process, psql: Process, version: int) -> None:
    assert statements.stdout is not None
    await _write(psql, b"BEGIN;\n")
    head = await statements.stdout.readuntil(b"SET row_security = off;\n")
    await _write(psql, head if version >= KNOWN_FROM else head.replace(NEW_SETTING, b""))
    while chunk := await statements.stdout.read(CHUNK):
        await _write(psql, chunk)


async def _feed(statements: Process, archive: Archive, progress: Progress) -> None:
    done = 0
    assert statements.stdin is not None
    try:
        with suppress(BrokenPipeError, ConnectionResetError):
            for chunk in archive.chunks():
                await _write(statements, chunk)
                done += len(chunk)
                progress(done, archive.manifest.size)
    finally:
        # Also of a file that cannot be read any more: pg_restore fails at its end, and with it everything.
        statements.stdin.close()


async def _write(process: Process, data: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(data)
    await process.stdin.drain()


async def _said(process: Process) -> str:
    """What a program says goes wrong."""
    assert process.stderr is not None
    lines = (await process.stderr.read()).decode(errors="replace").splitlines()
    return "\n".join(lines[:5]) or "It says nothing of why."
