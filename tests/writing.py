"""A demo network of a module's own, to write to: the suite's shared one is counted by other tests.

pytest_plugins = ("tests.writing",)

def test_…(writing: Writing) -> None:
    payload = writing.write("leifeng", "retirePerson", "person { id retiredOn }", id=…, version=1)
"""

import asyncio
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from resolvers.core.personal import PersonalVault
from server.demo import PASSWORD, load
from server.embedded import DATABASE, Embedded
from server.migrate import migrate
from server.settings import Settings
from tests.conftest import HAMMERED, LOG_IN, Server
from tests.payloads import mutating

ERRORS = "errors { code path message }"


class Writing:
    """A server over a fresh copy of the demo. `url` is the superuser's; `vault` has the server's keys."""

    def __init__(self, url: str, settings: Settings, server: Server, client: httpx.Client) -> None:
        self.url, self.settings, self.server, self._client = url, settings, server, client
        assert settings.personal_keys
        self.vault = PersonalVault(settings.personal_keys.get_secret_value())
        self._tokens: dict[str, str] = {}

    def token(self, username: str) -> str:
        """The access token of an account that has the demo's password; one log-in for each."""
        if username not in self._tokens:
            variables = {"username": username, "password": PASSWORD}
            answer = self._client.post("/graphql", json={"query": LOG_IN, "variables": variables}).json()
            self._tokens[username] = answer["data"]["logIn"]["accessToken"]
            assert self._tokens[username], answer
        return self._tokens[username]

    def post(
        self, username: str | None, query: str, variables: dict[str, Any] | None = None, grant: str | None = None
    ) -> httpx.Response:
        """Ask as an account (None: nobody); the response as it is."""
        headers = {"Authorization": f"Bearer {self.token(username)}"} if username else {}
        if grant:
            headers["X-Zhanwang-Grant"] = grant
        return self._client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)

    def ask(
        self, username: str | None, query: str, variables: dict[str, Any] | None = None, grant: str | None = None
    ) -> Any:
        """Ask as an account and get the data; any error fails the test."""
        answer = self.post(username, query, variables, grant).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def write(self, username: str, mutation: str, selection: str, **given: Any) -> Any:
        """The payload of a mutation, its `errors` beside the selection: `write("hub", "endAssignment", "assignment
        { id }", id="A1", version=1, on="2024-01-01")`. Errors of the operation fail the test.
        """
        query = mutating(mutation, f"{selection} {ERRORS}")
        return self.ask(username, query, {"input": given})[mutation]

    def hire(self, username: str, home: str, kind: str = "VOLUNTEER", **given: Any) -> Any:
        """A new person at home in a place, named by its id: `id`, `version`, `name`."""
        given = {"homeId": home, "kind": kind, "name": "试用人员", "gender": "FEMALE"} | given
        payload = self.write(username, "createPerson", "person { id version name }", **given)
        assert not payload["errors"], payload
        return payload["person"]

    def sql(self, query: str, *values: object) -> list[Any]:
        """The rows of a statement, as the superuser, whom no policy binds."""

        async def connected() -> list[Any]:
            connection = await asyncpg.connect(self.url)
            try:
                found: list[Any] = await connection.fetch(query, *values)
                return found
            finally:
                await connection.close()

        return asyncio.run(connected())

    def value(self, query: str, *values: object) -> Any:
        """The first value of a statement's first row, as the superuser."""
        return self.sql(query, *values)[0][0]


@dataclass(frozen=True)
class Places:
    """Public ids: leifeng's station, two of its villages, a grid of the first; a village of another zone."""

    station: str
    village: str
    other: str
    grid: str
    elsewhere: str

    def of_kind(self, kind: str) -> str:
        """The place of leifeng's of a kind."""
        return {"STATION": self.station, "COMMUNITY": self.village, "GRID": self.grid}[kind]


@pytest.fixture(scope="session")
def pristine(embedded: Embedded) -> tuple[str, SecretStr]:
    """The name of a database with the demo that nobody connects to, and the keys of its personal values."""
    name, keys = "pristine", SecretStr(Fernet.generate_key().decode())

    async def prepare() -> None:
        await _create(embedded, name, "template1")
        await migrate(_at(embedded.owner_url, name))
        await load(_at(embedded.owner_url, name), keys.get_secret_value(), None)

    asyncio.run(prepare())
    return name, keys


@pytest.fixture(scope="module")
def writing(
    embedded: Embedded, pristine: tuple[str, SecretStr], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Writing]:
    """A copy of the demo and a server on it, for one module."""
    template, keys = pristine
    name = f"own_{secrets.token_hex(6)}"
    asyncio.run(_create(embedded, name, template))
    settings = Settings(
        database_url=_at(embedded.server_url, name),
        data_dir=tmp_path_factory.mktemp("own"),
        secret=SecretStr("a secret of the tests that write, long enough for everybody"),
        personal_keys=keys,
        **HAMMERED,
    )
    with Server(settings) as server, httpx.Client(base_url=server.url, timeout=30) as client:
        yield Writing(_at(embedded.owner_url, name), settings, server, client)


@pytest.fixture(scope="module")
def places(writing: Writing) -> Places:
    """Places to write at, in the scope of leifeng and out of it."""
    query = "{ stations { nodes { id communities(first: 2) { nodes { id grids(first: 1) { nodes { id } } } } } } }"
    station = writing.ask("leifeng", query)["stations"]["nodes"][0]
    village, other = station["communities"]["nodes"]
    elsewhere = writing.ask("sanban", query)["stations"]["nodes"][0]["communities"]["nodes"][0]
    return Places(station["id"], village["id"], other["id"], village["grids"]["nodes"][0]["id"], elsewhere["id"])


async def _create(embedded: Embedded, name: str, template: str) -> None:
    connection = await asyncpg.connect(embedded.owner_url)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    finally:
        await connection.close()


def _at(url: str, name: str) -> str:
    assert f"/{DATABASE}?" in url
    return url.replace(f"/{DATABASE}?", f"/{name}?")
