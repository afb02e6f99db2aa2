"""Metrics in Prometheus' format.

What each operation adds is kept small: sums that Python counts are handed to the library when somebody looks. With
several workers, each writes to files of a folder that the parent has made, and whoever is asked adds them up.
"""

import os
import time
from collections import Counter as Tally
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from pydantic import SecretStr
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from resolvers.core.trace import Trace
from server.replication.replicas import ReplicatedDatabase

if TYPE_CHECKING:
    from server.services import Services

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which the library knows that several processes count together; `serve` sets it."""

FORMAT = "text/plain; version=1.0.0; charset=utf-8; escaping=underscores"
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


End = tuple[str, str, int, str]
"""How an operation ended: its name as a label, its kind, its status, and "OK" or the code of its first error."""


class Metrics:
    """The metrics of a worker."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._operations = self._counter(
            "operations", "Operations, by their first error's code", "operation", "kind", "status", "code"
        )
        self._seconds = self._histogram("operation_seconds", "Time until the answer", "operation", "kind")
        self._database = self._histogram(
            "database_seconds", "Time that PostgreSQL took for an operation's statements", "kind"
        )
        self._deprecated = self._counter(
            "deprecated_uses", "Operations that use what is deprecated", "coordinate", "client"
        )
        self._sums = {
            "statements": self._counter("statements", "Statements of operations"),
            "rows": self._counter("cost_rows", "Rows that operations asked for"),
            "waited": self._counter("pool_wait_seconds", "Time that operations waited for a connection, or a replica"),
        }
        self._caches = self._counter("cache_lookups", "Documents and plans that were asked for", "cache", "result")
        self._gauges = {
            "pool_connections": self._gauge("pool_connections", "Connections to PostgreSQL"),
            "pool_used": self._gauge("pool_connections_used", "Connections that are in use"),
            "pool_waiting": self._gauge("pool_waiting", "Operations that wait for a connection"),
            "live": self._gauge("live_connections", "WebSockets and streams of events that are open"),
            "subscriptions": self._gauge("subscriptions", "Subscriptions that are fed"),
            "lag": self._gauge("event_lag_seconds", "From a writing transaction's begin to its event", mode="livemax"),
            "memory": self._gauge("process_resident_bytes", "Memory of the workers"),
            "cpu": self._gauge("process_cpu_seconds", "Processor time of the workers"),
            "started": self._gauge("process_start_time_seconds", "When the worker began, in Unix time", mode="livemin"),
        }
        self._reads = self._counter("reads", "Reads that a node has answered, where there are replicas", "node")
        self._in_use = self._gauge("replica_in_use", "Whether reads go to a replica", "node", mode="livemin")
        self._lag = self._gauge("replica_lag_seconds", "How far a replica was behind", "node", mode="livemax")
        self._items = self._gauge("cache_items", "What the caches keep", "cache")
        self._process = psutil.Process()
        self._statements, self._rows, self._waited = 0, 0, 0.0
        self._looked: Tally[tuple[str, str]] = Tally()
        self._read: Tally[str] = Tally()
        self._ends: dict[End, tuple[Counter, Histogram, Histogram]] = {}

    def ended(self, trace: Trace, end: End, seconds: float) -> None:
        """An operation is answered."""
        found = self._ends.get(end)
        if found is None:
            # The library's own way to what has these labels costs more than the counting.
            found = self._ends[end] = self._counted(*end)
        count, duration, database = found
        count.inc()
        duration.observe(seconds)
        if trace.statements:
            database.observe(trace.database)
            self._statements += trace.statements
            self._rows += trace.cost
            self._waited += trace.waited
        if trace.kind:
            self._looked["documents", "hit" if trace.document_kept else "miss"] += 1
        if trace.plan_kept is not None:
            self._looked["plans", "hit" if trace.plan_kept else "miss"] += 1

    def deprecated(self, coordinate: str, client: str) -> None:
        """An operation uses what is deprecated. client: its label."""
        self._deprecated.labels(coordinate, client).inc()

    def sample(self, services: "Services", kept: dict[str, int]) -> None:
        """Take in what was counted and what there is. kept: how many items each cache has."""
        for name, number in (("statements", self._statements), ("rows", self._rows), ("waited", self._waited)):
            self._sums[name].inc(number)
        self._statements, self._rows, self._waited = 0, 0, 0.0
        for (cache, result), lookups in self._looked.items():
            self._caches.labels(cache, result).inc(lookups)
        self._looked.clear()
        for cache, number in kept.items():
            self._items.labels(cache).set(number)
        database, gauges = services.database, self._gauges
        pools = [database.pool]
        if isinstance(database, ReplicatedDatabase):
            pools += [replica.pool for replica in database.replicas]
            self._sample_replicas(database)
        gauges["pool_connections"].set(sum(pool.size for pool in pools))
        gauges["pool_used"].set(sum(pool.used for pool in pools))
        gauges["pool_waiting"].set(sum(pool.waiting for pool in pools))
        gauges["live"].set(len(services.live))
        gauges["subscriptions"].set(services.live.feed.subscriptions)
        gauges["lag"].set(services.live.feed.lag)
        gauges["memory"].set(self._process.memory_info().rss)
        gauges["cpu"].set(time.process_time())
        gauges["started"].set(self._process.create_time())

    def _sample_replicas(self, database: ReplicatedDatabase) -> None:
        for node, number in (database.reads - self._read).items():
            self._reads.labels(node).inc(number)
        self._read = database.reads.copy()
        for replica in database.replicas:
            self._in_use.labels(replica.name).set(replica.in_use)
            self._lag.labels(replica.name).set(replica.lag)

    def text(self) -> bytes:
        """All metrics, of all workers."""
        folder = os.environ.get(FOLDER)
        if folder is None:
            return generate_latest(self._registry)
        for path in Path(folder).glob("gauge_live*.db"):
            process = path.stem.rpartition("_")[2]
            if process.isdigit() and not psutil.pid_exists(int(process)):
                mark_process_dead(int(process), folder)  # type: ignore[no-untyped-call]
        together = CollectorRegistry()
        MultiProcessCollector(together, folder)  # type: ignore[no-untyped-call]
        return generate_latest(together)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"zhanwang_{name}", what, labels, registry=self._registry)

    def _histogram(self, name: str, what: str, *labels: str) -> Histogram:
        return Histogram(f"zhanwang_{name}", what, labels, buckets=SECONDS, registry=self._registry)

    def _gauge(self, name: str, what: str, *labels: str, mode: Any = "livesum") -> Gauge:
        return Gauge(f"zhanwang_{name}", what, labels, registry=self._registry, multiprocess_mode=mode)

    def _counted(self, name: str, kind: str, status: int, code: str) -> tuple[Counter, Histogram, Histogram]:
        return (
            self._operations.labels(name, kind, str(int(status)), code),
            self._seconds.labels(name, kind),
            self._database.labels(kind),
        )


def metrics_of(secret: SecretStr | None) -> Callable[[Request], Awaitable[Response]]:
    """`GET /metrics`, for who has the token; where there is none, nothing is there."""
    wanted = None if secret is None else f"Bearer {secret.get_secret_value()}".encode()

    async def metrics(request: Request) -> Response:
        if wanted is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        if not compare_digest(request.headers.get("authorization", "").encode("latin-1"), wanted):
            headers = {"WWW-Authenticate": "Bearer"}
            return PlainTextResponse("This needs ZHANWANG_METRICS_TOKEN.\n", HTTPStatus.UNAUTHORIZED, headers)
        services: Services = request.app.state.services
        return Response(services.telemetry.metrics_text(services), headers={"Content-Type": FORMAT})

    return metrics
