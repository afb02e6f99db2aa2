"""Tables are read as townships keep them, within bounds, whatever a file claims to be."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
import xlsxwriter  # type: ignore[import-untyped]
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from server.transfer import values, xlsx
from server.transfer.tables import MOST_ROWS, Table
from server.transfer.values import Broken, Fault, Number
from server.transfer.xlsx import Unreadable

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
Rows = list[tuple[int, list[Any]]]


def read(body: bytes) -> Rows:
    return list(Table(body).rows())


def refused(body: bytes) -> str:
    with pytest.raises(Unreadable) as refusal:
        read(body)
    return str(refusal.value)


def workbook(fill: Callable[[Any, Any], None], **options: Any) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, **options})
    fill(book, book.add_worksheet())
    book.close()
    return file.getvalue()


PLAIN = workbook(lambda _, sheet: sheet.write_row(0, 0, ["编码", "名称"]))


def rewritten(changes: dict[str, bytes | None], body: bytes = PLAIN, kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook with other parts; None leaves one out."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as source, zipfile.ZipFile(file, "w", kind) as target:
        parts: dict[str, bytes | None] = {name: source.read(name) for name in source.namelist()}
        for name, content in {**parts, **changes}.items():
            if content is not None:
                target.writestr(name, content)
    return file.getvalue()


def with_sheet(rows: str, kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    sheet = f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"
    return rewritten({"xl/worksheets/sheet1.xml": sheet.encode()}, kind=kind)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize(("delimiter", "end"), [(",", "\r\n"), ("\t", "\n"), (";", "\r")])
def test_csv_is_read_in_the_encodings_and_forms_that_offices_save(encoding: str, delimiter: str, end: str) -> None:
    lines = [["编码", "名称"], ["", ""], ["001", '"雷峰\n村"'], ["002", "𠮷田" if encoding != "gbk" else "吉田"]]
    body = end.join(delimiter.join(line) for line in lines).encode(encoding)
    assert [(number, row[0]) for number, row in read(body)] == [(1, "编码"), (3, "001"), (4, "002")]
    assert read(body)[1][1][1] == "雷峰\n村"


def test_what_a_text_file_cannot_be_is_said() -> None:
    assert refused(b"") == refused(b" \r\n \n") == "It is empty."
    assert "neither UTF-8 nor GB18030" in refused("编码".encode() + b"\xff\xff\xff")
    assert "neither a table" in refused(b"a\0b,c")
    assert ".xls workbook" in refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100))
    assert refused(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    assert "quote that does not end" in refused(b'a,b\n1,"' + b"x" * 140_000 + b"\n")


@pytest.mark.parametrize("row", [b"x" * 10_000_000, b'"' + b"x\n" * 5_000_000 + b'"', b"," * 10_000_000])
def test_a_row_of_ten_megabytes_is_refused(row: bytes) -> None:
    assert refused(b"a,b\n" + row)


def test_a_cell_of_ten_megabytes_is_refused() -> None:
    long = "x" * 10_000_000
    assert "more than 32767 characters" in refused(
        with_sheet(f'<row><c t="inlineStr"><is><t>{long}</t></is></c></row>')
    )
    shared = f"<sst {MAIN}><si><t>{long}</t></si></sst>"
    assert "more than 32767 characters" in refused(rewritten({"xl/sharedStrings.xml": shared.encode()}))


def test_a_table_has_no_more_than_so_many_rows() -> None:
    assert len(read(b"a\n" * (MOST_ROWS + 1))) == MOST_ROWS + 1
    assert "split it" in refused(b"a\n" * (MOST_ROWS + 2))


def test_a_workbook_is_read_as_excel_shows_it() -> None:
    def fill(book: Any, sheet: Any) -> None:
        day = book.add_format({"num_format": 'yyyy"年"m"月"d"日"'})
        chinese = book.add_format({"num_format": 31})
        money = book.add_format({"num_format": '"d"0.00'})
        sheet.write_row(0, 0, ["编码", None, "名称"])
        sheet.write_datetime(2, 0, datetime.fromisoformat("2024-05-01"), day)
        sheet.write_datetime(2, 1, datetime.fromisoformat("1990-01-02"), chinese)
        sheet.write_number(2, 2, 45413, money)
        sheet.write_number(2, 3, 350526100001)
        sheet.write_formula(2, 4, "=1+1", None, "二")
        sheet.write_boolean(2, 5, True)
        sheet.write_rich_string(3, 0, "雷", book.add_format({"bold": True}), "峰", " 村")
        sheet.write_string(3, 1, "a_x000D_b")
        sheet.write_string(3, 2, "a\rb")
        sheet.write_string(3, 27, "AB")
        sheet.write_string(3, 200, "beyond")

    rows = read(workbook(fill))
    assert rows[0] == (1, ["编码", None, "名称"])
    assert rows[1] == (
        3,
        [date(2024, 5, 1), date(1990, 1, 2), Number("45413"), Number("350526100001"), "二", True],
    )
    assert rows[2] == (4, ["雷峰 村", "a_x000D_b", "a\rb", *[None] * 24, "AB"])


def test_a_workbook_of_another_program_and_epoch_is_read() -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.worksheets[0].sheet_state = "hidden"
    sheet = book.create_sheet("网格")
    sheet.append(["编码", datetime.fromisoformat("2024-05-01")])
    sheet["A2"] = "=NA()"
    file = io.BytesIO()
    book.save(file)
    assert read(file.getvalue()) == [(1, ["编码", date(2024, 5, 1)])]
    error = with_sheet('<row r="3"><c r="B3" t="e"><v>#N/A</v></c><c t="d"><v>2024-05-01T00:00</v></c></row>')
    assert read(error) == [(3, [None, Broken("#N/A"), date(2024, 5, 1)])]
    strict = (
        b'<x:worksheet xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main"><x:sheetData><x:row><x:c><x:v>7</x:v>'
    )
    strict += b"</x:c></x:row></x:sheetData></x:worksheet>"
    assert read(rewritten({"xl/worksheets/sheet1.xml": strict})) == [(1, [Number("7")])]


def test_reading_aids_of_a_shared_string_are_no_part_of_it() -> None:
    aided = f"<sst {MAIN}><si><t>東</t><rPh><t>ひがし</t></rPh></si><si><r><t>南</t></r><r><t>埕</t></r></si></sst>"
    assert read(rewritten({"xl/sharedStrings.xml": aided.encode()})) == [(1, ["東", "南埕"])]


@pytest.mark.parametrize(
    "body",
    [
        b"PK\x03\x04" + bytes(100),
        PLAIN[:-30],
        PLAIN[:200] + bytes(200) + PLAIN[400:],
        rewritten({"xl/workbook.xml": None}),
        rewritten({"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row>"}),
        rewritten({"xl/worksheets/sheet1.xml": b"\0\0\0"}),
        with_sheet('<row><c t="s"><v>99</v></c></row>'),
        with_sheet('<row><c t="s"><v>-1</v></c></row>'),
        with_sheet('<row><c t="s"><v>x</v></c></row>'),
        with_sheet("<a>" * 100 + "</a>" * 100),
        with_sheet("<row><c><v>1</v></c></row>", zipfile.ZIP_BZIP2),
        with_sheet("<row><c><v>1</v></c></row>", zipfile.ZIP_LZMA),
        rewritten({"_rels/.rels": b"<Relationships/>"}),
        rewritten({"xl/_rels/workbook.xml.rels": b"<Relationships/>"}),
    ],
    ids=range(14),
)
def test_a_damaged_workbook_is_refused(body: bytes) -> None:
    assert refused(body)


ENTITIES = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
LAUGHS = f'<!DOCTYPE x [<!ENTITY a0 "ha">{ENTITIES}]><worksheet {MAIN}>&a9;</worksheet>'
OUTSIDE = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet {MAIN}>&a;</worksheet>'


@pytest.mark.parametrize("sheet", [LAUGHS, OUTSIDE])
def test_entities_are_refused(sheet: str) -> None:
    assert refused(rewritten({"xl/worksheets/sheet1.xml": sheet.encode()})) == xlsx.DAMAGED


def test_a_workbook_with_macros_or_a_password_is_refused() -> None:
    assert "macros" in refused(rewritten({"xl/vbaProject.bin": b"x"}))
    locked = bytearray(PLAIN)
    for mark, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        start = 0
        while (start := locked.find(mark, start)) >= 0:
            locked[start + offset] |= 1
            start += 4
    assert "password" in refused(bytes(locked))


BOMBS = {
    "one huge part": lambda: with_sheet(" " * 200_000_000),
    "cells": lambda: with_sheet("<row>" + "<c/>" * 2_100_000 + "</row>"),
    "wide": lambda: with_sheet('<row><c r="XFD1"><v>1</v></c></row>' * 90_000),
    "one tag": lambda: with_sheet(f'<row x="{"y" * 20_000_000}"/>'),
    "strings": lambda: rewritten({"xl/sharedStrings.xml": f"<sst {MAIN}>{'<si/>' * 2_000_000}</sst>".encode()}),
    "styles": lambda: rewritten({"xl/styles.xml": b"<styleSheet>" + b"<xf/>" * 2_000_000 + b"</styleSheet>"}),
    "entries": lambda: rewritten({f"x{n}": b"" for n in range(100_000)}),
    "far row": lambda: with_sheet('<row r="1048576"><c><v>1</v></c></row>'),
}
MEASURE = """
import resource, sys
from server.transfer.tables import Table
from server.transfer.xlsx import Unreadable
body = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    print(sum(1 for _ in Table(body).rows()))
except Unreadable as error:
    print(error)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("name", BOMBS)
