"""`zhanwang cluster`: the demo, served from a primary and streaming replicas of it, all on this machine."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from server import serving
from server.embedded import running
from server.replication.cluster import bytes_behind, replicas_of
from server.settings import Settings

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def cluster(*, replicas: Annotated[int, typer.Option(min=1, max=8, help="How many, beside the primary.")] = 2) -> None:
    """Serve the demo network from a primary and replicas of it, all on this machine, until Ctrl-C."""
    settings = Settings.load(demo=True)
    serving.serve(settings, demo=True, out=out, err=err, replicas=lambda: _beside(settings, replicas))


@contextmanager
def _beside(settings: Settings, count: int) -> Iterator[str]:
    """Replicas of the embedded PostgreSQL, and their URLs."""
    folders = [settings.data_dir / f"replica-{number}" for number in range(1, count + 1)]
    with running(settings.data_dir) as primary, replicas_of(primary, folders) as nodes:
        table = Table()
        for heading in ("Node", "Its folder", "Behind"):
            table.add_column(heading, overflow="fold")
        table.add_row("primary", str(primary.socket_dir), "")
        for folder, node, behind in zip(folders, nodes, asyncio.run(bytes_behind(primary, nodes)), strict=True):
            table.add_row(folder.name, str(node.socket_dir), f"{behind:,} bytes")
        out.print(table)
        yield ",".join(node.server_url for node in nodes)
