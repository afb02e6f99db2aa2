"""What the endpoint refuses: other sites' forms, methods, bodies and batches; and that a refusal is always JSON."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from server.http.reading import MAX_BODY
from server.settings import Settings
from tests.conftest import Server

QUERY = "{ __typename }"
LOG_OUT = "mutation { logOut(input: {}) { endedSessions } }"


def code(response: httpx.Response) -> str:
    assert response.headers["content-type"].startswith(("application/json", "application/graphql-response+json"))
    error = response.json()["errors"][0]
    assert error["extensions"]["requestId"] == response.headers["x-request-id"]
    found: str = error["extensions"]["code"]
    return found


# -- other sites ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain",
     "text/plain; application/json", ""],
)  # fmt: skip
def test_what_a_form_of_another_site_can_send_is_not_read(client: httpx.Client, content_type: str) -> None:
    body = f'{{"query": "{LOG_OUT}"}}'.encode()
    response = client.post("/graphql", content=body, headers={"Content-Type": content_type, "Origin": "https://x.test"})
    assert (response.status_code, code(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_no_cookie_says_who_asks(client: httpx.Client, token: Any) -> None:
    bearer = token("hub")
    cookies = f"Authorization=Bearer {bearer}; authorization={bearer}; token={bearer}; accessToken={bearer}"
    headers = {"Cookie": cookies}
    response = client.post("/graphql", json={"query": "{ stations { totalCount } }"}, headers=headers)
    assert response.json()["data"] == {"stations": None}
    assert code(response) == "UNAUTHENTICATED"
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_link_cannot_change_anything(client: httpx.Client, method: str) -> None:
    response = client.request(method, "/graphql", params={"query": LOG_OUT})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


def test_an_operation_of_a_document_that_queries_may_be_got_although_another_mutates(client: httpx.Client) -> None:
    params = {"query": f"query Q {QUERY} mutation M {{ logOut(input: {{}}) {{ endedSessions }} }}"}
    assert client.get("/graphql", params={**params, "operationName": "Q"}).json() == {"data": {"__typename": "Query"}}
    assert client.get("/graphql", params={**params, "operationName": "M"}).status_code == 405


# -- methods -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(client: httpx.Client, method: str) -> None:
    response = client.request(method, "/graphql", json={"query": QUERY})
    assert (response.status_code, code(response)) == (405, "METHOD_NOT_ALLOWED")
    assert "POST" in response.headers["allow"]


def test_the_options_are_told(client: httpx.Client) -> None:
    response = client.options("/graphql")
    assert (response.status_code, response.headers["allow"]) == (204, "GET, HEAD, POST, OPTIONS")


def test_the_head_of_an_answer_is_that_of_the_whole(client: httpx.Client) -> None:
    whole = client.get("/graphql", params={"query": QUERY})
    head = client.head("/graphql", params={"query": QUERY})
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == whole.headers["content-type"]


def test_another_address_refuses_a_method_in_json(client: httpx.Client) -> None:
    response = client.post("/healthz", json={})
    assert (response.status_code, code(response)) == (405, "METHOD_NOT_ALLOWED")


def test_an_address_that_leads_nowhere_says_so_in_json(client: httpx.Client) -> None:
    response = client.get("/nowhere", headers={"Accept": "application/json"})
    assert (response.status_code, code(response)) == (404, "NOT_FOUND")


# -- bodies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"1", b'"x"', b"{}", b'{"query": 1}', b'{"query": " "}', b'{"query": null}',
     b'{"query": "{ a }", "variables": []}', b'{"query": "{ a }", "operationName": 1}', b'{"documentId": ""}',
     b'{"query": "{ a }", "extensions": 1}', b'{"documentId": 7}', b"\xff\xfe", b'{"query": "\\ud800"}'],
)  # fmt: skip
def test_a_body_that_is_no_request_is_refused(client: httpx.Client, body: bytes) -> None:
    response = client.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("query", ["query=%ff", "query=%7B__typename%7D&variables=x", "", "variables={}", "&" * 30])
def test_an_address_that_is_no_request_is_refused(client: httpx.Client, query: str) -> None:
    response = client.get(f"/graphql?{query}")
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("chunked", [False, True], ids=["of a length that is told", "in chunks"])
def test_a_body_that_is_too_large_is_refused_and_the_connection_closed(client: httpx.Client, chunked: bool) -> None:
    body = b"x" * (MAX_BODY + 1)
    headers = {"Content-Type": "application/json"}
    response = client.post("/graphql", content=iter([body]) if chunked else body, headers=headers)
    assert (response.status_code, code(response)) == (413, "TOO_LARGE")
    assert response.headers["connection"] == "close"


def test_a_compressed_body_is_refused(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    response = client.post("/graphql", content=b"\x1f\x8b", headers=headers)
    assert (response.status_code, response.headers["accept-encoding"]) == (415, "identity")


def test_what_fails_in_the_server_itself_is_told_in_json_and_without_its_text(
    server: Server, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(server.app.state.services.authentication, "identify", broken)
    response = client.post("/graphql", json={"query": QUERY})
    assert (response.status_code, code(response)) == (500, "INTERNAL")
    assert "secret" not in response.text


# -- batches -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def batching(settings: Settings) -> Iterator[httpx.Client]:
    changed = settings.model_copy(update={"batch_max": 3})
    with Server(changed) as server, httpx.Client(base_url=server.url, timeout=30) as opened:
        yield opened


def test_batches_are_off(client: httpx.Client) -> None:
    response = client.post("/graphql", json=[{"query": QUERY}])
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


def test_a_batch_is_answered_in_its_order_each_as_if_alone(batching: httpx.Client, token: Any) -> None:
    batch = [{"query": "{ stations { totalCount } }"}, {"query": "{ nothing }"}, {"query": QUERY}]
    headers = {"Authorization": f"Bearer {token('hub')}"}
    first, second, third = batching.post("/graphql", json=batch, headers=headers).json()
    assert first == {"data": {"stations": {"totalCount": 19}}}
    assert second["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert third == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("batch", [[], [{"query": QUERY}] * 4, [[{"query": QUERY}]], [{"query": QUERY}, 1]])
def test_a_batch_that_is_empty_too_long_or_nested_is_refused(batching: httpx.Client, batch: Any) -> None:
    response = batching.post("/graphql", json=batch)
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


def test_a_mutation_of_a_batch_is_done_before_what_comes_after_it(batching: httpx.Client) -> None:
    log_in = 'mutation { logIn(input: { username: "hub", password: "zhanwang-demo" }) { accessToken refreshToken } }'
    tokens = batching.post("/graphql", json={"query": log_in}).json()["data"]["logIn"]
    count = {"query": "{ stations { totalCount } }"}
    headers = {"Authorization": f"Bearer {tokens['accessToken']}"}
    before, done, after = batching.post("/graphql", json=[count, {"query": LOG_OUT}, count], headers=headers).json()
    assert before == {"data": {"stations": {"totalCount": 19}}}
    assert done == {"data": {"logOut": {"endedSessions": 1}}}
    assert after["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_a_subscription_is_refused_where_no_events_are_accepted(client: httpx.Client, token: Any) -> None:
    query = "subscription { agendaChanged { eventId } }"
    headers = {"Authorization": f"Bearer {token('hub')}"}
    response = client.post("/graphql", json={"query": query}, headers=headers)
    assert (response.status_code, code(response)) == (406, "NOT_ACCEPTABLE")


def test_two_tokens_in_one_request_are_refused(client: httpx.Client, token: Any) -> None:
    headers = [("Authorization", f"Bearer {token(name)}") for name in ("hub", "leifeng")]
    response = client.post("/graphql", json={"query": "{ viewer { account { username } } }"}, headers=headers)
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")
