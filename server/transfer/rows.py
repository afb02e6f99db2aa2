"""From a table to rows that can be written: its headers, then each row's values and faults."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from resolvers.core.messages import Language, Message, translated
from server.transfer.kinds import ImportColumn, Kind, heading
from server.transfer.tables import Rows
from server.transfer.values import Cell, Fault, RowCode, Value, is_empty, text

TITLE_ROWS = 5
"""Among how many rows the headers are looked for: townships put titles above them."""

IGNORED = frozenset(map(heading, ("序号", "备注", "no.", "remarks")))


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a row, or a header, cannot be used. `column` is the header as the file has it.

    None stands for the row as a whole, or for the table.
    """

    row: int | None
    column: str | None
    code: str
    message: Message

    def shown(self, language: Language) -> dict[str, Any]:
        """As JSON."""
        message = translated(self.message, language)
        return {"row": self.row, "column": self.column, "code": self.code, "message": message}


@dataclass(slots=True)
class Row:
    """A row: its values by the columns' names, and its faults."""

    number: int
    values: dict[str, Value]
    faults: list[RowFault] = field(default_factory=list)


class Sheet:
    """A table whose headers have been read: `headers` by the columns' names, and what `faults` they have."""

    def __init__(self, kind: Kind, rows: Rows, *, extra: bool) -> None:
        """extra: whether columns that nothing is known of are left out instead of being a fault. Raises Unreadable."""
        self.kind = kind
        self._rows = rows
        self._columns: dict[int, ImportColumn] = {}
        self.headers: dict[str, str] = {}
        self.faults: list[RowFault] = []
        self._seen: dict[bytes, int] = {}
        self._read_headers(extra)

    def rows(self) -> Iterator[Row]:
        """The rows below the headers. Raises Unreadable."""
        for number, cells in self._rows:
            if not all(map(is_empty, cells)):
                yield self._row(number, cells)

    def _read_headers(self, extra: bool) -> None:
        number, cells = self._header_row()
        titles = {index: _title(cell) for index, cell in enumerate(cells) if not is_empty(cell)}
        for index, title in titles.items():
            column = self.kind.known.get(heading(title))
            if column is None:
                if not extra and heading(title) not in IGNORED:
                    known = [one.header for one in self.kind.columns]
                    message = Message(
                        "There is no such column; there are: {known}. `extra=ignore` leaves others out.", known=known
                    )
                    self._refuse(number, title, RowCode.UNKNOWN_COLUMN, message)
            elif column.name in self.headers:
                message = Message("It means the same as {header}.", header=self.headers[column.name])
                self._refuse(number, title, RowCode.DUPLICATE_COLUMN, message)
            else:
                self._columns[index], self.headers[column.name] = column, title
        for column in self.kind.first.columns:
            if column.required and column.name not in self.headers:
                message = Message("This column is missing; GET answers a template.")
                self._refuse(number, column.header, RowCode.MISSING_COLUMN, message)

    def _header_row(self) -> tuple[int, list[Cell]]:
        """The first of the first rows that names two columns; if none does, the first."""
        first: tuple[int, list[Cell]] | None = None
        for looked, (number, cells) in enumerate(self._rows):
            first = first or (number, cells)
            if sum(heading(_title(cell)) in self.kind.known for cell in cells if not is_empty(cell)) > 1:
                return number, cells
            if looked + 1 >= TITLE_ROWS:
                break
        return first or (1, [])

    def _refuse(self, number: int, title: str, code: RowCode, message: Message) -> None:
        self.faults.append(RowFault(number, title[:100], code, message))

    def _row(self, number: int, cells: list[Cell]) -> Row:
        row = Row(number, {})
        for index, column in self._columns.items():
            cell = cells[index] if index < len(cells) else None
            try:
                if not is_empty(cell):
                    row.values[column.name] = column.parse(cell)
                elif column.required and column in self.kind.first.columns:
                    raise Fault(Message("This must be filled in."), RowCode.REQUIRED)
            except Fault as fault:
                self._fault(row, column, fault.code, fault.message)
        self._check_then(row)
        self._check_repeated(row)
        return row

    def _check_then(self, row: Row) -> None:
        """What only some rows have must be whole there, and nowhere else."""
        then = self.kind.then
        if then is None:
            return
        if self.kind.switch in row.values:
            faulty = {fault.column for fault in row.faults}
            for column in then.columns:
                if column.required and column.name not in row.values and self.headers.get(column.name) not in faulty:
                    self._fault(row, column, RowCode.REQUIRED, Message("This must be filled in."))
            return
        for column in then.columns:
            if column.name in row.values:
                message = Message("Without {header} this says nothing.", header=self._header(self.kind.switch))
                self._fault(row, column, RowCode.INVALID, message)

    def _check_repeated(self, row: Row) -> None:
        for column in self.kind.columns:
            if column.once and column.name in row.values:
                first = self._first(row.number, column.name, str(row.values[column.name]))
                if first is not None:
                    self._fault(row, column, RowCode.DUPLICATE, Message("Row {row} has it already.", row=first))
        if row.faults:
            return
        first = self._first(row.number, "", repr(sorted(row.values.items())))
        if first is not None:
            message = Message("It is the same as row {row}.", row=first)
            row.faults.append(RowFault(row.number, None, RowCode.DUPLICATE, message))

    def _first(self, number: int, name: str, value: str) -> int | None:
        """The number of the row that had this first; None if this one is it."""
        # Short digests: the values of 40,000 rows would be many times their size.
        digest = hashlib.blake2b(f"{name}\0{value}".encode(), digest_size=12).digest()
        first = self._seen.setdefault(digest, number)
        return None if first == number else first

    def _fault(self, row: Row, column: ImportColumn, code: RowCode, message: Message) -> None:
        row.faults.append(RowFault(row.number, self._header(column.name), code, message))

    def _header(self, name: str) -> str:
        """The header of a column as the file has it, or as it should."""
        return self.headers.get(name) or next(one.header for one in self.kind.columns if one.name == name)


def _title(cell: Cell) -> str:
    try:
        return text(cell)
    except Fault:
        return "?"


def batches(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Rows by so many."""
    taken: list[Row] = []
    for row in rows:
        taken.append(row)
        if len(taken) == size:
            yield taken
            taken = []
    if taken:
        yield taken
