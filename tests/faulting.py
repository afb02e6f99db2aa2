"""A server as processes of its own, a load of writes and reads on it, and the faults that it is to survive.

    with standing(folder) as server, server.load.running():
        server.load.wait_for(20)
        kill(server.postmaster())
        assert server.back() < BOUND
    server.check()

`python -m tests.faulting 300` goes on for as many seconds, one fault after the other at random moments, and tells what
it has seen.
"""

import argparse
import asyncio
import os
import random
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import psutil
from cryptography.fernet import Fernet
from pydantic import SecretStr
from rich.console import Console

from models import Role
from server.embedded import running
from server.settings import PREFIX, Settings
from tests.conftest import HAMMERED
from tests.invariants import hold
from tests.loading import Load
from tests.processes import ZHANWANG, address_of, environment
from tests.scene import World, Writing

BOUND = 5.0
"""Seconds until there is service again after a fault has ended."""
# The servers' connections, so that they need new ones, while others have them all.
EVICT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'zhanwang'"
SERVERS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'zhanwang'"


@contextmanager
def serving(settings: Settings, log: Path | None = None) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`zhanwang serve` as a process, and the address that it prints. log: where its log goes."""
    with (log or Path(os.devnull)).open("a") as errors:
        server = subprocess.Popen(
            [ZHANWANG, "serve"],
            env=environment(**settings.environment() | {f"{PREFIX}PORT": "0"}),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert server.stdout
    try:
        yield server, address_of(server)
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def workers_of(parent: subprocess.Popen[str]) -> list[psutil.Process]:
    """The processes that answer for a server."""
    found = []
    for child in psutil.Process(parent.pid).children():
        with suppress(psutil.ZombieProcess):
            if any("spawn_main" in word for word in child.cmdline()):
                found.append(child)
    return found


def clients_of(worker: psutil.Process) -> int:
    """How many connections of clients a worker has."""
    return sum(one.status == psutil.CONN_ESTABLISHED for one in worker.net_connections("tcp"))


class Standing:
    """A server of two workers on an embedded PostgreSQL that nobody but the server starts again.

    longest_away: the most seconds that it took to be back.
    """

    def __init__(self, process: subprocess.Popen[str], data_dir: Path, made: World, probing: World) -> None:
        self.process, self.made, self._data_dir = process, made, data_dir
        scene = made.scene()
        self.load = Load(made, [scene.writer(Role.MANAGER, scene.here["B1"]) for _ in range(4)], scene.here["C1"])
        newcomer = scene.writer(Role.MANAGER, scene.here["B1"])
        self._newcomer = Load(made, [Writing(probing, newcomer.account_id, newcomer.token)], scene.here["C2"])
        self.longest_away = 0.0

    def postmaster(self) -> psutil.Process:
        """PostgreSQL."""
        return psutil.Process(int((self._data_dir / "postgres" / "postmaster.pid").read_text().split()[0]))

    def back(self) -> float:
        """Waits until a newcomer's write and read are answered; after how many seconds that is."""
        began = time.monotonic()
        while not self._newcomer.once():
            assert time.monotonic() < began + 60, "there is no service any more"
        took = time.monotonic() - began
        self.longest_away = max(took, self.longest_away)
        return took

    def sql(self, query: str) -> list[Any]:
        """The rows of a statement of the superuser's, on a connection of its own."""

        async def ask() -> list[Any]:
            connection = await asyncpg.connect(self.made.url)
            try:
                return await connection.fetch(query)
            finally:
                await connection.close()

        return asyncio.run(ask())

    def check(self) -> None:
        """Everything that was acknowledged is there, everything else is whole or not there."""
        self.made.reconnect()
        for load in (self.load, self._newcomer):
            assert load.kept()
            assert load.whole()

    def repeat(self) -> int:
        """Sends again what was not acknowledged: all is there once, then, and nothing is broken. How much that was."""
        repeated = self.load.repeat() + self._newcomer.repeat()
        self.check()
        assert self.load.acknowledged.keys() == self.load.sent.keys()
        assert hold(self.made.url)
        return repeated


