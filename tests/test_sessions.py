"""Sessions over HTTP: logging in, rotation and reuse, logging out."""

import asyncio
import hashlib
import secrets
import time
from concurrent.futures import Future, ThreadPoolExecutor

import asyncpg
import httpx
import pytest

from resolvers.core.passwords import Passwords
from resolvers.core.tokens import Tokens, digest
from tests.sessions import (
    CHANGE,
    LOG_OUT,
    PASSWORD,
    Answer,
    actions,
    admitted,
    codes,
    elsewhere,
    fetch,
    log_in,
    make_account,
    post,
    refresh,
    run,
    transact,
)


def test_log_in(client: httpx.Client, database: str) -> None:
    username = make_account(database)
    session = log_in(client, f" {username.upper()} ")
    assert session["errors"] == []
    assert session["expiresAt"] > f"{time.strftime('%Y-%m-%dT%H:%M', time.gmtime())}"
    assert admitted(client, session["accessToken"])
    assert actions(database, username) == ["logIn"]


def test_nothing_usable_is_stored(client: httpx.Client, database: str) -> None:
    username = make_account(database)
    token = log_in(client, username)["refreshToken"]
    kept = hashlib.sha256(token.encode()).digest()
    assert len(fetch(database, "SELECT FROM refresh_token WHERE digest = $1", kept)) == 1
    (row,) = fetch(database, "SELECT password_hash FROM account WHERE username = $1", username)
    assert row["password_hash"].startswith("$argon2id$")


def test_rotation(client: httpx.Client, database: str) -> None:
    first = log_in(client, make_account(database))
    second = refresh(client, first["refreshToken"])
    assert second["errors"] == []
    assert second["refreshToken"] != first["refreshToken"]
    # The session goes on, and so does what was issued for it.
    assert admitted(client, first["accessToken"])
    assert admitted(client, second["accessToken"])
    assert refresh(client, second["refreshToken"])["errors"] == []


def test_reuse_ends_the_family(client: httpx.Client, database: str) -> None:
    username = make_account(database)
    other = log_in(client, username)
    first = log_in(client, username)
    second = refresh(client, first["refreshToken"])
    assert codes(refresh(client, first["refreshToken"])) == ["INVALID_REFRESH_TOKEN"]
    assert not admitted(client, second["accessToken"])
    assert codes(refresh(client, second["refreshToken"])) == ["INVALID_REFRESH_TOKEN"]
    assert admitted(client, other["accessToken"])
    assert actions(database, username) == ["logIn", "logIn", "refreshTokenReused"]


def test_reuse_at_once(client: httpx.Client, database: str) -> None:
    token = log_in(client, make_account(database))["refreshToken"]
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


def test_expired_session(client: httpx.Client, database: str) -> None:
    username = make_account(database)
    session = log_in(client, username)
    fetch(
        database,
        "UPDATE session SET expires_at = now() WHERE account_id = (SELECT id FROM account WHERE username = $1)",
        username,
    )
    assert not admitted(client, session["accessToken"])
    assert codes(refresh(client, session["refreshToken"])) == ["INVALID_REFRESH_TOKEN"]


def test_tokens_of_ended_sessions_are_cleared_away(client: httpx.Client, database: str) -> None:
    username = make_account(database)
    first = log_in(client, username)
    run(client, LOG_OUT, {}, first["accessToken"])
    log_in(client, username)
    sql = """
    SELECT FROM refresh_token t JOIN session s ON s.id = t.session_id JOIN account a ON a.id = s.account_id
     WHERE a.username = $1
    """
    assert len(fetch(database, sql, username)) == 1


def test_refusals_look_alike(client: httpx.Client, database: str) -> None:
    known, disabled = make_account(database), make_account(database)
    fetch(database, "UPDATE account SET disabled_at = now() WHERE username = $1", disabled)
    with elsewhere(client) as other:
        answers = [
            log_in(other, f"t{secrets.token_hex(8)}"),
            log_in(other, known, "wrong horse"),
            log_in(other, disabled),
        ]
    assert codes(answers[0]) == ["INVALID_CREDENTIALS"]
    assert answers[0] == answers[1] == answers[2]


def test_refusals_take_alike_long(client: httpx.Client, database: str) -> None:
    def seconds(username: str) -> float:
        with elsewhere(client) as other:
            other.get("/")  # connects
            start = time.perf_counter()
            assert codes(log_in(other, username, "wrong horse")) == ["INVALID_CREDENTIALS"]
            return time.perf_counter() - start

    # Each of an account of its own, so that none is slowed down; by turns, so that load falls on both alike.
    pairs = [(seconds(f"t{secrets.token_hex(8)}"), seconds(make_account(database))) for _ in range(8)]
    unknown, known = (min(times) for times in zip(*pairs, strict=True))
    # Without the hash, one would take a tenth of the other.
    assert 0.4 < unknown / known < 2.5


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


def test_a_password_is_the_same_however_it_is_typed(client: httpx.Client, database: str) -> None:
    wide = PASSWORD.translate({letter: letter + 0xFEE0 for letter in range(ord("a"), ord("z") + 1)})
    assert log_in(client, make_account(database), wide)["errors"] == []


