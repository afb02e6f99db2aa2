"""`python -m benchmarks.plans`: the plans of the server's statements, and how long PostgreSQL takes for each.

As the server runs them: compiled from the documents, by its role, under the scope of an account of each level, by the
plan that its pool's settings make. Each plan is kept as text in `plans/`.
"""

import argparse
import asyncio
import json
import secrets
import textwrap
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
from rich.console import Console
from rich.table import Table

from benchmarks.systems import DATA
from benchmarks.workloads import WORKLOADS, Target, targets
from resolvers.core.context import Context
from resolvers.core.tokens import Tokens
from resolvers.core.trace import Trace
from schema import schema
from server.auth import Authentication
from server.database import Database
from server.embedded import running
from server.pool import session_settings

FOLDER = Path(__file__).with_name("plans")
LEVELS = ("township", "county", "province", "nation")
TIMES = 11
TIMEOUT_MS = 600_000
EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, SETTINGS)"


@dataclass(frozen=True)
class Compiled:
    """A statement that the server made, with its parameters."""

    sql: str
    parameters: Sequence[Any]

    @property
    def execution(self) -> str:
        """The call of the statement by the name that `prepared` gives it."""
        return f"EXECUTE compiled ({', '.join(map(_literal, self.parameters))})"

    async def prepare(self, connection: "asyncpg.Connection") -> None:
        """Give it its name in a session, instead of the one before."""
        await connection.execute("DEALLOCATE ALL")
        await connection.execute(f"PREPARE compiled AS {self.sql}")


class _Recorder:
    """The database, and the statements that it was given."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.said: list[Compiled] = []

    async def fetchrow(self, sql: str, arguments: list[Any], trace: Trace | None = None) -> Any:
        """Run a statement, and note it."""
        self.said.append(Compiled(sql, arguments))
        return await self._database.fetchrow(sql, arguments, trace)

    read = fetchrow

    def transaction(self, trace: Trace | None = None) -> Any:
        """As the database's."""
        return self._database.transaction(trace)


class Statements:
    """Compiles requests as a server over a database does."""

    def __init__(self, database: Database) -> None:
        self._recorder = _Recorder(database)
        self._tokens = Tokens(secrets.token_urlsafe(48), 60, 1)
        self._authentication = Authentication(database, self._tokens)

    @classmethod
    @asynccontextmanager
    async def over(cls, url: str) -> "AsyncIterator[Statements]":
        """Over the database of a server's URL."""
        database = await Database.open(url, pool_size=1, statement_timeout_ms=TIMEOUT_MS)
        try:
            yield cls(database)
        finally:
            await database.close()

    async def of(self, target: Target) -> Compiled:
        """The statement of one request, which is run. Raises RuntimeError if it is refused."""
        token = self._tokens.issue(target.account_id, 1, target.session_id).text
        identity, refusal = await self._authentication.identify(f"Bearer {token}", None, lambda: None)
        if identity is None:
            raise RuntimeError(str(refusal))
        workload = WORKLOADS[target.workload]
        context = Context(database=self._recorder, request_id="benchmark", identity=identity)
        self._recorder.said.clear()
        result = await schema.execute(
            workload.document, variable_values=workload.variables(target.value), context_value=context
        )
        if getattr(result, "errors", None):
            raise RuntimeError(f"{workload.name}: {result.errors}")
        (compiled,) = self._recorder.said
        return compiled


@asynccontextmanager
async def connected(url: str, **settings: str) -> "AsyncIterator[asyncpg.Connection]":
    """A connection as the server's pool opens it; settings: instead of its own."""
    connection = await asyncpg.connect(
        url, statement_cache_size=0, server_settings=session_settings(TIMEOUT_MS) | settings
    )
    try:
        yield connection
    finally:
        await connection.close()


async def milliseconds(connection: "asyncpg.Connection", compiled: Compiled, times: int = TIMES) -> float:
    """The median time of a statement, warm, from when it is sent to when its answer is here."""
    await compiled.prepare(connection)
    taken = []
    for _ in range(times + 1):
        began = time.perf_counter()
        await connection.fetchrow(compiled.execution)
        taken.append(1e3 * (time.perf_counter() - began))
    return median(taken[1:])


async def explain(connection: "asyncpg.Connection", compiled: Compiled) -> str:
    """Its plan, with what it did, as PostgreSQL lays it out."""
    await compiled.prepare(connection)
    return "\n".join(line for (line,) in await connection.fetch(f"{EXPLAIN} {compiled.execution}"))


async def nodes(connection: "asyncpg.Connection", compiled: Compiled) -> list[dict[str, Any]]:
    """The nodes of its plan, as `EXPLAIN (FORMAT JSON)` has them, each without those below it."""
    await compiled.prepare(connection)
    (plan,) = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) {compiled.execution}"))
    return list(_flat(plan["Plan"]))


def _flat(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    below = node.pop("Plans", [])
    yield node
    for each in below:
        yield from _flat(each)


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, list | tuple):
        return f"ARRAY[{', '.join(map(_literal, value))}]"
    return "'" + str(value).replace("'", "''") + "'"


async def _keep(urls: tuple[str, str], out: Console) -> None:
    server_url, owner_url = urls
    found = Table("workload", *LEVELS, title="PostgreSQL's time, ms")
    owner = await asyncpg.connect(owner_url)
    try:
        async with Statements.over(server_url) as statements, connected(server_url) as connection:
            for name in WORKLOADS:
                cells = []
                for level in LEVELS:
                    asked = await targets(owner, name, level, 1)
                    if not asked:
                        cells.append("")
                        continue
                    compiled = await statements.of(asked[0])
                    taken = await milliseconds(connection, compiled)
                    plan = await explain(connection, compiled)
                    cells.append(f"{taken:.2f}")
                    text = textwrap.fill(compiled.sql, 118, break_long_words=False, break_on_hyphens=False)
                    (FOLDER / f"{name}-{level}.txt").write_text(f"{plan}\n\nStatement:\n{text}\n")
                found.add_row(name, *cells)
    finally:
        await owner.close()
    out.print(found)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.plans", description=__doc__)
    parser.add_argument("--database", default="nation", help="data folder in .zhanwang (nation)")
    given = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    with running(DATA / given.database) as embedded:
        asyncio.run(_keep((embedded.server_url, embedded.owner_url), Console()))


if __name__ == "__main__":
    main()
