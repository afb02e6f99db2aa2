"""What `/metrics` tells Prometheus, and whom."""

import re
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from server.demo import PASSWORD
from server.settings import Settings
from tests.conftest import LOG_IN, Server

TOKEN = "a-token-of-the-tests"


@pytest.fixture(scope="module")
def measured(settings: Settings) -> Iterator[httpx.Client]:
    """A client, logged in, of a server whose metrics may be read, and which nobody else asks."""
    changed = settings.model_copy(update={"metrics_token": SecretStr(TOKEN)})
    with Server(changed) as served, httpx.Client(base_url=served.url, timeout=30) as client:
        access = client.post("/graphql", json={"query": LOG_IN, "variables": {"username": "hub", "password": PASSWORD}})
        client.headers["Authorization"] = f"Bearer {access.json()['data']['logIn']['accessToken']}"
        yield client


def metrics(client: httpx.Client) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """The samples, by name and labels."""
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of(found: dict[tuple[str, frozenset[tuple[str, str]]], float], name: str, **labels: str) -> float:
    return sum(value for (one, has), value in found.items() if one == name and set(labels.items()) <= has)


def test_without_the_token_there_is_nothing_to_read(measured: httpx.Client, client: httpx.Client) -> None:
    assert measured.get("/metrics").status_code == 401
    assert measured.get("/metrics", headers={"Authorization": "Bearer x"}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 404


def test_operations_are_counted_by_name_kind_status_and_code(measured: httpx.Client) -> None:
    before = metrics(measured)
    for query in ("query Counted { stations { totalCount } }", "query Counted { stations(first: 0) { totalCount } }"):
        measured.post("/graphql", json={"query": query})
    measured.post("/graphql", json={"query": "{"}, headers={"Accept": "application/graphql-response+json"})
    after = metrics(measured)

    def more(name: str, **labels: str) -> float:
        return of(after, name, **labels) - of(before, name, **labels)

    assert more("zhanwang_operations_total", operation="Counted", kind="query", status="200", code="OK") == 1
    assert more("zhanwang_operations_total", operation="Counted", code="BAD_USER_INPUT") == 1
    assert more("zhanwang_operations_total", operation="", status="400", code="GRAPHQL_PARSE_FAILED") == 1
    assert more("zhanwang_operation_seconds_count", operation="Counted", kind="query") == 2
    assert more("zhanwang_statements_total") == 1
    assert more("zhanwang_cost_rows_total") > 0


def test_caches_are_seen_to_be_hit_and_missed(measured: httpx.Client) -> None:
    before = metrics(measured)
    for _ in range(3):
        measured.post("/graphql", json={"query": "query Cached { communities { totalCount } }"})
    after = metrics(measured)
    for cache in ("documents", "plans"):
        hits, misses = (
            of(after, "zhanwang_cache_lookups_total", cache=cache, result=result)
            - of(before, "zhanwang_cache_lookups_total", cache=cache, result=result)
            for result in ("hit", "miss")
        )
        assert (hits, misses) == (2, 1)
        assert of(after, "zhanwang_cache_items", cache=cache) >= 1


def test_the_pool_and_the_process_are_seen(measured: httpx.Client) -> None:
    found = metrics(measured)
    assert of(found, "zhanwang_pool_connections") >= 1
    assert of(found, "zhanwang_pool_connections_used") <= of(found, "zhanwang_pool_connections")
    assert of(found, "zhanwang_subscriptions") == 0
    assert of(found, "zhanwang_process_resident_bytes") > 10_000_000


def test_names_from_nobody_do_not_become_labels(measured: httpx.Client) -> None:
    measured.post("/graphql", json={"query": "query Nobodys { __typename }"}, headers={"Authorization": ""})
    found = metrics(measured)
    assert not of(found, "zhanwang_operations_total", operation="Nobodys")
    assert of(found, "zhanwang_operations_total", operation="other")


def test_who_still_uses_what_is_deprecated_is_counted_by_client(measured: httpx.Client) -> None:
    query = "query Old { ...Rest } fragment Rest on Query { serviceTotals { records } }"
    for client in ({"X-Zhanwang-Client": "front/1.2"}, {"apollographql-client-name": "phone"}, {}):
        measured.post("/graphql", json={"query": query}, headers=client)
    found = metrics(measured)
    named = {"coordinate": "Query.serviceTotals"}
    uses = {
        client: of(found, "zhanwang_deprecated_uses_total", client=client, **named) for client in ("front/1.2", "phone")
    }
    assert uses == {"front/1.2": 1, "phone": 1}
    assert of(found, "zhanwang_deprecated_uses_total", **named) == 3


def test_the_text_is_in_prometheus_format(measured: httpx.Client) -> None:
    response = measured.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert response.headers["content-type"].startswith("text/plain; version=1.0.0")
    assert re.search(r"^# TYPE zhanwang_operation_seconds histogram$", response.text, re.MULTILINE)
