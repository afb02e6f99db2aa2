"""What there was between one write and the next, and who could see it: as the oracle has it, kept up row by row.

With one writer that waits until its write is answered and read here, every instant has one of these states: what a
request may tell is what is visible in one of those between its beginning and its end.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from operator import is_
from typing import Any, NamedTuple

import asyncpg
from cryptography.fernet import Fernet
from graphql import GraphQLEnumType

from schema import schema
from server.transfer.terms import enum_terms
from tests import nouns
from tests.oracle import FOR_WORKERS, MADE_OF, TYPES, Row, View, texts_of, unseal

KEPT, VIEWED = 150, 20
"""How many states are remembered, and of how many what accounts see in them."""
SESSIONS = "session"
TABLES = (*(table for table, _ in TYPES.values()), *nouns.TABLES, SESSIONS)
LOOK = """
SELECT clock_timestamp() AS now, (now() AT TIME ZONE 'Asia/Shanghai')::date AS today,
       pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon
"""
COUNTED = "SELECT '{0}' AS name, count(*) AS count, max(xmin::text::bigint) AS newest FROM {0}"
ENUMERATIONS = [type_ for type_ in schema._schema.type_map.values() if isinstance(type_, GraphQLEnumType)]
WORDS = {word for type_ in ENUMERATIONS for value in enum_terms(type_).items() for word in value}
"""The values of the schema's enumerations, and how exports call them: they say nothing of whose row they are in."""
MINE = {"Account": "id", "Grant": "account_id"}
ALSO = {noun.type: noun.sees for noun in nouns.NOUNS if noun.sees}


class Grip(NamedTuple):
    """By what an account acts: its session with a version of its credentials, or its key; and a grant."""

    account: int
    grant: int
    session: int | None = None
    version: int | None = None
    key: int | None = None


class Secrets(Set[str]):
    """The texts that there have been, without those that are shown."""

    def __init__(self, every: set[str], shown: list[frozenset[str]]) -> None:
        self._every, self._shown = every, shown

    def __contains__(self, text: object) -> bool:
        return text in self._every and not any(text in some for some in self._shown)

    def __iter__(self) -> Iterator[str]:
        return iter(self._every.difference(*self._shown))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Part(NamedTuple):
    """The rows of one type, as one grant sees them; `made_of` is its path, and the tables that it follows from."""

    made_of: list[Any]
    inside: dict[int, Row]
    outside: dict[int, Row]
    shown: frozenset[str]


@dataclass
class State:
    """All rows by table and key, with their texts by type and key, and when they were read."""

    rows: dict[str, dict[Any, Row]]
    texts: dict[str, dict[int, tuple[tuple[str, str], ...]]]
    now: datetime
    today: date
    views: dict[Grip, View] = field(default_factory=dict)

    def holds(self, grip: Grip) -> bool:
        """Whether an account may act by this."""
        account = self.rows["account"][grip.account]
        grant = self.rows["account_grant"].get(grip.grant)
        if account["disabled_at"] is not None or grant is None or not self._lasts(grant):
            return False
        if grip.key is not None:
            return self._lasts(self.rows["service_key"][grip.key])
        session = self.rows[SESSIONS].get(grip.session)
        lasts = session is not None and session["ended_at"] is None and session["expires_at"] > self.now
        return lasts and bool(account["credential_version"] == grip.version)

    def _lasts(self, row: Row) -> bool:
        at = self.now if isinstance(row["valid_from"], datetime) else self.today
        return bool(row["valid_from"] <= at and (row["valid_to"] is None or row["valid_to"] > at))

    def serving(self, path: str) -> dict[int, list[Row]]:
        """The assignments of today below a path, by person."""
        found: dict[int, list[Row]] = {}
        for row in self.rows["assignment"].values():
            if row["path"].startswith(path) and self._lasts(row):
                found.setdefault(row["person_id"], []).append(row)
        return found


