"""From a request's method, query string and body to GraphQL requests."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive, Scope

from resolvers.core.errors import Code
from server.http.headers import JSON, header_text
from server.http.refusals import HTTPRefusal

MAX_BODY = 100_000


@dataclass(frozen=True, slots=True)
class Request:
    """A GraphQL request."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


async def read(scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> Request:
    """The GraphQL request that a request carries. Raises HTTPRefusal."""
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
