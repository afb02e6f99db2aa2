"""An audit log of a module's own, in a database that no server seals; what is tried on it is taken back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import asyncpg

from resolvers import audit_chain
from resolvers.audit_chain import Report
from server.embedded import Embedded
from tests.scene import Scene, World, Zone, create

APPEND = """
INSERT INTO audit_entry (place_id, path, station_id, county_id, account_id, request_id, action, noun, row_id, before,
                         after)
SELECT p.id, p.path, p.station_id, p.county_id, a.id, 'r', $1, 'person', 7, '{"name": "甘河", "n": 1.50}', $2::jsonb
  FROM place p JOIN account a ON a.place_id = p.id ORDER BY a.id LIMIT 1 RETURNING id
"""
SECOND_ENTRY = "(SELECT min(entry_id) + 1 FROM audit_seal)"
RESTORE = (
    "DELETE FROM audit_unsealed",
    "DELETE FROM audit_seal WHERE batch_id > 2",
    "DELETE FROM audit_batch WHERE id > 2",
    "DELETE FROM audit_entry WHERE id > {}",
    "INSERT INTO audit_unsealed SELECT id FROM audit_entry EXCEPT SELECT entry_id FROM audit_seal",
)
FIRST, SECOND, OPEN = 3, 4, 2
"""How many entries the batches of the log have, and how many are yet to be sealed."""


class Log(NamedTuple):
    """The database, the zone of its scene whose village keeps the entries, and the newest of these."""

    world: World
    here: Zone
    last: int


@contextmanager
def audit_log(embedded: Embedded, data_dir: Path) -> Iterator[Log]:
    """A database of its own, with a scene; two batches are sealed, and some entries are open."""
    url, settings = create(embedded, data_dir)
    made = World(url, settings, "")
    scene = Scene(made)
    made.sql("DELETE FROM audit_entry")
    made.sql("DELETE FROM audit_unsealed")
    last = 0
    for count in (FIRST, SECOND, OPEN):
        for number in range(count):
            last = made.value(APPEND, f"act{number}", '{"names": ["站", "\\u0001", "\\"", null], "on": true}')
        if count != OPEN:
            assert made.value("SELECT entries FROM seal_audit(1000)") == count
    with closing(made):
        yield Log(made, scene.here, last)


@asynccontextmanager
async def connected(log: Log) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(log.world.url)
    try:
        yield connection
    finally:
        await connection.close()


def walked(log: Log, *statements: str, head: bytes | None = None) -> tuple[list[str], Report]:
    """What a walk finds after these statements of a superuser, who then takes them back."""

    async def go() -> tuple[list[str], Report]:
        found: list[str] = []
        async with connected(log) as connection:
            transaction = connection.transaction()
            await transaction.start()
            for statement in statements:
                await connection.execute(statement)
            report = await audit_chain.verify(connection, found.append, head=head)
            await transaction.rollback()
        return found, report

    return asyncio.run(go())


def alone(log: Log, work: Callable[[asyncpg.Connection, asyncpg.Connection], Awaitable[None]]) -> None:
    """Runs something on two connections; what it has done is taken out of the log again."""

    async def go() -> None:
        async with connected(log) as one, connected(log) as other:
            try:
                await asyncio.wait_for(work(one, other), 30)
            finally:
                for sql in RESTORE:
                    await one.execute(sql.format(log.last))

    asyncio.run(go())
