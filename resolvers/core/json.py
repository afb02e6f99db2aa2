"""JSON that PostgreSQL builds, in the exact shape that was selected.

The fastest form, `array_to_json(array_agg(row))`, takes its keys from column names. Those are cut at 63 bytes and a
SELECT has at most 1,664 of them: an object beyond either is put together as text instead.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Numeric, Select, Text, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSON, aggregate_order_by

MAX_KEY = 63
MAX_KEYS = 1600

ROW = "a row"
"""The name of a row as a whole. PostgreSQL would rather take it for a column's: no response key can be that."""

Pairs = list[tuple[str, ColumnElement[Any]]]

AROUND = select().correlate_except(None)
"""A SELECT without a FROM of its own: all that it names are the rows around it."""


def string(value: str) -> ColumnElement[str]:
    """A name of the schema or a response key (both are GraphQL names: letters, digits, underscores) as SQL."""
    return literal_column(f"'{value}'", Text)


def literal_array(values: list[str]) -> ColumnElement[Any]:
    """Names of the schema as an array of JSON."""
    listed = ",".join(f'"{value}"' for value in values)
    return literal_column(f"'[{listed}]'::json", JSON)


def scalar(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column as JSON shows it: instants in UTC with microseconds, as Python's isoformat would have them.

    Decimals are text, as GraphQL's Decimal is: no client's floating point must touch money.
    """
    if isinstance(column.type, Numeric):
        return cast(column, Text)
    if isinstance(column.type, DateTime):
        utc = func.timezone("UTC", column)
        return func.to_char(utc, literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'"""), type_=Text)
    return column


@dataclass(frozen=True)
class Rows:
    """A query's rows as JSON, each an object with these keys. flat: put together as text, whatever the keys."""

    query: Select[Any]
    pairs: Pairs
    flat: bool = False

    def one(self) -> ColumnElement[Any]:
        """The first row's object, or NULL."""
        if not self._fits():
            return self.query.with_only_columns(_text_object(self.pairs)).scalar_subquery()
        inner = self.query.with_only_columns(*_labelled(self.pairs)).subquery(ROW)
        return select(func.row_to_json(inner.table_valued(), type_=JSON)).scalar_subquery()

    def array(self) -> ColumnElement[Any]:
        """All rows' objects, in the query's order."""
        if not self._fits():
            return array(self.query, _text_object(self.pairs))
        inner = self.query.with_only_columns(*_labelled(self.pairs)).subquery(ROW)
        return _aggregated(func.array_agg(inner.table_valued()))

    def _fits(self) -> bool:
        return not self.flat and 0 < len(self.pairs) <= MAX_KEYS and all(len(key) <= MAX_KEY for key, _ in self.pairs)


@dataclass(frozen=True)
class Values:
    """One value of each of a query's rows, where `Rows` has objects."""

    query: Select[Any]
    value: ColumnElement[Any]

    def one(self) -> ColumnElement[Any]:
        """The first row's, or NULL."""
        return self.query.with_only_columns(self.value).scalar_subquery()

    def array(self) -> ColumnElement[Any]:
        """All rows', in the query's order."""
        return array(self.query, self.value)


def array(query: Select[Any], value: ColumnElement[Any]) -> ColumnElement[Any]:
    """One value of each row, as an array in the query's order."""
    inner = query.with_only_columns(value.label("value")).subquery(ROW)
    return _aggregated(func.array_agg(inner.c.value))


def reversed_array(
    query: Select[Any], value: ColumnElement[Any], order: list[ColumnElement[Any]]
) -> ColumnElement[Any]:
    """One value of each row, against the query's order: a page that was read from its end."""
    inner = query.with_only_columns(
        value.label("value"), func.row_number().over(order_by=order).label("position")
    ).subquery()
    return _aggregated(func.array_agg(aggregate_order_by(inner.c.value, inner.c.position.desc())))


def object_(pairs: Pairs, *, flat: bool = False) -> ColumnElement[Any]:
    """One object of values at hand, which may refer to the rows around it. flat: without a subquery."""
    if not pairs:
        return literal_column("'{}'::json", JSON)
    if flat:
        return _text_object(pairs)
    return Rows(AROUND, pairs).one()


def _labelled(pairs: Pairs) -> list[ColumnElement[Any]]:
    return [value.label(key) for key, value in pairs]


def _aggregated(rows: ColumnElement[Any]) -> ColumnElement[Any]:
    whole = func.coalesce(func.array_to_json(rows, type_=JSON), literal_column("'[]'::json"), type_=JSON)
    return select(whole).scalar_subquery()


def _text_object(pairs: Pairs) -> ColumnElement[Any]:
    parts: list[ColumnElement[Any]] = []
    for key, value in pairs:
        parts.append(string(f'{"," if parts else "{"}"{key}":'))
        # A name of the schema is an untyped literal, which to_json would refuse.
        typed = cast(value, Text) if isinstance(value.type, Text) else value
        parts.append(func.coalesce(cast(func.to_json(typed), Text), string("null")))
    return cast(_joined([*(parts or [string("{")]), string("}")]), JSON)


def _joined(parts: list[ColumnElement[Any]]) -> ColumnElement[Any]:
    """The parts, one after another; by halves, because SQLAlchemy compiles operands by recursion."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return _joined(parts[:middle]).op("||")(_joined(parts[middle:]))
