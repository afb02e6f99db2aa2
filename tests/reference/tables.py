"""All rows of the database, read once, as plain dictionaries."""

import json
import re
from typing import Any

import asyncpg
from graphql.pyutils import snake_to_camel

from tests import nouns

Row = dict[str, Any]

TABLES: dict[str, str | None] = {
    "place": None,
    "placement": None,
    "division_code": None,
    "station": "S",
    "community": "C",
    "grid": "G",
    "person": "P",
    "assignment": "A",
    "volunteer_team": "T",
    "team_membership": "M",
    "qualification": "Q",
    "skill": "K",
    "person_skill": None,
    "account": "U",
    "account_grant": "R",
    "audit_entry": "E",
    **dict.fromkeys(nouns.TABLES),
    **{noun.table: noun.letters for noun in nouns.NOUNS},
}
"""Each table with the letters that begin its rows' public ids."""
TYPES = {table: snake_to_camel(table) for table in TABLES} | {"account_grant": "Grant"}
TYPES |= {noun.table: noun.type for noun in nouns.NOUNS}


TYPE, PREFIX = "$type", "$prefix"


def column_of(name: str) -> str:
    """The column behind a field: ``divisionCode`` → ``division_code``."""
    return re.sub(r"[A-Z]", lambda found: "_" + found[0].lower(), name)


async def read_tables(url: str) -> dict[str, list[Row]]:
    """The rows of each table, by the superuser, whom no policy binds; each carries its GraphQL type and letters."""
    connection = await asyncpg.connect(url)
    try:
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
        return {
            table: [
                {**row, TYPE: TYPES[table], PREFIX: prefix}
                for row in await connection.fetch(f"SELECT * FROM {table} ORDER BY id")
            ]
            for table, prefix in TABLES.items()
        }
    finally:
        await connection.close()
