"""How a statistic is described: rows, what they are grouped by, and figures of the rows of a group."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.reference.periods import MONTHS, first_day
from tests.reference.tables import Row
from tests.reference.units import unit_of
from tests.reference.view import View

Keys = Callable[[View, Row], Iterable[Any]]
Figure = Callable[[View, list[Row]], Any]

UNITS = ("PROVINCE", "CITY", "COUNTY", "ZONE", "TOWNSHIP", "COMMUNITY", "GRID")


@dataclass(frozen=True)
class Dimension:
    """What rows are grouped by.

    field: of the key. of: the keys that a row has. unit: the kind of places, of the row or of its receiver. step: the
    length of a period. values: what there can be. table: of the rows that the keys are of.
    """

    field: str
    of: Keys
    unit: str = ""
    step: str = ""
    values: tuple[str, ...] = ()
    table: str = ""
    all: Callable[[View], list[Any]] | None = None


@dataclass(frozen=True)
class Statistic:
    """Rows of a table, by dimensions, with figures.

    floats: the figures that are no whole numbers. people: of figures by people other than the rows, how many they are.
    period: the filter that says from when to when, with the row's `column`. personal: whether small groups are held
    back. counts: which rows, of the arguments.
    """

    table: str
    dimensions: Mapping[str, Dimension]
    figures: Mapping[str, Figure]
    floats: frozenset[str]
    people: Mapping[str, Figure] = field(default_factory=dict)
    period: str = ""
    column: str = ""
    personal: bool = True
    counts: Callable[[Row, dict[str, Any]], bool] = lambda *_: True


# -- figures -------------------------------------------------------------------------------------------------------


def count(_: View, rows: list[Row]) -> int:
    """How many rows."""
    return len(rows)


def total(name: str) -> Figure:
    """The sum of a column."""
    return lambda _, rows: sum(row[name] for row in rows)


def different(name: str) -> Figure:
    """How many different values stand in a column."""
    return lambda _, rows: len({row[name] for row in rows} - {None})


def those(holds: Callable[[View, Row], bool]) -> Figure:
    """How many rows there are of which something holds."""
    return lambda view, rows: sum(holds(view, row) for row in rows)


def ratio(number: Figure, by: Figure) -> Figure:
    """One figure in proportion to another."""
    return lambda view, rows: divided(number(view, rows), by(view, rows))


def divided(number: Any, by: Any) -> float | None:
    """A proportion; None of nothing."""
    return None if number is None or not by else float(number) / float(by)


# -- dimensions ----------------------------------------------------------------------------------------------------


def at(place: str, unit: str) -> Keys:
    """The unit in which a row's place lies."""
    return lambda view, row: [unit_of(view, row[place], unit)]


def places(place: str = "place_id") -> dict[str, Dimension]:
    """By every kind of unit."""
    return {unit: Dimension("place", at(place, unit), unit=unit, table="place") for unit in UNITS}


def _in(step: str, column: str) -> Keys:
    return lambda _, row: [first_day(step, row[column])]


def periods(column: str) -> dict[str, Dimension]:
    """By every length of period."""
    return {step: Dimension(step.lower(), _in(step, column), step=step) for step in MONTHS}


def column(name: str, *values: str, **more: Any) -> Dimension:
    """By what stands in a column."""
    return Dimension(more.pop("field", name), lambda _, row: [row[name]], values=values, **more)
