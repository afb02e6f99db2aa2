"""Refusals outside of GraphQL: a page for browsers, JSON for programs."""

from starlette.requests import Request
from starlette.responses import Response

from server.http.answering import refused
from server.http.headers import JSON, request_id_of
from server.http.refusals import HTTPRefusal
from server.pages.assets import stylesheet
from server.pages.rendering import page, page_language, wants_html


def refusal_page(request: Request, refusal: HTTPRefusal, saying: str) -> Response:
    """A refusal as its client can read it. saying: the texts of the page."""
    language = page_language(request)
    if wants_html(request):
        return page("notice", language, {"style": stylesheet()}, saying=saying, status=refusal.status)
    request_id = request_id_of(dict(request.scope["headers"]).get(b"x-request-id"))
    answer = refused(refusal, request_id, language)
    headers = {
        **answer.headers,
        "Content-Language": language.value,
        "Vary": "Accept, Accept-Language, Authorization",
        "X-Request-Id": request_id,
        "Cache-Control": "no-store",
    }
    return Response(answer.body, answer.status, headers, media_type=JSON)
