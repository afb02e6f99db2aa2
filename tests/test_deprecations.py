"""What of a document is deprecated."""

import pytest
from graphql import build_schema, parse, validate

from resolvers.core.deprecations import Deprecations

SCHEMA = build_schema("""
directive @old(how: Int @deprecated) on FIELD
enum Kind { NEW OLD @deprecated(reason: "use NEW") }
input Filter { kind: Kind, before: Int @deprecated, within: Filter }
interface Place { former: String @deprecated }
type Station implements Place { name(size: Int, width: Int @deprecated): String, former: String, next: Station }
type Query { station(where: Filter, kind: Kind): Station, place: Place, gone: Int @deprecated }
""")
FOUND = Deprecations(SCHEMA)


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("{ station { name } }", ()),
        ("{ gone }", ("Query.gone",)),
        ("{ here: gone again: gone }", ("Query.gone",)),
        ("{ gone: station { name } }", ()),
        ("{ ...F } fragment F on Query { ... { gone } }", ("Query.gone",)),
        ("{ place { former } station { former } }", ("Place.former",)),
        ("{ station { next { name(width: 1, size: 2) } } }", ("Station.name(width:)",)),
        ("{ station(where: { within: { before: 1 } }) { name } }", ("Filter.before",)),
        ("{ station(where: { kind: OLD }, kind: NEW) { name } }", ("Kind.OLD",)),
        ("query ($k: Kind = OLD) { station(kind: $k) { name } }", ("Kind.OLD",)),
        ("{ station { name @old(how: 1) } }", ("@old(how:)",)),
        (
            "{ station { name @old(how: 1) next { name(width: 1) } } gone }",
            ("@old(how:)", "Query.gone", "Station.name(width:)"),
        ),
    ],
)
def test_what_is_used_is_found_by_its_coordinate(text: str, used: tuple[str, ...]) -> None:
    node = parse(text)
    assert validate(SCHEMA, node) == []
    assert FOUND.of(text, node) == used


def test_a_schema_without_anything_deprecated_has_nothing_to_find() -> None:
    text = "{ gone }"
    assert Deprecations(build_schema("type Query { gone: Int }")).of(text, parse(text)) == ()
