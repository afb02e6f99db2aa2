"""Reading XLSX row by row, within bounds that hold whatever the file claims.

Expat's events straight from the compressed parts: no tree, no file on disk. What libraries make of a hostile file is in
docs/decisions/0010-import-and-export.md.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from xml.parsers import expat

from resolvers.core.messages import Message
from server.transfer.values import Broken, Cell, Number, of_serial

MEGABYTE = 1024 * 1024
LARGEST_PART = 4 * MEGABYTE
LARGEST_STRINGS = 64 * MEGABYTE
LARGEST_SHEET = 128 * MEGABYTE
LARGEST_MARKUP = MEGABYTE
MOST_PARTS = 5000
MOST_STRINGS = 1_000_000
MOST_CELLS = 2_000_000
MOST_CHARACTERS = 32_767
"""Of a cell: Excel's own limit."""

DEEPEST = 64
COLUMNS = 100
"""Columns beyond are not read."""

PART = 64 * 1024
# What the built-in formats with these numbers show is a day; 27 to 36 and 50 to 58 are the East Asian ones.
DAY_FORMATS = {14, 15, 16, 17, 22, *range(27, 37), *range(50, 59)}
_LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"([A-Z]{1,3})[0-9]{1,7}", re.ASCII)

TOO_LARGE = Message("There is more in it than an import takes; split the table.")
DAMAGED = Message("It is no XLSX workbook, or a damaged one.")

Attributes = dict[str, str]


class Unreadable(Exception):
    """A file that cannot be read, or must not be. `str()` of it says why, for the client."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)


class Workbook:
    """A workbook: the rows of its first visible sheet."""

    def __init__(self, body: bytes) -> None:
        # Each entry of the directory costs memory before anything of it can be looked at.
        if body.count(b"PK\x01\x02") > MOST_PARTS:
            raise Unreadable(TOO_LARGE)
        with _refusing():
            self._archive = zipfile.ZipFile(io.BytesIO(body))
            self._parts = {item.filename.lower(): item for item in self._archive.infolist()}
            if any(name.endswith(("vbaproject.bin", ".xlm")) for name in self._parts):
                raise Unreadable(Message("It has macros. Save it as an ordinary workbook (.xlsx) and send that."))
            main = self._related("", "officedocument")
            self._sheet, self._since_1904 = self._first_sheet(main)
            self._days = self._day_styles(self._related(main, "styles", needed=False))
            self._strings = self._shared(self._related(main, "sharedstrings", needed=False))

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Number and cells of each row that has any. Raises Unreadable."""
        rows = _Rows(self._strings, self._days, self._since_1904)
        with _refusing():
            for _ in self._parse(self._sheet, LARGEST_SHEET, rows.start, rows.end, rows.text):
                yield from rows.take()

    def _first_sheet(self, main: str) -> tuple[str, bool]:
        found: list[str] = []
        since_1904 = False

        def start(name: str, attributes: Attributes) -> None:
            nonlocal since_1904
            if name == "sheet" and attributes.get("state", "visible") == "visible":
                found.append(attributes.get("id", ""))
            elif name == "workbookPr":
                since_1904 = attributes.get("date1904") in {"1", "true"}

        self._read(main, start)
        sheets = self._relations(main, "worksheet")
        first = next((sheets[id_] for id_ in found if id_ in sheets), None)
        if first is None:
            raise Unreadable(Message("It has no visible sheet."))
        return first, since_1904

    def _day_styles(self, part: str | None) -> frozenset[str]:
        """The numbers of the cell styles that show a day."""
        formats: dict[str, str] = {}
        styles: list[str] = []
        inside = False

        def start(name: str, attributes: Attributes) -> None:
            nonlocal inside
            if name == "numFmt":
                formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            elif name == "cellXfs":
                inside = True
            elif name == "xf" and inside:
                styles.append(attributes.get("numFmtId", "0"))

        def end(name: str) -> None:
            nonlocal inside
            inside = inside and name != "cellXfs"

        if part is not None:
            self._read(part, start, end)
        return frozenset(str(index) for index, number in enumerate(styles) if _shows_day(number, formats))

    def _shared(self, part: str | None) -> list[str]:
        strings = _Strings()
        if part is not None:
            for _ in self._parse(part, LARGEST_STRINGS, strings.start, strings.end, strings.text):
                pass
        return strings.found

    def _related(self, source: str, kind: str, *, needed: bool = True) -> Any:
        found = next(iter(self._relations(source, kind).values()), None)
        if found is None and needed:
            raise Unreadable(DAMAGED)
        return found

    def _relations(self, source: str, kind: str) -> dict[str, str]:
        """The parts that one refers to as of a kind, by the reference's id."""
        folder, name = posixpath.split(source)
        found: dict[str, str] = {}

        def start(tag: str, attributes: Attributes) -> None:
            type_ = attributes.get("Type", "").rpartition("/")[2].lower()
            if tag == "Relationship" and type_ == kind and attributes.get("TargetMode") != "External":
                target = posixpath.join("/", folder, attributes.get("Target", ""))
                found[attributes.get("Id", "")] = posixpath.normpath(target).lstrip("/")

        self._read(posixpath.join(folder, "_rels", f"{name}.rels"), start)
        return found

    def _read(
        self, part: str, start: Callable[[str, Attributes], None], end: Callable[[str], None] = lambda _: None
    ) -> None:
        for _ in self._parse(part, LARGEST_PART, start, end, lambda _: None):
            pass

    def _parse(
        self,
        part: str,
        limit: int,
        start: Callable[[str, Attributes], None],
        end: Callable[[str], None],
        text: Callable[[str], None],
    ) -> Iterator[None]:
        """Sends a part's events; stops after each piece of it, for what came of that to be taken."""
        item = self._parts.get(part.lower())
        if item is None:
            raise Unreadable(DAMAGED)
        if item.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable(DAMAGED)
        if item.file_size > limit:
            raise Unreadable(TOO_LARGE)
        parser = _parser(start, end, text)
        fed = 0
        with self._archive.open(item) as source:
            while piece := source.read(PART):
                fed += len(piece)
                parser.Parse(piece)
                # Expat keeps a tag whole until it ends.
                if fed > limit or fed - parser.CurrentByteIndex > LARGEST_MARKUP:
                    raise Unreadable(TOO_LARGE)
                yield
        parser.Parse(b"", True)
        yield


