"""A write that is cut short at any point leaves all of it and its audit entries, or nothing.

The connection is cut, the server is killed: what was acknowledged is there, exactly once, and
what was not can be repeated with the same key.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from models import Role
from server.embedded import Embedded
from tests.conftest import Server
from tests.faulting import serving
from tests.loading import Load, grid
from tests.matrix import CASES, document
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


CREATE = document("createGrid")


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
        load = Load(made, *writers(made, 4))
        for _ in range(2):
            with serving(settings) as (server, made.address), load.running():
                load.wait_for(30)
                server.kill()
                server.wait()
            assert load.kept()
            assert load.whole()
        with serving(settings) as (_, made.address):
            assert load.repeat() > 0
        assert load.kept()
        assert load.acknowledged.keys() == load.sent.keys()
