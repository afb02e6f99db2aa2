"""Files to import, and what comes of them, on a demo network of a module's own."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from tests.writing import Writing

Answer = dict[str, Any]
Send = Callable[..., httpx.Response]
Import = Callable[..., Answer]

GRID = ["所属村居编码", "编码", "名称", "户数", "人口数", "行政区划代码"]


@pytest.fixture(scope="module")
def tables(writing: Writing) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=writing.server.url, timeout=60) as opened:
        yield opened


@pytest.fixture(scope="module")
def send(writing: Writing, tables: httpx.Client) -> Send:
    """Imports a file as an account (None: nobody); the response as it is."""

    def post(
        username: str | None, table: str, body: bytes, media_type: str = "text/csv", **parameters: str
    ) -> httpx.Response:
        headers = {"Content-Type": media_type}
        if username:
            headers["Authorization"] = f"Bearer {writing.token(username)}"
        for name in ("accept", "idempotency_key"):
            if name in parameters:
                headers[name.replace("_", "-")] = parameters.pop(name)
        return tables.post(f"/import/{table}", content=body, params=parameters, headers=headers)

    return post


@pytest.fixture(scope="module")
def load(send: Send) -> Import:
    """The result of an import of rows."""

    def post(username: str, table: str, *rows: list[Any], **parameters: str) -> Answer:
        response = send(username, table, csv_of(*rows), **parameters)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"] == "application/json"
        found: Answer = response.json()
        return found

    return post


def csv_of(*rows: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def xlsx_of(*rows: list[Any]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return file.getvalue()


def refusal(response: httpx.Response) -> tuple[int, str]:
    error = response.json()["errors"][0]
    assert error["extensions"]["requestId"] == response.headers["x-request-id"]
    return response.status_code, error["extensions"]["code"]


def faults(answer: Answer) -> list[tuple[int | None, str | None, str]]:
    assert answer["errorCount"] >= len(answer["errors"])
    assert all(error["message"].endswith((".", "。")) for error in answer["errors"])
    return [(error["row"], error["column"], error["code"]) for error in answer["errors"]]


def counts(answer: Answer) -> tuple[int, int, int]:
    return answer["rows"], answer["valid"], answer["written"]


@pytest.fixture
def community(writing: Writing) -> str:
    """The code of a community below the station 南埕 (`nancheng`)."""
    sql = "SELECT c.code FROM community c JOIN station s ON s.id = c.parent_id WHERE s.code = '350526105' ORDER BY c.id"
    code: str = writing.value(sql)
    return code


@pytest.fixture
def elsewhere(writing: Writing) -> str:
    """The code of a community that `nancheng` does not see."""
    sql = "SELECT c.code FROM community c JOIN station s ON s.id = c.parent_id WHERE s.code = '350526101' ORDER BY c.id"
    code: str = writing.value(sql)
    return code


def grid(community: str, number: int, **changes: Any) -> list[Any]:
    row = {"code": f"N{number}", "name": f"第{number}网格", "households": 240, "residents": 700} | changes
    return [community, row["code"], row["name"], row["households"], row["residents"], "350526105200"]


def stored(writing: Writing, *codes: str) -> list[str]:
    rows = writing.sql("SELECT code FROM grid WHERE code = ANY ($1) ORDER BY code", list(codes))
    return [row["code"] for row in rows]


def template(tables: httpx.Client, writing: Writing, table: str, **parameters: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {writing.token('nancheng')}"}
    response = tables.get(f"/import/{table}", params=parameters, headers=headers)
    assert response.status_code == 200, response.text
    assert f'filename="{table}.' in response.headers["content-disposition"]
    return response
