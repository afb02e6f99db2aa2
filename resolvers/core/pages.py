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
from graphql.execution.collect_fields import FieldDetails
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Date,
    Float,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    exists,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    tuple_,
)

from resolvers.core.arguments import Arguments, Convert
from resolvers.core.context import Context
from resolvers.core.errors import BadInput
from resolvers.core.json import Pairs, Rows, reversed_array
from resolvers.core.mapping import Clause, Sorting
from resolvers.core.messages import Message
from resolvers.core.permissions import Permission

LARGEST = 100
"""The most rows that a page may have, unless the server's own request says otherwise."""

USUAL = 20
"""How many rows a page has when neither `first` nor `last` is given."""

MAX_ORDER = 4

KINDS = ((Date, date), (Integer, int), (Float, float))
"""As what a value of a column stands in a cursor; text if it is none of these."""


Shape = Callable[[list[FieldDetails]], ColumnElement[Any]]
"""Makes the value of a field that no table stands behind, from what is selected below it."""


@dataclass(frozen=True)
class Key:
    """One column of an order."""

    column: ColumnElement[Any]
    name: str
    descending: bool


def page_size(value: int, context: Context) -> int:
    """Checks `first` or `last`."""
    most = context.largest_page
    if not 1 <= value <= most:
        raise BadInput(Message("A page has 1 to {most} rows: first and last must be between 1 and {most}.", most=most))
    return value


class Order:
    """The order of a connection's rows, made total by the id. alike: columns that order as the id does, but quicker."""

    def __init__(
        self,
        arguments: Arguments,
        row: FromClause,
        default: tuple[str, ...],
        sorting: Sorting | None,
        need: Callable[[Permission], None],
        *,
        alike: list[ColumnElement[Any]] | None = None,
    ) -> None:
        asked: list[tuple[str, bool]] = []
        for item in arguments.get("orderBy") or () if sorting else ():
            assert sorting is not None
            field = item["field"].value
            if (permission := sorting.needs.get(field)) is not None:
                need(permission)
            asked.append((sorting.columns[field], item["direction"].value == "DESC"))
        if len(asked) > MAX_ORDER:
            raise BadInput(Message("At most {most} fields can order a connection.", most=MAX_ORDER))
        names = asked or [(name.removeprefix("-"), name.startswith("-")) for name in default]
        # A column that comes again orders nothing any more: its first place and direction count.
        directions = dict(reversed(names))
        names = [(name, directions[name]) for name in dict.fromkeys(name for name, _ in names)]
        if "id" not in [name for name, _ in names]:
            # In the direction of the last field, so that one order keeps one direction and one index.
            names.append(("id", names[-1][1] if names else False))
        self.keys = [Key(row.c[name], name, down) for name, down in names]
        self._alike = {"id": alike} if alike else {}
        self.tag = ",".join(f"{'-' if key.descending else ''}{key.name}" for key in self.keys)

    def by(self, *, backward: bool) -> list[ColumnElement[Any]]:
        """ORDER BY, or its reverse."""
        return [
            column.desc() if key.descending != backward else column.asc()
            for key in self.keys
            for column in self._alike.get(key.name, [key.column])
        ]

    def cursor(self) -> ColumnElement[str]:
        """The cursor of a row, as SQL."""
        values = func.json_build_array(literal_column(f"'{self.tag}'"), *[key.column for key in self.keys])
        encoded = func.encode(func.convert_to(values.cast(Text), "UTF8"), literal_column("'base64'"))
        return func.replace(encoded, literal_column("E'\\n'"), literal_column("''"), type_=Text)

    def beyond(self, arguments: Arguments, name: str, *, forward: bool) -> Clause:
        """The rows after (or, not forward, before) the cursor in an argument."""
        # A cursor may hold any bigint, whatever the column.
        types = [BigInteger() if isinstance(key.column.type, Integer) else key.column.type for key in self.keys]
        values = [arguments.bind(type_, name, convert=self._reader(index)) for index, type_ in enumerate(types)]
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


