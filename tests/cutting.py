"""Stands between a server and its PostgreSQL as a network does that goes away for a while, without a word."""

import asyncio
import ctypes
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

SOCKET = ".s.PGSQL.5432"
SO_ATTACH_FILTER = 26
# One instruction of the system's packet filter: BPF_RET with 0, of each packet nothing.
NOTHING = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))


class Cutting:
    """Leads to the PostgreSQL of a URL, from a Unix socket in `folder` or by TCP. `url`: the same, by way of it."""

    def __init__(self, url: str, folder: Path | None = None) -> None:
        parts = urlsplit(url)
        (host,) = parse_qs(parts.query)["host"]
        self._behind = str(Path(host) / SOCKET)
        if folder is not None:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(str(folder / SOCKET))
            self.url = url.replace(parts.query, f"host={folder}&port=5432")
        else:
            self._listener = socket.create_server(("127.0.0.1", 0))
            self.url = f"postgresql://{parts.username}@127.0.0.1:{self._listener.getsockname()[1]}{parts.path}"
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._listening = threading.Event()
        self._open: set[asyncio.StreamWriter] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        self._listening.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._stop.set)
        self._thread.join(10)

    def cut(self) -> None:
        """Lets nothing through any more; connections stay open, and new ones are accepted and get nowhere."""
        self._do(lambda: self._way.clear())

    def mend(self) -> None:
        """Lets everything through again, what has waited first."""
        self._do(lambda: self._way.set())

    def forget(self) -> None:
        """Lets new connections through again; those that there are lead nowhere for ever."""

        def forget() -> None:
            self._way = asyncio.Event()
            self._way.set()

        self._do(forget)

    def vanish(self) -> None:
        """As `forget`, and what comes by the TCP connections that there are is not even acknowledged."""

        def vanish() -> None:
            self._way.clear()
            for writer in self._open:
                connected = writer.get_extra_info("socket")
                if connected.family == socket.AF_INET:
                    drop_everything(connected)

        self._do(vanish)
        self.forget()

    def reset(self) -> None:
        """Breaks all connections, and lets new ones through."""

        def reset() -> None:
            self._abort()
            self._way.set()

        self._do(reset)

    def _do(self, action: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(action)

    async def _serve(self) -> None:
        self._loop, self._stop, self._way = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        self._way.set()
        start = asyncio.start_unix_server if self._listener.family == socket.AF_UNIX else asyncio.start_server
        server = await start(self._connected, sock=self._listener)
        self._listening.set()
        await self._stop.wait()
        server.close()
        self._way.set()
        while self._open:
            self._abort()
            await asyncio.sleep(0.01)

    def _abort(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        way = self._way
        self._open.add(writer)
        try:
            await way.wait()
            behind_reader, behind_writer = await asyncio.open_unix_connection(self._behind)
            # Closed from behind, too: what leads nowhere does not notice that its client has gone.
            self._open.add(behind_writer)
            try:
                forth = asyncio.create_task(_forward(reader, behind_writer, way))
                back = asyncio.create_task(_forward(behind_reader, writer, way))
                await asyncio.wait((forth, back), return_when=asyncio.FIRST_COMPLETED)
                forth.cancel()
                back.cancel()
            finally:
                self._open.discard(behind_writer)
                behind_writer.transport.abort()
        except OSError:
            pass
        finally:
            self._open.discard(writer)
            writer.transport.abort()


def drop_everything(connected: socket.socket) -> None:
    """Lets the system drop every packet that comes to a socket, before anything answers it."""
    connected.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", 1, ctypes.addressof(NOTHING)))


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: asyncio.Event) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            await way.wait()
            writer.write(data)
