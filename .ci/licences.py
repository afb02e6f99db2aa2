"""The licences of what comes along: `check` tells whether docs/licences.md fits what is installed; `write` makes it.

Refused are licences that nobody has looked at: what may come along stands in ALLOWED.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
LIST = CHECKOUT / "docs" / "licences.md"
# `requirements-dev.lock` has what `requirements.lock` has, too.
SERVING, LOCKED = CHECKOUT / "requirements.lock", CHECKOUT / "requirements-dev.lock"
# Permissive ones, and such as bind changes to the library itself alone (MPL, LGPL), which is used as it comes.
ALLOWED = re.compile(
    r"\(*(0BSD|Apache|([23]-Clause )?BSD|ISC|GNU Lesser|MIT|MPL-2\.0|Mozilla Public License 2\.0|PSF-2\.0)\b"
)
HEAD = """\
# Licences of the dependencies

Made by `make lock`, from what the packages say of themselves; `make check` compares, and refuses one that is not among
those that `.ci/licences.py` allows. What GraphiQL's page is bundled from says so in `server/pages/assets/LICENSES.txt`.

| Package | Licence | Needed for |
| --- | --- | --- |
"""


def names(lock: Path) -> set[str]:
    """The packages of a lock."""
    return set(re.findall(r"^([a-z0-9-]+)==", lock.read_text(encoding="utf-8"), re.MULTILINE))


def rows() -> dict[str, str]:
    """A line of the list for each package of the locks that this platform needs, by its name."""
    serving, locked = names(SERVING), names(LOCKED)
    command = [str(Path(sys.executable).with_name("pip-licenses")), "--from=mixed", "--with-system", "--format=json"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    lines = {}
    for package in found:
        name = re.sub(r"[-_.]+", "-", package["Name"]).lower()
        if name in locked:
            needed = "serving" if name in serving else "development"
            lines[name] = f"| {name} | {package['License'].replace('; ', ', ')} | {needed} |"
    return dict(sorted(lines.items()))


def refused(lines: dict[str, str]) -> list[str]:
    """The packages whose licence is none of those that may come along."""
    return [
        name
        for name, line in lines.items()
        if not all(map(ALLOWED.match, re.split(" AND |, ", line.split("|")[2].strip())))
    ]


def check() -> int:
    """0 if every package is allowed and listed as it is."""
    lines = rows()
    kept = LIST.read_text(encoding="utf-8").splitlines() if LIST.exists() else []
    faults = [f"{name}: its licence is not among those that .ci/licences.py allows" for name in refused(lines)]
    faults += [
        f"{name}: not in docs/licences.md as it is; run `make lock`" for name in lines if lines[name] not in kept
    ]
    print(*faults, sep="\n", end="\n" * bool(faults), file=sys.stderr)
    return int(bool(faults))


def write() -> int:
    """Makes the list."""
    LIST.write_text(HEAD + "\n".join(rows().values()) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["check"]:
            sys.exit(check())
        case ["write"]:
            sys.exit(write())
    sys.exit("usage: licences.py check | write")
