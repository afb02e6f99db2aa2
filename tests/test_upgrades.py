"""A database is brought to a new schema while servers of the release before read and write."""

import asyncio
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic import command
from cryptography.fernet import Fernet

from models import Role
from resolvers import audit_chain
from resolvers.core.passwords import Passwords
from resolvers.core.personal import PersonalVault
from server.backup.archive import Archive
from server.backup.dump import back_up
from server.backup.restore import restore
from server.backup.verify import verify
from server.demo import PASSWORD
from server.demo.write import _write, make_network
from server.embedded import DATABASE, Embedded
from server.migrate import MIGRATIONS, OWNER_ROLE, migrate, newest_revision
from server.pool import session_settings
from tests.processes import serving
from tests.scene import Scene, World, Writing, create
from tests.test_backup import quiet

CHECKOUT = MIGRATIONS.parent
PAUSE = 0.02
HEAD = """
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade():
"""
EXPANDS = '''
    op.execute("""
      ALTER TABLE station ADD motto text, ADD colour text NOT NULL DEFAULT 'red';
      ALTER TABLE grid ADD motto text;
      ALTER TABLE place ADD motto text;
      ALTER TABLE audit_entry ADD motto text;
      CREATE TABLE motto (id bigint PRIMARY KEY, path text COLLATE "C" NOT NULL);
      CREATE OR REPLACE FUNCTION role_rank(p_role text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN array_position(ARRAY['GUEST', 'OBSERVER', 'WORKER', 'MANAGER', 'ADMINISTRATOR'], p_role);
      CREATE FUNCTION motto_of(p_place bigint) RETURNS text LANGUAGE sql STABLE
        AS $$ SELECT motto FROM station WHERE id = p_place $$;
      CREATE POLICY motto ON grid FOR SELECT TO zhanwang_owner USING (motto IS NOT NULL);
    """)
'''
# As docs/decisions/0032 says: alone in its migration, and to be begun again if it was broken off.
BUILDS = """
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_station_motto")
        op.execute("CREATE INDEX CONCURRENTLY ix_station_motto ON station (motto)")
        op.execute("RESET lock_timeout")
"""
FAILS = """
    op.execute("ALTER TABLE station ADD ruined text; SELECT 1 / 0")
"""
MIGRATE = """
import asyncio, sys
from pathlib import Path
from server import migrate
migrate.MIGRATIONS = Path(sys.argv[1])
print(asyncio.run(migrate.migrate(sys.argv[2])))
"""
RENAME = """
mutation ($input: RenameGridInput!) {
  renameGrid(input: $input) { grid { version history(first: 2) { totalCount } } errors { code } }
}
"""
READ = (
    "{ viewer { permissions } stations { totalCount nodes { name parent { name } } } grids { nodes { name version } } }"
)


def newer(folder: Path, *bodies: str) -> Path:
    """This program's migrations, and more after them."""
    shutil.copytree(MIGRATIONS, folder)
    before = newest_revision()
    for body in bodies:
        revision = f"{int(before) + 1:04}"
        head = HEAD.format(revision=revision, before=before)
        (folder / "versions" / f"{revision}_more.py").write_text(head + body)
        before = revision
    return folder


def upgrading(folder: Path, url: str) -> "subprocess.Popen[str]":
    """A newer program, in a process of its own, that migrates."""
    return subprocess.Popen(
        [sys.executable, "-c", MIGRATE, str(folder), url],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class Traffic:
    """Reads and writes that go on until they are told to stop; `faults` is what was not answered as it must be."""

    def __init__(self, reader: Writing, writer: Writing, grid: str) -> None:
        self.reader, self.writer, self.grid = reader, writer, grid
        self.faults: list[Any] = []
        self.answered = 0
        self.version = 1
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._go, args=(one,)) for one in (self.read, self.read, self.write)]

    def read(self) -> None:
        answer = self.reader.post(READ)
        if answer.status_code != 200 or "errors" in answer.json():
            self.faults.append(answer.text)
        ready = self.reader.world.client.get(f"{self.reader.world.address}/readyz")
        if ready.status_code != 200:
            self.faults.append(ready.text)

    def write(self) -> None:
        given = {"id": self.grid, "version": self.version, "name": f"格{self.version}"}
        answer = self.writer.post(RENAME, {"input": given})
        payload = answer.json().get("data", {}).get("renameGrid")
        if not payload or payload["errors"]:
            self.faults.append(answer.text)
        else:
            self.version = payload["grid"]["version"]

    def _go(self, ask: Any) -> None:
        while not self._stop.wait(PAUSE):
            ask()
            self.answered += 1

    def more(self, number: int) -> None:
        """Returns when so many more were answered."""
        enough = self.answered + number
        while self.answered < enough:
            assert not self._stop.wait(0.005)

    def __enter__(self) -> "Traffic":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


@pytest.fixture(scope="module")
def served(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Traffic]]:
    """A server in a process, on a database of its own, with requests that go on all the time."""
    folder = tmp_path_factory.mktemp("served")
    url, settings = create(embedded, folder)
    variables = settings.environment() | {"ZHANWANG_PORT": "0"}
    with serving(folder, **variables) as (_, address), closing(World(url, settings, address)) as world:
        scene = Scene(world)
        reader = scene.writer(Role.OBSERVER, scene.here["H"])
        writer = scene.writer(Role.MANAGER, scene.here["S"])
        with Traffic(reader, writer, scene.here["G1"]) as traffic:
            traffic.more(10)
            yield world, traffic
        assert traffic.faults == []
        assert world.value("SELECT version FROM grid WHERE id = $1", scene.here.key("G1")) == traffic.version


