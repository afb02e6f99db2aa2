"""Who asks: tokens, grants and the header that names one."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import SimpleNamespace

import asyncpg
import httpx
import pytest

from models import Role
from resolvers import account
from resolvers.core import owner
from resolvers.core.context import Context, Identity
from resolvers.core.errors import Unauthenticated
from resolvers.core.ids import encode
from resolvers.core.tokens import Tokens
from server.auth import Authentication
from server.database import Database
from tests.sessions import (
    CHANGE,
    CODES,
    LOG_IN,
    PASSWORD,
    WHO,
    T,
    fetch,
    give,
    log_in,
    make_account,
    post,
    transact,
    who,
)


@pytest.fixture(scope="module")
def station(database: str) -> str:
    """The code of a station below the hub."""
    return str(fetch(database, CODES)[0]["station"])


SECRET = "a secret that is as long as need be"


@pytest.fixture
def username(database: str) -> str:
    return make_account(database)


def test_disabled_account(client: httpx.Client, database: str, username: str) -> None:
    token = log_in(client, username)["accessToken"]
    assert who(client, token)
    transact(database, lambda connection: account.disable(connection, username=username))
    assert who(client, token) is None
    # Its sessions have ended for good.
    fetch(database, "UPDATE account SET disabled_at = NULL WHERE username = $1", username)
    assert who(client, token) is None


def test_an_account_disabled_behind_the_servers_back(client: httpx.Client, database: str, username: str) -> None:
    token = log_in(client, username)["accessToken"]
    assert who(client, token)
    fetch(database, "UPDATE account SET disabled_at = now() WHERE username = $1", username)
    given = {"currentPassword": PASSWORD, "newPassword": "battery staple"}
    changed = post(client, CHANGE, given, token)
    assert changed["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert who(client, token) is None
    fetch(database, "UPDATE account SET disabled_at = NULL WHERE username = $1", username)
    assert who(client, token)


def test_ended_grant(client: httpx.Client, database: str, username: str) -> None:
    token = log_in(client, username)["accessToken"]
    assert who(client, token)
    fetch(
        database,
        "UPDATE account_grant SET valid_to = now() WHERE account_id = (SELECT id FROM account WHERE username = $1)",
        username,
    )
    assert who(client, token) is None


def test_the_next_grant_takes_over(client: httpx.Client, database: str, station: str, username: str) -> None:
    token = log_in(client, username)["accessToken"]
    first = who(client, token)
    second = give(database, username, station, Role.WORKER)
    assert first is not None
    assert first["grant"]["role"] == "OBSERVER"
    fetch(database, "UPDATE account_grant SET valid_to = now() WHERE id = $1", int(first["grant"]["id"][1:]))
    taken = who(client, token)
    assert taken is not None
    assert taken["grant"] == {"id": second, "role": "WORKER"}
    assert who(client, token, first["grant"]["id"]) is None


def test_a_role_that_changes(client: httpx.Client, database: str, username: str) -> None:
    token = log_in(client, username)["accessToken"]
    assert who(client, token)
    fetch(
        database,
        "UPDATE account_grant SET role = 'MANAGER' WHERE account_id = (SELECT id FROM account WHERE username = $1)",
        username,
    )
    changed = who(client, token)
    assert changed is not None
    assert changed["grant"]["role"] == "MANAGER"


def test_grant_header(client: httpx.Client, database: str, station: str, username: str) -> None:
    token = log_in(client, username)["accessToken"]
    first = who(client, token)
    assert first is not None
    # Known to nobody yet: the header finds it on the next request.
    second = give(database, username, station, Role.WORKER)
    for id_, role in ((second, "WORKER"), (first["grant"]["id"], "OBSERVER")):
        viewer = who(client, token, id_)
        assert viewer is not None
        assert viewer["grant"] == {"id": id_, "role": role}
    unnamed = who(client, token)
    assert unnamed is not None
    assert unnamed["grant"] == first["grant"]


def test_foreign_grant(client: httpx.Client, database: str, username: str) -> None:
    make_account(database)
    other = "SELECT id FROM account_grant WHERE account_id <> (SELECT id FROM account WHERE username = $1) LIMIT 1"
    token = log_in(client, username)["accessToken"]
    named = [encode("R", row["id"]) for row in fetch(database, other, username)]
    assert named
    named += [encode("S", 1), "1", "R0", "R" + "9" * 30, "%", "R-1", "R\xb2"]
    answers = [post(client, WHO, token=token, grant=grant) for grant in named]
    messages = {error["message"] for answer in answers for error in answer["errors"]}
    assert len(messages) == 1
    assert all(error["extensions"]["code"] == "UNAUTHENTICATED" for answer in answers for error in answer["errors"])
    # A wrong grant is no reason to doubt the token.
    assert who(client, token)


def test_logging_in_minds_no_bad_token(client: httpx.Client, username: str) -> None:
    given = {"username": username, "password": PASSWORD}
    answer = post(client, LOG_IN, given, "x")
    assert who(client, answer["data"]["logIn"]["accessToken"])


def identified(database: str, work: Callable[[Authentication, Database, Tokens], Awaitable[T]]) -> T:
    """Runs `work` with an authentication whose key the test has."""

    async def run() -> T:
        served = await Database.open(database, pool_size=2, statement_timeout_ms=5_000)
        tokens = Tokens(SECRET, 15, 14)
        try:
            return await work(Authentication(served, tokens), served, tokens)
        finally:
            await served.close()

    return asyncio.run(run())


def free() -> None:
    """Pays for nothing."""


def minted(database: str, username: str) -> str:
    tokens, life = Tokens(SECRET, 15, 14), timedelta(minutes=15)
    return transact(database, lambda c: account.mint_token(c, tokens, username=username, life=life))


def test_identify(database: str, station: str, username: str) -> None:
    second = give(database, username, station, Role.MANAGER)
    header = f"bearer {minted(database, username)}"

    async def work(auth: Authentication, served: Database, tokens: Tokens) -> tuple[Identity, Identity]:
        first, refusal = await auth.identify(header, None, free)
        named, _ = await auth.identify(header, second, free)
        assert refusal is None
        assert first is not None
        assert named is not None
        assert await auth.identify(None, second, free) == (None, None)
        return first, named

    first, named = identified(database, work)
    assert first.grant.role is Role.OBSERVER
    assert named.grant.role is Role.MANAGER
    assert named.grant.path.startswith(first.grant.path)
    assert named.grant.county_id == first.grant.county_id


def test_renew(database: str, username: str) -> None:
    token = minted(database, username)

    async def work(auth: Authentication, served: Database, tokens: Tokens) -> None:
        identity, _ = await auth.identify(f"Bearer {token}", None, free)
        assert identity is not None
        context = Context(database=served, request_id="r", identity=identity, token=token)
        assert await auth.renew(context) == identity
        async with asyncio.timeout(5):
            connection = await asyncpg.connect(database)
            await connection.execute("UPDATE account_grant SET role = 'WORKER' WHERE id = $1", identity.grant.id)
            renewed = await auth.renew(context)
            assert renewed.grant.role is Role.WORKER
            await connection.execute("UPDATE session SET ended_at = now() WHERE id = $1", identity.session_id)
            await connection.close()
        with pytest.raises(Unauthenticated):
            await auth.renew(context)

    identified(database, work)


def test_an_expired_token_is_told_from_a_wrong_one(
    database: str, username: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = minted(database, username)
    now = time.time()
    monkeypatch.setattr("resolvers.core.tokens.time", SimpleNamespace(time=lambda: now + 16 * 60))

    async def work(auth: Authentication, served: Database, tokens: Tokens) -> list[str]:
        refusals = [await auth.identify(header, None, free) for header in (f"Bearer {token}", "Bearer x", "Basic x")]
        assert all(identity is None for identity, _ in refusals)
        return [str(refusal.message) for _, refusal in refusals if refusal is not None]

    expired, invalid, scheme = identified(database, work)
    assert "expired" in expired
    assert "not valid" in invalid
    assert "Bearer" in scheme


def test_mint_token(database: str, username: str) -> None:
    fetch(
        database,
        "UPDATE account_grant SET valid_to = now() WHERE account_id = (SELECT id FROM account WHERE username = $1)",
        username,
    )
    with pytest.raises(owner.AccountRefused, match="no grant"):
        minted(database, username)
