"""The floor: what is left when a request costs nothing but its token, its scope and one hand-written statement.

The same uvicorn, the same check of the token, the same memory of grants, the same pools, role, guard and row-level
security as the server's; the JSON goes through as PostgreSQL built it. The body names a workload, `{"query": "W1",
"variables": {"value": …}}`, and whatever is unforeseen is an error 500.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.statements import STATEMENTS
from benchmarks.workloads import WORKLOADS, arguments
from resolvers.core.tokens import Tokens
from server.auth import Authentication
from server.database import Database
from server.settings import Settings


async def answer(request: Request) -> Response:
    """One statement."""
    body = orjson.loads(await request.body())
    workload = WORKLOADS[body["query"]]
    authorization = request.headers.get("authorization")
    identity, refusal = await request.app.state.authentication.identify(authorization, None, lambda: None)
    if identity is None:
        raise refusal or PermissionError
    row = await request.app.state.database.fetchrow(
        STATEMENTS[workload.name, identity.grant.wide], arguments(identity, workload, body["variables"]["value"])
    )
    if row[0] != "OK":
        raise PermissionError(row[0])
    json = b'{"data":{"%b":%b}}' % (workload.field.encode(), row[1] or b"null")
    return Response(json, media_type="application/json")


def create_app() -> Starlette:
    """The floor of one worker, with the server's own settings from the environment."""
    settings = Settings.load()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        assert settings.secret is not None
        assert settings.database_url is not None
        tokens = Tokens(settings.secret.get_secret_value(), settings.access_token_minutes, settings.refresh_token_days)
        database = await Database.open(
            settings.database_url, pool_size=settings.pool_size, statement_timeout_ms=settings.statement_timeout_ms
        )
        app.state.database, app.state.authentication = database, Authentication(database, tokens)
        yield
        await database.close()

    return Starlette(routes=[Route("/graphql", answer, methods=["POST"])], lifespan=lifespan)
