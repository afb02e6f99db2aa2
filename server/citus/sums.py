"""The sums of a distributed database, some counties at a time: whether they are what counting gives; making them so.

What is asked, and how a wrong sum is told, is `server.rollups`'. A region counts what lies in all its counties: each
leaves what it comes to, by the keys of the sums, and the regions are last.
"""

from dataclasses import dataclass
from typing import Self

import asyncpg

from server.citus.counties import Counties, Hindered, one_moment
from server.progress import Progress
from server.rollups import PAIRS, PARTS, WAITING, Comparing, Pair, Report, Tell, unfolded_meanwhile

TABLES = frozenset(
    {"place", "station", "community", "grid", "person", "service_record"}
    | {f"{pair.name}_{kind}" for pair in PAIRS for kind in ("rollup", "delta")}
)
LEFT = ("part", "delta")
"""What counting finds, and what waits to be folded: as rows of one form."""

VIEWS = ("part", "rollup_expected", "rollup_kept")


@dataclass(frozen=True)
class Sums:
    """The views of `server.rollups` over the tables of some counties. views: what they are, by their names."""

    connection: asyncpg.Connection
    views: dict[str, str]

    @classmethod
    async def read(cls, connection: asyncpg.Connection) -> Self:
        """Reads them, as long as their tables' names stand for the distributed ones."""
        names = [f"{pair.name}_{kind}" for pair in PAIRS for kind in VIEWS]
        ask = "SELECT pg_get_viewdef(to_regclass($1))"
        return cls(connection, {name: (await connection.fetchval(ask, name)).rstrip(";") for name in names})

    async def make(self) -> None:
        """Makes them anew, of the counties' tables."""
        for pair in PAIRS:
            for kind in LEFT:
                await self.connection.execute(
                    f"CREATE TEMP TABLE {pair.name}_{kind}_left ON COMMIT DROP AS"
                    f" SELECT {pair.columns} FROM {pair.name}_delta WITH NO DATA"
                )
            part = f"{pair.name}_part"
            also = {part: f" UNION ALL SELECT {pair.columns} FROM {part}_left"}
            for name in (f"{pair.name}_{kind}" for kind in VIEWS):
                await self.connection.execute(f"CREATE TEMP VIEW {name} AS {self.views[name]}{also.get(name, '')}")

    async def parts(self) -> list[asyncpg.Record]:
        """The paths between which each county in hand lies, or each region."""
        for pair in PAIRS:
            await self.connection.execute(
                f"INSERT INTO pg_temp.{pair.name}_delta ({pair.columns})"
                f" SELECT {pair.columns} FROM {pair.name}_delta_left"
                " WHERE EXISTS (SELECT FROM place WHERE level = 'REGION')"
            )
        parts: list[asyncpg.Record] = await self.connection.fetch(PARTS)
        return parts

    async def compare(self, comparing: Comparing) -> None:
        """Compares the sums of the counties, or regions, in hand."""
        for low, high in await self.parts():
            await comparing.part(low, high)
        await self.leave()

    async def leave(self) -> None:
        """Keeps, for the regions, what the counties in hand come to."""
        for pair in PAIRS:
            keys = ", ".join(f"part.{name}" for name in pair.keys)
            sums = ", ".join(f"sum(part.{name})" for name in pair.sums)
            for kind in LEFT:
                await self.connection.execute(
                    f"INSERT INTO pg_temp.{pair.name}_{kind}_left ({pair.columns})"
                    f" SELECT hub.id, hub.path, hub.station_id, hub.county_id, {keys}, {sums}"
                    f"   FROM place hub JOIN {pair.name}_{kind} part"
                    "     ON part.path >= hub.path AND part.path < left(hub.path, -1) || '/'"
                    f" WHERE hub.level = 'HUB' GROUP BY hub.id, hub.path, hub.station_id, hub.county_id, {keys}"
                )


async def verify(connection: asyncpg.Connection, tell: Tell, progress: Progress) -> Report:
    """As `server.rollups.verify`, of a distributed database; connection: as `one_moment` takes it. Raises Hindered."""
    async with one_moment(connection):
        waiting = await connection.fetchval(WAITING)
        sums, counties = await _opened(connection)
        comparing, done = Comparing(connection, tell), 0
        async for part in counties.parts():
            progress(done, len(counties.rows))
            await sums.compare(comparing)
            done += len(part)
    return comparing.report(waiting)


async def rebuild(connection: asyncpg.Connection, progress: Progress) -> None:
    """As `server.rollups.rebuild`, of a distributed database; connection: as `one_moment` takes it. Raises Hindered."""
    async with one_moment(connection, unfolded_meanwhile(connection)):
        for pair in PAIRS:
            await connection.execute(f"DELETE FROM {pair.name}_delta")
        sums, counties = await _opened(connection)
        for pair in PAIRS:
            await connection.execute(
                f"CREATE TEMP TABLE {pair.name}_wanted ON COMMIT DROP AS"
                f" SELECT {pair.columns} FROM {pair.name}_rollup WITH NO DATA"
            )
        done = 0
        async for part in counties.parts():
            progress(done, len(counties.rows))
            for low, high in await sums.parts():
                for pair in PAIRS:
                    await _mend(connection, pair, low, high)
            await sums.leave()
            done += len(part)
        progress(done, done)


async def _opened(connection: asyncpg.Connection) -> tuple[Sums, Counties]:
    sums = await Sums.read(connection)
    counties = await Counties.open(connection, TABLES)
    if counties.astray:
        raise Hindered(f"{counties.astray[0]}, where no sum would have them.")
    await sums.make()
    return sums, counties


async def _mend(connection: asyncpg.Connection, pair: Pair, low: str, high: str) -> None:
    """Takes away, at their shard, the sums that are not what counting gives, and writes those that are not there."""
    wanted, kept = f"pg_temp.{pair.name}_wanted", f"pg_temp.{pair.name}_rollup"
    same = " AND ".join(f"w.{name} IS NOT DISTINCT FROM k.{name}" for name in (*pair.keys, *pair.sums))
    await connection.execute(f"TRUNCATE {wanted}")
    await connection.execute(
        f"INSERT INTO {wanted} SELECT {pair.columns} FROM {pair.name}_rollup_expected WHERE path BETWEEN $1 AND $2",
        low,
        high,
    )
    stale = await connection.fetch(
        f"SELECT k.county_id, array_agg(k.id) AS ids FROM {kept} k WHERE k.path BETWEEN $1 AND $2"
        f"   AND NOT EXISTS (SELECT FROM {wanted} w WHERE w.place_id = k.place_id AND {same}) GROUP BY 1",
        low,
        high,
    )
    for county, ids in stale:
        await connection.execute(
            f"DELETE FROM public.{pair.name}_rollup WHERE county_id = $1 AND id = ANY ($2::bigint[])", county, ids
        )
    await connection.execute(
        f"INSERT INTO public.{pair.name}_rollup ({pair.columns}) SELECT {pair.columns} FROM {wanted} w"
        f" WHERE NOT EXISTS (SELECT FROM {kept} k WHERE k.place_id = w.place_id AND {same})"
    )
