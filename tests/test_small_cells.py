"""Small groups are hidden from who sees figures alone, and adding and subtracting what is shown does not find them."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import asyncpg
import pytest

from server.embedded import Embedded
from tests.attacking import SMALLEST, Group, Hiding, Known, Sizes, random_table, summed

HIDDEN = "SELECT array(SELECT small_cells($1, $2, $3, $4))"


def hiding(url: str, go: Callable[[Hiding], Awaitable[Any]], smallest: int = SMALLEST) -> Any:
    """What a coroutine makes of the function of the database, as the server calls it."""

    async def connected() -> Any:
        connection = await asyncpg.connect(url)

        async def hidden(table: Sizes) -> set[Group]:
            groups = list(table)
            keys = [key for group in groups for chain in group for key in chain]
            chains = [len(chain) for chain in groups[0] if chain]
            places = await connection.fetchval(HIDDEN, keys, chains, list(table.values()), smallest)
            return {groups[place - 1] for place in places}

        try:
            return await go(hidden)
        finally:
            await connection.close()

    return asyncio.run(connected())


@pytest.fixture
def url(embedded: Embedded, database: str) -> str:
    """The URL of the server's role, once the database is there."""
    return embedded.server_url


def line(**sizes: int) -> Sizes:
    """A table of one dimension."""
    return {((key,),): size for key, size in sizes.items()}


def square(*rows: tuple[int, ...]) -> Sizes:
    """A table of two dimensions; 0: no group."""
    cells = {((str(x),), (str(y),)): size for x, row in enumerate(rows) for y, size in enumerate(row)}
    return {group: size for group, size in cells.items() if size}


def of(url: str, table: Sizes, smallest: int = SMALLEST) -> set[Group]:
    """What is hidden of a table."""

    async def ask(hidden: Hiding) -> set[Group]:
        return await hidden(table)

    found: set[Group] = hiding(url, ask, smallest)
    return found


def test_a_small_group_is_hidden_and_with_it_the_smallest_other(url: str) -> None:
    assert of(url, line(a=40, b=4, c=9, d=12)) == {(("b",),), (("c",),)}


def test_small_groups_that_are_enough_together_hide_no_other(url: str) -> None:
    assert of(url, line(a=40, b=4, c=2)) == {(("b",),), (("c",),)}


def test_small_groups_that_are_too_few_together_hide_another(url: str) -> None:
    assert of(url, line(a=40, b=2, c=2, d=50)) == {(("a",),), (("b",),), (("c",),)}


def test_where_nothing_is_small_nothing_is_hidden(url: str) -> None:
    assert of(url, square((5, 6), (7, 8))) == set()


@pytest.mark.parametrize("smallest", [0, 1])
def test_a_least_number_of_one_hides_nothing(url: str, smallest: int) -> None:
    assert of(url, square((1, 2), (3, 4)), smallest) == set()


def test_a_small_whole_is_hidden_with_all_its_parts(url: str) -> None:
    assert of(url, {(): 4}) == {()}
    assert of(url, line(a=1, b=3)) == {(("a",),), (("b",),)}


def test_a_rectangle_is_hidden_in_a_table_of_two_dimensions(url: str) -> None:
    table = square((3, 20, 30), (20, 20, 30), (30, 30, 9))
    corners = {((x,), (y,)) for x in "01" for y in "01"}
    assert of(url, table) == corners


def test_what_is_part_of_something_hidden_is_hidden(url: str) -> None:
    # Of the parts "a", "b" and "c", "a" is small and "b" is hidden beside it.
    table: Sizes = {(("a", "1"),): 4, (("b", "1"),): 6, (("b", "2"),): 9, (("c", "1"),): 30, (("c", "2"),): 40}
    assert of(url, table) == {(("a", "1"),), (("b", "1"),), (("b", "2"),)}


def test_siblings_in_three_dimensions_are_hidden_together(url: str) -> None:
    table: Sizes = {((x, a), (y,), (z,)): 20 for x in "pq" for a in "12" for y in "12" for z in "12"}
    table[("p", "1"), ("1",), ("1",)] = 2
    assert of(url, table) == {group for group in table if group[0][0] == "p"}


@pytest.mark.parametrize("keys", [["a", None, "b"], [["a"], [None], ["b"]]])
def test_a_null_key_is_a_key_like_any_other(url: str, keys: list[Any]) -> None:
    async def ask() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(HIDDEN, keys, [1], [50, 3, 8], SMALLEST)
        finally:
            await connection.close()

    assert asyncio.run(ask()) == [2, 3]


@pytest.mark.parametrize("seed", range(20))
def test_the_order_in_which_groups_come_does_not_matter(url: str, seed: int) -> None:
    random = Random(seed)
    table = random_table(random, random.choice(((2, 1), (1, 1, 1))))
    shuffled = dict(random.sample(list(table.items()), len(table)))
    assert of(url, shuffled) == of(url, table)


@pytest.mark.parametrize("chains", [(1,), (2,), (1, 1), (2, 1), (1, 2), (2, 2), (3, 1)])
def test_each_small_group_may_have_another_figure_for_all_that_is_shown(url: str, chains: tuple[int, ...]) -> None:
    async def attack(hidden: Hiding) -> int:
        small = 0
        for seed in range(300):
            known = await Known.of(random_table(Random(seed), chains), hidden)
            assert known.undetermined() == known.small, f"seed {seed}"
            small += len(known.small)
        return small

    assert hiding(url, attack) > 100


def test_a_small_group_between_two_rectangles_is_not_found(url: str) -> None:
    # In each row and column the small ones would be enough together.
    table = square((3, 2, 3, 20), (20, 3, 2, 20), (3, 20, 20, 2), (2, 20, 20, 3))

    async def attack(hidden: Hiding) -> Known:
        return await Known.of(table, hidden)

    known: Known = hiding(url, attack)
    assert known.undetermined() == known.small
    known.shown |= {group for group, size in table.items() if size >= SMALLEST}
    assert known.solved() == {(("0",), ("0",))}


def test_small_groups_are_found_where_no_others_are_hidden_beside_them() -> None:
    async def alone(table: Sizes) -> set[Group]:
        return {group for group, size in table.items() if size < SMALLEST}

    known = asyncio.run(Known.of(square((3, 20), (20, 30)), alone))
    assert known.small - known.undetermined() == known.solved() == {(("0",), ("0",))}


@pytest.mark.parametrize("chains", [(1, 1, 1), (2, 1, 1)])
def test_three_dimensions_give_away_nothing_that_two_do_not(url: str, chains: tuple[int, ...]) -> None:
    async def attack(hidden: Hiding) -> int:
        told = 0
        for seed in range(40):
            known = await Known.of(random_table(Random(seed), chains), hidden)
            found, three = known.solved(), {group for group in known.shown if all(group)}
            known.shown -= three
            assert found == known.solved(), f"seed {seed}"
            told += len(three)
        return told

    assert hiding(url, attack) > 0


def test_too_many_groups_are_refused(url: str) -> None:
    table = line(**{f"k{number}": 9 for number in range(5001)})
    with pytest.raises(asyncpg.PostgresError, match="5001 cells of 1 keys in 2 tables are too many"):
        of(url, table)


def test_a_table_is_summed_from_its_groups() -> None:
    assert summed(square((1, 2), (3, 4)), (1, 0)) == {(("0",), ()): 3, (("1",), ()): 7}
