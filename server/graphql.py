"""GraphQL over HTTP: from a request to an operation, and from its result to a response.

One way for every operation. A body is always JSON, also that of a refusal; a code is in every error, and the request's
id with it. `application/graphql-response+json` gets 4xx where nothing was executed; `application/json` gets 200 for
every well-formed request, as the GraphQL-over-HTTP draft asks.
"""

import logging
import os
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import orjson
from graphql import GraphQLError
from starlette.types import Receive, Scope, Send
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from resolvers.core.context import Context
from resolvers.core.errors import Code, Refusal, Unavailable
from schema.base import Schema
from server.auth import bearer
from server.services import Services

log = logging.getLogger("zhanwang.graphql")

MAX_BODY = 100_000
JSON = "application/json"
RESPONSE_JSON = "application/graphql-response+json"
MASKED = "The server failed to answer this. The request's id finds it in the log."
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_QUERY = frozenset({OperationType.QUERY})
_POST = frozenset({OperationType.QUERY, OperationType.MUTATION})


class HTTPRefusal(Exception):
    """A request that is not answered by its operation: nothing was executed."""

    def __init__(self, status: HTTPStatus, message: str, code: StrEnum = Code.BAD_REQUEST, **headers: str) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.headers = status, message, code, headers


@dataclass(frozen=True, slots=True)
class Request:
    """A GraphQL request."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


class GraphQLEndpoint:
    """The ASGI application behind `/graphql`."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        request_id = request_id_of(headers.get(b"x-request-id"))
        media_type = JSON
        try:
            media_type = accepted(headers.get(b"accept", b"*/*").decode("latin-1"))
            request = await _read(scope, headers, receive)
            services: Services = scope["app"].state.services
            context = await context_of(services, scope, headers, request_id)
            result = await self._schema.execute(
                request.query,
                variable_values=request.variables,
                context_value=context,
                operation_name=request.operation_name,
                allowed_operation_types=_QUERY if scope["method"] == "GET" else _POST,
            )
            status, body, extra = respond(result, media_type, request_id)
        except HTTPRefusal as refusal:
            error = {
                "message": refusal.message,
                "extensions": {"code": refusal.code.value, "requestId": request_id},
            }
            status, body, extra = refusal.status, orjson.dumps({"errors": [error]}), refusal.headers
        except Exception:
            log.exception("request %s failed", request_id)
            error = {"message": MASKED, "extensions": {"code": Code.INTERNAL.value, "requestId": request_id}}
            status, body, extra = HTTPStatus.INTERNAL_SERVER_ERROR, orjson.dumps({"errors": [error]}), {}
        await send_json(send, status, body, media_type, request_id, extra)


async def context_of(services: Services, scope: Scope, headers: dict[bytes, bytes], request_id: str) -> Context:
    """Who asks, and the means to answer; a token that is not accepted is noted there. Raises HTTPRefusal."""
    authorization = header_text(headers.get(b"authorization")) or None
    requested = headers.get(b"x-zhanwang-grant")
    grant = None if requested is None else header_text(requested)
    client = scope.get("client")
    try:
        identity, refusal = await services.authentication.identify(authorization, grant)
    except Unavailable as error:
        raise HTTPRefusal(HTTPStatus.SERVICE_UNAVAILABLE, error.message, Code.UNAVAILABLE) from error
    return Context(
        database=services.database,
        request_id=request_id,
        address=client[0] if client else "",
        identity=identity,
        refusal=refusal,
        token=bearer(authorization) if authorization and identity else None,
        requested_grant=grant,
        authenticator=services.authentication,
        tokens=services.tokens,
        passwords=services.passwords,
        vault=services.vault,
        smallest_cell=services.smallest_cell,
    )


@lru_cache(maxsize=256)
def accepted(accept: str) -> str:
    """The media type to answer in: of the two, the one that the client likes better."""
    best, found = 0.0, ""
    for item in accept.split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        media_type = RESPONSE_JSON if name == RESPONSE_JSON else JSON if name in (JSON, "application/*", "*/*") else ""
        try:
            weight = float(quality)
        except ValueError:
            weight = 0.0
        if media_type and weight > best:
            best, found = weight, media_type
    if not found:
        raise HTTPRefusal(
            HTTPStatus.NOT_ACCEPTABLE,
            f"Accept {JSON} or {RESPONSE_JSON}: that is what is answered.",
            Code.NOT_ACCEPTABLE,
        )
    return found


