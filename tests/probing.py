"""A probe, an operation of several, and what they are put together of. `tests/probes.py` makes them."""

import json
import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

NOT_FOR_ALL = re.compile(r"\b(private|phone|idNumber|history|auditEntries)\b")


@dataclass
class Probe:
    """A field of a parent type with arguments, which may name the variable `$v`.

    hidden: values of rows out of scope, to be asked one after the other. missing: what no row ever had.
    alike: whether both must answer the same.
    """

    parent: str
    field: str
    arguments: str = ""
    type: str = ""
    hidden: tuple[Any, ...] = ()
    missing: Any = None
    alike: bool = False
    selection: str = ""


@dataclass
class Operation:
    """Probes of one parent type in one document, each under its alias; `ids` finds the parent's rows."""

    query: str
    probes: dict[str, Probe]
    rounds: int

    def variables(self, ids: list[str], round_: int) -> dict[str, Any]:
        """Round 0 asks with what no row ever had."""
        given: dict[str, Any] = {"ids": ids} if "$ids" in self.query else {}
        for alias, probe in self.probes.items():
            if probe.type:
                values = [probe.missing, *probe.hidden]
                given[alias] = values[min(round_, len(values) - 1)]
        return given


def wrapped(text: str, alike: bool) -> list[str]:
    """A filter; where it names a row, also turned around, beside another and combined."""
    if not alike:
        return [text]
    return [text, f"{{not: {text}}}", f"{{or: [{text}, {{not: {{}}}}]}}", f"{{and: [{text}, {{}}]}}"]


def for_all(probe: Probe) -> bool:
    """Whether every role may ask it."""
    return not NOT_FOR_ALL.search(f"{probe.field} {probe.arguments}")


def cursor_of(key: int | str) -> str:
    """The cursor of a row in the order of ids."""
    return b64encode(json.dumps(["id", key]).encode()).decode()


def padded(values: list[Any], length: int, value: Any) -> list[Any]:
    """Exactly so many values."""
    return [*values[:length], *[value] * (length - len(values))]


def spread(values: list[Any], count: int) -> list[Any]:
    """A few values from all over a list."""
    step = max(1, len(values) // count)
    return values[::step][:count]
