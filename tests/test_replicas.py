"""A primary and two streaming replicas, and two servers that read from all three."""

import asyncio
import json
import re
import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

from models import Role
from server.embedded import DATABASE, Embedded, _Cluster, running
from server.replication.cluster import replicas_of
from server.replication.replica import ITSELF, Busy, Replica
from server.replication.replicas import PRIMARY, ReplicatedDatabase
from server.replication.shared import Shared
from tests.conftest import Server
from tests.listening import PATIENCE, Ground, until
from tests.scene import Scene, World, Writing, create, key

CASES = sorted((Path(__file__).parent / "queries").glob("*.graphql"))
NAME = "query ($id: ID!) { grid(id: $id) { name version } }"
PAUSED = "SELECT pg_get_wal_replay_pause_state() = 'paused'"


class Cluster:
    """Nodes, and two servers with a scene. `first` and `second` are the servers."""

    def __init__(self, primary: Embedded, replicas: list[Embedded], world: World, servers: tuple[Server, Server]):
        self.primary, self.replicas, self.world = primary, replicas, world
        self.first, self.second = servers
        self.scene = Scene(world)
        self.manager = self.scene.writer(Role.MANAGER, self.scene.here["S"])

    @property
    def reads(self) -> Counter[str]:
        """How many reads each node has answered to the first server."""
        return database_of(self.first).reads.copy()

    def answered(self, before: Counter[str]) -> Counter[str]:
        """How many more by now."""
        return self.reads - before

    def replica(self, number: int, server: Server | None = None) -> Replica:
        """What a server has of a replica."""
        return database_of(server or self.first).replicas[number]

    def settled(self) -> None:
        """Waits until every server reads from every replica."""
        until(lambda: all(one.in_use for server in (self.first, self.second) for one in database_of(server).replicas))

    def sql(self, number: int, query: str) -> Any:
        """A value, as a replica's superuser has it."""

        async def fetch() -> Any:
            connection = await asyncpg.connect(renamed(self.replicas[number].owner_url, self.world.url))
            try:
                return await connection.fetchval(query)
            finally:
                await connection.close()

        return asyncio.run(fetch())

    @contextmanager
    def paused(self, *numbers: int) -> Iterator[None]:
        """Replicas that replay nothing during the block."""
        for number in numbers:
            self.sql(number, "SELECT pg_wal_replay_pause()")
        until(lambda: all(self.sql(number, PAUSED) for number in numbers))
        try:
            yield
        finally:
            for number in numbers:
                self.sql(number, "SELECT pg_wal_replay_resume()")

    def ask(self, server: Server, writing: Writing, query: str, **variables: Any) -> dict[str, Any]:
        """What a server answers."""
        headers = {"Authorization": f"Bearer {writing.token}"}
        body = {"query": query, "variables": variables}
        answer: dict[str, Any] = self.world.client.post(f"{server.url}/graphql", json=body, headers=headers).json()
        return answer

    def grid(self, server: Server) -> dict[str, Any]:
        """A grid, as a server shows it."""
        found: dict[str, Any] = self.ask(server, self.manager, NAME, id=self.scene.here["G1"])["data"]["grid"]
        return found

    def by(self, server: Server, name: str) -> str:
        """Which node answers when that grid is read, whose name must be as given."""
        before = database_of(server).reads.copy()
        assert self.grid(server)["name"] == name
        (node,) = database_of(server).reads - before
        return node

    def rename(self, server: Server, name: str) -> None:
        """Gives that grid another name."""
        given = {"id": self.scene.here["G1"], "version": self.grid(server)["version"], "name": name}
        query = "mutation ($input: RenameGridInput!) { renameGrid(input: $input) { errors { code } } }"
        assert self.ask(server, self.manager, query, input=given)["data"]["renameGrid"]["errors"] == []


def database_of(server: Server) -> ReplicatedDatabase:
    found = server.app.state.services.database
    assert isinstance(found, ReplicatedDatabase)
    return found


