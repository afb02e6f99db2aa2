"""Hostile requests: each is answered, or refused with a code, at a bounded effort, while others are served."""

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx
import pytest

from resolvers.core.context import Context
from resolvers.core.documents import KEPT_CHARACTERS, LONGEST_MESSAGE, MAX_ERRORS, Documents
from schema import schema
from server.http.reading import MAX_BODY
from tests.abuse import Hostile, context, corpus, forget
from tests.conftest import Ask

MOST_CALLS = 450_000
"""Of Python functions, built-in ones counted: some 50 ms of a slow core."""

CORPUS = list(corpus())


@pytest.fixture
def cold() -> Context:
    """A manager's context before anything is cached."""
    forget()
    return context()


@pytest.fixture
def send(client: httpx.Client, token: Callable[[str], str]) -> Callable[[Hostile], httpx.Response]:
    """Send a hostile request as the hub."""
    headers = {"Authorization": f"Bearer {token('hub')}", "Content-Type": "application/json"}

    def to_server(hostile: Hostile) -> httpx.Response:
        return client.post("/graphql", content=hostile.body(), headers=headers)

    return to_server


@pytest.mark.parametrize("hostile", CORPUS, ids=lambda one: one.name)
def test_a_hostile_request_is_answered_or_refused_with_a_code(
    send: Callable[[Hostile], httpx.Response], hostile: Hostile
) -> None:
    response = send(hostile)
    errors = response.json().get("errors", [])
    assert {error["extensions"]["code"] for error in errors} == ({hostile.code} if hostile.code else set())
    assert len(errors) <= MAX_ERRORS + 1
    assert all(len(error["message"]) <= LONGEST_MESSAGE + 1 for error in errors)


@pytest.mark.parametrize("hostile", CORPUS, ids=lambda one: one.name)
def test_what_a_hostile_request_costs_before_its_statement_is_bounded(cold: Context, hostile: Hostile) -> None:
    assert len(hostile.body()) <= MAX_BODY
    calls = 0

    def count(_: Any, event: str, __: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    operation = schema.execute(
        hostile.query, dict(hostile.variables), context_value=cold, operation_name=hostile.operation
    )
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        asyncio.run(operation)
    finally:
        sys.setprofile(before)
    assert calls < MOST_CALLS


def test_others_are_served_meanwhile(post: Ask, send: Callable[[Hostile], httpx.Response]) -> None:
    with ThreadPoolExecutor(8) as pool:
        attacks = [pool.submit(send, hostile) for hostile in CORPUS]
        while not all(attack.done() for attack in attacks):
            answer = post("nancheng", "{ stations { totalCount } }")
            assert answer.json() == {"data": {"stations": {"totalCount": 3}}}
    assert {attack.result().status_code for attack in attacks} <= {200, 429}


def test_long_documents_are_not_all_kept() -> None:
    documents = Documents(schema._schema)
    for number in range(60):
        documents.obtain(f"{{ a{number}: __typename }}" + "," * 90_000)
    assert len(documents._cache) <= KEPT_CHARACTERS / 90_000


def test_a_refusal_says_which_page_to_lower_and_the_operation_then_passes(cold: Context) -> None:
    query = "query ($n: Int) { a: stations(first: %s) { nodes { grids(first: $n) { edges { node { id } } } } } }"
    limits = replace(cold.limits, cost=1_000)
    cold.limits = limits

    def refusal(size: int, first: int) -> str:
        result = asyncio.run(schema.execute(query % first, {"n": size}, context_value=cold))
        return result.errors[0].message if result.errors else ""

    assert refusal(40, 40) == (
        "This could answer 1681 rows; 1000 may be asked for at once. Lower `first` of `a` to 23."
    )
    assert "may be asked for" not in refusal(40, 23)
    assert "may be asked for" in refusal(40, 24)


@pytest.mark.parametrize(
    ("query", "variables", "rows"),
    [
        ("{ __typename }", {}, 1),
        ("{ stations { totalCount } }", {}, 1),
        ("{ stations { nodes { id } } }", {}, 21),
        ("{ stations(first: 5) { nodes { id } } }", {}, 6),
        ("{ stations(first: 5) { nodes { id } nodes { name } } }", {}, 6),
        ("{ stations(first: 5) { nodes { id } edges { node { id } } } }", {}, 11),
        ("{ stations(last: 5) { nodes { parent { id } } } }", {}, 11),
        ("{ stations(first: 5) { nodes { ancestors { id } } } }", {}, 31),
        ("query ($n: Int) { stations(first: $n) { nodes { id } } }", {"n": 7}, 8),
        ("query ($n: Int = 9) { stations(first: $n) { nodes { id } } }", {}, 10),
        ("query ($n: Int) { stations(first: $n) { nodes { id } } }", {"n": None}, 21),
        ("query ($n: Int) { stations(first: $n) { nodes { id } } }", {"n": 5000}, 101),
        ("query ($m: Boolean!) { stations { nodes @include(if: $m) { id } } }", {"m": True}, 21),
        ("query ($m: Boolean!) { stations { nodes @include(if: $m) { id } } }", {"m": False}, 1),
        ("query ($m: Boolean!) { stations { ...A @skip(if: $m) } } fragment A on StationConnection { nodes { id } }",
         {"m": True}, 1),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["S1", "S2"]}, 2),
        ('{ node(id: "S1") { id ... on Station { grids(first: 3) { nodes { id } } } } }', {}, 5),
        ("{ gridStatistics(groupBy: [COMMUNITY], first: 3) { nodes { count } } }", {}, 103),
        ('{ __type(name: "Grid") { name } }', {}, 1000),
        ('mutation { logIn(input: { username: "a", password: "b" }) { errors { code } } }', {}, 506),
    ],
)  # fmt: skip
def test_the_cost_is_the_rows_that_may_be_answered(
    cold: Context, query: str, variables: dict[str, Any], rows: int
) -> None:
    prepared = schema.prepare(schema.documents.obtain(query), variables, None, cold)
    assert getattr(prepared, "cost", prepared) == rows
