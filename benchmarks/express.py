"""`python -m benchmarks.express`: where the time of the smallest query goes, from ASGI on.

Microseconds of CPU on the server's side for each part of a warm request, the least mean of several rounds; PostgreSQL's
own are another process's. Alone in a loop a statement finds the database awake, which costs less than to wake it.
"""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import uvloop
from cryptography.fernet import Fernet
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from starlette.applications import Starlette
from starlette.types import Message, Scope

from resolvers.core.context import Context
from resolvers.core.executor import Executor, plan_key
from resolvers.core.messages import Language
from resolvers.core.trace import Trace
from schema import schema
from schema.base import Prepared
from server.app import create_app
from server.demo import PASSWORD, load
from server.embedded import running
from server.http.answering import respond, send_json
from server.http.asking import context_of
from server.http.endpoint import GraphQLEndpoint
from server.http.headers import JSON
from server.http.operating import Operating
from server.http.reading import read
from server.migrate import migrate
from server.services import Services
from server.settings import Settings

QUERY = "query Smallest($code: String!) { station(code: $code) { name } }"
VARIABLES = {"code": "350526"}
LOG_IN = "mutation ($u: String!, $p: String!) { logIn(input: { username: $u, password: $p }) { accessToken } }"

ROUNDS, CALLS = 7, 400

Step = Callable[[], Any]


async def microseconds(step: Step) -> float:
    """The least mean of the rounds; a step that gives an awaitable is awaited."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(CALLS):
            made = step()
            if isinstance(made, Awaitable):
                await made
        best = min(best, (time.process_time() - began) / CALLS)
    return best * 1e6


class Caller:
    """Calls the endpoint as the HTTP server would."""

    def __init__(self, app: Starlette) -> None:
        self._app, self._endpoint = app, GraphQLEndpoint(schema)
        self.token = ""
        self.sent: list[Message] = []

    def scope(self) -> Scope:
        """A request's."""
        headers = [(b"content-type", b"application/json"), (b"accept", b"application/json")]
        if self.token:
            headers.append((b"authorization", f"Bearer {self.token}".encode()))
        client = ("127.0.0.1", 1)
        return {
            "type": "http",
            "method": "POST",
            "path": "/graphql",
            "headers": headers,
            "client": client,
            "app": self._app,
        }

    async def send(self, message: Message) -> None:
        """Takes what is sent."""
        self.sent.append(message)

    async def post(self, query: str, variables: dict[str, Any]) -> Any:
        """The answer of an operation."""
        self.sent.clear()
        await self._endpoint(self.scope(), receiving(orjson.dumps({"query": query, "variables": variables})), self.send)
        return orjson.loads(self.sent[-1]["body"])


class Instant:
    """A database that has the answer already."""

    def __init__(self, row: Any) -> None:
        self._row = row

    async def fetchrow(self, _sql: str, _arguments: list[Any], _trace: Trace | None = None) -> Any:
        """The row."""
        return self._row

    read = fetchrow


def receiving(body: bytes) -> Callable[[], Awaitable[Message]]:
    """A body that is there at once, and a client that stays."""
    left = [{"type": "http.request", "body": body}]

    async def receive() -> Message:
        return left.pop() if left else await asyncio.Future()

    return receive


async def measure(app: Starlette) -> Table:
    """The parts and the whole."""
    caller = Caller(app)
    answer = await caller.post(LOG_IN, {"u": "hub", "p": PASSWORD})
    caller.token = answer["data"]["logIn"]["accessToken"]
    answer = await caller.post(QUERY, VARIABLES)
    assert "errors" not in answer, answer
    gc.collect()
    gc.freeze()
    services: Services = app.state.services
    scope, language = caller.scope(), Language.ENGLISH
    headers = dict(scope["headers"])
    body = orjson.dumps({"query": QUERY, "variables": VARIABLES})
    context: Context = await context_of(services, scope, headers, "express", language)
    prepared = schema.prepare(schema.documents.obtain(QUERY), VARIABLES, None, context)
    assert isinstance(prepared, Prepared)
    assert context.identity is not None
    identity, variables = context.identity, prepared.variables
    kept = Executor.plans.peek(plan_key(prepared.operation, variables, Executor.scopes[identity.grant.aspect]))
    assert kept is not None
    plan, operation = kept, prepared.document.operations[None]
    parameters = plan.bind(identity, variables, context)
    result = await schema.run(prepared, context)
    made = respond(result, JSON, "express", language, None)
    operating = Operating(schema, services, "POST", receiving(b""), JSON, headers)
    parts: dict[str, Step] = {
        "read the body": lambda: read(scope, headers, receiving(body), 1),
        "who asks": lambda: context_of(services, scope, headers, "express", language),
        "prepare it: document, variables, cost": lambda: schema.prepare(
            schema.documents.obtain(QUERY), VARIABLES, None, context
        ),
        "of that, find the document": lambda: schema.documents.obtain(QUERY),
        "of that, count the cost": lambda: operation.cost.of(variables.coerced),
        "find the plan": lambda: Executor.plans.peek(
            plan_key(prepared.operation, variables, Executor.scopes[identity.grant.aspect])
        ),
        "bind": lambda: plan.bind(identity, variables, context),
        "the statement": lambda: services.database.fetchrow(plan.sql, parameters),
        "take a turn, pay": lambda: turn(services),
        "tell of it": lambda: operating.ended(context, HTTPStatus.OK),
        "answer": lambda: respond(result, JSON, "express", language, None),
        "send": lambda: send_json(caller.send, made, JSON, "express", language),
        "the whole": lambda: caller.post(QUERY, VARIABLES),
    }
    table = Table("part", "µs", title="The smallest query")
    for name, step in parts.items():
        table.add_row(name, f"{await microseconds(step):.1f}")
        caller.sent.clear()
    row = await services.database.fetchrow(plan.sql, parameters)
    app.state.services = replace(services, database=Instant(row))  # type: ignore[arg-type]
    table.add_row("the whole without the statement", f"{await microseconds(parts['the whole']):.1f}")
    app.state.services = services
    return table


async def turn(services: Services) -> None:
    """What an operation takes and gives back."""
    caller = ("account", 0)
    services.budget.take(caller)
    services.budget.spend(caller, 1)
    await services.turns.take(caller)
    services.turns.give_back(caller)


async def run(folder: Path, server_url: str, owner_url: str) -> None:
    """Load the demo, serve it in this process, measure."""
    keys = Fernet.generate_key().decode()
    await migrate(owner_url)
    await load(owner_url, keys, None)
    settings = Settings(
        database_url=server_url,
        data_dir=folder,
        secret=SecretStr("a secret of this benchmark, long enough"),
        personal_keys=SecretStr(keys),
        budget_burst=10**12,
        log_level="error",
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        Console().print(await measure(app))


def main() -> None:
    """Print the table."""
    with TemporaryDirectory() as name, running(Path(name) / "data") as embedded:
        uvloop.run(run(Path(name), embedded.server_url, embedded.owner_url))


if __name__ == "__main__":
    main()
