"""The program `zhanwang` as a process: one command, or a server."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.settings import PREFIX

ZHANWANG = str(Path(sys.executable).with_name("zhanwang"))


def environment(**variables: str) -> dict[str, str]:
    """What a process has around it: of the settings these alone, and any free port."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return inherited | {f"{PREFIX}PORT": "0"} | variables


def run(*arguments: str, data_dir: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """What a command has printed, and how it ended."""
    command, around = [ZHANWANG, *arguments], environment(ZHANWANG_DATA_DIR=str(data_dir), **variables)
    return subprocess.run(command, env=around, capture_output=True, text=True, timeout=120, check=False)


@contextmanager
def begun(data_dir: Path, *arguments: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """`zhanwang serve` in a process group of its own."""
    server = subprocess.Popen(
        [ZHANWANG, "serve", *arguments],
        env=environment(**{"ZHANWANG_DATA_DIR": str(data_dir), **variables}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield server
    finally:
        if server.poll() is None:
            server.terminate()
        server.communicate(timeout=60)


@contextmanager
def serving(data_dir: Path, *arguments: str, **variables: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`zhanwang serve` once it serves, and the address that it prints."""
    with begun(data_dir, *arguments, **variables) as server:
        yield server, address_of(server)


def address_of(server: subprocess.Popen[str]) -> str:
    """The address that a server prints as it begins; its standard output is a pipe."""
    assert server.stdout
    printed = ""
    while (found := re.search(r"http://[\d.:]+", printed)) is None:
        line = server.stdout.readline()
        assert line, server.communicate()[1] or printed
        printed += line
    return found.group()
