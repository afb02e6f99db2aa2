"""Delegated administration below the resolvers: what the policies hold alone, and what happens at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest

from models import Role
from resolvers import account as command_line
from server.demo import PASSWORD
from tests.administration import ACCOUNT, GRANT, make, own, places_of, plant, refused, write
from tests.sessions import CHANGE, LOG_IN, LOG_OUT, REFRESH
from tests.writing import Writing

MOMENT = 0.3
"""How long something must have waited, in seconds, to be taken to wait."""


@pytest.fixture(scope="module")
def places(writing: Writing) -> dict[str, str]:
    """The ids of places, by the demo account that is at home there."""
    return places_of(writing)


def key(public_id: str) -> int:
    return int(public_id[1:])


# -- the policies --------------------------------------------------------------------------------------------------


class Acting:
    """What the server's role does under an account's grant, without a resolver; nothing of it stays."""

    def __init__(self, writing: Writing, manager: Any) -> None:
        self._writing = writing
        self.account, self.grant = key(manager["id"]), key(manager["grants"][0]["id"])
        self.role = manager["grants"][0]["role"]

    def do(self, sql: str, *values: object, before: str = "") -> list[asyncpg.Record]:
        """The rows of a statement; `before` is SQL that the superuser does first. Raises asyncpg's errors."""

        async def run() -> list[asyncpg.Record]:
            connection = await asyncpg.connect(self._writing.url)
            try:
                await connection.execute("BEGIN")
                if before:
                    await connection.execute(before)
                path = await connection.fetchval("SELECT path FROM account_grant WHERE id = $1", self.grant)
                await connection.execute("SET LOCAL ROLE zhanwang_server")
                settings = {"scope": path, "account": self.account, "grant": self.grant, "role": self.role}
                for name, value in settings.items():
                    await connection.execute("SELECT set_config($1, $2, true)", f"zhanwang.{name}", str(value))
                return await connection.fetch(sql, *values)
            finally:
                await connection.close()

        return asyncio.run(run())


@pytest.fixture
def manager(writing: Writing, places: dict[str, str]) -> Any:
    """An account that manages 南埕's zone."""
    return make(writing, "hub", places["nancheng"], "MANAGER")


GIVE = """
INSERT INTO account_grant (place_id, path, station_id, county_id, account_id, role, given_by, valid_to)
SELECT id, path, station_id, county_id, $2, $3, $4, $5 FROM place WHERE id = $1 RETURNING id
"""
NO_POLICY = "ALTER TABLE place DISABLE ROW LEVEL SECURITY;"


def test_the_database_lets_a_grant_give_only_what_it_holds(
    writing: Writing, places: dict[str, str], manager: Any
) -> None:
    acting = Acting(writing, manager)
    account, stranger = make(writing, "hub", places["nanchengcun"]), make(writing, "hub", places["leifeng"])
    valid = {
        "place": key(places["nanchengcun"]),
        "account": key(account["id"]),
        "role": "MANAGER",
        "given_by": acting.grant,
        "valid_to": None,
    }

    def give(before: str = NO_POLICY, **other: object) -> list[asyncpg.Record]:
        return acting.do(GIVE, *(valid | other).values(), before=before)

    assert len(give()) == 1
    dated = f"{NO_POLICY} UPDATE account_grant SET valid_to = '2198-01-01Z' WHERE id = {acting.grant}"
    assert len(give(dated, valid_to=datetime(2197, 1, 1, tzinfo=UTC))) == 1
    grant, disabled = f"WHERE id = {acting.grant}", f"WHERE id = {acting.account}"
    wrong: list[dict[str, Any]] = [
        {"role": "ADMINISTRATOR"},
        {"place": key(places["leifeng"])},
        {"account": acting.account},
        {"account": key(stranger["id"])},
        {"given_by": key(own(writing, "hub")["grant"]["id"])},
        {"given_by": None},
        {"before": dated},
        {"before": dated, "valid_to": datetime(2198, 1, 2, tzinfo=UTC)},
        # What the settings say is not believed: the giver must hold it at this moment.
        {"before": f"{NO_POLICY} UPDATE account_grant SET valid_to = now() {grant}"},
        {"before": f"{NO_POLICY} UPDATE account_grant SET role = 'WORKER' {grant}"},
        {"before": f"{NO_POLICY} UPDATE account SET disabled_at = now() {disabled}"},
    ]
    for one in wrong:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            give(**one)


