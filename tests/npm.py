"""npm projects that tests run: installed once from their locks, and whenever those change."""

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).parent.parent
CLIENTS = CHECKOUT / "tests" / "clients"
NODE, NPM = shutil.which("node"), shutil.which("npm")
OLDEST_NODE = 20
SECONDS = 300


def _usable() -> bool:
    if NODE is None or NPM is None:
        return False
    said = subprocess.run([NODE, "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.lstrip("v").split(".")[0]) >= OLDEST_NODE


needs_npm = pytest.mark.skipif(not _usable(), reason=f"npm with Node {OLDEST_NODE} or newer is missing")


def install(folder: Path) -> None:
    """Installs what a project's lock names, unless it is there; several processes may ask at once."""
    stamp = folder / "node_modules" / ".package-lock.json"
    lock = folder / "package-lock.json"
    with lock.open() as guarded:
        fcntl.flock(guarded, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.stat().st_mtime < lock.stat().st_mtime:
            run(str(NPM), "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=folder)
            stamp.touch()


def run(*command: str, cwd: Path, stdin: object = None, variables: Mapping[str, str] | None = None) -> str:
    """What a command writes; a failure fails the test with what it wrote. variables: of its environment."""
    done = subprocess.run(
        command,
        cwd=cwd,
        input=None if stdin is None else json.dumps(stdin),
        env=os.environ | (variables or {}),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


def client(name: str, **given: Any) -> Any:
    """What `tests/clients/<name>.mjs` writes as JSON. given: what it is told, as JSON on standard input."""
    install(CLIENTS)
    return json.loads(run(str(NODE), f"{name}.mjs", cwd=CLIENTS, stdin=given))
