"""Mixed work, as a day brings it, by the accounts of the demo: what is asked, how often, and what came of it."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from benchmarks.workloads import WORKLOADS
from server.demo import PASSWORD

SOME = """{
  viewer { permissions }
  stations(first: 20, where: { level: { in: [DEMONSTRATION, BASIC] } }) { nodes { id } }
  communities(first: 60) { nodes { id } }
  grids(first: 60) { nodes { id } }
  serviceItems(first: 20) { nodes { id } }
}"""
PERSONNEL = "{ personnel(first: 40) { nodes { id } } }"
LOG_IN = """mutation ($username: String!, $password: String!) {
  logIn(input: { username: $username, password: $password }) { accessToken errors { code } } }"""
AGENDA = """{ viewer { agenda { overdueReferrals { totalCount nodes { toName dueOn } }
  tasksDue(days: 14) { nodes { title dueOn } } responsibilityGaps { totalCount } } } }"""
SEARCH = """query ($name: String!) { communities(first: 20, where: { name: { startsWith: $name } }) {
  totalCount nodes { id name parent { name } } } }"""
VERSION = "query ($id: ID!) { grid(id: $id) { version name } }"
RENAME = "mutation ($input: RenameGridInput!) { renameGrid(input: $input) { grid { name } errors { code } } }"
RECORD = (
    "mutation ($input: RecordServiceInput!) { recordService(input: $input) { serviceRecord { id } errors { code } } }"
)
BEGINNINGS = "南东西上下大小福龙石"
WEIGHTS = {
    "W1 community": 25, "W2 township": 8, "W3 personnel": 12, "W4 statistics": 10, "W5 summary": 10, "search": 10,
    "agenda": 8, "record a service": 10, "rename a grid": 4, "export": 1, "log in": 0.5,
}  # fmt: skip
NEEDS = {
    "W1 community": ("PERSON_READ", ("communities",)),
    "W2 township": ("PERSON_READ", ("stations",)),
    "W3 personnel": ("PERSON_READ", ()),
    "record a service": ("SERVICE_WRITE", ("communities", "serviceItems", "personnel")),
    "rename a grid": ("GRID_WRITE", ("grids",)),
}
"""The permission without which a kind of work is refused, and the ids that it takes."""


@dataclass
class Outcomes:
    """What came of the work: seconds of each kind, errors by their codes, refusals of writes by theirs."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in WEIGHTS})
    errors: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    events: int = 0


@dataclass(frozen=True)
class Account:
    """An account with its token, and ids in its scope by root field."""

    username: str
    token: str
    permissions: list[str]
    ids: dict[str, list[str]]

    @property
    def kinds(self) -> list[str]:
        """What it can ask for."""
        needs = {kind: NEEDS.get(kind, ("", ())) for kind in WEIGHTS}
        return [
            kind
            for kind, (permission, names) in needs.items()
            if (not permission or permission in self.permissions) and all(self.ids[name] for name in names)
        ]

    @classmethod
    async def entered(cls, client: httpx.AsyncClient, username: str) -> "Account":
        """Logs in, and looks around."""
        answer = await client.post("/graphql", json={"query": LOG_IN, "variables": _credentials(username)})
        token: str = answer.json()["data"]["logIn"]["accessToken"]
        headers = {"Authorization": f"Bearer {token}"}
        found: dict[str, Any] = {}
        for query in (SOME, PERSONNEL):
            answer = await client.post("/graphql", json={"query": query}, headers=headers)
            found |= answer.json()["data"] or {}
        names = ("stations", "communities", "grids", "serviceItems", "personnel")
        ids = {name: [node["id"] for node in (found.get(name) or {"nodes": []})["nodes"]] for name in names}
        return cls(username, token, found["viewer"]["permissions"], ids)


