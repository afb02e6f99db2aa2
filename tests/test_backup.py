"""A backup has all that a network is, and comes back whole or not at all."""

import asyncio
import json
import re
import secrets
import signal
import zipfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import httpx
import pytest

from server.backup.archive import DUMP, MANIFEST, Archive, BackupError, Manifest, writing
from server.backup.dump import back_up
from server.backup.programs import connecting
from server.backup.restore import OCCUPIED, restore
from server.demo import PASSWORD
from server.embedded import DATABASE, Embedded, running
from server.settings import Settings
from tests.conftest import LOG_IN, Ask, Server
from tests.processes import ZHANWANG, environment, run
from tests.test_queries import CASES

T = TypeVar("T")

PRIVATE = "{ personnel(first: 3, orderBy: [{ field: NAME }]) { nodes { name private { phone address } } } }"
OPEN = """
SELECT count(*) FILTER (WHERE NOT of_key) AS people, count(*) FILTER (WHERE of_key) AS keys FROM session
 WHERE ended_at IS NULL AND created_at <= $1
"""
DEFINED = """
SELECT 'table ' || c.relname, concat_ws(' ', pg_get_userbyid(relowner), relforcerowsecurity, relacl)
  FROM pg_class c WHERE relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'policy ' || polrelid::regclass || '.' || polname, concat_ws(' ', polcmd, polpermissive, polroles::regrole[],
       pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) FROM pg_policy
UNION ALL
SELECT 'function ' || p.oid::regprocedure, concat_ws(' ', pg_get_userbyid(proowner), prosecdef, proacl)
  FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
 ORDER BY 1
"""