class Window:
    """The rows of one page, from its beginning or, with `last`, from its end."""

    def __init__(self, arguments: Arguments, everything: Select[Any], order: Order) -> None:
        self._arguments, self._everything, self._order = arguments, everything, order
        self.backward = arguments.get("last") is not None
        if self.backward and arguments.get("first") is not None:
            raise BadInput(Message("Ask for first or for last, not for both."))
        name = "last" if self.backward else "first"
        self._size: ColumnElement[int] = (
            literal_column(str(USUAL), Integer)
            if arguments.get(name) is None
            else arguments.bind(Integer(), name, convert=page_size)
        )
        self._after = None if arguments.get("after") is None else order.beyond(arguments, "after", forward=True)
        self._before = None if arguments.get("before") is None else order.beyond(arguments, "before", forward=False)
        page = everything
        for clause in (self._after, self._before):
            page = page if clause is None else page.where(clause)
        self._page = page.order_by(*order.by(backward=self.backward))
        self.query = self._page.limit(self._size)

    def array(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """One value of each row of a backward page, in the order of the connection."""
        return reversed_array(self.query, value, self._order.by(backward=True))

    def info(
        self, shaped: Callable[[dict[str, Shape]], Pairs], json: Callable[[Select[Any], Pairs], Rows]
    ) -> ColumnElement[Any]:
        """`pageInfo`, from one reading of the page's keys and the one row behind it."""
        window = self._page.with_only_columns(self._order.cursor().label("cursor")).limit(self._size + 1).subquery()
        empty: ColumnElement[Any] = literal_column("'{}'::text[]")
        cursors = select(func.coalesce(func.array_agg(window.c.cursor), empty, type_=ARRAY(Text)).label("all"))
        found = cursors.subquery()
        count = func.cardinality(found.c.all)
        more = count > self._size
        near, far = found.c.all[1], found.c.all[func.least(count, self._size)]
        behind = self._others(self._before if self.backward else self._after)
        values: dict[str, ColumnElement[Any]] = {
            "hasNextPage": behind if self.backward else more,
            "hasPreviousPage": more if self.backward else behind,
            "startCursor": far if self.backward else near,
            "endCursor": near if self.backward else far,
        }
        pairs = shaped({name: _returning(value) for name, value in values.items()})
        return json(select(literal_column("1")).select_from(found), pairs).one()

    def _others(self, beyond: ColumnElement[bool] | None) -> ColumnElement[bool]:
        """Whether there are rows on the cursor's other side."""
        if beyond is None:
            return literal_column("false")
        return exists(self._everything.where(not_(beyond)).with_only_columns(literal_column("1")))


def _returning(value: ColumnElement[Any]) -> Shape:
    return lambda _: value


def _kind(column: ColumnElement[Any]) -> type:
    if isinstance(column, Column) and column.nullable:
        raise TypeError(f"{column} can be null and cannot order a connection")
    return next((kind for type_, kind in KINDS if isinstance(column.type, type_)), str)


def _decode(cursor: str, tag: str, kinds: list[type]) -> list[Any]:
    """The values in a cursor; refuses what this order did not write."""
    try:
        found = orjson.loads(b64decode(cursor, validate=True))
        if not isinstance(found, list) or len(found) != len(kinds) + 1 or found[0] != tag:
            raise ValueError("another order's")
        return [_value(value, kind) for value, kind in zip(found[1:], kinds, strict=True)]
    except (ValueError, binascii.Error, UnicodeError):
        raise BadInput(Message("The cursor is not one of this connection's in this order.")) from None


def _value(value: Any, kind: type) -> Any:
    if kind is date:
        return date.fromisoformat(value if isinstance(value, str) else "")
    if kind is float and type(value) is int:
        # What is whole looks like that in JSON.
        return float(value)
    if type(value) is not kind or (isinstance(value, int) and not -(2**63) <= value < 2**63):
        raise ValueError("another type's")
    return value