def test_the_database_lets_nobody_end_a_grant_above(writing: Writing, places: dict[str, str], manager: Any) -> None:
    acting = Acting(writing, manager)
    account = make(writing, "hub", places["nanchengcun"], "MANAGER")
    plain = key(account["grants"][0]["id"])
    higher = key(plant(writing, account["id"], places["nanchengcun"], "ADMINISTRATOR"))
    outside = key(plant(writing, account["id"], places["leifeng"], "OBSERVER"))
    end = "UPDATE account_grant SET valid_to = now() WHERE id = $1 RETURNING id"
    assert [len(acting.do(end, grant)) for grant in (plain, higher, outside, acting.grant)] == [1, 0, 0, 0]


def test_the_database_lets_nobody_change_an_account_above(
    writing: Writing, places: dict[str, str], manager: Any
) -> None:
    acting = Acting(writing, manager)
    below = make(writing, "hub", places["nanchengcun"], "MANAGER")
    above = make(writing, "hub", places["nanchengcun"], "ADMINISTRATOR")
    outside = make(writing, "hub", places["leifeng"])
    reaching = make(writing, "hub", places["nanchengcun"])
    plant(writing, reaching["id"], places["leifeng"], "OBSERVER", "now() + interval '1 day'")
    grantless = make(writing, "hub", places["leifeng"])
    writing.sql("UPDATE account_grant SET valid_to = now() WHERE account_id = $1", key(grantless["id"]))
    accounts = [key(account["id"]) for account in (below, above, outside, reaching, grantless)]
    for sql in (
        "UPDATE account SET disabled_at = now() WHERE id = $1 RETURNING id",
        "UPDATE account SET password_hash = 'x', credential_version = 9 WHERE id = $1 RETURNING id",
        "SELECT id FROM account WHERE id = $1 FOR UPDATE",
    ):
        assert [len(acting.do(sql, account)) for account in accounts] == [1, 0, 0, 0, 0], sql
    opened = "INSERT INTO session (account_id, expires_at) SELECT id, now() + interval '1 hour' FROM account"
    ended = [acting.do("SELECT end_sessions($1) AS n", account, before=opened)[0]["n"] for account in accounts]
    assert ended == [1, 0, 0, 0, 0]


# -- at the same time ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def background() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


@contextmanager
def transaction(writing: Writing) -> Iterator[Callable[..., Any]]:
    """A transaction of the superuser's that commits at the end of the block; calling it runs a statement."""
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(writing.url))
    try:
        loop.run_until_complete(connection.execute("BEGIN"))
        yield lambda sql, *values: loop.run_until_complete(connection.fetch(sql, *values))
        loop.run_until_complete(connection.execute("COMMIT"))
    finally:
        loop.run_until_complete(connection.close())
        loop.close()


def waits(future: Future[Any]) -> bool:
    try:
        future.result(MOMENT)
    except TimeoutError:
        return True
    return False


AUTHORITY = "SELECT lock_authority(NULL, $1)"


def test_who_loses_a_grant_meanwhile_gives_none_any_more(
    writing: Writing, places: dict[str, str], manager: Any, background: ThreadPoolExecutor
) -> None:
    username = "made-too-late"
    query = f"mutation ($input: CreateAccountInput!) {{ createAccount(input: $input) {{ {ACCOUNT} }} }}"
    given = {"username": username, "password": PASSWORD, "placeId": places["nanchengcun"], "role": "WORKER"}
    writing.token(manager["username"])
    with transaction(writing) as sql:
        sql(AUTHORITY, key(manager["id"]))
        answer = background.submit(writing.post, manager["username"], query, {"input": given})
        assert waits(answer)
        sql("UPDATE account_grant SET valid_to = now() WHERE account_id = $1", key(manager["id"]))
    errors = answer.result(10).json()["errors"]
    assert [error["extensions"]["code"] for error in errors] == ["UNAUTHENTICATED"]
    assert writing.sql("SELECT FROM account WHERE username = $1", username) == []


