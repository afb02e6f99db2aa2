"""The statements by which writes find rows: in scope, by the values of columns."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, literal_column, select
from sqlmodel import SQLModel

from resolvers.core.relations import table_of
from resolvers.core.scope import End, Scope
from resolvers.core.sharding import compiled_for, is_sharded

# Never selected: the server's role may not.
UNREADABLE = {"account": {"password_hash"}, "service_key": {"digest", "session_id"}}


@cache
def readable(model: type[SQLModel]) -> str:
    """What a statement selects or returns of a table's rows."""
    return ", ".join(column.name for column in _columns(model))


def _columns(model: type[SQLModel]) -> Iterable[ColumnElement[Any]]:
    table = table_of(model)
    return [column for column in table.c if column.name not in UNREADABLE.get(table.name, ())]


@dataclass(frozen=True)
class Sought:
    """What makes the text of a statement that finds rows: the columns with values, and those that are NULL."""

    names: tuple[str, ...]
    nulls: tuple[str, ...]
    lock: bool
    limit: int | None
    end: End
    seen: bool


@cache
def finding(model: type[SQLModel], sought: Sought, scope: Scope) -> tuple[str, tuple[str, ...]]:
    """The statement that finds rows in scope by values of columns, and the order of its parameters."""
    table = table_of(model)
    reached = scope.visible(table) if sought.seen else scope.writable_at(table, sought.end)
    query = select(*_columns(model)).where(reached).order_by(table.c.id)
    if scope.sharded and not scope.wide and is_sharded(table):
        query = query.where(table.c.county_id == scope.county)
    for name in sought.names:
        query = query.where(table.c[name] == bindparam(f"v_{name}", type_=table.c[name].type))
    for name in sought.nulls:
        query = query.where(table.c[name].is_(None))
    if sought.lock:
        query = query.with_for_update(key_share=True)
    if sought.limit is not None:
        query = query.limit(literal_column(str(sought.limit)))
    compiled = compiled_for(scope, query)
    return compiled.string, tuple(compiled.positiontup or ())