async def _read(scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> Request:
    method = scope["method"]
    if method == "GET":
        return _from_query(scope["query_string"])
    if method != "POST":
        allowed = {"Allow": "GET, POST"}
        raise HTTPRefusal(
            HTTPStatus.METHOD_NOT_ALLOWED, "Use POST, or GET for queries.", Code.METHOD_NOT_ALLOWED, **allowed
        )
    content_type, _, parameters = header_text(headers.get(b"content-type")).lower().partition(";")
    charset = re.search(r"charset=\"?([\w-]+)", parameters)
    if content_type.strip() != JSON or (charset and charset[1] not in ("utf-8", "utf8")):
        raise HTTPRefusal(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"The Content-Type must be {JSON}, in UTF-8.",
            Code.UNSUPPORTED_MEDIA_TYPE,
        )
    return _from_json(await _body(headers, receive))


async def _body(headers: dict[bytes, bytes], receive: Receive) -> bytes:
    too_large = HTTPRefusal(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A body may have {MAX_BODY} bytes at the most.", Code.TOO_LARGE
    )
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > MAX_BODY:
        raise too_large
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise HTTPRefusal(HTTPStatus.BAD_REQUEST, "The client went away.")
        part: bytes = message.get("body", b"")
        body += part
        if len(body) > MAX_BODY:
            raise too_large
        if not message.get("more_body", False):
            return body


def _from_json(body: bytes) -> Request:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise HTTPRefusal(HTTPStatus.BAD_REQUEST, "The body is not JSON.") from None
    if isinstance(found, list):
        raise HTTPRefusal(HTTPStatus.BAD_REQUEST, "Send one operation a request: batches are not accepted.")
    if not isinstance(found, dict):
        raise HTTPRefusal(HTTPStatus.BAD_REQUEST, "The body must be a JSON object with a query.")
    return _checked(found)


def _from_query(query_string: bytes) -> Request:
    try:
        found: dict[str, Any] = dict(parse_qsl(query_string.decode("ascii"), max_num_fields=20, errors="strict"))
        for name in ("variables", "extensions"):
            if found.get(name):
                found[name] = orjson.loads(found[name])
    except ValueError:
        raise HTTPRefusal(HTTPStatus.BAD_REQUEST, "The query string cannot be read.") from None
    return _checked(found)


def _checked(found: dict[str, Any]) -> Request:
    query, variables = found.get("query"), found.get("variables")
    name, extensions = found.get("operationName"), found.get("extensions")
    if not isinstance(query, str) or not query.strip():
        raise HTTPRefusal(HTTPStatus.BAD_REQUEST, "`query` must be the text of a GraphQL document.")
    if variables is not None and not isinstance(variables, dict):
        raise HTTPRefusal(HTTPStatus.BAD_REQUEST, "`variables` must be an object.")
    if name is not None and not isinstance(name, str):
        raise HTTPRefusal(HTTPStatus.BAD_REQUEST, "`operationName` must be text.")
    if extensions is not None and not isinstance(extensions, dict):
        raise HTTPRefusal(HTTPStatus.BAD_REQUEST, "`extensions` must be an object.")
    return Request(query, variables, name or None)


def respond(result: ExecutionResult, media_type: str, request_id: str) -> tuple[HTTPStatus, bytes, dict[str, str]]:
    """Status, body and further headers of a result."""
    if not result.errors:
        return HTTPStatus.OK, orjson.dumps({"data": result.data}), {}
    errors = [formatted_error(error, request_id) for error in result.errors]
    codes = {error["extensions"]["code"] for error in errors}
    if result.data is not None or any(error.get("path") for error in errors):
        return HTTPStatus.OK, orjson.dumps({"errors": errors, "data": result.data}), {}
    # Nothing was executed.
    status, extra = HTTPStatus.BAD_REQUEST if media_type == RESPONSE_JSON else HTTPStatus.OK, {}
    if Code.METHOD_NOT_ALLOWED in codes:
        status, extra = HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "POST"}
    return status, orjson.dumps({"errors": errors}), extra


def formatted_error(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """An error as clients see it: with a code, the request's id, and no text that was not written for them."""
    formatted: dict[str, Any] = dict(error.formatted)
    original = error.original_error
    extensions = dict(formatted.get("extensions") or {})
    if "code" not in extensions:
        if original is None or (error.path is None and isinstance(original, GraphQLError)):
            extensions["code"] = Code.BAD_USER_INPUT.value
        else:
            log.error("request %s: %s", request_id, error.path, exc_info=original)
            formatted["message"], extensions["code"] = MASKED, Code.INTERNAL.value
    elif original is not None and not isinstance(original, Refusal):
        formatted["message"] = MASKED
    return formatted | {"extensions": extensions | {"requestId": request_id}}


async def send_json(
    send: Send, status: int, body: bytes, media_type: str, request_id: str, extra: dict[str, str]
) -> None:
    """Send a whole response."""
    headers = [
        (b"content-type", f"{media_type}; charset=utf-8".encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"vary", b"accept, authorization, x-zhanwang-grant"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-request-id", request_id.encode()),
        *[(name.lower().encode(), value.encode()) for name, value in extra.items()],
    ]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})


def request_id_of(given: bytes | None) -> str:
    """The request's id: the client's, if it gave a usable one."""
    text = header_text(given)
    return text if _REQUEST_ID.fullmatch(text) else os.urandom(12).hex()


def header_text(value: bytes | None) -> str:
    """A header's value; empty if it is missing."""
    return value.decode("latin-1") if value else ""
