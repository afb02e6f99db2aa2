"""`python -m benchmarks.leaks`: whether anything leaks in a long run, while places move and grants change.

A server with two workers is asked by accounts of every level, several at once, for lists, for ids that they must not
see and for random documents, each some fifty times with other ids, filters and cursors, and told by random
subscriptions; every answer is held against what its account could see from the request's beginning to its end, every
event against what it could in the last two seconds. Between the documents of a round, while nothing is
written, counts are held against the oracle and statistics against plain Python. Each round has the network anew.
"""

import argparse
import asyncio
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

from benchmarks.serve import serve
from resolvers.core.ids import encode
from resolvers.core.tokens import Tokens
from server.auth import GRANT_HEADER, GRANT_PREFIX
from server.embedded import Embedded, running
from tests.harvest import Harvest, harvest
from tests.parties import Parties
from tests.reference import Reference, compare
from tests.roaming import CORE, FOLLOWERS, Roaming
from tests.scene import World, create
from tests.statistical import Asking, days_of, values_of

WORKERS = 2
TOKEN_MINUTES = 24 * 60
BATCH = 20
"""How many documents are asked at a time, so that their plans stay warm."""
STATISTICS = 4
SHOWN = 5


class Run:
    """One run: a database of regions and counties, of which each round has a copy."""

    def __init__(self, embedded: Embedded, folder: Path, seed: int, at_once: int, pace: int) -> None:
        self._embedded, self._folder, self._seed = embedded, folder, seed
        self._at_once, self._pace = at_once, pace
        self._url, settings = create(embedded, folder)
        self._settings = settings.model_copy(update={"log_level": "error", "log_format": "json", "pool_size": 20})
        assert settings.secret is not None
        self._tokens = Tokens(settings.secret.get_secret_value(), TOKEN_MINUTES, 1)
        self.kinds, self.outcomes = Counter[str](), Counter[tuple[str, str]]()
        self.failures: list[str] = []
        self.reduced: list[str] = []

    def plant(self) -> None:
        """Makes the network, and notes what its highest accounts are told."""
        with serve(self._settings) as served, closing(World(self._url, self._settings, served.address)) as world:
            self._parties = Parties.planted(world)
            token = world.token(self._parties.writers[0])
            self._hub: Harvest = harvest(CORE, lambda query: world.post(token, query).json()["data"])

    def round(self, number: int, operations: int, documents: int, told: Any) -> None:
        """So many operations on a copy of the network."""
        name = f"round_{number}"
        asyncio.run(self._sql(f"CREATE DATABASE {name} TEMPLATE {self._name}"))
        try:
            url = self._settings.database_url or ""
            settings = self._settings.model_copy(update={"database_url": url.replace(self._name, name)})
            with serve(settings, WORKERS) as served:
                asyncio.run(
                    self._roam(number, self._url.replace(self._name, name), served.address, operations, documents, told)
                )
        finally:
            asyncio.run(self._sql(f"DROP DATABASE {name} WITH (FORCE)"))

    @property
    def _name(self) -> str:
        return self._url.partition("?")[0].rpartition("/")[2]

    async def _sql(self, statement: str) -> None:
        connection = await asyncpg.connect(self._embedded.owner_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def _roam(self, number: int, url: str, address: str, operations: int, documents: int, told: Any) -> None:
        assert self._settings.personal_keys is not None
        personal_key = self._settings.personal_keys.get_secret_value()
        connections = self._at_once + FOLLOWERS + 2
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        connection = await asyncpg.connect(url, server_settings={"TimeZone": "Asia/Shanghai"})
        async with httpx.AsyncClient(base_url=address, timeout=60, limits=limits) as client:
            roaming = await self._parties.gathered(
                connection, client, personal_key, self._issue, self._hub, f"{self._seed}/{number}"
            )
            roaming.pace = self._pace
            batches = max(1, documents // BATCH)
            async with roaming.followed():
                for batch in range(batches):
                    roaming.documents = roaming.compose(min(BATCH, documents))
                    share = operations // batches + (batch < operations % batches)
                    await roaming.run(share, self._at_once, told)
                    await roaming.rest()
                    if batch % 5 == 4 or batch == batches - 1:
                        await self._count(roaming, url, personal_key, f"{self._seed}/{number}/{batch}")
                    if roaming.failures:
                        self.reduced += await roaming.reduce()
                        break
        await connection.close()
        self.kinds += roaming.kinds
        self.outcomes += roaming.unrest.outcomes
        self.failures += roaming.failures

    async def _count(self, roaming: Roaming, url: str, personal_key: str, seed: str) -> None:
        """Statistics against plain Python, while nothing is written."""
        reference, state = await Reference.of(url, personal_key), roaming.history.latest
        values, days = values_of(reference), days_of(reference)
        held = {
            grip.account: (grip, bearer)
            for grip, bearer in roaming.unrest.cast.grips(state).items()
            if state.holds(grip)
        }
        for account, (grip, bearer) in held.items():
            username = state.rows["account"][account]["username"]
            headers = {"Authorization": f"Bearer {bearer}", GRANT_HEADER: encode(GRANT_PREFIX, grip.grant)}
            for index in range(STATISTICS):
                query, given = Asking(CORE, Random(f"{seed} {account} {index}"), values, days).operation()
                body = {"query": query, "variables": given}
                response = await roaming.client.post("/graphql", json=body, headers=headers)
                # It asks the database by a loop of its own.
                expected = await asyncio.to_thread(reference.answer, username, query, given, grip.grant)
                if found := compare(expected, response.text):
                    roaming.failures.append(f"seed {seed!r}, account {account}\n{query}\n{given}\n{found}")
                roaming.kinds["statistics"] += 1

    def _issue(self, account: int, version: int, session: int) -> str:
        return self._tokens.issue(account, version, session).text


def main() -> None:
    """Run from the command line; exit 1 if anything leaks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--round", type=int, default=10_000, help="operations for each copy of the network")
    parser.add_argument("--documents", type=int, default=200, help="random documents of a round")
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--pace", type=int, default=15, help="operations for each write")
    given = parser.parse_args()
    out, err = Console(soft_wrap=True), Console(stderr=True)
    counting = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with (
        TemporaryDirectory() as folder,
        running(Path(folder, "data")) as embedded,
        Progress("{task.description}", *counting, console=err) as bar,
    ):
        run = Run(embedded, Path(folder), given.seed, given.at_once, given.pace)
        task = bar.add_task("planting", total=given.operations)
        run.plant()
        left, number = given.operations, 0
        while left > 0 and not run.failures:
            bar.update(task, description=f"round {number + 1}")
            share = min(given.round, left)
            run.round(number, share, given.documents, lambda: bar.advance(task))
            left, number = left - share, number + 1
            if not err.is_terminal:
                err.print(f"{given.operations - left:,} operations, {len(run.failures)} leaks")
    done = sum(count for (_, outcome), count in run.outcomes.items() if outcome == "DONE")
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in run.kinds.most_common())
    asked = f"seed {given.seed}: {given.operations - left:,} operations ({kinds})"
    out.print(f"{asked}, {done:,} writes done of {run.outcomes.total():,}")
    for failure in run.reduced[:SHOWN] or run.failures[:SHOWN]:
        out.print(failure, markup=False, highlight=False)
    out.print(f"{len(run.failures)} leaks" if run.failures else "nothing leaks")
    sys.exit(bool(run.failures))


if __name__ == "__main__":
    main()
