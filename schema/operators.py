"""The typed operators of `where`; all that are given must hold, and a null is as if it were not there."""

from datetime import date, datetime
from typing import Generic, TypeVar

import strawberry

T = TypeVar("T")


@strawberry.input(description="Compares an id (比较标识).")
class IDOperators:
    """Operators over public ids."""

    eq: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Is this one (等于).")
    in_: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, name="in", description="Is one of these, 500 at the most (属于)."
    )


@strawberry.input(description="Compares text, by code points and case (比较文本).")
class TextOperators:
    """Operators over text."""

    eq: str | None = strawberry.field(default=strawberry.UNSET, description="Is this (等于).")
    in_: list[str] | None = strawberry.field(
        default=strawberry.UNSET, name="in", description="Is one of these, 500 at the most (属于)."
    )
    starts_with: str | None = strawberry.field(default=strawberry.UNSET, description="Begins with this (以此开头).")


@strawberry.input(description="Compares text that can only be matched whole (仅可精确匹配的文本).")
class ExactOperators:
    """The one operator over text that is stored as a keyed hash."""

    eq: str | None = strawberry.field(default=strawberry.UNSET, description="Is this (等于).")


@strawberry.input(description="Compares a date (比较日期).")
class DateOperators:
    """Operators over dates."""

    eq: date | None = strawberry.field(default=strawberry.UNSET, description="Is this day (等于).")
    gt: date | None = strawberry.field(default=strawberry.UNSET, description="Is later (晚于).")
    gte: date | None = strawberry.field(default=strawberry.UNSET, description="Is this day or later (不早于).")
    lt: date | None = strawberry.field(default=strawberry.UNSET, description="Is earlier (早于).")
    lte: date | None = strawberry.field(default=strawberry.UNSET, description="Is this day or earlier (不晚于).")


@strawberry.input(description="Compares a whole number (比较整数).")
class IntOperators:
    """Operators over whole numbers."""

    eq: int | None = strawberry.field(default=strawberry.UNSET, description="Is this (等于).")
    gt: int | None = strawberry.field(default=strawberry.UNSET, description="Is more (大于).")
    gte: int | None = strawberry.field(default=strawberry.UNSET, description="Is this or more (不小于).")
    lt: int | None = strawberry.field(default=strawberry.UNSET, description="Is less (小于).")
    lte: int | None = strawberry.field(default=strawberry.UNSET, description="Is this or less (不大于).")


@strawberry.input(description="Compares a number (比较数值).")
class NumberOperators:
    """Operators over figures."""

    eq: float | None = strawberry.field(default=strawberry.UNSET, description="Is this (等于).")
    gt: float | None = strawberry.field(default=strawberry.UNSET, description="Is more (大于).")
    gte: float | None = strawberry.field(default=strawberry.UNSET, description="Is this or more (不小于).")
    lt: float | None = strawberry.field(default=strawberry.UNSET, description="Is less (小于).")
    lte: float | None = strawberry.field(default=strawberry.UNSET, description="Is this or less (不大于).")


@strawberry.input(description="Compares a time (比较时间).")
class DateTimeOperators:
    """Operators over instants; a value must say its offset from UTC."""

    gte: datetime | None = strawberry.field(default=strawberry.UNSET, description="Is this instant or later (不早于).")
    lt: datetime | None = strawberry.field(default=strawberry.UNSET, description="Is earlier (早于).")


@strawberry.input(description="Compares with the values of an enumeration (比较枚举值).", name="Operators")
class EnumOperators(Generic[T]):
    """Operators over an enumeration."""

    eq: T | None = strawberry.field(default=strawberry.UNSET, description="Is this (等于).")
    in_: list[T] | None = strawberry.field(default=strawberry.UNSET, name="in", description="Is one of these (属于).")
    not_in: list[T] | None = strawberry.field(default=strawberry.UNSET, description="Is none of these (不属于).")
