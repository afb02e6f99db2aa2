"""`/schema.graphql`: the schema's definition, for whom introspection is for."""

import asyncio
import hashlib
from functools import cache
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from resolvers.core.cost import INTROSPECTION
from resolvers.core.errors import Code
from resolvers.core.messages import Language, Message
from server.budget import caller_of
from server.http.asking import context_of
from server.http.headers import request_id_of
from server.http.refusals import HTTPRefusal
from server.pages.refusing import refusal_page
from server.pages.rendering import page_language
from server.sdl import SDL, sorted_sdl

CLOSED = Message("The schema is not told here without an access token, or not at all.")


async def definition(request: Request) -> Response:
    """The definition as text; 304 to who has it already."""
    scope = request.scope
    headers = dict(scope["headers"])
    request_id = request_id_of(headers.get(b"x-request-id"))
    services = request.app.state.services
    language = page_language(request)
    try:
        context = await context_of(services, scope, headers, request_id, language)
        if not context.limits.introspection.allows(known=context.identity is not None):
            raise HTTPRefusal(HTTPStatus.FORBIDDEN, CLOSED, Code.INTROSPECTION_OFF)
        services.budget.take(caller_of(context), INTROSPECTION)
    except HTTPRefusal as refusal:
        return refusal_page(request, refusal, "closed")
    # Translated once, which takes 0.4 s: beside the loop, which is then held up for 30 ms at the most.
    body, tag = await asyncio.to_thread(_definition, language)
    kept = {
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Content-Language": language.value,
        "Vary": "Accept-Language, Authorization",
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(None, HTTPStatus.NOT_MODIFIED, kept)
    return Response(body, headers=kept, media_type="text/plain; charset=utf-8")


@cache
def _definition(language: Language) -> tuple[bytes, str]:
    sdl = SDL.read_text(encoding="utf-8")
    body = (sdl if language is Language.ENGLISH else sorted_sdl(sdl, language)).encode()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'
