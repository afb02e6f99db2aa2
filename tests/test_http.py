"""GraphQL over HTTP: methods, media types, status codes, ids of requests, and what operators ask."""

from typing import Any

import httpx
import pytest

from server.http.headers import LONGEST_ACCEPT

RESPONSE_JSON = "application/graphql-response+json"
QUERY = {"query": "{ __typename }"}


def test_a_query_by_post_answers_json(client: httpx.Client) -> None:
    response = client.post("/graphql", json=QUERY)
    assert (response.status_code, response.json()) == (200, {"data": {"__typename": "Query"}})
    assert response.headers["content-type"] == "application/json; charset=utf-8"


def test_a_query_by_get_answers_the_same(client: httpx.Client) -> None:
    response = client.get(
        "/graphql",
        params={"query": "query ($a: Boolean!) { __typename @skip(if: $a) x: __typename }", "variables": '{"a": true}'},
    )
    assert response.json() == {"data": {"x": "Query"}}


def test_a_mutation_by_get_is_refused(client: httpx.Client) -> None:
    query = "mutation { logOut(input: {}) { endedSessions } }"
    response = client.get("/graphql", params={"query": query})
    assert response.status_code == 405
    assert response.json()["errors"][0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        (RESPONSE_JSON, RESPONSE_JSON),
        (f"{RESPONSE_JSON}; charset=utf-8, application/json;q=0.9", RESPONSE_JSON),
        (f"application/json;q=0.5, {RESPONSE_JSON};q=0.4", "application/json"),
        # As urql asks, which takes events for subscriptions.
        (f"{RESPONSE_JSON}, application/json, text/event-stream, multipart/mixed", RESPONSE_JSON),
    ],
)
def test_the_media_type_is_what_the_client_likes_better(client: httpx.Client, accept: str, answered: str) -> None:
    response = client.post("/graphql", json=QUERY, headers={"Accept": accept})
    assert response.headers["content-type"].startswith(answered)


def test_a_media_type_that_is_not_spoken_is_refused_as_json(client: httpx.Client) -> None:
    response = client.post("/graphql", json=QUERY, headers={"Accept": "text/html"})
    assert response.status_code == 406
    assert response.json()["errors"][0]["extensions"]["code"] == "NOT_ACCEPTABLE"


def test_of_a_long_list_of_media_types_the_beginning_alone_is_read(client: httpx.Client) -> None:
    long = ", ".join(["image/png"] * (LONGEST_ACCEPT // 11))
    accepts = [f"application/json, {long}", f"{long}, application/json"]
    assert [client.post("/graphql", json=QUERY, headers={"Accept": one}).status_code for one in accepts] == [200, 406]


@pytest.mark.parametrize(("accept", "status"), [("application/json", 200), (RESPONSE_JSON, 400)])
def test_an_invalid_document_has_its_code_and_the_status_of_its_media_type(
    client: httpx.Client, accept: str, status: int
) -> None:
    response = client.post("/graphql", json={"query": "{ nothing }"}, headers={"Accept": accept})
    assert response.status_code == status
    assert response.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "data" not in response.json()


def test_the_request_id_of_the_client_comes_back_in_header_and_errors(client: httpx.Client) -> None:
    response = client.post("/graphql", json={"query": "{"}, headers={"X-Request-Id": "trace-0123456789"})
    assert response.headers["x-request-id"] == "trace-0123456789"
    assert response.json()["errors"][0]["extensions"]["requestId"] == "trace-0123456789"


def test_one_refused_root_field_leaves_the_others_standing(post: Any) -> None:
    answer = post("hub", "{ a: stations(first: 0) { totalCount } b: stations { totalCount } }").json()
    assert answer["data"] == {"a": None, "b": {"totalCount": 19}}
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [(["a"], "BAD_USER_INPUT")]


def test_nobody_is_told_to_log_in(post: Any) -> None:
    answer = post(None, "{ stations { totalCount } viewer { account { username } } }").json()
    assert answer["data"] == {"stations": None, "viewer": None}
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"UNAUTHENTICATED"}


def test_health_and_readiness(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"status": "ready"}


def test_the_schema_can_be_fetched_with_a_token(client: httpx.Client, token: Any) -> None:
    headers = {"Authorization": f"Bearer {token('hub')}"}
    assert "type Query" in client.get("/schema.graphql", headers=headers).text
