"""A PgBouncer in front of a test's PostgreSQL, with the configuration that README.md shows."""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from server.embedded import SYSTEM_USER

README = Path(__file__).parent.parent / "README.md"
PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
LOGIN = "zhanwang_server"
KNOWS_STATEMENTS = (1, 21)
START_SECONDS = 10.0

needed = pytest.mark.skipif(PROGRAM is None, reason="needs pgbouncer")


def version() -> tuple[int, ...]:
    """PgBouncer's; (0,) if there is none."""
    if PROGRAM is None:
        return (0,)
    said = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"PgBouncer (\d+)\.(\d+)", said)
    assert found, said
    return tuple(map(int, found.groups()))


def shown() -> ConfigParser:
    """The configuration of README.md."""
    block = re.search(r"```ini\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert block
    found = ConfigParser(interpolation=None, delimiters="=")
    found.read_string(block[1])
    return found


def connections(timeout_ms: int) -> str:
    """What README.md lets the pooler open its connections with, for another ZHANWANG_STATEMENT_TIMEOUT_MS."""
    _, query, _ = shown()["databases"]["zhanwang"].split("'")
    return str(query).replace("10000", str(timeout_ms))


@contextmanager
def bouncing(url: str, folder: Path, query: str, *, login: str = LOGIN, **options: Any) -> Iterator[str]:
    """Runs one; the URL by which it leads to a database.

    url: PostgreSQL's, by a Unix socket. query: what connections are opened with. login: who they are.
    options: of `[pgbouncer]`, besides those that are shown.
    """
    assert PROGRAM
    name = urlsplit(url).path.strip("/")
    (host,) = parse_qs(urlsplit(url).query)["host"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = shown()
    opened = f" connect_query='{query}'" if query else ""
    found["databases"] = {"zhanwang": f"host={host} port=5432 dbname={name} user={login}{opened}"}
    # Who comes is not the question here, and so there is no file of passwords.
    del found["pgbouncer"]["auth_file"]
    changed = {"listen_port": port, "unix_socket_dir": "", "auth_type": "any", **options}
    found["pgbouncer"].update({key: str(value) for key, value in changed.items()})
    file = folder / "pgbouncer.ini"
    with file.open("w", encoding="utf-8") as written:
        found.write(written)
    # As root it refuses to run, and nobody else but PostgreSQL's own user reaches its socket.
    user = ["-u", SYSTEM_USER] if os.geteuid() == 0 else []
    process = subprocess.Popen([PROGRAM, "-q", *user, str(file)], stderr=subprocess.PIPE, text=True)
    try:
        end = time.monotonic() + START_SECONDS
        while not _answers(port):
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < end
            time.sleep(0.02)
        yield f"postgresql://{LOGIN}@127.0.0.1:{port}/zhanwang?sslmode=disable"
    finally:
        process.kill()
        process.communicate()


def _answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0
