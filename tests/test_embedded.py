"""With real processes: what is tested is who starts PostgreSQL, and who stops it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from server.embedded import Embedded, running

HOLDER = """
import sys, pathlib
from server.embedded import running
with running(pathlib.Path(sys.argv[1])) as embedded:
    print(embedded.pid, flush=True)
    sys.stdin.read()
"""

Holder = Callable[[], tuple[subprocess.Popen[str], int]]


@pytest.fixture
def hold(tmp_path: Path) -> Iterator[Holder]:
    """Another process that uses the PostgreSQL in `tmp_path` until its standard input ends, and the postmaster's id."""
    started = []

    def start() -> tuple[subprocess.Popen[str], int]:
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(holder)
        assert holder.stdout is not None
        return holder, int(holder.stdout.readline())

    yield start
    for holder in started:
        holder.kill()
        holder.communicate()


def alive(pid: int) -> bool:
    # A killed postmaster stays a zombie where nothing reaps orphans.
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_whoever_leaves_last_stops_it(tmp_path: Path, hold: Holder) -> None:
    first, pid = hold()
    with running(tmp_path) as embedded:
        assert embedded.pid == pid
    assert alive(pid)
    first.communicate(timeout=30)
    assert not alive(pid)


def test_it_outlives_a_crash_of_its_user_until_the_next_one_leaves(tmp_path: Path, hold: Holder) -> None:
    crashed, pid = hold()
    crashed.kill()
    crashed.wait()
    assert alive(pid)
    with running(tmp_path) as embedded:
        assert embedded.pid == pid
    assert not alive(pid)


def test_it_starts_again_after_a_crash_of_everything_even_if_its_process_id_lives_on(
    tmp_path: Path, hold: Holder
) -> None:
    crashed, pid = hold()
    crashed.kill()
    os.kill(pid, signal.SIGKILL)
    lock = tmp_path / "postgres" / "postmaster.pid"
    lock.write_text(lock.read_text().replace(str(pid), str(os.getpid()), 1))
    with running(tmp_path) as embedded:
        assert embedded.pid not in (pid, os.getpid())


def test_ctrl_c_reaches_its_user_and_not_postgresql(hold: Holder) -> None:
    holder, pid = hold()
    assert os.getsid(pid) != os.getsid(holder.pid)
    os.killpg(holder.pid, signal.SIGINT)
    assert holder.wait(timeout=30) == -signal.SIGINT
    assert not alive(pid)


def test_a_folder_deeper_than_a_socket_path_can_be_has_its_socket_where_nobody_else_can_enter(tmp_path: Path) -> None:
    deep = tmp_path / ("县" * 30) / ("站" * 30)
    with running(deep) as embedded:
        assert answers(embedded)
        assert embedded.socket_dir != deep / "postgres"
        assert embedded.socket_dir.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends PostgreSQL another login")
def test_root_is_told_which_folders_of_its_own_it_opens_and_only_those(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=0o700)
    before = os.umask(0o077)
    try:
        with running(theirs / "ours" / "data"):
            pass
    finally:
        os.umask(before)
    (warning,) = [record.getMessage() for record in caplog.records if record.name == "zhanwang.embedded"]
    assert str(theirs) in warning
    assert "ours" not in warning
    caplog.clear()
    with running(theirs / "ours" / "data"):
        assert not caplog.records


def answers(embedded: Embedded) -> bool:
    import asyncio

    import asyncpg

    async def ask() -> bool:
        connection = await asyncpg.connect(embedded.owner_url)
        try:
            return bool(await connection.fetchval("SELECT true"))
        finally:
            await connection.close()

    return asyncio.run(ask())
