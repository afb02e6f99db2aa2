"""Events as a subscription meets them: what it listens to, and the place among the transactions that it has reached.

A `Snapshot` says which transactions have ended, a `Position` which events a subscriber has got: those that the
snapshot `before` shows, and of what `after` shows beside them the ones up to an id. Clients carry it sealed, as
`eventId`: in the open it would tell how much is written in counties that are none of theirs.
"""

import base64
import os
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import BigInteger, ColumnElement, FromClause, Text, and_, bindparam

from models import EventNoun
from resolvers.core.arguments import Arguments
from resolvers.core.compiler import WRITTEN_ROW
from resolvers.core.mapping import Clause, Relation
from resolvers.core.relations import place_key, within
from resolvers.core.scope import Scope
from resolvers.core.tokens import Tokens

LISTENS: Final = "zhanwang.listens"
"""Under which the metadata of a subscription's field has what it listens to."""

LONGEST_ID = 8192
_NONCE, _BLOCK = 12, 256


@dataclass(frozen=True, slots=True)
class Listens:
    """What a root field of `Subscription` listens to.

    whole: whether each event is of all that the field shows, and no row of its own, so that several that come shortly
    after one another are told as one, and none if nothing is different.
    """

    nouns: frozenset[EventNoun]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """A change that is committed."""

    id: int
    xact: int
    at: datetime
    noun: EventNoun
    row_id: int
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """PostgreSQL's `pg_snapshot`: transactions before `low` have ended, those from `high` on and `running` have not."""

    low: int
    high: int
    running: frozenset[int]

    @classmethod
    def read(cls, text: str) -> "Snapshot":
        """``"10:20:10,14,15"``. Raises ValueError."""
        low, high, running = text.split(":")
        return cls(int(low), int(high), frozenset(map(int, running.split(","))) if running else frozenset())

    def shows(self, xact: int) -> bool:
        """Whether a transaction had ended."""
        return xact < self.high and xact not in self.running

    def __str__(self) -> str:
        return f"{self.low}:{self.high}:{','.join(map(str, sorted(self.running)))}"


@dataclass(frozen=True, slots=True)
class Position:
    """How far a subscriber has come. seen: the digest of what it was shown last, of a field that is `whole`."""

    before: Snapshot
    after: Snapshot
    id: int
    seen: bytes = b""


class Positions:
    """Seals positions for clients, and opens what they bring back."""

    def __init__(self, tokens: Tokens, hours: int) -> None:
        self._cipher = AESGCM(tokens.keyed("event id", ""))
        self._seconds = hours * 3600

    def seal(self, position: Position) -> str:
        """An event's public id."""
        told = [str(position.before), str(position.after), position.id, position.seen.hex(), int(time.time())]
        nonce, text = os.urandom(_NONCE), orjson.dumps(told)
        # Its length would tell how many transactions are under way, wherever.
        padded = text.ljust(-(-len(text) // _BLOCK) * _BLOCK)
        return base64.urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, padded, None)).decode()

    def open(self, public_id: str) -> Position | None:
        """The position in an id; None if it is none, or from longer ago than events are kept."""
        if len(public_id) > LONGEST_ID:
            return None
        try:
            sealed = base64.urlsafe_b64decode(public_id.encode("ascii"))
            before, after, id_, seen, at = orjson.loads(self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], None))
            if time.time() - at > self._seconds:
                return None
            return Position(Snapshot.read(before), Snapshot.read(after), id_, bytes.fromhex(seen))
        except (ValueError, InvalidTag):
            return None


# -- what an event's payload is compiled to ------------------------------------------------------------------------

EVENT_ID: Final = f"event {secrets.token_hex(16)}"
EVENT_TIME: Final = f"time {secrets.token_hex(16)}"
"""What stands in a payload where the event's id and time are put: what else it says can be compared."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What a statement answered for an event."""

    json: bytes

    def of(self, event_id: str, at: datetime) -> bytes:
        """The JSON for an event."""
        time_ = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return self.json.replace(EVENT_ID.encode(), event_id.encode()).replace(EVENT_TIME.encode(), time_.encode())


def event_id(_: FromClause, __: Scope) -> ColumnElement[str]:
    """Where the event's id stands."""
    return bindparam("event_id", EVENT_ID, type_=Text)


def event_time(_: FromClause, __: Scope) -> ColumnElement[str]:
    """Where the event's time stands."""
    return bindparam("event_time", EVENT_TIME, type_=Text)


def _told(row: FromClause) -> Clause:
    return row.c.id == bindparam(WRITTEN_ROW, type_=BigInteger)


def _told_within(_: FromClause | None, place: FromClause, arguments: Arguments, scope: Scope) -> Clause:
    if arguments.get("within") is None:
        return _told(place)
    key = arguments.bind(BigInteger(), "within", convert=place_key)
    return and_(_told(place), within(place, "", key, scope))


TOLD = Relation(lambda _, row, *__: _told(row))
TOLD_WITHIN = Relation(_told_within)
