"""Connections: order, cursors, pages."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests import nouns
from tests.reference.counted import STATISTICS
from tests.reference.tables import Row, column_of

USUAL = 20
DATES = {"opened_on"}.union(*(noun.dates for noun in nouns.NOUNS))
NUMBERS = {"id", "households"}.union(*(noun.numbers for noun in nouns.NOUNS))
USUALLY = {"AuditEntry": ("-id",)} | {noun.type: ("-id",) if noun.newest else noun.order for noun in nouns.NOUNS}
"""By what the connections of a type are ordered if nothing is asked; `-` descends."""


class BadCursor(ValueError):
    """A cursor that this order did not write."""


@dataclass(frozen=True)
class Order:
    """Columns, each with whether it descends; the id is the last. kinds: of those whose names do not say it."""

    keys: tuple[tuple[str, bool], ...]
    kinds: Mapping[str, type] = field(default_factory=dict)

    @classmethod
    def of(cls, order_by: list[dict[str, str]] | None, type_: str = "") -> "Order":
        """The order that an argument asks for; a column that comes twice counts the first time.

        type_: of the rows.
        """
        keys: dict[str, bool] = {}
        statistic = STATISTICS.get(type_)
        for step in order_by or []:
            name = step["field"].lower()
            if statistic is not None:
                name = "id" if name == "key" else f"sort_{name}"
            keys.setdefault(name, step["direction"] == "DESC")
        if not keys:
            keys = {name.removeprefix("-"): name.startswith("-") for name in USUALLY.get(type_, ())}
        keys.setdefault("id", next(reversed(keys.values()), False))
        if statistic is None:
            return cls(tuple(keys.items()))
        floats = {f"sort_{column_of(name)}" for name in ("share", *statistic.floats)}
        return cls(tuple(keys.items()), {name: float if name in floats else int for name in keys} | {"id": str})

    @property
    def tag(self) -> str:
        """What a cursor says of the order."""
        return ",".join(("-" if down else "") + name for name, down in self.keys)

    def sort(self, rows: list[Row]) -> list[Row]:
        """The rows in this order."""
        for name, down in reversed(self.keys):
            rows = sorted(rows, key=lambda row: row[name], reverse=down)
        return rows

    def write(self, row: Row) -> str:
        """The cursor of a row."""
        values = [_written(row[name]) for name, _ in self.keys]
        return base64.b64encode(json.dumps([self.tag, *values], ensure_ascii=False).encode()).decode()

    def read(self, cursor: str) -> list[Any]:
        """The values in a cursor. Raises BadCursor."""
        try:
            tag, *values = json.loads(base64.b64decode(cursor, validate=True))
            if tag != self.tag or len(values) != len(self.keys):
                raise BadCursor
            return [self._value(name, value) for (name, _), value in zip(self.keys, values, strict=True)]
        except (ValueError, TypeError) as error:
            raise BadCursor from error

    def _value(self, name: str, value: Any) -> Any:
        if name in DATES:
            return date.fromisoformat(value)
        kind = self.kinds.get(name, int if name in NUMBERS else str)
        if kind is float and type(value) is int:
            return float(value)
        if type(value) is not kind:
            raise BadCursor
        return value

    def behind(self, row: Row, values: list[Any]) -> int:
        """-1, 0 or 1: whether a row stands before, at or behind a cursor."""
        for (name, down), value in zip(self.keys, values, strict=True):
            if row[name] != value:
                return 1 if (row[name] > value) != down else -1
        return 0


def _written(value: Any) -> Any:
    """A value as a cursor has it."""
    if isinstance(value, date):
        return value.isoformat()
    return int(value) if isinstance(value, float) and value.is_integer() else value


def connection(rows: list[Row], arguments: dict[str, Any], type_: str = "") -> dict[str, Any]:
    """One page of the rows, of a type, that meet the filter."""
    order = Order.of(arguments.get("orderBy"), type_)
    after, before = arguments.get("after"), arguments.get("before")
    backward = arguments.get("last") is not None
    size = arguments["last"] if backward else arguments.get("first")
    size = USUAL if size is None else size
    everything = order.sort(rows)
    left = everything
    begins = ends = False
    if after is not None:
        start = order.read(after)
        left = [row for row in left if order.behind(row, start) > 0]
        begins = any(order.behind(row, start) <= 0 for row in everything)
    if before is not None:
        end = order.read(before)
        left = [row for row in left if order.behind(row, end) < 0]
        ends = any(order.behind(row, end) >= 0 for row in everything)
    page = left[-size:] if backward else left[:size]
    more = len(left) > size
    edges = [{"cursor": order.write(row), "node": row} for row in page]
    return {
        "nodes": page,
        "edges": edges,
        "totalCount": len(rows),
        "pageInfo": {
            "hasNextPage": ends if backward else more,
            "hasPreviousPage": more if backward else begins,
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
        },
    }
