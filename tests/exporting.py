"""Exports as a client asks for them, and what their files say."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import openpyxl
import pytest

from server.transfer.writing import harmless
from tests.sessions import fetch, transact

Token = Callable[[str], str]
Get = Callable[..., httpx.Response]


@pytest.fixture
def export(client: httpx.Client, token: Token) -> Get:
    """Export as a demo account (None: nobody): `export("hub", "grids", format="xlsx")`."""

    def get(
        username: str | None, connection: str, *, grant: str | None = None, method: str = "GET", **parameters: Any
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token(username)}"} if username else {}
        if grant:
            headers["X-Zhanwang-Grant"] = grant
        given = {key: value if isinstance(value, str) else json.dumps(value) for key, value in parameters.items()}
        return client.request(method, f"/export/{connection}", params=given, headers=headers)

    return get


def table(response: httpx.Response) -> list[list[str]]:
    assert response.status_code == 200, response.text
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


def sheet(response: httpx.Response) -> list[tuple[Any, ...]]:
    assert response.status_code == 200, response.text
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    return [tuple(cell.value for cell in row) for row in book.worksheets[0].iter_rows()]


def refusal(response: httpx.Response) -> tuple[int, str]:
    error = response.json()["errors"][0]
    assert error["extensions"]["requestId"] == response.headers["x-request-id"]
    assert error["message"]
    return response.status_code, error["extensions"]["code"]


def everything(ask: Any, username: str, name: str, fields: str, arguments: str = "") -> list[dict[str, Any]]:
    """All nodes of a connection, by ordinary queries."""
    found: list[dict[str, Any]] = []
    after = None
    page = f"{{ nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} }}"
    query = f"query ($after: String) {{ {name}(first: 100, after: $after {arguments}) {page} }}"
    while True:
        answer = ask(username, query, {"after": after})[name]
        found += answer["nodes"]
        after = answer["pageInfo"]["endCursor"]
        if not answer["pageInfo"]["hasNextPage"]:
            return found


def dig(node: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        node = node and node[step]
    return node


def csv_text(value: Any) -> str:
    if isinstance(value, list):
        return harmless(", ".join(value))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return "" if value is None else str(value).lower() if isinstance(value, bool) else harmless(str(value))


@contextmanager
def renamed(database: str, name: str) -> Iterator[str]:
    """A grid with another name for a while; its code."""
    code, old = fetch(database, "SELECT code, name FROM grid ORDER BY id LIMIT 1")[0]
    transact(database, lambda c: c.execute("UPDATE grid SET name = $1 WHERE code = $2", name, code))
    try:
        yield code
    finally:
        transact(database, lambda c: c.execute("UPDATE grid SET name = $1 WHERE code = $2", old, code))
