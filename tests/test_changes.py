"""What a worker remembers: forgotten when it changes, on every server, whoever changes it.

Nothing is asked anew here for its age: what is told is told by the database.
"""

import asyncio
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from models import Role
from resolvers.core.ids import encode
from server import changes as module
from server.auth import GRANT_HEADER
from server.changes import EVERY, Changes, Remembered, Subject
from server.cli import app
from server.embedded import Embedded
from tests.conftest import Server
from tests.listening import until
from tests.scene import Scene, World, Writing, create, key

WHO = "{ viewer { account { id } grant { id } } }"
SCHEMA = "{ __schema { queryType { name } } }"
GRANT = """mutation ($input: GrantAccountInput!) {
  grantAccount(input: $input) { grant { id version } errors { code message } } }"""
REVOKE = "mutation ($input: RevokeGrantInput!) { revokeGrant(input: $input) { errors { code message } } }"
LOG_OUT = "mutation { logOut(input: {}) { endedSessions errors { code } } }"
UPDATE = """mutation ($input: UpdateVolunteerTeamInput!) {
  updateVolunteerTeam(input: $input) { volunteerTeam { id } errors { code message } } }"""
STATIONS = "{ stations { totalCount } }"
LISTENING = (
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'zhanwang changes' AND datname = current_database()"
)
ALWAYS = float("-inf")


class Both:
    """Two servers on one database: what is done at the one shall count at the other."""

    def __init__(self, world: World, servers: list[Server]) -> None:
        self.world, self.servers = world, servers

    def ask(self, number: int, token: str, query: str, variables: Any = None, **headers: str) -> Any:
        """What a server answers, code and body."""
        answer = self.world.client.post(
            f"{self.servers[number].url}/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {token}", **headers},
        )
        return answer.json()

    def changes(self, number: int) -> Changes:
        found: Changes = self.servers[number].app.state.services.changes
        return found

    def document(self, number: int, id_: str) -> int:
        """The status with which a server answers a document's id."""
        return self.world.client.post(f"{self.servers[number].url}/graphql", json={"documentId": id_}).status_code


