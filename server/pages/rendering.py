"""Pages from templates and texts."""

import tomllib
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from resolvers.core.messages import Language
from server.http.headers import header_text
from server.http.languages import language_of

FOLDER = Path(__file__).parent
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy of a page without scripts."""

_HTML = ("text/html", "application/xhtml+xml")
_JSON = ("application/json", "application/graphql-response+json")


def wants_html(request: Request) -> bool:
    """Whether a browser asks: it names HTML; programs take anything, or name JSON."""
    accept = request.headers.get("accept", "").lower()
    return any(name in accept for name in _HTML) and not accept.startswith(_JSON)


def page_language(request: Request) -> Language:
    """The language of a page: that of the parameter `lang`, or else what the browser likes."""
    asked = request.query_params.get("lang")
    if asked in set(Language):
        return Language(asked)
    return language_of(header_text(dict(request.scope["headers"]).get(b"accept-language")))


def page(
    name: str,
    language: Language,
    values: Mapping[str, str],
    *,
    saying: str | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    policy: str = POLICY,
) -> Response:
    """The page of a template.

    values: HTML by placeholder, beside the page's texts; `style` is the address of its style. saying: whose texts, if
    the template is of several pages.
    """
    said, lang = texts(saying or name, language), language.value
    body = _template(name).substitute(said, lang=lang, switch=piece("switch", language, {}), **values)
    html = _template("frame").substitute(lang=lang, title=said["title"], style=values["style"], body=body)
    headers = {
        "Content-Language": language.value,
        "Content-Security-Policy": policy,
        "Cache-Control": "no-cache",
        "Vary": "Accept, Accept-Language",
    }
    return HTMLResponse(html, status, headers)


def piece(name: str, language: Language, values: Mapping[str, str]) -> str:
    """HTML of a template that is part of a page. values: HTML by placeholder, beside the piece's texts."""
    return _template(name).substitute(texts(name, language), **values)


@cache
def texts(name: str, language: Language) -> dict[str, str]:
    """What a template says, as HTML."""
    return {key: of[language.value] for key, of in _all_texts().get(name, {}).items()}


@cache
def _all_texts() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads((FOLDER / "templates" / "texts.toml").read_text(encoding="utf-8"))


@cache
def _template(name: str) -> Template:
    return Template((FOLDER / "templates" / f"{name}.html").read_text(encoding="utf-8"))
