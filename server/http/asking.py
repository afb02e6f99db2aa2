"""Who asks, and the means to answer."""

from http import HTTPStatus

from starlette.types import Scope

from resolvers.core.context import Context
from resolvers.core.errors import Code, Unavailable
from resolvers.core.messages import Language, Message
from resolvers.core.trace import Trace
from server.auth import bearer
from server.budget import LOOK_UP_COST, seeker_of
from server.http.headers import header_text
from server.http.refusals import HTTPRefusal
from server.services import Services


async def context_of(
    services: Services,
    scope: Scope,
    headers: dict[bytes, bytes],
    request_id: str,
    language: Language,
    *,
    known: bool = False,
) -> Context:
    """Who asks, and the means to answer; a token that is not accepted is noted there. Raises HTTPRefusal.

    known: whether it was found out before, and is only looked at anew: that is never refused for want of budget.
    """
    # Whoever is in front may have read the other one.
    if len(headers) != len(scope["headers"]) and sum(name == b"authorization" for name, _ in scope["headers"]) > 1:
        raise HTTPRefusal(HTTPStatus.BAD_REQUEST, Message("Send one Authorization header."))
    authorization = header_text(headers.get(b"authorization")) or None
    requested = headers.get(b"x-zhanwang-grant")
    grant = None if requested is None else header_text(requested)
    trace, address = Trace(steps=services.telemetry.steps(headers)), address_of(scope)

    def pay() -> None:
        charge = services.budget.spend if known else services.budget.take
        charge(seeker_of(address), LOOK_UP_COST)

    try:
        identity, refusal = await services.authentication.identify(authorization, grant, pay)
    except Unavailable as error:
        raise HTTPRefusal(HTTPStatus.SERVICE_UNAVAILABLE, error.message, Code.UNAVAILABLE) from error
    return Context(
        database=services.database,
        request_id=request_id,
        address=address,
        identity=identity,
        refusal=refusal,
        token=bearer(authorization) if authorization and identity else None,
        requested_grant=grant,
        authenticator=services.authentication,
        tokens=services.tokens,
        passwords=services.passwords,
        vault=services.vault,
        id_tokens=services.id_tokens,
        smallest_cell=services.smallest_cell,
        language=language,
        limits=services.limits,
        trace=trace,
    )


def address_of(scope: Scope) -> str:
    """The client's address; empty if it comes by a Unix socket."""
    client = scope.get("client")
    return client[0] if client else ""
