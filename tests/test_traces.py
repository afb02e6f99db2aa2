"""Traces: where the time of a request went, as a collector of OpenTelemetry receives it."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from server.demo import PASSWORD
from server.settings import Settings
from tests.conftest import LOG_IN, Server

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
QUERY = {"query": "query Traced { stations { totalCount } }"}


class Collector:
    """Takes in what is sent by OTLP over HTTP."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        spans = self.spans

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    import gzip

                    body = gzip.decompress(body)
                request = ExportTraceServiceRequest.FromString(body)
                for resource in request.resource_spans:
                    for scope in resource.scope_spans:
                        spans.extend(scope.spans)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1/traces"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def spans(settings: Settings) -> Iterator[list[Any]]:
    """What a server sent of one log-in, two requests of a client's trace, and one that the client does not trace."""
    collector = Collector()
    changed = settings.model_copy(update={"otlp_endpoint": collector.url, "trace_ratio": 0.0})
    with Server(changed) as served, httpx.Client(base_url=served.url, timeout=30) as client:
        access = client.post("/graphql", json={"query": LOG_IN, "variables": {"username": "hub", "password": PASSWORD}})
        headers = {"Authorization": f"Bearer {access.json()['data']['logIn']['accessToken']}"}
        for _ in range(2):
            client.post("/graphql", json=QUERY, headers=headers | SAMPLED)
        client.post("/graphql", json=QUERY, headers=headers | {"traceparent": f"00-{'a' * 32}-{PARENT}-00"})
        client.post("/graphql", json={"query": "{ nothing }"}, headers=headers | SAMPLED)
    # What was left has been sent at the server's end.
    yield collector.spans
    collector.close()


def attributes(span: Any) -> dict[str, Any]:
    return {one.key: one.value.string_value or one.value.int_value for one in span.attributes}


def requests(spans: list[Any]) -> list[Any]:
    return [span for span in spans if span.parent_span_id.hex() == PARENT]


def test_a_request_is_a_span_below_the_clients_with_what_it_was(spans: list[Any]) -> None:
    first, _, refused = sorted(requests(spans), key=lambda span: span.start_time_unix_nano)
    assert (first.name, first.trace_id.hex()) == ("query Traced", TRACE)
    told = attributes(first)
    assert told["http.response.status_code"] == 200
    assert told["graphql.operation.name"] == "Traced"
    assert attributes(refused)["error.type"] == "GRAPHQL_VALIDATION_FAILED"


def test_the_statement_hangs_below_its_request_and_within_its_time(spans: list[Any]) -> None:
    (request, *_) = sorted(requests(spans), key=lambda span: span.start_time_unix_nano)
    steps = [span for span in spans if span.parent_span_id == request.span_id]
    assert {"prepare", "compile", "pool", "statement"} == {span.name for span in steps}
    for step in steps:
        assert request.start_time_unix_nano <= step.start_time_unix_nano <= step.end_time_unix_nano
        assert step.end_time_unix_nano <= request.end_time_unix_nano


def test_a_plan_that_is_known_is_not_compiled_again(spans: list[Any]) -> None:
    _, again, _ = sorted(requests(spans), key=lambda span: span.start_time_unix_nano)
    assert {span.name for span in spans if span.parent_span_id == again.span_id} == {"prepare", "pool", "statement"}


def test_what_the_client_does_not_trace_and_the_ratio_leaves_out_is_not_sent(spans: list[Any]) -> None:
    assert {span.trace_id.hex() for span in spans} == {TRACE}
