"""Which groups are held back. What of a table is hidden is the database's `small_cells` to say, and
`tests/test_small_cells.py`'s to try; what the table is, is worked out here.
"""

import asyncio
from typing import TYPE_CHECKING, Any

import asyncpg

from tests.reference.figures import Dimension
from tests.reference.periods import first_day
from tests.reference.units import within
from tests.reference.view import View

if TYPE_CHECKING:
    from tests.reference.statistics import Group

SMALLEST = 5
"""The least number that an observer is told, as the settings have it if nothing is said."""
COARSEST = ("YEAR", "QUARTER", "MONTH")
QUERY = "SELECT array(SELECT small_cells($1, $2, $3, $4))"


def hidden(view: View, dimensions: list[Dimension], groups: list["Group"], *, compared: bool) -> set[tuple[Any, ...]]:
    """The keys of the groups that are held back."""
    chains = [_chains(view, dimensions, group.keys) for group in groups]
    lengths = [len(chain) for chain in chains[0]] if chains else []
    keys = [key for group in chains for chain in group for key in chain]
    sizes = [[len(group.rows) for group in groups]]
    if compared:
        sizes.append([len(group.past) for group in groups])
    positions = asyncio.run(_small(view.url, keys, lengths, sizes))
    return {groups[position - 1].keys for position in positions}


def _chains(view: View, dimensions: list[Dimension], keys: tuple[Any, ...]) -> list[list[str | None]]:
    """Each key of a group after all that figures by it add up to."""
    found = []
    for dimension, key in zip(dimensions, keys, strict=True):
        if dimension.unit:
            found.append(within(view, dimension.unit, key))
        elif dimension.step:
            steps = COARSEST[: COARSEST.index(dimension.step) + 1]
            found.append([str(first_day(step, key)) for step in steps])
        else:
            found.append([None if key is None else str(key)])
    return found


async def _small(url: str, keys: list[str | None], lengths: list[int], sizes: list[list[int]]) -> set[int]:
    connection = await asyncpg.connect(url)
    try:
        found = [await connection.fetchval(QUERY, keys, lengths, each, SMALLEST) for each in sizes]
        return {position for positions in found for position in positions}
    finally:
        await connection.close()
