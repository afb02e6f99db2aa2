"""Accounts: what the command line does to them, and what the server's role may not."""

import secrets
from collections.abc import Callable
from typing import Any

import asyncpg
import httpx
import pytest
from typer.testing import CliRunner

from models import Role
from resolvers import account
from resolvers.core.passwords import Passwords
from server.cli_account import accounts
from tests.sessions import CODES, PASSWORD, codes, elsewhere, fetch, give, log_in, make_account, refresh, transact, who


@pytest.fixture(scope="module")
def hub(database: str) -> str:
    """The code of the hub station."""
    return str(fetch(database, CODES)[0]["hub"])


@pytest.fixture(scope="module")
def station(database: str) -> str:
    """The code of a station below the hub."""
    return str(fetch(database, CODES)[0]["station"])


@pytest.fixture
def username(database: str) -> str:
    return make_account(database)


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
    viewer = who(client, log_in(client, name)["accessToken"])
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
    token = log_in(client, username)["accessToken"]
    assert command("grant", username, "--place", station, "--role", "MANAGER").exit_code == 0
    assert command("disable", username).exit_code == 0
    assert who(client, token) is None
    (line,) = [line for line in command("list").stdout.splitlines() if line.startswith(f"{username}\t")]
    assert line.split("\t")[3] == f"OBSERVER@{hub}, MANAGER@{station}"
    assert line.split("\t")[4].startswith("disabled ")


def grants(command: Callable[..., Any], username: str) -> str:
    (line,) = [line for line in command("list").stdout.splitlines() if line.startswith(f"{username}\t")]
    return str(line.split("\t")[3])


def test_revoke(
    client: httpx.Client, database: str, command: Callable[..., Any], station: str, hub: str, username: str
) -> None:
    token = log_in(client, username)["accessToken"]
    for role in (Role.WORKER, Role.MANAGER, Role.ADMINISTRATOR):
        give(database, username, station, role)
    # Nobody makes one from the command line yet; when somebody does, it ends with the others.
    mine = "account_id = (SELECT id FROM account WHERE username = $1)"
    later = f"UPDATE account_grant SET valid_from = now() + interval '1 day' WHERE role = 'ADMINISTRATOR' AND {mine}"
    fetch(database, later, username)
    other = make_account(database)
    give(database, other, station, Role.WORKER)
    one = command("revoke", username, "--place", station, "--role", "worker")
    assert (one.exit_code, one.stdout) == (0, "")
    assert grants(command, username) == f"OBSERVER@{hub}, MANAGER@{station}"
    command("disable", username)
    assert command("revoke", username, "--place", station).exit_code == 0
    command("enable", username)
    assert grants(command, username) == f"OBSERVER@{hub}"
    left = f"SELECT FROM account_grant WHERE {mine} AND valid_to IS NULL"
    assert len(fetch(database, left, username)) == 1
    assert grants(command, other) == f"OBSERVER@{hub}, WORKER@{station}"
    token = log_in(client, username)["accessToken"]
    assert who(client, token)
    assert command("revoke", username, "--place", hub).exit_code == 0
    assert who(client, token) is None


def test_enable(client: httpx.Client, database: str, command: Callable[..., Any], username: str) -> None:
    before = log_in(client, username)
    command("disable", username)
    # As a log-in that was under way leaves one behind.
    left = "UPDATE session SET ended_at = NULL WHERE account_id = (SELECT id FROM account WHERE username = $1)"
    fetch(database, left, username)
    done = command("enable", username)
    assert (done.exit_code, done.stdout) == (0, "")
    assert who(client, before["accessToken"]) is None
    assert codes(refresh(client, before["refreshToken"])) == ["INVALID_REFRESH_TOKEN"]
    assert who(client, log_in(client, username)["accessToken"])


def test_password(client: httpx.Client, command: Callable[..., Any], username: str) -> None:
    before = log_in(client, username)
    done = command("password", username, "--password-stdin", given="battery staple\n")
    assert (done.exit_code, done.stdout) == (0, "")
    assert who(client, before["accessToken"]) is None
    assert codes(refresh(client, before["refreshToken"])) == ["INVALID_REFRESH_TOKEN"]
    with elsewhere(client) as other:
        assert codes(log_in(other, username)) == ["INVALID_CREDENTIALS"]
        assert who(client, log_in(other, username, "battery staple")["accessToken"])