def renamed(url: str, like: str) -> str:
    """A URL of the database that another leads to."""
    return url.replace(f"/{DATABASE}?", re.findall(r"/\w+\?", like)[0])


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("nodes")
    with ExitStack() as stack:
        primary = stack.enter_context(running(folder / "primary"))
        url, settings = create(primary, folder)
        replicas = stack.enter_context(replicas_of(primary, [folder / "one", folder / "two"]))
        urls = ",".join(renamed(one.server_url, url) for one in replicas)
        settings = settings.model_copy(update={"replica_urls": urls})
        first, second = stack.enter_context(Server(settings)), stack.enter_context(Server(settings))
        world = stack.enter_context(closing(World(url, settings, first.url)))
        made = Cluster(primary, replicas, world, (first, second))
        made.settled()
        yield made


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads that wait for replicas however busy the machine is."""
    monkeypatch.setattr("server.replication.replica.WAIT_SECONDS", PATIENCE)


@pytest.mark.usefixtures("patient")
def test_replicas_answer_what_is_read_and_share_it(cluster: Cluster) -> None:
    before = cluster.reads
    with ThreadPoolExecutor(4) as threads:
        assert len(list(threads.map(lambda _: cluster.grid(cluster.first), range(40)))) == 40
    answered = cluster.answered(before)
    assert answered.total() == 40
    assert set(answered) == {"replica-1", "replica-2"}


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.OBSERVER])
def test_a_replica_can_answer_every_kind_of_operation_that_only_reads(cluster: Cluster, role: Role) -> None:
    writer = cluster.scene.writer(role, cluster.scene.here["H"])
    before = cluster.reads
    for case in CASES:
        query = case.read_text("utf-8")
        heading = dict(re.findall(r"^# (\w+): (.*)$", query, re.MULTILINE))
        answer = cluster.ask(cluster.first, writer, query, **json.loads(heading.get("variables", "{}")))
        assert "INTERNAL" not in {error["extensions"]["code"] for error in answer.get("errors", ())}, case.name
    assert not cluster.answered(before)[PRIMARY]
    assert cluster.answered(before).total() > len(CASES) / 2


@pytest.mark.usefixtures("patient")
def test_what_is_exported_comes_from_a_replica(cluster: Cluster) -> None:
    before = cluster.reads
    headers = {"Authorization": f"Bearer {cluster.manager.token}"}
    table = cluster.world.client.get(f"{cluster.first.url}/export/grids", headers=headers)
    assert table.text.count("\n") == 5
    assert set(cluster.answered(before)) <= {"replica-1", "replica-2"}
    assert cluster.answered(before).total() == 1


def test_what_was_written_is_read_at_once_though_the_replicas_replay_nothing(cluster: Cluster) -> None:
    with cluster.paused(0, 1):
        cluster.rename(cluster.first, "改名")
        before = cluster.reads
        assert cluster.grid(cluster.first)["name"] == "改名"
        assert set(cluster.answered(before)) == {PRIMARY}
        # By whom, and at which server, makes no difference.
        assert cluster.grid(cluster.second)["name"] == "改名"
    until(lambda: cluster.by(cluster.first, "改名") != PRIMARY)


def test_writes_and_reads_in_turns_at_two_servers_are_never_out_of_order(cluster: Cluster) -> None:
    for number in range(15):
        writing, reading = (cluster.first, cluster.second)[:: 1 if number % 2 else -1]
        cluster.rename(writing, f"第{number}名")
        assert {cluster.grid(one)["name"] for one in (reading, writing, reading)} == {f"第{number}名"}


def test_an_ended_grant_is_refused_though_the_replicas_replay_nothing(cluster: Cluster) -> None:
    leaver = cluster.scene.writer(Role.WORKER, cluster.scene.here["C1"])
    variables = {"id": cluster.scene.here["G1"]}
    assert cluster.ask(cluster.second, leaver, NAME, **variables)["data"]["grid"]
    with cluster.paused(0, 1):
        cluster.world.sql("UPDATE account_grant SET valid_to = now() WHERE account_id = $1", leaver.account_id)
        for server in (cluster.second, cluster.first):
            (error,) = cluster.ask(server, leaver, NAME, **variables)["errors"]
            assert error["extensions"]["code"] == "UNAUTHENTICATED"
    cluster.settled()


def test_one_that_lags_is_left_out_and_taken_back(cluster: Cluster, caplog: pytest.LogCaptureFixture) -> None:
    with cluster.paused(0):
        cluster.rename(cluster.first, "二号")
        until(lambda: not cluster.replica(0).in_use)
        before = cluster.reads
        until(lambda: cluster.by(cluster.first, "二号") == "replica-2")
        assert cluster.answered(before)["replica-1"] == 0
        until(lambda: cluster.replica(0).lag > 0.1)
    until(lambda: cluster.by(cluster.first, "二号") == "replica-1")
    until(lambda: cluster.replica(0).lag < 0.1)
    said = [record.getMessage() for record in caplog.records if record.name == "zhanwang.replicas"]
    assert any("replica-1" in line and "is left out" in line for line in said)


@pytest.mark.usefixtures("patient")
def test_a_read_is_asked_again_where_its_replica_is_killed_in_the_middle(cluster: Cluster) -> None:
    name, other = cluster.grid(cluster.first)["name"], cluster.world.run(asyncpg.connect(cluster.world.url))
    cluster.world.run(other.execute("BEGIN; LOCK TABLE grid IN ACCESS EXCLUSIVE MODE"))
    # The lock is the replicas' too, as soon as they have replayed it.
    cluster.world.sql("SELECT pg_logical_emit_message(true, 'tests', 'a commit')")
    with ThreadPoolExecutor() as threads:
        waiting = [threads.submit(cluster.grid, cluster.first) for _ in range(3)]
        locked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%open_scope%'"
        until(lambda: cluster.sql(0, locked) + cluster.sql(1, locked) == len(waiting))
        there = [cluster.sql(number, locked) for number in (0, 1)]
        killed = there.index(max(there))
        postmaster = psutil.Process(cluster.replicas[killed].pid)
        postmaster.send_signal(signal.SIGQUIT)
        postmaster.wait(20)
        until(lambda: cluster.world.value(locked) == there[killed])
        cluster.world.run(other.execute("COMMIT"))
        assert [one.result()["name"] for one in waiting] == [name] * 3
    cluster.world.run(other.close())
    assert not cluster.replica(killed).in_use
    assert cluster.grid(cluster.first)["name"] == name
    cluster.replicas[killed] = start_again(cluster, killed)
    cluster.settled()


def start_again(cluster: Cluster, number: int) -> Embedded:
    """Starts a replica that was killed, on the data that it has; whoever has its folder stops it."""
    killed = _Cluster(cluster.replicas[number].socket_dir.parent)
    return killed.started()


def test_one_that_falls_silent_costs_its_reads_some_seconds_and_no_answer(cluster: Cluster) -> None:
    name, before = cluster.grid(cluster.first)["name"], cluster.reads
    silent = psutil.Process(cluster.replicas[1].pid)
    stopped = [*silent.children(), silent]
    for process in stopped:
        process.suspend()
    try:
        with ThreadPoolExecutor() as threads:
            names = list(threads.map(lambda _: cluster.grid(cluster.first)["name"], range(4)))
        assert names == [name] * 4
        assert cluster.answered(before)["replica-2"] == 0
        assert not cluster.replica(1).in_use
    finally:
        for process in reversed(stopped):
            process.resume()
    cluster.settled()


def test_subscribers_are_told_though_the_replicas_replay_nothing(cluster: Cluster) -> None:
    ground = Ground(cluster.world, cluster.first)
    with (
        ground.listening(cluster.manager.token, "subscription { placeChanged { place { name } } }") as socket,
        cluster.paused(0, 1),
    ):
        cluster.rename(cluster.second, "五号")
        assert socket.event() == {"place": {"name": "五号"}}
    cluster.settled()


def test_who_reads_personal_data_in_full_is_recorded_at_the_primary(cluster: Cluster) -> None:
    query = "query ($id: ID!) { person(id: $id) { private { phone } } }"
    person, before = cluster.scene.here["P1"], cluster.reads
    assert cluster.ask(cluster.first, cluster.manager, query, id=person)["data"]["person"]["private"]
    recorded = "SELECT count(*) FROM audit_entry WHERE action = 'readPrivate' AND row_id = $1"
    assert cluster.world.value(recorded, key(person)) == 1
    assert not cluster.answered(before)


def test_where_commits_are_visible_before_they_are_flushed_no_replica_is_read(cluster: Cluster) -> None:
    for value, used in (("off", False), ("on", True)):
        cluster.world.sql(f"ALTER SYSTEM SET synchronous_commit = {value}")
        cluster.world.sql("SELECT pg_reload_conf()")
        until(lambda used=used: cluster.replica(0).in_use is cluster.replica(1).in_use is used)  # type: ignore[misc]


@pytest.mark.parametrize("hours", [-1, 1])
def test_one_whose_clock_is_not_the_primarys_is_left_out(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    cluster.settled()
    itself = ITSELF.replace("clock_timestamp()", f"clock_timestamp() + interval '{hours} hours'")
    monkeypatch.setattr("server.replication.replica.ITSELF", itself)
    until(lambda: not cluster.replica(0).in_use and not cluster.replica(1).in_use)
    monkeypatch.undo()
    cluster.settled()


def test_what_is_no_replica_any_more_is_left_out(cluster: Cluster) -> None:
    assert cluster.sql(1, "SELECT pg_promote()")
    until(lambda: not cluster.replica(1).in_use)
    cluster.rename(cluster.first, "六号")
    before = cluster.reads
    assert [cluster.grid(cluster.first)["name"] for _ in range(4)] == ["六号"] * 4
    assert not cluster.answered(before)["replica-2"]


def test_without_the_primary_nothing_is_answered_and_after_it_everything(cluster: Cluster) -> None:
    postmaster = psutil.Process(cluster.primary.pid)
    postmaster.send_signal(signal.SIGQUIT)
    postmaster.wait(20)
    (error,) = cluster.ask(cluster.first, cluster.manager, NAME, id=cluster.scene.here["G1"])["errors"]
    assert error["extensions"]["code"] == "UNAVAILABLE"
    with running(cluster.primary.socket_dir.parent):
        assert cluster.grid(cluster.first)["name"] == "六号"
    cluster.world.reconnect()
    until(lambda: cluster.replica(0).in_use)


def test_a_read_that_finds_no_connection_free_ends_none_of_those_under_way(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = renamed(cluster.replicas[0].server_url, cluster.world.url)

    async def whole() -> None:
        replica = Replica(1, url, pool_size=1, statement_timeout_ms=10_000)
        await replica.fetchrow(0, "SELECT 1 AS one", ())
        monkeypatch.setattr("server.pool.ACQUIRE_SECONDS", 0.2)
        slow = asyncio.create_task(replica.fetchrow(0, "SELECT 1 AS one FROM pg_sleep(2)", ()))
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await replica.fetchrow(0, "SELECT 1 AS one", ())
        row = await slow
        assert row is not None
        assert row["one"] == 1
        await replica.close()

    asyncio.run(whole())


def test_who_asks_gets_an_answer_that_was_asked_for_later() -> None:
    async def whole() -> None:
        begun: list[int] = []
        goes_on = asyncio.Event()

        async def ask() -> int:
            begun.append(len(begun))
            await goes_on.wait()
            return begun[-1]

        shared = Shared(ask)
        first = asyncio.create_task(shared())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert begun == [0]
        later = [asyncio.create_task(shared()) for _ in range(3)]
        await asyncio.sleep(0)
        later.pop().cancel()
        goes_on.set()
        assert await first == 0
        assert [await one for one in later] == [1, 1]

    asyncio.run(whole())
