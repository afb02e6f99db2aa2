"""What `/import/<table>` takes and refuses, how it tells of progress, and what is left of an import that ends early."""

import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import openpyxl
import pytest

from server.transfer import importing
from server.transfer.calls import in_thread
from server.transfer.writing import XLSX_TYPE
from tests.importing import GRID, Answer, Import, Send, counts, csv_of, faults, grid, refusal, stored, template, xlsx_of
from tests.writing import Writing

# -- templates -----------------------------------------------------------------------------------------------------


def test_a_template_has_the_headers_and_says_what_may_be_filled_in(tables: httpx.Client, writing: Writing) -> None:
    plain = template(tables, writing, "communities", format="csv")
    assert plain.content.startswith(b"\xef\xbb\xbf")
    headers = plain.content.decode("utf-8-sig").strip().split(",")
    assert headers == ["所属社工站编码", "编码", "名称", "类别", "行政区划代码", "户数", "人口数", "起始日期"]
    english = template(tables, writing, "communities", format="csv", headers="en").content.decode("utf-8-sig")
    assert english.strip() == "stationCode,code,name,kind,divisionCode,households,residents,since"
    book = openpyxl.load_workbook(io.BytesIO(template(tables, writing, "communities", format="xlsx").content))
    sheet, notes = book.worksheets
    assert [cell.value for cell in sheet[1]] == headers
    assert sheet.column_dimensions["A"].number_format == "@"
    assert [rule.formula1 for rule in sheet.data_validations.dataValidation] == ['"村,社区"']
    assert ("类别", "是", "村、社区") in list(notes.values)


def test_an_import_of_its_own_template_finds_no_fault_of_headers(
    tables: httpx.Client, writing: Writing, send: Send
) -> None:
    for table in ("communities", "grids", "personnel"):
        for form in ("csv", "xlsx"):
            for headers in ("zh", "en"):
                body = template(tables, writing, table, format=form, headers=headers).content
                answer = send("hub", table, body, dryRun="true").json()
                assert (counts(answer), answer["errors"]) == ((0, 0, 0), [])


# -- headers, files, requests --------------------------------------------------------------------------------------


def test_faults_of_headers_are_told_together_and_nothing_is_tried(load: Import, community: str) -> None:
    headers = ["所属村居编码", "编码", "网格编码", "名称", "户数", "颜色"]
    answer = load("nancheng", "grids", headers, [community, "H1", "H1", "x", 1, "红"])
    assert faults(answer) == [
        (1, "网格编码", "DUPLICATE_COLUMN"),
        (1, "颜色", "UNKNOWN_COLUMN"),
        (1, "行政区划代码", "MISSING_COLUMN"),
        (1, "人口数", "MISSING_COLUMN"),
    ]
    assert counts(answer) == (1, 0, 0)
    none = load("nancheng", "grids", ["a", "b"], [1, 2], mode="valid-rows")
    assert {code for _, _, code in faults(none)} == {"UNKNOWN_COLUMN", "MISSING_COLUMN"}


def test_unknown_columns_are_left_out_on_request(writing: Writing, load: Import, community: str) -> None:
    answer = load("nancheng", "grids", [*GRID, "颜色"], [*grid(community, 41), "红"], extra="ignore")
    assert (counts(answer), faults(answer)) == ((1, 1, 1), [])
    assert stored(writing, "N41") == ["N41"]


def test_what_was_exported_can_be_imported_again(
    writing: Writing, tables: httpx.Client, send: Send, community: str
) -> None:
    headers = {"Authorization": f"Bearer {writing.token('nancheng')}"}
    fields = "parent.code,code,name,households,residents,divisionCode"
    for form in ("csv", "xlsx"):
        exported = tables.get("/export/grids", params={"format": form, "fields": fields}, headers=headers).content
        answer = send("nancheng", "grids", exported, "text/csv", dryRun="true").json()
        assert answer["rows"] == answer["errorCount"] > 10
        assert {(column, code) for _, column, code in faults(answer)} == {("编码", "TAKEN")}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), ".xls"),
        (b"PK\x03\x04" + bytes(600), "damaged"),
        ("编码".encode() + b"\xff\xff\xff", "GB18030"),
        (b"a,b\n" + b"x" * 10_000_000, "more in it"),
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "application/x-ndjson"])
def test_a_file_that_cannot_be_read_is_refused(send: Send, body: bytes, text: str, accept: str) -> None:
    response = send("nancheng", "grids", body, accept=accept)
    assert refusal(response) == (400, "UNREADABLE_FILE")
    assert text in response.json()["errors"][0]["message"]


