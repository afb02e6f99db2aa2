"""Documents that requests name instead of sending: those that were trusted beforehand, and Apollo's automatic ones."""

import asyncio
import re
from hashlib import sha256

from resolvers.core.cache import Cache
from resolvers.core.context import Database
from server.changes import Changes, Remembered, Subject

KEPT, KEPT_CHARACTERS = 2000, 4_000_000
"""How many texts a worker keeps, and how long they may be together; of either sort."""

DIGEST = re.compile("(?:sha256:)?([0-9a-fA-F]{64})")

STAMP = "SELECT count(*) AS documents, max(added_at) AS newest FROM trusted_document"
IDS = "SELECT array_agg(id) AS ids, array_agg(digest) AS digests FROM trusted_document"
TEXT = "SELECT text FROM trusted_document WHERE digest = $1 LIMIT 1"

Digests = dict[str | bytes, bytes]
"""By id, and by itself."""


def digest_of(id_: str) -> bytes | None:
    """The digest that an id is: `sha256:` and 64 hexadecimal digits, or these alone; None for any other id."""
    found = DIGEST.fullmatch(id_)
    return bytes.fromhex(found[1]) if found else None


class TrustedDocuments:
    """The documents of the table `trusted_document`.

    All ids are kept in memory, so that one that is not there costs no statement; texts as they are used. Whether there
    are others now is asked when a request names a document and nobody would have told.
    """

    def __init__(self, database: Database, changes: Changes) -> None:
        self._database = database
        self._known: Remembered[str, Digests] = Remembered(changes, Subject.DOCUMENT, 1)
        self._texts: Cache[bytes, str] = Cache(KEPT, KEPT_CHARACTERS, _length)
        self._read: tuple[object, Digests] = None, {}
        self._asking = asyncio.Lock()

    async def text(self, id_: str) -> str | None:
        """The text of a document, by the id under which it was added or its digest; None if it is not trusted.

        Raises Unavailable.
        """
        digests = await self._digests()
        digest = digests.get(id_)
        if digest is None:
            digest = digests.get(digest_of(id_) or b"")
        if digest is None:
            return None
        text = self._texts.peek(digest)
        if text is None:
            row = await self._database.fetchrow(TEXT, [digest])
            if row is None:
                return None
            text = self._texts.obtain(digest, lambda: str(row["text"]))
        return text

    async def _digests(self) -> Digests:
        if (known := self._known.peek(IDS)) is not None:
            return known
        async with self._asking:
            # Of those that come at once, one asks for all.
            if (known := self._known.peek(IDS)) is None:
                known = await self._known.look_up(IDS, self._look_up)
        return known or {}

    async def _look_up(self) -> Digests:
        stamp = tuple(await self._database.fetchrow(STAMP, []))
        if stamp != self._read[0]:
            found = await self._database.fetchrow(IDS, [])
            by_id = dict(zip(found["ids"] or (), found["digests"] or (), strict=True))
            self._read = stamp, {**by_id, **{digest: digest for digest in by_id.values()}}
        return self._read[1]


class AutomaticDocuments:
    """Documents that clients have sent once, with the digest by which they name them from then on; in memory."""

    def __init__(self) -> None:
        self._texts: Cache[str, str] = Cache(KEPT, KEPT_CHARACTERS, _length)

    def text(self, digest: str) -> str | None:
        """The text of a digest."""
        return self._texts.peek(digest)

    def keep(self, digest: str, text: str) -> bool:
        """Remember a text; whether the digest is its own."""
        if sha256(text.encode()).hexdigest() != digest:
            return False
        self._texts.obtain(digest, lambda: text)
        return True


def _length(_: object, text: str) -> int:
    return len(text)
