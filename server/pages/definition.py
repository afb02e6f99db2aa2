"""`/schema.graphql`: the schema's definition."""

import hashlib
from functools import cache
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from schema import schema
from server.sdl import sorted_sdl


async def definition(request: Request) -> Response:
    """The definition as text; 304 to who has it already."""
    body, tag = _definition()
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(None, HTTPStatus.NOT_MODIFIED, headers)
    return Response(body, headers=headers, media_type="text/plain; charset=utf-8")


@cache
def _definition() -> tuple[bytes, str]:
    body = sorted_sdl(schema.as_str()).encode()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'
