"""Who asks: tokens, grants and the header that names one; and the accounts that the command line administers."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, TypeVar

import asyncpg
import httpx
import pytest
from typer.testing import CliRunner

from models import Role
from resolvers import account
from resolvers.core.context import Context, Identity
from resolvers.core.errors import Unauthenticated
from resolvers.core.ids import encode
from resolvers.core.passwords import Passwords
from resolvers.core.tokens import Tokens
from server.auth import GRANT_HEADER, Authentication
from server.cli_account import accounts
from server.database import Database

PASSWORD = "correct horse 电池"
SECRET = "a secret that is as long as need be"
CHANGE = """
mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { accessToken errors { code } } }
"""
LOG_IN = "mutation ($input: LogInInput!) { logIn(input: $input) { accessToken } }"
WHO = "{ viewer { account { username } grant { id role } } }"
CODES = """
SELECT h.code AS hub, s.code AS station FROM station h JOIN station s ON s.parent_id = h.id
 WHERE h.level = 'HUB' ORDER BY h.id, s.id LIMIT 1
"""

T = TypeVar("T")
Answer = dict[str, Any]


def transact(database: str, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    async def run() -> T:
        connection = await asyncpg.connect(database)
        try:
            async with connection.transaction():
                return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(run())


def execute(database: str, sql: str, *values: object) -> list[asyncpg.Record]:
    return transact(database, lambda connection: connection.fetch(sql, *values))


@pytest.fixture(scope="module")
def hub(database: str) -> str:
    """The code of the hub station."""
    return str(execute(database, CODES)[0]["hub"])


@pytest.fixture(scope="module")
def station(database: str) -> str:
    """The code of a station below the hub."""
    return str(execute(database, CODES)[0]["station"])


@pytest.fixture
def username(database: str, hub: str) -> str:
    """An account of its own, OBSERVER at the hub."""
    name = f"t{secrets.token_hex(8)}"

    async def work(connection: asyncpg.Connection) -> None:
        await account.create(
            connection, Passwords(), username=name, password=PASSWORD, place_code=hub, role=Role.OBSERVER
        )

    transact(database, work)
    return name


def give(database: str, username: str, place: str, role: Role) -> str:
    """The public id of a further grant."""
    key = transact(database, lambda c: account.grant(c, username=username, place_code=place, role=role))
    return encode("R", key)


def post(
    client: httpx.Client, query: str, given: Answer | None = None, headers: dict[str, str] | None = None
) -> Answer:
    body = {"query": query, "variables": {} if given is None else {"input": given}}
    encoded_headers = {name.encode(): value.encode("latin-1") for name, value in (headers or {}).items()}
    response = client.post("/graphql", json=body, headers=encoded_headers)
    assert response.status_code < 500, response.text
    answer: Answer = response.json()
    return answer


def log_in(client: httpx.Client, username: str) -> str:
    answer = post(client, LOG_IN, {"username": username, "password": PASSWORD})
    return str(answer["data"]["logIn"]["accessToken"])


def who(client: httpx.Client, token: str, grant: str | None = None) -> Answer | None:
    """The viewer; None if the answer is UNAUTHENTICATED and nothing else."""
    headers = {"Authorization": f"Bearer {token}"} | ({} if grant is None else {GRANT_HEADER: grant})
    answer = post(client, WHO, headers=headers)
    if "errors" not in answer:
        viewer: Answer = answer["data"]["viewer"]
        return viewer
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"], answer
    assert not (answer.get("data") or {}).get("viewer")
    return None


def test_disabled_account(client: httpx.Client, database: str, username: str) -> None:
    token = log_in(client, username)
    assert who(client, token)
    transact(database, lambda connection: account.disable(connection, username=username))
    assert who(client, token) is None
    # Its sessions have ended for good.
    execute(database, "UPDATE account SET disabled_at = NULL WHERE username = $1", username)
    assert who(client, token) is None


def test_an_account_disabled_behind_the_servers_back(client: httpx.Client, database: str, username: str) -> None:
    token = log_in(client, username)
    assert who(client, token)
    execute(database, "UPDATE account SET disabled_at = now() WHERE username = $1", username)
    given = {"currentPassword": PASSWORD, "newPassword": "battery staple"}
    changed = post(client, CHANGE, given, {"Authorization": f"Bearer {token}"})
    assert changed["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert who(client, token) is None
    execute(database, "UPDATE account SET disabled_at = NULL WHERE username = $1", username)
    assert who(client, token)


def test_ended_grant(client: httpx.Client, database: str, username: str) -> None:
    token = log_in(client, username)
    assert who(client, token)
    execute(
        database,
        "UPDATE account_grant SET valid_to = now() WHERE account_id = (SELECT id FROM account WHERE username = $1)",
        username,
    )
    assert who(client, token) is None


def test_the_next_grant_takes_over(client: httpx.Client, database: str, station: str, username: str) -> None:
    token = log_in(client, username)
    first = who(client, token)
    second = give(database, username, station, Role.WORKER)
    assert first is not None
    assert first["grant"]["role"] == "OBSERVER"
    execute(database, "UPDATE account_grant SET valid_to = now() WHERE id = $1", int(first["grant"]["id"][1:]))
    taken = who(client, token)
    assert taken is not None
    assert taken["grant"] == {"id": second, "role": "WORKER"}
    assert who(client, token, first["grant"]["id"]) is None


def test_a_role_that_changes(client: httpx.Client, database: str, username: str) -> None:
    token = log_in(client, username)
    assert who(client, token)
    execute(
        database,
        "UPDATE account_grant SET role = 'MANAGER' WHERE account_id = (SELECT id FROM account WHERE username = $1)",
        username,
    )
    changed = who(client, token)
    assert changed is not None
    assert changed["grant"]["role"] == "MANAGER"


def test_grant_header(client: httpx.Client, database: str, station: str, username: str) -> None:
    token = log_in(client, username)
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


def test_foreign_grant(client: httpx.Client, database: str, username: str, hub: str) -> None:
    stranger = f"t{secrets.token_hex(8)}"
    transact(
        database,
        lambda c: account.create(
            c, Passwords(), username=stranger, password=PASSWORD, place_code=hub, role=Role.WORKER
        ),
    )
    other = "SELECT id FROM account_grant WHERE account_id <> (SELECT id FROM account WHERE username = $1) LIMIT 1"
    token = log_in(client, username)
    named = [encode("R", row["id"]) for row in execute(database, other, username)]
    assert named
    named += [encode("S", 1), "1", "R0", "R" + "9" * 30, "%", "R-1", "R\xb2"]
    headers = {"Authorization": f"Bearer {token}"}
    answers = [post(client, WHO, headers=headers | {GRANT_HEADER: grant}) for grant in named]
    messages = {error["message"] for answer in answers for error in answer["errors"]}
    assert len(messages) == 1
    assert all(error["extensions"]["code"] == "UNAUTHENTICATED" for answer in answers for error in answer["errors"])
    # A wrong grant is no reason to doubt the token.
    assert who(client, token)


def test_logging_in_minds_no_bad_token(client: httpx.Client, username: str) -> None:
    given = {"username": username, "password": PASSWORD}
    answer = post(client, LOG_IN, given, {"Authorization": "Bearer x"})
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


def minted(database: str, username: str) -> str:
    tokens, life = Tokens(SECRET, 15, 14), timedelta(minutes=15)
    return transact(database, lambda c: account.mint_token(c, tokens, username=username, life=life))


def test_identify(database: str, station: str, username: str) -> None:
    second = give(database, username, station, Role.MANAGER)
    header = f"bearer {minted(database, username)}"

    async def work(auth: Authentication, served: Database, tokens: Tokens) -> tuple[Identity, Identity]:
        first, refusal = await auth.identify(header, None)
        named, _ = await auth.identify(header, second)
        assert refusal is None
        assert first is not None
        assert named is not None
        assert await auth.identify(None, second) == (None, None)
        return first, named

    first, named = identified(database, work)
    assert first.grant.role is Role.OBSERVER
    assert named.grant.role is Role.MANAGER
    assert named.grant.path.startswith(first.grant.path)
    assert named.grant.county_id == first.grant.county_id


def test_renew(database: str, username: str) -> None:
    token = minted(database, username)

    async def work(auth: Authentication, served: Database, tokens: Tokens) -> None:
        identity, _ = await auth.identify(f"Bearer {token}", None)
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
        refusals = [await auth.identify(header, None) for header in (f"Bearer {token}", "Bearer x", "Basic x")]
        assert all(identity is None for identity, _ in refusals)
        return [str(refusal.message) for _, refusal in refusals if refusal is not None]

    expired, invalid, scheme = identified(database, work)
    assert "expired" in expired
    assert "not valid" in invalid
    assert "Bearer" in scheme


@pytest.fixture
def command(database: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs `zhanwang account …` against the test's database."""
    monkeypatch.setenv("ZHANWANG_DATABASE_URL", database)
    runner = CliRunner()
    return lambda *arguments, given="": runner.invoke(accounts, arguments, input=given)


