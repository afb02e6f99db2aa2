"""Behind PgBouncer in transaction mode: two of PostgreSQL's connections for everybody, and nothing of one stays."""

import asyncio
import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from models import Role
from server.changes import Changes
from server.database import Database, UnfitLogin
from server.embedded import Embedded, database_urls
from server.pooler import Pooler
from server.settings import SettingsError
from tests import nouns, pooling
from tests.conftest import Server
from tests.listening import Ground, until
from tests.scene import Scene, World, Writing, create
from tests.test_cli import execute

TIMEOUT_MS = 3000
POOL_SIZE = 2
MEMBER = "pooled_member"
CLIENTS = 12
ASKED = 15
PERSONNEL = """{ stations { totalCount nodes { id } } communities { totalCount nodes { id parent { id } } }
  personnel { totalCount nodes { id name phone } } }"""
SEND = """mutation ($input: SendReferralInput!) {
  sendReferral(input: $input) { referral { id } errors { code message } } }"""
CHANGED = "subscription { referralChanged { eventId referral { id } } }"
LOCKED = "LOCK TABLE station IN ACCESS EXCLUSIVE MODE"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
IGNORING = (
    "role, jit, plan_cache_mode, statement_timeout, idle_in_transaction_session_timeout, extra_float_digits,"
    " tcp_keepalives_idle, tcp_keepalives_interval, tcp_keepalives_count, tcp_user_timeout"
)

pytestmark = pooling.needed


@pytest.fixture(scope="module")
def made(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Any]:
    """A database, and settings of a server on it that nothing stands before."""
    url, settings = create(embedded, tmp_path_factory.mktemp("pooler"))
    asyncio.run(execute(url, f"CREATE ROLE {MEMBER} LOGIN IN ROLE {pooling.LOGIN}"))
    return url, settings.model_copy(update={"statement_timeout_ms": TIMEOUT_MS})


