"""From a result to a response."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import blake2b
from http import HTTPStatus
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.types import Message as Sent
from starlette.types import Send
from strawberry.types import ExecutionResult

from resolvers.core.errors import Code, Refusal
from resolvers.core.messages import Language, Message, translated
from server.http.headers import JSON, RESPONSE_JSON, header_text
from server.http.refusals import HTTPRefusal
from server.http.securing import NO_CONTENT

log = logging.getLogger("zhanwang.graphql")

_LANGUAGES = {language: (b"content-language", language.value.encode()) for language in Language}
_TYPES = {name: (b"content-type", f"{name}; charset=utf-8".encode()) for name in (JSON, RESPONSE_JSON)}
_VARY = (b"vary", b"accept, accept-language, authorization, origin, x-zhanwang-grant")
_NO_STORE = (b"cache-control", b"no-store")

MASKED = Message("The server failed to answer this. The request's id finds it in the log.")


@dataclass(slots=True)
class Answer:
    """A response before it is sent; `codes` are those of its errors."""

    status: HTTPStatus
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    codes: frozenset[str] = frozenset()


def respond(
    result: ExecutionResult, media_type: str, request_id: str, language: Language, extensions: dict[str, Any] | None
) -> Answer:
    """The response of a result. extensions: what the client wanted to know beside it."""
    beside = {"extensions": extensions} if extensions else {}
    if not result.errors:
        return Answer(HTTPStatus.OK, orjson.dumps({"data": result.data, **beside}))
    errors = [formatted_error(error, request_id, language) for error in result.errors]
    codes = codes_of(errors)
    if result.data is not None or any(error.get("path") for error in errors):
        return Answer(HTTPStatus.OK, orjson.dumps({"errors": errors, "data": result.data, **beside}), codes=codes)
    # Nothing was executed.
    status = HTTPStatus.BAD_REQUEST if media_type == RESPONSE_JSON else HTTPStatus.OK
    return Answer(status, orjson.dumps({"errors": errors, **beside}), codes=codes)


def refused(refusal: HTTPRefusal, request_id: str, language: Language) -> Answer:
    """The response of a request that is not answered by its operation."""
    return _failure(refusal.status, refusal.message, refusal.code, request_id, language, refusal.headers)


def broken(request_id: str, language: Language) -> Answer:
    """The response where the server itself failed, which is being handled: it is logged."""
    log.exception("request %s failed", request_id)
    return _failure(HTTPStatus.INTERNAL_SERVER_ERROR, MASKED, Code.INTERNAL, request_id, language, {})


def batch(answers: Sequence[Answer]) -> Answer:
    """The response of several operations: an array of what each would have been answered alone."""
    codes = frozenset(code for answer in answers for code in answer.codes)
    return Answer(HTTPStatus.OK, b"[" + b",".join(answer.body for answer in answers) + b"]", codes=codes)


def _failure(
    status: HTTPStatus, message: Message, code: StrEnum, request_id: str, language: Language, headers: dict[str, str]
) -> Answer:
    error = {
        "message": translated(message, language),
        "extensions": {"code": code.value, "requestId": request_id},
    }
    return Answer(status, orjson.dumps({"errors": [error]}), headers, frozenset([code.value]))


def shown_error(error: Exception, request_id: str, language: Language) -> dict[str, Any]:
    """Whatever an operation ends by, as clients see it; what was not expected is logged."""
    if isinstance(error, HTTPRefusal):
        error = GraphQLError(error.message, extensions={"code": error.code.value})
    elif not isinstance(error, GraphQLError):
        log.error("request %s failed", request_id, exc_info=error)
        error = GraphQLError(MASKED, extensions={"code": Code.INTERNAL.value})
    return formatted_error(error, request_id, language)


def codes_of(errors: Iterable[dict[str, Any]]) -> frozenset[str]:
    """The codes of errors as clients see them."""
    return frozenset(error["extensions"]["code"] for error in errors)


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


def common_headers(request_id: str, language: Language) -> list[tuple[bytes, bytes]]:
    """The headers of every response to an operation, whatever is in it."""
    return [_LANGUAGES[language], _VARY, (b"x-request-id", request_id.encode())]


def headers_of(answer: Answer, media_type: str, request_id: str, language: Language) -> list[tuple[bytes, bytes]]:
    """The headers of a response."""
    headers = [*common_headers(request_id, language), NO_CONTENT]
    if answer.headers:
        headers += [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
    if answer.body:
        headers += [_TYPES[media_type], (b"content-length", b"%d" % len(answer.body))]
    if "Cache-Control" not in answer.headers:
        headers.append(_NO_STORE)
    return headers


def messages_of(answer: Answer, media_type: str, request_id: str, language: Language) -> list[Sent]:
    """A whole response, as ASGI sends it."""
    headers = headers_of(answer, media_type, request_id, language)
    return [
        {"type": "http.response.start", "status": int(answer.status), "headers": headers},
        {"type": "http.response.body", "body": answer.body},
    ]


async def send_json(send: Send, answer: Answer, media_type: str, request_id: str, language: Language) -> None:
    """Send a whole response as it is."""
    for message in messages_of(answer, media_type, request_id, language):
        await send(message)


def revalidated(answer: Answer, headers: dict[bytes, bytes]) -> Answer:
    """An answer that its client may keep, for itself and asking each time whether it still holds; 304 if it does.

    headers: of the request.
    """
    if answer.codes:
        return answer
    tag = f'"{blake2b(answer.body, digest_size=16).hexdigest()}"'
    # Weak: it stands for the answer, compressed or not.
    kept = {"ETag": f"W/{tag}", "Cache-Control": "private, no-cache"}
    known = header_text(headers.get(b"if-none-match")).split(",")
    if any(one.strip().removeprefix("W/") in (tag, "*") for one in known):
        return Answer(HTTPStatus.NOT_MODIFIED, b"", kept)
    return replace(answer, headers=answer.headers | kept)
