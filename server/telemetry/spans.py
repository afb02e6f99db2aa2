"""Traces in OpenTelemetry's way: a span for a request, and below it one for each step that it took.

They are made when the request is over, from times that were noted meanwhile, so that a request whose trace nobody
keeps costs next to nothing; and sent in the background, by OTLP over HTTP.
"""

from random import random
from time import perf_counter, time_ns

from opentelemetry.context import Context as Parent
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
from opentelemetry.trace import SpanKind, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from resolvers.core.trace import Trace

_PROPAGATOR = TraceContextTextMapPropagator()


class Spans:
    """Where the spans of a worker go."""

    def __init__(self, endpoint: str, ratio: float) -> None:
        """endpoint: of a collector, as http://127.0.0.1:4318/v1/traces. ratio: of the traces that begin here."""
        self._ratio = ratio
        # Of what begins here, `wanted` has chosen.
        self._provider = TracerProvider(
            sampler=ParentBased(ALWAYS_ON), resource=Resource.create({"service.name": "zhanwang"})
        )
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint)))
        self._tracer = self._provider.get_tracer("zhanwang")

    def wanted(self, headers: dict[bytes, bytes]) -> bool:
        """Whether the spans of a request may be kept: where another trace goes on, that decides."""
        return b"traceparent" in headers or random() < self._ratio

    def ended(self, trace: Trace, headers: dict[bytes, bytes], attributes: dict[str, str | int]) -> str | None:
        """Make the spans of a request that ends now; its trace's id, if it is kept.

        attributes: of the request, by OpenTelemetry's names.
        """
        now, end = perf_counter(), time_ns()

        def at(moment: float) -> int:
            return end - int((now - moment) * 1e9)

        name = f"{trace.kind} {trace.operation}".strip() or "request"
        span = self._tracer.start_span(
            name, _parent(headers), SpanKind.SERVER, attributes=attributes, start_time=at(trace.began)
        )
        told = None
        if span.is_recording():
            told = format(span.get_span_context().trace_id, "032x")
            if int(attributes["http.response.status_code"]) >= 500:
                span.set_status(StatusCode.ERROR)
            below = set_span_in_context(span)
            for step, began, ended in trace.steps or ():
                kind = SpanKind.CLIENT if step == "statement" else SpanKind.INTERNAL
                found = {"db.system.name": "postgresql"} if step == "statement" else None
                part = self._tracer.start_span(step, below, kind, attributes=found, start_time=at(began))
                part.end(at(ended))
        span.end(end)
        return told

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


def _parent(headers: dict[bytes, bytes]) -> Parent:
    carrier = {
        name: headers[name.encode()].decode("latin-1")
        for name in ("traceparent", "tracestate")
        if name.encode() in headers
    }
    return _PROPAGATOR.extract(carrier, Parent())
