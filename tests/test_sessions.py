"""Sessions over HTTP: logging in, rotation and reuse, logging out, changed passwords, the throttle."""

import asyncio
import hashlib
import random
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import asyncpg
import httpx
import pytest

from models import Role
from resolvers import account
from resolvers.core import throttle
from resolvers.core.passwords import CONCURRENCY, Passwords
from resolvers.core.tokens import Tokens, digest

PASSWORD = "correct horse 电池"
LOG_IN = """
mutation ($input: LogInInput!) { logIn(input: $input) {
  accessToken refreshToken expiresAt retryAfter errors { code message path } } }
"""
REFRESH = """
mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) {
  accessToken refreshToken expiresAt errors { code path } } }
"""
LOG_OUT = "mutation ($input: LogOutInput!) { logOut(input: $input) { endedSessions errors { code } } }"
CHANGE = """
mutation ($input: ChangePasswordInput!) { changePassword(input: $input) {
  accessToken refreshToken retryAfter errors { code path } } }
"""
WHO = "{ viewer { account { username } } }"
HUB = "SELECT code FROM station WHERE level = 'HUB' ORDER BY id LIMIT 1"

Make = Callable[[], str]
Answer = dict[str, Any]


def fetch(database: str, sql: str, *values: object) -> list[asyncpg.Record]:
    async def ask() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(database)
        try:
            return await connection.fetch(sql, *values)
        finally:
            await connection.close()

    return asyncio.run(ask())


@pytest.fixture
def make(database: str) -> Make:
    """Makes an account of its own, so that no test slows down or disables another's."""

    async def work(username: str) -> None:
        connection = await asyncpg.connect(database)
        try:
            code = await connection.fetchval(HUB)
            async with connection.transaction():
                await account.create(
                    connection,
                    Passwords(),
                    username=username,
                    password=PASSWORD,
                    place_code=code,
                    role=Role.OBSERVER,
                )
        finally:
            await connection.close()

    def made() -> str:
        username = f"t{secrets.token_hex(8)}"
        asyncio.run(work(username))
        return username

    return made


@contextmanager
def elsewhere(client: httpx.Client) -> Iterator[httpx.Client]:
    """A client at an address of its own: failures count by address, too."""
    address = f"127.{random.randint(1, 254)}.{random.randint(1, 254)}.{random.randint(2, 254)}"
    with httpx.Client(base_url=client.base_url, transport=httpx.HTTPTransport(local_address=address)) as other:
        yield other


def post(client: httpx.Client, query: str, given: Answer | None = None, token: str | None = None) -> Answer:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    variables = {} if given is None else {"input": given}
    response = client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
    assert response.status_code < 500, response.text
    answer: Answer = response.json()
    return answer


def run(client: httpx.Client, query: str, given: Answer, token: str | None = None) -> Answer:
    """The payload of a mutation that answers without a GraphQL error."""
    answer = post(client, query, given, token)
    assert "errors" not in answer, answer
    payload: Answer = next(iter(answer["data"].values()))
    return payload


def log_in(client: httpx.Client, username: str, password: str = PASSWORD) -> Answer:
    return run(client, LOG_IN, {"username": username, "password": password})


def refresh(client: httpx.Client, token: str) -> Answer:
    return run(client, REFRESH, {"refreshToken": token})


def codes(payload: Answer) -> list[str]:
    return [error["code"] for error in payload["errors"]]


def admitted(client: httpx.Client, token: str) -> bool:
    answer = post(client, WHO, token=token)
    if "errors" not in answer:
        return bool(answer["data"]["viewer"]["account"]["username"])
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"], answer
    return False


def actions(database: str, username: str) -> list[str]:
    sql = """
    SELECT e.action FROM audit_entry e JOIN account a ON a.id = e.account_id
     WHERE a.username = $1 AND e.path = a.path ORDER BY e.id
    """
    return [row["action"] for row in fetch(database, sql, username)]


def test_log_in(client: httpx.Client, database: str, make: Make) -> None:
    username = make()
    session = log_in(client, f" {username.upper()} ")
    assert session["errors"] == []
    assert session["expiresAt"] > f"{time.strftime('%Y-%m-%dT%H:%M', time.gmtime())}"
    assert admitted(client, session["accessToken"])
    assert actions(database, username) == ["logIn"]


