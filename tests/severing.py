"""Stands between a server and its PostgreSQL, and stops at a chosen round trip of a write.

So that whatever a write does, it can be cut short at each of its steps, one after the other. What else the server asks
meanwhile, on other connections, does not count.
"""

import asyncio
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

SOCKET = ".s.PGSQL.5432"
# What ends a round trip of a client's: a simple query, a Flush, a Sync; and a server's: it is ready for the next one.
FLUSH = b"H"
ENDS, READY, TERMINATE = (b"Q", FLUSH, b"S"), b"Z", b"X"
PARSE, BIND, SIMPLE = b"P", b"B", b"Q"
# With what a write begins, and ends; its BEGIN is not counted.
OPENING, ENDINGS = b"open_writing", (b"COMMIT", b"ROLLBACK")


class Severing:
    """A Unix socket in `folder` that leads to the PostgreSQL of a URL."""

    def __init__(self, url: str, folder: Path) -> None:
        (host,) = parse_qs(urlsplit(url).query)["host"]
        self._behind = str(Path(host) / SOCKET)
        self._path = str(folder / SOCKET)
        self.url = url.replace(urlsplit(url).query, f"host={folder}&port=5432")
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._listening = threading.Event()
        self._left = 0
        self._answered = False
        self._act: Callable[[], object] = lambda: None
        self.steps = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._listening.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def at(self, step: int, act: Callable[[], object] = lambda: None, *, answered: bool = False) -> None:
        """Cuts the connection at a round trip of the writes from now on, 1 the first; 0: at none.

        act: is called then, too. answered: lets PostgreSQL do that step, unless it is a Flush, and swallows its answer.
        """
        self._left, self._act, self._answered, self.steps = step, act, answered, 0

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_unix_server(self._connected, self._path)
        self._listening.set()
        await self._stop.wait()
        server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind_reader, behind_writer = await asyncio.open_unix_connection(self._behind)
        swallowing = asyncio.Event()
        swallowed = asyncio.Event()
        answers = asyncio.create_task(_answers(behind_reader, writer, swallowing, swallowed))
        try:
            behind_writer.write(await _untyped(reader))
            trip, trips = b"", _Trips()
            while True:
                kind, message = await _typed(reader)
                trip += message
                trips.note(kind, message)
                if kind in ENDS and trips.of_a_write():
                    self.steps += 1
                    if self.steps == self._left:
                        # After a Flush it is never ready: there would be no end of its answer to wait for.
                        if self._answered and kind != FLUSH:
                            swallowing.set()
                            behind_writer.write(trip)
                            await swallowed.wait()
                        await asyncio.to_thread(self._act)
                        return
                if kind in (*ENDS, TERMINATE):
                    behind_writer.write(trip)
                    trip = b""
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            answers.cancel()
            behind_writer.close()
            writer.transport.abort()


class _Trips:
    """Tells the round trips of writes from the others on a connection, by what is asked."""

    def __init__(self) -> None:
        self._texts: dict[bytes, bytes] = {}
        self._text = b""
        self._writing = False

    def note(self, kind: bytes, message: bytes) -> None:
        """Takes in a client's message."""
        if kind == PARSE:
            name, self._text = message[5:].split(b"\0")[:2]
            self._texts[name] = self._text
        elif kind == BIND:
            self._text = self._texts.get(message[5:].split(b"\0")[1], b"")
        elif kind == SIMPLE:
            self._text = message[5:]

    def of_a_write(self) -> bool:
        """Whether the round trip that ends now belongs to a write."""
        writing = self._writing = self._writing or OPENING in self._text
        if self._text.startswith(ENDINGS):
            self._writing = False
        return writing


async def _answers(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, swallowing: asyncio.Event, swallowed: asyncio.Event
) -> None:
    try:
        while True:
            kind, message = await _typed(reader)
            if not swallowing.is_set():
                writer.write(message)
            elif kind == READY:
                swallowed.set()
    except (asyncio.IncompleteReadError, OSError):
        writer.close()
    finally:
        swallowed.set()


async def _untyped(reader: asyncio.StreamReader) -> bytes:
    """The first message of a connection."""
    length = await reader.readexactly(4)
    return length + await reader.readexactly(struct.unpack("!i", length)[0] - 4)


async def _typed(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Any other message: its kind, and the whole of it."""
    head = await reader.readexactly(5)
    return head[:1], head + await reader.readexactly(struct.unpack("!i", head[1:])[0] - 4)
