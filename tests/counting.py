"""Counts in the test what a statistic says: it lists the rows as a client may, and groups them itself.

SERVICES = Counted("serviceStatistics", "serviceRecords", rows="id field contacts", figures="count contacts",
                   keys={"FIELD": ("field", lambda row: row["field"])}, count=lambda rows: {…})
SERVICES.check(ask, "hub", "FIELD")
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

Row = dict[str, Any]

ABOVE = "__typename id ... on Station { level }"
PLACE = f"{ABOVE} ancestors {{ {ABOVE} }}"
"""What must be selected of a place for `unit`."""

UNITS = {
    "COUNTY": ("HUB",),
    "ZONE": ("DEMONSTRATION",),
    "TOWNSHIP": ("DEMONSTRATION", "BASIC"),
    "COMMUNITY": ("Community",),
    "GRID": ("Grid",),
}


def unit(place: Row | None, kind: str) -> str | None:
    """The id of the unit of a kind that a place lies in, as far as it is in scope: the nearest above it, or itself."""
    chain = [*place["ancestors"], place] if place else []
    found = [each["id"] for each in chain if each.get("level", each["__typename"]) in UNITS[kind]]
    return found[-1] if found else None


def places(field: str = "place") -> dict[str, tuple[str, Callable[[Row], Any]]]:
    """The keys of the dimensions of places, of rows whose place stands in a field."""
    return {kind: ("place { id }", _in(field, kind)) for kind in UNITS}


def _in(field: str, kind: str) -> Callable[[Row], Any]:
    def key(row: Row) -> Row | None:
        found = unit(row[field], kind)
        return {"id": found} if found else None

    return key


def every(ask: Callable[[str], Row], connection: str, arguments: str, selection: str) -> list[Row]:
    """The nodes of a connection, page by page. ask: the data of an operation."""
    found: list[Row] = []
    after = ""
    while True:
        page = ask(f"""{{ {connection}(first: 100 {after} {arguments}) {{
          nodes {{ {selection} }} pageInfo {{ hasNextPage endCursor }} }} }}""")[connection]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = f'after: "{page["pageInfo"]["endCursor"]}"'


@dataclass(frozen=True)
class Counted:
    """A statistic, and how its figures follow from the rows.

    rows, figures: selections. keys: what is selected of a group's key for each dimension, and what that is of a row.
    count: the figures of some rows.
    """

    statistic: str
    connection: str
    rows: str
    figures: str
    keys: dict[str, tuple[str, Callable[[Row], Any]]]
    count: Callable[[list[Row]], Row]

    def listed(self, ask: Callable[[str], Row], where: str = "") -> list[Row]:
        """All rows."""
        return every(ask, self.connection, f"where: {{ {where} }}", f"id {self.rows}")

    def groups(self, ask: Callable[[str], Row], *dimensions: str, where: str = "", more: str = "") -> list[Row]:
        """All groups, each with its key, figures, and the ids of its records."""
        key = " ".join(self.keys[name][0] for name in dimensions)
        selection = f"""{self.figures} {f"key {{ {key} }}" if key else ""} share
          records(first: 100) {{ totalCount nodes {{ id }} }}"""
        asked = f"groupBy: [{', '.join(dimensions)}] where: {{ {where} }} {more}"
        return every(ask, self.statistic, asked, selection)

    def check(self, ask: Callable[[str], Row], *dimensions: str, where: str = "") -> list[Row]:
        """Compares each group with the rows that belong to it; the groups."""
        rows = self.listed(ask, where)
        expected: dict[str, list[Row]] = {}
        for row in rows:
            values = {self.keys[name][0].split()[0]: self.keys[name][1](row) for name in dimensions}
            expected.setdefault(repr(sorted(values.items())), []).append(row)
        groups = self.groups(ask, *dimensions, where=where)
        found = {repr(sorted(group.get("key", {}).items())): group for group in groups}
        assert found.keys() == expected.keys() or (not rows and not dimensions)
        for key, group in found.items():
            counted = expected.get(key, [])
            assert {name: group[name] for name in self.count(counted)} == pytest.approx(self.count(counted))
            assert group["records"]["totalCount"] == group["count"] == len(counted)
            assert {row["id"] for row in group["records"]["nodes"]} == {row["id"] for row in counted}
            assert group["share"] == (pytest.approx(len(counted) / len(rows)) if rows else None)
        asked = f"{{ {self.statistic}(where: {{ {where} }}) {{ total {{ {self.figures} }} }} }}"
        assert ask(asked)[self.statistic]["total"] == pytest.approx(self.count(rows))
        return groups

    def compare(self, ask: Callable[[str], Row], *dimensions: str, now: str, before: str, by: str) -> list[Row]:
        """Checks that each group has the figures of both times, as they are without the comparison; the groups.

        now, before: the times, as `where`. dimensions: none of time.
        """
        key = " ".join(self.keys[name][0] for name in dimensions)
        asked = f"groupBy: [{', '.join(dimensions)}] where: {{ {now} }} compareTo: {by}"
        selection = f"key {{ {key} }} change {self.figures} previous {{ {self.figures} }}"
        found = every(ask, self.statistic, asked, selection)
        times = [
            {repr(each["key"]): each for each in self.groups(ask, *dimensions, where=time)} for time in (now, before)
        ]
        assert {repr(group["key"]) for group in found} == times[0].keys() | times[1].keys()
        nothing = self.count([])
        for group in found:
            (current, past) = [groups.get(repr(group["key"]), nothing) for groups in times]
            assert {name: group[name] for name in nothing} == {name: current[name] for name in nothing}
            assert group["previous"] == {name: past[name] for name in nothing}
            change = (current["count"] - past["count"]) / past["count"] if past["count"] else None
            assert group["change"] == (change if change is None else pytest.approx(change))
        return found
