"""Changing the password over HTTP, and what follows it in the same operation."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
import strawberry

from resolvers import account
from resolvers.core.context import Context, Identity
from resolvers.core.mapping import PUBLIC
from resolvers.core.passwords import Passwords
from resolvers.core.tokens import Tokens
from resolvers.session import change_password
from schema.base import Schema, Unmapped
from schema.query import Query
from server.auth import Authentication
from server.database import Database
from tests.sessions import (
    CHANGE,
    PASSWORD,
    Answer,
    actions,
    admitted,
    codes,
    elsewhere,
    log_in,
    make_account,
    post,
    refresh,
    refusals,
    run,
    transact,
)


def test_change_password(client: httpx.Client, database: str) -> None:
    username = make_account(database)
    other, mine = log_in(client, username), log_in(client, username)
    given = {"currentPassword": PASSWORD, "newPassword": "battery staple"}
    fresh = run(client, CHANGE, given, mine["accessToken"])
    assert fresh["errors"] == []
    assert [admitted(client, session["accessToken"]) for session in (other, mine, fresh)] == [False, False, True]
    assert codes(refresh(client, other["refreshToken"])) == ["INVALID_REFRESH_TOKEN"]
    later = refresh(client, fresh["refreshToken"])
    assert admitted(client, later["accessToken"])
    with elsewhere(client) as away:
        assert codes(log_in(away, username)) == ["INVALID_CREDENTIALS"]
        assert log_in(away, username, "battery staple")["errors"] == []
    assert actions(database, username) == ["logIn", "logIn", "changePassword", "logIn"]


def test_a_changed_password_voids_the_old_refresh_token(client: httpx.Client, database: str) -> None:
    mine = log_in(client, make_account(database))
    given = {"currentPassword": PASSWORD, "newPassword": "battery staple"}
    fresh = run(client, CHANGE, given, mine["accessToken"])
    assert codes(refresh(client, mine["refreshToken"])) == ["INVALID_REFRESH_TOKEN"]
    # Whoever still had it was not the one who changed the password.
    assert not admitted(client, fresh["accessToken"])


@pytest.mark.parametrize("new", ["1234567", "p" * 129, "", PASSWORD])
def test_weak_password(client: httpx.Client, database: str, new: str) -> None:
    session = log_in(client, make_account(database))
    answer = run(client, CHANGE, {"currentPassword": PASSWORD, "newPassword": new}, session["accessToken"])
    assert answer["errors"] == [{"code": "WEAK_PASSWORD", "path": ["input", "newPassword"]}]
    assert admitted(client, session["accessToken"])


def test_the_username_is_no_password(client: httpx.Client, database: str) -> None:
    username = make_account(database)
    session = log_in(client, username)
    given = {"currentPassword": PASSWORD, "newPassword": username.upper()}
    assert codes(run(client, CHANGE, given, session["accessToken"])) == ["WEAK_PASSWORD"]


def test_two_changes_at_once(client: httpx.Client, database: str) -> None:
    username = make_account(database)
    sessions = [log_in(client, username) for _ in range(4)]

    def change(number: int) -> Answer:
        given = {"currentPassword": PASSWORD, "newPassword": f"battery staple {number}"}
        return post(client, CHANGE, given, sessions[number]["accessToken"])

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(change, range(4)))
    won = [number for number, answer in enumerate(answers) if "errors" not in answer]
    assert len(won) == 1
    assert answers[won[0]]["data"]["changePassword"]["errors"] == []
    with elsewhere(client) as other:
        assert log_in(other, username, f"battery staple {won[0]}")["errors"] == []


BOTH = """
mutation ($first: ChangePasswordInput!, $second: ChangePasswordInput!) {
  first: changePassword(input: $first) { accessToken errors { code } }
  second: changePassword(input: $second) { accessToken errors { code } }
  logOut(input: {}) { endedSessions }
}
"""
AFTERWARDS = """
mutation ($first: ChangePasswordInput!) {
  logOut(input: {}) { endedSessions }
  changePassword(input: $first) { accessToken errors { code } }
}
"""
FIRST = {"currentPassword": PASSWORD, "newPassword": "battery staple"}
SECOND = {"currentPassword": "battery staple", "newPassword": "staple battery"}


def send(client: httpx.Client, query: str, token: str) -> Answer:
    variables = {"first": FIRST, "second": SECOND} if query is BOTH else {"first": FIRST}
    headers = {"Authorization": f"Bearer {token}"}
    answer: Answer = client.post("/graphql", json={"query": query, "variables": variables}, headers=headers).json()
    return answer


def test_the_operation_goes_on_with_the_new_password(client: httpx.Client, database: str) -> None:
    username = make_account(database)
    answer = send(client, BOTH, log_in(client, username)["accessToken"])
    assert "errors" not in answer, answer
    assert [answer["data"][name]["errors"] for name in ("first", "second")] == [[], []]
    assert answer["data"]["logOut"] == {"endedSessions": 1}
    assert not admitted(client, answer["data"]["second"]["accessToken"])
    assert log_in(client, username, "staple battery")["errors"] == []


def test_the_context_goes_on_with_the_new_token(database: str) -> None:
    """What the context holds after the change is one whole: its token is the identity's."""
    tokens = Tokens("a secret that is as long as need be", 15, 14)
    username = make_account(database)

    minted = transact(database, lambda c: account.mint_token(c, tokens, username=username, life=timedelta(minutes=15)))

    async def work() -> tuple[Identity | None, Identity]:
        served = await Database.open(database, pool_size=2, statement_timeout_ms=5_000)
        try:
            auth = Authentication(served, tokens)
            identity, _ = await auth.identify(f"Bearer {minted}", None, lambda: None)
            assert identity is not None
            context = Context(served, "r", identity=identity, token=minted, tokens=tokens, passwords=Passwords())
            await change_password(context, identity, PASSWORD, "battery staple")
            return context.identity, await auth.renew(context)
        finally:
            await served.close()

    held, renewed = asyncio.run(work())
    assert held == renewed


def test_a_failure_leaves_what_was_done_before(client: httpx.Client, database: str) -> None:
    username = make_account(database)
    answer = send(client, AFTERWARDS, log_in(client, username)["accessToken"])
    assert answer["data"] == {"logOut": {"endedSessions": 1}, "changePassword": None}
    assert refusals(answer) == [("changePassword", "UNAUTHENTICATED")]
    assert log_in(client, username)["errors"] == []


def test_a_mutation_that_cannot_be_null_is_refused_at_the_start() -> None:
    def work() -> str:
        return "done"

    field = strawberry.mutation(resolver=work, metadata={PUBLIC: True})
    mutation = type("Mutation", (), {"__annotations__": {"work": str}, "work": field})
    with pytest.raises(Unmapped, match="work must be nullable"):
        Schema(query=Query, mutation=strawberry.type(mutation))
