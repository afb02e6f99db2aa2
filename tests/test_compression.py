"""What is compressed on the way out, and what never is."""

import gzip
import io
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from server.demo import PASSWORD
from server.http.compressing import SMALLEST
from server.pages.assets import graphiql_files
from tests.conftest import LOG_IN

MANY = {"query": "{ communities(first: 100) { totalCount nodes { id name code } } }"}
ALL = "br, gzip;q=0.5, zstd"


@pytest.fixture
def bearer(token: Callable[[str], str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {token('hub')}"}


def plain(client: httpx.Client, headers: dict[str, str], **asked: Any) -> bytes:
    return client.request(headers=headers | {"Accept-Encoding": "identity"}, **asked).content


@pytest.mark.parametrize(
    ("accepted", "coded"),
    [(ALL, "zstd"), ("gzip, br", "br"), ("gzip", "gzip"), ("gzip;q=0, identity", None), ("", None)],
)
def test_an_answer_comes_in_the_best_way_that_the_client_takes(
    client: httpx.Client, bearer: dict[str, str], accepted: str, coded: str | None
) -> None:
    response = client.post("/graphql", json=MANY, headers=bearer | {"Accept-Encoding": accepted})
    assert response.headers.get("content-encoding") == coded
    assert "accept-encoding" in response.headers["vary"].lower()
    assert len(response.json()["data"]["communities"]["nodes"]) == 100
    sent = int(response.headers["content-length"])
    assert sent < len(plain(client, bearer, method="POST", url="/graphql", json=MANY)) / 3 if coded else sent > SMALLEST


def test_what_is_small_is_sent_as_it_is(client: httpx.Client) -> None:
    response = client.post("/graphql", json={"query": "{ __typename }"}, headers={"Accept-Encoding": ALL})
    assert "content-encoding" not in response.headers


def test_the_media_type_of_graphql_is_compressed_too(client: httpx.Client, bearer: dict[str, str]) -> None:
    asked = {"Accept-Encoding": ALL, "Accept": "application/graphql-response+json"}
    assert client.post("/graphql", json=MANY, headers=bearer | asked).headers["content-encoding"] == "zstd"


def test_what_may_carry_a_token_is_never_compressed(client: httpx.Client) -> None:
    padded = LOG_IN.replace("accessToken", " ".join(f"a{n}: accessToken" for n in range(20)))
    variables = {"username": "hub", "password": PASSWORD}
    asked = {"query": padded, "variables": variables}
    response = client.post("/graphql", json=asked, headers={"Accept-Encoding": ALL})
    assert response.json()["data"]["logIn"]["a19"]
    assert len(response.content) > SMALLEST
    assert "content-encoding" not in response.headers


def test_an_exported_table_is_compressed_as_it_is_made(client: httpx.Client, bearer: dict[str, str]) -> None:
    with client.stream("GET", "/export/communities", headers=bearer | {"Accept-Encoding": "gzip"}) as response:
        raw = b"".join(response.iter_raw())
    assert response.headers["content-encoding"] == "gzip"
    table = gzip.GzipFile(fileobj=io.BytesIO(raw)).read()
    assert table == plain(client, bearer, method="GET", url="/export/communities")


def test_a_workbook_is_compressed_already(client: httpx.Client, bearer: dict[str, str]) -> None:
    response = client.get("/export/communities?format=xlsx", headers=bearer | {"Accept-Encoding": ALL})
    assert "content-encoding" not in response.headers


def test_what_is_packed_once_is_not_packed_again_by_whoever_asks(client: httpx.Client) -> None:
    script, _ = graphiql_files()
    for accepted, coded in (("br, zstd", None), (ALL, "gzip")):
        response = client.get(f"/{script}", headers={"Accept-Encoding": accepted})
        assert response.headers.get("content-encoding") == coded
