"""What becomes of an operation once it is answered: a line in the log, metrics, spans."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from resolvers.core.errors import Code
from resolvers.core.executor import Executor
from resolvers.core.ids import encode
from resolvers.core.trace import Step, Trace
from schema import schema
from server.beside import beside
from server.settings import Settings
from server.telemetry.metrics import Metrics
from server.telemetry.names import Names, client_of

if TYPE_CHECKING:
    from server.services import Services
    from server.telemetry.spans import Spans

log = logging.getLogger("zhanwang.operations")
deprecations = logging.getLogger("zhanwang.deprecations")

OPERATIONS = 200
CLIENTS = 50
"""How many names of operations and of clients a worker's metrics tell apart."""

LINES_PER_SECOND = 20
"""How many lines about single operations a worker logs, if not all are wanted; what hammers must not fill the disk."""

ACCOUNT_PREFIX = "U"
SAMPLE_SECONDS = 5.0
REMIND_SECONDS = 3600.0

_LEVELS = {
    Code.INTERNAL.value: logging.ERROR,
    Code.UNAVAILABLE.value: logging.WARNING,
    Code.TIMEOUT.value: logging.WARNING,
}


# Not frozen: that would make making one three times as dear.
@dataclass(slots=True)
class Ended:
    """An operation that was answered, or a request that came to none.

    account: the key of who asked, if that is known. codes: of its errors. trusted: its document was named, not sent.
    """

    trace: Trace
    request_id: str
    headers: dict[bytes, bytes]
    method: str
    route: str
    status: int
    codes: frozenset[str]
    account: int | None = None
    address: str = ""
    trusted: bool = False


class Telemetry:
    """Tells of the operations of a worker.

    every: whether each has its line; otherwise those have that are refused, fail or take `slow` seconds.
    """

    def __init__(self, *, every: bool, slow: float, spans: "Spans | None") -> None:
        self._every, self._slow, self._spans = every, slow, spans
        self._metrics = Metrics()
        self._operations, self._clients = Names(OPERATIONS), Names(CLIENTS)
        self._lines = _Lines(LINES_PER_SECOND)
        self._reminded: dict[tuple[str, str], float] = {}

    def steps(self, headers: dict[bytes, bytes]) -> list[Step] | None:
        """Where a request's trace keeps its steps, if somebody may want to know."""
        return [] if self._spans is not None and self._spans.wanted(headers) else None

    def ended(self, it: Ended) -> None:
        """Tell of an operation that ends now."""
        trace = it.trace
        seconds = time.perf_counter() - trace.began
        code = min(it.codes) if it.codes else "OK"
        # Who is not known may not fill the places that there are.
        name = self._operations.label(trace.operation, learn=it.trusted or (it.account is not None and not it.codes))
        self._metrics.ended(trace, (name, trace.kind, it.status, code), seconds)
        trace_id = self._span(it) if trace.steps is not None else None
        if trace.deprecated:
            self._remind(it)
        level = self._level(it, seconds)
        if log.isEnabledFor(level) and (self._every or level == logging.DEBUG or self._lines.free()):
            log.log(level, "operation", extra={"fields": self._told(it, seconds, trace_id)})

    def metrics_text(self, services: "Services") -> bytes:
        """All metrics, of all workers."""
        self._sample(services)
        return self._metrics.text()

    @asynccontextmanager
    async def sampling(self, services: "Services") -> AsyncIterator[None]:
        """While the block runs, other workers can tell what there is here; at its end, the last spans are sent."""

        async def work() -> None:
            while True:
                self._sample(services)
                await asyncio.sleep(SAMPLE_SECONDS)

        try:
            async with beside(work()):
                yield
        finally:
            if self._spans is not None:
                await asyncio.to_thread(self._spans.close)

    def _sample(self, services: "Services") -> None:
        kept = {
            "documents": len(schema.documents),
            "plans": len(Executor.plans),
            "sessions": len(services.authentication),
        }
        self._metrics.sample(services, kept)

    def _span(self, it: Ended) -> str | None:
        assert self._spans is not None
        trace = it.trace
        attributes: dict[str, str | int] = {
            "http.request.method": it.method,
            "http.route": it.route,
            "http.response.status_code": it.status,
            "graphql.operation.name": trace.operation,
            "graphql.operation.type": trace.kind,
            "zhanwang.request_id": it.request_id,
            "zhanwang.cost": trace.cost,
        }
        if it.codes:
            attributes["error.type"] = ",".join(sorted(it.codes))
        return self._spans.ended(trace, it.headers, attributes)

    def _remind(self, it: Ended) -> None:
        """Count who uses what is deprecated; a line the first time, and then once an hour."""
        trace, given = it.trace, client_of(it.headers)
        client = self._clients.label(given, learn=it.account is not None)
        now = time.monotonic()
        for coordinate in trace.deprecated:
            self._metrics.deprecated(coordinate, client)
            key = coordinate, client
            if now - self._reminded.get(key, -REMIND_SECONDS) >= REMIND_SECONDS:
                self._reminded[key] = now
                told = {"coordinate": coordinate, "client": client, "operation": trace.operation}
                deprecations.warning("deprecated", extra={"fields": told})

    def _level(self, it: Ended, seconds: float) -> int:
        if it.codes:
            return max(_LEVELS.get(code, logging.INFO) for code in it.codes)
        if seconds >= self._slow:
            return logging.WARNING
        return logging.INFO if self._every else logging.DEBUG

    def _told(self, it: Ended, seconds: float, trace_id: str | None) -> dict[str, Any]:
        trace = it.trace
        told = {
            "request_id": it.request_id,
            "route": it.route,
            "operation": trace.operation,
            "kind": trace.kind,
            "status": it.status,
            "codes": sorted(it.codes),
            "ms": _milliseconds(seconds),
            "database_ms": _milliseconds(trace.database),
            "waited_ms": _milliseconds(trace.waited),
            "statements": trace.statements,
            "cost": trace.cost,
            "account": None if it.account is None else encode(ACCOUNT_PREFIX, it.account),
            "address": it.address,
            "client": client_of(it.headers),
            "trace_id": trace_id,
        }
        return {name: value for name, value in told.items() if value not in (None, "", [])}


class _Lines:
    """So many lines a second, and no more."""

    def __init__(self, most: int) -> None:
        self._most, self._left, self._second, self._dropped = most, most, 0, 0

    def free(self) -> bool:
        """Whether there may be one more; at the first of a second, tells how many there should have been before."""
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._left = second, self._most
            if self._dropped:
                log.warning("%d lines about operations were left out", self._dropped)
                self._dropped = 0
        if not self._left:
            self._dropped += 1
            return False
        self._left -= 1
        return True


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 2)


def open_telemetry(settings: Settings) -> Telemetry:
    """The telemetry of a worker."""
    spans = None
    if settings.otlp_endpoint is not None:
        # A tenth of a second and some megabytes, for whoever wants traces.
        from server.telemetry.spans import Spans

        spans = Spans(settings.otlp_endpoint, settings.trace_ratio)
    return Telemetry(every=settings.log_requests, slow=settings.slow_ms / 1000, spans=spans)
