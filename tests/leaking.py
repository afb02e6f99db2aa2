"""What the leak tests share: what accounts may see, by the oracle, and which guards stand."""

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


@pytest.fixture(scope="module")
def hub(post: Ask) -> Harvest:
    """What a hub session was given."""
    return harvest(CORE, lambda query: post("hub", query).json()["data"])


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
