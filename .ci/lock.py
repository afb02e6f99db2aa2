"""The locks of the dependencies: `check` tells, without a network, whether they fit pyproject.toml; `write` makes them.

A lock's first line holds a digest of the lists in pyproject.toml that it was made from.
"""

import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
# Each lock and the dependency groups that it holds beside the program's own dependencies.
LOCKS = {"requirements.lock": ["build"], "requirements-dev.lock": ["build", "dev"]}


def digest(groups: list[str]) -> str:
    """16 hexadecimal digits for what pyproject.toml asks of a lock."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [project["project"]["requires-python"], project["project"]["dependencies"]]
    asked += [project["dependency-groups"][group] for group in groups]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]


def first_line(groups: list[str]) -> str:
    """How a lock that fits pyproject.toml begins."""
    return f"# made by `make lock` from pyproject.toml {digest(groups)}"


def check() -> int:
    """0 if both locks fit."""
    stale = []
    for name, groups in LOCKS.items():
        path = CHECKOUT / name
        if not path.exists() or path.read_text(encoding="utf-8").partition("\n")[0] != first_line(groups):
            stale.append(name)
    if stale:
        print(f"{' and '.join(stale)}: not made from this pyproject.toml; run `make lock`.", file=sys.stderr)
    return int(bool(stale))


def write(*options: str) -> int:
    """Makes both locks with uv; options go to it, such as --upgrade."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--quiet", "--universal"]
    command += ["--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate"]
    command += ["--no-emit-index-url", "--no-emit-find-links", *options]
    for name, groups in LOCKS.items():
        path = CHECKOUT / name
        chosen = [option for group in groups for option in ("--group", group)]
        if name != "requirements.lock":
            # The same versions for those who develop as for those who only serve.
            chosen += ["--constraint", "requirements.lock"]
        subprocess.run([*command, *chosen, "--output-file", name], cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL)
        path.write_text(f"{first_line(groups)}\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["check"]:
            sys.exit(check())
        case ["write", *options]:
            sys.exit(write(*options))
        case _:
            sys.exit(__doc__)
