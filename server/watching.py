"""A PostgreSQL that is gone is started again, by a thread beside whatever uses it."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil

log = logging.getLogger("zhanwang.embedded")

SECONDS = 0.25
"""How often it is looked for, and after how long it is tried again to start it."""


@contextmanager
def watching(pid: int, start_again: Callable[[], int]) -> Iterator[None]:
    """Starts a PostgreSQL again whenever it is gone, until the end of the block.

    pid: the process id of its postmaster. start_again: starts it, unless another has, and answers the new one; it may
    fail in any way, and is then tried again.
    """
    over = threading.Event()
    watch = threading.Thread(target=_watch, args=(pid, start_again, over), name="watch of PostgreSQL")
    watch.start()
    try:
        yield
    finally:
        over.set()
        watch.join()


def _watch(pid: int, start_again: Callable[[], int], over: threading.Event) -> None:
    postmaster, told = _process(pid), False
    while not over.wait(SECONDS):
        if postmaster is not None and _lives(postmaster):
            continue
        try:
            postmaster = _process(start_again())
        except Exception as error:  # noqa: BLE001 - a full disk, most likely; it is tried as long as it takes
            if not told:
                log.error("PostgreSQL is gone and cannot be started again; it is tried on and on. %s", error)
            told = True
        else:
            log.warning("PostgreSQL was gone, and is started again.")
            told = False


def _process(pid: int) -> psutil.Process | None:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid)
    return None


def _lives(process: psutil.Process) -> bool:
    # Where nothing reaps orphans, one that has ended stays as a zombie.
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False
