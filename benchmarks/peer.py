"""The peer: PostGraphile 5 over the same tables, by the same policies; its documents, and its answers in our shape.

Its packages are installed by `make bench` (`npm ci` in `peers/postgraphile`); Node comes along with them on Linux.
"""

import hashlib
import hmac
import json
import shutil
import subprocess
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path
from typing import Any

from benchmarks.workloads import WORKLOADS, Target
from models import CommunityKind, PersonKind, StationLevel

FOLDER = Path(__file__).parent / "peers" / "postgraphile"
NAME = "PostGraphile"
BEIJING = timezone(timedelta(hours=8))
OLDEST_NODE = 22

Json = Any


def node() -> str | None:
    """The Node that the peer runs on: its own, or else the machine's; None if the peer is not installed."""
    if not (FOLDER / "node_modules" / ".package-lock.json").exists():
        return None
    own = FOLDER / "node_modules" / ".bin" / "node"
    found = str(own) if own.exists() else shutil.which("node")
    if found is None:
        return None
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    return found if int(said.lstrip("v").split(".")[0]) >= OLDEST_NODE else None


def versions(program: str) -> dict[str, str]:
    """What the peer was measured with."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    packages = json.loads((FOLDER / "package.json").read_text())["dependencies"]
    return {"Node": said.strip().lstrip("v"), "PostGraphile": packages["postgraphile"]}


def environment(url: str, secret: str, pool_size: int, port: int, timeout_seconds: float) -> dict[str, str]:
    """What `server.cjs` is told. url: as the server has it."""
    login, _, rest = url.removeprefix("postgresql://").partition("@")
    return {
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
        # Node's URL wants a host, and the socket's folder in the query has the last word.
        "PEER_DATABASE_URL": f"postgresql://{login}@localhost{rest}" if rest.startswith("/") else url,
        "PEER_POOL_SIZE": str(pool_size),
        "PEER_PORT": str(port),
        "PEER_TIMEOUT_MS": str(round(1e3 * timeout_seconds)),
        "PEER_TOKEN_KEY": hmac.digest(secret.encode(), b"zhanwang access token", hashlib.sha256).hex(),
    }


def body(target: Target) -> str:
    """The request for a target."""
    document = (FOLDER / f"{target.workload}.graphql").read_text()
    workload = WORKLOADS[target.workload]
    value = target.value[1:] if workload.variable == "id" else target.value
    variables = workload.variables(value)
    if "$today" in document:
        variables["today"] = f"{datetime.now(BEIJING):%Y-%m-%d}"
    return json.dumps({"query": document, "variables": variables})


def shaped(data: Json) -> Json:
    """An answer in the shape of the server's."""
    return _SHAPES[next(iter(data))](data)


def _person(assignment: Json) -> Json:
    person = assignment["person"]
    return person | {"id": f"P{person['id']}"}


def _community(data: Json) -> Json:
    def grid(found: Json) -> Json:
        responsible = next(map(_person, found.pop("assignments")), None)
        return found | {"responsiblePerson": responsible}

    community = data["community"]
    return {"community": community | {"grids": {"nodes": [grid(each) for each in community["grids"]]}}}


def _township(data: Json) -> Json:
    def grid(found: Json) -> Json:
        # They come by assignment here, and by person there.
        workers = sorted(map(_person, found.pop("assignments")), key=lambda person: int(person["id"][1:]))
        return found | {"id": f"G{found['id']}", "gridWorkers": workers}

    def community(found: Json) -> Json:
        return found | {"id": f"C{found['id']}", "grids": {"nodes": [grid(each) for each in found["grids"]]}}

    station = data["station"]
    communities = {"nodes": [community(each) for each in station["communities"]]}
    return {"station": station | {"id": f"S{station['id']}", "communities": communities}}


def _personnel(data: Json) -> Json:
    nodes = [person | {"id": f"P{person['id']}"} for person in data["personnel"]["nodes"]]
    return {"personnel": data["personnel"] | {"nodes": nodes}}


def _groups(found: Json) -> Iterable[tuple[list[str], dict[str, int]]]:
    """Keys and figures of each group, by the keys; a bigint comes as text."""
    for group in sorted(found["groups"], key=lambda group: group["keys"]):
        yield group["keys"], _figures(group)


def _figures(group: Json) -> dict[str, int]:
    sums = {name: int(value) for name, value in group.get("sum", {}).items()}
    return {"count": int(group["count"]["rowId"])} | sums


def _services(data: Json) -> Json:
    nodes = [
        {"key": {"field": field, "month": month[:7]}} | figures
        for (field, month), figures in _groups(data["serviceRecords"])
    ]
    return {"serviceStatistics": {"nodes": nodes}}


def _summary(data: Json) -> Json:
    found = {
        noun: {keys[0]: figures for keys, figures in _groups(data[noun])}
        for noun in ("stations", "communities", "personnel")
    }
    grids = _figures(data["grids"]["aggregates"])

    def total(noun: str, name: str) -> int:
        return sum(figures[name] for figures in found[noun].values())

    def kinds(noun: str, name: str, of: type[StrEnum]) -> list[Json]:
        return [{name: kind, "count": found[noun].get(kind, {"count": 0})["count"]} for kind in of]

    summary = {
        "stations": total("stations", "count"),
        "stationsByLevel": kinds("stations", "level", StationLevel),
        "communities": total("communities", "count"),
        "communitiesByKind": kinds("communities", "kind", CommunityKind),
        "grids": grids["count"],
        "households": total("communities", "households"),
        "residents": total("communities", "residents"),
        "personnel": total("personnel", "count"),
        "personnelByKind": kinds("personnel", "kind", PersonKind),
    }
    return {"networkSummary": summary}


_SHAPES: dict[str, Callable[[Json], Json]] = {
    "community": _community,
    "station": _township,
    "personnel": _personnel,
    "serviceRecords": _services,
    "stations": _summary,
}
