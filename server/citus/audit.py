"""The audit log of a distributed database: its chain is the coordinator's, its entries lie with their counties."""

import asyncpg

from resolvers.audit_chain import Report, WalkByParts
from server.citus.counties import Counties, one_moment
from server.progress import Progress
from server.rollups import Tell

TABLES = frozenset({"audit_entry", "audit_unsealed", "place"})


async def verify(connection: asyncpg.Connection, tell: Tell, head: bytes | None, progress: Progress) -> Report:
    """As `resolvers.audit_chain.verify`; connection: as `one_moment` takes it. progress: gets the counties.

    Raises Hindered and asyncpg's errors.
    """
    async with one_moment(connection):
        counties = await Counties.open(connection, TABLES)
        walk, done = WalkByParts(connection, tell, head, lambda _: None), 0
        await walk.begin()
        for sentence in counties.astray:
            walk.find(sentence)
        async for part in counties.parts():
            progress(done, len(counties.rows))
            await walk.part()
            done += len(part)
        return await walk.end()
