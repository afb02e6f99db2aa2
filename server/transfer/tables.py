"""Reading a table whatever it is: CSV in the encodings of Chinese offices, or XLSX. Row by row, within bounds."""

import codecs
import csv
import io
from collections.abc import Iterator

from resolvers.core.messages import Message
from server.transfer.values import Cell
from server.transfer.xlsx import COLUMNS, DAMAGED, TOO_LARGE, Unreadable, Workbook

MOST_ROWS = 100_000
LONGEST_ROW = 256 * 1024
"""Characters of a CSV row."""

ZIP = b"PK\x03\x04"
COMPOUND = b"\xd0\xcf\x11\xe0"
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_PIECE = 256 * 1024

Rows = Iterator[tuple[int, list[Cell]]]


class Table:
    """A file's table. What its beginning says of its kind counts, not what the client calls it."""

    def __init__(self, body: bytes) -> None:
        """Raises Unreadable."""
        self._body = body
        self._workbook: Workbook | None = None
        self._encoding = ""
        if not body.strip():
            raise Unreadable(Message("It is empty."))
        if body.startswith(ZIP):
            self._workbook = Workbook(body)
        elif body.startswith(COMPOUND):
            raise Unreadable(
                Message("It is an old .xls workbook, or one with a password. Save it as .xlsx and send that.")
            )
        else:
            self._encoding = _encoding(body)

    def rows(self) -> Rows:
        """Each row that has a cell, with the number that a spreadsheet shows; from the first, each time.

        Raises Unreadable.
        """
        rows = self._workbook.rows() if self._workbook else self._csv()
        for taken, row in enumerate(rows):
            if taken > MOST_ROWS:
                raise Unreadable(Message("A table has {most} rows at the most; split it.", most=MOST_ROWS))
            yield row

    def _csv(self) -> Rows:
        try:
            lines = _Lines(self._body, self._encoding)
        except UnicodeError:
            raise Unreadable(DAMAGED) from None
        reader = csv.reader(lines, delimiter=_delimiter(lines.first), strict=False)
        try:
            for number, row in enumerate(reader, start=1):
                lines.length = 0
                if any(row):
                    yield number, [cell or None for cell in row[:COLUMNS]]
        except csv.Error:
            message = Message("The row that begins at line {line} has a quote that does not end.", line=reader.line_num)
            raise Unreadable(message) from None
        except UnicodeError:
            raise Unreadable(DAMAGED) from None


class _Lines:
    """Lines of text; refuses a row that is longer than any. `length` is that of the row so far."""

    def __init__(self, body: bytes, encoding: str) -> None:
        self._text = io.TextIOWrapper(io.BytesIO(body), encoding=encoding, newline="")
        self.first = self._text.readline(LONGEST_ROW)
        self._text.seek(0)
        self.length = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_ROW)
        self.length += len(line)
        if self.length >= LONGEST_ROW:
            raise Unreadable(TOO_LARGE)
        if not line:
            raise StopIteration
        return line


def _delimiter(line: str) -> str:
    return max(",\t;", key=line.count)


def _encoding(body: bytes) -> str:
    """UTF-8 if it is that throughout, else the encoding of Chinese Windows."""
    if marked := next((name for mark, name in _MARKS.items() if body.startswith(mark)), None):
        return marked
    if b"\0" in body:
        raise Unreadable(Message("It is neither a table in CSV nor an XLSX workbook."))
    for name in ("utf-8", "gb18030"):
        if _decodes(body, name):
            return name
    raise Unreadable(Message("Its characters are neither UTF-8 nor GB18030. Save it as CSV UTF-8 or as XLSX."))


def _decodes(body: bytes, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        for start in range(0, len(body), _PIECE):
            decoder.decode(body[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
