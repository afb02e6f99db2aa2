"""`GET /import/<table>`: an empty table with its headers; the workbook also says what may be filled in."""

import io
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from server.transfer.kinds import ImportColumn, Kind
from server.transfer.values import day
from server.transfer.writing import BYTE_ORDER_MARK, csv_rows

PREPARED_ROWS = 5000
"""How many rows below the headers offer a choice where there is one."""

YES, NO = "是", "否"


def csv_template(kind: Kind, *, chinese: bool) -> bytes:
    """The headers."""
    return BYTE_ORDER_MARK + csv_rows([_headers(kind, chinese)])


def xlsx_template(kind: Kind, *, chinese: bool) -> bytes:
    """The headers over columns that keep their digits, and a second sheet that explains them."""
    file = io.BytesIO()
    book: Any = xlsxwriter.Workbook(file, {"in_memory": True})
    bold = book.add_format({"bold": True})
    required = book.add_format({"bold": True, "font_color": "#C00000"})
    # Else a spreadsheet makes numbers of identity numbers, and loses their last digits.
    text = book.add_format({"num_format": "@"})
    sheet, notes = book.add_worksheet(kind.title), book.add_worksheet("填写说明" if chinese else "notes")
    sheet.freeze_panes(1, 0)
    heads = ("列", "必填", "填写内容") if chinese else ("column", "required", "values")
    notes.write_row(0, 0, heads, bold)
    notes.set_column(0, 1, 18)
    notes.set_column(2, 2, 80)
    for number, (column, header) in enumerate(zip(kind.columns, _headers(kind, chinese), strict=True)):
        needed = column.required and column in kind.first.columns
        sheet.set_column(number, number, 18, text if column.text else None)
        sheet.write_string(0, number, header, required if needed else bold)
        if column.choices:
            options = {"validate": "list", "source": list(column.choices)}
            sheet.data_validation(1, number, PREPARED_ROWS, number, options)
        notes.write_row(number + 1, 0, (header, YES if needed else NO, _values(column)))
    book.close()
    return file.getvalue()


def _headers(kind: Kind, chinese: bool) -> list[str]:
    return [column.header if chinese else column.name for column in kind.columns]


def _values(column: ImportColumn) -> str:
    if column.choices:
        return "、".join(column.choices)
    if column.places:
        return "编码（须在本账号管辖范围内）"
    if column.parse is day:
        return "日期，如 2024-05-01、2024/5/1、2024年5月1日"
    return "文本" if column.text else "整数"
