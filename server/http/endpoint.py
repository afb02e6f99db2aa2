"""GraphQL over HTTP.

One way for every operation. A body is always JSON, also that of a refusal; a code is in every error, and the request's
id with it. `application/graphql-response+json` gets 4xx where nothing was executed; `application/json` gets 200 for
every well-formed request, as the GraphQL-over-HTTP draft asks.
"""

from http import HTTPStatus

from starlette.types import Receive, Scope, Send

from schema.base import Schema
from server.http.answering import Answer, batch, broken, refused, revalidated, send_json
from server.http.asking import context_of
from server.http.headers import JSON, accepted, header_text, request_id_of
from server.http.languages import language_of
from server.http.leaving import ClientGone
from server.http.operating import Operating
from server.http.reading import METHODS, read
from server.http.refusals import HTTPRefusal
from server.live.sse import Stream, streamed
from server.services import Services


class GraphQLEndpoint:
    """The ASGI application behind `/graphql`."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        request_id = request_id_of(headers.get(b"x-request-id"))
        services: Services
        media_type, language = JSON, language_of(header_text(headers.get(b"accept-language")))
        try:
            if scope["method"] == "OPTIONS":
                answer = Answer(HTTPStatus.NO_CONTENT, b"", {"Allow": METHODS})
            elif streamed(headers):
                services = scope["app"].state.services
                (request,) = (await read(scope, headers, receive, 1)).requests
                stream = Stream(self._schema, services, scope, headers, receive, send, request_id, language)
                await stream.serve(request)
                return
            else:
                media_type = accepted(headers.get(b"accept", b"*/*").decode("latin-1"))
                services = scope["app"].state.services
                asked = await read(scope, headers, receive, services.batch_max)
                context = await context_of(services, scope, headers, request_id, language)
                operating = Operating(self._schema, services, scope["method"], receive, media_type)
                if asked.batched:
                    answer = batch(await operating.all(asked.requests, context))
                else:
                    answer = await operating.one(asked.requests[0], context)
                    if scope["method"] != "POST" and asked.requests[0].named:
                        answer = revalidated(answer, headers)
        except ClientGone:
            return
        except HTTPRefusal as refusal:
            answer = refused(refusal, request_id, language)
        except Exception:  # noqa: BLE001 - whatever it is, the client gets JSON
            answer = broken(request_id, language)
        await send_json(send, answer, media_type, request_id, language)
