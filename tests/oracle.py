"""Who may see which row, worked out from the tables alone: by the text of paths and by the assignments of today.

Shares nothing with `resolvers/` and asks no server: what a leak test holds an answer against must not come from the
code that is under suspicion. A table that is added later is read without a change here.
"""

import asyncio
import json
import re
from base64 import b64decode
from collections import defaultdict
from collections.abc import Collection, Iterator, Set
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from cryptography.fernet import Fernet

from tests import nouns
from tests.nouns.base import PUBLIC_ID

Row = dict[str, Any]

TYPES = {
    "Station": ("station", "S"),
    "Community": ("community", "C"),
    "Grid": ("grid", "G"),
    "Person": ("person", "P"),
    "Assignment": ("assignment", "A"),
    "VolunteerTeam": ("volunteer_team", "T"),
    "TeamMembership": ("team_membership", "M"),
    "Qualification": ("qualification", "Q"),
    "Skill": ("skill", "K"),
    "Account": ("account", "U"),
    "Grant": ("account_grant", "R"),
    "AuditEntry": ("audit_entry", "E"),
    **{noun.type: (noun.table, noun.letters) for noun in nouns.NOUNS},
}
"""Each GraphQL type of rows, with its table and the letters that begin its ids."""

PLACES = ("Station", "Community", "Grid")
MADE_OF = {
    "ResponsibilityGap": ("Community", "Grid"),
    "AccessExplanation": ("Grant",),
    "SightChange": ("Grant",),
    **nouns.MADE_OF,
}
"""Types without ids of their own that stand for rows of others."""
# Text that says nothing about whose row it is, and what never leaves the database at all.
COMMON = re.compile(r"(parent_|person_)?(path|level)|kind|gender|duty|role|action|noun|request_id|subject")
# In what an audit entry tells of a row: no days, sums of money, values of enumerations, ids, nor what is too short to
# be searched for.
TELLING = re.compile(r"(?!\d{4}-\d\d-\d\d|\d+\.\d\d$|[A-Z_]+$|[A-Z]{1,2}\d+$)(.*[^\x00-\x7f].*|.{6,})", re.DOTALL)
KEY = re.compile(r"(?<!\d)\d{19}(?!\d)")
"""A row's key in what tells a group from the others."""
FOR_WORKERS: dict[str, Collection[str]] = {
    "Person": {"name", "phone", "id_number", "birth_date", "address"},
    "Qualification": {"certificate_number"},
    **{noun.type: noun.hidden for noun in nouns.NOUNS},
}
"""What an observer must not see, even of the rows in scope."""

_LETTERS = {letter: name for name, (_, letter) in TYPES.items()}
_COMMON = {noun.type: noun.common for noun in nouns.NOUNS}
_EVERY_COMMON = frozenset().union(*_COMMON.values())


@dataclass
class View:
    """What one account sees under its first grant: the rows in scope and outside, by type and key."""

    username: str
    path: str
    role: str
    rows: dict[str, dict[int, Row]]
    outside: dict[str, dict[int, Row]]
    serving: dict[int, list[Row]]
    secrets: Set[str]
    searched: set[str] = field(default_factory=set)
    """Messages of errors that were searched for secrets already."""

    def ids(self, type_name: str) -> list[str]:
        """The public ids of the rows in scope, by key."""
        return [f"{TYPES[type_name][1]}{key}" for key in sorted(self.rows[type_name])]

    def hidden(self, *type_names: str) -> list[str]:
        """The public ids of the rows outside, of these types or of all."""
        return [f"{TYPES[name][1]}{key}" for name in type_names or TYPES for key in sorted(self.outside[name])]

    def sees(self, public_id: str) -> bool:
        """Whether an id is of a row in scope; True for what is no id at all."""
        found = PUBLIC_ID.fullmatch(public_id)
        return found is None or found[1] not in _LETTERS or int(found[2]) in self.rows[_LETTERS[found[1]]]

    def below(self, type_name: str, place: Row, *, own: bool = False) -> list[Row]:
        """The rows in scope in a place's subtree, people also by where they serve.

        own: of a station, without the stations that it leads.
        """

        def lies(at: Row) -> bool:
            if own and place["id"] in self.rows["Station"]:
                return bool(at["station_id"] == place["id"])
            return bool(at["path"].startswith(place["path"]))

        people = type_name == "Person"
        return [
            row
            for row in self.rows[type_name].values()
            if lies(row) or (people and any(map(lies, self.serving.get(row["id"], ()))))
        ]

    def hidden_texts(self, type_name: str, column: str) -> list[Any]:
        """What stands in a column of the rows outside and of no row of that type in scope; in full, if it is sealed."""
        some = next(iter((self.outside[type_name] or self.rows[type_name]).values()), {})
        column = f"{column}.plain" if f"{column}.plain" in some else column
        if column not in some:
            return []
        inside = {row[column] for row in self.rows[type_name].values()}
        return sorted({row[column] for row in self.outside[type_name].values() if row[column]} - inside)