class Client:
    """One client: it asks, hears, thinks a little, and asks again."""

    def __init__(self, client: httpx.AsyncClient, account: Account, outcomes: Outcomes, seed: str) -> None:
        self._client, self._account, self._outcomes = client, account, outcomes
        self._random = Random(seed)
        self._works: dict[str, Callable[[], Awaitable[httpx.Response]]] = {
            "W1 community": lambda: self._workload("W1", self._some("communities")),
            "W2 township": lambda: self._workload("W2", self._some("stations")),
            "W3 personnel": lambda: self._workload("W3", "GRID_WORKER"),
            "W4 statistics": lambda: self._workload("W4", ""),
            "W5 summary": lambda: self._workload("W5", ""),
            "search": lambda: self._post(SEARCH, name=self._random.choice(BEGINNINGS)),
            "agenda": lambda: self._post(AGENDA),
            "record a service": self._record,
            "export": self._export,
            "log in": lambda: self._post(LOG_IN, **_credentials(account.username)),
        }

    async def work(self, until: float, think_seconds: float, *, counted: Callable[[], bool]) -> None:
        """Until a time of the clock. counted: whether what is done now counts."""
        kinds = self._account.kinds
        weights = [WEIGHTS[kind] for kind in kinds]
        # Who would ask after the end asks no more: all of them at the end would be a rush that nobody asked for.
        while time.perf_counter() + (pause := self._random.expovariate(1 / think_seconds)) < until:
            await asyncio.sleep(pause)
            (kind,) = self._random.choices(kinds, weights)
            began = time.perf_counter()
            try:
                began, response = await self._do(kind)
                self._look(kind, response)
            except httpx.HTTPError as error:
                self._outcomes.errors[f"{type(error).__name__} ({kind})"] += 1
            if counted():
                self._outcomes.seconds[kind].append(time.perf_counter() - began)

    async def _do(self, kind: str) -> tuple[float, httpx.Response]:
        given: dict[str, Any] = {}
        if kind == "rename a grid":
            # What it is now is asked first; the change alone counts.
            id_ = self._some("grids")
            answer = (await self._post(VERSION, id=id_)).json()["data"]["grid"]
            name = answer["name"].partition("·")[0] + f"·{self._random.randint(0, 99)}"
            given = {"id": id_, "version": answer["version"], "name": name}
        began = time.perf_counter()
        return began, await (self._post(RENAME, input=given) if given else self._works[kind]())

    def _look(self, kind: str, response: httpx.Response) -> None:
        """Notes what is wrong with an answer."""
        if response.status_code != httpx.codes.OK:
            self._outcomes.errors[f"HTTP {response.status_code} ({kind})"] += 1
        elif response.headers["content-type"].startswith("application/json"):
            answer = json.loads(response.content)
            for error in answer.get("errors", ()):
                self._outcomes.errors[f"{error['extensions']['code']} ({kind})"] += 1
            for payload in (answer.get("data") or {}).values():
                if isinstance(payload, dict):
                    self._outcomes.refusals.update(error["code"] for error in payload.get("errors", ()))

    def _some(self, name: str) -> str:
        return self._random.choice(self._account.ids[name])

    async def _workload(self, name: str, value: str) -> httpx.Response:
        return await self._post(WORKLOADS[name].document, **WORKLOADS[name].variables(value))

    async def _record(self) -> httpx.Response:
        day = f"2026-{self._random.randint(1, 10):02}-{self._random.randint(1, 28):02}"
        given = {"placeId": self._some("communities"), "itemId": self._some("serviceItems"), "servedOn": day}
        given |= {"workerId": self._some("personnel")}
        return await self._post(RECORD, input=given | {"contacts": 3, "beneficiaries": 2})

    async def _export(self) -> httpx.Response:
        return await self._client.get("/export/communities", params={"format": "csv"}, headers=self._headers)

    async def _post(self, query: str, **variables: Any) -> httpx.Response:
        body = {"query": query, "variables": variables}
        return await self._client.post("/graphql", json=body, headers=self._headers)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._account.token}"}


def _credentials(username: str) -> dict[str, str]:
    return {"username": username, "password": PASSWORD}
