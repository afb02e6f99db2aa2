"""Places that lack somebody on a day, place by place."""

from datetime import date
from typing import Any

from tests.reference.ids import read_id
from tests.reference.tables import Row
from tests.reference.view import View

DEMANDED = {
    "GRID": {"NO_RESPONSIBLE_PERSON": "RESPONSIBLE_PERSON", "NO_GRID_WORKER": "GRID_WORKER"},
    "COMMUNITY": {"NO_LINKED_SOCIAL_WORKER": "LINKED_SOCIAL_WORKER"},
}


def _holds(row: Row, day: date) -> bool:
    return bool(row["valid_from"] <= day and (row["valid_to"] is None or day < row["valid_to"]))


def gaps(view: View, arguments: dict[str, Any]) -> list[Row]:
    """The rows of `responsibilityGaps`: places with all that they lack."""
    day = date.fromisoformat(arguments["on"]) if arguments.get("on") else view.today.day
    rows = view.rows["place"]
    if arguments.get("within") is not None:
        letter, key = read_id(arguments["within"])
        root = view.place(key) if letter in ("S", "C", "G") else None
        rows = [row for row in rows if root and row["path"].startswith(root["path"])]
    found = []
    for row in rows:
        duties = {a["duty"] for a in view.find("assignment", "place_id", row["id"]) if _holds(a, day)}
        missing = [gap for gap, duty in DEMANDED.get(row["kind"], {}).items() if duty not in duties]
        existed = any(_holds(placement, day) for placement in view.find("placement", "place_id", row["id"]))
        if existed and missing and arguments.get("kind") in (None, *missing):
            found.append({**row, "missing": missing})
    return found
