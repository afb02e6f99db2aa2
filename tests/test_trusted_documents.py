"""Documents that clients name: trusted ones, added by the command line, and Apollo's automatic ones."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from typer.testing import CliRunner

from server.cli import app
from server.settings import Settings
from tests.conftest import Server

STATIONS = "query Stations { stations { totalCount } }"
COUNT = "query Count($within: ID) { grids(where: { within: $within }) { totalCount } }"
TOO_MUCH = """{ stations(first: 100) { nodes { personnel(first: 100) { nodes { history(first: 100) { nodes { at } }
 } } } } }"""
RELAY_ID = "1f5b01a4ae7e1b8a53b9dd9f8f4c42f3"
RESPONSE_JSON = "application/graphql-response+json"


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


class Documents:
    """The command line, on the database of the server under test."""

    def __init__(self, url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.url, self.folder, self.count = url, folder, 0
        monkeypatch.setenv("ZHANWANG_DATABASE_URL", url)

    def run(self, *arguments: str) -> Any:
        return CliRunner().invoke(app, ["documents", *arguments])

    def add(self, content: str | dict[str, Any], name: str = "operations.graphql") -> Any:
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return self.run("add", str(path))

    def empty(self) -> None:
        async def go() -> None:
            connection = await asyncpg.connect(self.url)
            await connection.execute("DELETE FROM trusted_document")
            await connection.close()

        asyncio.run(go())


@pytest.fixture
def documents(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Documents]:
    made = Documents(database, tmp_path, monkeypatch)
    yield made
    made.empty()


@contextmanager
def serving(settings: Settings, **changed: Any) -> Iterator[httpx.Client]:
    with (
        Server(settings.model_copy(update=changed)) as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):
        yield client


@pytest.fixture
def fresh(settings: Settings) -> Iterator[httpx.Client]:
    """A client of a server that has asked for no document yet."""
    with serving(settings) as opened:
        yield opened


@pytest.fixture(scope="module")
def strict(settings: Settings) -> Iterator[httpx.Client]:
    with serving(settings, trusted_only=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def developing(settings: Settings) -> Iterator[httpx.Client]:
    with serving(settings, automatic_persisted_queries=True) as opened:
        yield opened


def code(response: httpx.Response) -> str:
    found: str = response.json()["errors"][0]["extensions"]["code"]
    return found


# -- added by the command line -------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "sha256:"])
def test_a_document_is_answered_by_its_digest(
    documents: Documents, fresh: httpx.Client, token: Any, prefix: str
) -> None:
    assert documents.add(STATIONS).exit_code == 0
    headers = {"Authorization": f"Bearer {token('hub')}"}
    response = fresh.post("/graphql", json={"documentId": prefix + digest(STATIONS)}, headers=headers)
    assert response.json() == {"data": {"stations": {"totalCount": 19}}}


def test_a_document_has_one_operation_by_its_name_and_variables_of_the_request(
    documents: Documents, fresh: httpx.Client, token: Any
) -> None:
    text = f"{STATIONS}\n{COUNT}"
    documents.add(text)
    asked = {"documentId": digest(text), "operationName": "Count", "variables": {"within": "nowhere"}}
    response = fresh.post("/graphql", json=asked, headers={"Authorization": f"Bearer {token('hub')}"})
    assert response.json()["data"] == {"grids": {"totalCount": 0}}


@pytest.mark.parametrize(
    ("name", "manifest", "id_"),
    [
        ("persisted_queries.json", {RELAY_ID: STATIONS}, RELAY_ID),
        ("persisted-documents.json", {f"sha1:{RELAY_ID}": STATIONS}, f"sha1:{RELAY_ID}"),
        ("persisted-documents.json", {f"sha256:{digest(STATIONS)}": STATIONS}, digest(STATIONS)),
        (
            "persisted-query-manifest.json",
            {
                "format": "apollo-persisted-query-manifest",
                "version": 1,
                "operations": [{"id": digest(STATIONS), "name": "Stations", "type": "query", "body": STATIONS}],
            },
            digest(STATIONS),
        ),
    ],
    ids=["relay-compiler", "graphql-codegen", "graphql-codegen with SHA-256", "Apollo"],
)
def test_the_manifests_of_build_tools_are_read_with_their_ids(
    documents: Documents, fresh: httpx.Client, name: str, manifest: dict[str, Any], id_: str
) -> None:
    added = documents.add(manifest, name)
    assert "Added 1 of 1 documents." in added.stderr
    response = fresh.post("/graphql", json={"documentId": id_})
    assert response.json()["data"] == {"stations": None}


def test_the_list_tells_ids_and_operations(documents: Documents) -> None:
    documents.add({RELAY_ID: f"{STATIONS} {COUNT}"}, "persisted.json")
    assert documents.run("list").stdout.split("\t")[:2] == [RELAY_ID, "Count, Stations"]


def test_what_is_there_already_is_not_added_twice(documents: Documents) -> None:
    documents.add(STATIONS)
    assert "Added 0 of 1 documents; 1 were there already." in documents.add(STATIONS).stderr


def test_an_id_never_becomes_another_document(documents: Documents) -> None:
    documents.add({RELAY_ID: STATIONS}, "persisted.json")
    again = documents.add({RELAY_ID: COUNT}, "persisted.json")
    assert again.exit_code == 1
    assert "names another document already" in again.stderr


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.graphql", "{ nothing }", "Cannot query field"),
        ("a.graphql", "fragment F on Station { id }", "never used"),
        ("a.graphql", TOO_MUCH, "rows"),
        ("a.json", {digest(COUNT): STATIONS}, "not that of the text"),
        ("a.json", {}, "no documents"),
        ("a.json", "[]", "no manifest"),
        ("a.json", {"x" * 201: STATIONS}, "1 to 200 characters"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_trusted_are_refused_as_a_whole(
    documents: Documents, name: str, content: Any, said: str
) -> None:
    (documents.folder / "good.graphql").write_text(STATIONS)
    (documents.folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
    added = documents.run("add", str(documents.folder / "good.graphql"), str(documents.folder / name))
    assert added.exit_code == 1
    assert said in added.stderr
    assert documents.run("list").stdout == ""


def test_the_server_cannot_trust_documents_itself(settings: Settings) -> None:
    async def write() -> None:
        connection = await asyncpg.connect(settings.database_url, server_settings={"role": "zhanwang_server"})
        try:
            await connection.execute("DELETE FROM trusted_document")
        finally:
            await connection.close()

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        asyncio.run(write())


# -- named by a request --------------------------------------------------------------------------------------------


def test_an_unknown_id_is_refused_with_its_code(fresh: httpx.Client) -> None:
    response = fresh.post("/graphql", json={"documentId": "unknown"})
    assert (response.status_code, code(response)) == (404, "DOCUMENT_NOT_FOUND")


def test_ids_that_are_not_there_cost_no_statement(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    services = server.app.state.services
    asked = []
    fetchrow = services.database.fetchrow

    async def counting(sql: str, arguments: Any, *trace: Any) -> Any:
        # What the schedules ask meanwhile is not of these requests.
        asked.extend([sql] if "trusted_document" in sql else [])
        return await fetchrow(sql, arguments, *trace)

    monkeypatch.setattr(services.database, "fetchrow", counting)
    monkeypatch.setattr("server.changes.FRESH_SECONDS", 3600)
    with httpx.Client(base_url=server.url) as client:
        client.post("/graphql", json={"documentId": "first"})
        asked.clear()
        for number in range(20):
            assert code(client.post("/graphql", json={"documentId": f"nonsense {number}"})) == "DOCUMENT_NOT_FOUND"
    assert asked == []


def test_a_removed_document_is_answered_no_longer_and_an_added_one_is(
    documents: Documents, fresh: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.changes.FRESH_SECONDS", 0)
    assert fresh.post("/graphql", json={"documentId": digest(STATIONS)}).status_code == 404
    documents.add(STATIONS)
    assert fresh.post("/graphql", json={"documentId": digest(STATIONS)}).status_code == 200
    assert documents.run("remove", digest(STATIONS)).exit_code == 0
    assert fresh.post("/graphql", json={"documentId": digest(STATIONS)}).status_code == 404


def test_removing_what_is_not_there_fails(documents: Documents) -> None:
    removed = documents.run("remove", "unknown")
    assert removed.exit_code == 1
    assert "There is no document unknown" in removed.stderr


def test_a_text_that_is_not_the_named_document_is_refused(documents: Documents, fresh: httpx.Client) -> None:
    documents.add(STATIONS)
    asked = {"documentId": digest(STATIONS), "query": COUNT}
    assert fresh.post("/graphql", json=asked).status_code == 400


def test_a_named_query_by_get_is_kept_by_its_client_alone_until_it_changes(
    documents: Documents, fresh: httpx.Client, token: Any
) -> None:
    documents.add(STATIONS)
    headers = {"Authorization": f"Bearer {token('hub')}"}
    first = fresh.get("/graphql", params={"documentId": digest(STATIONS)}, headers=headers)
    assert first.json()["data"] == {"stations": {"totalCount": 19}}
    assert first.headers["cache-control"] == "private, no-cache"
    assert "authorization" in first.headers["vary"]
    headers["If-None-Match"] = first.headers["etag"]
    again = fresh.get("/graphql", params={"documentId": digest(STATIONS)}, headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    headers["Authorization"] = f"Bearer {token('leifeng')}"
    others = fresh.get("/graphql", params={"documentId": digest(STATIONS)}, headers=headers)
    assert others.json()["data"] == {"stations": {"totalCount": 1}}


def test_what_was_refused_is_not_kept(documents: Documents, fresh: httpx.Client) -> None:
    documents.add(STATIONS)
    response = fresh.get("/graphql", params={"documentId": digest(STATIONS)})
    assert code(response) == "UNAUTHENTICATED"
    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers


# -- nothing but trusted documents ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        {"query": STATIONS},
        {"documentId": "unknown"},
        {"query": COUNT, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest(COUNT)}}},
        {"query": 'mutation { logIn(input: { username: "hub", password: "x" }) { accessToken } }'},
    ],
)
def test_a_strict_server_answers_nothing_that_is_not_trusted(
    documents: Documents, strict: httpx.Client, asked: dict[str, Any]
) -> None:
    response = strict.post("/graphql", json=asked)
    assert (response.status_code, code(response)) == (403, "DOCUMENT_REQUIRED")


@pytest.mark.parametrize(
    "asked",
    [
        {"documentId": digest(STATIONS)},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest(STATIONS)}}},
        {"query": STATIONS, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest(STATIONS)}}},
    ],
    ids=["by its id", "in Apollo's way", "with its text beside"],
)
def test_a_strict_server_answers_trusted_documents_however_they_are_named(
    documents: Documents, strict: httpx.Client, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.changes.FRESH_SECONDS", 0)
    documents.add(STATIONS)
    assert strict.post("/graphql", json=asked).json()["data"] == {"stations": None}


# -- Apollo's automatic ones ---------------------------------------------------------------------------------------


def persisted(text: str, **more: Any) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest(text)}}, **more}


@pytest.mark.parametrize("accept", ["application/json", RESPONSE_JSON])
def test_a_query_is_named_by_its_digest_once_it_was_sent(developing: httpx.Client, accept: str) -> None:
    text = f"query {accept[12:19].strip('/-+')} {{ stations {{ totalCount }} }}"
    headers = {"Accept": accept}
    first = developing.post("/graphql", json=persisted(text), headers=headers)
    assert (first.status_code, first.json()["errors"][0]["message"]) == (200, "PersistedQueryNotFound")
    assert code(first) == "PERSISTED_QUERY_NOT_FOUND"
    second = developing.post("/graphql", json=persisted(text, query=text), headers=headers)
    third = developing.post("/graphql", json=persisted(text), headers=headers)
    assert second.json()["data"] == third.json()["data"] == {"stations": None}


def test_a_query_under_a_digest_that_is_not_its_own_is_refused(developing: httpx.Client) -> None:
    assert developing.post("/graphql", json=persisted(COUNT, query=STATIONS)).status_code == 400
    assert code(developing.post("/graphql", json=persisted(COUNT))) == "PERSISTED_QUERY_NOT_FOUND"


def test_clients_are_told_where_queries_are_not_persisted_and_answered_with_the_text(fresh: httpx.Client) -> None:
    refused = fresh.post("/graphql", json=persisted(STATIONS))
    assert (refused.status_code, refused.json()["errors"][0]["message"]) == (200, "PersistedQueryNotSupported")
    assert code(refused) == "PERSISTED_QUERY_NOT_SUPPORTED"
    assert fresh.post("/graphql", json=persisted(STATIONS, query=STATIONS)).json()["data"] == {"stations": None}


@pytest.mark.parametrize("wrong", [{"version": 2, "sha256Hash": "0" * 64}, {"version": 1, "sha256Hash": "0"}, []])
def test_a_malformed_persisted_query_is_refused(developing: httpx.Client, wrong: Any) -> None:
    response = developing.post("/graphql", json={"extensions": {"persistedQuery": wrong}})
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


def test_automatic_documents_are_bounded_by_their_length() -> None:
    from server.documents import KEPT_CHARACTERS, AutomaticDocuments

    kept, long = AutomaticDocuments(), "#" * (KEPT_CHARACTERS // 2)
    texts = [f"{long}{number}" for number in range(3)]
    assert all(kept.keep(digest(text), text) for text in texts)
    assert [kept.text(digest(text)) is None for text in texts] == [True, True, False]