def named(cursor: str) -> list[int]:
    """The keys of the rows that a cursor names: of a row its own, of a group those in the group's key."""
    order, *values = json.loads(b64decode(cursor))
    if isinstance(values[-1], int) and "sort_" not in order:
        return [values[-1]]
    return [int(part) for value in values if isinstance(value, str) for part in KEY.findall(value)]


class Oracle:
    """All rows of the database, personal data in full included."""

    def __init__(self, rows: dict[str, dict[int, Row]], tables: dict[str, list[Row]], today: Any) -> None:
        self.rows, self._today = rows, today
        self._tables = tables | {TYPES[name][0]: list(found.values()) for name, found in rows.items()}

    @classmethod
    def of(cls, url: str, personal_key: str) -> "Oracle":
        """Read as the superuser, whom no policy binds."""
        return cls(*asyncio.run(_read(url, Fernet(personal_key))))

    def view(self, username: str) -> View:
        """What an account sees."""
        account = next(row for row in self.rows["Account"].values() if row["username"] == username)
        grants = [row for row in self.rows["Grant"].values() if row["account_id"] == account["id"]]
        grant = min(grants, key=lambda row: (row["valid_from"], row["id"]))
        serving: dict[int, list[Row]] = defaultdict(list)
        for row in self.rows["Assignment"].values():
            if row["path"].startswith(grant["path"]) and self._holds(row):
                serving[row["person_id"]].append(row)
        mine = {"Account": "id", "Grant": "account_id"}
        also = {noun.type: noun.sees(self._tables, grant) for noun in nouns.NOUNS if noun.sees}

        def visible(name: str, row: Row) -> bool:
            if name == "Skill" or row["path"].startswith(grant["path"]):
                return True
            if name in also:
                return also[name](row)
            return (name == "Person" and row["id"] in serving) or (name in mine and row[mine[name]] == account["id"])

        inside = {name: {k: r for k, r in rows.items() if visible(name, r)} for name, rows in self.rows.items()}
        outside = {name: {k: r for k, r in rows.items() if k not in inside[name]} for name, rows in self.rows.items()}
        withheld = FOR_WORKERS if grant["role"] == "OBSERVER" else {}
        shown = {text for name, column, text in _texts(inside) if column.split(".")[0] not in withheld.get(name, ())}
        every = {text for _, _, text in _texts(self.rows)}
        for name, sources in MADE_OF.items():
            for rows in (inside, outside):
                rows[name] = {key: row for source in sources for key, row in rows[source].items()}
        return View(username, grant["path"], grant["role"], inside, outside, serving, frozenset(every - shown))

    def _holds(self, row: Row) -> bool:
        return bool(row["valid_from"] <= self._today and (row["valid_to"] is None or row["valid_to"] > self._today))


def _texts(rows: dict[str, dict[int, Row]]) -> Iterator[tuple[str, str, str]]:
    """Every text of every row: type, column, text."""
    for name, found in rows.items():
        for row in found.values():
            yield from ((name, column, text) for column, text in texts_of(name, row))


def texts_of(name: str, row: Row) -> Iterator[tuple[str, str]]:
    """Every text of a row of a type that may tell whose it is: column, text."""
    for column, value in row.items():
        if name == "AuditEntry" and column in ("before", "after"):
            yield from ((column, text) for text in texts_within(json.loads(value or "null")))
        elif isinstance(value, str) and value and not _is_common(column, _COMMON.get(name, ())):
            yield column, value


def _is_common(column: str, more: Collection[str]) -> bool:
    return column in more or COMMON.fullmatch(column) is not None


def texts_within(value: Any) -> Iterator[str]:
    """What an audit entry's JSON says that is not common."""
    if isinstance(value, dict):
        told = (item for key, item in value.items() if not _is_common(key, _EVERY_COMMON))
        yield from (text for item in told for text in texts_within(item))
    elif isinstance(value, list):
        yield from (text for item in value for text in texts_within(item))
    elif isinstance(value, str) and TELLING.fullmatch(value):
        yield value


async def _read(url: str, vault: Fernet) -> tuple[dict[str, dict[int, Row]], dict[str, list[Row]], Any]:
    connection = await asyncpg.connect(url, server_settings={"TimeZone": "Asia/Shanghai"})
    try:
        tables = {
            name: {row["id"]: dict(row) for row in await connection.fetch(f"SELECT * FROM {table}")}
            for name, (table, _) in TYPES.items()
        }
        others = {name: [dict(row) for row in await connection.fetch(f"SELECT * FROM {name}")] for name in nouns.TABLES}
        today = await connection.fetchval("SELECT current_date")
    finally:
        await connection.close()
    for row in (row for rows in tables.values() for row in rows.values()):
        unseal(row, vault)
    return tables, others, today


def unseal(row: Row, vault: Fernet) -> None:
    """Puts what is sealed in a row in full in its place."""
    for column in [name for name in row if name.endswith("_cipher")]:
        sealed = row.pop(column)
        row[f"{column.removesuffix('_cipher')}.plain"] = sealed and vault.decrypt(sealed).decode()
