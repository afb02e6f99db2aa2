"""Documents and filters that ask for too much, or only look small: refused at once, with a code, whatever is nested."""

import re
import time
from typing import Any

import pytest

from resolvers.core.compiler import MAX_FIELDS
from resolvers.core.size import MAX_SELECTED
from resolvers.core.sources import MAX_SOURCES
from tests.conftest import Ask
from tests.findings import refused

QUICK = 3.0
"""Seconds, in which nothing that is refused may hold the server."""


def fields(depth: int) -> str:
    return "{ stations { nodes " + "{ parent " * depth + "{ id }" + "}" * depth + "} }"


def chain(length: int) -> str:
    links = "".join(f" fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(length))
    return f"{{ ...F0 }}{links} fragment F{length} on Query {{ __typename }}"


def doubling(depth: int) -> str:
    """Few bytes whose selections double with each fragment."""
    links = "".join(f"fragment A{n} on Station{{a:parent{{...A{n + 1}}}b:parent{{...A{n + 1}}}}}" for n in range(depth))
    return f'{{station(code:"350526"){{...A0}}}}{links}fragment A{depth} on Station{{id}}'


def spreading(depth: int) -> str:
    """Few bytes that spread one fragment twice in the next."""
    links = "".join(f"fragment A{n} on Query{{...A{n + 1} ...A{n + 1}}}" for n in range(depth))
    return f"{{...A0}}{links}fragment A{depth} on Query{{__typename}}"


def tripling(depth: int) -> str:
    """Few bytes whose interfaces are each compiled for three types."""
    return '{station(code:"350526"){' + "ancestors{" * depth + "id" + "}" * depth + "}}"


@pytest.mark.parametrize(
    "query",
    [
        fields(100),
        "{" + " a: __typename" * 3000 + "}",
        "{" + "... {" * 900 + "__typename" + "}" * 901,
        "query ($a: " + "[" * 600 + "ID" + "]" * 600 + ") { __typename }",
        "{ nodes(ids: " + "[" * 900 + "]" * 900 + ") { id } }",
        "{ stations(where: " + "{ not: " * 500 + "{}" + "}" * 500 + ") { totalCount } }",
        chain(490),
        chain(900),
        "{ stations " + "@include(if: true) " * 900 + "{ totalCount } }",
    ],
    ids=["fields", "tokens", "inline fragments", "types", "lists", "filters", "chain", "long chain", "directives"],
)
def test_a_document_beyond_the_limits_is_refused(post: Ask, query: str) -> None:
    started = time.perf_counter()
    assert refused(post("hub", query)) <= {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}
    assert time.perf_counter() - started < QUICK


@pytest.mark.parametrize("length", [50, 100, 150, 190, 240, 300, 400])
def test_a_chain_of_fragments_of_any_length_is_answered_or_refused(post: Ask, length: int) -> None:
    response = post("hub", chain(length))
    if "errors" in response.json():
        assert refused(response) <= {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}
    else:
        assert response.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("query", [doubling(8), doubling(11), doubling(14), tripling(7), tripling(14)])
def test_a_few_bytes_that_ask_for_millions_of_fields_are_refused_at_once(post: Ask, query: str) -> None:
    assert len(query) < 900
    started = time.perf_counter()
    response = post("hub", query)
    assert time.perf_counter() - started < QUICK
    assert refused(response) <= {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED", "TOO_COSTLY"}
    (error,) = response.json()["errors"]
    assert re.search(rf"{MAX_FIELDS} fields|{MAX_SELECTED} fields|{MAX_SOURCES} kinds|\d+ rows", error["message"])


@pytest.mark.parametrize("query", [spreading(20), spreading(100)])
def test_700_bytes_of_nested_spreads_are_refused_at_once(post: Ask, query: str) -> None:
    started = time.perf_counter()
    assert refused(post("hub", query)) == {"GRAPHQL_VALIDATION_FAILED"}
    assert time.perf_counter() - started < QUICK


@pytest.mark.parametrize("query", [spreading(5), doubling(4), tripling(3)])
def test_nested_fragments_within_the_limits_are_answered_at_once(post: Ask, query: str) -> None:
    started = time.perf_counter()
    assert "errors" not in post("hub", query).json()
    assert time.perf_counter() - started < QUICK


@pytest.mark.parametrize("depth", [6, 50, 100, 200, 450])
def test_a_filter_that_is_nested_in_a_variable_is_refused(post: Ask, depth: int) -> None:
    where: dict[str, Any] = {}
    for _ in range(depth):
        where = {"not": where}
    query = "query ($w: StationFilter) { stations(where: $w) { totalCount } }"
    assert refused(post("hub", query, {"w": where})) == {"BAD_USER_INPUT"}


@pytest.mark.parametrize(
    "where",
    [
        {"and": [{"code": {"eq": "1"}}] * 100},
        {"or": [{}] * 20_000},
        {"and": [{"or": [{}] * 61}]},
        {"id": {"in": ["S1"] * 501}},
        {"name": {"in": ["站"] * 5_000}},
    ],
)
def test_a_filter_that_is_too_large_is_refused(post: Ask, where: dict[str, Any]) -> None:
    response = post("hub", "query ($w: StationFilter) { stations(where: $w) { totalCount } }", {"w": where})
    assert refused(response) == {"BAD_USER_INPUT"}


def test_too_many_ids_at_once_are_refused(post: Ask) -> None:
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert refused(post("hub", query, {"ids": ["S1"] * 101})) == {"BAD_USER_INPUT"}