@pytest.mark.parametrize("mutation", ["revokeGrant", "disableAccount", "resetPassword"])
def test_what_takes_authority_away_waits_for_who_uses_it(
    writing: Writing, manager: Any, background: ThreadPoolExecutor, mutation: str
) -> None:
    given: dict[str, Any] = {"version": 1}
    if mutation == "revokeGrant":
        given["id"] = manager["grants"][0]["id"]
    elif mutation == "disableAccount":
        given["id"] = manager["id"]
    else:
        given |= {"accountId": manager["id"], "newPassword": "a new password"}
    shown = GRANT if mutation == "revokeGrant" else ACCOUNT
    with transaction(writing) as sql:
        # As whoever writes under the manager's grant does.
        sql("SELECT lock_authority($1, NULL)", key(manager["id"]))
        payload = background.submit(lambda: write(writing, "hub", mutation, shown, **given))
        assert waits(payload)
    assert refused(payload.result(10)) == []


def test_of_two_who_disable_each_other_one_is_first(
    writing: Writing, places: dict[str, str], background: ThreadPoolExecutor
) -> None:
    pair = [make(writing, "hub", places["nancheng"], "MANAGER") for _ in range(2)]
    for account in pair:
        writing.token(account["username"])
    query = "mutation ($id: ID!) { disableAccount(input: { id: $id, version: 1 }) { errors { code } } }"
    answers = [
        background.submit(writing.post, one["username"], query, {"id": other["id"]})
        for one, other in (pair, reversed(pair))
    ]
    found = [answer.result(20).json() for answer in answers]
    refusals = [error["extensions"]["code"] for answer in found for error in answer.get("errors", ())]
    # The other is nobody by then.
    assert refusals == ["UNAUTHENTICATED"]


def test_two_who_administer_each_other_never_wait_for_each_other(
    writing: Writing, background: ThreadPoolExecutor
) -> None:
    async def run(actor: int, subject: int) -> None:
        connection = await asyncpg.connect(writing.url)
        try:
            for _ in range(400):
                await connection.execute(f"BEGIN; SELECT lock_authority({actor}, {subject}); COMMIT")
        finally:
            await connection.close()

    both = [background.submit(lambda pair: asyncio.run(run(*pair)), pair) for pair in ((71, 72), (72, 71))]
    for one in both:
        one.result(60)


LOCKED = "SELECT FROM account WHERE id = $1 FOR UPDATE NOWAIT"


def raw(writing: Writing, query: str, given: Any, token: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = {"query": query, "variables": {"input": given}}
    return httpx.post(f"{writing.server.url}/graphql", json=body, headers=headers, timeout=30).json()


@pytest.mark.parametrize("what", ["logIn", "refreshSession", "logOut", "changePassword", "disable", "grant"])
def test_no_account_is_locked_by_who_waits_for_a_move(
    writing: Writing, places: dict[str, str], manager: Any, background: ThreadPoolExecutor, what: str
) -> None:
    """A move holds the place and takes the account along; whoever held the account would wait for the place."""
    username = manager["username"]
    session = raw(writing, LOG_IN, {"username": username, "password": PASSWORD})["data"]["logIn"]
    token = session["accessToken"]
    county = writing.value("SELECT county_id FROM account WHERE id = $1", key(manager["id"]))

    async def command(work: Callable[[asyncpg.Connection], Awaitable[Any]]) -> None:
        connection = await asyncpg.connect(writing.url)
        try:
            async with connection.transaction():
                await work(connection)
        finally:
            await connection.close()

    code = writing.value("SELECT code FROM station WHERE id = $1", key(places["shuikou"]))
    begun: dict[str, Callable[[], Any]] = {
        "logIn": lambda: raw(writing, LOG_IN, {"username": username, "password": PASSWORD}),
        "refreshSession": lambda: raw(writing, REFRESH, {"refreshToken": session["refreshToken"]}),
        "logOut": lambda: raw(writing, LOG_OUT, {"everywhere": True}, token),
        "changePassword": lambda: raw(
            writing, CHANGE, {"currentPassword": PASSWORD, "newPassword": "battery staple"}, token
        ),
        "disable": lambda: asyncio.run(command(lambda c: command_line.disable(c, username=username))),
        "grant": lambda: asyncio.run(
            command(lambda c: command_line.grant(c, username=username, place_code=code, role=Role.WORKER))
        ),
    }
    with transaction(writing) as sql:
        sql("SELECT lock_county($1, true)", county)
        done = background.submit(begun[what])
        assert waits(done)
        sql(LOCKED, key(manager["id"]))
        # The move itself.
        sql("UPDATE place SET parent_path = parent_path WHERE id = $1", key(places["nancheng"]))
    answer = done.result(10)
    assert answer is None or ("errors" not in answer and not next(iter(answer["data"].values()))["errors"])