def test_whether_a_grant_holds_is_inlined(database: str) -> None:
    async def work(connection: asyncpg.Connection) -> str:
        await connection.execute("SET LOCAL ROLE zhanwang_server")
        rows = await connection.fetch("EXPLAIN SELECT FROM account_grant WHERE holds(valid_from, valid_to)")
        return "\n".join(row[0] for row in rows)

    assert "valid_to > now()" in transact(database, work)


def test_commands_are_audited(command: Callable[..., Any], database: str, station: str, username: str) -> None:
    command("grant", username, "--place", station, "--role", "MANAGER")
    command("revoke", username, "--place", station)
    command("disable", username)
    command("enable", username)
    command("password", username, "--password-stdin", given="battery staple")
    rows = fetch(
        database,
        """
        SELECT e.action FROM audit_entry e LEFT JOIN account_grant g ON e.noun = 'account_grant' AND g.id = e.row_id
          JOIN account a ON a.id = CASE e.noun WHEN 'account_grant' THEN g.account_id ELSE e.row_id END
         WHERE a.username = $1 AND e.account_id IS NULL AND e.noun IN ('account', 'account_grant') ORDER BY e.id
        """,
        username,
    )
    assert [row["action"] for row in rows] == [
        "createAccount",
        "giveGrant",
        "giveGrant",
        "endGrant",
        "disableAccount",
        "enableAccount",
        "setPassword",
    ]


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
        (("revoke", "{username}", "--place", "{hub}", "--role", "WORKER"), "", "is not WORKER at"),
        (("revoke", "{username}", "--place", "{station}"), "", "is not anything at"),
        (("revoke", "{username}", "--place", "nowhere"), "", "nowhere"),
        (("revoke", "nobody-at-all", "--place", "{hub}"), "", "no account"),
        (("enable", "{username}"), "", "not disabled"),
        (("enable", "nobody-at-all"), "", "no account"),
        (("password", "{username}", "--password-stdin"), "short", "8 to 128"),
        (("password", "{username}", "--password-stdin"), "{username}", "username"),
        (("password", "nobody-at-all", "--password-stdin"), "long enough", "no account"),
    ],
)
def test_refused_commands(
    command: Callable[..., Any],
    database: str,
    hub: str,
    station: str,
    username: str,
    arguments: tuple[str, ...],
    given: str,
    said: str,
) -> None:
    names = {"hub": hub, "station": station, "username": username}
    done = command(*(argument.format(**names) for argument in arguments), given=given.format(**names))
    assert done.exit_code == 1
    assert said in done.stderr
    assert done.stdout == ""
    assert fetch(database, "SELECT FROM account WHERE username = 'fresh-name'") == []


def test_usage(command: Callable[..., Any], hub: str) -> None:
    assert command("create", "fresh-name", "--place", hub, "--role", "EMPEROR", "--password-stdin").exit_code == 2
    # Without a terminal there is nobody to ask.
    unasked = command("create", "fresh-name", "--place", hub, "--role", "WORKER")
    assert (unasked.exit_code, "--password-stdin" in unasked.stderr) == (2, True)


def test_the_owner_is_enough(database: str, hub: str) -> None:
    """A given database's owner is no superuser, and row-level security binds it."""

    async def work(connection: asyncpg.Connection) -> None:
        await connection.execute("SET LOCAL ROLE zhanwang_owner")
        name = f"t{secrets.token_hex(8)}"
        await account.create(
            connection, Passwords(), username=name, password=PASSWORD, place_code=hub, role=Role.WORKER
        )
        await account.revoke(connection, username=name, place_code=hub, role=None)
        await account.set_password(connection, Passwords(), username=name, password="battery staple")
        await account.disable(connection, username=name)
        await account.enable(connection, username=name)
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
            "UPDATE account SET username = 'x'",
            "UPDATE account_grant SET role = 'ADMINISTRATOR'",
            "DELETE FROM account_grant",
            "UPDATE session SET account_id = 1",
            "DELETE FROM audit_entry",
            "UPDATE audit_entry SET action = 'x'",
            # When something was done, and its number, are the database's to say.
            "INSERT INTO audit_entry (id) VALUES (1)",
            "INSERT INTO audit_entry (at) VALUES (now())",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
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