class History:
    """The last states of a database, each by its number; `begun` is that of the last write that was begun."""

    def __init__(self, connection: asyncpg.Connection, personal_key: str) -> None:
        self._connection, self._vault = connection, Fernet(personal_key)
        self._states: OrderedDict[int, State] = OrderedDict()
        self._every: set[str] = set()
        self._parts: dict[tuple[Grip, str], _Part] = {}
        self._horizon = 0
        self._counts: dict[str, tuple[int, int]] = {}
        self.done = self.begun = -1

    @property
    def latest(self) -> State:
        """The last one."""
        return self._states[self.done]

    def between(self, first: int, last: int) -> list[State]:
        """The states that there were in a window, the newest first. Raises KeyError if they are forgotten."""
        return [self._states[number] for number in range(last, first - 1, -1)]

    def at(self, moment: datetime) -> int:
        """The number of the state that there was at a moment, or of the oldest that is remembered."""
        later = (number for number in reversed(self._states) if self._states[number].now <= moment)
        return next(later, next(iter(self._states)))

    async def read(self) -> bool:
        """Add the state that there is now; whether it differs from the one before."""
        async with self._connection.transaction(isolation="repeatable_read", readonly=True):
            look = await self._connection.fetchrow(LOOK)
            assert look is not None
            counted = await self._connection.fetch(" UNION ALL ".join(map(COUNTED.format, TABLES)))
            counts = {row["name"]: (row["count"], row["newest"] or 0) for row in counted}
            changed = [name for name in TABLES if counts[name] != self._counts.get(name)]
            read = {name: await self._read(name, counts[name][0]) for name in changed}
        before = self._states.get(self.done)
        self.done += 1
        self.begun = max(self.begun, self.done)
        if before is not None and not changed:
            self._states[self.done] = before
        else:
            rows, texts = (dict(before.rows), dict(before.texts)) if before else ({}, {})
            self._states[self.done] = State(rows | read, texts, look["now"], look["today"])
            self._note(before, self._states[self.done], changed)
        self._counts, self._horizon = counts, look["horizon"]
        if len(self._states) > KEPT:
            self._states.popitem(last=False)
        if (old := self._states.get(self.done - VIEWED)) is not None:
            old.views.clear()
        return bool(changed)

    async def _read(self, table: str, count: int) -> dict[Any, Row]:
        """The rows of a table: those of before, and what has been written since."""
        before = self._states[self.done].rows.get(table, {}) if self._states else {}
        if all("id" in row for row in before.values()):
            found = await self._connection.fetch(
                f"SELECT * FROM {table} WHERE xmin::text::bigint >= $1", self._horizon if before else 0
            )
            if not found or "id" in found[0]:
                rows = before | {row["id"]: dict(row) for row in found}
                if len(rows) == count:
                    return rows
        found = await self._connection.fetch(f"SELECT * FROM {table}")
        return {row.get("id", number): dict(row) for number, row in enumerate(found)}

    def _note(self, before: State | None, state: State, changed: list[str]) -> None:
        """Opens what is sealed in rows that are new, and notes their texts."""
        for type_, (table, _) in TYPES.items():
            if table not in changed:
                continue
            old = before.rows[table] if before else {}
            new = {key: row for key, row in state.rows[table].items() if old.get(key) is not row}
            for row in new.values():
                unseal(row, self._vault)
            noted = {key: tuple(texts_of(type_, row)) for key, row in new.items()}
            state.texts[type_] = state.texts.get(type_, {}) | noted
            self._every.update(text for texts in noted.values() for _, text in texts if text not in WORDS)

    def view(self, state: State, grip: Grip) -> View:
        """What an account sees in a state; nothing, if it may not act."""
        if grip not in state.views:
            state.views[grip] = self._view(state, grip) if state.holds(grip) else self._nothing(state, grip)
        return state.views[grip]

    def _nothing(self, state: State, grip: Grip) -> View:
        outside = {name: state.rows[table] for name, (table, _) in TYPES.items()}
        none: dict[str, dict[int, Row]] = {name: {} for name in (*TYPES, *MADE_OF)}
        username = state.rows["account"][grip.account]["username"]
        return View(username, "nowhere", "NONE", none, outside, {}, Secrets(self._every, []))

    def _view(self, state: State, grip: Grip) -> View:
        grant = state.rows["account_grant"][grip.grant]
        serving = state.serving(grant["path"])
        tables = _Tables(state.rows)
        parts = {name: self._part(state, grip, name, grant, serving, tables) for name in TYPES}
        inside = {name: part.inside for name, part in parts.items()}
        outside = {name: part.outside for name, part in parts.items()}
        for name, sources in MADE_OF.items():
            for rows in (inside, outside):
                rows[name] = dict(chain.from_iterable(rows[source].items() for source in sources))
        username = state.rows["account"][grip.account]["username"]
        secrets = Secrets(self._every, [part.shown for part in parts.values() if part.shown])
        return View(username, grant["path"], grant["role"], inside, outside, serving, secrets)

    def _part(
        self, state: State, grip: Grip, name: str, grant: Row, serving: Mapping[int, Any], tables: Mapping[str, Any]
    ) -> _Part:
        whole, path = state.rows[TYPES[name][0]], grant["path"]
        beside = nouns.TABLES if name in ALSO else ("assignment",) if name == "Person" else ()
        made_of = [state.today, path, whole, *(state.rows[table] for table in beside)]
        kept = self._parts.get((grip, name))
        if kept is not None and all(map(is_, kept.made_of[2:], made_of[2:])) and kept.made_of[:2] == made_of[:2]:
            return kept
        also = ALSO[name](tables, grant) if name in ALSO else lambda _: False
        mine = MINE.get(name)

        def visible(key: int, row: Row) -> bool:
            if name == "Skill" or row["path"].startswith(path) or also(row):
                return True
            return (name == "Person" and key in serving) or (mine is not None and row[mine] == grip.account)

        inside = {key: row for key, row in whole.items() if visible(key, row)}
        outside = {key: row for key, row in whole.items() if key not in inside}
        withheld = FOR_WORKERS.get(name, ()) if grant["role"] == "OBSERVER" else ()
        texts = state.texts.get(name, {})
        shown = frozenset(text for key in inside for column, text in texts[key] if column.split(".")[0] not in withheld)
        self._parts[grip, name] = part = _Part(made_of, inside, outside, shown)
        return part


class _Tables(Mapping[str, Any]):
    """All rows of each table, for the nouns' own rules of sight."""

    def __init__(self, rows: dict[str, dict[Any, Row]]) -> None:
        self._rows = rows

    def __getitem__(self, name: str) -> Any:
        return self._rows[name].values()

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