@pytest.fixture(scope="module")
def patient() -> Iterator[None]:
    """What is heard of alone makes anybody look anew; or never."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FRESH_SECONDS", 3600.0)
        yield


@pytest.fixture(scope="module")
def both(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory, patient: None) -> Iterator[Both]:
    url, settings = create(embedded, tmp_path_factory.mktemp("changes"))
    with Server(settings) as one, Server(settings) as other, closing(World(url, settings, one.url)) as world:
        made = Both(world, [one, other])
        for number in range(2):
            until(lambda number=number: made.changes(number).trusts(ALWAYS))  # type: ignore[misc]
        yield made


@pytest.fixture
def scene(both: Both) -> Scene:
    return both.world.scene()


def code(answer: Any) -> str | None:
    """The code with which an operation is refused; None if it is answered."""
    errors = answer.get("errors")
    return str(errors[0]["extensions"]["code"]) if errors else None


def test_a_grant_given_at_one_server_is_acted_under_at_the_other(both: Both, scene: Scene) -> None:
    hub, writer = scene.writer(Role.ADMINISTRATOR, scene.here["H"]), scene.writer(Role.WORKER, scene.here["C1"])
    before = both.ask(1, writer.token, WHO)["data"]["viewer"]["grant"]["id"]
    given = {"accountId": encode("U", writer.account_id), "placeId": scene.here["B2"], "role": "WORKER"}
    made = both.ask(0, hub.token, GRANT, {"input": given})["data"]["grantAccount"]["grant"]
    found = both.ask(1, writer.token, WHO, **{GRANT_HEADER: made["id"]})
    assert found["data"]["viewer"]["grant"]["id"] == made["id"] != before
    assert both.ask(0, hub.token, REVOKE, {"input": {"id": made["id"], "version": made["version"]}})["data"]
    assert code(both.ask(1, writer.token, WHO, **{GRANT_HEADER: made["id"]})) == "UNAUTHENTICATED"
    assert both.ask(1, writer.token, WHO)["data"]["viewer"]["grant"]["id"] == before


def test_a_grant_that_comes_before_the_others_is_the_first_everywhere(both: Both, scene: Scene) -> None:
    writer = scene.writer(Role.WORKER, scene.here["C1"])
    for number in range(2):
        both.ask(number, writer.token, WHO)
    place = both.world.sql("SELECT * FROM place WHERE id = $1", key(scene.here["B2"]))[0]
    made = both.world.value(
        "INSERT INTO account_grant (account_id, role, valid_from, place_id, path, station_id, county_id)"
        " VALUES ($1, 'WORKER', now() - interval '50 years', $2, $3, $4, $5) RETURNING id",
        writer.account_id,
        *(place[column] for column in ("id", "path", "station_id", "county_id")),
    )
    for number in range(2):
        until(lambda number=number: grant(both, number, writer) == encode("R", made))  # type: ignore[misc]


def grant(both: Both, number: int, writer: Writing) -> str:
    return str(both.ask(number, writer.token, WHO)["data"]["viewer"]["grant"]["id"])


def test_a_session_that_has_ended_at_one_server_is_told_nothing_at_the_other(both: Both, scene: Scene) -> None:
    writer = scene.writer(Role.WORKER, scene.here["C1"])
    # What the schema says is answered without a statement that would find it out.
    assert code(both.ask(1, writer.token, SCHEMA)) is None
    both.ask(0, writer.token, LOG_OUT)
    until(lambda: code(both.ask(1, writer.token, SCHEMA)) == "INTROSPECTION_OFF")


def test_a_disabled_account_is_told_nothing(both: Both, scene: Scene) -> None:
    writer = scene.writer(Role.WORKER, scene.here["C1"])
    other = scene.writer(Role.WORKER, scene.here["C1"])
    for one in (writer, other):
        assert code(both.ask(1, one.token, SCHEMA)) is None
    both.world.sql("UPDATE account SET disabled_at = now() WHERE id = $1", writer.account_id)
    until(lambda: code(both.ask(1, writer.token, SCHEMA)) == "INTROSPECTION_OFF")
    assert code(both.ask(1, other.token, SCHEMA)) is None


@pytest.fixture
def trusted(both: Both, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("ZHANWANG_DATABASE_URL", both.world.url)
    file = tmp_path / "operations.graphql"
    file.write_text(STATIONS, encoding="utf-8")

    def run(*arguments: str) -> None:
        given = [str(file) if argument == "FILE" else argument for argument in arguments]
        assert CliRunner().invoke(app, ["documents", *given]).exit_code == 0

    yield run
    both.world.sql("DELETE FROM trusted_document")


def test_a_document_is_trusted_everywhere_at_once_and_no_longer_than_it_is(both: Both, trusted: Any) -> None:
    both.world.sql("DELETE FROM trusted_document")
    assert [both.document(number, "none") for number in range(2)] == [404, 404]
    trusted("add", "FILE")
    (id_,) = (row["id"] for row in both.world.sql("SELECT id FROM trusted_document"))
    for number in range(2):
        until(lambda number=number: both.document(number, id_) == 200)  # type: ignore[misc]
    trusted("remove", id_)
    for number in range(2):
        until(lambda number=number: both.document(number, id_) == 404)  # type: ignore[misc]


@contextmanager
def unheard(both: Both) -> Iterator[None]:
    """What the block does to documents is told to nobody."""
    both.world.sql("ALTER TABLE trusted_document DISABLE TRIGGER notified")
    try:
        yield
    finally:
        both.world.sql("ALTER TABLE trusted_document ENABLE TRIGGER notified")


def test_a_worker_that_has_not_listened_for_a_while_forgets_everything(both: Both) -> None:
    with unheard(both):
        both.world.sql("DELETE FROM trusted_document")
        assert both.document(1, "d") == 404
        both.world.sql(
            "INSERT INTO trusted_document (id, digest, text, name)"
            " VALUES ('d', sha256(convert_to($1, 'UTF8')), $1, 'd')",
            STATIONS,
        )
        assert both.document(1, "d") == 404
        ended = both.world.sql(LISTENING.replace("pid", "pg_terminate_backend(pid)", 1))
        assert len(ended) == 2
        until(lambda: both.document(1, "d") == 200)
        both.world.sql("DELETE FROM trusted_document")


def test_a_worker_that_hears_nothing_any_more_notices(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FRESH_SECONDS", 1.0)
    until(lambda: both.changes(0).trusts(ALWAYS))
    pids = [row["pid"] for row in both.world.sql(LISTENING)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        until(lambda: not both.changes(0).trusts(ALWAYS))
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    until(lambda: both.changes(0).trusts(ALWAYS))


WARM = 2 * 10
"""More than the pool has connections, so that each knows the statements."""


def updated(both: Both, scene: Scene, manager: Writing, name: str) -> str | None:
    """What a write of a team is refused with."""
    version = both.world.value("SELECT version FROM volunteer_team WHERE id = $1", key(scene.here["T1"]))
    given = {"id": scene.here["T1"], "version": version, "name": name}
    answer = both.ask(0, manager.token, UPDATE, {"input": given})
    if refused := code(answer):
        return refused
    assert answer["data"]["updateVolunteerTeam"]["errors"] == []
    return None


def test_a_migration_under_a_running_server_lets_no_statement_fail(both: Both, scene: Scene) -> None:
    manager = scene.writer(Role.MANAGER, scene.here["H"])
    reads = "{ volunteerTeams { nodes { id name } } }"
    expected = both.ask(0, manager.token, reads)

    def all_at_once() -> None:
        with ThreadPoolExecutor(WARM) as threads:
            answers = list(threads.map(lambda _: post(both, manager.token, reads), range(WARM)))
        assert answers == [expected] * WARM

    all_at_once()
    assert updated(both, scene, manager, "1") is None
    expected = both.ask(0, manager.token, reads)
    both.world.sql("ALTER TABLE volunteer_team ADD migrated text")
    all_at_once()
    assert updated(both, scene, manager, "2") is None
    expected = both.ask(0, manager.token, reads)
    # No release changes a type under the one before; who does it by hand costs a write, and not its effect.
    both.world.sql("ALTER TABLE volunteer_team ALTER name TYPE varchar(500)")
    all_at_once()
    found = [updated(both, scene, manager, str(number)) for number in range(10)]
    # A connection that has not yet written keeps no plan to be outdated.
    assert set(found) <= {"UNAVAILABLE", None}
    assert found[-1] is None
    assert both.world.value("SELECT name FROM volunteer_team WHERE id = $1", key(scene.here["T1"])) == "9"


def post(both: Both, token: str, query: str) -> Any:
    """As `Both.ask` of the first server, for threads."""
    with httpx.Client(timeout=30) as client:
        headers = {"Authorization": f"Bearer {token}"}
        return client.post(f"{both.servers[0].url}/graphql", json={"query": query}, headers=headers).json()


# -- without a database --------------------------------------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def remembered(changes: Changes) -> Remembered[int, str]:
    return Remembered(changes, Subject.ACCOUNT, 10, lambda changed, key_, _: str(key_) == changed)


async def said() -> str:
    return "said"


def test_what_nobody_would_tell_of_is_trusted_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FRESH_SECONDS", 3.0)
    clock = Clock()
    known = remembered(Changes(clock))
    asyncio.run(known.look_up(1, said))
    clock.now = 2.9
    assert known.peek(1) == "said"
    clock.now = 3.1
    assert known.peek(1) is None


def test_a_change_lets_what_it_concerns_be_forgotten_and_one_of_everything_all() -> None:
    changes = Changes(Clock())
    known = remembered(changes)
    for number in (1, 2):
        asyncio.run(known.look_up(number, said))
    changes.tell(Subject.DOCUMENT, EVERY)
    changes.tell(Subject.ACCOUNT, "1")
    assert (known.peek(1), known.peek(2)) == (None, "said")
    changes.tell(Subject.ACCOUNT, EVERY)
    assert known.peek(2) is None


def test_an_answer_that_a_change_has_overtaken_is_not_remembered() -> None:
    changes = Changes(Clock())
    known = remembered(changes)

    async def overtaken() -> str:
        changes.tell(Subject.ACCOUNT, "1")
        return "said"

    assert asyncio.run(known.look_up(1, overtaken)) == "said"
    assert known.peek(1) is None


def test_what_is_not_there_is_asked_for_again() -> None:
    known = remembered(Changes(Clock()))

    async def nothing() -> None:
        return None

    asyncio.run(known.look_up(1, said))
    asyncio.run(known.look_up(1, nothing))
    assert known.peek(1) is None