@pytest.fixture(scope="module", params=[Pooler.TRANSACTION, Pooler.PREPARED])
def behind(
    request: pytest.FixtureRequest, made: tuple[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    """A server behind PgBouncer, which hears of nothing."""
    options: dict[str, Any] = {"default_pool_size": POOL_SIZE}
    if request.param is Pooler.PREPARED:
        if pooling.version() < pooling.KNOWS_STATEMENTS:
            pytest.skip("needs pgbouncer 1.21 or newer")
        options["max_prepared_statements"] = 300
    url, settings = made
    folder = tmp_path_factory.mktemp("pgbouncer")
    with pooling.bouncing(settings.database_url, folder, pooling.connections(TIMEOUT_MS), **options) as pooled:
        changed = settings.model_copy(update={"database_url": pooled, "pooler": request.param})
        with Server(changed) as server, closing(World(url, changed, server.url)) as world:
            yield Ground(world, server)


@pytest.fixture
def scene(behind: Ground) -> Scene:
    return behind.world.scene()


def test_what_two_scopes_ask_at_the_same_time_is_answered_to_each_alone(behind: Ground, scene: Scene) -> None:
    writers = [scene.writer(Role.WORKER, zone["B1"]) for zone in scene.zones]
    writers += [scene.writer(Role.MANAGER, scene.here["H"]), scene.writer(Role.WORKER, scene.there["C4"])]
    expected = {writer.token: writer.ask(PERSONNEL) for writer in writers}
    assert len({str(answer) for answer in expected.values()}) == len(writers)

    def ask(seed: int) -> list[tuple[str, Any]]:
        rng = random.Random(seed)
        found = []
        with httpx.Client(base_url=behind.server.url, timeout=60) as client:
            for _ in range(ASKED):
                token = rng.choice(writers).token
                headers = {"Authorization": f"Bearer {token}"}
                found.append((token, client.post("/graphql", json={"query": PERSONNEL}, headers=headers).json()))
        return found

    with ThreadPoolExecutor(CLIENTS) as threads:
        answers = [pair for found in threads.map(ask, range(CLIENTS)) for pair in found]
    assert [pair for pair in answers if pair[1] != {"data": expected[pair[0]]}] == []


def test_no_connection_of_the_pooler_keeps_a_scope(behind: Ground, scene: Scene) -> None:
    scene.writer(Role.MANAGER, scene.here["H"]).ask(PERSONNEL)

    async def left() -> set[tuple[str, int]]:
        connections = [
            await asyncpg.connect(behind.world.settings.database_url, statement_cache_size=0) for _ in range(POOL_SIZE)
        ]
        try:
            # In transactions at the same time, so that each is another of PostgreSQL's.
            for one in connections:
                await one.execute("BEGIN")
            asked = "SELECT COALESCE(current_setting('zhanwang.scope', true), ''), (SELECT count(*) FROM station)"
            return {tuple((await one.fetch(asked))[0]) for one in connections}
        finally:
            await asyncio.gather(*(one.close() for one in connections))

    assert asyncio.run(left()) == {("", 0)}


def test_what_is_written_is_told_to_who_subscribes(behind: Ground, scene: Scene) -> None:
    writer = scene.writer(Role.MANAGER, scene.here["H"])
    given = nouns.CASES["sendReferral"].given(scene.here) | {"toId": scene.there["C4"]}
    with behind.listening(scene.writer(Role.WORKER, scene.there["C4"]).token, CHANGED) as socket:
        payload = writer.ask(SEND, {"input": given})["sendReferral"]
        assert payload["errors"] == []
        assert socket.event()["referral"]["id"] == payload["referral"]["id"]


@contextmanager
def asking(behind: Ground, writer: Writing, count: int) -> Iterator[None]:
    """Clients that ask before the block, and go after it without an answer."""
    url = urlsplit(behind.server.url)
    headers = {"Authorization": f"Bearer {writer.token}", "Content-Type": "application/json"}
    with ExitStack() as stack:
        for _ in range(count):
            connection = stack.enter_context(closing(HTTPConnection(str(url.hostname), url.port)))
            connection.request("POST", "/graphql", json.dumps({"query": PERSONNEL}), headers)
        yield


def test_whoever_goes_leaves_nothing_to_who_comes_after(behind: Ground, scene: Scene) -> None:
    here, there = (scene.writer(Role.WORKER, zone["B1"]) for zone in scene.zones)
    expected = there.ask(PERSONNEL)
    world = behind.world
    for _ in range(3):
        world.sql("BEGIN")
        world.sql(LOCKED)
        with asking(behind, here, POOL_SIZE):
            until(lambda: world.value(WAITING) == POOL_SIZE)
        until(lambda: world.value(WAITING) == 0)
        world.sql("ROLLBACK")
        assert [there.ask(PERSONNEL) for _ in range(2 * POOL_SIZE)] == [expected] * 2 * POOL_SIZE


def test_a_statement_that_takes_too_long_is_ended_by_postgresql(behind: Ground, scene: Scene) -> None:
    writer = scene.writer(Role.WORKER, scene.here["B1"])
    expected = writer.ask(PERSONNEL)
    behind.world.sql("BEGIN")
    behind.world.sql(LOCKED)
    answer = behind.world.post(writer.token, PERSONNEL).json()
    behind.world.sql("ROLLBACK")
    # Of a server that had to give up by itself, the database would be away.
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"TIMEOUT"}
    assert writer.ask(PERSONNEL) == expected


def test_past_the_pooler_changes_and_events_are_heard(behind: Ground, made: tuple[str, Any]) -> None:
    direct = behind.world.settings.model_copy(update={"listen_database_url": made[1].database_url})
    with Server(direct) as server:
        changes: Changes = server.app.state.services.changes
        until(lambda: changes.trusts(float("-inf")))
    assert not behind.server.app.state.services.changes.trusts(float("-inf"))


@pytest.mark.parametrize(
    ("pooler", "login", "query", "ignoring", "said"),
    [
        (Pooler.TRANSACTION, pooling.LOGIN, "", IGNORING, "connect_query='SET jit = off; SET plan_cache_mode"),
        (Pooler.TRANSACTION, pooling.LOGIN, "SET jit = off", IGNORING, "without plan_cache_mode = force_generic_plan"),
        (Pooler.TRANSACTION, MEMBER, pooling.connections(TIMEOUT_MS), IGNORING, "log in as zhanwang_server itself"),
        (Pooler.NONE, pooling.LOGIN, "", IGNORING, "set ZHANWANG_POOLER"),
        (Pooler.NONE, pooling.LOGIN, "", "extra_float_digits", "Say so by ZHANWANG_POOLER"),
    ],
    ids=["nothing set", "little set", "another login", "not said", "not said, and nothing ignored"],
)
def test_a_pooler_whose_connections_are_not_as_they_must_be_is_refused(
    made: tuple[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
    pooler: Pooler,
    login: str,
    query: str,
    ignoring: str,
    said: str,
) -> None:
    with pooling.bouncing(
        made[1].database_url, tmp_path_factory.mktemp("unfit"), query, login=login, ignore_startup_parameters=ignoring
    ) as pooled:

        async def open_it() -> None:
            await Database.open(pooled, pool_size=1, statement_timeout_ms=TIMEOUT_MS, pooler=pooler)

        with pytest.raises(UnfitLogin) as refused:
            asyncio.run(open_it())
    assert said in str(refused.value)


def test_what_holds_locks_of_its_session_does_not_go_through_a_pooler(made: tuple[str, Any]) -> None:
    pooled = made[1].model_copy(update={"pooler": Pooler.TRANSACTION})
    with database_urls(pooled) as urls, pytest.raises(SettingsError, match="ZHANWANG_OWNER_DATABASE_URL"):
        assert urls.owner_url
    with database_urls(pooled.model_copy(update={"owner_database_url": made[0]})) as urls:
        assert urls.owner_url == made[0]
