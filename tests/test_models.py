"""The models and the migrations say the same."""

import asyncio
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from models import metadata
from tests import nouns


def differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
    found: list[Any] = compare_metadata(context, metadata)
    return found


def test_every_column_of_a_model_is_in_the_migrated_database_and_the_other_way_round(database: str) -> None:
    async def compare() -> list[Any]:
        engine = create_async_engine(database.replace("postgresql://", "postgresql+asyncpg://", 1))
        async with engine.connect() as connection:
            found = await connection.run_sync(differences)
        await engine.dispose()
        return found

    # Keys and indexes are the migrations' alone; models need only know the columns.
    of_columns = [
        change
        for change in (item if isinstance(item, tuple) else item[0] for item in asyncio.run(compare()))
        if not any(word in change[0] for word in ("index", "constraint", "fk"))
        and not (change[0] == "remove_table" and change[1].name == "alembic_version")
    ]
    assert not of_columns


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_a_table_has_a_path_with_its_county_or_is_known_to_be_unscoped(table: Any) -> None:
    unscoped = {"skill", "session", "refresh_token", "log_in_failure", "idempotency_key", "personal_canary"}
    unscoped |= {"audit_batch", "audit_seal", "audit_unsealed"} | nouns.UNSCOPED
    assert ({"path", "county_id"} <= set(table.c.keys())) != (table.name in unscoped)