class _Strings:
    """The table of shared strings."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._text = _Text()

    def start(self, name: str, _: Attributes) -> None:
        if name == "si":
            self._text.clear()
        self._text.enter(name)

    def end(self, name: str) -> None:
        self._text.leave(name)
        if name == "si":
            if len(self.found) >= MOST_STRINGS:
                raise Unreadable(TOO_LARGE)
            self.found.append(self._text.take())

    def text(self, text: str) -> None:
        self._text.add(text)


class _Text:
    """The text of a string: its `t`, or those of its runs, without the reading aids (`rPh`)."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._open = self._aid = False

    def clear(self) -> None:
        self._parts, self._length, self._open, self._aid = [], 0, False, False

    def enter(self, name: str) -> None:
        self._aid = self._aid or name == "rPh"
        self._open = name in {"t", "v"} and not self._aid

    def leave(self, name: str) -> None:
        self._open = False
        self._aid = self._aid and name != "rPh"

    def add(self, text: str) -> None:
        if self._open:
            self._length += len(text)
            if self._length > MOST_CHARACTERS:
                raise Unreadable(Message("A cell has more than {most} characters.", most=MOST_CHARACTERS))
            self._parts.append(text)

    def take(self) -> str:
        text = "".join(self._parts)
        self.clear()
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


class _Rows:
    """The rows of a sheet, as its events come."""

    def __init__(self, strings: list[str], days: frozenset[str], since_1904: bool) -> None:
        self._strings, self._days, self._since_1904 = strings, days, since_1904
        self._done: list[tuple[int, list[Cell]]] = []
        self._number = self._column = self._cells = 0
        self._row: list[Cell] = []
        self._attributes: Attributes = {}
        self._text = _Text()

    def take(self) -> list[tuple[int, list[Cell]]]:
        done, self._done = self._done, []
        return done

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._cells += 1
            if self._cells > MOST_CELLS:
                raise Unreadable(TOO_LARGE)
            self._column = _column(attributes.get("r", "")) or self._column + 1
            self._attributes = attributes
            self._text.clear()
        elif name == "row":
            given = attributes.get("r", "")
            number = int(given) if given.isdecimal() and len(given) <= 7 else 0
            self._number, self._column, self._row = max(self._number + 1, number), 0, []
        else:
            self._text.enter(name)

    def end(self, name: str) -> None:
        if name == "c":
            cell = self._cell()
            if cell is not None and self._column <= COLUMNS:
                self._row += [None] * (self._column - len(self._row))
                self._row[self._column - 1] = cell
        elif name == "row":
            if self._row:
                self._done.append((self._number, self._row))
                self._row = []
        else:
            self._text.leave(name)

    def text(self, text: str) -> None:
        self._text.add(text)

    def _cell(self) -> Cell:
        text = self._text.take()
        if not text:
            return None
        kind = self._attributes.get("t", "n")
        if kind == "s":
            index = int(text)
            if not 0 <= index < len(self._strings):
                raise Unreadable(DAMAGED)
            return self._strings[index]
        if kind == "n":
            return self._number_or_day(text)
        if kind == "d":
            return date.fromisoformat(text[:10])
        return text.strip() == "1" if kind == "b" else Broken(text) if kind == "e" else text

    def _number_or_day(self, text: str) -> Cell:
        if self._attributes.get("s", "0") in self._days:
            try:
                return of_serial(float(text), since_1904=self._since_1904)
            except ValueError:
                pass
        return Number(text)


def _parser(
    start: Callable[[str, Attributes], None], end: Callable[[str], None], text: Callable[[str], None]
) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    depth = 0

    def opened(name: str, attributes: Attributes) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise Unreadable(DAMAGED)
        start(name.rpartition(" ")[2], {key.rpartition(" ")[2]: value for key, value in attributes.items()})

    def closed(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(name.rpartition(" ")[2])

    def declared(*_: Any) -> None:
        # With it go entities, and their expansion. No spreadsheet program writes one.
        raise Unreadable(DAMAGED)

    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, declared
    return parser


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, expat.ExpatError, zlib.error, EOFError, ValueError, NotImplementedError) as error:
        raise Unreadable(DAMAGED) from error
    except LookupError as error:
        # A part says that it has an encoding which there is not.
        raise Unreadable(DAMAGED) from error
    except RuntimeError as error:
        # What zipfile says to an encrypted part.
        raise Unreadable(Message("It is protected by a password. Remove that and send it again.")) from error


def _column(reference: str) -> int:
    """``"AB12"`` → 28; 0 if there is none."""
    found = _REFERENCE.fullmatch(reference)
    number = 0
    for letter in found[1] if found else "":
        number = number * 26 + ord(letter) - 64
    return number


def _shows_day(number: str, formats: dict[str, str]) -> bool:
    if number in formats:
        pattern = _LITERAL.sub("", formats[number]).lower()
        return "y" in pattern or "d" in pattern
    return number.isdecimal() and int(number) in DAY_FORMATS
