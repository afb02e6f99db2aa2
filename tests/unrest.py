"""One writer that never rests: places move, grants come and go, accounts and keys end, and whatever else a mutation can
do; each write is answered, and what there is then is read, before the next begins.
"""

import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import asyncpg
import httpx

from tests.history import Grip, History, State
from tests.making import MAKE, NAMES, WEIGHTS, Known, Maker
from tests.matrix import document
from tests.nouns.base import key
from tests.oracle import Row
from tests.scene import TABLES

OPEN_SESSION = """
INSERT INTO session (account_id, expires_at) VALUES ($1, now() + interval '1 day')
RETURNING id, (SELECT credential_version FROM account WHERE id = $1)
"""
ADD_KEY = """mutation ($input: CreateServiceKeyInput!) { createServiceKey(input: $input) {
  serviceKey { id secret } errors { code } } }"""
LETTERS = {table: letters for letters, table in TABLES.items()}
Issue = Callable[[int, int, int], str]
"""An access token: of an account, a version of its credentials, and a session."""


class Telling(Maker):
    """Makes texts that nothing else has, so that each says whose it is."""

    def text(self) -> str:
        """A name that may be none."""
        return f"言{secrets.token_hex(5)}" if self.random.random() < 0.9 else super().text()


@dataclass
class Cast:
    """Who asks: the bearers of each account, whether they open anything still or not."""

    bearers: dict[int, dict[Grip, str]] = field(default_factory=dict)

    def add(self, grip: Grip, bearer: str) -> None:
        """Another session or key of an account; its grip has no grant."""
        self.bearers.setdefault(grip.account, {})[grip] = bearer

    def grips(self, state: State) -> dict[Grip, str]:
        """Each bearer with each grant that its account has, or has had."""
        grants: dict[int, list[int]] = {}
        for grant in state.rows["account_grant"].values():
            grants.setdefault(grant["account_id"], []).append(grant["id"])
        return {
            grip._replace(grant=grant): bearer
            for account, bearers in self.bearers.items()
            for grip, bearer in bearers.items()
            for grant in grants.get(account, ())
        }


