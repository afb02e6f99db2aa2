"""The server's clock is moved, the database's not: who may do what stays as it is."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from server.demo import PASSWORD

HOUR = 3600.0
LOG_IN = """
mutation ($username: String!, $password: String!) {
  logIn(input: { username: $username, password: $password }) { accessToken refreshToken errors { code } }
}
"""
REFRESH = """
mutation ($token: String!) {
  refreshSession(input: { refreshToken: $token }) { accessToken refreshToken errors { code } }
}
"""
LOG_OUT = "mutation { logOut(input: {}) { errors { code } } }"
ASKED = "{ stations { totalCount } }"
ANSWERED = {"data": {"stations": {"totalCount": 1}}}


@pytest.fixture
def move(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the clock of this process, in which the server runs, by seconds."""
    real = time.time

    def by(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: real() + seconds)

    return by


@pytest.fixture
def say(client: httpx.Client) -> Callable[..., Any]:
    """Says something to the server, with a token or without."""

    def send(query: str, access: str | None = None, **variables: str) -> Any:
        headers = {"Authorization": f"Bearer {access}"} if access else {}
        return client.post("/graphql", json={"query": query, "variables": variables}, headers=headers).json()

    return send


def test_a_clock_that_jumps_ahead_ends_access_tokens_and_no_session(
    say: Callable[..., Any], move: Callable[[float], None]
) -> None:
    session = say(LOG_IN, username="leifeng", password=PASSWORD)["data"]["logIn"]
    assert say(ASKED, session["accessToken"]) == ANSWERED
    move(24 * HOUR)
    (error,) = say(ASKED, session["accessToken"])["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    renewed = say(REFRESH, token=session["refreshToken"])["data"]["refreshSession"]
    assert renewed["errors"] == []
    assert say(ASKED, renewed["accessToken"]) == ANSWERED
    move(0)
    assert say(ASKED, renewed["accessToken"]) == ANSWERED


@pytest.mark.parametrize("seconds", [-HOUR, -24 * HOUR])
def test_a_clock_that_jumps_back_prolongs_no_session_that_has_ended(
    say: Callable[..., Any], move: Callable[[float], None], seconds: float
) -> None:
    session = say(LOG_IN, username="leifeng", password=PASSWORD)["data"]["logIn"]
    move(seconds)
    assert say(ASKED, session["accessToken"]) == ANSWERED
    assert say(LOG_OUT, session["accessToken"])["data"]["logOut"]["errors"] == []
    (error,) = say(ASKED, session["accessToken"])["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
