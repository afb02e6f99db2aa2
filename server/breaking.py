"""What of the schema's definition would break the clients of the last release, and has not been announced.

A change is announced by its schema coordinate, as `Station.openedOn` or `Query.stations(where:)`, in CHANGELOG.md,
under "Unreleased" and there under "Breaking". What is deprecated says until which day it stays, as in
`@deprecated(reason: "Until 2027-06-30: use openedOn.")`, and is not removed before that day is over.
"""

import re
from collections.abc import Iterator
from datetime import date

from graphql import (
    BreakingChangeType,
    DangerousChangeType,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    find_dangerous_changes,
)

# The same request is answered differently: that breaks clients as a removal does.
_ALSO_BREAKING = (DangerousChangeType.ARG_DEFAULT_VALUE_CHANGE, DangerousChangeType.INPUT_FIELD_DEFAULT_VALUE_CHANGE)
_REMOVALS = (
    BreakingChangeType.FIELD_REMOVED,
    BreakingChangeType.ARG_REMOVED,
    BreakingChangeType.VALUE_REMOVED_FROM_ENUM,
)
_UNRELEASED = re.compile(r"^## Unreleased\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_BREAKING = re.compile(r"^### Breaking\n(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
_COORDINATE = re.compile(r"@\w+(?:\(\w+:\))?|\w+\.\w+(?:\(\w+:\))?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def faults(released: str, current: str, changelog: str, today: date) -> list[str]:
    """Why the current definition may not be released: a sentence for each fault, none if it may.

    released, current: SDL, valid. changelog: the text of CHANGELOG.md.
    """
    old, new = (build_schema(sdl, no_location=True, assume_valid=True) for sdl in (released, current))
    announced, changes = _announced(changelog), list(_changes(old, new))
    found = [
        f"{coordinate}: {sentence} Announce it in CHANGELOG.md under Unreleased, Breaking."
        for _, coordinate, sentence in changes
        if coordinate not in announced
    ]
    promises = _deprecations(old)
    for kind, coordinate, _ in changes:
        stays = _DAY.search(promises.get(coordinate, ""))
        if kind in _REMOVALS and stays and date.fromisoformat(stays[0]) >= today:
            found.append(f"{coordinate}: it is to stay until {stays[0]}, as its deprecation says.")
    return found + [
        f"{coordinate}: its deprecation must say until which day it stays, as 2027-06-30."
        for coordinate, reason in _deprecations(new).items()
        if not _DAY.search(reason)
    ]


def _announced(changelog: str) -> set[str]:
    unreleased = _UNRELEASED.search(changelog)
    breaking = _BREAKING.search(unreleased[1]) if unreleased else None
    return set(re.findall(r"`([^`\n]+)`", breaking[1])) if breaking else set()


def _changes(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[tuple[BreakingChangeType | None, str, str]]:
    """Kind, schema coordinate and a sentence of each change that breaks clients."""
    for change in find_breaking_changes(old, new):
        yield change.type, _coordinate(change.description), change.description
    for dangerous in find_dangerous_changes(old, new):
        if dangerous.type in _ALSO_BREAKING:
            yield None, _coordinate(dangerous.description), dangerous.description


def _coordinate(sentence: str) -> str:
    found = _COORDINATE.search(sentence)
    return found[0] if found else sentence.partition(" ")[0]


def _deprecations(schema: GraphQLSchema) -> dict[str, str]:
    """The reasons of what is deprecated, by coordinate."""
    found = {}
    for type_ in schema.type_map.values():
        members = {} if type_.name.startswith("__") else getattr(type_, "fields", None) or getattr(type_, "values", {})
        for name, member in members.items():
            found[f"{type_.name}.{name}"] = member.deprecation_reason
            for argument, definition in getattr(member, "args", {}).items():
                found[f"{type_.name}.{name}({argument}:)"] = definition.deprecation_reason
    return {coordinate: reason for coordinate, reason in found.items() if reason is not None}
