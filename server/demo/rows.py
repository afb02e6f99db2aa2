"""The demo's rows in memory, as they go into the tables: the collector that numbers them, and the tree of places."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from models import PlaceLevel

SEED = 350526

Row = dict[str, Any]


class Rows:
    """Rows by table, in the order in which they were added; each gets the next id of its table."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {}

    def add(self, table: str, **columns: Any) -> int:
        """Adds a row with a new id; returns that id."""
        rows = self.tables.setdefault(table, [])
        rows.append({"id": len(rows) + 1, **columns})
        return len(rows)

    def add_numbered(self, table: str, **columns: Any) -> None:
        """Adds a row whose id is among the columns, as those of places are."""
        self.tables.setdefault(table, []).append(columns)


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """A place of the tree. `opened_on`: its station's opening, or its own; nothing in it is older."""

    id: int
    level: PlaceLevel
    code: str
    name: str
    division_code: str
    opened_on: date
    parent: "Spot | None"

    @property
    def path(self) -> str:
        """The ids from the root to itself, each followed by a dot."""
        return f"{self.parent.path if self.parent else ''}{self.id}."

    @property
    def station(self) -> "Spot":
        """The nearest station, at or above."""
        if self.parent is None or self.level not in (PlaceLevel.COMMUNITY, PlaceLevel.GRID):
            return self
        return self.parent.station

    @property
    def county(self) -> "Spot":
        """The root."""
        return self if self.parent is None else self.parent.county

    def located(self) -> Row:
        """The columns by which a row belongs to it, `place_id` included."""
        return {"place_id": self.id, **self.copied()}

    def copied(self) -> Row:
        """The columns that a row copies from it."""
        return {"path": self.path, "station_id": self.station.id, "county_id": self.county.id}


def stream(name: str) -> Random:
    """Chance of its own for each part of the demo, so that a change in one leaves the others as they are."""
    return Random(f"{SEED}/{name}")


def day_between(random: Random, first: date, last: date) -> date:
    """A day from `first` to `last`, both inclusive; `first` if there is none."""
    return first + timedelta(days=random.randint(0, max(0, (last - first).days)))
