"""Who adds and subtracts what a statistic shows: tables at random, what is shown of them, and what that gives away.

A table has chains of keys within keys; its coarser tables have fewer keys of each. A group is one tuple of keys for
each chain: `(("1",), ("2", "0"))`. A group that is hidden is not told from one that has no rows.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from fractions import Fraction
from itertools import product
from random import Random

Group = tuple[tuple[str, ...], ...]
Sizes = dict[Group, int]
Hiding = Callable[[Sizes], Awaitable[set[Group]]]

SMALLEST = 5


def random_table(random: Random, chains: Sequence[int]) -> Sizes:
    """The sizes of the groups of a table with chains of these depths; some combinations of keys have none."""
    density, most = random.choice((0.3, 0.6, 0.9, 1.0)), random.choice((4, 8, 15, 30, 80))
    widths = [[random.choice((2, 3, 4) if depth == 1 else (1, 2, 3)) for _ in range(depth)] for depth in chains]
    keys = [list(product(*[map(str, range(width)) for width in each])) for each in widths]
    found = {group: random.randint(1, most) for group in product(*keys) if random.random() < density}
    return found or {next(product(*keys)): most}


def coarser(group: Group, depths: Sequence[int]) -> Group:
    """The group of a coarser table that a group is part of."""
    return tuple(chain[:depth] for chain, depth in zip(group, depths, strict=True))


def summed(table: Sizes, depths: Sequence[int]) -> Sizes:
    """A coarser table."""
    found: Sizes = {}
    for group, size in table.items():
        above = coarser(group, depths)
        found[above] = found.get(above, 0) + size
    return found


class Known:
    """What all answers about a table and its coarser ones show together.

    shown: the groups whose figure is told; small: those that must not be known.
    """

    def __init__(self, table: Sizes) -> None:
        self.table = table
        self.depths = [len(chain) for chain in next(iter(table))]
        self.shown: set[Group] = set()
        self.small: set[Group] = set()
        keys = [sorted({group[chain] for group in table}) for chain in range(len(self.depths))]
        self._above = {leaf: [coarser(leaf, depths) for depths in self._tables()] for leaf in product(*keys)}

    @classmethod
    async def of(cls, table: Sizes, hiding: Hiding) -> "Known":
        """Each table is asked for by itself."""
        known = cls(table)
        for depths in known._tables():
            sizes = summed(table, depths)
            known.shown |= sizes.keys() - await hiding(sizes)
            known.small |= {group for group, size in sizes.items() if size < SMALLEST}
        return known

    def _tables(self) -> Iterator[tuple[int, ...]]:
        return product(*[range(depth + 1) for depth in self.depths])

    def finest(self) -> set[Group]:
        """The groups of the table itself that are shown."""
        return self.shown & self.table.keys()

    def _changed(self, more: Sequence[Group], less: Sequence[Group]) -> set[Group]:
        """The groups whose figures change with one more and one less in some of the finest."""
        changes: dict[Group, int] = {}
        for leaves, change in ((more, 1), (less, -1)):
            for leaf in leaves:
                for group in self._above[leaf]:
                    changes[group] = changes.get(group, 0) + change
        return {group for group, change in changes.items() if change}

    def undetermined(self) -> set[Group]:
        """The small groups that have another figure in another table of which all that is shown is the same."""
        found: set[Group] = set()
        for more, less in self._moves():
            changed = self._changed(more, less)
            if not changed & self.shown:
                found |= changed & self.small
            if found == self.small:
                break
        return found

    def _moves(self) -> Iterator[tuple[list[Group], list[Group]]]:
        """One more somewhere; one taken elsewhere; two that change places in one chain: no group has less than none."""
        yield from (([leaf], []) for leaf in self._above)
        for less in self.table:
            for more in self._above:
                yield [more], [less]
                if len(less) == 2 and more in self.table:
                    yield [(more[0], less[1]), (less[0], more[1])], [less, more]

    def solved(self) -> set[Group]:
        """The small groups whose figures follow from those that are shown by adding and subtracting them."""
        number = {leaf: place for place, leaf in enumerate(self._above)}
        rows: dict[Group, dict[int, Fraction]] = {}
        for leaf, above in self._above.items():
            for group in above:
                rows.setdefault(group, {})[number[leaf]] = Fraction(1)
        pivots: dict[int, dict[int, Fraction]] = {}
        for group in self.shown:
            rest = _reduced(rows[group], pivots)
            if rest:
                pivots[min(rest)] = rest
        return {group for group in self.small if not _reduced(rows[group], pivots)}


def _reduced(row: dict[int, Fraction], pivots: dict[int, dict[int, Fraction]]) -> dict[int, Fraction]:
    row, done = dict(row), -1
    while left := [place for place in row if place > done and place in pivots]:
        done = min(left)
        factor = row[done] / pivots[done][done]
        for place, value in pivots[done].items():
            row[place] = row.get(place, Fraction(0)) - factor * value
            if not row[place]:
                del row[place]
    return row
