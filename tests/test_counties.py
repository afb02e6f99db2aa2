"""Whether all could be distributed by county: what the catalogue of a plain database says, without Citus."""

import asyncio

import asyncpg
import pytest

from resolvers.core.refusals import constraint_of
from server.citus import catalogue, keys, plan, policies, triggers
from server.citus.catalogue import Catalogue
from server.citus.distribute import Undistributable, is_distributed, planned
from server.citus.kinds import (
    COUNTY,
    GIVEN_COUNTY,
    LOCAL,
    OF_ANOTHER_COUNTY,
    REFERENCE,
    WITHIN,
    Kind,
    UnknownTable,
    kind_of,
)


@pytest.fixture(scope="module")
def found(database: str) -> Catalogue:
    """The catalogue of the suite's database."""
    return asyncio.run(_read(database))


@pytest.fixture(scope="module")
def columns(database: str) -> dict[str, frozenset[str]]:
    """The columns of each table."""

    async def read() -> dict[str, frozenset[str]]:
        connection = await asyncpg.connect(database)
        rows = await connection.fetch(catalogue.TABLES)
        await connection.close()
        return {row["name"]: frozenset(row["columns"]) for row in rows}

    return asyncio.run(read())


async def _read(url: str) -> Catalogue:
    connection = await asyncpg.connect(url)
    try:
        return await catalogue.read(connection)
    finally:
        await connection.close()


def test_every_table_has_a_kind_and_none_is_named_that_is_not_there(found: Catalogue) -> None:
    assert {*REFERENCE, *LOCAL, *GIVEN_COUNTY} <= set(found.kinds)


def test_a_table_of_which_nothing_is_known_is_refused() -> None:
    with pytest.raises(UnknownTable, match="stray"):
        kind_of("stray", frozenset({"id"}))


def test_what_belongs_to_a_place_is_distributed_or_says_why_not(
    found: Catalogue, columns: dict[str, frozenset[str]]
) -> None:
    located = {table for table, names in columns.items() if {"path", COUNTY} <= names}
    assert {table for table in located if found.kinds[table] is not Kind.DISTRIBUTED} == set(REFERENCE) - {"skill"}


def test_every_key_of_a_distributed_table_can_begin_with_the_county(
    found: Catalogue, columns: dict[str, frozenset[str]]
) -> None:
    for key in found.keys:
        if found.kinds[key.table] is Kind.DISTRIBUTED:
            assert COUNTY in columns[key.table] or key.table in GIVEN_COUNTY, key
            assert COUNTY in keys.wide_key(key), key


def test_every_foreign_key_between_distributed_tables_can_carry_the_county_at_both_ends(found: Catalogue) -> None:
    held = {}
    for key in found.foreign_keys:
        if found.kinds[key.table] is found.kinds[key.target] is Kind.DISTRIBUTED:
            held[key.table, key.name] = widened = keys.wide_foreign_key(key, found.kinds)
            if widened is not None:
                pairs = dict(zip(widened.key.columns, widened.key.target_columns, strict=True))
                assert pairs[COUNTY] == COUNTY, key
    lost = {table for (table, _), widened in held.items() if widened is None}
    assert lost == {table for table, _ in OF_ANOTHER_COUNTY}
    assert {table for table, _ in WITHIN} <= {table for table, _ in held}


def test_what_a_widened_foreign_key_leads_to_is_unique_with_the_county(found: Catalogue) -> None:
    unique = {
        (key.table, frozenset({COUNTY, *key.columns}))
        for key in found.keys
        if found.kinds[key.table] is Kind.DISTRIBUTED and not key.suffix
    }
    for key in found.foreign_keys:
        widened = keys.wide_foreign_key(key, found.kinds)
        if widened is not None and found.kinds[key.target] is Kind.DISTRIBUTED:
            assert (key.target, frozenset(widened.key.target_columns)) in unique, key


def test_of_every_trigger_is_known_what_it_does_on_a_shard(found: Catalogue) -> None:
    on_nodes = {trigger.function for trigger in found.triggers if found.kinds[trigger.table] is not Kind.LOCAL}
    assert on_nodes <= triggers.KNOWN
    assert {trigger.function for trigger in found.triggers} >= triggers.KNOWN


def test_no_policy_needs_a_subquery_on_a_shard(found: Catalogue) -> None:
    for policy in found.policies:
        if found.kinds[policy.table] is not Kind.LOCAL:
            rewritten, _ = policies.rewritten(policy, found.kinds)
            assert "SELECT" not in f"{rewritten.using} {rewritten.check}", policy


def test_a_policy_that_asks_what_no_shard_can_answer_is_refused(found: Catalogue) -> None:
    asking = "(id IN ( SELECT survey.client_id FROM survey))"
    stray = catalogue.Policy("client", "stray", True, "SELECT", "PUBLIC", asking, None)
    with pytest.raises(policies.UnknownSubquery, match="stray of client"):
        policies.rewritten(stray, found.kinds)


def test_the_constraint_of_a_shard_is_told_by_the_name_of_its_tables() -> None:
    told = 'duplicate key value violates unique constraint "venue_code_key_102012"'
    assert constraint_of(asyncpg.UniqueViolationError(told)) == "venue_code_key"


def test_all_the_statements_can_be_told_beforehand(found: Catalogue, columns: dict[str, frozenset[str]]) -> None:
    statements = [statement for step in plan.steps(found, columns, 4) for statement in step.statements]
    distributed = [text for text in statements if text.startswith("SELECT create_distributed_table")]
    assert len(distributed) == len(found.of_kind(Kind.DISTRIBUTED)) + 1
    apart = [text for text in statements if text.startswith("CREATE TRIGGER apart_")]
    assert len(apart) == len(found.exclusions) > 0


def test_a_database_without_citus_is_not_distributed_and_says_what_it_needs(database: str) -> None:
    async def asked() -> bool:
        connection = await asyncpg.connect(database)
        try:
            with pytest.raises(Undistributable, match="CREATE EXTENSION citus"):
                await planned(connection, 4)
            return await is_distributed(connection)
        finally:
            await connection.close()

    assert not asyncio.run(asked())