def test_what_a_workbook_expands_to_is_bounded(name: str) -> None:
    body = BOMBS[name]()
    assert len(body) < 20_000_000
    done = subprocess.run([sys.executable, "-c", MEASURE], input=body, capture_output=True, check=True, timeout=60)
    answer, megabytes = done.stdout.decode().splitlines()
    assert answer == {"wide": "0", "far row": "1"}.get(name, xlsx.TOO_LARGE)
    assert int(megabytes) < 60


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2024-05-01", "2024-05-01"),
        ("2024/5/1", "2024-05-01"),
        ("2024.5.1", "2024-05-01"),
        ("2024年5月1日", "2024-05-01"),
        ("２０２４年５月１日", "2024-05-01"),
        ("2024-05-01 00:00:00", "2024-05-01"),
        ("20240501", "2024-05-01"),
        (Number("20240501"), "2024-05-01"),
        (Number("45413"), "2024-05-01"),
        (Number("59"), "1900-02-28"),
        (Number("61"), "1900-03-01"),
        ("45413", "2024-05-01"),
        (date(2024, 5, 1), "2024-05-01"),
        (datetime.fromisoformat("2024-05-01T12:00"), "2024-05-01"),
    ],
)
def test_days_are_understood_as_townships_write_them(cell: Any, expected: str) -> None:
    assert values.day(cell) == expected


