"""What a statement says more where rows lie on shards, by their county (Citus): so that it finds them all on one.

Under a scope in a county every table is cut to the county where it is read, whatever it is joined by, so that the
statement is one task of the node that has the county. Under a wider one, rows that are joined by a key are of the same
county, and say so: each shard answers for its counties, and what a statement is of is put together from that.

What hangs below a region is of other counties than the region. A statement that goes that way cannot be answered shard
by shard: `gathering` brings the rows of the scope to the coordinator first.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy import (
    BinaryExpression,
    Column,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Table,
    case,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql.asyncpg import PGCompiler_asyncpg, PGDialect_asyncpg
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler

from models import PlaceLevel, metadata
from resolvers.core.scope import INHERITED, Scope, table_name

WHOLE = frozenset({"account", "account_grant", "external_identity", "service_key"})
"""Tables that say the county of their rows, and yet are whole on every node: who somebody is, is asked everywhere."""

_ABOVE = {("place", "parent_id"), ("station", "parent_id"), ("placement", "parent_id")}
"""Keys of what may be of another county: a hub hangs under a region, and each region is a county of its own."""


def is_sharded(row: FromClause) -> bool:
    """Whether the rows of a table, or of an alias of it, lie on shards."""
    table: Any = getattr(row, "element", row)
    return isinstance(table, Table) and "county_id" in table.c and table.name not in WHOLE


class _InCounty(PGCompiler_asyncpg):
    """Cuts each table to the county."""

    def visit_table(self, table: Any, *args: Any, **more: Any) -> str:
        """Where it is read under an alias; a table without one says its county itself (`resolvers.core.finding`)."""
        name: str = super().visit_table(table, *args, **more)  # type: ignore[no-untyped-call]
        if more.get("asfrom") and more.get("enclosing_alias") is not None and is_sharded(table):
            return f"(SELECT * FROM {name} WHERE county_id = {self.process(Scope.county)})"
        return name


class _OverCounties(PGCompiler_asyncpg):
    """Says of rows that are joined by a key that they are of the same county."""

    def visit_binary(self, binary: BinaryExpression[Any], *args: Any, **more: Any) -> str:
        """A comparison of the columns of two tables."""
        text: str = super().visit_binary(binary, *args, **more)  # type: ignore[no-untyped-call]
        if not (_joins_by_key(binary) or _lies_below(binary)):
            return text
        left, right = [side.table.c.county_id for side in (binary.left, binary.right)]
        return f"({text} AND {self.process(left)} = {self.process(right)})"


class Subtrees:
    """What lies below the rows of an operation, where a statement fans out: a region's is of other counties.

    Of the one row that a root field finds the path is looked up apart, by what finds the row, so that the shards need
    not have both. Any other is of the same county, or the statement fails, and is asked of rows that are gathered.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._apart: dict[FromClause, Any] = {}

    def found(self, row: FromClause, finds: Callable[[FromClause], ColumnElement[bool]]) -> None:
        """Notes a root field's row. finds: what finds it, of another alias."""
        if self._scope.fans_out and table_name(row) == "station":
            self._apart[row] = finds

    def top(self, row: FromClause | None) -> Any:
        """A row as what lies below it is told from."""
        finds = None if row is None else self._apart.get(row)
        if row is None or finds is None:
            return row
        other: Any = row.element.alias()  # type: ignore[attr-defined]
        path = select(other.c.path).where(finds(other), self._scope.visible(other)).correlate_except(other)
        return SimpleNamespace(element=other.element, c=SimpleNamespace(id=row.c.id, path=path.scalar_subquery()))

    def checked(self, row: FromClause | None, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """What was made of rows below another."""
        if row is None or not self._scope.fans_out or table_name(row) != "station" or row in self._apart:
            return value
        one, zero = [literal_column(number, Integer()) for number in ("1", "0")]
        county = case((row.c.level == literal_column(f"'{PlaceLevel.REGION}'"), zero), else_=one)
        return case((one.op("/")(county) == one, value))


def _joins_by_key(binary: BinaryExpression[Any]) -> bool:
    keys = binary.operator is operators.eq and _is_key(binary.left) and _is_key(binary.right)
    return keys and {binary.left.name, binary.right.name} != {"county_id"}


def _lies_below(binary: BinaryExpression[Any]) -> bool:
    """Whether a comparison begins the range of what lies below a row of a place, and is of its county.

    Of a region it is not: there `Subtrees` sees to it.
    """
    if binary.operator is not operators.ge:
        return False
    row, place = binary.left, binary.right
    paths = all(
        isinstance(side, Column) and side.name.endswith("path") and is_sharded(side.table) for side in (row, place)
    )
    return paths and table_name(place.table) in ("station", "community", "grid")


def _is_key(side: Any) -> bool:
    """Whether something is a key that names a row of the same county."""
    if not isinstance(side, Column) or not is_sharded(side.table):
        return False
    named = side.name == "id" or side.name.endswith("_id")
    return named and (table_name(side.table), side.name) not in _ABOVE


class _InCountyDialect(PGDialect_asyncpg):
    statement_compiler = _InCounty
    supports_statement_cache = True


class _OverCountiesDialect(PGDialect_asyncpg):
    statement_compiler = _OverCounties
    supports_statement_cache = True


_PLAIN = PGDialect_asyncpg()  # type: ignore[no-untyped-call]
_IN_COUNTY = _InCountyDialect()  # type: ignore[no-untyped-call]
_OVER_COUNTIES = _OverCountiesDialect()  # type: ignore[no-untyped-call]


# Citus 14 takes a subquery whose conditions came to nothing for one that reads no shard, and loses what it reads.
_NO_CONDITION = re.compile(r"\s+WHERE true(?!\s+(?:AND|OR)\b)")


def compiled_for(scope: Scope, statement: Select[Any]) -> SQLCompiler:
    """A statement's text and parameters, for the database that a scope is of."""
    dialect = _PLAIN
    if scope.sharded:
        dialect = _OVER_COUNTIES if scope.wide else _IN_COUNTY
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    if scope.sharded:
        compiled.string = _NO_CONDITION.sub("", compiled.string)
    return compiled


@dataclass(frozen=True)
class Gathering:
    """A statement of a wide scope, of rows that are brought together first.

    queries: of each of its tables, how many rows the scope has and those rows as JSON, by the path and the end of the
    scope; MOST_GATHERED and one more at the most. sql: the statement, over what they answer as further parameters.
    """

    queries: tuple[str, ...]
    sql: str


def gathering(sql: str, order: Sequence[str]) -> Gathering:
    """A statement in two steps. order: the names of its parameters.

    The rows go by the names of their tables, so that nothing else of the statement changes; and it names no table of
    the shards any more, so that it is PostgreSQL alone that plans it: of Citus it would be too much.
    """
    # Brought together, rows of several counties may be joined.
    sql = _CHECKED.sub(r"\1 1 ELSE 1", _SAME_COUNTY.sub("", sql))
    columns: dict[str, set[str]] = {}
    for table, alias in _READ.findall(sql):
        if table in metadata.tables:
            columns.setdefault(table, set()).update(re.findall(rf"\b{alias}\.(\w+)", sql))
    queries, rows = [], []
    for number, (name, names) in enumerate(sorted(columns.items()), start=len(order) + 1):
        table = metadata.tables[name]
        queries.append(_query(table, sorted(names)))
        types = [f'"{column}" {table.c[column].type.compile(_PLAIN)}' for column in sorted(names)]
        rows.append(
            f"{name} AS MATERIALIZED (SELECT * FROM json_to_recordset(${number}::text::json) AS r({', '.join(types)}))"
        )
    rest = sql.removeprefix("WITH ")
    return Gathering(tuple(queries), f"WITH {', '.join(rows)}{' ' if rest == sql else ', '}{rest}")


MOST_GATHERED = 100_000

_SAME_COUNTY = re.compile(r" AND \w+\.county_id = \w+\.county_id\b")
_CHECKED = re.compile(r"(\.level = '\w+'\) THEN) 0 ELSE 1")
_READ = re.compile(r"(?:\bFROM|\bJOIN|,) (\w+) AS (\w+)")


def _query(table: Table, columns: list[str]) -> str:
    where = ""
    if is_sharded(table):
        where = ' WHERE (path >= $1::text COLLATE "C" AND path < $2::text COLLATE "C"'
        where += ' OR starts_with($1::text COLLATE "C", path))' if table.name in INHERITED else ")"
    else:
        where = " WHERE $1::text < $2::text"
    listed = ", ".join(f'"{column}"' for column in columns)
    found = f"SELECT {listed} FROM public.{table.name}{where} LIMIT {MOST_GATHERED + 1}"
    return f"SELECT count(*), coalesce(json_agg(r)::text, '[]') FROM ({found}) AS r"
