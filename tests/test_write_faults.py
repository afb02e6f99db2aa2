"""A write that is cut short at any point leaves all of it and its audit entries, or nothing.

The connection is cut, the server is killed, PostgreSQL is killed: what was acknowledged is there, exactly once, and
what was not can be repeated with the same key.
"""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from models import Role
from server.embedded import Embedded, running
from server.settings import PREFIX, Settings
from tests.conftest import Server
from tests.matrix import CASES, COUNTED, document
from tests.scene import Scene, World, Writing, Zone, create, fresh
from tests.severing import Severing

# Those of each kind that take the most steps.
WRITES = ("createGrid", "moveCommunity", "closeCommunity", "updatePerson", "createAccount", "transferAssignment")
ATTEMPTS = 10
MOST_STEPS = 300
Outcome = tuple[list[str], list[Any]]
"""The tables that have changed, and the entries: action and noun."""
NOTHING: Outcome = ([], [])
BUSY = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND application_name = 'zhanwang' AND xact_start IS NOT NULL
"""


class Faulty:
    """A world whose server reaches its database through what can be severed; a scene as long as nothing was written."""

    def __init__(self, made: World, between: Severing) -> None:
        self.world, self.between = made, between
        self._scene: Scene | None = None
        self.steps = 0

    def scene(self) -> Scene:
        """A scene in which nothing was written yet."""
        self._scene = self._scene or self.world.scene()
        return self._scene

    def used(self) -> None:
        """Something was written in the scene."""
        self._scene = None

    def settle(self) -> None:
        """Waits until PostgreSQL has noticed that whoever wrote is gone."""
        while self.world.value(BUSY):
            time.sleep(0.005)


@pytest.fixture(scope="module")
def faulty(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faulty]:
    """A database of this module's own, and a server in this process."""
    url, settings = create(embedded, tmp_path_factory.mktemp("faults"))
    assert settings.database_url
    with Severing(settings.database_url, tmp_path_factory.mktemp("socket")) as between:
        through = settings.model_copy(update={"database_url": between.url})
        with Server(through) as server, closing(World(url, through, server.url)) as made:
            yield Faulty(made, between)


@pytest.mark.parametrize("name", WRITES)
def test_a_connection_cut_at_any_step_leaves_all_or_nothing(faulty: Faulty, name: str) -> None:
    # What it does if nothing stops it: the tables that change, and its entries.
    whole = attempt(faulty, name, 0)[1]
    assert all(whole)
    for step in range(1, MOST_STEPS):
        response, outcome = attempt(faulty, name, step)
        if not unavailable(response):
            # It took fewer steps than that.
            assert outcome == whole
            break
        assert outcome == NOTHING
    assert step > 4
    # The last step is COMMIT: it is done, and the answer lost.
    for _ in range(ATTEMPTS):
        attempt(faulty, name, 0)
        response, outcome = attempt(faulty, name, faulty.steps, answered=True)
        assert outcome in (whole, NOTHING)
        # On another connection of the pool, which has prepared more or fewer statements, COMMIT is another step.
        if unavailable(response) and outcome == whole:
            return
    pytest.fail("no answer was lost after COMMIT")


def attempt(faulty: Faulty, name: str, step: int, *, answered: bool = False) -> tuple[httpx.Response, Outcome]:
    """Sends a mutation that is cut at a step: the answer, and what it has done."""
    case, scene, made = CASES[name], faulty.scene(), faulty.world
    writer = scene.writer(Role.ADMINISTRATOR, scene.here[case.at])
    # Its plan is made, its identity known: what follows is the write alone.
    warm(writer, name)
    before = made.digest()
    request_id = fresh("request-")
    faulty.between.at(step, answered=answered)
    response = writer.post(document(name), {"input": case.input_of(scene)}, **{"X-Request-Id": request_id})
    faulty.steps = faulty.between.steps
    faulty.between.at(0)
    faulty.settle()
    changed = made.changed(before)
    if changed:
        faulty.used()
    return response, (changed, [(entry["action"], entry["noun"]) for entry in made.entries(request_id)])


