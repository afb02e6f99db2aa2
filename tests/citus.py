"""A Citus cluster to test with: a coordinator and two workers, each a PostgreSQL of its own, joined by their sockets.

`CITUS_PROGRAMS` names the folder of PostgreSQL's programs with the extension installed; without it what needs the
cluster is skipped. `python -m tests.citus FOLDER` leaves one running in a folder for trials by hand, with the demo and
the counties of tests/regions.py in a database that is distributed; `python -m tests.citus FOLDER --stop` ends it.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from server.citus.distribute import distribute
from server.embedded import SUPERUSER, _Cluster
from server.migrate import SERVER_ROLE, migrate
from server.settings import Settings
from tests.conftest import HAMMERED

VARIABLE = "CITUS_PROGRAMS"
PROGRAMS = os.environ.get(VARIABLE)
WITHOUT = f"{VARIABLE} names no folder of PostgreSQL's programs with Citus"
needs_citus = pytest.mark.skipif(PROGRAMS is None, reason=WITHOUT)

SHARDS = 4
NAMES = ("coordinator", "worker-1", "worker-2")
CONFIGURATION = """
shared_preload_libraries = 'citus'
citus.node_conninfo = 'sslmode=disable'
citus.shard_count = 4
citus.max_cached_conns_per_worker = 2
citus.enable_statistics_collection = off
max_prepared_transactions = 100
wal_level = logical
fsync = off
shared_buffers = 64MB
"""


class _Node(_Cluster):
    """An embedded PostgreSQL of other programs, with Citus loaded."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir)
        assert PROGRAMS is not None
        self.programs = Path(PROGRAMS)

    def _make(self) -> None:
        super()._make()
        with (self.folder / "postgresql.conf").open("a") as configuration:
            configuration.write(CONFIGURATION)


@dataclass(frozen=True)
class Cluster:
    """sockets: the folders of the sockets of the nodes, the coordinator's first."""

    sockets: tuple[Path, ...]

    def url(self, database: str, login: str = SUPERUSER, *, node: int = 0) -> str:
        """The URL of a database at a node, as an administrator or as another login."""
        return f"postgresql://{login}@/{database}?host={quote(str(self.sockets[node]))}&port=5432"

    def create(self, name: str) -> str:
        """A database of this name on every node, joined into one without a table of ours: the administrator's URL."""
        asyncio.run(self._create(name))
        return self.url(name)

    async def _create(self, name: str) -> None:
        for node in range(len(self.sockets)):
            await _execute(self.url("postgres", node=node), f"CREATE DATABASE {name}")
            await _execute(self.url(name, node=node), "CREATE EXTENSION citus")
        own, *others = [str(socket) for socket in self.sockets]
        add = [f"SELECT citus_add_node('{socket}', 5432)" for socket in others]
        await _execute(self.url(name), f"SELECT citus_set_coordinator_host('{own}', 5432)", *add)


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster that runs for as long as the block."""
    nodes = [_Node(_made(folder / name)) for name in NAMES]
    with ExitStack() as stack:
        started = []
        for node in nodes:
            stack.callback(node.stop)
            started.append(node.started())
        yield Cluster(tuple(node.socket_dir for node in started))


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for step in (folder, folder.parent):
        step.chmod(0o755)
    return folder


def settings_of(found: Cluster, database: str, data_dir: Path) -> Settings:
    """The settings of a server on a database of the cluster."""
    return Settings(
        database_url=found.url(database, SERVER_ROLE),
        owner_database_url=found.url(database),
        data_dir=data_dir,
        secret=SecretStr("a secret of these tests, long enough for everybody"),
        personal_keys=SecretStr(Fernet.generate_key().decode()),
        **HAMMERED,
    )


def fill(settings: Settings) -> None:
    """Migrates a database, and loads the demo and the counties of tests/regions.py."""
    from server.demo import load
    from tests.regions import Regions
    from tests.scene import World

    assert settings.owner_database_url is not None
    assert settings.personal_keys is not None
    owner_url, keys = settings.owner_database_url, settings.personal_keys.get_secret_value()

    async def prepare() -> None:
        await _execute(owner_url, "SELECT 1")
        await migrate(owner_url)
        await load(owner_url, keys, None)

    asyncio.run(prepare())
    with closing(World(owner_url, settings, "")) as world:
        Regions(world)


async def distributed(url: str) -> None:
    """Distributes a database."""
    connection = await asyncpg.connect(url)
    try:
        await distribute(connection, SHARDS, lambda *_: None)
    finally:
        await connection.close()


def main(folder: Path, *, stop: bool) -> None:
    """Leaves a cluster running, or ends it."""
    nodes = [_Node(_made(folder / name)) for name in NAMES]
    if stop:
        for node in nodes:
            node.stop()
        return
    found = Cluster(tuple(node.started().socket_dir for node in nodes))
    url = found.create("zhanwang_trial")
    fill(settings_of(found, "zhanwang_trial", folder))
    asyncio.run(distributed(url))
    sys.stdout.write(f"{url}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), stop="--stop" in sys.argv)
