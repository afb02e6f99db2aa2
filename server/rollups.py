"""The sums that are kept per place and month: whether they are what counting gives, and making them so.

Both take the places county by county, in one snapshot: what is written meanwhile is not in it, nor in the sums.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from resolvers.core.write import public_id_of
from server.progress import Progress

FOLD = "SELECT fold_rollups($1) AS folded"
BATCH = 2000
"""How many deltas of each table are folded at a time: some tenths of a second."""

# The lock of fold_rollups, which moves share.
LOCK = "hashtextextended('zhanwang rollups', 0)"
# A hub has its county below it; a region by itself is one place.
PARTS = """
SELECT path AS low, CASE level WHEN 'HUB' THEN left(path, -1) || '/' ELSE path END AS high
  FROM place WHERE level IN ('REGION', 'HUB') ORDER BY path DESC
"""


WAITING = "SELECT (SELECT count(*) FROM service_delta) + (SELECT count(*) FROM network_delta)"


@dataclass(frozen=True)
class Pair:
    """The two tables of sums of a kind, by the columns of what the sums are of and of the sums."""

    name: str
    keys: tuple[str, str, str]
    sums: tuple[str, str, str]

    @property
    def columns(self) -> str:
        """The columns of its sums, and of its deltas: to which place a row belongs, its keys, its sums."""
        return ", ".join(("place_id, path, station_id, county_id", *self.keys, *self.sums))

    @property
    def wrong(self) -> str:
        """Which sums of the places from $1 to $2 are not what counting gives, with both."""
        keys = ", ".join(self.keys)

        def side(counted: str) -> str:
            totals = (f"COALESCE(sum({name}) FILTER (WHERE {counted}), 0)::bigint" for name in self.sums)
            return f"ARRAY[{', '.join(totals)}]"

        columns = f"place_id, {keys}, {', '.join(self.sums)}"
        return f"""
SELECT place_id, concat_ws(' ', {keys}) AS of, counted, kept
  FROM (SELECT place_id, {keys}, {side("side = 'counted'")} AS counted, {side("side = 'kept'")} AS kept
          FROM (SELECT 'counted' AS side, {columns} FROM {self.name}_rollup_expected WHERE path BETWEEN $1 AND $2
                UNION ALL
                SELECT 'kept', {columns} FROM {self.name}_rollup_kept WHERE path BETWEEN $1 AND $2) AS both_sides
         GROUP BY place_id, {keys}) AS totals
 WHERE counted <> kept ORDER BY place_id, of
"""

    @property
    def mend(self) -> str:
        """Writes those sums of the places from $1 to $2 that are not what counting gives."""
        columns = self.columns
        same = " AND ".join(f"wanted.{key} IS NOT DISTINCT FROM kept.{key}" for key in self.keys)
        wanted, kept = (", ".join(f"{row}.{name}" for name in self.sums) for row in ("excluded", "kept"))
        return f"""
WITH wanted AS MATERIALIZED (
  SELECT {columns} FROM {self.name}_rollup_expected WHERE path BETWEEN $1 AND $2
), gone AS (
  DELETE FROM {self.name}_rollup kept USING place p
   WHERE p.id = kept.place_id AND p.path BETWEEN $1 AND $2
     AND NOT EXISTS (SELECT FROM wanted WHERE wanted.place_id = kept.place_id AND {same})
)
INSERT INTO {self.name}_rollup AS kept ({columns}) SELECT {columns} FROM wanted
ON CONFLICT (place_id, {", ".join(self.keys)}) DO UPDATE SET ({", ".join(self.sums)}) = ROW ({wanted})
 WHERE ({kept}) IS DISTINCT FROM ({wanted})
"""


PAIRS = (
    Pair("service", ("month", "field", "item_id"), ("records", "contacts", "beneficiaries")),
    Pair("network", ("noun", "kind", "open"), ("number", "households", "residents")),
)


@dataclass(frozen=True)
class Report:
    """What was found: the sums that are wrong, the places that have such, the deltas that wait, the parts looked at."""

    wrong: int
    places: int
    waiting: int
    parts: int


async def fold(connection: asyncpg.Connection) -> int:
    """Folds what waits; how many deltas that were. None if another folds."""
    total = 0
    while folded := await connection.fetchval(FOLD, BATCH):
        total += folded
    return total


Tell = Callable[[str], object]
"""Is told of a fault, in a sentence."""


class Comparing:
    """Compares sums with what counting gives, some places after the others.

    connection: of the owner, or a superuser. tell: is told of each wrong sum, in a sentence.
    """

    def __init__(self, connection: asyncpg.Connection, tell: Tell) -> None:
        self._connection, self._tell = connection, tell
        self._wrong, self._parts = 0, 0
        self._places: set[int] = set()

    async def part(self, low: str, high: str) -> None:
        """Looks at the places whose paths are from `low` to `high`."""
        for pair in PAIRS:
            for row in await self._connection.fetch(pair.wrong, low, high):
                self._tell(await _sentence(self._connection, pair, row))
                self._wrong += 1
                self._places.add(row["place_id"])
        self._parts += 1

    def report(self, waiting: int) -> Report:
        """What was found. waiting: the deltas that wait."""
        return Report(self._wrong, len(self._places), waiting, self._parts)


async def verify(connection: asyncpg.Connection, tell: Tell, progress: Progress) -> Report:
    """Compares the sums of every place with what counting gives. Nobody waits for it.

    connection: of the owner, or a superuser, outside a transaction. tell: as `Comparing`. progress: gets the counties
    and regions.
    """
    comparing = Comparing(connection, tell)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        parts = await connection.fetch(PARTS)
        for done, (low, high) in enumerate(parts):
            progress(done, len(parts))
            await comparing.part(low, high)
        return comparing.report(await connection.fetchval(WAITING))


async def rebuild(connection: asyncpg.Connection, progress: Progress) -> None:
    """Makes the sums of every place what counting gives.

    connection: of the owner, or a superuser, outside a transaction. Folds and moves wait for it, nobody else: what is
    written meanwhile leaves deltas that it does not see, and that are folded afterwards. progress: as `verify`.
    """
    async with unfolded_meanwhile(connection), connection.transaction(isolation="repeatable_read"):
        parts = await connection.fetch(PARTS)
        for pair in PAIRS:
            await connection.execute(f"DELETE FROM {pair.name}_delta")
        for done, (low, high) in enumerate(parts):
            progress(done, len(parts))
            for pair in PAIRS:
                await connection.execute(pair.mend, low, high)
        progress(len(parts), len(parts))


@asynccontextmanager
async def unfolded_meanwhile(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Keeps folds and moves away for as long as the block.

    To be begun before a snapshot is taken, so that it has what one that was under way has done.
    """
    await connection.execute(f"SELECT pg_advisory_lock({LOCK})")
    try:
        yield
    finally:
        await connection.execute(f"SELECT pg_advisory_unlock({LOCK})")


async def _sentence(connection: asyncpg.Connection, pair: Pair, row: Any) -> str:
    (found,) = await connection.fetch("SELECT id, kind FROM place WHERE id = $1", row["place_id"])
    place = public_id_of(dict(found))
    kept, counted = (", ".join(map(str, row[side])) for side in ("kept", "counted"))
    return f"{place}: {pair.name} {row['of']}: {', '.join(pair.sums)} are kept as {kept} and counted as {counted}."