def warm(writer: Writing, name: str) -> None:
    case, nobody = CASES[name], _Nobody()
    given = case.given(nobody, nobody) if case.other else case.given(nobody)
    assert writer.post(document(name), {"input": given}).json()["data"][name]["errors"]


class _Nobody(Zone):
    def __getitem__(self, name: str) -> str:
        return "X1"


def unavailable(response: httpx.Response) -> bool:
    """Whether an answer says that the database is away, and nothing more."""
    answer = response.json()
    codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
    assert codes in ([], ["UNAVAILABLE"]), answer
    return bool(codes)


# -- processes that are killed


ZHANWANG = str(Path(sys.executable).with_name("zhanwang"))
CREATE = document("createGrid")
NOUNS = {"createGrid": ("grid", "code", "G"), "createPerson": ("person", "name", "P")}
KEPT = """
SELECT {1} AS name, count(*) AS rows, min('{2}' || r.id) AS id,
       (SELECT count(*) FROM audit_entry e WHERE e.noun = '{0}' AND e.row_id = min(r.id)) AS entries,
       (SELECT count(*) FROM idempotency_key k WHERE k.key = r.{1} AND k.row_id = min(r.id)) AS keys
  FROM {0} r WHERE {1} = ANY ($1) GROUP BY {1}
"""


