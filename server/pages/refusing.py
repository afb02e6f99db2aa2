"""Refusals outside of GraphQL: a page for browsers, JSON for programs."""

from starlette.requests import Request
from starlette.responses import Response

from server.http.failing import told
from server.http.refusals import HTTPRefusal
from server.pages.assets import stylesheet
from server.pages.rendering import page, page_language, wants_html


def refusal_page(request: Request, refusal: HTTPRefusal, saying: str) -> Response:
    """A refusal as its client can read it. saying: the texts of the page."""
    if wants_html(request):
        return page("notice", page_language(request), {"style": stylesheet()}, saying=saying, status=refusal.status)
    return told(request, refusal)
