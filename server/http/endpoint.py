"""GraphQL over HTTP.

One way for every operation. A body is always JSON, also that of a refusal; a code is in every error, and the request's
id with it. `application/graphql-response+json` gets 4xx where nothing was executed; `application/json` gets 200 for
every well-formed request, as the GraphQL-over-HTTP draft asks.
"""

import logging
from http import HTTPStatus

import orjson
from starlette.types import Receive, Scope, Send
from strawberry.types.graphql import OperationType

from resolvers.core.errors import Code
from resolvers.core.messages import translated
from schema.base import Schema
from server.http.answering import MASKED, respond, send_json
from server.http.asking import context_of
from server.http.headers import JSON, accepted, header_text, request_id_of
from server.http.languages import language_of
from server.http.reading import read
from server.http.refusals import HTTPRefusal
from server.services import Services

log = logging.getLogger("zhanwang.graphql")

_QUERY = frozenset({OperationType.QUERY})
_POST = frozenset({OperationType.QUERY, OperationType.MUTATION})


class GraphQLEndpoint:
    """The ASGI application behind `/graphql`."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        request_id = request_id_of(headers.get(b"x-request-id"))
        media_type, language = JSON, language_of(header_text(headers.get(b"accept-language")))
        try:
            media_type = accepted(headers.get(b"accept", b"*/*").decode("latin-1"))
            request = await read(scope, headers, receive)
            services: Services = scope["app"].state.services
            context = await context_of(services, scope, headers, request_id, language)
            result = await self._schema.execute(
                request.query,
                variable_values=request.variables,
                context_value=context,
                operation_name=request.operation_name,
                allowed_operation_types=_QUERY if scope["method"] == "GET" else _POST,
            )
            status, body, extra = respond(result, media_type, request_id, language)
        except HTTPRefusal as refusal:
            error = {
                "message": translated(refusal.message, language),
                "extensions": {"code": refusal.code.value, "requestId": request_id},
            }
            status, body, extra = refusal.status, orjson.dumps({"errors": [error]}), refusal.headers
        except Exception:
            log.exception("request %s failed", request_id)
            error = {
                "message": translated(MASKED, language),
                "extensions": {"code": Code.INTERNAL.value, "requestId": request_id},
            }
            status, body, extra = HTTPStatus.INTERNAL_SERVER_ERROR, orjson.dumps({"errors": [error]}), {}
        await send_json(send, status, body, media_type, request_id, language, extra)
