"""What clients call things, where it must be bounded: a label of a metric costs memory as long as the worker lives."""

import re

OTHERS = "other"
LONGEST = 64
_CLIENT = re.compile(r"[A-Za-z0-9._@/ +-]{1,48}")


class Names:
    """The first `most` names that come stay; those that come later are `other`, and so is one that is too long."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: set[str] = {""}

    def label(self, name: str, *, learn: bool) -> str:
        """A name as a label. learn: whether it may take one of the places that are left."""
        if name in self._known:
            return name
        if not learn or len(name) > LONGEST or len(self._known) > self._most:
            return OTHERS
        self._known.add(name)
        return name


def client_of(headers: dict[bytes, bytes]) -> str:
    """The program that asks, as `name/version`: by `X-Zhanwang-Client`, or by the headers of Apollo's clients."""
    given = headers.get(b"x-zhanwang-client")
    if given is None:
        name, version = headers.get(b"apollographql-client-name"), headers.get(b"apollographql-client-version")
        given = b"/".join(part for part in (name, version) if part) if name else b""
    text = given.decode("latin-1").strip()
    return text if _CLIENT.fullmatch(text) else ""
