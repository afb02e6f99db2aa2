"""`zhanwang serve` as a process of its own, on a database that is there already."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from benchmarks.systems import free_port, listening
from server.settings import Settings

COMMAND = [sys.executable, "-c", "from server.cli import main; main()", "serve"]
READY_SECONDS = 60


@dataclass(frozen=True)
class Served:
    """A server: its address, and the id of the process, of which workers are children if there are several."""

    address: str
    pid: int


@contextmanager
def serve(settings: Settings, workers: int = 1) -> Iterator[Served]:
    """A server that answers, until the end of the block. Raises RuntimeError, and httpx's errors."""
    port = free_port()
    environment = settings.model_copy(update={"port": port, "workers": workers}).environment()
    with listening(COMMAND, environment, port) as pid:
        address = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=address, timeout=READY_SECONDS) as client:
            client.get("/readyz").raise_for_status()
        yield Served(address, pid)
