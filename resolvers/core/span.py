"""The time that a statistic is asked of, and the one that it is compared with: before it, or a year ago."""

from copy import copy
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Date, DateTime, Integer, Interval, and_, case, cast, func, literal_column

from resolvers.core.arguments import Arguments
from resolvers.core.errors import BadInput
from resolvers.core.mapping import Clause
from resolvers.core.messages import Message
from resolvers.core.statistics import Statistic, first_day

DAY: ColumnElement[Any] = literal_column("1")


class Comparison(StrEnum):
    """With what the time that is asked of is compared."""

    PREVIOUS_PERIOD = "PREVIOUS_PERIOD"
    SAME_PERIOD_LAST_YEAR = "SAME_PERIOD_LAST_YEAR"


class Bounds:
    """From which day on, and before which, by the field of `where` that is the statistic's period; None if open."""

    def __init__(self, statistic: Statistic, arguments: Arguments) -> None:
        self._arguments, self._name = arguments, statistic.period
        type_ = DateTime(timezone=True) if statistic.instant else Date()
        given = {name for name, value in (arguments.get("where", self._name) or {}).items() if value is not None}
        low = [self._bound(type_, name, after=name == "gt") for name in ("gte", "gt", "eq") if name in given]
        high = [self._bound(type_, name, after=name != "lt") for name in ("lt", "lte", "eq") if name in given]
        self.low: ColumnElement[Any] | None = cast(func.greatest(*low), type_) if low else None
        self.high: ColumnElement[Any] | None = cast(func.least(*high), type_) if high else None

    def shifted(self, span: "Span") -> "Bounds":
        """Those of the time that is compared with."""
        made = copy(self)
        made.low = None if self.low is None else span.earlier(self.low)
        made.high = None if self.high is None else span.earlier(self.high)
        return made

    def _bound(self, type_: Any, name: str, *, after: bool) -> ColumnElement[Any]:
        # Instants have no operators but those that need no day after.
        bound = self._arguments.bind(type_, "where", self._name, name)
        return bound + DAY if after else bound


class Span:
    """Both times: `shift` is how much later a day, or an instant, of the one lies in the other.

    Raises BadInput if the time asked of is open.
    """

    def __init__(self, statistic: Statistic, arguments: Arguments) -> None:
        bounds = Bounds(statistic, arguments)
        if bounds.low is None or bounds.high is None:
            raise BadInput(
                Message("To compare, say from when to when: give both ends of where.{period}.", period=statistic.period)
            )
        self.by_year = arguments.get("compareTo") is Comparison.SAME_PERIOD_LAST_YEAR
        if self.by_year:
            self.shift: ColumnElement[Any] = literal_column("interval '1 year'", Interval())
        else:
            low, high = bounds.low, bounds.high
            months = func.age(high, low)
            whole = func.make_interval(
                literal_column("0"),
                cast(
                    func.date_part(literal_column("'year'"), months) * literal_column("12")
                    + func.date_part(literal_column("'month'"), months),
                    Integer,
                ),
            )
            length: ColumnElement[Any] = high - low
            if not statistic.instant:
                # Of days the difference is a number.
                length = func.make_interval(literal_column("0"), literal_column("0"), literal_column("0"), length)
            aligned = and_(low == first_day("month", low), high == first_day("month", high))
            self.shift = case((aligned, whole), else_=length)

    def compare(self, column: ColumnElement[Any], operator: str, value: ColumnElement[Any]) -> Clause:
        """An operator of a filter, as it is asked of the time that is compared with.

        A day is moved by its beginning and its end: a month's last day is not the same as the last of the one before.
        """
        following = cast(value + DAY, value.type) if operator in ("gt", "lte", "eq") else value
        match operator:
            case "gte" | "gt":
                return column >= self.earlier(following)
            case "lt" | "lte":
                return column < self.earlier(following)
        return and_(column >= self.earlier(value), column < self.earlier(following))

    def earlier(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """A bound of the time asked of, as one of the time that it is compared with."""
        return cast(value - self.shift, value.type)