def test_nothing_usable_is_stored(client: httpx.Client, database: str, make: Make) -> None:
    username = make()
    token = log_in(client, username)["refreshToken"]
    kept = hashlib.sha256(token.encode()).digest()
    assert len(fetch(database, "SELECT FROM refresh_token WHERE digest = $1", kept)) == 1
    (row,) = fetch(database, "SELECT password_hash FROM account WHERE username = $1", username)
    assert row["password_hash"].startswith("$argon2id$")


def test_rotation(client: httpx.Client, make: Make) -> None:
    first = log_in(client, make())
    second = refresh(client, first["refreshToken"])
    assert second["errors"] == []
    assert second["refreshToken"] != first["refreshToken"]
    # The session goes on, and so does what was issued for it.
    assert admitted(client, first["accessToken"])
    assert admitted(client, second["accessToken"])
    assert refresh(client, second["refreshToken"])["errors"] == []


def test_reuse_ends_the_family(client: httpx.Client, database: str, make: Make) -> None:
    username = make()
    other = log_in(client, username)
    first = log_in(client, username)
    second = refresh(client, first["refreshToken"])
    assert codes(refresh(client, first["refreshToken"])) == ["INVALID_REFRESH_TOKEN"]
    assert not admitted(client, second["accessToken"])
    assert codes(refresh(client, second["refreshToken"])) == ["INVALID_REFRESH_TOKEN"]
    assert admitted(client, other["accessToken"])
    assert actions(database, username) == ["logIn", "logIn", "refreshTokenReused"]


def test_reuse_at_once(client: httpx.Client, make: Make) -> None:
    token = log_in(client, make())["refreshToken"]
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: refresh(client, token), range(6)))
    won = [answer for answer in answers if not answer["errors"]]
    assert len(won) == 1
    assert not admitted(client, won[0]["accessToken"])
    assert codes(refresh(client, won[0]["refreshToken"])) == ["INVALID_REFRESH_TOKEN"]


@pytest.mark.parametrize("token", ["", "x", "x" * 30_000, "\0", "令牌"])
def test_unknown_refresh_token(client: httpx.Client, token: str) -> None:
    payload = refresh(client, token)
    assert payload == {
        "accessToken": None,
        "refreshToken": None,
        "expiresAt": None,
        "errors": [{"code": "INVALID_REFRESH_TOKEN", "path": ["input", "refreshToken"]}],
    }


def test_expired_session(client: httpx.Client, database: str, make: Make) -> None:
    username = make()
    session = log_in(client, username)
    fetch(
        database,
        "UPDATE session SET expires_at = now() WHERE account_id = (SELECT id FROM account WHERE username = $1)",
        username,
    )
    assert not admitted(client, session["accessToken"])
    assert codes(refresh(client, session["refreshToken"])) == ["INVALID_REFRESH_TOKEN"]


def test_tokens_of_ended_sessions_are_cleared_away(client: httpx.Client, database: str, make: Make) -> None:
    username = make()
    first = log_in(client, username)
    run(client, LOG_OUT, {}, first["accessToken"])
    log_in(client, username)
    sql = """
    SELECT FROM refresh_token t JOIN session s ON s.id = t.session_id JOIN account a ON a.id = s.account_id
     WHERE a.username = $1
    """
    assert len(fetch(database, sql, username)) == 1


def test_refusals_look_alike(client: httpx.Client, database: str, make: Make) -> None:
    known, disabled = make(), make()
    fetch(database, "UPDATE account SET disabled_at = now() WHERE username = $1", disabled)
    with elsewhere(client) as other:
        answers = [
            log_in(other, f"t{secrets.token_hex(8)}"),
            log_in(other, known, "wrong horse"),
            log_in(other, disabled),
        ]
    assert codes(answers[0]) == ["INVALID_CREDENTIALS"]
    assert answers[0] == answers[1] == answers[2]


