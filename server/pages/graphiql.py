"""`/graphiql`: GraphiQL with log-in, from this project's own assets."""

from starlette.requests import Request
from starlette.responses import Response

from server.pages.assets import graphiql_files
from server.pages.rendering import page, page_language

# The editor sets styles as it goes, and its icons are a font inside the stylesheet.
POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline';"
    " font-src 'self' data:; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


async def graphiql(request: Request) -> Response:
    """The page; all the rest is done by its script."""
    script, style = graphiql_files()
    return page("graphiql", page_language(request), {"script": script, "style": style}, policy=POLICY)
