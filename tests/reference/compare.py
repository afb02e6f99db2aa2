"""Tells whether a response says what the reference does, to the order of its keys."""

import json
from collections.abc import Callable
from typing import Any

from tests.reference.answer import Answer


def compare(expected: Answer, text: str) -> str:
    """Where a response's text differs from an answer; empty if it does not."""
    body = json.loads(text)
    errors = {(error["extensions"]["code"], tuple(error.get("path", ()))) for error in body.get("errors", ())}
    found = dict(_pairs(text)).get("data")
    return _difference(sorted(expected.errors), sorted(errors), "errors") or _difference(
        _pairs(json.dumps(expected.data), parse_float=_shortest), found, "data"
    )


def _pairs(text: str, parse_float: Callable[[str], float] = float) -> Any:
    """JSON with its objects as lists of pairs, so that order counts, and a key that comes twice shows."""
    return json.loads(text, object_pairs_hook=list, parse_float=parse_float)


def _shortest(text: str) -> float:
    """A number that is whole looks as an integer does, where PostgreSQL has written it."""
    number = float(text)
    return int(number) if number.is_integer() else number


def _difference(expected: Any, found: Any, path: str) -> str:
    if isinstance(expected, (list, tuple)) and isinstance(found, (list, tuple)) and len(expected) == len(found):
        inner = (_difference(e, f, f"{path}.{i}") for i, (e, f) in enumerate(zip(expected, found, strict=True)))
        return next((text for text in inner if text), "")
    same = type(expected) is type(found) and expected == found
    return "" if same else f"at {path}: expected {str(expected)[:300]}, found {str(found)[:300]}"