def test_a_form_is_taken_as_well(writing: Writing, tables: httpx.Client, community: str) -> None:
    headers = {"Authorization": f"Bearer {writing.token('nancheng')}"}
    file = ("网格.xlsx", xlsx_of(GRID, grid(community, 51)), XLSX_TYPE)
    answer = tables.post("/import/grids", files={"file": file}, data={"note": "x"}, headers=headers)
    assert counts(answer.json()) == (1, 1, 1)
    assert refusal(tables.post("/import/grids", files={"a": file, "b": file}, headers=headers)) == (400, "BAD_REQUEST")
    empty = tables.post("/import/grids", files={"a": (None, b"no file")}, headers=headers)
    assert refusal(empty) == (400, "BAD_REQUEST")
    broken = headers | {"Content-Type": "multipart/form-data; boundary=x"}
    assert refusal(tables.post("/import/grids", content=b"--y\r\n\r\n", headers=broken)) == (400, "BAD_REQUEST")


def test_a_file_beyond_the_limit_is_refused(writing: Writing, send: Send, tables: httpx.Client) -> None:
    limit = writing.settings.import_max_bytes
    assert refusal(send("nancheng", "grids", b"x" * (limit + 1))) == (413, "TOO_LARGE")
    headers = {"Authorization": f"Bearer {writing.token('nancheng')}", "Content-Type": "text/csv"}
    parts = (b"x" * 1_000_000 for _ in range(limit // 1_000_000 + 1))
    assert refusal(tables.post("/import/grids", content=parts, headers=headers)) == (413, "TOO_LARGE")


def test_requests_that_are_none_are_refused_with_a_code(send: Send, tables: httpx.Client, writing: Writing) -> None:
    body = csv_of(GRID)
    assert refusal(send(None, "grids", body)) == (401, "UNAUTHENTICATED")
    assert refusal(send("nancheng", "accounts", body)) == (404, "NOT_FOUND")
    assert refusal(send("nancheng", "grids", body, "application/x-www-form-urlencoded")) == (
        415,
        "UNSUPPORTED_MEDIA_TYPE",
    )
    for parameters in ({"dryRun": "yes"}, {"mode": "some"}, {"dryrun": "true"}):
        assert refusal(send("nancheng", "grids", body, **parameters)) == (400, "BAD_REQUEST")
    headers = {"Authorization": f"Bearer {writing.token('nancheng')}"}
    assert refusal(tables.put("/import/grids", headers=headers)) == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    ("username", "table"),
    [("hub-observer", "grids"), ("nanchengcun", "grids"), ("nancheng", "communities"), ("gridworker", "personnel")],
)
def test_who_may_not_write_may_not_import(send: Send, username: str, table: str) -> None:
    response = send(username, table, csv_of(["编码"]), dryRun="true")
    assert refusal(response) == (403, "FORBIDDEN")


# -- progress, interruption ----------------------------------------------------------------------------------------


def lines(response: httpx.Response) -> list[Answer]:
    assert response.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in response.text.splitlines()]


def test_progress_is_told_by_lines(send: Send, community: str) -> None:
    body = xlsx_of(GRID, *[grid(community, 1000 + n) for n in range(2500)])
    found = lines(send("nancheng", "grids", body, accept="application/x-ndjson", dryRun="true"))
    assert found[:-1] == [{"progress": {"rows": n, "of": 2500}} for n in (0, 1000, 2000)]
    assert counts(found[-1]["result"]) == (2500, 2500, 0)


@contextmanager
def slowed(monkeypatch: pytest.MonkeyPatch, at: int, then: Callable[[], None]) -> Iterator[None]:
    """Calls a function, in a thread, before the row of a number is written."""
    write = importing.Import._write_row
    done = 0

    async def slow(self: Any, writer: Any, row: Any, sheet: Any) -> None:
        nonlocal done
        done += 1
        if done == at:
            await in_thread(then)
        await write(self, writer, row, sheet)

    with monkeypatch.context() as patch:
        patch.setattr(importing.Import, "_write_row", slow)
        yield


