"""Operations to begin with, for every role: what GraphiQL opens on.

Each file of `examples/`, in the order of their names, begins with comments: its titles, by language, and its roles:

    # zh: 我看到什么
    # en: What I see
    # roles: OBSERVER WORKER MANAGER ADMINISTRATOR
"""

import re
from dataclasses import dataclass
from functools import cache

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from models import Role
from resolvers.core.messages import Language
from server.pages.rendering import FOLDER, page_language

_HEADER = re.compile(r"# (\w+): (.+)\n")


@dataclass(frozen=True)
class Example:
    """An operation, and who can use it."""

    name: str
    titles: dict[Language, str]
    roles: frozenset[Role]
    query: str

    def shown(self, language: Language) -> dict[str, object]:
        """What a client is told of it: the query with its title above."""
        title = self.titles[language]
        return {
            "name": self.name,
            "title": title,
            "roles": sorted(self.roles),
            "query": f"# {title}\n{self.query}",
            "variables": "",
        }


@cache
def examples() -> tuple[Example, ...]:
    """All of them."""
    found = []
    for path in sorted((FOLDER / "examples").glob("*.graphql")):
        text = path.read_text(encoding="utf-8")
        header = dict(_HEADER.findall(text))
        titles = {language: header[language.value] for language in Language}
        roles = frozenset(Role(name) for name in header["roles"].split())
        found.append(Example(path.stem, titles, roles, _HEADER.sub("", text).lstrip()))
    return tuple(found)


async def examples_page(request: Request) -> Response:
    """The examples as JSON, in the language of the page."""
    language = page_language(request)
    headers = {"Cache-Control": "no-cache", "Content-Language": language.value, "Vary": "Accept-Language"}
    return JSONResponse([example.shown(language) for example in examples()], headers=headers)
