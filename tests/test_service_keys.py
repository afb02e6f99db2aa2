"""Machines act by keys of service accounts, for as long as those hold."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner

from models import Role
from resolvers.core.accounts import act_as, purge_sessions
from resolvers.core.service_keys import is_key, new_key
from resolvers.core.tokens import digest
from resolvers.core.trace import Trace
from server.changes import Changes
from server.cli_account import accounts
from server.embedded import Embedded
from server.keys import ServiceKeys
from tests.listening import Ground, ground
from tests.scene import Scene, World, Writing, fresh

WHO = "{ viewer { account { id kind username } grant { role } } }"
CREATE = """
mutation ($input: CreateServiceKeyInput!) { createServiceKey(input: $input) {
  serviceKey { id name prefix secret validTo lastUsedAt version } errors { code path } } }
"""
REVOKE = """
mutation ($input: RevokeServiceKeyInput!) { revokeServiceKey(input: $input) {
  serviceKey { id validTo version } errors { code path } } }
"""
CREATE_ACCOUNT = """
mutation ($input: CreateAccountInput!) { createAccount(input: $input) {
  account { id version } errors { code path } } }
"""
LIST = "query ($id: ID!) { account(id: $id) { serviceKeys { id secret lastUsedAt } } }"
LOG_OUT = "mutation ($input: LogOutInput!) { logOut(input: $input) { endedSessions errors { code } } }"


@pytest.fixture(scope="module")
def here(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(embedded, tmp_path_factory.mktemp("data")) as made:
        yield made


@pytest.fixture(scope="module")
def machines(here: Ground) -> World:
    return here.world


@pytest.fixture(scope="module")
def scene(machines: World) -> Scene:
    return machines.scene()


@pytest.fixture(scope="module")
def manager(scene: Scene) -> Writing:
    return scene.writer(Role.MANAGER, scene.here["S"])


Machine = dict[str, Any]


@pytest.fixture
def machine(scene: Scene, manager: Writing) -> Machine:
    """A service account with a role at C1, and a key of it."""
    given = {"username": fresh("m"), "kind": "SERVICE", "placeId": scene.here["C1"], "role": "OBSERVER"}
    made = manager.ask(CREATE_ACCOUNT, {"input": given})["createAccount"]
    assert made["errors"] == []
    key = manager.ask(CREATE, {"input": {"accountId": made["account"]["id"], "name": "交换"}})["createServiceKey"]
    assert key["errors"] == []
    return {**given, **made["account"], "key": key["serviceKey"]}


def admitted(machines: World, key: str) -> bool:
    answer = machines.post(key, WHO).json()
    if "errors" in answer:
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"], answer
    return "errors" not in answer


def test_a_machine_acts_by_its_key(machines: World, machine: Machine) -> None:
    viewer = machines.post(machine["key"]["secret"], WHO).json()["data"]["viewer"]
    assert viewer["account"] == {"id": machine["id"], "kind": "SERVICE", "username": machine["username"]}
    assert viewer["grant"] == {"role": "OBSERVER"}


def test_a_key_is_taken_where_a_token_is(machines: World, machine: Machine) -> None:
    headers = {"Authorization": f"Bearer {machine['key']['secret']}"}
    exported = machines.client.get(f"{machines.address}/export/communities?format=csv", headers=headers)
    assert exported.status_code == 200, exported.text


def test_a_subscription_ends_with_its_key(here: Ground, manager: Writing, machine: Machine) -> None:
    key = machine["key"]
    with here.listening(key["secret"], "subscription { placeChanged { eventId } }") as socket:
        manager.ask(REVOKE, {"input": {"id": key["id"], "version": key["version"]}})
        assert socket.refusal() == "UNAUTHENTICATED"
        assert socket.closed() == 4403


def test_a_key_is_told_once_and_kept_as_a_digest(machines: World, manager: Writing, machine: Machine) -> None:
    secret = machine["key"]["secret"]
    assert is_key(secret)
    assert secret.startswith(machine["key"]["prefix"])
    assert manager.ask(LIST, {"id": machine["id"]})["account"]["serviceKeys"][0]["secret"] is None
    kept = machines.value("SELECT digest FROM service_key WHERE prefix = $1", machine["key"]["prefix"])
    assert kept == digest(secret)
    everything = str(machines.sql("SELECT * FROM audit_entry WHERE noun = 'service_key'"))
    assert machine["key"]["prefix"] in everything
    assert secret not in everything


def test_a_repeated_create_makes_no_second_key_and_tells_none(machines: World, manager: Writing) -> None:
    given = {"accountId": machine_of(manager, machines), "name": "交换", "idempotencyKey": fresh("k")}
    first, again = (manager.ask(CREATE, {"input": given})["createServiceKey"]["serviceKey"] for _ in range(2))
    assert first["id"] == again["id"]
    assert first["secret"] is not None
    assert again["secret"] is None


def machine_of(manager: Writing, machines: World) -> str:
    """A service account without a key."""
    place = machines.value("SELECT 'S' || place_id FROM account_grant WHERE account_id = $1", manager.account_id)
    given = {"username": fresh("m"), "kind": "SERVICE", "placeId": place, "role": "OBSERVER"}
    made: str = manager.ask(CREATE_ACCOUNT, {"input": given})["createAccount"]["account"]["id"]
    return made


def test_a_revoked_key_opens_nothing_from_the_next_request_on(
    machines: World, manager: Writing, machine: Machine
) -> None:
    secret = machine["key"]["secret"]
    assert admitted(machines, secret)
    given = {"id": machine["key"]["id"], "version": machine["key"]["version"]}
    revoked = manager.ask(REVOKE, {"input": given})["revokeServiceKey"]
    assert revoked["errors"] == []
    assert revoked["serviceKey"]["validTo"] is not None
    assert not admitted(machines, secret)
    assert manager.ask(LIST, {"id": machine["id"]})["account"]["serviceKeys"] == []
    assert [row["action"] for row in machines.sql(ACTIONS, int(machine["key"]["id"][2:]))] == [
        "createServiceKey",
        "revokeServiceKey",
    ]


ACTIONS = "SELECT action FROM audit_entry WHERE noun = 'service_key' AND row_id = $1 ORDER BY id"


def test_one_key_of_two_is_revoked_alone(machines: World, manager: Writing, machine: Machine) -> None:
    given = {"accountId": machine["id"], "name": "二"}
    second = manager.ask(CREATE, {"input": given})["createServiceKey"]["serviceKey"]
    manager.ask(REVOKE, {"input": {"id": second["id"], "version": second["version"]}})
    assert not admitted(machines, second["secret"])
    assert admitted(machines, machine["key"]["secret"])


def test_a_key_ends_when_it_was_to_end(machines: World, manager: Writing, machine: Machine) -> None:
    given = {"accountId": machine["id"], "name": "短", "validTo": "2150-01-01T00:00:00Z"}
    key = manager.ask(CREATE, {"input": given})["createServiceKey"]["serviceKey"]
    assert key["validTo"].startswith("2150-01-01T")
    assert admitted(machines, key["secret"])
    machines.sql(
        "UPDATE session SET expires_at = now() WHERE id = (SELECT session_id FROM service_key WHERE id = $1)",
        int(key["id"][2:]),
    )
    assert not admitted(machines, key["secret"])


def test_a_key_that_would_have_ended_is_not_made(manager: Writing, machine: Machine) -> None:
    given = {"accountId": machine["id"], "name": "旧", "validTo": "2020-01-01T00:00:00Z"}
    payload = manager.ask(CREATE, {"input": given})["createServiceKey"]
    assert payload == {"serviceKey": None, "errors": [{"code": "INVALID", "path": ["input", "validTo"]}]}


def test_a_disabled_machines_keys_are_over_for_good(machines: World, manager: Writing, machine: Machine) -> None:
    secret = machine["key"]["secret"]
    assert admitted(machines, secret)
    disable = (
        "mutation ($i: DisableAccountInput!) { disableAccount(input: $i) { account { version } errors { code } } }"
    )
    enable = "mutation ($i: EnableAccountInput!) { enableAccount(input: $i) { errors { code } } }"
    given = {"id": machine["id"], "version": machine["version"]}
    disabled = manager.ask(disable, {"i": given})["disableAccount"]
    assert not admitted(machines, secret)
    assert manager.ask(enable, {"i": {"id": machine["id"], **disabled["account"]}})["enableAccount"]["errors"] == []
    assert not admitted(machines, secret)
    assert manager.ask(LIST, {"id": machine["id"]})["account"]["serviceKeys"] == []


def test_logging_out_ends_no_key(machines: World, machine: Machine) -> None:
    secret = machine["key"]["secret"]
    for everywhere in (False, True):
        answer = machines.post(secret, LOG_OUT, {"input": {"everywhere": everywhere}}).json()
        assert answer["data"]["logOut"]["endedSessions"] == 0
    assert admitted(machines, secret)


def test_a_machine_has_no_password(machines: World, manager: Writing, machine: Machine, scene: Scene) -> None:
    reset = "mutation ($i: ResetPasswordInput!) { resetPassword(input: $i) { errors { code } } }"
    given = {"accountId": machine["id"], "version": machine["version"], "newPassword": "correct horse"}
    assert manager.ask(reset, {"i": given})["resetPassword"]["errors"] == [{"code": "INVALID"}]
    made = {"username": fresh("m"), "kind": "SERVICE", "placeId": scene.here["C1"], "role": "OBSERVER"}
    payload = manager.ask(CREATE_ACCOUNT, {"input": {**made, "password": "correct horse"}})["createAccount"]
    assert payload["errors"] == [{"code": "INVALID", "path": ["input", "password"]}]
    log_in = "mutation ($i: LogInInput!) { logIn(input: $i) { accessToken errors { code } } }"
    tried = machines.post(None, log_in, {"i": {"username": machine["username"], "password": ""}}).json()
    assert tried["data"]["logIn"] == {"accessToken": None, "errors": [{"code": "INVALID_CREDENTIALS"}]}


def test_use_is_noted_once_an_hour(machines: World, manager: Writing, machine: Machine) -> None:
    def last_used() -> Any:
        return manager.ask(LIST, {"id": machine["id"]})["account"]["serviceKeys"][0]["lastUsedAt"]

    assert last_used() is None
    for _ in range(3):
        assert admitted(machines, machine["key"]["secret"])
    first = machines.value("SELECT last_used_at FROM service_key WHERE id = $1", int(machine["key"]["id"][2:]))
    assert last_used() is not None

    async def again() -> None:
        connection = await asyncpg.connect(machines.url)
        for ago, written in (("59 minutes", False), ("61 minutes", True)):
            async with connection.transaction():
                await connection.execute(f"UPDATE service_key SET last_used_at = now() - interval '{ago}'")
                await connection.fetch("SELECT * FROM use_service_key($1)", digest(machine["key"]["secret"]))
                recent = "SELECT last_used_at > now() - interval '1 minute' FROM service_key WHERE digest = $1"
                assert await connection.fetchval(recent, digest(machine["key"]["secret"])) is written
        await connection.close()

    assert first is not None
    asyncio.run(again())


class Unasked:
    """A database that must not be asked."""

    async def fetchrow(self, sql: str, arguments: list[Any], trace: Trace | None = None) -> Any:
        raise AssertionError(sql, arguments)

    read = fetchrow

    def transaction(self, trace: Trace | None = None) -> Any:
        raise AssertionError


@pytest.mark.parametrize(
    "change",
    [lambda key: key[:-1], lambda key: key + "0", lambda key: key[:-1] + "!", lambda key: key[:9] + "é" + key[10:]],
)
def test_what_is_no_key_is_refused_without_asking_the_database(change: Callable[[str], str]) -> None:
    keys = ServiceKeys(Unasked(), Changes(), cache_size=1)
    for text in (change(new_key()), "zw_", "zw_" + "0" * 46):
        with pytest.raises(Exception, match="not whole"):
            asyncio.run(keys.claims(text, lambda: None))


def test_a_key_with_any_other_character_is_none() -> None:
    key = new_key()
    for index, character in enumerate(key):
        other = "a" if character != "a" else "b"
        assert not is_key(key[:index] + other + key[index + 1 :])


def test_a_key_of_nobody_opens_nothing(machines: World) -> None:
    assert not admitted(machines, new_key())


def test_clearing_away_old_sessions_leaves_keys(machines: World, machine: Machine) -> None:
    """What clears them runs wherever an account gets a session, as by `zhanwang token`."""
    key = int(machine["id"][1:])
    ended = "UPDATE session SET ended_at = now() - interval '2 days' WHERE account_id = $1"
    machines.sql("INSERT INTO session (account_id, expires_at) VALUES ($1, now() - interval '3 days')", key)

    async def clear() -> None:
        connection = await asyncpg.connect(machines.url)
        async with connection.transaction():
            await act_as(connection, key)
            await purge_sessions(connection, key, timedelta(days=1))
        await connection.close()

    asyncio.run(clear())
    assert machines.value("SELECT count(*) FROM session WHERE account_id = $1", key) == 1
    assert admitted(machines, machine["key"]["secret"])
    # One that is over is cleared away, and its key stays to be told of.
    machines.sql(ended, key)
    asyncio.run(clear())
    assert machines.value("SELECT count(*) FROM session WHERE account_id = $1", key) == 0
    assert machines.value("SELECT session_id FROM service_key WHERE account_id = $1", key) is None


# -- the command line ----------------------------------------------------------------------------------------------


@pytest.fixture
def command(machines: World, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("ZHANWANG_DATABASE_URL", machines.url)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(accounts, arguments)


def test_the_command_line_makes_lists_and_revokes_keys(
    machines: World, scene: Scene, command: Callable[..., Any]
) -> None:
    code = machines.value("SELECT code FROM station WHERE id = $1", scene.here.key("S"))
    name = fresh("m")
    assert command("create", name, "--service", "--place", code, "--role", "observer").exit_code == 0
    made = command("key", "add", name, "--name", "nightly export", "--days", "30")
    secret = made.stdout.strip()
    assert made.exit_code == 0
    assert admitted(machines, secret)
    line = command("key", "list", name).stdout.strip().split("\t")
    assert line[:3] == [name, "nightly export", secret[:9]]
    assert "never" not in line
    assert command("key", "revoke", name, secret[:9]).exit_code == 0
    assert not admitted(machines, secret)
    assert command("key", "list", name).stdout == ""
    assert command("key", "revoke", name, secret[:9]).exit_code == 1


def test_the_command_line_links_and_unlinks(machines: World, scene: Scene, command: Callable[..., Any]) -> None:
    name = machines.value("SELECT username FROM account WHERE id = $1", scene.here.key("U1"))
    there = ("--issuer", "https://sso.example.org")
    subject = fresh("s")
    living = "SELECT count(*) FROM external_identity WHERE subject = $1 AND valid_to IS NULL"
    assert command("link", name, subject, *there).exit_code == 0
    assert machines.value(living, subject) == 1
    assert command("link", name, subject, *there).exit_code == 1
    assert command("unlink", name, subject, *there).exit_code == 0
    assert machines.value(living, subject) == 0
    assert command("unlink", name, subject, *there).exit_code == 1
    assert command("link", name, subject).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("key", "add", "{person}", "--name", "n"), "person's account"),
        (("link", "{machine}", "s", "--issuer", "https://sso.example.org"), "service account"),
        (("key", "add", "nobody-at-all", "--name", "n"), "no account"),
        (("key", "add", "{machine}", "--name", " "), "1 to 100"),
    ],
)
def test_the_command_line_refuses(
    machines: World, scene: Scene, command: Callable[..., Any], arguments: tuple[str, ...], said: str
) -> None:
    names = {
        name: machines.value("SELECT username FROM account WHERE id = $1", scene.here.key(key))
        for name, key in (("person", "U1"), ("machine", "U3"))
    }
    refused = command(*(argument.format(**names) for argument in arguments))
    assert refused.exit_code == 1
    assert said in refused.stderr


def test_the_servers_role_cannot_help_itself_to_a_key(embedded: Embedded, machines: World, scene: Scene) -> None:
    """Without a scope that administers the account, whatever account it says it acts for."""
    url = machines.settings.database_url
    assert url is not None

    async def refuse() -> None:
        connection = await asyncpg.connect(machines.url)
        for statement in (
            "SELECT digest FROM service_key",
            "SELECT open_key_session($1, now() + interval '1 day')",
            "INSERT INTO session (account_id, expires_at, of_key) VALUES ($1, now(), true)",
            "UPDATE service_key SET valid_to = NULL",
        ):
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute("SET LOCAL ROLE zhanwang_server")
            await connection.execute("SELECT set_config('zhanwang.account', $1, true)", str(scene.here.key("U1")))
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(statement, *([scene.here.key("U3")] if "$1" in statement else []))
            await transaction.rollback()
        await connection.close()

    asyncio.run(refuse())
