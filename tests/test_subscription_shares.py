"""How much the subscriptions of one account may have of a worker."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from models import Role
from server.budget import Budget
from server.embedded import Embedded
from server.live.feed import Feed
from server.live.shares import Shares
from server.live.subscription import RESUME_COST
from tests.listening import Ground, ground
from tests.scene import Scene, key

PLACES = "subscription ($after: ID) { placeChanged(after: $after) { eventId place { id name } } }"
WHO = "{ viewer { account { id } } }"


@pytest.fixture(scope="module")
def here(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(embedded, tmp_path_factory.mktemp("shares")) as made:
        yield made


@pytest.fixture
def scene(here: Ground) -> Scene:
    return here.world.scene()


@pytest.fixture
def token(scene: Scene) -> str:
    return scene.writer(Role.WORKER, scene.here["C1"]).token


def remaining(here: Ground, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    asked: dict[str, Any] = {"query": WHO, "extensions": {"cost": True}}
    answer = here.world.client.post(f"{here.server.url}/graphql", json=asked, headers=headers).json()
    found: int = answer["extensions"]["cost"]["remaining"]
    return found


def test_what_is_told_is_paid_for_and_going_on_most_of_all(
    here: Ground, scene: Scene, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(here.server.app.state.services.budget, "_rate", 0.0)
    with here.listening(token, PLACES) as socket:
        first = remaining(here, token)
        query = first - remaining(here, token)
        for _ in range(3):
            here.world.sql("UPDATE grid SET version = version + 1 WHERE id = $1", key(scene.here["G1"]))
            last = socket.event()["eventId"]
        told = remaining(here, token)
        assert first - told >= 2 * query + 3 * 2
    with here.listening(token, PLACES, after=last):
        assert told - remaining(here, token) >= RESUME_COST


def test_who_owes_is_told_when_it_is_paid_back(monkeypatch: pytest.MonkeyPatch) -> None:
    waited = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("server.live.shares.asyncio.sleep", sleep)

    async def work() -> None:
        shares = Shares(Budget(10, 100, lambda: 0.0), 1)
        for account, rows in ((1, 149), (2, 10), (1, 10), (2, 10)):
            await shares.pay(account, rows)
        assert waited == [5.0]

    asyncio.run(work())


def test_many_subscriptions_of_one_account_do_not_hold_another_up() -> None:
    order = []

    async def work() -> None:
        shares = Shares(Budget(1, 1), 2)

        async def answer(account: int) -> None:
            async with shares.turn(account), shares.busy:
                order.append(account)
                await asyncio.sleep(0)

        await asyncio.gather(*(answer(1) for _ in range(20)), answer(2))

    asyncio.run(work())
    assert order.index(2) <= 1


def test_who_begins_and_completes_without_end_is_closed(
    here: Ground, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(*_: object) -> None:
        await asyncio.sleep(0.5)

    monkeypatch.setattr("server.live.websocket.MOST_OPERATIONS", 3)
    monkeypatch.setattr(Feed, "join", slow)
    with here.socket(token) as socket:
        for _ in range(3):
            id_ = socket.operate(PLACES)
            socket.send(type="ping")
            assert socket.receive() == {"type": "pong"}
            socket.send(type="complete", id=id_)
        socket.operate(PLACES)
        assert socket.closed() == 1008
