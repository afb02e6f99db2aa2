"""A request's variables, measured before any of them is coerced: that costs ten times what counting them does."""

from collections.abc import Mapping
from typing import Any

from resolvers.core.messages import Message

MAX_VALUES = 5_000
MAX_DEPTH = 20


def beyond(given: Mapping[str, Any]) -> Message | None:
    """What must be lower, and what it may be; None if the variables are within the limits."""
    level: list[Any] = list(given.values())
    count, depth = len(level), 1
    while level:
        if count > MAX_VALUES:
            return Message("The variables may have {most} values at the most, those in lists counted.", most=MAX_VALUES)
        if depth > MAX_DEPTH:
            return Message("The variables may be nested {most} deep at the most.", most=MAX_DEPTH)
        level = [
            item
            for value in level
            if isinstance(value, (dict, list))
            for item in (value.values() if isinstance(value, dict) else value)
        ]
        count, depth = count + len(level), depth + 1
    return None
