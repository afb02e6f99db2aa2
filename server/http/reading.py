"""From a request's method, query string and body to GraphQL requests."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive, Scope

from resolvers.core.errors import Code
from resolvers.core.messages import Message
from server.documents import digest_of
from server.http.headers import JSON, header_text
from server.http.leaving import ClientGone
from server.http.refusals import HTTPRefusal

MAX_BODY = 100_000

METHODS = "GET, HEAD, POST, OPTIONS"


@dataclass(slots=True)
class Request:
    """A GraphQL request: it has a text, or names a document, or both.

    document_id: of a trusted document. digest: of a persisted query in Apollo's way, in hexadecimal digits.
    costed: whether the answer shall tell what it costs.
    """

    query: str | None
    document_id: str | None
    digest: str | None
    variables: dict[str, Any] | None
    operation_name: str | None
    costed: bool

    @property
    def named(self) -> bool:
        """Whether it names its document."""
        return self.document_id is not None or self.digest is not None


@dataclass(slots=True)
class Requests:
    """What an HTTP request carries; `batched` if it is an array, which is answered by another."""

    requests: list[Request]
    batched: bool


async def read(scope: Scope, headers: dict[bytes, bytes], receive: Receive, batch_max: int) -> Requests:
    """The GraphQL requests that an HTTP request carries. Raises HTTPRefusal and ClientGone."""
    method = scope["method"]
    if method in ("GET", "HEAD"):
        if not scope["query_string"] and b"text/html" in headers.get(b"accept", b""):
            raise HTTPRefusal(
                HTTPStatus.SEE_OTHER, Message("For people, GraphiQL is at /graphiql."), Location="graphiql"
            )
        return Requests([_from_query(scope["query_string"])], batched=False)
    if method != "POST":
        raise HTTPRefusal(
            HTTPStatus.METHOD_NOT_ALLOWED,
            Message("Use POST, or GET for queries."),
            Code.METHOD_NOT_ALLOWED,
            Allow=METHODS,
        )
    content_type = header_text(headers.get(b"content-type"))
    if content_type != JSON and not _is_json(content_type):
        raise HTTPRefusal(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            Message("The Content-Type must be {json}, in UTF-8.", json=JSON),
            Code.UNSUPPORTED_MEDIA_TYPE,
        )
    if headers.get(b"content-encoding", b"identity") != b"identity":
        raise HTTPRefusal(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            Message("Send the body as it is, without a Content-Encoding."),
            Code.UNSUPPORTED_MEDIA_TYPE,
            **{"Accept-Encoding": "identity"},
        )
    return _from_json(await _body(headers, receive), batch_max)


def _is_json(content_type: str) -> bool:
    """Whether a type with parameters is that of JSON in UTF-8."""
    name, _, parameters = content_type.lower().partition(";")
    charset = re.search(r"charset=\"?([\w-]+)", parameters)
    return name.strip() == JSON and (not charset or charset[1] in ("utf-8", "utf8"))


async def _body(headers: dict[bytes, bytes], receive: Receive) -> bytes:
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > MAX_BODY:
        raise _too_large()
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part: bytes = message.get("body", b"")
        body += part
        if len(body) > MAX_BODY:
            raise _too_large()
        if not message.get("more_body", False):
            return body


def _too_large() -> HTTPRefusal:
    # The rest of the body is not read, so that the connection cannot be used again.
    return HTTPRefusal(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        Message("A body may have {most} bytes at the most.", most=MAX_BODY),
        Code.TOO_LARGE,
        Connection="close",
    )


def _from_json(body: bytes, batch_max: int) -> Requests:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _bad(Message("The body is not JSON.")) from None
    if not isinstance(found, list):
        return Requests([checked(found)], batched=False)
    if batch_max == 1:
        raise _bad(Message("Send one operation a request: batches are not accepted."))
    if not 0 < len(found) <= batch_max:
        raise _bad(Message("A batch may have {most} operations at the most, and must have one.", most=batch_max))
    return Requests([checked(one) for one in found], batched=True)


def _from_query(query_string: bytes) -> Request:
    try:
        found: dict[str, Any] = dict(parse_qsl(query_string.decode("ascii"), max_num_fields=20, errors="strict"))
        for name in ("variables", "extensions"):
            if found.get(name):
                found[name] = orjson.loads(found[name])
    except ValueError:
        raise _bad(Message("The query string cannot be read.")) from None
    return checked(found)


def checked(found: Any) -> Request:
    """The GraphQL request in a JSON value. Raises HTTPRefusal."""
    if not isinstance(found, dict):
        raise _bad(Message("The body must be a JSON object with a query."))
    query, variables, document_id = found.get("query"), found.get("variables"), found.get("documentId")
    name, extensions = found.get("operationName"), found.get("extensions")
    if variables is not None and not isinstance(variables, dict):
        raise _bad(Message("`variables` must be an object."))
    if name is not None and not isinstance(name, str):
        raise _bad(Message("`operationName` must be text."))
    if extensions is not None and not isinstance(extensions, dict):
        raise _bad(Message("`extensions` must be an object."))
    if document_id is not None and (not isinstance(document_id, str) or not document_id):
        raise _bad(Message("`documentId` must be text."))
    digest = _digest(extensions) if extensions else None
    if query is None and (document_id or digest):
        pass
    elif not isinstance(query, str) or not query.strip():
        raise _bad(Message("`query` must be the text of a GraphQL document."))
    costed = extensions is not None and extensions.get("cost") is True
    return Request(query, document_id, digest, variables, name or None, costed)


def _digest(extensions: dict[str, Any]) -> str | None:
    """The digest of a persisted query, in small letters."""
    persisted = extensions.get("persistedQuery")
    if persisted is None:
        return None
    digest = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    if not isinstance(digest, str) or persisted.get("version") != 1 or (found := digest_of(digest)) is None:
        raise _bad(Message("`extensions.persistedQuery` must have the version 1 and a sha256Hash."))
    return found.hex()


def _bad(message: Message) -> HTTPRefusal:
    return HTTPRefusal(HTTPStatus.BAD_REQUEST, message)
