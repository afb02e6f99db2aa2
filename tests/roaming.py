"""Accounts that ask for all there is while a writer moves places and changes grants under them, and what is wrong with
their answers.

An answer may say what was visible at some instant between its request's beginning and its end, and nothing else; an
account that could act all that time is not turned away.
"""

import asyncio
import csv
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import StringIO
from random import Random
from typing import Any

import httpx

from resolvers.core.permissions import PERMISSIONS
from schema import schema
from tests.findings import REFUSED, in_errors, in_leaf, leaves
from tests.following import Told, follow
from tests.generate import generate, generate_subscription
from tests.harvest import Harvest, Values
from tests.history import Grip, History, State
from tests.inputs import varied
from tests.lists import CONNECTIONS, FOR_MANAGERS, readable, whole
from tests.oracle import TYPES, View
from tests.reducing import parts
from tests.unrest import Unrest

CORE = schema._schema
BESIDE = UNAUTHENTICATED, UNAVAILABLE = "UNAUTHENTICATED", "UNAVAILABLE"
PAGE = 100
PROBED, REDUCED = 30, 5
FOLLOWERS = 12
# Reading personal data in full is written down, and only the writer is to write.
WRITTEN_DOWN = "private"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
LISTED = {**CONNECTIONS, **FOR_MANAGERS}
Document = tuple[str, dict[str, Any]]
"""An operation's text, and its variables."""


@dataclass(frozen=True)
class Operation:
    """A request, and the states that there were from its beginning to its end."""

    number: int
    grip: Grip
    query: str
    variables: dict[str, Any]
    response: httpx.Response
    first: int
    last: int


