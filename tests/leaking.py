"""What the leak tests share: what accounts may see and are given, by the oracle, and which guards stand."""

import fcntl
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from schema import schema
from server.settings import Settings
from tests.conftest import Ask
from tests.frozen import frozen
from tests.guards import BOTH, CLAUSE, POLICIES, standing
from tests.harvest import Harvest, harvest
from tests.oracle import Oracle, View

CORE = schema._schema
ACCOUNTS = ("hub-observer", "longxun", "leifeng", "nanchengcun", "gridworker")
SHOWN = 3

account = pytest.mark.parametrize("username", ACCOUNTS)


@pytest.fixture(scope="module")
def frozen_log(database: str) -> Iterator[None]:
    """The audit log stays as the oracle has read it."""
    with frozen(database):
        yield


@pytest.fixture(scope="module")
def oracle(database: str, settings: Settings, frozen_log: None) -> Oracle:
    assert settings.personal_keys
    return Oracle.of(database, settings.personal_keys.get_secret_value())


@pytest.fixture(scope="session")
def harvested(
    post: Ask, testrun_uid: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Harvest]:
    """What an account is given; asked for once a run, by one of its workers: the demo is the same in all of them."""
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent

    def of(username: str) -> Harvest:
        with (shared / f"harvest-{username}-{testrun_uid}").open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            if not (kept := file.read()):
                kept = pickle.dumps(harvest(CORE, lambda query: post(username, query).json()["data"]))
                file.write(kept)
        found: Harvest = pickle.loads(kept)
        return found

    return of


@pytest.fixture(scope="module")
def hub(harvested: Callable[[str], Harvest]) -> Harvest:
    """What a hub session was given."""
    return harvested("hub")


@pytest.fixture(scope="module")
def view(oracle: Oracle) -> Callable[[str], View]:
    """What an account may see, by the oracle."""
    views = {username: oracle.view(username) for username in ACCOUNTS}
    return views.__getitem__


@pytest.fixture(scope="module", params=[BOTH, CLAUSE, POLICIES])
def guards(request: pytest.FixtureRequest, database: str) -> Iterator[str]:
    """Which guards stand. The first two share their plans."""
    with standing(request.param, database) as which:
        yield which


@pytest.fixture(scope="module")
def answers() -> dict[str, Any]:
    """What random operations were answered, by seed."""
    return {}


@pytest.fixture(scope="module")
def held(ask: Ask) -> Callable[[str], set[str]]:
    """The permissions of an account."""
    permissions = {name: set(ask(name, "{ viewer { permissions } }")["viewer"]["permissions"]) for name in ACCOUNTS}
    return permissions.__getitem__
