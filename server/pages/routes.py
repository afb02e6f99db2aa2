"""Where the pages are."""

from starlette.routing import Route

from server.pages.assets import asset
from server.pages.definition import definition
from server.pages.examples import examples_page
from server.pages.graphiql import GraphiQL
from server.pages.home import Home
from server.settings import Settings


def page_routes(settings: Settings) -> list[Route]:
    """The routes of all pages."""
    return [
        Route("/", Home(settings).show),
        Route("/graphiql", GraphiQL(settings).show),
        Route("/graphiql/examples", examples_page),
        Route("/assets/{name}", asset),
        Route("/schema.graphql", definition),
    ]
