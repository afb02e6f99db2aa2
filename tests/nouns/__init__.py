"""The nouns that are described group by group: what all modules of this package say, together. See `base`.

The older nouns stand in the tests themselves, which add these to them.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from tests.nouns.base import Act, Case, Noun, Resolver

GROUPS = [
    import_module(f"{__name__}.{found.name}")
    for found in sorted(iter_modules(__path__), key=lambda found: found.name)
    if found.name != "base"
]


def _dict(name: str) -> dict[Any, Any]:
    whole: dict[Any, Any] = {}
    for group in GROUPS:
        added = getattr(group, name, {})
        assert not whole.keys() & added.keys(), (name, group.__name__)
        whole |= added
    return whole


def _all(name: str) -> list[Any]:
    return [item for group in GROUPS for item in getattr(group, name, ())]


NOUNS: list[Noun] = _all("NOUNS")
BY_TYPE = {noun.type: noun for noun in NOUNS}
TABLES: tuple[str, ...] = tuple(dict.fromkeys(_all("TABLES")))

FIELDS: dict[tuple[str, str], Resolver] = _dict("FIELDS")
FILTERS: dict[tuple[str, str], Any] = _dict("FILTERS")
ACTIONS: dict[str, Act] = _dict("ACTIONS")
CAN: dict[str, dict[str, str]] = _dict("CAN")

CASES: dict[str, Case] = _dict("CASES")
EXEMPT: dict[str, str] = _dict("EXEMPT")
MAKE: dict[str, Any] = _dict("MAKE")
WEIGHTS: dict[str, int] = _dict("WEIGHTS")
DONE: set[str] = set(_all("DONE"))
PLANTS: list[Any] = [group.plant for group in GROUPS if hasattr(group, "plant")]
STATES: list[tuple[str, str, str, str, str]] = _all("STATES")

INVARIANTS: dict[str, str] = _dict("INVARIANTS")
BREAKS: dict[str, str] = _dict("BREAKS")
POLICIES: set[tuple[str, str]] = set(_all("POLICIES"))
DEFINERS: set[str] = set(_all("DEFINERS"))
UNSCOPED: set[str] = set(_all("UNSCOPED"))
EMPTY: set[str] = set(_all("EMPTY"))
GIVEN: dict[tuple[str, str], str] = _dict("GIVEN")

MADE_OF: dict[str, tuple[str, ...]] = _dict("MADE_OF")
WITHIN: dict[str, tuple[str, str]] = _dict("WITHIN")
ENTRIES: dict[str, tuple[str, str]] = _dict("ENTRIES")
STATISTICS: set[str] = set(_all("STATISTICS"))
NAMES: dict[str, tuple[str, ...]] = _dict("NAMES")
NAMED: tuple[str, ...] = tuple(_all("NAMED"))

LETTERS = {noun.letters: noun.type for noun in NOUNS} | {
    "S": "Station", "C": "Community", "G": "Grid", "P": "Person", "A": "Assignment", "T": "VolunteerTeam",
    "M": "TeamMembership", "Q": "Qualification", "K": "Skill", "U": "Account", "R": "Grant", "E": "AuditEntry",
}  # fmt: skip
"""The type of each letters."""
assert len(LETTERS) == 12 + len(NOUNS), "two nouns have the same letters"

REFS: dict[tuple[str, str], tuple[str, ...]] = {
    (noun.type, name): (letters,) if isinstance(letters, str) else letters
    for noun in NOUNS
    for name, letters in (noun.refs or {}).items()
}
"""The letters of the ids that a filter of a type takes."""


def column(type_: str, name: str) -> str | None:
    """The column that a noun's filter or order of a name is about, if it has another name."""
    noun = BY_TYPE.get(type_)
    return (noun.columns or {}).get(name) if noun else None
