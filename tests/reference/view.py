"""What one grant sees: the rows that are visible to it, and those of them that lie below a place."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from tests import nouns
from tests.reference.tables import Row

CHINA = timezone(timedelta(hours=8))

READ = ("place", "volunteer", "organisation", "venue", "service", "survey", "referral", "consultation", "target")
RECORDED = ("client", "service", "survey", "referral", "consultation", "volunteer")
MANAGED = ("personnel", "grid", "account", "organisation", "venue", "catalogue", "target", "talent", "award")
OBSERVER = {"personnel:count", "client:count", "talent:read"} | {f"{noun}:read" for noun in READ}
WORKER = OBSERVER | {"person:read", "client:read"} | {f"{noun}:write" for noun in RECORDED}
MANAGER = WORKER | {"person:read_private", "account:read", "audit:read"} | {f"{noun}:write" for noun in MANAGED}
ADMINISTRATOR = MANAGER | {"place:write", "budget:write", "calendar:write"}
ROLES = {"OBSERVER": OBSERVER, "WORKER": WORKER, "MANAGER": MANAGER, "ADMINISTRATOR": ADMINISTRATOR}

Open = Callable[[bytes], str]
Pages = Callable[["View", str, list[Row], dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Today:
    """The day in China, and the instant."""

    day: date
    now: datetime

    @classmethod
    def read(cls) -> "Today":
        """Of the clock."""
        now = datetime.now(UTC)
        return cls(now.astimezone(CHINA).date(), now)

    def covers(self, row: Row) -> bool:
        """Whether a dated row holds."""
        at: Any = self.now if isinstance(row["valid_from"], datetime) else self.day
        return bool(row["valid_from"] <= at and (row["valid_to"] is None or row["valid_to"] > at))


class View:
    """The rows that an account sees under one of its grants; the oldest that holds, if not another is named.

    url: of the database, for what it says without reading a row.
    """

    def __init__(
        self,
        tables: dict[str, list[Row]],
        username: str,
        open_: Open,
        today: Today,
        pages: Pages,
        grant_id: int | None = None,
        url: str = "",
    ) -> None:
        self._pages, self.url = pages, url
        self.open, self.today, self.tables = open_, today, tables
        self.account = next(row for row in tables["account"] if row["username"] == username)
        grants = [g for g in tables["account_grant"] if g["account_id"] == self.account["id"] and today.covers(g)]
        grants.sort(key=lambda g: (g["valid_from"], g["id"]))
        self.grant = next(g for g in grants if grant_id in (None, g["id"]))
        self.permissions = ROLES[self.grant["role"]]
        self._also = {noun.table: noun.sees(tables, self.grant) for noun in nouns.NOUNS if noun.sees}
        self.rows = {table: [row for row in rows if self._sees(table, row)] for table, rows in tables.items()}
        serving = {row["person_id"] for row in self.rows["assignment"] if today.covers(row)}
        self.rows["person"] = [p for p in tables["person"] if self.covers(p) or p["id"] in serving]
        self.by_id = {table: {row["id"]: row for row in rows} for table, rows in self.rows.items()}
        self.current_assignments: dict[int, list[Row]] = defaultdict(list)
        for assignment in self.rows["assignment"]:
            if today.covers(assignment):
                self.current_assignments[assignment["person_id"]].append(assignment)
        self._grouped: dict[tuple[str, str], dict[Any, list[Row]]] = {}
        self._below: dict[tuple[str, int, bool], list[Row]] = {}
        self._places: dict[int, Row] = {}

    def covers(self, row: Row) -> bool:
        """Whether a row's own place lies in the scope."""
        return bool(row["path"].startswith(self.grant["path"]))

    def _sees(self, table: str, row: Row) -> bool:
        if "path" not in row:
            return True
        own = {"account": "id", "account_grant": "account_id"}.get(table)
        if table == "skill" or self.covers(row) or (own is not None and row[own] == self.account["id"]):
            return True
        return table in self._also and self._also[table](row)

    def pages_of(self, table: str, rows: list[Row], arguments: dict[str, Any]) -> dict[str, Any]:
        """A connection over rows of a table."""
        return self._pages(self, table, rows, arguments)

    def find(self, table: str, column: str, value: Any) -> list[Row]:
        """The visible rows with a value in a column, by id."""
        grouped = self._grouped.get((table, column))
        if grouped is None:
            grouped = self._grouped[table, column] = defaultdict(list)
            for row in self.rows[table]:
                grouped[row[column]].append(row)
        return grouped.get(value, [])

    def place(self, key: int | None) -> Row | None:
        """The station, community or grid with this key, if visible."""
        for table in ("station", "community", "grid"):
            if key in self.by_id[table]:
                return self.by_id[table][key]
        return None

    def anywhere(self, key: int) -> Row:
        """The place with this key, in sight or not."""
        if not self._places:
            self._places = {place["id"]: place for place in self.tables["place"]}
        return self._places[key]

    def holders(self, place_id: int, duty: str) -> list[Row]:
        """The people who have a duty at a place today."""
        found = [a for a in self.find("assignment", "place_id", place_id) if a["duty"] == duty and self.today.covers(a)]
        people = [self.by_id["person"].get(a["person_id"]) for a in found]
        return sorted((person for person in people if person), key=lambda person: person["id"])

    def lies_below(self, row: Row, path: str) -> bool:
        """Whether a row lies in a subtree; a person also if they serve there today."""
        below: bool = row["path"].startswith(path)
        if not below and row["$type"] == "Person":
            return any(a["path"].startswith(path) for a in self.current_assignments[row["id"]])
        return below

    def below(self, table: str, place: Row, *, own: bool) -> list[Row]:
        """The rows below a place; of a station's `own` those whose nearest station it is."""
        own = own and place["$type"] == "Station"
        key = (table, place["id"], own)
        if key not in self._below:
            rows = self.rows[table]
            if own:
                self._below[key] = [row for row in rows if self._is_own(row, place["id"])]
            else:
                self._below[key] = [row for row in rows if self.lies_below(row, place["path"])]
        return self._below[key]

    def _is_own(self, row: Row, station_id: int) -> bool:
        serves = self.current_assignments[row["id"]] if row["$type"] == "Person" else []
        return row["station_id"] == station_id or any(a["station_id"] == station_id for a in serves)