@pytest.mark.parametrize("cell", ["2024-02-30", "1.5.2024", "明天", "20241301", Number("1e9"), "9999999", True])
def test_what_is_no_day_is_a_fault(cell: Any) -> None:
    with pytest.raises(Fault):
        values.day(cell)


@pytest.mark.parametrize(
    ("parse", "cell", "expected"),
    [
        (values.text, "  张　 三\n", "张 三"),
        (values.text, "'=1+1", "=1+1"),
        (values.text, "'n Beitou", "'n Beitou"),
        (values.code, " ３５０５２６ 100 ", "350526100"),
        (values.code, Number("350526100001"), "350526100001"),
        (values.code, Number("3.50526100001E+11"), "350526100001"),
        (values.phone, "138 0000-1234", "13800001234"),
        (values.phone, Number("13800001234.0"), "13800001234"),
        (values.id_number, "３５０５２６19900101123x", "35052619900101123X"),
        (values.count, "1,234", 1234),
        (values.count, Number("240.0"), 240),
        (values.count, "240户", 240),
    ],
)
def test_values_are_understood_as_townships_write_them(parse: Any, cell: Any, expected: Any) -> None:
    assert parse(cell) == expected


@pytest.mark.parametrize("cell", [Number("3.50526199001011E+17"), "3.50526E+17", Number("350526199001011230")])
def test_an_identity_number_that_became_a_number_is_refused(cell: Any) -> None:
    with pytest.raises(Fault, match="文本"):
        values.id_number(cell)


@pytest.mark.parametrize(
    ("parse", "cell"),
    [
        (values.text, "x" * 1001),
        (values.text, "a\x07b"),
        (values.text, Broken("#N/A")),
        (values.text, True),
        (values.code, Number("1.5")),
        (values.code, Number("nan")),
        (values.count, "一百"),
        (values.count, "-5"),
        (values.count, Number("1.5")),
        (values.count, "9" * 400),
    ],
)
def test_what_cannot_be_meant_is_a_fault(parse: Any, cell: Any) -> None:
    with pytest.raises(Fault):
        parse(cell)


def test_an_enumeration_takes_terms_and_names() -> None:
    parse = values.choice({"MALE": "男", "FEMALE": "女"})
    assert [parse(cell) for cell in ("男", " 女 ", "female", "ＭＡＬＥ")] == ["MALE", "FEMALE", "FEMALE", "MALE"]
    with pytest.raises(Fault, match="男, 女"):
        parse("先生")