def test_refusals_take_alike_long(client: httpx.Client, make: Make) -> None:
    def seconds(username: str) -> float:
        with elsewhere(client) as other:
            other.get("/")  # connects
            start = time.perf_counter()
            assert codes(log_in(other, username, "wrong horse")) == ["INVALID_CREDENTIALS"]
            return time.perf_counter() - start

    # Each of an account of its own, so that none is slowed down; by turns, so that load falls on both alike.
    pairs = [(seconds(f"t{secrets.token_hex(8)}"), seconds(make())) for _ in range(8)]
    unknown, known = (min(times) for times in zip(*pairs, strict=True))
    # Without the hash, one would take a tenth of the other.
    assert 0.6 < unknown / known < 1.7


@pytest.mark.parametrize("username", ["", "\0", "a" * 30_000, "x' OR true --", "用户"])
@pytest.mark.parametrize("password", ["", "\0", "p" * 30_000])
def test_odd_credentials(client: httpx.Client, username: str, password: str) -> None:
    with elsewhere(client) as other:
        assert codes(log_in(other, username, password)) == ["INVALID_CREDENTIALS"]


def test_half_a_surrogate_pair_is_but_a_wrong_text() -> None:
    assert asyncio.run(Passwords().verify(None, "\ud800")) is False
    assert digest("\ud800") != digest("\ud801")
    tokens = Tokens("s" * 32, 1, 1)
    assert tokens.keyed("username", "\ud800") != tokens.keyed("address", "\ud800")


def test_a_password_is_the_same_however_it_is_typed(client: httpx.Client, make: Make) -> None:
    wide = PASSWORD.translate({letter: letter + 0xFEE0 for letter in range(ord("a"), ord("z") + 1)})
    assert log_in(client, make(), wide)["errors"] == []


@pytest.mark.parametrize("known", [True, False])
def test_failures_slow_a_username_down(client: httpx.Client, make: Make, known: bool) -> None:
    username = make() if known else f"t{secrets.token_hex(8)}"

    def attempt(password: str) -> Answer:
        # Each from another address.
        with elsewhere(client) as other:
            return log_in(other, username, password)

    for _ in range(throttle.FAILURES):
        assert codes(attempt("wrong horse")) == ["INVALID_CREDENTIALS"]
    refused = attempt(PASSWORD)
    assert codes(refused) == ["TOO_MANY_ATTEMPTS"]
    assert 1 <= refused["retryAfter"] <= throttle.FIRST_WAIT_SECONDS
    time.sleep(refused["retryAfter"])
    assert codes(attempt("wrong horse")) == ["INVALID_CREDENTIALS"]
    again = attempt(PASSWORD)
    assert codes(again) == ["TOO_MANY_ATTEMPTS"]
    assert throttle.FIRST_WAIT_SECONDS < again["retryAfter"] <= 2 * throttle.FIRST_WAIT_SECONDS


def test_failures_slow_an_address_down(client: httpx.Client, make: Make) -> None:
    username = make()
    with elsewhere(client) as other:
        for _ in range(throttle.FAILURES):
            assert codes(log_in(other, f"t{secrets.token_hex(8)}")) == ["INVALID_CREDENTIALS"]
        assert codes(log_in(other, username)) == ["TOO_MANY_ATTEMPTS"]
    with elsewhere(client) as another:
        assert log_in(another, username)["errors"] == []


def test_success_clears_the_username(client: httpx.Client, make: Make) -> None:
    username = make()
    for _ in range(2):
        with elsewhere(client) as other:
            for _ in range(throttle.FAILURES - 1):
                assert codes(log_in(other, username, "wrong horse")) == ["INVALID_CREDENTIALS"]
            assert log_in(other, username)["errors"] == []


def test_success_does_not_clear_the_address(client: httpx.Client, make: Make) -> None:
    username = make()
    with elsewhere(client) as other:
        for _ in range(throttle.FAILURES - 1):
            log_in(other, f"t{secrets.token_hex(8)}")
        assert log_in(other, username)["errors"] == []
        log_in(other, f"t{secrets.token_hex(8)}")
        assert codes(log_in(other, username)) == ["TOO_MANY_ATTEMPTS"]