def look(url: str, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    async def go() -> T:
        connection = await asyncpg.connect(url)
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(go())


def quiet(*_: object) -> None:
    """Nobody looks on."""


@pytest.fixture(scope="module")
def file(embedded: Embedded, server: Server, ask: Ask, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the demo, made while a server serves it and an account is logged in."""
    assert ask("hub", "{ viewer { permissions } }")
    path = tmp_path_factory.mktemp("backup") / "demo.backup"
    asyncio.run(back_up(embedded.owner_url, path, quiet))
    return path


@pytest.fixture(scope="module")
def restored(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """Another data folder, into which the backup was restored."""
    folder = tmp_path_factory.mktemp("restored")
    folder.chmod(0o755)
    done = run("restore", str(file), data_dir=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "checks are passed" in done.stderr
    assert "✗" not in done.stdout
    with running(folder) as found:
        yield found


@pytest.fixture
def empty(embedded: Embedded) -> Iterator[str]:
    """A database without anything."""
    name = f"empty_{secrets.token_hex(6)}"
    look(embedded.owner_url, lambda connection: connection.execute(f"CREATE DATABASE {name}"))
    yield embedded.owner_url.replace(f"/{DATABASE}?", f"/{name}?")
    look(embedded.owner_url, lambda connection: connection.execute(f"DROP DATABASE {name}"))


def is_empty(url: str) -> bool:
    return not look(url, lambda connection: connection.fetchval(OCCUPIED))


def test_a_restored_network_answers_at_every_level_as_before(
    restored: Embedded, settings: Settings, token: Callable[[str], str], ask: Ask, tmp_path: Path
) -> None:
    there = settings.model_copy(update={"database_url": restored.server_url, "data_dir": tmp_path})
    tokens: dict[str, str] = {}
    with Server(there) as served, httpx.Client(base_url=served.url, timeout=30) as client:

        def answer(username: str, query: str, variables: dict[str, Any]) -> Any:
            if username not in tokens:
                given = {"query": LOG_IN, "variables": {"username": username, "password": PASSWORD}}
                tokens[username] = client.post("/graphql", json=given).json()["data"]["logIn"]["accessToken"]
            headers = {"Authorization": f"Bearer {tokens[username]}"}
            body = client.post("/graphql", json={"query": query, "variables": variables}, headers=headers).json()
            for error in body.get("errors", ()):
                del error["extensions"]["requestId"]
            return body

        for case in CASES:
            query = case.read_text("utf-8")
            heading = dict(re.findall(r"^# (\w+): (.*)$", query, re.MULTILINE))
            found = answer(heading["account"], query, json.loads(heading.get("variables", "{}")))
            assert found == json.loads(case.with_suffix(".json").read_text("utf-8")), case.name
        # By the same keys.
        assert answer("hub", PRIVATE, {})["data"] == ask("hub", PRIVATE)
        # Whoever was logged in before logs in anew.
        before = {"Authorization": f"Bearer {token('hub')}"}
        refused = client.post("/graphql", json={"query": "{ viewer { permissions } }"}, headers=before).json()
        assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_owners_policies_and_rights_are_those_from_before(restored: Embedded, database: str) -> None:
    before, after = (look(url, lambda connection: connection.fetch(DEFINED)) for url in (database, restored.owner_url))
    assert [tuple(row) for row in after] == [tuple(row) for row in before]


def test_a_session_ends_unless_it_is_a_keys_and_events_begin_anew(
    restored: Embedded, database: str, file: Path
) -> None:
    made_at = Archive.open(file).manifest.made_at
    (before,), (after,) = (
        look(url, lambda connection: connection.fetch(OPEN, made_at)) for url in (database, restored.owner_url)
    )
    assert before["people"] > 0
    assert (after["people"], after["keys"]) == (0, before["keys"])
    assert before["keys"] > 0
    old = "SELECT count(*) FROM event WHERE at <= $1"
    assert look(restored.owner_url, lambda connection: connection.fetchval(old, made_at)) == 0


def test_a_backup_is_readable_for_its_owner_alone_and_replaces_nothing(embedded: Embedded, file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.stat().st_mtime_ns
    with pytest.raises(BackupError, match="is there already"):
        asyncio.run(back_up(embedded.owner_url, file, quiet))
    assert file.stat().st_mtime_ns == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_backup_has_no_key_and_no_password_in_the_clear(file: Path, settings: Settings, embedded: Embedded) -> None:
    assert settings.personal_keys is not None
    name = f"postgresql://postgres:it%20is%20secret@{embedded.owner_url.partition('@')[2]}"
    bare, variables = connecting(name, "a test")
    assert "secret" not in bare
    assert variables["PGPASSWORD"] == "it is secret"
    with zipfile.ZipFile(file) as opened:
        assert sorted(opened.namelist()) == [DUMP, MANIFEST]
        assert settings.personal_keys.get_secret_value().encode() not in opened.read(DUMP)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5000])


def altered(path: Path) -> None:
    text = bytearray(path.read_bytes())
    text[len(text) // 2] ^= 1
    path.write_bytes(text)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def without_manifest(path: Path) -> None:
    with zipfile.ZipFile(path) as opened:
        dump = opened.read(DUMP)
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(DUMP, dump)


@pytest.mark.parametrize("damage", [truncated, altered, emptied, without_manifest], ids=lambda one: one.__name__)
def test_a_damaged_file_is_refused_before_anything_is_made(
    file: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    copy = tmp_path / "copy.backup"
    copy.write_bytes(file.read_bytes())
    damage(copy)
    with pytest.raises(BackupError, match=r"whole backup|damaged"):
        Archive.open(copy).check(quiet)


def remade(file: Path, path: Path, **changes: Any) -> Archive:
    """A copy of a backup with another manifest, whose digest is right."""
    archive = Archive.open(file)
    with writing(path, archive.manifest.made_at) as made:
        for chunk in archive.chunks():
            made.write(chunk)
        made.finish(archive.manifest.model_copy(update=changes))
    return Archive.open(path)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "of a newer program": ({"revision": "9000"}, "newer program"),
    "of a newer PostgreSQL": ({"postgresql": 990_000}, "PostgreSQL 99"),
    "with other rows than it should have": ({"tables": {"station": 7}}, "station has 19 rows and had 7"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_nothing_is_restored_of_a_backup(name: str, file: Path, empty: str, tmp_path: Path) -> None:
    changes, said = REFUSED[name]
    archive = remade(file, tmp_path / "remade.backup", **changes)
    with pytest.raises(BackupError, match=said):
        asyncio.run(restore(empty, archive, quiet))
    assert is_empty(empty)


def test_what_stands_in_a_manifest_is_no_command(file: Path, empty: str, tmp_path: Path) -> None:
    archive = Archive.open(file)
    name = f"$$\n\\! touch {tmp_path}/touched\n"
    with pytest.raises(BackupError, match="tables"):
        asyncio.run(restore(empty, remade(file, tmp_path / "remade.backup", tables={name: 0}), quiet))
    assert not (tmp_path / "touched").exists()
    assert is_empty(empty)
    with pytest.raises(BackupError, match="audit_head"):
        remade(file, tmp_path / "other.backup", audit_head=f"{archive.manifest.audit_head}g")


def test_nothing_is_restored_over_what_is_there(file: Path, empty: str) -> None:
    look(empty, lambda connection: connection.execute("CREATE TABLE mine (id int)"))
    with pytest.raises(BackupError, match="not empty"):
        asyncio.run(restore(empty, Archive.open(file), quiet))
    assert look(empty, lambda connection: connection.fetch("SELECT relname FROM pg_class WHERE relname = 'mine'"))


def test_a_login_that_sees_a_part_of_the_rows_makes_no_backup(embedded: Embedded, tmp_path: Path) -> None:
    name = f"part_{secrets.token_hex(4)}"
    url = embedded.owner_url.replace("//postgres@", f"//{name}@")

    async def prepare(connection: asyncpg.Connection) -> None:
        await connection.execute(f"CREATE ROLE {name} LOGIN IN ROLE zhanwang_owner, zhanwang_server")

    look(embedded.owner_url, prepare)
    with pytest.raises(BackupError, match="BYPASSRLS"):
        asyncio.run(back_up(url, tmp_path / "part.backup", quiet))
    assert list(tmp_path.iterdir()) == []
    look(embedded.owner_url, lambda connection: connection.execute(f"ALTER ROLE {name} BYPASSRLS"))
    manifest: Manifest = asyncio.run(back_up(url, tmp_path / "all.backup", quiet))
    assert manifest.tables["person"] == look(url, lambda connection: connection.fetchval("SELECT count(*) FROM person"))


def test_an_interrupted_backup_leaves_no_file(embedded: Embedded, tmp_path: Path) -> None:
    urls = {"ZHANWANG_DATABASE_URL": embedded.server_url, "ZHANWANG_OWNER_DATABASE_URL": embedded.owner_url}
    variables = environment(ZHANWANG_DATA_DIR=str(tmp_path / "data"), **urls)
    folder = tmp_path / "backups"
    folder.mkdir()
    waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'event'::regclass AND NOT granted)"

    async def go(connection: asyncpg.Connection) -> int:
        async with connection.transaction():
            # Of what is not counted, so that it is pg_dump that waits.
            await connection.execute("LOCK TABLE event IN ACCESS EXCLUSIVE MODE")
            process = await asyncio.create_subprocess_exec(ZHANWANG, "backup", folder / "a.backup", env=variables)
            while not await connection.fetchval(waits):
                assert process.returncode is None
                await asyncio.sleep(0.05)
            assert [path.suffix for path in folder.iterdir()] == [".part"]
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(30):
                return await process.wait()

    assert look(embedded.owner_url, go) != 0
    assert list(folder.iterdir()) == []


def test_the_command_tells_what_is_wrong_and_exits_with_1(restored: Embedded) -> None:
    spend = "UPDATE award_budget SET spent = spent {} 1 WHERE id = (SELECT min(id) FROM award_budget)"
    look(restored.owner_url, lambda connection: connection.execute(spend.format("-")))
    done = run("verify", data_dir=restored.socket_dir.parent)
    look(restored.owner_url, lambda connection: connection.execute(spend.format("+")))
    assert done.returncode == 1
    assert re.search(r"^✗ +Budgets have spent what their awards come to .* faults: 1 *$", done.stdout, re.MULTILINE)
    assert re.search(r"^✗ award budget \d+ has spent", done.stdout, re.MULTILINE)
    assert done.stderr == "1 of 14 checks found faults, 1 together.\n"
