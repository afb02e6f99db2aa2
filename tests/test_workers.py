"""Two servers of two workers each, as processes, on one database: whoever answers, the answer is the same."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from server.cli import app
from server.serving import configuration
from server.settings import Settings, SettingsError
from server.workers import Worker
from tests.faulting import workers_of
from tests.listening import until
from tests.processes import serving
from tests.sessions import LOG_IN, LOG_OUT, PASSWORD, fetch, make_account, refresh

STATIONS = "{ stations { totalCount } }"
CONNECTIONS = 8
"""Of these, each worker of a server gets some."""


class Servers:
    def __init__(self, *served: tuple[Popen[str], str]) -> None:
        self.processes, self.addresses = zip(*served, strict=True)
        # Each request has a new connection, which any worker may take.
        self.client = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0), timeout=60)

    def ask(self, number: int, body: dict[str, Any], token: str | None = None) -> httpx.Response:
        """What one of a server's workers answers."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.client.post(f"{self.addresses[number]}/graphql", json=body, headers=headers)

    def everywhere(self, body: dict[str, Any], token: str | None = None) -> list[httpx.Response]:
        """What all workers of both servers answer."""
        return [self.ask(number, body, token) for _ in range(CONNECTIONS) for number in range(len(self.addresses))]

    def log_in(self, number: int, username: str) -> dict[str, Any]:
        given = {"query": LOG_IN, "variables": {"input": {"username": username, "password": PASSWORD}}}
        found: dict[str, Any] = self.ask(number, given).json()["data"]["logIn"]
        return found


@pytest.fixture(scope="module")
def servers(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    variables = settings.environment() | {
        "ZHANWANG_PORT": "0",
        "ZHANWANG_POOL_SIZE": "4",
        "ZHANWANG_WORKERS": "1",
    }
    folder = tmp_path_factory.mktemp("workers")
    with (
        serving(folder, "--workers", "2", **variables) as one,
        serving(folder, "--workers", "2", **variables) as other,
    ):
        made = Servers(one, other)
        with made.client:
            yield made


def test_a_session_is_one_on_every_worker_of_every_server_and_ends_on_all(servers: Servers, database: str) -> None:
    session = servers.log_in(0, make_account(database))
    token = session["accessToken"]
    query = {"query": STATIONS}
    assert {str(one.json()) for one in servers.everywhere(query, token)} == {
        str({"data": {"stations": {"totalCount": 19}}})
    }
    with httpx.Client(base_url=servers.addresses[1], timeout=60) as client:
        fresh = refresh(client, session["refreshToken"])
    assert fresh["errors"] == []
    ended = servers.ask(1, {"query": LOG_OUT, "variables": {"input": {}}}, fresh["accessToken"]).json()
    assert ended["data"]["logOut"]["endedSessions"] == 1
    answers = servers.everywhere(query, token)
    assert {one.json()["errors"][0]["extensions"]["code"] for one in answers} == {"UNAUTHENTICATED"}


def test_a_document_is_trusted_by_all_workers_as_soon_as_by_one(
    servers: Servers, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHANWANG_DATABASE_URL", database)
    file = tmp_path / "operations.graphql"
    file.write_text("query OfWorkers { stations { totalCount } }", encoding="utf-8")

    def statuses(id_: str) -> set[int]:
        return {one.status_code for one in servers.everywhere({"documentId": id_})}

    assert statuses("none") == {404}
    assert CliRunner().invoke(app, ["documents", "add", str(file)]).exit_code == 0
    (id_,) = (row["id"] for row in fetch(database, "SELECT id FROM trusted_document WHERE name = 'OfWorkers'"))
    until(lambda: statuses(id_) == {200})
    assert CliRunner().invoke(app, ["documents", "remove", id_]).exit_code == 0
    until(lambda: statuses(id_) == {404})


def test_more_workers_than_the_embedded_postgresql_can_answer_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ZHANWANG_DATA_DIR", str(tmp_path))
    assert Settings.load(demo=True, workers=3).workers == 3
    with pytest.raises(SettingsError, match="ZHANWANG_WORKERS"):
        Settings.load(demo=True, workers=40)


def test_a_worker_whose_loop_stands_still_does_not_answer_its_parent(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker(configuration(settings), [])

    def answers() -> bool:
        worker.parent_conn.send(b"ping")
        worker.pong()
        return worker.parent_conn.poll()

    assert answers()
    worker.parent_conn.recv()
    asyncio.run(worker.server.on_tick(1))
    monkeypatch.setattr("server.workers.STUCK_SECONDS", 0.0)
    assert not answers()


def test_a_server_stops_though_a_worker_hangs(servers: Servers) -> None:
    server = servers.processes[0]
    hung, other = workers_of(server)
    hung.suspend()
    server.terminate()
    assert server.wait(30) == 0
    assert not hung.is_running()
    assert not other.is_running()