def test_a_burst_does_not_outrun_the_throttle(client: httpx.Client, make: Make) -> None:
    username = make()

    def attempt(_: int) -> list[str]:
        with elsewhere(client) as other:
            return codes(log_in(other, username, "wrong horse"))

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(attempt, range(16)))
    tried = answers.count(["INVALID_CREDENTIALS"])
    assert throttle.FAILURES <= tried < throttle.FAILURES + CONCURRENCY
    assert answers.count(["TOO_MANY_ATTEMPTS"]) == 16 - tried


def test_log_out(client: httpx.Client, database: str, make: Make) -> None:
    username = make()
    one, other = log_in(client, username), log_in(client, username)
    assert run(client, LOG_OUT, {}, one["accessToken"]) == {"endedSessions": 1, "errors": []}
    assert not admitted(client, one["accessToken"])
    assert codes(refresh(client, one["refreshToken"])) == ["INVALID_REFRESH_TOKEN"]
    assert admitted(client, other["accessToken"])
    again = post(client, LOG_OUT, {}, one["accessToken"])
    assert again["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert actions(database, username) == ["logIn", "logIn", "logOut"]


def test_log_out_everywhere(client: httpx.Client, make: Make) -> None:
    username = make()
    sessions = [log_in(client, username) for _ in range(3)]
    stranger = log_in(client, make())
    assert run(client, LOG_OUT, {"everywhere": True}, sessions[0]["accessToken"])["endedSessions"] == 3
    assert [admitted(client, session["accessToken"]) for session in sessions] == [False] * 3
    assert admitted(client, stranger["accessToken"])


@pytest.mark.parametrize(
    ("query", "given"), [(LOG_OUT, {}), (CHANGE, {"currentPassword": PASSWORD, "newPassword": "another one"})]
)
def test_an_account_is_needed(client: httpx.Client, query: str, given: Answer) -> None:
    answer = post(client, query, given)
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_change_password(client: httpx.Client, database: str, make: Make) -> None:
    username = make()
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


def test_a_changed_password_voids_the_old_refresh_token(client: httpx.Client, make: Make) -> None:
    mine = log_in(client, make())
    given = {"currentPassword": PASSWORD, "newPassword": "battery staple"}
    fresh = run(client, CHANGE, given, mine["accessToken"])
    assert codes(refresh(client, mine["refreshToken"])) == ["INVALID_REFRESH_TOKEN"]
    # Whoever still had it was not the one who changed the password.
    assert not admitted(client, fresh["accessToken"])


@pytest.mark.parametrize("new", ["1234567", "p" * 129, "", PASSWORD])
def test_weak_password(client: httpx.Client, make: Make, new: str) -> None:
    session = log_in(client, make())
    answer = run(client, CHANGE, {"currentPassword": PASSWORD, "newPassword": new}, session["accessToken"])
    assert answer["errors"] == [{"code": "WEAK_PASSWORD", "path": ["input", "newPassword"]}]
    assert admitted(client, session["accessToken"])


def test_the_username_is_no_password(client: httpx.Client, make: Make) -> None:
    username = make()
    session = log_in(client, username)
    given = {"currentPassword": PASSWORD, "newPassword": username.upper()}
    assert codes(run(client, CHANGE, given, session["accessToken"])) == ["WEAK_PASSWORD"]


def test_guessing_the_current_password(client: httpx.Client, make: Make) -> None:
    session = log_in(client, make())
    given = {"currentPassword": "wrong horse", "newPassword": "battery staple"}
    with elsewhere(client) as other:
        for _ in range(throttle.FAILURES):
            answer = run(other, CHANGE, given, session["accessToken"])
            assert answer["errors"] == [{"code": "INVALID_CREDENTIALS", "path": ["input", "currentPassword"]}]
        refused = run(other, CHANGE, given | {"currentPassword": PASSWORD}, session["accessToken"])
    assert codes(refused) == ["TOO_MANY_ATTEMPTS"]
    assert 1 <= refused["retryAfter"] <= throttle.FIRST_WAIT_SECONDS


def test_two_changes_at_once(client: httpx.Client, make: Make) -> None:
    username = make()
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
