"""Looks a whole database over, by aggregates in SQL and in one snapshot; nobody waits for it."""

from collections.abc import Iterable
from dataclasses import dataclass

import asyncpg

from resolvers import audit_chain
from server import rollups
from server.backup.archive import Manifest
from server.backup.checks import CHECKS, FOREIGN_KEYS, NUMBERED, SCOPED, Check, dangling
from server.backup.dump import check_login
from server.database import LOGIN
from server.migrate import OWNER_ROLE, SERVER_ROLE
from server.progress import Progress

SAMPLES = 5
"""How many faults of a check are told one by one."""

BROKEN = (
    "WITH broken AS MATERIALIZED ({}) SELECT (SELECT count(*) FROM broken), ARRAY(SELECT fault FROM broken LIMIT {})"
)
LAST = "SELECT (SELECT COALESCE(max({column}), 0) FROM {of}), last_value - (NOT is_called)::int FROM {sequence}"
READABLE = (
    f"SELECT relname FROM ({SCOPED}) AS s WHERE has_any_column_privilege('{SERVER_ROLE}', oid, 'SELECT') ORDER BY 1"
)

ROWS = "The rows are as many as were backed up"
PATHS, NAMES = "Every row lies where its place does", "What a row names is there"
NUMBERS, SUMS = "Ids to come are new", "Sums are what counting gives"
SERVER, CHAIN = "The server's role is bound by its scope", "The audit chain is whole"

Connection = asyncpg.Connection


@dataclass
class Finding:
    """What a check has found. figure: what was looked at. faults: how many; `samples` are the first of them."""

    title: str
    figure: str = ""
    faults: int = 0
    samples: tuple[str, ...] = ()

    def tell(self, *sentences: str, number: int = 1) -> None:
        """Takes faults more, of which some are told."""
        self.faults += number
        self.samples = (*self.samples, *sentences)[:SAMPLES]


async def verify(connection: Connection, manifest: Manifest | None, progress: Progress) -> list[Finding]:
    """What every check finds.

    connection: of a login that row-level security does not bind, to a migrated database. manifest: of a backup, whose
    rows the database is to have. progress: gets the checks. Raises BackupError and asyncpg's errors.
    """
    await check_login(connection, "verify")
    found: list[Finding] = []

    def begin(title: str) -> Finding:
        progress(len(found), None, title)
        found.append(Finding(title))
        return found[-1]

    async with connection.transaction(isolation="repeatable_read", readonly=True):
        if manifest is not None:
            await compare_rows(connection, manifest, begin(ROWS))
        for check in CHECKS:
            await _check(connection, check, begin(check.title))
        await _references(connection, begin(PATHS), paths=True)
        await _references(connection, begin(NAMES), paths=False)
        await _numbers(connection, begin(NUMBERS))
        await _sums(connection, begin(SUMS))
        await look_at_server(connection, begin(SERVER))
        await _chain(connection, manifest, begin(CHAIN))
    return found


async def _check(connection: Connection, check: Check, finding: Finding) -> None:
    ((number, unit),) = await connection.fetch(check.looked)
    finding.figure = f"{number:,} {unit}"
    await tell_broken(connection, check.broken, finding)


async def tell_broken(connection: Connection, broken: str, finding: Finding) -> None:
    """Tells what a query has found: its column `fault`."""
    ((faults, samples),) = await connection.fetch(BROKEN.format(broken, SAMPLES))
    finding.tell(*samples, number=faults)


async def compare_rows(connection: Connection, manifest: Manifest, finding: Finding) -> None:
    """Whether each table has as many rows as a backup's manifest says."""
    for table, kept in manifest.tables.items():
        there = await connection.fetchval("SELECT to_regclass(format('public.%I', $1::text))", table)
        number = await connection.fetchval(f"SELECT count(*) FROM {there}") if there else 0
        if number != kept:
            finding.tell(f"{table} has {number:,} rows and had {kept:,}")
    finding.figure = f"{manifest.rows:,} rows of {len(manifest.tables)} tables"


async def _references(connection: Connection, finding: Finding, *, paths: bool) -> None:
    """Foreign keys that take a path along, or the others: what went past them is found by them."""
    keys = [key for key in await connection.fetch(FOREIGN_KEYS) if has_path(key["columns"]) == paths]
    for key in keys:
        await tell_broken(connection, dangling(dict(key)), finding)
    finding.figure = f"{len(keys)} foreign keys"


def has_path(columns: Iterable[str]) -> bool:
    """Whether a path is among the columns of a foreign key."""
    return any(column == "path" or column.endswith("_path") for column in columns)


async def _numbers(connection: Connection, finding: Finding) -> None:
    rows = await connection.fetch(NUMBERED)
    for row in rows:
        ((highest, last),) = await connection.fetch(LAST.format(**row))
        if highest > last:
            finding.tell(f"{row['of']} has ids up to {highest}, and {row['sequence']} goes on from {last}")
    finding.figure = f"{len(rows)} sequences"


async def _sums(connection: Connection, finding: Finding) -> None:
    report = await rollups.verify(connection, finding.tell, lambda *_: None)
    finding.figure = f"{report.parts:,} counties and regions"


async def look_at_server(connection: Connection, finding: Finding) -> None:
    """Whether the role is fit to serve, and what it sees as long as no scope is set."""
    tables = [row["relname"] for row in await connection.fetch(READABLE)]
    await connection.execute(f"SET LOCAL ROLE {SERVER_ROLE}")
    ((role, fault),) = await connection.fetch(LOGIN, OWNER_ROLE)
    if fault:
        finding.tell(f"{role} {fault}")
    for table in tables:
        if await connection.fetchval(f'SELECT count(*) FROM (SELECT 1 FROM public."{table}" LIMIT 1) AS seen'):
            finding.tell(f"{SERVER_ROLE} sees rows of {table} without a scope")
    await connection.execute("SET LOCAL ROLE NONE")
    finding.figure = f"{len(tables)} tables"


async def _chain(connection: Connection, manifest: Manifest | None, finding: Finding) -> None:
    head = bytes.fromhex(manifest.audit_head) if manifest and manifest.audit_head else None
    report = await audit_chain.verify(connection, finding.tell, head=head)
    await connection.execute("SET LOCAL ROLE NONE")
    finding.figure = f"{report.entries:,} entries in {report.batches:,} batches"
