"""What requests are answered with: made once a worker, closed at its end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from resolvers.core.events import Positions
from resolvers.core.limits import Limits
from resolvers.core.passwords import Passwords
from resolvers.core.personal import PersonalVault
from resolvers.core.tokens import Tokens
from server.auth import Authentication
from server.budget import Budget, Turns
from server.changes import Changes
from server.database import Database
from server.documents import AutomaticDocuments, TrustedDocuments
from server.embedded import database_urls
from server.http.choosing import Choice
from server.http.leaving import Leaving
from server.http.securing import origins
from server.listener import Listener
from server.live.feed import Feed
from server.live.live import Live
from server.live.shares import Shares
from server.oidc import Issuer, IssuerSettings
from server.replication.replicas import open_database
from server.settings import Settings
from server.telemetry.telemetry import Telemetry, open_telemetry


@dataclass(frozen=True)
class Services:
    """The means of a worker."""

    database: Database
    changes: Changes
    listener: Listener
    authentication: Authentication
    tokens: Tokens
    passwords: Passwords
    vault: PersonalVault
    id_tokens: Issuer | None
    smallest_cell: int
    limits: Limits
    budget: Budget
    turns: Turns
    leaving: Leaving
    documents: Choice
    batch_max: int
    live: Live
    origins: frozenset[str]
    telemetry: Telemetry


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Open the database and whatever stands on it."""
    assert settings.secret is not None
    assert settings.personal_keys is not None
    budget = Budget(settings.budget_per_second, settings.budget_burst)
    tokens = Tokens(settings.secret.get_secret_value(), settings.access_token_minutes, settings.refresh_token_days)
    with database_urls(settings) as urls:
        issuer = IssuerSettings.of(settings)
        id_tokens = None if issuer is None else Issuer(issuer)
        database = await open_database(settings, urls.server_url)
        changes, listener = Changes(), listener_of(settings, urls.server_url)
        try:
            yield Services(
                database=database,
                changes=changes,
                listener=listener,
                authentication=Authentication(database, tokens, changes),
                tokens=tokens,
                passwords=Passwords(),
                vault=PersonalVault(settings.personal_keys.get_secret_value()),
                id_tokens=id_tokens,
                smallest_cell=settings.smallest_cell,
                limits=Limits(settings.max_cost, settings.introspection),
                budget=budget,
                turns=Turns(settings.operations_at_once or max(1, settings.pool_size // 2)),
                leaving=Leaving(asyncio.get_running_loop()),
                documents=Choice(
                    trusted=TrustedDocuments(database, changes),
                    only_trusted=settings.trusted_only,
                    automatic=AutomaticDocuments() if settings.automatic_persisted_queries else None,
                ),
                batch_max=settings.batch_max,
                live=Live(
                    Feed(listener, hours=settings.event_hours),
                    Positions(tokens, settings.event_hours),
                    Shares(budget, at_once=max(1, settings.pool_size // 4)),
                    per_account=settings.connections_per_account,
                ),
                origins=origins(settings),
                telemetry=open_telemetry(settings),
            )
        finally:
            await database.close()
            if id_tokens is not None:
                await id_tokens.close()


def listener_of(settings: Settings, url: str) -> Listener:
    """Where a worker listens. url: where it asks."""
    if settings.listen_database_url is not None:
        return Listener(settings.listen_database_url, settings.statement_timeout_ms)
    return Listener(url, settings.statement_timeout_ms, settings.pooler)
