"""What a caller may ask of a worker within a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from resolvers.core.service_keys import new_key
from server.budget import CALLERS, LOOK_UP_COST, REQUEST_COST, Budget, document_cost
from server.http.refusals import HTTPRefusal
from server.settings import Settings
from tests.conftest import Server

COUNT = "{ stations { totalCount } }"
LIST = "{ stations(first: 19) { nodes { name } } }"


@contextmanager
def serving(settings: Settings, burst: int, **changed: Any) -> Iterator[httpx.Client]:
    """A server whose budgets do not fill up again while a test looks."""
    poor = settings.model_copy(update={"budget_per_second": 1, "budget_burst": burst, **changed})
    with Server(poor) as server, httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


@pytest.fixture
def poor(settings: Settings) -> Iterator[httpx.Client]:
    with serving(settings, 2_000) as client:
        yield client


def asked(client: httpx.Client, query: str, bearer: str | None = None, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    return client.post("/graphql", json={"query": query, **more}, headers=headers)


def until_refused(client: httpx.Client, bearer: str | None = None) -> httpx.Response:
    for _ in range(1_000):
        response = asked(client, COUNT, bearer)
        if response.status_code != 200:
            return response
    raise AssertionError("never refused")


def test_who_asks_without_end_is_told_how_long_to_wait(poor: httpx.Client, token: Any) -> None:
    refused = until_refused(poor, token("hub"))
    assert refused.status_code == 429
    error = refused.json()["errors"][0]
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert int(refused.headers["retry-after"]) >= 1
    assert f"in {refused.headers['retry-after']} s" in error["message"]


def test_an_account_that_has_spent_its_budget_leaves_the_others_theirs(poor: httpx.Client, token: Any) -> None:
    until_refused(poor, token("hub"))
    assert asked(poor, COUNT, token("leifeng")).status_code == 200
    assert asked(poor, COUNT).status_code == 200


def test_who_has_no_account_pays_by_address(poor: httpx.Client, token: Any) -> None:
    assert until_refused(poor).status_code == 429
    assert asked(poor, COUNT, "no token").status_code == 429
    assert asked(poor, COUNT, token("hub")).status_code == 200


def test_tokens_that_must_be_looked_up_are_paid_for_by_the_address(poor: httpx.Client, token: Any) -> None:
    assert asked(poor, COUNT, token("hub")).status_code == 200
    statuses = [asked(poor, COUNT, new_key()).status_code for _ in range(2_000 // LOOK_UP_COST + 5)]
    assert (statuses[0], statuses[-1]) == (200, 429)
    assert asked(poor, COUNT, token("leifeng")).status_code == 429
    assert asked(poor, COUNT, token("hub")).status_code == 200


def test_the_definition_is_paid_for(poor: httpx.Client, token: Any) -> None:
    headers = {"Authorization": f"Bearer {token('hub')}"}
    assert [poor.get("/schema.graphql", headers=headers).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_the_rest_is_told_on_request_and_falls_by_the_cost_of_the_operation(settings: Settings, token: Any) -> None:
    with serving(settings, 100_000) as client:

        def cost() -> dict[str, int]:
            answer = asked(client, LIST, token("hub"), extensions={"cost": True}).json()
            assert len(answer["data"]["stations"]["nodes"]) == 19
            found: dict[str, int] = answer["extensions"]["cost"]
            return found

        first, second = cost(), cost()
    assert first["requested"] >= 19
    assert first["limit"] == settings.max_cost
    assert first["remaining"] - second["remaining"] == pytest.approx(first["requested"] + REQUEST_COST, abs=2)


def test_nothing_is_told_that_was_not_asked_for(client: httpx.Client) -> None:
    assert "extensions" not in asked(client, "{ __typename }").json()


def test_each_operation_of_a_batch_is_paid_for(settings: Settings, token: Any) -> None:
    with serving(settings, 2 * REQUEST_COST, batch_max=10) as client:
        headers = {"Authorization": f"Bearer {token('hub')}"}
        batch = [{"query": "{ __typename }"} for _ in range(4)]
        answers = client.post("/graphql", json=batch, headers=headers).json()
    assert answers[0] == {"data": {"__typename": "Query"}}
    assert answers[-1]["errors"][0]["extensions"]["code"] == "RATE_LIMITED"


def test_exports_are_paid_for(settings: Settings, token: Any) -> None:
    with serving(settings, 500) as client:
        headers = {"Authorization": f"Bearer {token('hub')}"}
        assert client.get("/export/personnel", headers=headers).status_code == 200
        refused = client.get("/export/personnel", headers=headers)
    assert refused.status_code == 429
    assert refused.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"


# -- the bucket ----------------------------------------------------------------------------------------------------

ME = ("account", 1)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_fills_up_steadily_and_not_beyond_its_size() -> None:
    clock = Clock()
    budget = Budget(10, 100, clock)
    budget.spend(ME, 80)
    clock.now += 3
    assert budget.left(ME) == 50
    clock.now += 1000
    assert budget.left(ME) == 100


def test_one_operation_may_overdraw_it_and_is_paid_back_before_the_next() -> None:
    clock = Clock()
    budget = Budget(10, 100, clock)
    budget.take(ME, 10)
    budget.spend(ME, 290)
    with pytest.raises(HTTPRefusal) as refusal:
        budget.take(ME, 10)
    assert refusal.value.headers["Retry-After"] == "21"
    clock.now += 21
    budget.take(ME, 10)


def test_a_document_that_is_new_costs_more_the_longer_it_is() -> None:
    assert document_cost("{ a }") < document_cost("{ a }" * 100)


def test_only_so_many_callers_are_remembered() -> None:
    budget = Budget(1, 100, Clock())
    for number in range(CALLERS + 1):
        budget.spend(("account", number), 50)
    assert budget.left(("account", 0)) == 100
    assert budget.left(("account", 1)) == 50
