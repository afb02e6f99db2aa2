"""Pages of a connection: order, keyset cursors, page sizes.

A cursor is the base64 of a JSON array: the order that it belongs to, then the row's values in that order, the id last.
It says where to go on, and nothing that its row did not: forged or carried over from another scope, it can only skip
rows that are visible anyway.
"""

import binascii
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Column, ColumnElement, FromClause, Integer, Text, and_, false, func, literal_column, or_, tuple_

from resolvers.core.arguments import Arguments, Convert
from resolvers.core.context import Context
from resolvers.core.errors import BadInput
from resolvers.core.mapping import Clause, Sorting
from resolvers.core.permissions import Permission

LARGEST = 100
"""The most rows that a page may have."""

USUAL = 20
"""How many rows a page has when neither `first` nor `last` is given."""

MAX_ORDER = 4


@dataclass(frozen=True)
class Key:
    """One column of an order."""

    column: ColumnElement[Any]
    name: str
    descending: bool


def page_size(value: int, _: Context) -> int:
    """Checks `first` or `last`."""
    if not 1 <= value <= LARGEST:
        raise BadInput(f"A page has 1 to {LARGEST} rows: first and last must be between 1 and {LARGEST}.")
    return value


class Order:
    """The order of a connection's rows, made total by the id."""

    def __init__(
        self,
        arguments: Arguments,
        row: FromClause,
        default: tuple[str, ...],
        sorting: Sorting | None,
        need: Callable[[Permission], None],
    ) -> None:
        asked: list[tuple[str, bool]] = []
        for item in arguments.get("orderBy") or () if sorting else ():
            assert sorting is not None
            field = item["field"].value
            if (permission := sorting.needs.get(field)) is not None:
                need(permission)
            asked.append((sorting.columns[field], item["direction"].value == "DESC"))
        if len(asked) > MAX_ORDER:
            raise BadInput(f"At most {MAX_ORDER} fields can order a connection.")
        names = asked or [(name.removeprefix("-"), name.startswith("-")) for name in default]
        # A column that comes again orders nothing any more: its first place and direction count.
        directions = dict(reversed(names))
        names = [(name, directions[name]) for name in dict.fromkeys(name for name, _ in names)]
        if "id" not in [name for name, _ in names]:
            # In the direction of the last field, so that one order keeps one direction and one index.
            names.append(("id", names[-1][1] if names else False))
        self.keys = [Key(row.c[name], name, down) for name, down in names]
        self.tag = ",".join(f"{'-' if key.descending else ''}{key.name}" for key in self.keys)

    def by(self, *, backward: bool) -> list[ColumnElement[Any]]:
        """ORDER BY, or its reverse."""
        return [key.column.desc() if key.descending != backward else key.column.asc() for key in self.keys]

    def cursor(self) -> ColumnElement[str]:
        """The cursor of a row, as SQL."""
        values = func.json_build_array(literal_column(f"'{self.tag}'"), *[key.column for key in self.keys])
        encoded = func.encode(func.convert_to(values.cast(Text), "UTF8"), literal_column("'base64'"))
        return func.replace(encoded, literal_column("E'\\n'"), literal_column("''"), type_=Text)

    def beyond(self, arguments: Arguments, name: str, *, forward: bool) -> Clause:
        """The rows after (or, not forward, before) the cursor in an argument."""
        values = [
            arguments.bind(key.column.type, name, convert=self._reader(index)) for index, key in enumerate(self.keys)
        ]
        directions = {key.descending for key in self.keys}
        if len(directions) == 1:
            left, right = tuple_(*[key.column for key in self.keys]), tuple_(*values)
            return left > right if directions == {not forward} else left < right
        clause: Clause = false()
        for key, value in reversed(list(zip(self.keys, values, strict=True))):
            step = key.column > value if key.descending != forward else key.column < value
            clause = or_(step, and_(key.column == value, clause))
        return clause

    def _reader(self, index: int) -> Convert:
        kinds = [_kind(key.column) for key in self.keys]

        def read(cursor: str, _: Context) -> Any:
            return _decode(cursor, self.tag, kinds)[index]

        return read


def _kind(column: ColumnElement[Any]) -> type:
    if isinstance(column, Column) and column.nullable:
        raise TypeError(f"{column} can be null and cannot order a connection")
    return date if column.type.python_type is date else int if isinstance(column.type, Integer) else str


def _decode(cursor: str, tag: str, kinds: list[type]) -> list[Any]:
    """The values in a cursor; refuses what this order did not write."""
    try:
        found = orjson.loads(b64decode(cursor, validate=True))
        if not isinstance(found, list) or len(found) != len(kinds) + 1 or found[0] != tag:
            raise ValueError("another order's")
        return [_value(value, kind) for value, kind in zip(found[1:], kinds, strict=True)]
    except (ValueError, binascii.Error, UnicodeError):
        raise BadInput("The cursor is not one of this connection's in this order.") from None


def _value(value: Any, kind: type) -> Any:
    if kind is date:
        return date.fromisoformat(value if isinstance(value, str) else "")
    if type(value) is not kind or (isinstance(value, int) and not -(2**63) <= value < 2**63):
        raise ValueError("another type's")
    return value
