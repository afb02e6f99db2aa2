"""Headers that tell browsers to be careful, and pages of other origins what they may do."""

from typing import Final

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Receive, Scope, Send

from server.settings import Settings

NO_CONTENT: Final = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
"""Of what is data: whatever is in it, nothing of it runs or is loaded."""

METHODS = ("GET", "POST")
ASKED = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "Last-Event-ID",
    "X-Request-Id",
    "X-Zhanwang-Client",
    "X-Zhanwang-Grant",
    "apollographql-client-name",
    "apollographql-client-version",
    "apollo-require-preflight",
    "traceparent",
    "tracestate",
)
TOLD = ("Content-Disposition", "ETag", "Retry-After", "X-Request-Id")
PREFLIGHT_SECONDS = 7200


def security_headers(settings: Settings) -> list[tuple[str, str]]:
    """What every response has, written by uvicorn, so that no request pays for it."""
    found = [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ]
    if settings.hsts_seconds:
        found.append(("strict-transport-security", f"max-age={settings.hsts_seconds}; includeSubDomains"))
    return found


def origins(settings: Settings) -> frozenset[str]:
    """The origins whose pages may ask; `*` for all."""
    return frozenset(settings.cors_origins.split(",") if settings.cors_origins else ())


class OtherOrigins(CORSMiddleware):
    """Starlette's, for who names an origin: nobody else pays for it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        named = scope["type"] == "http" and b"origin" in dict(scope["headers"])
        await (super().__call__ if named else self.app)(scope, receive, send)


def cors(settings: Settings) -> list[Middleware]:
    """What lets the pages of other origins ask. They send a token themselves: there are no cookies to be sent along."""
    allowed = origins(settings)
    if not allowed:
        return []
    return [
        Middleware(
            OtherOrigins,
            allow_origins=sorted(allowed),
            allow_methods=METHODS,
            allow_headers=ASKED,
            expose_headers=TOLD,
            max_age=PREFLIGHT_SECONDS,
        )
    ]
