"""What is said where nothing is: a page for browsers, JSON for programs."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from resolvers.core.errors import Code
from resolvers.core.messages import Message, translated
from server.http.headers import request_id_of
from server.pages.assets import stylesheet
from server.pages.rendering import page, page_language, wants_html

NOTHING = Message("There is nothing here; GraphQL is at /graphql.")


async def lost(request: Request, _: Exception) -> Response:
    """The answer to an address that leads nowhere."""
    language = page_language(request)
    if wants_html(request):
        return page("lost", language, {"style": stylesheet()}, status=HTTPStatus.NOT_FOUND)
    request_id = request_id_of(dict(request.scope["headers"]).get(b"x-request-id"))
    error = {
        "message": translated(NOTHING, language),
        "extensions": {"code": Code.NOT_FOUND.value, "requestId": request_id},
    }
    headers = {"Content-Language": language.value, "Vary": "Accept, Accept-Language", "X-Request-Id": request_id}
    return JSONResponse({"errors": [error]}, HTTPStatus.NOT_FOUND, headers)
