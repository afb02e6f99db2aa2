"""GraphQL over HTTP.

One way for every operation. A body is always JSON, also that of a refusal; a code is in every error, and the request's
id with it. `application/graphql-response+json` gets 4xx where nothing was executed; `application/json` gets 200 for
every well-formed request, as the GraphQL-over-HTTP draft asks. Who takes `text/event-stream` alone gets every operation
as events; who takes it beside JSON, as urql does, subscriptions.
"""

from http import HTTPStatus
from time import perf_counter
from typing import cast

from starlette.types import Receive, Scope, Send
from strawberry.types.graphql import OperationType

from resolvers.core.trace import Trace
from schema.base import Schema
from server.http.answering import Answer, batch, broken, messages_of, refused, revalidated, send_json
from server.http.asking import address_of, context_of
from server.http.compressing import SMALLEST, send_compressed
from server.http.headers import JSON, accepted, header_text, liked, request_id_of
from server.http.languages import language_of
from server.http.leaving import ClientGone
from server.http.operating import Operating, ToStream
from server.http.reading import METHODS, read
from server.http.refusals import HTTPRefusal
from server.live.sse import Stream, streamed
from server.services import Services
from server.telemetry.logs import REQUEST_ID
from server.telemetry.telemetry import Ended

MUTATION = OperationType.MUTATION.value


class GraphQLEndpoint:
    """The ASGI application behind `/graphql`."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        request_id = request_id_of(headers.get(b"x-request-id"))
        REQUEST_ID.set(request_id)
        began, services = perf_counter(), cast("Services", scope["app"].state.services)
        media_type, language = JSON, language_of(header_text(headers.get(b"accept-language")))
        accept, stream, plain = headers.get(b"accept", b"*/*").decode("latin-1"), None, False
        if streamed(accept):
            stream = Stream(self._schema, services, scope, headers, receive, send, request_id, language)
        try:
            if scope["method"] == "OPTIONS":
                answer = Answer(HTTPStatus.NO_CONTENT, b"", {"Allow": METHODS})
            elif stream is not None and not liked(accept):
                (request,) = (await read(scope, headers, receive, 1)).requests
                await stream.serve(request)
                return
            else:
                media_type = accepted(accept)
                asked = await read(scope, headers, receive, services.batch_max)
                context = await context_of(services, scope, headers, request_id, language)
                streams = stream is not None and not asked.batched
                operating = Operating(self._schema, services, scope["method"], receive, media_type, headers, streams)
                if asked.batched:
                    answer = batch(await operating.all(asked.requests, context))
                    plain = True
                else:
                    try:
                        answer = await operating.one(asked.requests[0], context)
                    except ToStream as subscription:
                        assert stream is not None
                        await stream.follow(operating, subscription.prepared, context)
                        return
                    plain = context.trace.kind == MUTATION
                    if scope["method"] != "POST" and asked.requests[0].named:
                        answer = revalidated(answer, headers)
        except ClientGone:
            return
        except HTTPRefusal as refusal:
            answer = refused(refusal, request_id, language)
            _tell(services, scope, headers, answer, request_id, began)
        except Exception:  # noqa: BLE001 - whatever it is, the client gets JSON
            answer = broken(request_id, language)
            _tell(services, scope, headers, answer, request_id, began)
        if plain or len(answer.body) < SMALLEST or b"accept-encoding" not in headers:
            await send_json(send, answer, media_type, request_id, language)
        else:
            messages = messages_of(answer, media_type, request_id, language)
            await send_compressed(scope, receive, send, messages)


def _tell(
    services: Services, scope: Scope, headers: dict[bytes, bytes], answer: Answer, request_id: str, began: float
) -> None:
    """Tell of a request that came to no operation."""
    services.telemetry.ended(
        Ended(
            trace=Trace(began=began, steps=services.telemetry.steps(headers)),
            request_id=request_id,
            headers=headers,
            method=scope["method"],
            route="/graphql",
            status=answer.status,
            codes=answer.codes,
            address=address_of(scope),
        )
    )