def test_create_and_list(client: httpx.Client, command: Callable[..., Any], station: str) -> None:
    name = f"t{secrets.token_hex(8)}"
    made = command("create", name, "--place", station, "--role", "worker", "--password-stdin", given=f"{PASSWORD}\n")
    assert (made.exit_code, made.stdout) == (0, "")
    viewer = who(client, log_in(client, name))
    assert viewer is not None
    assert viewer["account"]["username"] == name
    assert viewer["grant"]["role"] == "WORKER"
    listed = command("list")
    (line,) = [line for line in listed.stdout.splitlines() if line.startswith(f"{name}\t")]
    assert line.split("\t")[1] == station
    assert line.split("\t")[3:5] == [f"WORKER@{station}", "active"]


def test_grant_and_disable(
    client: httpx.Client, command: Callable[..., Any], station: str, hub: str, username: str
) -> None:
    token = log_in(client, username)
    assert command("grant", username, "--place", station, "--role", "MANAGER").exit_code == 0
    assert command("disable", username).exit_code == 0
    assert who(client, token) is None
    (line,) = [line for line in command("list").stdout.splitlines() if line.startswith(f"{username}\t")]
    assert line.split("\t")[3] == f"OBSERVER@{hub}, MANAGER@{station}"
    assert line.split("\t")[4].startswith("disabled ")


