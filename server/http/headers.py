"""What is read from a request's headers."""

import os
import re
from functools import lru_cache
from http import HTTPStatus

from resolvers.core.errors import Code
from resolvers.core.messages import Message
from server.http.refusals import HTTPRefusal

JSON = "application/json"
RESPONSE_JSON = "application/graphql-response+json"
LONGEST_ACCEPT = 500
"""How much of an Accept header is read, and kept; a browser's has some 140 characters."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def liked(accept: str) -> str:
    """The media type to answer in: of the two, the one that the client likes better; empty if it takes neither."""
    return _liked_best(accept[:LONGEST_ACCEPT])


@lru_cache(maxsize=256)
def _liked_best(accept: str) -> str:
    best, found = 0.0, ""
    for item in accept.split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        media_type = RESPONSE_JSON if name == RESPONSE_JSON else JSON if name in (JSON, "application/*", "*/*") else ""
        try:
            weight = float(quality)
        except ValueError:
            weight = 0.0
        if media_type and weight > best:
            best, found = weight, media_type
    return found


def accepted(accept: str) -> str:
    """The media type to answer in. Raises HTTPRefusal if the client takes neither."""
    found = liked(accept)
    if not found:
        raise HTTPRefusal(
            HTTPStatus.NOT_ACCEPTABLE,
            Message("Accept {json} or {response}: that is what is answered.", json=JSON, response=RESPONSE_JSON),
            Code.NOT_ACCEPTABLE,
        )
    return found


def request_id_of(given: bytes | None) -> str:
    """The request's id: the client's, if it gave a usable one."""
    if given is not None and _REQUEST_ID.fullmatch(text := header_text(given)):
        return text
    return os.urandom(12).hex()


def header_text(value: bytes | None) -> str:
    """A header's value; empty if it is missing."""
    return value.decode("latin-1") if value else ""
