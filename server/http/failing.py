"""What Starlette itself would tell in plain text."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from resolvers.core.errors import Code
from resolvers.core.messages import Message
from server.http.answering import Answer, broken, headers_of, refused
from server.http.headers import JSON, header_text, request_id_of
from server.http.languages import language_of
from server.http.refusals import HTTPRefusal


async def wrong_method(request: Request, error: Exception) -> Response:
    """The answer to a method that an address does not take."""
    assert isinstance(error, HTTPException)
    allowed = dict(error.headers or {}).get("Allow", "GET")
    refusal = HTTPRefusal(
        HTTPStatus.METHOD_NOT_ALLOWED,
        Message("Use {allowed}.", allowed=allowed.split(", ")),
        Code.METHOD_NOT_ALLOWED,
        Allow=allowed,
    )
    return told(request, refusal)


async def failed(request: Request, _: Exception) -> Response:
    """The answer where the server itself failed."""
    return told(request, None)


def told(request: Request, refusal: HTTPRefusal | None) -> Response:
    """A refusal, or else the failure that is being handled, as JSON."""
    headers = dict(request.scope["headers"])
    request_id = request_id_of(headers.get(b"x-request-id"))
    language = language_of(header_text(headers.get(b"accept-language")))
    answer: Answer = refused(refusal, request_id, language) if refusal else broken(request_id, language)
    sent = {name.decode(): value.decode() for name, value in headers_of(answer, JSON, request_id, language)}
    return Response(answer.body, answer.status, sent)
