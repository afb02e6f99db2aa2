"""The plans of the benchmark's statements, over a network of three counties: no large table is read from end to end."""

import asyncio
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
from rich.console import Console

from benchmarks.network import Sizes, fill
from benchmarks.plans import Compiled, Statements, connected, nodes
from benchmarks.workloads import WORKLOADS, targets
from server.embedded import Embedded, running

CASES = [(name, level) for name in WORKLOADS for level in ("township", "county")]
LARGE = 500
"""Rows. In a smaller table a scan may well be quicker than an index, and in the nation's it would not be."""
LARGE_TABLES = f"SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > {LARGE}"
INDEXES = """SELECT i.indexrelid::regclass::text AS name, c.conname FROM pg_index i
LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('u', 'x')
WHERE i.indrelid = $1::regclass AND NOT i.indisprimary"""


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with running(tmp_path_factory.mktemp("network")) as embedded:
        asyncio.run(fill(embedded, Sizes(counties=3), Console(quiet=True)))
        yield embedded


def compiled(network: Embedded, name: str, level: str) -> Compiled:
    async def compile_one() -> Compiled:
        owner = await asyncpg.connect(network.owner_url)
        try:
            (target,) = await targets(owner, name, level, 1)
            async with Statements.over(network.server_url) as statements:
                return await statements.of(target)
        finally:
            await owner.close()

    return asyncio.run(compile_one())


def plan_of(network: Embedded, name: str, level: str, *, without: str = "") -> list[dict[str, Any]]:
    """The nodes of a plan as the server's role gets it; without: a table that loses its indexes for once."""
    statement = compiled(network, name, level)

    async def look() -> list[dict[str, Any]]:
        async with connected(network.owner_url) as connection:
            transaction = connection.transaction()
            await transaction.start()
            for index in await connection.fetch(INDEXES, without) if without else ():
                await connection.execute("SET LOCAL ROLE NONE")
                if index["conname"]:
                    await connection.execute(f"ALTER TABLE {without} DROP CONSTRAINT {index['conname']} CASCADE")
                else:
                    await connection.execute(f"DROP INDEX {index['name']}")
            await connection.execute("SET LOCAL ROLE zhanwang_server")
            found = await nodes(connection, statement)
            await transaction.rollback()
            return found

    return asyncio.run(look())


@pytest.fixture(scope="module")
def large(network: Embedded) -> set[str]:
    async def look() -> set[str]:
        async with connected(network.owner_url) as connection:
            return {name for (name,) in await connection.fetch(LARGE_TABLES)}

    return asyncio.run(look())


def read_whole(plan: list[dict[str, Any]]) -> set[str]:
    return {node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"}


@pytest.mark.parametrize(("name", "level"), CASES)
def test_no_large_table_is_read_from_end_to_end(name: str, level: str, network: Embedded, large: set[str]) -> None:
    assert not read_whole(plan_of(network, name, level)) & large


@pytest.mark.parametrize(("name", "level"), [case for case in CASES if case[0] not in ("W1", "W2")])
def test_a_scope_is_a_range_of_an_index(name: str, level: str, network: Embedded) -> None:
    ranges = [node["Index Cond"] for node in plan_of(network, name, level) if "Index Cond" in node]
    assert any("path >= " in found and "path < " in found for found in ranges)


@pytest.mark.parametrize(("name", "sums"), [("W4", "service_rollup"), ("W5", "network_rollup")])
def test_all_figures_are_of_one_reading_of_the_sums_and_of_the_place(name: str, sums: str, network: Embedded) -> None:
    read = [node["Relation Name"] for node in plan_of(network, name, "county") if "Relation Name" in node]
    assert (read.count(sums), read.count("place")) == (1, 1)


@pytest.mark.parametrize(
    ("name", "table"),
    [("W1", "grid"), ("W2", "assignment"), ("W3", "person"), ("W4", "service_rollup"), ("W5", "network_rollup")],
)
def test_without_its_indexes_a_large_table_is_found_out(
    name: str, table: str, network: Embedded, large: set[str]
) -> None:
    assert table in read_whole(plan_of(network, name, "township", without=table)) & large
