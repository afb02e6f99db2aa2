"""What PostgreSQL's catalogue says of our tables: keys, foreign keys, exclusions, policies, triggers."""

from dataclasses import dataclass
from typing import Any

import asyncpg

from server.citus.kinds import Kind, kind_of


@dataclass(frozen=True)
class Key:
    """A primary key, a unique constraint or a unique index; `suffix` is what follows its columns."""

    table: str
    name: str
    primary: bool
    index: bool
    columns: tuple[str, ...]
    nulls_not_distinct: bool
    suffix: str


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key; cascades: whether the referenced columns' changes carry through it."""

    table: str
    name: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    cascades: bool


@dataclass(frozen=True)
class Exclusion:
    """An exclusion constraint: what must not overlap, the conditions in SQL, among the rows that `where` leaves."""

    table: str
    name: str
    elements: tuple[str, ...]
    where: str | None


@dataclass(frozen=True)
class Policy:
    """A row-level policy, as CREATE POLICY takes it."""

    table: str
    name: str
    permissive: bool
    command: str
    roles: str
    using: str | None
    check: str | None


@dataclass(frozen=True)
class Trigger:
    """A trigger, the function it runs, and the statement that makes it."""

    table: str
    name: str
    function: str
    definition: str


@dataclass(frozen=True)
class RowFunction:
    """A function that takes a row of a table: its signature, and the statements that make it."""

    signature: str
    definition: str
    comment: str


@dataclass(frozen=True)
class SqlFunction:
    """A function in SQL that asks tables; many: whether it answers rows. head: its definition up to the body."""

    signature: str
    head: str
    body: str
    many: bool


@dataclass(frozen=True)
class Catalogue:
    """All of them, of the tables in the schema `public`, and the kind of each table, in the order of their names."""

    kinds: dict[str, Kind]
    keys: list[Key]
    foreign_keys: list[ForeignKey]
    exclusions: list[Exclusion]
    policies: list[Policy]
    triggers: list[Trigger]
    row_functions: list[RowFunction]
    sql_functions: list[SqlFunction]

    def of_kind(self, kind: Kind) -> list[str]:
        """The tables of a kind."""
        return [table for table, known in self.kinds.items() if known is kind]


async def read(connection: asyncpg.Connection) -> Catalogue:
    """What the catalogue says. Raises UnknownTable."""

    async def all_of(sql: str, kind: type[Any]) -> list[Any]:
        rows = await connection.fetch(sql)
        return [kind(**{n: tuple(v) if isinstance(v, list) else v for n, v in row.items()}) for row in rows]

    tables = await connection.fetch(TABLES)
    return Catalogue(
        {row["name"]: kind_of(row["name"], frozenset(row["columns"])) for row in tables},
        await all_of(KEYS, Key),
        await all_of(FOREIGN_KEYS, ForeignKey),
        await all_of(EXCLUSIONS, Exclusion),
        await all_of(POLICIES, Policy),
        await all_of(TRIGGERS, Trigger),
        await all_of(ROW_FUNCTIONS, RowFunction),
        await all_of(SQL_FUNCTIONS, SqlFunction),
    )


TABLES = """
SELECT c.relname AS name, array_agg(a.attname) AS columns
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
 GROUP BY 1 ORDER BY 1
"""
NAMES = """ARRAY(SELECT a.attname FROM unnest({numbers}) WITH ORDINALITY AS n (number, place)
   JOIN pg_attribute a ON a.attrelid = {table} AND a.attnum = n.number ORDER BY n.place)"""
KEYS = f"""
SELECT i.indrelid::regclass::text AS "table", x.relname AS name, i.indisprimary AS "primary", k.oid IS NULL AS index,
       {NAMES.format(numbers="i.indkey::smallint[]", table="i.indrelid")} AS columns,
       i.indnullsnotdistinct AS nulls_not_distinct,
       COALESCE(' WHERE ' || pg_get_expr(i.indpred, i.indrelid), '') AS suffix
  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
  LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u')
 WHERE x.relnamespace = 'public'::regnamespace AND i.indisunique
 ORDER BY 1, 2
"""
FOREIGN_KEYS = f"""
SELECT k.conrelid::regclass::text AS "table", k.conname AS name,
       {NAMES.format(numbers="k.conkey", table="k.conrelid")} AS columns,
       k.confrelid::regclass::text AS target,
       {NAMES.format(numbers="k.confkey", table="k.confrelid")} AS target_columns,
       k.confupdtype = 'c' AS cascades
  FROM pg_constraint k
 WHERE k.connamespace = 'public'::regnamespace AND k.contype = 'f'
 ORDER BY 1, 2
"""
EXCLUSIONS = """
SELECT k.conrelid::regclass::text AS "table", k.conname AS name,
       ARRAY(SELECT pg_get_indexdef(k.conindid, n::int, true) || ' ' || o.oprname
               FROM unnest(k.conexclop) WITH ORDINALITY AS e (operator, n)
               JOIN pg_operator o ON o.oid = e.operator ORDER BY n) AS elements,
       pg_get_expr(i.indpred, i.indrelid) AS "where"
  FROM pg_constraint k JOIN pg_index i ON i.indexrelid = k.conindid
 WHERE k.connamespace = 'public'::regnamespace AND k.contype = 'x'
 ORDER BY 1, 2
"""
POLICIES = """
SELECT p.polrelid::regclass::text AS "table", p.polname AS name, p.polpermissive AS permissive,
       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
                     ELSE 'ALL' END AS command,
       COALESCE((SELECT string_agg(quote_ident(rolname), ', ') FROM pg_roles WHERE oid = ANY (p.polroles)), 'PUBLIC')
         AS roles,
       pg_get_expr(p.polqual, p.polrelid) AS using, pg_get_expr(p.polwithcheck, p.polrelid) AS "check"
  FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
 WHERE c.relnamespace = 'public'::regnamespace
 ORDER BY 1, 2
"""
TRIGGERS = """
SELECT t.tgrelid::regclass::text AS "table", t.tgname AS name, f.proname AS function,
       pg_get_triggerdef(t.oid) AS definition
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc f ON f.oid = t.tgfoid
 WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal
 ORDER BY 1, 2
"""
ROW_FUNCTIONS = """
SELECT f.oid::regprocedure::text AS signature, pg_get_functiondef(f.oid) AS definition,
       format('COMMENT ON FUNCTION %s IS %L', f.oid::regprocedure, obj_description(f.oid, 'pg_proc')) AS comment
  FROM pg_proc f
 WHERE f.pronamespace = 'public'::regnamespace
   AND EXISTS (SELECT 1 FROM unnest(f.proargtypes) AS a (type) JOIN pg_type t ON t.oid = a.type
                JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'r')
 -- Those that call others come after them.
 ORDER BY (SELECT count(*) FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid
                                              AND d.refclassid = 'pg_proc'::regclass), f.oid
"""
# Whose body is parsed already asks no table; what writes does so at the coordinator.
SQL_FUNCTIONS = """
SELECT f.oid::regprocedure::text AS signature, split_part(pg_get_functiondef(f.oid), 'AS $function$', 1) AS head,
       f.prosrc AS body, f.proretset AS many
  FROM pg_proc f JOIN pg_language l ON l.oid = f.prolang
 WHERE f.pronamespace = 'public'::regnamespace AND l.lanname = 'sql' AND f.prosqlbody IS NULL
   AND f.prosrc ~* '^\\s*(--[^\\n]*\\n\\s*)*(SELECT|WITH)\\s'
 ORDER BY 1
"""
