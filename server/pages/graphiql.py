"""`/graphiql`: GraphiQL with log-in, from this project's own assets."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from server.pages.assets import graphiql_files
from server.pages.rendering import page, page_language
from server.settings import Settings

# The editor sets styles as it goes, and its icons are a font inside the stylesheet.
POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src {connecting}; style-src 'self'"
    " 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


class GraphiQL:
    """The page; all the rest is done by its script."""

    def __init__(self, settings: Settings) -> None:
        connecting = ["'self'"]
        if settings.oidc_issuer is not None:
            issuer = urlsplit(settings.oidc_issuer)
            connecting.append(f"{issuer.scheme}://{issuer.netloc}")
        self._policy = POLICY.format(connecting=" ".join(connecting))

    async def show(self, request: Request) -> Response:
        """The page."""
        script, style = graphiql_files()
        return page("graphiql", page_language(request), {"script": script, "style": style}, policy=self._policy)
