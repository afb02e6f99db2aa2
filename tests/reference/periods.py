"""Months, quarters and years, and the time that another is compared with."""

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tests.reference.view import CHINA

DAY = timedelta(days=1)
MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}


def day_of(value: Any) -> date:
    """The day, in China, of a day or an instant."""
    return value.astimezone(CHINA).date() if isinstance(value, datetime) else value


def first_day(step: str, day: date) -> date:
    """The first day of the period in which a day lies."""
    length = MONTHS[step]
    return date(day.year, (day.month - 1) // length * length + 1, 1)


def later(value: Any, months: int) -> Any:
    """A day or an instant so many months later; the last day of a month that is too short."""
    if isinstance(value, datetime):
        value = value.astimezone(CHINA)
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return value.replace(year=year, month=month + 1, day=min(value.day, last))


def periods(step: str, low: date, high: date) -> list[date]:
    """The first days of all periods of a length from one day up to another, that one included."""
    found = [first_day(step, low)] if low <= high else []
    while found and (following := later(found[-1], MONTHS[step])) <= high:
        found.append(following)
    return found


@dataclass(frozen=True)
class Bounds:
    """From when on, and before when; None if open."""

    low: Any
    high: Any

    @classmethod
    def of(cls, operators: Mapping[str, str | None] | None) -> "Bounds":
        """What the operators of a filter say together."""
        given = {name: value for name, value in (operators or {}).items() if value is not None}
        pairs = [pair for name, value in given.items() for pair in steps(name, read(value))]
        return cls(
            max((value for name, value in pairs if name == "gte"), default=None),
            min((value for name, value in pairs if name == "lt"), default=None),
        )

    @property
    def closed(self) -> bool:
        """Whether both ends are given."""
        return self.low is not None and self.high is not None


def read(text: str) -> Any:
    """A day or an instant."""
    return date.fromisoformat(text) if len(text) == len("2021-01-01") else datetime.fromisoformat(text)


def steps(operator: str, value: Any) -> list[tuple[str, Any]]:
    """An operator over days as what is from a day on and before one."""
    match operator:
        case "gt":
            return [("gte", value + DAY)]
        case "lte":
            return [("lt", value + DAY)]
        case "eq":
            return [("gte", value), ("lt", value + DAY)]
    return [(operator, value)]


@dataclass(frozen=True)
class Shift:
    """How much later a time lies than the one that it is compared with."""

    months: int
    days: int

    @classmethod
    def of(cls, comparison: str, bounds: Bounds) -> "Shift":
        """By what is compared with which time."""
        if comparison == "SAME_PERIOD_LAST_YEAR":
            return cls(12, 0)
        low, high = day_of(bounds.low), day_of(bounds.high)
        if low.day == high.day == 1:
            return cls((high.year - low.year) * 12 + high.month - low.month, 0)
        return cls(0, (high - low).days)

    def earlier(self, value: Any) -> Any:
        """The day, or instant, in the time that is compared with."""
        return later(value, -self.months) - timedelta(days=self.days)

    def later(self, day: date) -> date:
        """The day in the time that is asked of."""
        found: date = later(day, self.months) + timedelta(days=self.days)
        return found


def shifted(where: dict[str, Any], period: str, earlier: Callable[[Any], Any]) -> dict[str, Any]:
    """A filter that asks of the time compared with what another asks."""
    found: dict[str, Any] = {}
    asked: list[dict[str, Any]] = []
    for name, value in where.items():
        if value is None:
            continue
        if name in ("and", "or"):
            found[name] = [shifted(part, period, earlier) for part in value]
        elif name == "not":
            found[name] = shifted(value, period, earlier)
        elif name == period:
            given = [(operator, read(text)) for operator, text in value.items() if text is not None]
            bounds = [bound for operator, day in given for bound in steps(operator, day)]
            asked = [{period: {operator: earlier(bound).isoformat()}} for operator, bound in bounds]
        else:
            found[name] = value
    return {"and": [found, *asked]}
