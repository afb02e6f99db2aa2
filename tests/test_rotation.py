"""The key of personal data is changed while servers write: nobody is lost or missed, no number is taken twice."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import count
from typing import Any, NamedTuple

import asyncpg
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from typer.testing import CliRunner

from models import Role
from resolvers.core.details import CHECK_CHARACTERS, WEIGHTS
from resolvers.core.personal import PersonalVault
from server import rotation
from server.canary import WrongKeys, check_keys
from server.cli_personal import personal
from server.database import Database
from server.embedded import Embedded
from server.progress import Progress
from server.rotation import RotationRefused
from server.settings import Settings
from tests.conftest import Server
from tests.scene import Scene, World, Writing, create, key

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
BOTH = f"{NEW},{OLD}"
ADD = """mutation ($input: CreatePersonInput!) { createPerson(input: $input) { person { id } errors { code path } } }"""
CHANGE = (
    """mutation ($input: UpdatePersonInput!) { updatePerson(input: $input) { person { version } errors { code } } }"""
)
READ = """query ($phone: String!, $number: String!) {
  byPhone: personnel(where: { phone: { eq: $phone } }) { nodes { id private { idNumber phone address } } }
  byNumber: personnel(where: { idNumber: { eq: $number } }) { nodes { id } } }"""
SERIAL = count(1)


class Servers(NamedTuple):
    """A database that was served with the old key, and two servers that have both keys, in either order."""

    world: World
    one: str
    other: str


@pytest.fixture
def servers(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    url, settings = create(embedded, tmp_path_factory.mktemp("rotation"))
    checked(with_keys(settings, OLD))
    with ExitStack() as stack:
        at = [stack.enter_context(Server(with_keys(settings, keys))).url for keys in (BOTH, f"{OLD},{NEW}")]
        yield Servers(stack.enter_context(closing(World(url, with_keys(settings, BOTH), at[0]))), *at)


def with_keys(settings: Settings, keys: str) -> Settings:
    return settings.model_copy(update={"personal_keys": SecretStr(keys)})


def checked(settings: Settings) -> None:
    """What every start does."""

    async def go() -> None:
        assert settings.database_url
        assert settings.personal_keys
        database = await Database.open(settings.database_url, pool_size=1, statement_timeout_ms=10_000)
        try:
            await check_keys(database, settings.personal_keys.get_secret_value())
        finally:
            await database.close()

    asyncio.run(go())


def number() -> str:
    """The identity number of nobody: a woman, born on 12 April 1950."""
    digits = f"35059919500412{next(SERIAL) * 2:03}"
    weighted = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True))
    return digits + CHECK_CHARACTERS[weighted % 11]


def details() -> dict[str, str]:
    id_number = number()
    return {
        "phone": f"1990000{id_number[14:17]}0",
        "idNumber": id_number,
        "address": f"福建省泉州市德化县某路{id_number}号",
    }


def ask(writing: Writing, address: str, query: str, **variables: Any) -> Any:
    """What one of the servers answers."""
    headers = {"Authorization": f"Bearer {writing.token}"}
    body = {"query": query, "variables": variables}
    return writing.world.client.post(f"{address}/graphql", json=body, headers=headers).json()


def add(writing: Writing, address: str, home: str, given: dict[str, str]) -> Any:
    person = {"homeId": home, "kind": "VOLUNTEER", "name": "某人", "gender": "FEMALE"} | given
    return ask(writing, address, ADD, input=person)["data"]["createPerson"]


def found(writing: Writing, address: str, given: dict[str, str]) -> Any:
    """The one person who is found by phone and by number, in full."""
    answer = ask(writing, address, READ, phone=given["phone"], number=given["idNumber"])["data"]
    (by_phone,) = answer["byPhone"]["nodes"]
    assert answer["byNumber"]["nodes"] == [{"id": by_phone["id"]}]
    return by_phone["private"]


def rotated(world: World, keys: str = BOTH, progress: Progress = lambda *_: None) -> tuple[int, list[str]]:
    async def go() -> tuple[int, list[str]]:
        connection = await asyncpg.connect(world.url)
        try:
            return await rotation.rotate(connection, PersonalVault(keys), progress)
        finally:
            await connection.close()

    return asyncio.run(go())


def status(world: World) -> dict[str | None, tuple[bool, int]]:
    return {one.name: (one.in_use, one.rows) for one in world.run(rotation.status(world.connection))}


def test_nobody_is_lost_or_missed_while_two_servers_write(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "OLD", rotation.OLD.replace(f"LIMIT {rotation.BATCH}", "LIMIT 3"))
    world, old, new = servers.world, PersonalVault(OLD).name, PersonalVault(NEW).name
    scene = world.scene()
    home, people = scene.here["C1"], [details() for _ in range(24)]
    writing = scene.writer(Role.MANAGER, scene.here["S"])
    for index, given in enumerate(people):
        assert add(writing, (servers.one, servers.other)[index % 2], home, given)["errors"] == []
    assert status(world) == {old: (True, len(people))}

    stop, faults = threading.Event(), list[Any]()

    def write(address: str, mine: Writing) -> None:
        """Adds people, and tries to add those again who are there."""
        for turn in range(100):
            if stop.is_set():
                return
            given = details()
            if errors := add(mine, address, home, given)["errors"]:
                faults.append(errors)
            people.append(given)
            again = people[turn % len(people)]
            if [error["code"] for error in add(mine, address, home, again)["errors"]] != ["TAKEN"]:
                faults.append(again)
            found(mine, address, people[-turn % len(people)])

    writers = [
        threading.Thread(target=write, args=(address, scene.writer(Role.MANAGER, scene.here["S"])))
        for address in (servers.one, servers.other)
    ]
    for thread in writers:
        thread.start()
    done, gone = rotated(world)
    stop.set()
    for thread in writers:
        thread.join()
    assert faults == []
    assert done >= 24
    assert gone == [old]
    assert status(world) == {new: (True, len(people))}
    for given in people:
        assert found(writing, servers.other, given) == {name: given[name] for name in ("idNumber", "phone", "address")}
    # The old key is needed by nobody, and the new one by everybody.
    checked(with_keys(world.settings, NEW))
    with pytest.raises(WrongKeys, match="lacks the key"):
        checked(with_keys(world.settings, OLD))


def test_a_rotation_that_was_cut_short_goes_on_where_it_was(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "OLD", rotation.OLD.replace(f"LIMIT {rotation.BATCH}", "LIMIT 2"))
    world, old, new = servers.world, PersonalVault(OLD).name, PersonalVault(NEW).name
    scene = world.scene()
    writing = scene.writer(Role.MANAGER, scene.here["S"])
    people = [details() for _ in range(6)]
    ids = [add(writing, servers.one, scene.here["C1"], given)["person"]["id"] for given in people]

    def cut(done: int, total: int | None = None, _: str | None = None, /) -> None:
        assert (done, total) == (2, 6)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rotated(world, progress=cut)
    assert status(world) == {old: (False, 4), new: (True, 2)}
    # Meanwhile everybody is found, whichever key hashes them, and no number is taken anew.
    for given in people:
        assert found(writing, servers.one, given) == found(writing, servers.other, given)
        (error,) = add(writing, servers.other, scene.here["C1"], given)["errors"]
        assert (error["code"], error["path"]) == ("TAKEN", ["input", "idNumber"])
    # Who is changed is sealed anew as a whole, and the log says what was changed.
    change = {"id": ids[5], "version": 1, "phone": "19911111111"}
    assert ask(writing, servers.other, CHANGE, input=change)["data"]["updatePerson"]["errors"] == []
    assert status(world) == {old: (False, 3), new: (True, 3)}
    told = "SELECT after::text FROM audit_entry WHERE subject = $1 AND action = 'updatePerson'"
    assert world.value(told, ids[5]) == '{"phone": "199****1111"}'
    assert rotated(world) == (3, [old])
    assert found(writing, servers.one, people[5] | {"phone": "19911111111"})["address"] == people[5]["address"]
    assert rotated(world) == (0, [])


def test_two_of_one_number_at_one_place_are_told_and_not_left_half_done(servers: Servers) -> None:
    world, old, new = servers.world, PersonalVault(OLD).name, PersonalVault(NEW).name
    scene, given = world.scene(), details()
    hub = scene.writer(Role.ADMINISTRATOR, scene.here["H"])
    apart = [scene.writer(Role.MANAGER, scene.here[name]) for name in ("B1", "B2")]
    known = add(apart[0], servers.one, scene.here["C1"], given)["person"]["id"]
    # Whoever has the key comes in between, and sees nothing of the other.
    world.run(rotation._enter(world.connection, PersonalVault(BOTH)))
    moved = add(apart[1], servers.one, scene.here["C4"], given)["person"]["id"]
    change = {"id": moved, "version": 1, "homeId": scene.here["C1"]}
    assert ask(hub, servers.one, CHANGE, input=change)["data"]["updatePerson"]["errors"] == []
    with pytest.raises(RotationRefused, match=f"the person {known[1:]} and the person {moved[1:]}"):
        rotated(world)
    assert status(world) == {old: (False, 1), new: (True, 1)}
    change = {"id": moved, "version": 2, "idNumber": None}
    assert ask(hub, servers.one, CHANGE, input=change)["data"]["updatePerson"]["errors"] == []
    assert rotated(world) == (1, [old])
    assert status(world) == {new: (True, 2)}


def test_a_row_that_somebody_holds_is_passed_over_and_comes_later(servers: Servers) -> None:
    world, old, new = servers.world, PersonalVault(OLD).name, PersonalVault(NEW).name
    scene = world.scene()
    writing = scene.writer(Role.MANAGER, scene.here["S"])
    held, *_ = [key(add(writing, servers.one, scene.here["C1"], details())["person"]["id"]) for _ in range(4)]
    left = list[Any]()

    async def go() -> tuple[int, list[str]]:
        one, other = await asyncpg.connect(world.url), await asyncpg.connect(world.url)
        transaction = one.transaction()
        await transaction.start()
        await one.execute("SELECT FROM person WHERE id = $1 FOR UPDATE", held)
        work = asyncio.create_task(rotation.rotate(other, PersonalVault(BOTH), lambda *_: None))
        async with asyncio.timeout(20):
            while await one.fetchval("SELECT count(*) FROM person WHERE sealed_with = $1", old) != 1:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        left.extend(await one.fetch("SELECT id FROM person WHERE sealed_with = $1", old))
        await transaction.rollback()
        result = await work
        await one.close()
        await other.close()
        return result

    assert asyncio.run(go()) == (4, [old])
    assert [row["id"] for row in left] == [held]
    assert status(world) == {new: (True, 4)}


def test_a_server_without_the_key_in_use_writes_no_personal_data(
    servers: Servers, caplog: pytest.LogCaptureFixture
) -> None:
    world = servers.world
    scene = world.scene()
    writing = scene.writer(Role.MANAGER, scene.here["S"])
    rotated(world)
    with Server(with_keys(world.settings, OLD)) as behind:
        person = {"homeId": scene.here["C1"], "kind": "VOLUNTEER", "name": "某人", "gender": "FEMALE"}
        refused = ask(writing, behind.url, ADD, input=person | details())
        assert [error["extensions"]["code"] for error in refused["errors"]] == ["UNAVAILABLE"]
        assert "lacks the key in use" in caplog.text
        assert ask(writing, behind.url, ADD, input=person)["data"]["createPerson"]["errors"] == []


def test_what_a_release_before_has_sealed_is_sealed_anew(servers: Servers) -> None:
    world, old, new = servers.world, PersonalVault(OLD).name, PersonalVault(NEW).name
    scene: Scene = world.scene()
    writing = scene.writer(Role.MANAGER, scene.here["S"])
    given = details()
    add(writing, servers.one, scene.here["C1"], given)
    world.sql("UPDATE person SET sealed_with = NULL WHERE sealed_with IS NOT NULL")
    assert status(world) == {old: (True, 0), None: (False, 1)}
    assert rotated(world) == (1, [old])
    assert status(world) == {new: (True, 1)}
    assert found(writing, servers.one, given)["address"] == given["address"]


def test_the_command_tells_what_is_to_be_done_and_does_it(servers: Servers) -> None:
    world, old, new = servers.world, PersonalVault(OLD).name, PersonalVault(NEW).name
    scene = world.scene()
    add(scene.writer(Role.MANAGER, scene.here["S"]), servers.one, scene.here["C1"], details())
    assert world.settings.database_url
    variables = {
        "ZHANWANG_DATABASE_URL": world.settings.database_url,
        "ZHANWANG_OWNER_DATABASE_URL": world.url,
        "ZHANWANG_SECRET": "s" * 32,
        "ZHANWANG_PERSONAL_KEYS": BOTH,
    }
    before, done, after = (
        CliRunner().invoke(personal, [command], env=variables) for command in ("status", "rotate", "status")
    )
    assert (before.exit_code, before.stdout) == (1, f"{old}\t1\tin use\n")
    assert (done.exit_code, done.stdout) == (0, ""), done.stderr
    assert done.stderr == f"Sealed 1 row anew.\nZHANWANG_PERSONAL_KEYS can do without {old} now.\n"
    assert (after.exit_code, after.stdout) == (0, f"{new}\t1\tin use\n")
    entries = world.sql(
        "SELECT request_id, account_id, after::text FROM audit_entry WHERE action = 'rotatePersonalKeys' ORDER BY id"
    )
    assert [tuple(entry) for entry in entries] == [
        ("command line", None, f'{{"key": "{new}", "instead_of": "{old}"}}'),
        ("command line", None, f'{{"key": "{new}", "rows": 1, "done_with": ["{old}"]}}'),
    ]
