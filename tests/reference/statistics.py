"""Statistics: the visible rows one by one into groups, and the figures of each group out of its rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

from tests.nouns.base import Resolver
from tests.reference.counted import STATISTICS
from tests.reference.figures import Dimension, Statistic, divided
from tests.reference.hiding import SMALLEST, hidden
from tests.reference.ids import read_id
from tests.reference.pages import connection
from tests.reference.periods import Bounds, Shift, day_of, first_day, periods, shifted
from tests.reference.tables import Row
from tests.reference.units import units
from tests.reference.view import View
from tests.reference.where import meets

LEAST = -2
"""What stands in an order for a figure that a group does not have."""
DIGITS = 19


@dataclass
class Group:
    """A group: its keys, the rows that it counts, and those of the time that is compared with."""

    keys: tuple[Any, ...]
    rows: list[Row]
    past: list[Row]


class Asked:
    """What is asked of a statistic, for one account."""

    def __init__(self, view: View, statistic: Statistic, arguments: dict[str, Any]) -> None:
        self.view, self.statistic, self.arguments = view, statistic, arguments
        names = dict.fromkeys(arguments["groupBy"])
        self.dimensions = [statistic.dimensions[name] for name in names]
        self.where: dict[str, Any] = arguments.get("where") or {}
        self.bounds = Bounds.of(self.where.get(statistic.period))
        self.shift = Shift.of(arguments["compareTo"], self.bounds) if arguments.get("compareTo") else None

    def groups(self) -> list[Group]:
        """All groups, those without rows too if they are asked for."""
        found: dict[tuple[Any, ...], Group] = {}

        def of(keys: tuple[Any, ...]) -> Group:
            return found.setdefault(keys, Group(keys, [], []))

        for row in self.rows(self.where):
            for keys in self._keys(row):
                of(keys).rows.append(row)
        if self.shift:
            for row in self.rows(shifted(self.where, self.statistic.period, self.shift.earlier)):
                for keys in self._keys(self._later(row)):
                    of(keys).past.append(row)
        if not self.dimensions:
            of(())
        elif self.arguments["includeEmpty"]:
            known = list(found)
            for keys in product(*[self._possible(d, {k[i] for k in known}) for i, d in enumerate(self.dimensions)]):
                of(keys)
        return list(found.values())

    def rows(self, where: dict[str, Any]) -> list[Row]:
        """The rows in sight that meet a filter."""
        rows = self.view.rows[self.statistic.table]
        return [row for row in rows if self.statistic.counts(row, self.arguments) and meets(self.view, row, where)]

    def _keys(self, row: Row) -> Iterator[tuple[Any, ...]]:
        yield from product(*[dimension.of(self.view, row) for dimension in self.dimensions])

    def _later(self, row: Row) -> Row:
        """A row of the time that is compared with, as if it were of the time that is asked of."""
        assert self.shift is not None
        moved: Row = {self.statistic.column: self.shift.later(day_of(row[self.statistic.column]))}
        if "year" in row:
            moved["year"] = self.shift.later(date(row["year"], 1, 1)).year
        return row | moved

    def _possible(self, dimension: Dimension, known: set[Any]) -> list[Any]:
        """The keys that there could be of a dimension; known: those that there are."""
        if dimension.unit:
            return units(self.view, dimension.unit, self._within() if dimension.field == "place" else None)
        if dimension.values:
            return list(dimension.values)
        if dimension.all:
            return dimension.all(self.view)
        if dimension.step:
            low, high = min(known, default=None), max(known, default=None)
            if self.bounds.low is not None:
                low = first_day(dimension.step, day_of(self.bounds.low))
            if self.bounds.high is not None:
                high = day_of(self.bounds.high - timedelta(microseconds=1)) if self._instant else self._before()
            return periods(dimension.step, low, high) if low is not None and high is not None else []
        return list(known)

    @property
    def _instant(self) -> bool:
        return self.statistic.period == "sentAt"

    def _before(self) -> date:
        last: date = self.bounds.high - timedelta(days=1)
        return last

    def _within(self) -> str | None:
        """The path below which units are asked for; one that nothing has if the place is out of sight."""
        if self.where.get("within") is None:
            return None
        letter, key = read_id(self.where["within"])
        place = self.view.place(key) if letter in ("S", "C", "G") else None
        return "nowhere" if place is None else str(place["path"])


def statistics(name: str) -> Resolver:
    """The root field that answers a connection over groups."""
    statistic = STATISTICS[name]

    def resolve(view: View, _: Any, arguments: dict[str, Any]) -> Any:
        asked = Asked(view, statistic, arguments)
        groups = asked.groups()
        everything = asked.rows(asked.where)
        kept_back = _kept_back(asked, groups)
        few = statistic.personal and is_few(view, len(everything))
        whole = None if few else len(everything)
        rows = [_row(asked, group, whole, shown=group.keys not in kept_back) for group in groups]
        told = rows if arguments["includeEmpty"] else [row for row in rows if row["$shown"]]
        page = connection([row for row in told if having(row, arguments.get("having"))], arguments, name)
        return page | {"total": _figures(asked, everything, shown=not few), "suppressed": bool(kept_back)}

    return resolve


def _kept_back(asked: Asked, groups: list[Group]) -> set[tuple[Any, ...]]:
    """The keys of the groups that are held back; of empty ones too, which are not to be told from them."""
    if not asked.statistic.personal or asked.view.grant["role"] != "OBSERVER":
        return set()
    empty = {group.keys for group in groups if asked.arguments["includeEmpty"] and not group.rows}
    return hidden(asked.view, asked.dimensions, groups, compared=bool(asked.shift)) | empty


def is_few(view: View, number: int) -> bool:
    """Whether so few are not told to who sees figures alone."""
    return view.grant["role"] == "OBSERVER" and 0 < number < SMALLEST


def _figures(asked: Asked, rows: list[Row], *, shown: bool) -> dict[str, Any]:
    figures = {}
    for name, figure in asked.statistic.figures.items():
        people = asked.statistic.people.get(name)
        told = shown and not (people and is_few(asked.view, people(asked.view, rows)))
        value = figure(asked.view, rows) if told else None
        figures[name] = str(value) if isinstance(value, Decimal) else value
    return figures


def _row(asked: Asked, group: Group, whole: int | None, *, shown: bool) -> Row:
    figures = _figures(asked, group.rows, shown=shown)
    now, before = len(group.rows), len(group.past)
    share = divided(now, whole) if shown else None
    change = divided(now - before, before) if asked.shift and shown else None
    keys = list(zip(asked.dimensions, group.keys, strict=True))
    sorted_by = {f"sort_{_snake(name)}": _sortable(value) for name, value in (figures | {"share": share}).items()}
    return {
        **figures,
        **sorted_by,
        "share": share,
        "change": change,
        "previous": _figures(asked, group.past, shown=shown) if asked.shift else None,
        "key": dict.fromkeys(FIELDS_OF_KEYS) | {d.field: _shown(asked.view, d, key) for d, key in keys},
        "id": ".".join(_text(dimension, key) for dimension, key in keys) or "all",
        "$shown": shown,
        "$rows": group.rows,
        "$table": asked.statistic.table,
    }


FIELDS_OF_KEYS = {dimension.field for statistic in STATISTICS.values() for dimension in statistic.dimensions.values()}


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _sortable(value: Any) -> Any:
    if value is None:
        return LEAST
    return value if isinstance(value, int) else float(value)


def _shown(view: View, dimension: Dimension, key: Any) -> Any:
    """A key as the API has it."""
    if key is None:
        return None
    if dimension.table:
        return view.place(key) if dimension.unit else view.by_id[dimension.table].get(key)
    match dimension.step:
        case "MONTH":
            return f"{key:%Y-%m}"
        case "QUARTER":
            return f"{key.year}-Q{(key.month + 2) // 3}"
        case "YEAR":
            return key.year
    return key


def _text(dimension: Dimension, key: Any) -> str:
    """A key as groups are ordered by it."""
    if key is None:
        return "~"
    return f"{key:0{DIGITS}}" if dimension.table else str(key)


def having(row: Row, condition: dict[str, Any] | None) -> bool:
    """Whether a group is among those that are asked for."""
    return all(_holds(row, name, value) for name, value in (condition or {}).items() if value is not None)


def _holds(row: Row, name: str, value: Any) -> bool:
    match name:
        case "and":
            return all(having(row, part) for part in value)
        case "or":
            return any(having(row, part) for part in value)
        case "not":
            return not having(row, value)
    found = row[name]
    return all(
        found is not None and _compares(float(found), operator, v) for operator, v in value.items() if v is not None
    )


def _compares(found: float, operator: str, value: float) -> bool:
    match operator:
        case "eq":
            return found == value
        case "gt":
            return found > value
        case "gte":
            return found >= value
        case "lt":
            return found < value
        case "lte":
            return found <= value
    raise NotImplementedError(operator)


def records(view: View, group: Row, arguments: dict[str, Any]) -> Any:
    """The rows that a group counts."""
    return view.pages_of(group["$table"], group["$rows"], arguments) if group["$shown"] else None


FIELDS: dict[tuple[str, str], Resolver] = {
    **{("Query", f"{name[:1].lower()}{name[1:]}"): statistics(name) for name in STATISTICS},
    **{(f"{name.removesuffix('Statistics')}Group", "records"): records for name in STATISTICS},
}
