"""Whether all could be distributed by county: what the catalogue of a plain database says, without Citus."""

import asyncio
import hashlib
from dataclasses import dataclass

import asyncpg
import pytest

from resolvers.core.refusals import constraint_of
from server.citus import catalogue, keys, plan, policies, triggers
from server.citus.catalogue import Catalogue
from server.citus.distribute import Undistributable, is_distributed, planned
from server.citus.kinds import (
    COUNTY,
    GIVEN_COUNTY,
    GIVEN_UP,
    LOCAL,
    OF_ANOTHER_COUNTY,
    OF_ONE_COUNTY,
    REFERENCE,
    WITHIN,
    Kind,
    UnknownTable,
    kind_of,
)

FUNCTIONS = """
SELECT f.oid::regprocedure::text AS signature, f.proname AS name, pg_get_functiondef(f.oid) AS definition,
       pg_get_function_arguments(f.oid) AS arguments, pg_get_function_result(f.oid) AS result
  FROM pg_proc f WHERE f.pronamespace = 'public'::regnamespace AND f.prokind = 'f'
"""
REPLACED = {
    "act_as(bigint)": "db511e5a2c9d",
    "acting_grants(bigint,integer,bigint)": "edf18a7670c5",
    "client_erased(bigint)": "4a8354990b61",
    "default_receiver(bigint)": "58ccbf1a074d",
    "erase_client(bigint,text,text)": "3360781f7ad5",
    "erase_client_data(bigint,text,bigint,bigint,text)": "e1e755f2fec4",
    "erase_due_client(bigint,date,text)": "0beedda83363",
    "escalate_referral(bigint,date,date,text)": "bfedc9cc96e0",
    "find_receiver(text)": "1917f3378838",
    "fold_rollups(integer)": "c50cbc69460b",
    "guests_of(bigint,date)": "142577726366",
    "lock_county(bigint,boolean)": "3ed76eafdc98",
    "move_rollups()": "f8955f9ba03f",
    "name_service_field()": "5c00aab50b1a",
    "note_audit_entries()": "17c7c2e53fda",
    "notify_of_account()": "b0a812f98ab0",
    "open_scope(bigint,integer,bigint,bigint,text,text)": "8ec56f4a07d1",
    "open_writing(bigint,integer,bigint,bigint,text,text,bigint,boolean)": "188a8b848ac5",
    "overdue_referrals(date,integer)": "ba1aab622d1c",
    "seal_audit(integer)": "326105ee81e2",
    "share_consultation()": "b597e281d598",
    "share_referral()": "c0be3096ec3f",
    "spend_award()": "e7a1f9661e57",
    "tell_of_account()": "0b903fbf769b",
    "tell_of_both_ends()": "c646de3cbd03",
    "tell_of_move()": "d3b60e85a8e8",
    "tell_of_row()": "17da82bad342",
    "tell_of_sums()": "793cf749c2b1",
}
"""The functions that `server.citus` has versions of its own of, and digests of what each was written from."""


@dataclass(frozen=True)
class Functions:
    """What the plain database has, what of it was put into another language as it is, and what shards have."""

    plain: dict[str, asyncpg.Record]
    derived: dict[str, asyncpg.Record]
    shards: dict[str, asyncpg.Record]

    @property
    def replaced(self) -> list[str]:
        """The signatures of those that were written anew."""
        return sorted(
            one
            for one, plain in self.plain.items()
            if one not in self.shards
            or self.shards[one]["definition"] not in (plain["definition"], self.derived[one]["definition"])
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


@pytest.fixture(scope="module")
def functions(database: str, found: Catalogue, columns: dict[str, frozenset[str]]) -> Functions:
    """The functions, before and after `distribute` makes its own; undone."""
    (statements,) = (s.statements for s in plan.steps(found, columns, 4) if s.title == "Making the functions")
    made = [text for text in statements if text.lstrip().startswith(("CREATE", "DROP"))]
    derived = len(found.sql_functions)

    async def run() -> Functions:
        connection = await asyncpg.connect(database)
        transaction = connection.transaction()
        await transaction.start()
        # They ask for tables that only a distributed database has.
        await connection.execute("SET LOCAL check_function_bodies = off")
        seen = []
        for some in ([], made[:derived], made[derived:]):
            for statement in some:
                await connection.execute(statement)
            seen.append({row["signature"]: row for row in await connection.fetch(FUNCTIONS)})
        await transaction.rollback()
        await connection.close()
        return Functions(*seen)

    return asyncio.run(run())


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


def test_of_every_foreign_key_that_no_shard_holds_is_said_that_it_is_looked_at(found: Catalogue) -> None:
    lost = {
        (key.table, tuple(zip(key.columns, key.target_columns, strict=True)), key.target)
        for key in found.foreign_keys
        if keys.wide_foreign_key(key, found.kinds) is None
    }
    assert {(table, tuple(columns.items()), target) for table, columns, target in GIVEN_UP} == lost


def test_of_every_key_that_holds_within_a_county_alone_is_said_that_it_is_looked_at(found: Catalogue) -> None:
    # What names a row is of the county of that row; ids are looked at for themselves.
    naming = {(key.table, column) for key in found.foreign_keys for column in key.columns} | {
        (table, "id") for table in found.kinds
    }
    narrow = {
        (key.table, key.columns)
        for key in found.keys
        if found.kinds[key.table] is Kind.DISTRIBUTED
        and not keys.fits(key)
        and not any((key.table, column) in naming for column in key.columns)
    }
    assert narrow - {("audit_unsealed", ("entry_id",))} == {(table, ("code",)) for table in OF_ONE_COUNTY}


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
    assert len(distributed) == len({*found.of_kind(Kind.DISTRIBUTED), "event_waiting", "client_erasure"})
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


def test_what_shards_have_of_their_own_was_written_from_the_functions_as_the_migrations_leave_them(
    functions: Functions,
) -> None:
    for one in functions.replaced:
        digest = hashlib.sha256(functions.plain[one]["definition"].encode()).hexdigest()[:12]
        assert REPLACED.get(one) == digest, (
            f"A migration has changed {one}, and shards have a version of their own (look for"
            f" {functions.plain[one]['name']} in server/citus). Change that too, then write here: {digest}"
        )
    assert set(functions.replaced) == set(REPLACED)


def test_what_shards_have_of_their_own_is_called_as_it_was(functions: Functions) -> None:
    names = {row["name"] for row in functions.plain.values()}
    assert [one for one, row in functions.shards.items() if one not in functions.plain and row["name"] in names] == []
    for one in functions.replaced:
        if one in functions.shards:
            plain, own = functions.plain[one], functions.shards[one]
            assert (own["arguments"], own["result"]) == (plain["arguments"], plain["result"]), one
