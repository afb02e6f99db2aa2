"""`/assets/<name>`: scripts, styles and fonts, under names with a hash of their content, to be kept for ever."""

import asyncio
import gzip
import hashlib
import json
import mimetypes
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from server.http.compressing import Packed
from server.pages.rendering import FOLDER

BUILT = FOLDER / "assets"
LICENCES = "LICENSES.txt"
_MANIFEST = "manifest.json"
_FOR_EVER = "public, max-age=31536000, immutable"


async def asset(request: Request) -> Response:
    """A file of the pages."""
    name = request.path_params["name"]
    path = _files().get(name)
    if path is None:
        raise HTTPException(404)
    headers = {"Cache-Control": "no-cache" if name == LICENCES else _FOR_EVER, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = await asyncio.to_thread(_compressed, path)
    else:
        body = await asyncio.to_thread(path.read_bytes)
    # By no other encoding: what takes that instead would be packed anew each time that anybody asks.
    return Packed(body, headers=headers, media_type=mimetypes.guess_type(name)[0])


@cache
def graphiql_files() -> tuple[str, str]:
    """The addresses of GraphiQL's script and style, relative to a page."""
    manifest = json.loads((BUILT / _MANIFEST).read_text(encoding="utf-8"))
    return f"assets/{manifest['script']}", f"assets/{manifest['style']}"


@cache
def stylesheet() -> str:
    """The address of the style of the pages without scripts."""
    return f"/assets/{_hashed(FOLDER / 'pages.css')}"


@cache
def _files() -> dict[str, Path]:
    built = {path.name: path for path in BUILT.iterdir() if path.name != _MANIFEST}
    style = FOLDER / "pages.css"
    return built | {_hashed(style): style}


def _hashed(path: Path) -> str:
    return f"{path.stem}-{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}{path.suffix}"


# Two megabytes in all, and half a second once.
@cache
def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)
