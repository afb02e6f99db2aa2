"""`/`: where to go from here."""

from html import escape
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from models import Role
from resolvers.core.messages import Language
from server.pages.assets import stylesheet
from server.pages.demo import DemoAccounts
from server.pages.rendering import page, page_language, piece, texts, wants_html
from server.settings import Settings

if TYPE_CHECKING:
    from server.demo import DemoAccount

PLACES = {
    "graphql": "/graphql",
    "graphiql": "/graphiql",
    "schema": "/schema.graphql",
    "alive": "/healthz",
    "ready": "/readyz",
}


class Home:
    """The page that a person sees first; programs get the same addresses as JSON."""

    def __init__(self, settings: Settings) -> None:
        self._demo = DemoAccounts(settings)

    async def show(self, request: Request) -> Response:
        """The page."""
        if not wants_html(request):
            return JSONResponse({"name": "zhanwang", **PLACES}, headers={"Vary": "Accept"})
        language = page_language(request)
        accounts = await self._demo.of(request.app.state.services.database)
        shown = next((account for account in accounts if account.role is Role.MANAGER), None)
        password = self._demo.password if accounts else "…"
        query = {
            "base": escape(str(request.base_url)),
            "username": escape(shown.username if shown else "…"),
            "password": escape(password),
        }
        values = {
            "style": stylesheet(),
            "query": piece("query", language, query),
            "demo": _table(language, accounts, password) if accounts else "",
        }
        return page("home", language, values)


def _table(language: Language, accounts: list["DemoAccount"], password: str) -> str:
    roles = texts("accounts", language)
    rows = "".join(
        f"<tr><td><code>{escape(one.username)}</code></td><td>{roles[one.role]}</td><td>{escape(one.place)}</td></tr>"
        for one in accounts
    )
    return piece("accounts", language, {"rows": rows, "password": escape(password)})
