"""From a result to a response."""

import logging
from http import HTTPStatus
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.types import Send
from strawberry.types import ExecutionResult

from resolvers.core.errors import Code, Refusal
from resolvers.core.messages import Language, Message, translated
from server.http.headers import RESPONSE_JSON

log = logging.getLogger("zhanwang.graphql")

MASKED = Message("The server failed to answer this. The request's id finds it in the log.")


def respond(
    result: ExecutionResult, media_type: str, request_id: str, language: Language
) -> tuple[HTTPStatus, bytes, dict[str, str]]:
    """Status, body and further headers of a result."""
    if not result.errors:
        return HTTPStatus.OK, orjson.dumps({"data": result.data}), {}
    errors = [formatted_error(error, request_id, language) for error in result.errors]
    codes = {error["extensions"]["code"] for error in errors}
    if result.data is not None or any(error.get("path") for error in errors):
        return HTTPStatus.OK, orjson.dumps({"errors": errors, "data": result.data}), {}
    # Nothing was executed.
    status, extra = HTTPStatus.BAD_REQUEST if media_type == RESPONSE_JSON else HTTPStatus.OK, {}
    if Code.METHOD_NOT_ALLOWED in codes:
        status, extra = HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "POST"}
    return status, orjson.dumps({"errors": errors}), extra


def formatted_error(error: GraphQLError, request_id: str, language: Language) -> dict[str, Any]:
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
    message = translated(formatted["message"], language)
    return formatted | {"message": message, "extensions": extensions | {"requestId": request_id}}


async def send_json(
    send: Send,
    status: int,
    body: bytes,
    media_type: str,
    request_id: str,
    language: Language,
    extra: dict[str, str],
) -> None:
    """Send a whole response."""
    headers = [
        (b"content-type", f"{media_type}; charset=utf-8".encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"content-language", language.value.encode()),
        (b"vary", b"accept, accept-language, authorization, x-zhanwang-grant"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-request-id", request_id.encode()),
        *[(name.lower().encode(), value.encode()) for name, value in extra.items()],
    ]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})
