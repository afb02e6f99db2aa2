"""PostgreSQL's disk is full under load, and has room again.

The disk is one in memory, in a mount namespace that ends with its process: only who may mount has that.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faulting import BOUND, standing

SIZE = "400m"
LEFT = 1 << 20
"""Bytes that are left when it is filled: less than what a new segment of the write-ahead log takes."""
MOUNT = ["unshare", "--mount", "mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs"]


def mounts(folder: Path) -> bool:
    """Whether this process may mount a file system."""
    if shutil.which("unshare") is None or shutil.which("mount") is None:
        return False
    return subprocess.run([*MOUNT, folder], capture_output=True, check=False).returncode == 0


def test_a_full_disk_loses_nothing_and_service_is_soon_back(tmp_path: Path) -> None:
    if not mounts(tmp_path):
        pytest.skip("a disk of its own takes the right to mount")
    script = f"{' '.join(MOUNT[2:])} {tmp_path} && exec {sys.executable} -m {__name__} {tmp_path}"
    done = subprocess.run(["unshare", "--mount", "sh", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def fill_and_free(folder: Path) -> None:
    """Fills the disk until writes are refused, frees it, and looks whether all is well."""
    folder.chmod(0o755)
    filler = folder / "filler"
    with standing(folder / "data") as server:
        with server.load.running(readers=2):
            server.load.wait_for(10)
            status = os.statvfs(folder)
            with filler.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, status.f_bavail * status.f_frsize - LEFT)
            give_up = time.monotonic() + 60
            while server.load.answers["UNAVAILABLE"] < 20:
                assert time.monotonic() < give_up, "the disk does not get full"
                time.sleep(0.05)
            filler.unlink()
            took = server.back()
            server.load.wait_for(5)
        server.check()
        server.repeat()
    assert took < BOUND, took


if __name__ == "__main__":
    fill_and_free(Path(sys.argv[1]))