def test_a_migration_that_fails_leaves_the_schema_that_is_served(served: tuple[World, Traffic], tmp_path: Path) -> None:
    world, traffic = served
    process = upgrading(newer(tmp_path / "failing", FAILS), world.url)
    said = process.communicate(timeout=60)[1]
    assert process.returncode != 0
    assert "division by zero" in said
    assert world.value("SELECT version_num FROM alembic_version") == newest_revision()
    assert not world.sql("SELECT FROM pg_attribute WHERE attname = 'ruined'")
    traffic.more(10)
    assert traffic.faults == []


def test_a_server_goes_on_while_and_after_a_newer_program_migrates(
    served: tuple[World, Traffic], tmp_path: Path
) -> None:
    world, traffic = served
    reading = world.run(asyncpg.connect(world.url))
    transaction = reading.transaction()
    world.run(transaction.start())
    world.run(reading.fetchval("SELECT count(*) FROM grid"))
    process = upgrading(newer(tmp_path / "newer", EXPANDS, BUILDS), world.url)
    assert process.stderr is not None
    # Somebody reads a table for long; nobody waits behind the migration for that.
    assert "Waiting for a table that is in use" in process.stderr.readline()
    traffic.more(30)
    assert process.poll() is None
    world.run(transaction.rollback())
    world.run(reading.close())
    printed, said = process.communicate(timeout=60)
    assert (process.returncode, printed) == (0, "True\n"), said
    assert world.value("SELECT version_num FROM alembic_version") == f"{int(newest_revision()) + 2:04}"
    assert world.value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_station_motto'::regclass")
    traffic.more(30)
    assert traffic.faults == []


# -- from the first release on ---------------------------------------------------------------------------------------

FIRST = "0016"
SCOPE = "SELECT set_config('zhanwang.scope', $1, true)"
READS = (
    "SELECT count(*) FROM (SELECT id, name, phone, phone_cipher, version FROM person) AS read",
    "SELECT count(*) FROM (SELECT id, name, kind, closed_on, version FROM client) AS read",
    "SELECT count(*) FROM (SELECT id, at, action, before, after FROM audit_entry) AS read",
    "SELECT count(*) FROM acting_grants(1, 1, 1)",
)
APPEND = """
INSERT INTO audit_entry (place_id, path, station_id, county_id, request_id, action, noun, row_id, after)
SELECT id, path, station_id, county_id, 'r', 'renameStation', 'station', id, '{"name": "站"}' FROM place WHERE path = $1
"""
CLOSE = "UPDATE client SET closed_on = NULL, version = version + 1 WHERE id = (SELECT max(id) FROM client)"
COLUMNS = "SELECT column_name::text FROM information_schema.columns WHERE table_name = $1 AND is_generated = 'NEVER'"


@contextmanager
def up_to(revision: str) -> Iterator[None]:
    """Migrations end there."""
    upgrade = command.upgrade
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "upgrade", lambda config, _: upgrade(config, revision))
        yield


async def load_as_then(url: str, keys: str) -> None:
    """The demo as the first release wrote it: without the columns that came later."""
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        await connection.execute(f"SET LOCAL ROLE {OWNER_ROLE}")
        tables = make_network(PersonalVault(keys), await Passwords().hash(PASSWORD)).tables
        for table, rows in tables.items():
            known = {row["column_name"] for row in await connection.fetch(COLUMNS, table)}
            tables[table] = [{name: row[name] for name in row if name in known} for row in rows]
        await _write(connection, tables, quiet)
    await connection.close()


class Then:
    """Reads and writes as the first release did, `rounds` times, on one connection and by the plans of the first."""

    def __init__(self, url: str) -> None:
        self.rounds, self._url, self._ended = 0, url, False
        self._task = asyncio.create_task(self._go())

    async def _go(self) -> None:
        connection = await asyncpg.connect(self._url, server_settings=session_settings(10_000))
        while not self._ended:
            async with connection.transaction():
                await connection.fetchval(SCOPE, "1.")
                for read in READS:
                    await connection.fetchval(read)
                await connection.execute(APPEND, "1.")
                await connection.execute(CLOSE)
            self.rounds += 1
            await asyncio.sleep(PAUSE)
        await connection.close()

    async def more(self) -> None:
        enough = self.rounds + 3
        while self.rounds < enough:
            assert not self._task.done(), self._task.exception()
            await asyncio.sleep(0.01)

    async def end(self) -> None:
        self._ended = True
        await self._task


async def faults(url: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return [finding for finding in await verify(connection, None, quiet) if finding.faults]
    finally:
        await connection.close()


def test_a_database_of_the_first_release_is_migrated_in_use_and_so_is_its_backup(
    embedded: Embedded, tmp_path: Path
) -> None:
    def named(name: str, url: str = embedded.owner_url) -> str:
        return url.replace(f"/{DATABASE}?", f"/{name}?")

    async def go() -> None:
        connection = await asyncpg.connect(embedded.owner_url)
        for name in ("first", "first_again"):
            await connection.execute(f"CREATE DATABASE {name}")
        await connection.close()
        url, again = named("first"), named("first_again")
        with up_to(FIRST):
            await migrate(url)
        await load_as_then(url, Fernet.generate_key().decode())
        assert (await back_up(url, tmp_path / "first.backup", quiet)).revision == FIRST
        then = [Then(named("first", embedded.server_url)) for _ in range(3)]
        for one in then:
            await one.more()
        # Two programs that begin at once: one migrates, and the other waits for it.
        assert sorted(await asyncio.gather(migrate(url), migrate(url))) == [False, True]
        for one in then:
            await one.more()
            await one.end()
        await audit_chain.seal(connection := await asyncpg.connect(url))
        await connection.close()
        assert await faults(url) == []
        await restore(again, Archive.open(tmp_path / "first.backup"), quiet)
        assert await migrate(again)
        assert await faults(again) == []

    asyncio.run(go())
