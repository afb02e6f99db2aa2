"""One embedded PostgreSQL, migrated and with the demo loaded, and one server in this process, for all tests.

The server runs in a thread and is spoken to over HTTP, so that a test sees what a client sees; in the same process a
test can count statements and take a guard away.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import uvicorn
from cryptography.fernet import Fernet
from pydantic import SecretStr

from server.app import create_app
from server.demo import PASSWORD, load
from server.embedded import Embedded, running
from server.migrate import migrate
from server.serving import configuration
from server.settings import Settings

pytest_plugins = ("tests.writing", "tests.exporting", "tests.importing", "tests.leaking", "tests.places")

Ask = Callable[..., Any]

PREPARED = pytest.StashKey[str]()
"""The superuser's URL of the database, once it is prepared."""

HAMMERED: dict[str, Any] = {"budget_per_second": 1_000_000_000, "budget_burst": 1_000_000_000}
"""Settings of a server that a few accounts ask without pause."""

LONGEST = ("test_probes.py", "test_statistics_differential.py", "test_leaks.py", "test_write_property.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that no worker has one left when the others are done."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


LOG_IN = """
mutation ($username: String!, $password: String!) {
  logIn(input: { username: $username, password: $password }) { accessToken errors { code message } }
}
"""


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """A PostgreSQL of its own."""
    with running(tmp_path_factory.mktemp("data")) as found:
        yield found


@pytest.fixture(scope="session")
def settings(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Settings:
    """The settings of the server under test, its database migrated and the demo loaded."""
    keys = SecretStr(Fernet.generate_key().decode())

    async def prepare() -> None:
        await migrate(embedded.owner_url)
        await load(embedded.owner_url, keys.get_secret_value(), None)

    asyncio.run(prepare())
    request.config.stash[PREPARED] = embedded.owner_url
    return Settings(
        database_url=embedded.server_url,
        data_dir=tmp_path_factory.mktemp("settings"),
        secret=SecretStr("a secret of the tests, long enough for everybody"),
        personal_keys=keys,
        # Longer than the slowest run: accounts log in once.
        access_token_minutes=240,
        **HAMMERED,
    )


@pytest.fixture(scope="module", autouse=True)
def no_log_in_has_failed(request: pytest.FixtureRequest) -> None:
    """Failures of log-ins count by address, and that of all tests is the same: each module begins without any."""
    if prepared := request.config.stash.get(PREPARED, None):

        async def forget() -> None:
            connection = await asyncpg.connect(prepared)
            await connection.execute("DELETE FROM log_in_failure")
            await connection.close()

        asyncio.run(forget())


@pytest.fixture(scope="session")
def database(embedded: Embedded, settings: Settings) -> str:
    """The URL of the superuser, to look inside the loaded database."""
    assert settings.database_url
    return embedded.owner_url


class Server:
    """A server in a thread; `app.state.services` is at hand."""

    def __init__(self, settings: Settings) -> None:
        self.app = create_app(settings)
        options = {"port": 0, "log_config": None, "log_level": "error"}
        chosen = configuration(settings, self.app, **options)
        self.connections = chosen.zhanwang
        self._server = uvicorn.Server(chosen)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> "Server":
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the server did not start")
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self._server.servers[0].sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"


@pytest.fixture(scope="session")
def server(settings: Settings) -> Iterator[Server]:
    """The server under test."""
    with Server(settings) as running_server:
        yield running_server


@pytest.fixture(scope="session")
def client(server: Server) -> Iterator[httpx.Client]:
    """An HTTP client of it."""
    with httpx.Client(base_url=server.url, timeout=30) as opened:
        yield opened


@pytest.fixture(scope="session")
def token(client: httpx.Client) -> Callable[[str], str]:
    """The access token of a demo account; one log-in for each."""
    tokens: dict[str, str] = {}

    def of(username: str) -> str:
        if username not in tokens:
            variables = {"username": username, "password": PASSWORD}
            answer = client.post("/graphql", json={"query": LOG_IN, "variables": variables}).json()
            tokens[username] = answer["data"]["logIn"]["accessToken"]
            assert tokens[username], answer
        return tokens[username]

    return of


@pytest.fixture(scope="session")
def post(client: httpx.Client, token: Callable[[str], str]) -> Ask:
    """Ask as a demo account (None: nobody); the response as it is: `post("hub", "{ viewer { … } }", {…})`."""

    def send(
        username: str | None, query: str, variables: dict[str, Any] | None = None, grant: str | None = None
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token(username)}"} if username else {}
        if grant:
            headers["X-Zhanwang-Grant"] = grant
        return client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)

    return send


@pytest.fixture(scope="session")
def ask(post: Ask) -> Ask:
    """Ask as a demo account and get the data; any error fails the test."""

    def data(
        username: str | None, query: str, variables: dict[str, Any] | None = None, grant: str | None = None
    ) -> dict[str, Any]:
        answer = post(username, query, variables, grant).json()
        assert "errors" not in answer, answer["errors"]
        found: dict[str, Any] = answer["data"]
        return found

    return data


@pytest.fixture(scope="session")
def queries() -> Path:
    """The folder of the hand-picked operations."""
    return Path(__file__).parent / "queries"
