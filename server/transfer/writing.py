"""Tables written as CSV and XLSX, in which no cell is a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from server.transfer.columns import Cell

CSV_TYPE = "text/csv; charset=utf-8; header=present"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What Excel, WPS and LibreOffice take for the beginning of a formula, full-width forms included (OWASP, CSV injection).
STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
XLSX_ROWS = 1_048_576
XLSX_CHARACTERS = 32_767


class DoesNotFit(Exception):
    """A table has more than an XLSX sheet can hold."""


def harmless(text: str) -> str:
    """The text behind an apostrophe if a spreadsheet would calculate it."""
    return f"'{text}" if text.startswith(STARTS_FORMULA) else text


def csv_rows(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Rows in UTF-8; a file begins with BYTE_ORDER_MARK, without which Excel takes it for the local encoding."""
    text = io.StringIO()
    csv.writer(text).writerows([_text(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _text(cell: Cell) -> str | int | float | Decimal:
    if isinstance(cell, str):
        return harmless(cell)
    return "" if cell is None else cell.isoformat() if isinstance(cell, date) else cell


class XlsxFile:
    """A workbook that is written row by row, below its header, into a file of a folder."""

    def __init__(self, folder: str, title: str, headers: Sequence[str]) -> None:
        self.path = Path(folder) / "table.xlsx"
        self._book: Any = xlsxwriter.Workbook(self.path, {"constant_memory": True, "tmpdir": folder})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._decimal = self._book.add_format({"num_format": "0.00"})
        # Stays text when it is edited, too.
        self._quoted = self._book.add_format({"quote_prefix": True})
        bold = self._book.add_format({"bold": True})
        self._sheet = self._book.add_worksheet(title[:31])
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(headers) - 1, 18)
        for number, header in enumerate(headers):
            self._sheet.write_string(0, number, header, bold)
        self._row = 0

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Appends rows. Raises DoesNotFit."""
        for row in rows:
            self._row += 1
            if self._row >= XLSX_ROWS:
                raise DoesNotFit
            for number, cell in enumerate(row):
                self._write(number, cell)

    def close(self) -> None:
        """Writes the file."""
        self._book.close()

    def discard(self) -> None:
        """Lets go of the rows; nothing is left to do if the file has been written."""
        # XlsxWriter has no other way to close them without writing the file.
        self._sheet._opt_close()  # noqa: SLF001

    def _write(self, number: int, cell: Cell) -> None:
        if isinstance(cell, str):
            if len(cell) > XLSX_CHARACTERS:
                raise DoesNotFit
            self._sheet.write_string(self._row, number, cell, self._quoted if harmless(cell) != cell else None)
        elif isinstance(cell, date):
            self._sheet.write_datetime(self._row, number, cell, self._day)
        elif cell is not None:
            self._sheet.write_number(self._row, number, cell, self._decimal if isinstance(cell, Decimal) else None)