@contextmanager
def standing(data_dir: Path, **chosen: Any) -> Iterator[Standing]:
    """A server with two workers, its PostgreSQL in `data_dir`. chosen: settings of its own."""
    settings = Settings(
        data_dir=data_dir,
        secret=SecretStr("a secret of these tests, long enough for everybody"),
        personal_keys=SecretStr(Fernet.generate_key().decode()),
        **{"workers": 2, "pool_size": 4, **HAMMERED, **chosen},
    )
    with running(data_dir) as embedded, serving(settings, data_dir / "server.log") as (process, address):
        url, reached = embedded.owner_url, settings.model_copy(update={"database_url": embedded.server_url})
        with closing(World(url, reached, address)) as made, closing(World(url, reached, address)) as probing:
            server = Standing(process, data_dir, made, probing)
            # As on a server that has been up for longer; otherwise a crash is mostly over what migrating has left.
            server.sql("CHECKPOINT")
            yield server


# -- faults: each returns when it is over, and what is left is for the server to mend


def kill_postmaster(server: Standing) -> None:
    """PostgreSQL's first process is killed, and its others left to end by themselves."""
    kill(server.postmaster())


def kill_everything(server: Standing) -> None:
    """All of PostgreSQL's processes are killed at once."""
    kill_whole(server.postmaster().pid)


def kill_backend(server: Standing) -> None:
    """The process of one connection is killed, and PostgreSQL ends all others for that."""
    kill(psutil.Process(random.choice(server.sql(SERVERS))["pid"]))


def stop_postgresql(server: Standing) -> None:
    """PostgreSQL is stopped in good order, as an operator would."""
    postmaster = server.postmaster()
    postmaster.send_signal(signal.SIGINT)
    wait_for_end(postmaster)


def take_connections(server: Standing, seconds: float = 1.0) -> None:
    """Others take every connection that there can be, and the servers' own are ended; then they leave."""

    async def take() -> None:
        first = await asyncpg.connect(server.made.url)
        others = [first]
        try:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                with suppress(asyncpg.TooManyConnectionsError):
                    while True:
                        others.append(await asyncpg.connect(server.made.url))
                await first.execute(EVICT)
        finally:
            for other in others:
                other.terminate()

    asyncio.run(take())


def hang_worker(server: Standing) -> None:
    """One of the server's processes hangs, that with the most clients, until the server ends it.

    Whoever comes meanwhile is answered by the others, or waits, if none has begun yet.
    """
    worker = max(workers_of(server.process), key=clients_of)
    worker.suspend()
    server.back()
    wait_for_end(worker, BOUND)


def kill_worker(server: Standing) -> None:
    """One of the server's processes is killed, the younger: the other may still be starting."""
    kill(max(workers_of(server.process), key=psutil.Process.create_time))


FAULTS: tuple[Callable[[Standing], None], ...] = (
    kill_postmaster, kill_everything, kill_backend, stop_postgresql, take_connections, hang_worker,
    kill_worker,
)  # fmt: skip


def kill(process: psutil.Process) -> None:
    """Ends a process, which can do nothing about it."""
    process.kill()
    wait_for_end(process)


def wait_for_end(process: psutil.Process, seconds: float = 60.0) -> None:
    """Waits until a process does nothing any more; where nothing reaps orphans it stays as a zombie."""
    give_up = time.monotonic() + seconds
    with suppress(psutil.NoSuchProcess):
        while process.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < give_up, f"{process} goes on"
            time.sleep(0.005)


def kill_whole(pid: int) -> None:
    """Ends a PostgreSQL with all of its processes at once."""
    postmaster = psutil.Process(pid)
    processes = [postmaster, *postmaster.children(recursive=True)]
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    for process in processes:
        wait_for_end(process)


def soak(seconds: float) -> None:
    """One fault after the other, at random moments, under load; prints what was seen."""
    out = Console(highlight=False)
    done, until = Counter[str](), time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as name, standing(Path(name)) as server:
        with server.load.running(readers=2):
            while time.monotonic() < until:
                server.load.wait_for(random.randint(1, 100))
                fault = random.choice(FAULTS)
                began = time.monotonic()
                fault(server)
                lasted, took = time.monotonic() - began, server.back()
                done[fault.__name__] += 1
                out.print(f"{fault.__name__} of {lasted:.1f} s: back after {took:.1f} s")
                assert took < BOUND
        repeated = server.repeat()
        out.print(f"{sum(done.values())} faults {dict(done)}; longest away {server.longest_away:.1f} s")
        out.print(f"{len(server.load.sent)} writes sent, none lost, none half done, {repeated} sent again")
        out.print(f"answers: {dict(server.load.answers)}; longest wait for one {server.load.longest:.1f} s")


if __name__ == "__main__":
    given = argparse.ArgumentParser(description=soak.__doc__)
    given.add_argument("seconds", type=float)
    soak(given.parse_args().seconds)
