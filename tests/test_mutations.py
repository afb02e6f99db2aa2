"""How mutations run, whichever they are: one transaction each, the payload compiled in it, refusals as values."""

from typing import Any

import asyncpg
import pytest

from tests.writing import Writing

GRID = "350526105205-01"
RENAME = """mutation ($input: RenameGridInput!) {
  renameGrid(input: $input) { grid { id name version } errors { code path } } }"""


@pytest.fixture
def grid(writing: Writing) -> dict[str, Any]:
    """A grid of 南埕村 as it is now."""
    found: dict[str, Any] = writing.ask("nancheng", f'{{ grid(code: "{GRID}") {{ id name version }} }}')["grid"]
    return found


def entries(writing: Writing, action: str) -> int:
    count: int = writing.value("SELECT count(*) FROM audit_entry WHERE action = $1", action)
    return count


def test_the_payload_is_one_statement_inside_the_transaction_that_writes(
    writing: Writing, grid: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"id": grid["id"], "version": grid["version"], "name": "一个新名字"}
    writing.token("nancheng")
    sent: list[str] = []
    for name in ("fetchrow", "fetch", "fetchval", "execute", "executemany"):
        original = getattr(asyncpg.Connection, name)

        async def counting(self: Any, query: str, *args: Any, _original: Any = original) -> Any:
            sent.append(query.split()[0] if "open_scope" not in query else "the payload")
            return await _original(self, query, *args)

        monkeypatch.setattr(asyncpg.Connection, name, counting)
    query = """mutation ($input: RenameGridInput!) { renameGrid(input: $input) {
      grid { name parent { name grids { totalCount nodes { id personnel { totalCount } } } } } errors { code } } }"""
    assert writing.ask("nancheng", query, {"input": given})["renameGrid"]["grid"]["name"] == "一个新名字"
    ours = sent[sent.index("BEGIN") :]
    assert ours == ["BEGIN", "SELECT", "SELECT", "UPDATE", "INSERT", "the payload", "COMMIT"]


def test_a_payload_takes_aliases_fragments_and_typename(writing: Writing, grid: dict[str, Any]) -> None:
    query = """mutation ($input: RenameGridInput!) { done: renameGrid(input: $input) {
      __typename it: grid { ...Named } why: errors { __typename what: code where: path message } } }
      fragment Named on Grid { __typename called: name }"""
    given = {"id": grid["id"], "version": grid["version"], "name": "别名"}
    done = writing.ask("nancheng", query, {"input": given})["done"]
    assert done == {"__typename": "RenameGridPayload", "it": {"__typename": "Grid", "called": "别名"}, "why": []}
    refused = writing.ask("nancheng", query, {"input": given})["done"]
    assert refused["it"] == {"__typename": "Grid", "called": "别名"}
    assert refused["why"] == [
        {
            "__typename": "UserError",
            "what": "CONFLICT",
            "where": ["input", "version"],
            "message": f"It is at version {grid['version'] + 1} by now; look at it again.",
        }
    ]


def test_each_mutation_of_an_operation_stands_alone(writing: Writing, grid: dict[str, Any]) -> None:
    query = """mutation ($id: ID!, $seen: Int!, $next: Int!) {
      first: renameGrid(input: { id: $id, version: $seen, name: "甲" }) { grid { name } errors { code } }
      stale: renameGrid(input: { id: $id, version: $seen, name: "乙" }) { grid { name } errors { code } }
      forbidden: moveStation(input: { id: $id, version: 1, parentId: $id }) { errors { code } }
      last: renameGrid(input: { id: $id, version: $next, name: "丙" }) { grid { name } errors { code } } }"""
    variables = {"id": grid["id"], "seen": grid["version"], "next": grid["version"] + 1}
    answer = writing.post("nancheng", query, variables).json()
    assert answer["data"] == {
        "first": {"grid": {"name": "甲"}, "errors": []},
        "stale": {"grid": {"name": "甲"}, "errors": [{"code": "CONFLICT"}]},
        "forbidden": None,
        "last": {"grid": {"name": "丙"}, "errors": []},
    }
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["forbidden"], "FORBIDDEN")
    ]


def test_what_a_payload_asks_beyond_the_permissions_is_refused_before_anything_is_written(
    writing: Writing, grid: dict[str, Any]
) -> None:
    before = entries(writing, "renameGrid")
    regrade = (
        "UPDATE account_grant SET role = $1 WHERE account_id = (SELECT id FROM account WHERE username = 'nancheng')"
    )
    writing.sql(regrade, "WORKER")
    try:
        answer = writing.post("nancheng", RENAME, {"input": {**seen(grid), "name": "丁"}}).json()
    finally:
        writing.sql(regrade, "MANAGER")
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert entries(writing, "renameGrid") == before


def seen(grid: dict[str, Any]) -> dict[str, Any]:
    return {"id": grid["id"], "version": grid["version"]}


def test_a_disabled_account_writes_nothing(writing: Writing, grid: dict[str, Any]) -> None:
    before = entries(writing, "renameGrid")
    writing.token("nancheng")
    writing.sql("UPDATE account SET disabled_at = now() WHERE username = 'nancheng'")
    try:
        answer = writing.post("nancheng", RENAME, {"input": {**seen(grid), "name": "戊"}}).json()
    finally:
        writing.sql("UPDATE account SET disabled_at = NULL WHERE username = 'nancheng'")
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert entries(writing, "renameGrid") == before


def test_personal_data_in_a_payload_is_completed_and_its_reading_recorded(
    writing: Writing, grid: dict[str, Any]
) -> None:
    before = entries(writing, "readPrivate")
    query = """mutation ($input: RenameGridInput!) { renameGrid(input: $input) {
      grid { name personnel(first: 2) { nodes { id private { phone } } } } errors { code message } } }"""
    given = {**seen(grid), "name": "己"}
    done = writing.ask("nancheng", query, {"input": given})["renameGrid"]
    people = done["grid"]["personnel"]["nodes"]
    assert people
    assert all(person["private"]["phone"].isdigit() for person in people)
    assert entries(writing, "readPrivate") == before + len(people)
    refused = writing.ask("nancheng", query, {"input": given})["renameGrid"]
    assert [error["code"] for error in refused["errors"]] == ["CONFLICT"]
    assert refused["grid"]["personnel"]["nodes"] == people


def test_text_that_no_database_holds_is_refused_and_nothing_is_written(writing: Writing, grid: dict[str, Any]) -> None:
    before = entries(writing, "renameGrid")
    answer = writing.post("nancheng", RENAME, {"input": {**seen(grid), "name": "a\u0000b"}}).json()
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert entries(writing, "renameGrid") == before


def test_what_fails_unexpectedly_is_masked_and_undone(writing: Writing, grid: dict[str, Any]) -> None:
    writing.sql("ALTER TABLE audit_entry RENAME COLUMN request_id TO elsewhere")
    try:
        answer = writing.post("nancheng", RENAME, {"input": {**seen(grid), "name": "庚"}})
    finally:
        writing.sql("ALTER TABLE audit_entry RENAME COLUMN elsewhere TO request_id")
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert "elsewhere" not in answer.text
    assert "request_id" not in answer.text
    assert writing.ask("nancheng", f'{{ grid(code: "{GRID}") {{ id name version }} }}')["grid"] == grid