@dataclass
class Roaming:
    """What asks. pace: how many operations there are for each write; `documents` are what is asked at the time."""

    history: History
    unrest: Unrest
    client: httpx.AsyncClient
    seed: str
    hub: Harvest
    pace: int = 15
    documents: list[Document] = field(default_factory=list)
    done: int = 0
    failures: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    _asked: int = 0
    _failed: list[Operation] = field(default_factory=list)
    _judged: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)
        self._grips: dict[Grip, str] = {}
        self._state: State | None = None

    # -- what is asked --------------------------------------------------------------------------------------------

    def compose(self, count: int) -> list[Document]:
        """Random queries, those of each role in turn."""
        here = self._pool()
        return [self._composed(here, generate) for _ in range(count)]

    def _composed(self, here: Harvest, generated: Callable[..., Document]) -> Document:
        """A random document for one of the roles."""
        while True:
            self._asked += 1
            own = Harvest(permissions=set(_permissions(self._asked)), ids=here.ids, texts=here.texts)
            values = Values(own, self.hub, self.hub)
            query, variables = generated(CORE, Random(f"{self.seed} {self._asked}"), values)
            if WRITTEN_DOWN not in query:
                return query, variables

    def _pool(self) -> Harvest:
        """The ids and texts that there are now."""
        pool, state = Harvest(), self.history.latest
        for type_, (table, letters) in TYPES.items():
            ids = [f"{letters}{key}" for key in state.rows[table]]
            if ids:
                pool.ids[type_] = self._random.sample(ids, min(len(ids), 60))
            for key in list(state.texts.get(type_, {}))[-40:]:
                for column, text in state.texts[type_][key]:
                    name = _camel(column)
                    pool.texts.setdefault(name, []).append(text)
                    pool.texts.setdefault(f"{type_}.{name}", []).append(text)
        return pool

    async def run(self, count: int, at_once: int, told: Callable[[], None]) -> None:
        """Ask so many times, several at once, and judge every answer. told: is called after each."""
        self._pooled = self._pool()
        self._written, until = self.done, self.done + count
        turns = iter(range(self.done, until))
        writing = asyncio.create_task(self._write(until))

        async def ask() -> None:
            for number in turns:
                while self.done - self._written > 2 * self.pace:  # noqa: ASYNC110 - until a write is done
                    await asyncio.sleep(0.002)
                self._judging(await self._ask(number))
                self.done += 1
                told()
                if len(self._judged) > 4 * at_once:
                    await asyncio.wait(self._judged)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(at_once):
                    group.create_task(ask())
            await writing
        finally:
            writing.cancel()
        while self._judged:
            await asyncio.gather(*self._judged)

    async def _write(self, until: int) -> None:
        while self.done < until:
            if self.done - self._written >= self.pace:
                await self.unrest.step()
                self._written += self.pace
            else:
                await asyncio.sleep(0.002)

    @asynccontextmanager
    async def followed(self) -> AsyncIterator[None]:
        """With some subscriptions beside what is asked in the block; their events are judged as answers are."""
        tasks = [asyncio.create_task(self._follow()) for _ in range(FOLLOWERS)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for ended in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(ended, Exception):
                    raise ended
        while self._judged:
            await asyncio.gather(*self._judged)

    async def _follow(self) -> None:
        """Be told by one subscription after another, as somebody else each time."""
        while True:
            grip = self._actor()
            headers = self._headers(grip, self._grips[grip])
            query, variables = self._composed(self._pool(), generate_subscription)

            def hear(told: Told, grip: Grip = grip, query: str = query, variables: dict[str, Any] = variables) -> None:
                self.kinds["refusal" if "errors" in told.response.json() else "event"] += 1
                self._judging(Operation(self.done, grip, query, variables, *told))

            await follow(self.client, self.history, headers, query, variables, hear)

    def _actor(self) -> Grip:
        state = self.history.latest
        if self._state is not state:
            self._state, self._grips = state, self.unrest.cast.grips(state)
            self._held = [grip for grip in self._grips if state.holds(grip)]
        return self._random.choice(self._held if self._held and self._random.random() < 0.9 else list(self._grips))

    async def _ask(self, number: int) -> Operation:
        random, grip = self._random, self._actor()
        bearer = self._grips[grip]
        headers = self._headers(grip, bearer)
        chance = random.random()
        if chance < 0.03:
            self.kinds["export"] += 1
            address, first = f"/export/{self._listed(grip)}", self.history.done
            response = await self.client.get(address, params={"format": "csv"}, headers=headers)
            return Operation(number, grip, address, {}, response, first, self.history.begun)
        if chance < 0.15:
            kind, (query, variables) = "nodes", (NODES, {"ids": self._ids(grip)})
        elif chance < 0.3:
            kind, (query, variables) = "list", self._list(grip)
        else:
            kind, (query, given) = "random", random.choice(self.documents)
            variables = given if random.random() < 0.1 else varied(given, random, Values(self._pooled, self.hub))
        self.kinds[kind] += 1
        first = self.history.done
        response = await self.client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
        return Operation(number, grip, query, variables, response, first, self.history.begun)

    def _headers(self, grip: Grip, bearer: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {bearer}", "X-Zhanwang-Grant": f"R{grip.grant}"}

    def _ids(self, grip: Grip) -> list[str]:
        """Ids of rows of all types, mostly out of the account's sight."""
        view = self.history.view(self.history.latest, grip)
        rows = {name: list(view.outside[name] or view.rows[name]) for name in TYPES}
        chosen = self._random.choices([name for name in TYPES if rows[name]], k=PROBED)
        return [f"{TYPES[name][1]}{self._random.choice(rows[name])}" for name in chosen]

    def _list(self, grip: Grip) -> tuple[str, dict[str, Any]]:
        """A connection's first page, with how many rows there are."""
        name = self._listed(grip)
        more = whole(LISTED[name])
        return f"query L {{ {name}(first: {PAGE} {more}) {{ totalCount nodes {{ id }} }} }}", {}

    def _listed(self, grip: Grip) -> str:
        """A connection that the account may read."""
        view = self.history.view(self.history.latest, grip)
        manages = view.role in ("MANAGER", "ADMINISTRATOR")
        names = [name for name in LISTED if manages or name not in FOR_MANAGERS]
        return self._random.choice([name for name in names if view.role == "NONE" or readable(view, LISTED[name])])

    # -- what is wrong with it ------------------------------------------------------------------------------------

    async def reduce(self) -> list[str]:
        """While nothing is written, the smallest parts of what has failed that fail again; at the most a few."""
        await self.history.read()
        state, found = self.history.latest, []
        bearers = self.unrest.cast.grips(state)
        for operation in [one for one in self._failed if one.query.startswith(("query", "{"))][:REDUCED]:
            headers = self._headers(operation.grip, bearers[operation.grip])
            for query, variables in parts(operation.query, operation.variables):
                body = {"query": query, "variables": variables}
                response = await self.client.post("/graphql", json=body, headers=headers)
                number = self.history.done
                again = Operation(operation.number, operation.grip, query, variables, response, number, number)
                found += [self._report(again, f"alone, at rest: {fault}") for fault in self.faults(again, [state])][:1]
        return found

    async def rest(self) -> None:
        """While nothing is written, each account is told how many rows of each type there are in its scope."""
        await self.history.read()
        state = self.history.latest
        held = {grip: bearer for grip, bearer in self.unrest.cast.grips(state).items() if state.holds(grip)}
        for grip, bearer in held.items():
            view = self.history.view(state, grip)
            manages = view.role in ("MANAGER", "ADMINISTRATOR")
            expected = {
                name: len(view.rows[type_])
                for name, type_ in LISTED.items()
                if readable(view, type_) and (manages or name not in FOR_MANAGERS)
            }
            asked = " ".join(f"{name}({whole(LISTED[name])}) {{ totalCount }}".replace("()", "") for name in expected)
            headers = self._headers(grip, bearer)
            response = await self.client.post("/graphql", json={"query": f"{{ {asked} }}"}, headers=headers)
            data = response.json()["data"] or {}
            self.failures += [
                f"seed {self.seed!r}, after {self.done} operations, {grip}: {name} counts {page}, not {expected[name]}"
                for name, page in data.items()
                if page != {"totalCount": expected[name]}
            ]
            self.kinds["count"] += 1

    def _judging(self, operation: Operation) -> None:
        task = asyncio.create_task(self._judge(operation))
        self._judged.add(task)
        task.add_done_callback(self._judged.discard)

    async def _judge(self, operation: Operation) -> None:
        while self.history.done < operation.last:  # noqa: ASYNC110 - what a write has made is read within milliseconds
            await asyncio.sleep(0.002)
        states = self.history.between(operation.first, operation.last)
        for finding in self.faults(operation, states):
            self.failures.append(self._report(operation, finding))
            self._failed.append(operation)

    def faults(self, operation: Operation, states: Sequence[State]) -> Iterator[str]:
        """What is wrong with an answer, whichever of some states it is from."""
        if operation.query.startswith("/export/"):
            yield from self._in_table(operation, states)
        else:
            yield from self._in_answer(operation, states)

    def _in_table(self, operation: Operation, states: Sequence[State]) -> Iterator[str]:
        response, held = operation.response, [state.holds(operation.grip) for state in states]
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            # Two tables of one account are made already.
            return
        if response.status_code != httpx.codes.OK:
            if response.status_code != httpx.codes.UNAUTHORIZED or all(held):
                yield f"HTTP {response.status_code}: {response.text[:300]}"
            return
        if not any(held):
            yield "is answered although it may not act"
        views = _Views(self.history, states, operation.grip)
        for cell in {cell for row in csv.reader(StringIO(response.text)) for cell in row if cell}:
            if found := views.everywhere(lambda view, cell=cell: [cell] if cell in view.secrets else []):  # type: ignore[misc]
                yield f"a cell is {found!r}, which is out of scope"

    def _in_answer(self, operation: Operation, states: Sequence[State]) -> Iterator[str]:
        response, grip = operation.response, operation.grip
        try:
            answer = response.json()
        except ValueError:
            yield f"HTTP {response.status_code}: {response.text[:300]}"
            return
        codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
        errors = [error for error in answer.get("errors", []) if error["extensions"]["code"] not in BESIDE]
        turned_away, unavailable = UNAUTHENTICATED in codes, UNAVAILABLE in codes
        # What a busy machine does not come to says nothing of anybody.
        self.kinds["unavailable"] += unavailable
        views = _Views(self.history, states, grip)
        told = list(leaves(CORE, operation.query, answer.get("data")))
        if turned_away and all(state.holds(grip) for state in states):
            yield f"is turned away: {answer['errors'][0]['message']}"
        if any(leaf.value is not None for leaf in told) and not any(state.holds(grip) for state in states):
            yield "is answered although it may not act"
        if response.status_code != httpx.codes.OK and not turned_away and not unavailable:
            yield f"HTTP {response.status_code}: {response.text[:300]}"
        for leaf in told:
            if found := views.everywhere(lambda view, leaf=leaf: list(in_leaf(view, leaf))):  # type: ignore[misc]
                yield found
        asked = operation.query + json.dumps(operation.variables, ensure_ascii=False)
        # A subscription to what happens in a place that is not in sight has nothing to begin with.
        expected = {*REFUSED, "NOT_FOUND"} if asked.startswith("subscription") else REFUSED
        for error in errors:
            if found := views.everywhere(lambda view, error=error: list(in_errors(view, asked, [error], expected))):  # type: ignore[misc]
                yield found
        if operation.query.startswith("query L ") and answer.get("data") and not answer.get("errors"):
            ((name, page),) = answer["data"].items()
            if found := views.everywhere(lambda view: _unlike(view, LISTED[name], page)):
                yield found

    def _report(self, operation: Operation, finding: str) -> str:
        state = self.history.latest
        grant = state.rows["account_grant"].get(operation.grip.grant, {})
        return (
            f"seed {self.seed!r}, operation {operation.number}, {operation.grip} as {grant.get('role')} at"
            f" {grant.get('path')}, states {operation.first} to {operation.last}, last write {self.unrest.last}\n"
            f"{finding}\n{operation.query}\n{json.dumps(operation.variables, ensure_ascii=False)}"
        )


class _Views:
    """What an account sees in each of some states, worked out as far as needed."""

    def __init__(self, history: History, states: Sequence[State], grip: Grip) -> None:
        self._history, self._states, self._grip = history, states, grip

    def everywhere(self, wrong: Callable[[View], list[str]]) -> str:
        """What is wrong in every state: what is so in the last one, or nothing."""
        first = ""
        for state in self._states:
            found = wrong(self._history.view(state, self._grip))
            if not found:
                return ""
            first = first or found[0]
        return first


def _unlike(view: View, type_name: str, page: dict[str, Any]) -> list[str]:
    """How a connection's first page differs from the rows in scope."""
    expected = {f"{TYPES[type_name][1]}{key}" for key in view.rows[type_name]}
    found = {node["id"] for node in page["nodes"]}
    if page["totalCount"] == len(expected) and len(found) == min(PAGE, len(expected)) and found <= expected:
        return []
    missing = sorted(expected - found) if len(expected) <= PAGE else []
    beyond = sorted(found - expected)[:5]
    told = f"{page['totalCount']} of {type_name}, of which {beyond} are out of scope"
    return [f"{told}; {len(expected)} are in scope, of which {missing[:5]} are missing"]


def _permissions(number: int) -> Sequence[str]:
    return [permission.name for permission in list(PERMISSIONS.values())[number % len(PERMISSIONS)]]


def _camel(column: str) -> str:
    head, *rest = column.split(".")[0].split("_")
    return head + "".join(word.capitalize() for word in rest)