def test_an_import_whose_database_goes_away_leaves_nothing_and_says_so(
    writing: Writing, send: Send, community: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill() -> None:
        writing.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND state = 'idle in transaction' AND pid <> pg_backend_pid()"
        )

    body = csv_of(GRID, *[grid(community, 5000 + n) for n in range(300)])
    for accept in ("application/json", "application/x-ndjson"):
        with slowed(monkeypatch, 250, kill):
            response = send("nancheng", "grids", body, accept=accept)
        if accept == "application/json":
            assert refusal(response) == (503, "UNAVAILABLE")
        else:
            assert lines(response)[-1]["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
        assert stored(writing, "N5000", "N5249") == []


def test_an_import_whose_client_goes_away_leaves_nothing(
    writing: Writing, tables: httpx.Client, community: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = threading.Event()

    def wait() -> None:
        gone.wait(20)
        time.sleep(0.5)

    headers = {
        "Authorization": f"Bearer {writing.token('nancheng')}",
        "Content-Type": "text/csv",
        "Accept": "application/x-ndjson",
    }
    body = csv_of(GRID, *[grid(community, 6000 + n) for n in range(300)])
    with slowed(monkeypatch, 250, wait):
        with tables.stream("POST", "/import/grids", content=body, headers=headers) as response:
            next(response.iter_raw())
        gone.set()
        time.sleep(1.5)
    assert stored(writing, "N6000", "N6299") == []
    busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
    assert writing.value(busy) == 0


def test_an_import_whose_grant_has_ended_is_refused(
    writing: Writing, tables: httpx.Client, community: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"Authorization": f"Bearer {writing.token('shangyong')}", "Content-Type": "text/csv"}
    grants = "SELECT g.id FROM account_grant g JOIN account a ON a.id = g.account_id WHERE a.username = 'shangyong'"
    key = writing.value(grants)
    assert tables.post("/import/grids", content=csv_of(GRID), headers=headers).status_code == 200
    writing.sql("UPDATE account_grant SET valid_to = now() WHERE id = $1", key)
    answer = tables.post("/import/grids", content=csv_of(GRID, grid(community, 1)), headers=headers)
    assert refusal(answer) == (401, "UNAUTHENTICATED")


def test_imports_leave_connections_for_others(
    writing: Writing, tables: httpx.Client, community: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, waiting = threading.Event(), threading.Semaphore(0)

    def hold() -> None:
        waiting.release()
        free.wait(20)

    def post(username: str, number: int) -> httpx.Response:
        headers = {"Authorization": f"Bearer {writing.token(username)}", "Content-Type": "text/csv"}
        body = csv_of(GRID, grid(community, number))
        return tables.post("/import/grids", content=body, headers=headers, params={"dryRun": "true"})

    answers: list[int] = []
    with slowed(monkeypatch, 1, hold):
        first = threading.Thread(target=lambda: answers.append(post("nancheng", 1).status_code))
        first.start()
        waiting.acquire(timeout=10)
        with slowed(monkeypatch, 1, hold):
            second = threading.Thread(target=lambda: answers.append(post("hub", 2).status_code))
            second.start()
            waiting.acquire(timeout=10)
        third = post("longxun", 3)
        free.set()
        first.join()
        second.join()
    assert refusal(third) == (429, "BUSY")
    assert answers == [200, 200]


def test_an_import_whose_grant_ends_in_the_middle_leaves_nothing(
    writing: Writing, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    # `sanban` has a second grant, under which the rest must not be written either.
    grant = writing.ask("sanban", "{ viewer { grant { id place { code } } } }")["viewer"]["grant"]
    key, station = int(grant["id"][1:]), grant["place"]["code"]
    below = "SELECT c.code FROM community c JOIN station s ON s.id = c.parent_id WHERE s.code = $1"
    home = writing.value(below, station)

    def end() -> None:
        writing.sql("UPDATE account_grant SET valid_to = now() WHERE id = $1", key)

    with slowed(monkeypatch, 2, end):
        response = send("sanban", "grids", csv_of(GRID, grid(home, 7001), grid(home, 7002)))
    assert refusal(response) == (401, "UNAUTHENTICATED")
    assert stored(writing, "N7001", "N7002") == []
