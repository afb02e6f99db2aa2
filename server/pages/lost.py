"""What is said where nothing is."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from resolvers.core.errors import Code
from resolvers.core.messages import Message
from server.http.refusals import HTTPRefusal
from server.pages.refusing import refusal_page

NOTHING = Message("There is nothing here; GraphQL is at /graphql.")


async def lost(request: Request, _: Exception) -> Response:
    """The answer to an address that leads nowhere."""
    return refusal_page(request, HTTPRefusal(HTTPStatus.NOT_FOUND, NOTHING, Code.NOT_FOUND), "lost")