def test_commands_are_audited(command: Callable[..., Any], database: str, station: str, username: str) -> None:
    command("grant", username, "--place", station, "--role", "MANAGER")
    command("disable", username)
    rows = execute(
        database,
        """
        SELECT e.action FROM audit_entry e LEFT JOIN account_grant g ON e.noun = 'grant' AND g.id = e.row_id
          JOIN account a ON a.id = CASE e.noun WHEN 'grant' THEN g.account_id ELSE e.row_id END
         WHERE a.username = $1 AND e.account_id IS NULL AND e.noun IN ('account', 'grant') ORDER BY e.id
        """,
        username,
    )
    assert [row["action"] for row in rows] == ["createAccount", "giveGrant", "giveGrant", "disableAccount"]


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        (("create", "Bad Name", "--place", "{hub}", "--role", "WORKER", "--password-stdin"), PASSWORD, "2 to 63"),
        (("create", "fresh-name", "--place", "{hub}", "--role", "WORKER", "--password-stdin"), "short", "8 to 128"),
        (("create", "fresh-name", "--place", "nowhere", "--role", "WORKER", "--password-stdin"), PASSWORD, "nowhere"),
        (("create", "{username}", "--place", "{hub}", "--role", "WORKER", "--password-stdin"), PASSWORD, "already"),
        (("grant", "{username}", "--place", "{hub}", "--role", "OBSERVER"), "", "already"),
        (("grant", "nobody-at-all", "--place", "{hub}", "--role", "OBSERVER"), "", "no account"),
        (("disable", "nobody-at-all"), "", "no account"),
    ],
)
def test_refused_commands(
    command: Callable[..., Any],
    database: str,
    hub: str,
    username: str,
    arguments: tuple[str, ...],
    given: str,
    said: str,
) -> None:
    done = command(*(argument.format(hub=hub, username=username) for argument in arguments), given=given)
    assert done.exit_code == 1
    assert said in done.stderr
    assert done.stdout == ""
    assert execute(database, "SELECT FROM account WHERE username = 'fresh-name'") == []


def test_usage(command: Callable[..., Any], hub: str) -> None:
    assert command("create", "fresh-name", "--place", hub, "--role", "EMPEROR", "--password-stdin").exit_code == 2
    # Without a terminal there is nobody to ask.
    unasked = command("create", "fresh-name", "--place", hub, "--role", "WORKER")
    assert (unasked.exit_code, "--password-stdin" in unasked.stderr) == (2, True)


def test_mint_token(database: str, username: str) -> None:
    execute(
        database,
        "UPDATE account_grant SET valid_to = now() WHERE account_id = (SELECT id FROM account WHERE username = $1)",
        username,
    )
    with pytest.raises(account.AccountRefused, match="no grant"):
        minted(database, username)


def test_the_owner_is_enough(database: str, hub: str) -> None:
    """A given database's owner is no superuser, and row-level security binds it."""

    async def work(connection: asyncpg.Connection) -> None:
        await connection.execute("SET LOCAL ROLE zhanwang_owner")
        name = f"t{secrets.token_hex(8)}"
        await account.create(
            connection, Passwords(), username=name, password=PASSWORD, place_code=hub, role=Role.WORKER
        )
        await account.disable(connection, username=name)
        assert any(row.username == name and row.disabled_at for row in await account.list_all(connection))
        assert await connection.fetchval("SELECT current_user::text") == "zhanwang_owner"

    transact(database, work)


def test_the_server_cannot(database: str, username: str) -> None:
    """What the server's role may not do to accounts, whatever account it acts for."""

    async def work(connection: asyncpg.Connection) -> None:
        mine = await connection.fetchval("SELECT id FROM account WHERE username = $1", username)
        await connection.execute("SET LOCAL ROLE zhanwang_server")
        await connection.execute("SELECT set_config('zhanwang.account', $1, true)", str(mine))
        assert await connection.fetchval("SELECT count(*) FROM account") == 1
        for sql in (
            "SELECT password_hash FROM account",
            "UPDATE account SET disabled_at = NULL",
            "UPDATE account_grant SET role = 'ADMINISTRATOR'",
            "INSERT INTO account_grant (place_id) VALUES (1)",
            "UPDATE session SET account_id = 1",
            "DELETE FROM audit_entry",
            "UPDATE audit_entry SET action = 'x'",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with connection.transaction():
                    await connection.execute(sql)
        other = await connection.fetchval("SELECT $1::bigint + 1", mine)
        for sql in (
            "INSERT INTO session (account_id, expires_at) VALUES ($1, now())",
            """
            INSERT INTO audit_entry (place_id, path, station_id, county_id, account_id, request_id, action, noun)
            SELECT place_id, path, station_id, county_id, $1, 'r', 'a', 'n' FROM account
            """,
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                async with connection.transaction():
                    await connection.execute(sql, other)

    transact(database, work)
