"""How long who has failed must wait: the throttle's statements, in transactions that are rolled back; and over HTTP."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import asyncpg
import httpx
import pytest

from resolvers.core import throttle
from resolvers.core.passwords import CONCURRENCY
from resolvers.core.tokens import Tokens
from tests.sessions import CHANGE, PASSWORD, Answer, T, codes, elsewhere, log_in, make_account, run


@pytest.mark.parametrize(
    ("failures", "ago", "wait"),
    [
        (4, 0, None),
        (5, 0, 5),
        (5, 3, 2),
        (5, 60, -55),
        (8, 0, 40),
        (12, 0, 640),
        (13, 0, 900),
        (1_000, 0, 900),
        (1_000, 880, 20),
    ],
)
def test_waiting(database: str, failures: int, ago: int, wait: int | None) -> None:
    async def work() -> int | None:
        connection = await asyncpg.connect(database)
        try:
            # Never committed.
            async with connection.transaction():
                key = secrets.token_bytes(32)
                await connection.execute(
                    "INSERT INTO log_in_failure (key, failures, since, last_at)"
                    " SELECT $1, $2, ago, ago FROM (SELECT clock_timestamp() - $3 * interval '1 second') AS a (ago)",
                    key,
                    failures,
                    ago,
                )
                waiting: int | None = await connection.fetchval(throttle.WAIT, [key])
                raise asyncio.CancelledError(waiting)
        except asyncio.CancelledError as cancelled:
            return cancelled.args[0] if cancelled.args else None
        finally:
            await connection.close()

    assert asyncio.run(work()) == wait


def test_failures_are_forgotten_after_the_window(database: str) -> None:
    async def work() -> tuple[int, list[asyncpg.Record]]:
        connection = await asyncpg.connect(database)
        try:
            transaction = connection.transaction()
            await transaction.start()
            old, older = secrets.token_bytes(32), secrets.token_bytes(32)
            await connection.executemany(
                "INSERT INTO log_in_failure (key, failures, since, last_at)"
                " SELECT $1, 7, ago, ago FROM (SELECT now() - interval '16 minutes') AS a (ago)",
                [(old,), (older,)],
            )
            await throttle.Attempt(old, None, None).count(connection)
            failures = await connection.fetchval("SELECT failures FROM log_in_failure WHERE key = $1", old)
            left = await connection.fetch("SELECT FROM log_in_failure WHERE key = $1", older)
            await transaction.rollback()
            return failures, left
        finally:
            await connection.close()

    assert asyncio.run(work()) == (1, [])


def failing(database: str, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    """Runs `work` in a transaction that is rolled back."""

    async def run() -> T:
        connection = await asyncpg.connect(database)
        transaction = connection.transaction()
        await transaction.start()
        try:
            return await work(connection)
        finally:
            await transaction.rollback()
            await connection.close()

    return asyncio.run(run())


async def pass_by(connection: asyncpg.Connection, minutes: int) -> None:
    await connection.execute(
        "UPDATE log_in_failure SET since = since - $1::interval, last_at = last_at - $1::interval",
        timedelta(minutes=minutes),
    )


async def failures(connection: asyncpg.Connection, key: bytes | None) -> int | None:
    found: int | None = await connection.fetchval("SELECT failures FROM log_in_failure WHERE key = $1", key)
    return found


def attempts(*pairs: tuple[str, str]) -> list[throttle.Attempt]:
    """Attempts for usernames from addresses, which nobody else in the tests has."""
    tokens = Tokens(secrets.token_hex(32), 15, 14)
    return [throttle.Attempt.of(tokens, username, address) for username, address in pairs]


def test_a_typo_now_and_then_makes_nobody_wait(database: str) -> None:
    (attempt,) = attempts(("a", "192.0.2.1"))

    async def work(connection: asyncpg.Connection) -> list[int | None]:
        waits = []
        for _ in range(13):
            await attempt.count(connection)
            waits.append(await connection.fetchval(throttle.WAIT, attempt.keys))
            await pass_by(connection, 14)
        return waits

    assert failing(database, work) == [None] * 13


@pytest.mark.parametrize(("minutes", "wait"), [(3, throttle.FIRST_WAIT_SECONDS), (4, None)])
def test_five_failures_within_the_window(database: str, minutes: int, wait: int | None) -> None:
    (attempt,) = attempts(("a", "192.0.2.1"))

    async def work(connection: asyncpg.Connection) -> int | None:
        for _ in range(throttle.FAILURES - 1):
            await attempt.count(connection)
            await pass_by(connection, minutes)
        await attempt.count(connection)
        found: int | None = await connection.fetchval(throttle.WAIT, attempt.keys)
        return found

    assert failing(database, work) == wait


def test_a_wait_outlives_its_window(database: str) -> None:
    (attempt,) = attempts(("a", "192.0.2.1"))

    async def work(connection: asyncpg.Connection) -> int | None:
        await attempt.count(connection)
        await pass_by(connection, 14)
        for _ in range(throttle.FAILURES + 5):
            await attempt.count(connection)
        await pass_by(connection, 2)
        found: int | None = await connection.fetchval(throttle.WAIT, attempt.keys)
        return found

    # The eleventh failure's 320 seconds, two minutes later.
    assert failing(database, work) == 320 - 120


def test_success_takes_its_own_failures_off_the_address(database: str) -> None:
    mine, others, away = attempts(("a", "192.0.2.1"), ("b", "192.0.2.1"), ("a", "192.0.2.2"))

    async def work(connection: asyncpg.Connection) -> list[int | None]:
        for attempt in (mine, others, mine, away, others, away, away, mine):
            await attempt.count(connection)
        await mine.forgive(connection)
        # Again: there is nothing more of it to forgive.
        await mine.forgive(connection)
        keys = mine.username_key, mine.address_key, mine.share_key, others.username_key, away.address_key
        return [await failures(connection, key) for key in keys]

    assert failing(database, work) == [None, 2, None, 2, 3]


def test_what_an_earlier_window_counted_is_not_taken_off_the_next(database: str) -> None:
    mine, others = attempts(("a", "192.0.2.1"), ("b", "192.0.2.1"))

    async def work(connection: asyncpg.Connection) -> int | None:
        await others.count(connection)
        await pass_by(connection, 10)
        for _ in range(3):
            await mine.count(connection)
        await pass_by(connection, 6)
        for _ in range(4):
            await others.count(connection)
        await mine.forgive(connection)
        return await failures(connection, mine.address_key)

    assert failing(database, work) == 4


def test_without_an_address(database: str) -> None:
    (attempt,) = attempts(("a", ""))

    async def work(connection: asyncpg.Connection) -> list[int | None]:
        await attempt.count(connection)
        counted = await failures(connection, attempt.username_key)
        await attempt.forgive(connection)
        return [counted, await failures(connection, attempt.username_key)]

    assert failing(database, work) == [1, None]


def test_ones_own_typos_slow_no_neighbour_down(client: httpx.Client, database: str) -> None:
    username = make_account(database)
    with elsewhere(client) as other:
        for _ in range(2):
            for _ in range(throttle.FAILURES - 1):
                assert codes(log_in(other, username, "wrong horse")) == ["INVALID_CREDENTIALS"]
            assert log_in(other, username)["errors"] == []
        assert log_in(other, make_account(database))["errors"] == []


@pytest.mark.parametrize("known", [True, False])
def test_failures_slow_a_username_down(client: httpx.Client, database: str, known: bool) -> None:
    username = make_account(database) if known else f"t{secrets.token_hex(8)}"

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


def test_failures_slow_an_address_down(client: httpx.Client, database: str) -> None:
    username = make_account(database)
    with elsewhere(client) as other:
        for _ in range(throttle.FAILURES):
            assert codes(log_in(other, f"t{secrets.token_hex(8)}")) == ["INVALID_CREDENTIALS"]
        assert codes(log_in(other, username)) == ["TOO_MANY_ATTEMPTS"]
    with elsewhere(client) as another:
        assert log_in(another, username)["errors"] == []


def test_success_clears_the_username(client: httpx.Client, database: str) -> None:
    username = make_account(database)
    for _ in range(2):
        with elsewhere(client) as other:
            for _ in range(throttle.FAILURES - 1):
                assert codes(log_in(other, username, "wrong horse")) == ["INVALID_CREDENTIALS"]
            assert log_in(other, username)["errors"] == []


def test_success_does_not_clear_the_address(client: httpx.Client, database: str) -> None:
    username = make_account(database)
    with elsewhere(client) as other:
        for _ in range(throttle.FAILURES - 1):
            log_in(other, f"t{secrets.token_hex(8)}")
        assert log_in(other, username)["errors"] == []
        log_in(other, f"t{secrets.token_hex(8)}")
        assert codes(log_in(other, username)) == ["TOO_MANY_ATTEMPTS"]


def test_a_burst_does_not_outrun_the_throttle(client: httpx.Client, database: str) -> None:
    username = make_account(database)

    def attempt(_: int) -> list[str]:
        with elsewhere(client) as other:
            return codes(log_in(other, username, "wrong horse"))

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(attempt, range(16)))
    tried = answers.count(["INVALID_CREDENTIALS"])
    assert throttle.FAILURES <= tried < throttle.FAILURES + CONCURRENCY
    assert answers.count(["TOO_MANY_ATTEMPTS"]) == 16 - tried


def test_guessing_the_current_password(client: httpx.Client, database: str) -> None:
    session = log_in(client, make_account(database))
    given = {"currentPassword": "wrong horse", "newPassword": "battery staple"}
    with elsewhere(client) as other:
        for _ in range(throttle.FAILURES):
            answer = run(other, CHANGE, given, session["accessToken"])
            assert answer["errors"] == [{"code": "INVALID_CREDENTIALS", "path": ["input", "currentPassword"]}]
        refused = run(other, CHANGE, given | {"currentPassword": PASSWORD}, session["accessToken"])
    assert codes(refused) == ["TOO_MANY_ATTEMPTS"]
    assert 1 <= refused["retryAfter"] <= throttle.FIRST_WAIT_SECONDS
