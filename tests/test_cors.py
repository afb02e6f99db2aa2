"""Pages of other origins, and the headers that tell browsers to be careful."""

from collections.abc import Iterator

import httpx
import pytest

from server.settings import Settings, SettingsError
from tests.conftest import Server

FRONT = "https://front.example"
ASKING = {
    "Origin": FRONT,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,x-zhanwang-grant",
}
QUERY = {"query": "{ __typename }"}


@pytest.fixture(scope="module")
def open_to(settings: Settings) -> Iterator[httpx.Client]:
    """A client of a server that lets the pages of one other origin ask."""
    changed = settings.model_copy(update={"cors_origins": FRONT, "hsts_seconds": 3600})
    with Server(changed) as served, httpx.Client(base_url=served.url, timeout=30) as client:
        yield client


def test_a_page_of_an_allowed_origin_may_ask_and_read_what_it_needs(open_to: httpx.Client) -> None:
    asked = open_to.options("/graphql", headers=ASKING)
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, FRONT)
    allowed = {one.strip().lower() for one in asked.headers["access-control-allow-headers"].split(",")}
    assert {"authorization", "content-type", "x-zhanwang-grant", "traceparent"} <= allowed
    answer = open_to.post("/graphql", json=QUERY, headers={"Origin": FRONT})
    assert answer.headers["access-control-allow-origin"] == FRONT
    assert "access-control-allow-credentials" not in answer.headers
    assert {"Retry-After", "X-Request-Id"} <= set(answer.headers["access-control-expose-headers"].split(", "))
    assert "origin" in answer.headers["vary"].lower()


def test_a_page_of_another_origin_may_not(open_to: httpx.Client) -> None:
    other = {"Origin": "https://other.example"}
    assert open_to.options("/graphql", headers=ASKING | other).status_code == 400
    assert "access-control-allow-origin" not in open_to.post("/graphql", json=QUERY, headers=other).headers


def test_without_the_setting_no_other_page_may(client: httpx.Client) -> None:
    assert "access-control-allow-origin" not in client.options("/graphql", headers=ASKING).headers
    assert "access-control-allow-origin" not in client.post("/graphql", json=QUERY, headers={"Origin": FRONT}).headers


def test_refusals_can_be_read_by_the_page_that_asked(open_to: httpx.Client) -> None:
    for answer in (
        open_to.post("/graphql", content=b"{", headers={"Origin": FRONT, "Content-Type": "application/json"}),
        open_to.get("/export/communities", headers={"Origin": FRONT}),
        open_to.get("/nowhere", headers={"Origin": FRONT}),
    ):
        assert answer.is_client_error
        assert answer.headers["access-control-allow-origin"] == FRONT


@pytest.mark.parametrize("wrong", ["front.example", "https://front.example/", "ftp://front.example", "null"])
def test_what_is_no_origin_stops_the_start(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHANWANG_CORS_ORIGINS", wrong)
    with pytest.raises(SettingsError, match="CORS_ORIGINS is wrong"):
        Settings.load(secrets_needed=False)


@pytest.mark.parametrize(
    "path", ["/graphql?query={__typename}", "/export/communities", "/healthz", "/nowhere", "/", "/graphiql"]
)
def test_every_answer_tells_browsers_to_be_careful(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers.get_list("x-content-type-options") == ["nosniff"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "strict-transport-security" not in headers


def test_nothing_of_an_answer_runs_in_a_browser(client: httpx.Client) -> None:
    policies = client.post("/graphql", json=QUERY).headers.get_list("content-security-policy")
    assert policies == ["default-src 'none'; frame-ancestors 'none'"]


def test_browsers_stay_with_https_where_the_setting_says_so(open_to: httpx.Client) -> None:
    answer = open_to.get("/healthz")
    assert answer.headers["strict-transport-security"] == "max-age=3600; includeSubDomains"
