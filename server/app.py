"""The ASGI application: `/graphql`, and what operators ask of it."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from resolvers.core.errors import Refusal
from schema import schema
from server.beside import beside
from server.escalation import escalating
from server.folding import folding
from server.http.compressing import Compression
from server.http.endpoint import GraphQLEndpoint
from server.http.failing import failed, wrong_method
from server.http.securing import cors
from server.live.websocket import WebSocketEndpoint
from server.oidc import IssuerSettings, sign_in
from server.pages.lost import lost
from server.pages.routes import page_routes
from server.retention import retaining
from server.sealing import sealing
from server.services import open_services
from server.settings import Settings
from server.stopping import Stopping
from server.telemetry.metrics import metrics_of
from server.transfer.endpoints import Imports
from server.transfer.exporting import Export


class Application(Starlette):
    """Starlette's, with a way of its own to the endpoint that nearly all requests are for.

    Routing, compression and the handling of errors cost as much as a small operation, and that endpoint needs none.
    """

    def __init__(self, graphql: ASGIApp, **options: Any) -> None:
        super().__init__(**options)
        self._graphql = graphql

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or keep one connection."""
        if scope["type"] == "http" and scope["path"] == "/graphql":
            scope["app"] = self
            await self._graphql(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(settings: Settings | None = None) -> Starlette:
    """The application of one worker; its settings come from the environment if they are not given."""
    chosen = settings or Settings.load()

    stopping = Stopping(chosen.drain_seconds)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Stopping]]:
        async with (
            open_services(chosen) as services,
            sealing(services.database),
            escalating(services.database),
            folding(services.database),
            retaining(services.database, chosen),
            beside(services.changes.follow(services.listener)),
            beside(services.live.feed.run()),
            services.telemetry.sampling(services),
        ):
            app.state.services, app.state.stopping = services, stopping
            stopping.last.append(services.live.close_all)
            # What is loaded now stays: a full collection that walked it would hold requests up for 70 ms.
            gc.collect()
            gc.freeze()
            yield {"stopping": stopping}

    # Each keeps a connection for as long as it takes; the others' requests need them, too.
    imports = Imports(schema, max_bytes=chosen.import_max_bytes, at_once=max(1, chosen.pool_size // 4))
    endpoint = GraphQLEndpoint(schema)
    graphql: ASGIApp = endpoint
    for one in cors(chosen):
        graphql = one.cls(graphql, *one.args, **one.kwargs)
    return Application(
        graphql,
        routes=[
            Route("/graphql", endpoint),
            WebSocketRoute("/graphql", WebSocketEndpoint(schema)),
            Route("/export/{connection}", Export(schema)),
            Route("/import/{table}", imports),
            # For front ends, GraphiQL's page too: which issuer of OpenID Connect one signs in at, if any.
            Route("/sign-in", sign_in(IssuerSettings.of(chosen))),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics_of(chosen.metrics_token)),
            *page_routes(chosen),
        ],
        exception_handlers={
            HTTPStatus.NOT_FOUND: lost,
            HTTPStatus.METHOD_NOT_ALLOWED: wrong_method,
            Exception: failed,
        },
        middleware=[*cors(chosen), Middleware(Compression)],
        lifespan=lifespan,
    )


async def healthz(_: Request) -> Response:
    """Whether the process is alive."""
    return JSONResponse({"status": "alive"})


async def readyz(request: Request) -> Response:
    """Whether it can answer: the database is reachable and has this program's migrations."""
    if request.app.state.stopping.begun:
        return JSONResponse({"status": "stopping"}, HTTPStatus.SERVICE_UNAVAILABLE)
    try:
        ready = await request.app.state.services.database.ready()
    except Refusal:
        return JSONResponse({"status": "database away"}, HTTPStatus.SERVICE_UNAVAILABLE)
    if not ready:
        return JSONResponse({"status": "migrations not current"}, HTTPStatus.SERVICE_UNAVAILABLE)
    return JSONResponse({"status": "ready"})