def test_log_out(client: httpx.Client, database: str) -> None:
    username = make_account(database)
    one, other = log_in(client, username), log_in(client, username)
    assert run(client, LOG_OUT, {}, one["accessToken"]) == {"endedSessions": 1, "errors": []}
    assert not admitted(client, one["accessToken"])
    assert codes(refresh(client, one["refreshToken"])) == ["INVALID_REFRESH_TOKEN"]
    assert admitted(client, other["accessToken"])
    again = post(client, LOG_OUT, {}, one["accessToken"])
    assert again["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert actions(database, username) == ["logIn", "logIn", "logOut"]


def test_log_out_everywhere(client: httpx.Client, database: str) -> None:
    username = make_account(database)
    sessions = [log_in(client, username) for _ in range(3)]
    stranger = log_in(client, make_account(database))
    assert run(client, LOG_OUT, {"everywhere": True}, sessions[0]["accessToken"])["endedSessions"] == 3
    assert [admitted(client, session["accessToken"]) for session in sessions] == [False] * 3
    assert admitted(client, stranger["accessToken"])


@pytest.mark.parametrize(
    ("query", "given"), [(LOG_OUT, {}), (CHANGE, {"currentPassword": PASSWORD, "newPassword": "another one"})]
)
def test_an_account_is_needed(client: httpx.Client, query: str, given: Answer) -> None:
    answer = post(client, query, given)
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_a_change_under_way_shuts_out_who_logs_in_meanwhile(client: httpx.Client, database: str) -> None:
    username = make_account(database)
    waiting = "SELECT FROM pg_stat_activity WHERE application_name = 'zhanwang' AND wait_event_type = 'Lock'"

    async def work(changing: asyncpg.Connection) -> Future[Answer]:
        await changing.execute(
            "UPDATE account SET credential_version = credential_version + 1 WHERE username = $1", username
        )
        entering = threads.submit(log_in, client, username)
        watching = await asyncpg.connect(database)
        while not entering.done() and not await watching.fetch(waiting):
            await watching.execute("SELECT pg_sleep(0.01)")
        await watching.close()
        return entering

    with ThreadPoolExecutor(1) as threads:
        # Its session would have outlived the change: nobody else saw it yet.
        assert codes(transact(database, work).result()) == ["INVALID_CREDENTIALS"]


KEPT = """
SELECT count(DISTINCT s.id) AS sessions, count(t.digest) AS tokens
  FROM account a JOIN session s ON s.account_id = a.id LEFT JOIN refresh_token t ON t.session_id = s.id
 WHERE a.username = $1
"""


@pytest.mark.parametrize("over", ["ended_at", "expires_at"])
def test_what_is_long_over_is_cleared_away(client: httpx.Client, database: str, over: str) -> None:
    username = make_account(database)
    first = log_in(client, username)
    refresh(client, first["refreshToken"])
    mine = "account_id = (SELECT id FROM account WHERE username = $1)"
    fetch(database, f"UPDATE session SET {over} = now() - interval '25 hours' WHERE {mine}", username)
    second = log_in(client, username)
    assert tuple(fetch(database, KEPT, username)[0]) == (1, 1)
    assert not admitted(client, first["accessToken"])
    assert admitted(client, second["accessToken"])


def test_used_tokens_of_a_living_session_are_kept_for_as_long_as_one_lives(client: httpx.Client, database: str) -> None:
    username = make_account(database)
    old = log_in(client, username)
    recent = refresh(client, old["refreshToken"])
    latest = refresh(client, recent["refreshToken"])
    age = "UPDATE refresh_token SET used_at = now() - $2 * interval '1 day' WHERE digest = $1"
    fetch(database, age, digest(old["refreshToken"]), 15)
    fetch(database, age, digest(recent["refreshToken"]), 13)
    newest = refresh(client, latest["refreshToken"])
    assert tuple(fetch(database, KEPT, username)[0]) == (1, 3)
    # Nobody can have hoped to use the first one; the second tells of a copy.
    assert codes(refresh(client, old["refreshToken"])) == ["INVALID_REFRESH_TOKEN"]
    assert admitted(client, newest["accessToken"])
    assert codes(refresh(client, recent["refreshToken"])) == ["INVALID_REFRESH_TOKEN"]
    assert not admitted(client, newest["accessToken"])


def test_no_request_clears_away_without_bound(client: httpx.Client, database: str) -> None:
    username = make_account(database)
    token = log_in(client, username)["refreshToken"]
    fetch(
        database,
        """
        INSERT INTO refresh_token (digest, session_id, used_at)
        SELECT sha256(('x' || n || a.id)::bytea), s.id, now() - interval '15 days'
          FROM account a JOIN session s ON s.account_id = a.id, generate_series(1, 250) AS n WHERE a.username = $1
        """,
        username,
    )
    token = refresh(client, token)["refreshToken"]
    assert fetch(database, KEPT, username)[0]["tokens"] == 250 - 200 + 2
    refresh(client, token)
    assert fetch(database, KEPT, username)[0]["tokens"] == 3