class Unrest:
    """Writes, by the administrators of some counties. writers: their bearers, by account."""

    def __init__(
        self,
        history: History,
        client: httpx.AsyncClient,
        connection: asyncpg.Connection,
        writers: Mapping[int, str],
        cast: Cast,
        issue: Issue,
        seed: str,
    ) -> None:
        self._history, self._client, self._connection = history, client, connection
        self._writers, self.cast, self._issue = dict(writers), cast, issue
        self._random, self._seed = Random(seed), seed
        self.outcomes = Counter[tuple[str, str]]()
        self.last = ""

    @property
    def _state(self) -> State:
        return self._history.latest

    async def step(self) -> None:
        """One write."""
        chance = self._random.random()
        if await self._healed():
            return
        steps = (
            (0.10, self._move_community), (0.16, self._move_grid), (0.24, self._move_station), (0.33, self._grant),
            (0.42, self._revoke), (0.46, self._disable), (0.51, self._change_keys), (1.01, self._anything),
        )  # fmt: skip
        await next(step for limit, step in steps if chance < limit)()

    # -- what is written ------------------------------------------------------------------------------------------

    async def _move_community(self) -> None:
        await self._move("community", "moveCommunity", ("DEMONSTRATION", "BASIC"), "station")

    async def _move_grid(self) -> None:
        await self._move("grid", "moveGrid", ("COMMUNITY",), "community")

    async def _move_station(self) -> None:
        await self._move("station", "moveStation", ("DEMONSTRATION",), "station", of=("BASIC",))

    async def _move(
        self, table: str, mutation: str, levels: tuple[str, ...], above: str, of: tuple[str, ...] = ()
    ) -> None:
        """Hangs a place of a county under another of it."""
        rows = [row for row in self._open(table) if not of or row["level"] in of]
        row = self._random.choice(rows)
        parents = [
            parent
            for parent in self._open(above)
            if parent["county_id"] == row["county_id"]
            and parent["level"] in levels
            and parent["id"] not in (row["id"], row["parent_id"])
        ]
        if parents:
            given = {"parentId": _id(above, self._random.choice(parents))}
            await self._write(mutation, {"id": _id(table, row), "version": row["version"], **given})

    async def _grant(self) -> None:
        account = self._random.choice(list(self.cast.bearers))
        table = self._random.choice(("station", "community", "grid"))
        place = self._random.choice(list(self._open(table)))
        role = self._random.choice(["OBSERVER", "WORKER", "MANAGER"])
        given = {"accountId": f"U{account}", "placeId": _id(table, place), "role": role}
        await self._write("grantAccount", given)

    async def _revoke(self) -> None:
        grips = [grip for grip in self.cast.grips(self._state) if self._state.holds(grip)]
        if grips:
            grant = self._state.rows["account_grant"][self._random.choice(grips).grant]
            await self._write("revokeGrant", {"id": f"R{grant['id']}", "version": grant["version"]})

    async def _disable(self) -> None:
        account = self._state.rows["account"][self._random.choice(list(self.cast.bearers))]
        await self._write("disableAccount", {"id": f"U{account['id']}", "version": account["version"]})

    async def _change_keys(self) -> None:
        keys = [row for row in self._state.rows["service_key"].values() if row["account_id"] in self.cast.bearers]
        live = [row for row in keys if row["valid_to"] is None]
        if live and self._random.random() < 0.5:
            row = self._random.choice(live)
            await self._write("revokeServiceKey", {"id": f"SK{row['id']}", "version": row["version"]})
        elif machines := {row["account_id"] for row in keys}:
            account = self._random.choice(sorted(machines))
            answer = await self._write("createServiceKey", {"accountId": f"U{account}", "name": "钥匙"}, ADD_KEY)
            if made := answer.get("serviceKey"):
                self.cast.add(Grip(account, 0, key=key(made["id"])), made["secret"])

    async def _anything(self) -> None:
        (name,) = self._random.choices(NAMES, [WEIGHTS.get(name, 3) for name in NAMES])
        counties = sorted({row["county_id"] for row in self._open("community")})
        here, there = self._random.sample(counties, 2)
        await self._write(name, MAKE[name](Telling(self._random, self._known(here, there), self._seed)))

    async def _healed(self) -> bool:
        """Gives back, half the time, what somebody lacks to ask: whether anything was written."""
        state, grips = self._state, self.cast.grips(self._state)
        able = {grip.account for grip in grips if state.holds(grip)}
        unable = sorted(self.cast.bearers.keys() - able)
        if not unable or self._random.random() < 0.5:
            return False
        account = state.rows["account"][self._random.choice(unable)]
        granted = any(
            grant["account_id"] == account["id"] and grant["valid_to"] is None
            for grant in state.rows["account_grant"].values()
        )
        if account["disabled_at"] is not None:
            await self._write("enableAccount", {"id": f"U{account['id']}", "version": account["version"]})
        elif not granted:
            await self._grant_again(account)
        elif account["kind"] == "SERVICE":
            await self._change_keys()
        else:
            await self.open_session(account["id"])
        return True

    async def _grant_again(self, account: Row) -> None:
        table = self._random.choice(("station", "station", "community"))
        place = self._random.choice(list(self._open(table)))
        given = {"accountId": f"U{account['id']}", "placeId": _id(table, place), "role": "MANAGER"}
        await self._write("grantAccount", given)

    async def open_session(self, account: int) -> None:
        """A new session of an account, as a log-in makes it."""
        async with self._writing():
            session, version = await self._connection.fetchrow(OPEN_SESSION, account)  # type: ignore[misc]
            self.cast.add(Grip(account, 0, session, version), self._issue(account, version, session))

    # -- how ------------------------------------------------------------------------------------------------------

    def _open(self, table: str) -> list[Row]:
        return [row for row in self._state.rows[table].values() if row["closed_on"] is None]

    def _known(self, county: int, other: int) -> Known:
        found: list[dict[str, list[str]]] = []
        spared = {f"U{account}" for account in self._writers}
        spared |= {
            f"R{row['id']}" for row in self._state.rows["account_grant"].values() if row["account_id"] in self._writers
        }
        versions: dict[str, int] = {}
        for one in (county, other):
            ids: dict[str, list[str]] = {letters: [] for letters in TABLES}
            for letters, table in TABLES.items():
                for row in self._state.rows[table].values():
                    if row["county_id"] == one and (id_ := f"{letters}{row['id']}") not in spared:
                        ids[letters].append(id_)
                        versions[id_] = row.get("version", 1)
            found.append(ids)
        return Known(found[0], found[1], versions, {}, self._state.today)

    async def _write(self, name: str, given: Mapping[str, Any], query: str = "") -> dict[str, Any]:
        """Sends a mutation as one of the writers; the payload, empty if all of it was refused."""
        # Most of what is to be written only the first may do everywhere.
        first, *others = self._writers.values()
        bearer = first if self._random.random() < 0.7 else self._random.choice(others)
        body = {"query": query or document(name), "variables": {"input": given}}
        self.last = f"{name} {given}"
        async with self._writing():
            response = await self._client.post("/graphql", json=body, headers={"Authorization": f"Bearer {bearer}"})
        answer = response.json()
        if "errors" in answer:
            self.outcomes[name, answer["errors"][0]["extensions"]["code"]] += 1
            return {}
        payload: dict[str, Any] = answer["data"][name]
        self.outcomes[name, payload["errors"][0]["code"] if payload["errors"] else "DONE"] += 1
        return payload

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[None]:
        self._history.begun += 1
        yield
        await self._history.read()


def _id(table: str, row: Row) -> str:
    return f"{LETTERS[table]}{row['id']}"
