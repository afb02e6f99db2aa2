"""Files of documents, as people write them and as clients' build tools do.

*.graphql                          one document, with one operation or several; its id is its SHA-256
relay-compiler, graphql-codegen    {"<id>": "<text>", …}
Apollo                             {"format": "apollo-persisted-query-manifest", "operations": [{"id", "body"}, …]}
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from server.documents import digest_of

APOLLO = "apollo-persisted-query-manifest"
LONGEST_ID = 200


class UnfitFile(Exception):
    """A file that has no documents, or not as one of the known tools writes them. `str()` of it says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A document and the id that clients know it by. where: its file, and its place there."""

    id: str
    text: str
    where: str

    @property
    def digest(self) -> bytes:
        """The SHA-256 of the text."""
        return sha256(self.text.encode()).digest()


def entries(path: Path) -> list[Entry]:
    """The documents of a file. Raises UnfitFile and OSError."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UnfitFile(f"{path}: this is no UTF-8 text.") from None
    if path.suffix.lower() != ".json":
        return [Entry(sha256(text.encode()).hexdigest(), text, str(path))]
    try:
        found = list(_pairs(json.loads(text)))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UnfitFile(f"{path}: this is no manifest of relay-compiler, Apollo or graphql-codegen.") from None
    if not found:
        raise UnfitFile(f"{path}: this has no documents.")
    return [_entry(id_, body, f"{path}, {id_}") for id_, body in found]


def _pairs(manifest: Any) -> Iterator[tuple[str, str]]:
    if manifest.get("format") == APOLLO:
        yield from ((one["id"], one["body"]) for one in manifest["operations"])
    else:
        yield from manifest.items()


def _entry(id_: Any, text: Any, where: str) -> Entry:
    if not isinstance(id_, str) or not isinstance(text, str) or not 0 < len(id_) <= LONGEST_ID:
        raise UnfitFile(f"{where[:300]}: an id must be text of 1 to {LONGEST_ID} characters, and a document text.")
    digest = digest_of(id_)
    entry = Entry(digest.hex() if digest else id_, text, where)
    if digest not in (None, entry.digest):
        raise UnfitFile(f"{where}: the id is a SHA-256, and not that of the text.")
    return entry
