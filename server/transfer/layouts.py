"""How the rows of a connection become those of a table: under which headers, and with what below all."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from resolvers.core.errors import BadInput
from resolvers.core.messages import Message
from resolvers.core.pages import LARGEST
from server.transfer.columns import Cell, Connection, ExportColumn
from server.transfer.groups import KEY, Statistics
from server.transfer.matrix import CELLS, ITEM, ITEMS, Matrix

Row = list[Cell]

TOTAL = ("合计", "total")
TOTAL_OF_MORE = ("合计（含未列出的过小分组）", "total, with groups too small to be told")


class Layout:
    """A column for each value; `first`, in all methods, is the first page, and `headers` is asked before the rows.

    beside: what is selected of the first page besides its rows.
    """

    beside = ""

    def __init__(self, connection: Connection, columns: list[ExportColumn], *, chinese: bool) -> None:
        self.connection, self.columns, self.chinese = connection, columns, chinese

    @property
    def asked(self) -> list[ExportColumn]:
        """What is selected of each row."""
        return self.columns

    def headers(self, first: Mapping[str, Any]) -> list[str]:  # noqa: ARG002 - other layouts read them there
        """The names of the columns."""
        return [column.header if self.chinese else column.name for column in self.columns]

    def row(self, node: Mapping[str, Any]) -> Row:
        """One row."""
        return [column.cell(node, chinese=self.chinese) for column in self.columns]

    def last(self, first: Mapping[str, Any]) -> list[Row]:  # noqa: ARG002 - other layouts find it there
        """What stands below all rows."""
        return []


class Totals(Layout):
    """Groups; below them the figures over everything, if there is a key in the table in whose place to say so."""

    connection: Statistics

    def __init__(self, statistics: Statistics, columns: list[ExportColumn], *, chinese: bool) -> None:
        super().__init__(statistics, columns, chinese=chinese)
        keys = [number for number, column in enumerate(columns) if column.path[0] == KEY]
        figures = [column.name for column in columns if column.name in statistics.totals]
        if keys and figures:
            self._at = keys[0]
            self.beside = f"suppressed total {{ {' '.join(figures)} }}"

    def last(self, first: Mapping[str, Any]) -> list[Row]:
        """The figures over everything, and nothing in the columns of other values."""
        if not self.beside:
            return []
        row: Row = [
            column.cell(first["total"], chinese=self.chinese) if column.name in self.connection.totals else None
            for column in self.columns
        ]
        row[self._at] = (TOTAL_OF_MORE if first["suppressed"] else TOTAL)[not self.chinese]
        return [row]


class Items(Layout):
    """A column for each item with one figure of its cells; below all, what is told of the items over all rows."""

    connection: Matrix

    def __init__(self, matrix: Matrix, columns: list[ExportColumn], figure: ExportColumn, *, chinese: bool) -> None:
        super().__init__(matrix, columns, chinese=chinese)
        self._figure, self._items = figure, list[str]()
        self.beside = matrix.beside

    @property
    def asked(self) -> list[ExportColumn]:
        """What is selected of each row, and of each of its cells."""
        identity = self.connection.by[0].identity
        return [*self.columns, *[replace(one, path=(CELLS, *one.path)) for one in (identity, self._figure)]]

    def headers(self, first: Mapping[str, Any]) -> list[str]:
        """The items by name, or by code if in English or if others have the name."""
        items = [one[ITEM] for one in first[ITEMS]]
        if len(items) >= LARGEST:
            raise BadInput(
                Message("A table has fewer than {most} items: ask for one county at a time, by where.", most=LARGEST)
            )
        self._items = [item["id"] for item in items]
        names = Counter(item["name"] for item in items)
        told = [item["name"] if self.chinese and names[item["name"]] == 1 else item["code"] for item in items]
        return super().headers(first) + told

    def row(self, node: Mapping[str, Any]) -> Row:
        """One row; nothing in the cells of items that it has not."""
        cells = {cell[ITEM]["id"]: cell for cell in node[CELLS]}
        found = [
            self._figure.cell(cells[item], chinese=self.chinese) if item in cells else None for item in self._items
        ]
        return super().row(node) + found

    def last(self, first: Mapping[str, Any]) -> list[Row]:
        """A row for each thing that is told of the items."""
        return [
            [
                column.header if self.chinese else column.name,
                *[None] * (len(self.columns) - 1),
                *[column.cell(item, chinese=self.chinese) for item in first[ITEMS]],
            ]
            for column in self.connection.figures.values()
        ]


def layout(
    connection: Connection, columns: list[ExportColumn], figure: ExportColumn | None, *, chinese: bool
) -> Layout:
    """The layout of a connection. figure: of the cells, if it has some."""
    if isinstance(connection, Statistics):
        return Totals(connection, columns, chinese=chinese)
    if isinstance(connection, Matrix) and figure is not None:
        return Items(connection, columns, figure, chinese=chinese)
    return Layout(connection, columns, chinese=chinese)
