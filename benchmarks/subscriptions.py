"""`python -m benchmarks.subscriptions`: what idle subscriptions cost a worker, and how long it takes to tell them all.

Each has a WebSocket of its own, as front ends have. Memory is the worker's own (USS), beside that of an idle one: with
the sockets open and acknowledged, and with a subscription on each.
"""

import argparse
import asyncio
import json
import resource
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import psutil
import uvloop
from rich.console import Console
from rich.progress import track
from rich.table import Table
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.serve import serve
from models import Role
from server.embedded import running
from tests.scene import World, Writing, create

SUBSCRIPTION = "subscription { placeChanged { eventId at place { id name } } }"
PROTOCOL = Subprotocol("graphql-transport-ws")
CALM_SECONDS = 3
IDLE_SECONDS = 30
"""Longer than uvicorn's interval of pings, so that each connection has had one."""
LONGEST_SECONDS = 600
PER_SECOND = 200
"""How many subscribe within a second."""
OTHER_FILES = 200


class Worker:
    """The process that serves."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)

    async def kilobytes(self) -> float:
        """Its own memory, once it has come to rest."""
        await asyncio.sleep(CALM_SECONDS)
        return float(self._process.memory_full_info().uss) / 1e3

    async def idle_share(self) -> float:
        """The share of a core that it needs while nothing happens."""
        before = self._process.cpu_times()
        await asyncio.sleep(IDLE_SECONDS)
        after = self._process.cpu_times()
        return (after.user + after.system - before.user - before.system) / IDLE_SECONDS


@asynccontextmanager
async def opened(url: str, tokens: list[str], at_once: int) -> AsyncIterator[list[ClientConnection]]:
    """A WebSocket for each access token, acknowledged; some are opened at a time."""
    turns = asyncio.Semaphore(at_once)
    async with AsyncExitStack() as stack:

        async def one(token: str) -> ClientConnection:
            options: dict[str, Any] = {"compression": None, "proxy": None, "ping_interval": None, "close_timeout": 1}
            async with turns:
                connecting = connect(url, subprotocols=[PROTOCOL], open_timeout=60, **options)
                socket = await stack.enter_async_context(connecting)
                await socket.send(message("connection_init", {"Authorization": f"Bearer {token}"}))
                assert json.loads(await socket.recv()) == {"type": "connection_ack"}
            return socket

        yield await _all(map(one, tokens), "opening")


async def _all(work: Iterable[Any], what: str) -> list[Any]:
    """What all of it comes to, with its progress."""
    tasks = [asyncio.ensure_future(each) for each in work]
    console = Console(stderr=True)
    for done in track(asyncio.as_completed(tasks), what, len(tasks), console=console, disable=not console.is_terminal):
        await done
    return [task.result() for task in tasks]


def message(kind: str, payload: dict[str, str]) -> str:
    """A message of the protocol."""
    return json.dumps({"id": "1", "type": kind, "payload": payload})


async def subscribe(socket: ClientConnection, seconds: float) -> None:
    """Subscribe after some time; nothing answers that."""
    await asyncio.sleep(seconds)
    await socket.send(message("subscribe", {"query": SUBSCRIPTION}))


async def heard(socket: ClientConnection) -> float | None:
    """When an event comes; None if the subscription has ended instead."""
    message = json.loads(await socket.recv())
    return time.perf_counter() if message["type"] == "next" else None


async def measure(address: str, worker: Worker, accounts: list[Writing], grid: str, count: int, at_once: int) -> Table:
    """All figures."""
    table = Table("what", "figure", title=f"{count:,} subscriptions on one worker")
    idle = await worker.kilobytes()
    table.add_row("worker without connections, MB", f"{idle / 1e3:.0f}")
    tokens = [accounts[number % len(accounts)].token for number in range(count)]
    async with opened(address.replace("http", "ws", 1) + "/graphql", tokens, at_once) as sockets:
        memory = [idle, await worker.kilobytes()]
        later = (subscribe(socket, number / PER_SECOND) for number, socket in enumerate(sockets))
        await _all(later, "subscribing")
        memory.append(await worker.kilobytes())
        for what, before, after in zip(("a WebSocket", "its subscription"), memory, memory[1:], strict=False):
            table.add_row(f"{what}, kB each", f"{(after - before) / count:.1f}")
        table.add_row("together, kB each", f"{(memory[-1] - idle) / count:.1f}")
        table.add_row("worker with all, MB", f"{memory[-1] / 1e3:.0f}")
        table.add_row("CPU while idle, share of a core", f"{await worker.idle_share():.2f}")
        left = sockets
        for turn in ("first event", "second event"):
            times = await _told(address, accounts[0], grid, turn, left)
            left = [socket for socket, at in zip(left, times, strict=True) if at is not None]
            told = sorted(at for at in times if at is not None)
            quick = ", ".join(f"{told[int(share * (len(told) - 1))]:.2f}" for share in (0, 0.5, 0.99, 1))
            table.add_row(f"{turn}, s until the first, half, 99 %, the last has it", quick)
        table.add_row("subscriptions that were refused", str(count - len(left)))
        table.add_row("together after the events, kB each", f"{(await worker.kilobytes() - idle) / count:.1f}")
    table.add_row("worker when all are gone, MB", f"{await worker.kilobytes() / 1e3:.0f}")
    return table


async def _told(
    address: str, account: Writing, grid: str, name: str, sockets: list[ClientConnection]
) -> list[float | None]:
    """Seconds from a write's answer until each has heard of it."""
    listening = [asyncio.create_task(heard(socket)) for socket in sockets]
    headers = {"Authorization": f"Bearer {account.token}"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as client:
        query = "query ($id: ID!) { grid(id: $id) { version } }"
        answer = await client.post("/graphql", json={"query": query, "variables": {"id": grid}})
        version = answer.json()["data"]["grid"]["version"]
        given = {"id": grid, "version": version, "name": name}
        query = "mutation ($input: RenameGridInput!) { renameGrid(input: $input) { errors { code } } }"
        answer = await client.post("/graphql", json={"query": query, "variables": {"input": given}})
        assert answer.json()["data"]["renameGrid"] == {"errors": []}, answer.text
        began = time.perf_counter()
    async with asyncio.timeout(LONGEST_SECONDS):
        return [at and at - began for at in await asyncio.gather(*listening)]


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--accounts", type=int, default=100)
    parser.add_argument("--at-once", type=int, default=100, help="how many open a connection at a time")
    given = parser.parse_args()
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(files, given.count + OTHER_FILES), files))
    lifted = dict.fromkeys(("connections", "connections_per_address"), given.count + OTHER_FILES)
    lifted["connections_per_account"] = min(10_000, given.count)
    with TemporaryDirectory() as folder, running(Path(folder, "data")) as embedded:
        url, settings = create(embedded, Path(folder))
        changed = settings.model_copy(update={**lifted, "log_level": "warning", "access_token_minutes": 240})
        with serve(changed) as served, closing(World(url, settings, served.address)) as world:
            scene = world.scene()
            accounts = [scene.writer(Role.MANAGER, scene.here["H"]) for _ in range(given.accounts)]
            measuring = measure(
                served.address, Worker(served.pid), accounts, scene.here["G1"], given.count, given.at_once
            )
            Console().print(uvloop.run(measuring))


if __name__ == "__main__":
    main()