@contextmanager
def serving(settings: Settings) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`zhanwang serve` as a process, and the address that it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    server = subprocess.Popen(
        [ZHANWANG, "serve"],
        env=environment | settings.environment() | {f"{PREFIX}PORT": "0", f"{PREFIX}LOG_LEVEL": "error"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout
    try:
        printed = ""
        while (found := re.search(r"http://[\d.:]+", printed)) is None:
            line = server.stdout.readline()
            assert line, printed
            printed += line
        yield server, found.group()
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


class Stream:
    """Creates grids and people with keys, several at once; remembers which were acknowledged."""

    def __init__(self, made: World, writers: list[Writing], parent: str) -> None:
        self.made, self.parent, self._writers = made, parent, writers
        self.sent: dict[str, tuple[Writing, str, dict[str, Any]]] = {}
        self.acknowledged: dict[str, str] = {}

    @contextmanager
    def running(self) -> Iterator[None]:
        """Creates for as long as the block."""
        self._stop = threading.Event()
        with ThreadPoolExecutor(len(self._writers)) as pool:
            sending = [pool.submit(self._run, writer) for writer in self._writers]
            try:
                yield
            finally:
                self._stop.set()
            for one in sending:
                one.result()

    def wait_for(self, count: int) -> None:
        """Waits until so many more were acknowledged."""
        enough = len(self.acknowledged) + count
        give_up = time.monotonic() + 30
        while len(self.acknowledged) < enough:
            assert time.monotonic() < give_up, "nothing is acknowledged any more"
            time.sleep(0.005)

    def repeat(self) -> int:
        """Sends what was not acknowledged again, until it is; how many there were."""
        left = [code for code in self.sent if code not in self.acknowledged]
        for code in left:
            self._send(code)
            assert code in self.acknowledged
        return len(left)

    def kept(self) -> bool:
        """Whether everything that was acknowledged is there once, with its entry, under the id that was told."""
        found = self._found(self.acknowledged)
        assert {row["rows"] for row in found.values()} == {1}
        return {name: row["id"] for name, row in found.items()} == self.acknowledged

    def whole(self) -> bool:
        """Whether of what was not acknowledged, too, all or nothing is there."""
        return {(row["rows"], row["entries"], row["keys"]) for row in self._found(self.sent).values()} == {(1, 1, 1)}

    def _found(self, names: Iterable[str]) -> dict[str, Any]:
        rows = [row for noun in NOUNS.values() for row in self.made.sql(KEPT.format(*noun), list(names))]
        return {row["name"]: row for row in rows}

    def _run(self, writer: Writing) -> None:
        mutations = cycle(NOUNS)
        while not self._stop.is_set():
            mutation, name = next(mutations), fresh()
            given = grid(self.parent) | {"code": name} if mutation == "createGrid" else person(self.parent, name)
            self.sent[name] = writer, mutation, given | {"idempotencyKey": name}
            self._send(name)

    def _send(self, name: str) -> None:
        writer, mutation, given = self.sent[name]
        try:
            answer = writer.post(document(mutation), {"input": given}).json()
        except (httpx.TransportError, ValueError):
            # The server is away, or went in the middle.
            time.sleep(0.02)
            return
        if "errors" in answer:
            assert {error["extensions"]["code"] for error in answer["errors"]} == {"UNAVAILABLE"}, answer
            time.sleep(0.02)
            return
        payload = answer["data"][mutation]
        assert payload["errors"] == [], payload
        self.acknowledged[name] = payload[NOUNS[mutation][0]]["id"]


def writers(made: World, count: int) -> tuple[list[Writing], str]:
    scene = made.scene()
    return [scene.writer(Role.MANAGER, scene.here["B1"]) for _ in range(count)], scene.here["C1"]


def test_a_server_killed_at_a_step_leaves_all_or_nothing(embedded: Embedded, tmp_path: Path) -> None:
    url, settings = create(embedded, tmp_path)
    assert settings.database_url
    outcomes = []
    with Severing(settings.database_url, tmp_path) as between:
        through = settings.model_copy(update={"database_url": between.url})
        # In the middle, before COMMIT and after it.
        for part, answered in ((0.5, False), (1, False), (1, True)):
            with serving(through) as (server, address), closing(World(url, through, address)) as made:
                (writer,), parent = writers(made, 1)
                # Twice before: the first prepares its statements, the second tells how many steps there are.
                for _ in range(2):
                    between.at(0)
                    answer = writer.post(CREATE, {"input": grid(parent)}).json()
                    assert answer["data"]["createGrid"]["errors"] == []
                before = made.digest()
                between.at(int(between.steps * part), server.kill, answered=answered)
                with pytest.raises(httpx.TransportError):
                    writer.post(CREATE, {"input": grid(parent)})
                assert server.wait(10) == -signal.SIGKILL
                while made.value(BUSY):
                    time.sleep(0.005)
                outcomes.append(made.changed(before))
    assert outcomes == [[], [], ["division_code", "event", "grid", "place", "placement"]]


def test_what_was_acknowledged_survives_a_killed_server(embedded: Embedded, tmp_path: Path) -> None:
    url, settings = create(embedded, tmp_path)
    with closing(World(url, settings, "")) as made:
        stream = Stream(made, *writers(made, 4))
        for _ in range(2):
            with serving(settings) as (server, made.address), stream.running():
                stream.wait_for(30)
                server.kill()
                server.wait()
            assert stream.kept()
            assert stream.whole()
        with serving(settings) as (_, made.address):
            assert stream.repeat() > 0
        assert stream.kept()
        assert stream.acknowledged.keys() == stream.sent.keys()


def test_what_was_acknowledged_survives_a_killed_postgresql(tmp_path: Path) -> None:
    with running(tmp_path) as first, ExitStack() as later:
        url, settings = create(first, tmp_path)
        with serving(settings) as (_, address), closing(World(url, settings, address)) as made:
            stream = Stream(made, *writers(made, 4))
            pid = first.pid
            with stream.running():
                for _ in range(2):
                    stream.wait_for(30)
                    kill_whole(pid)
                    pid = later.enter_context(running(tmp_path)).pid
                    made.reconnect()
                    assert stream.whole()
                stream.wait_for(30)
            assert stream.kept()
            assert stream.repeat() > 0
            assert stream.kept()
            assert stream.acknowledged.keys() == stream.sent.keys()


def grid(parent: str) -> dict[str, Any]:
    return {"parentId": parent, "code": fresh(), "name": "流", **COUNTED}


def person(home: str, name: str) -> dict[str, Any]:
    return {"homeId": home, "name": name, "kind": "VOLUNTEER", "gender": "MALE", "phone": "13800001111"}


def kill_whole(pid: int) -> None:
    """Ends a PostgreSQL with all of its processes at once, none of which can do anything about it."""
    postmaster = psutil.Process(pid)
    processes = [postmaster, *postmaster.children(recursive=True)]
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, 10)
