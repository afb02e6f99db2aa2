"""A change that breaks clients of the last release is announced before it is released."""

from datetime import date
from pathlib import Path

import pytest

from server import cli, sdl
from server.breaking import faults

RELEASED = """
type Query {
  station(code: String, active: Boolean = true): Station
  area(unit: Unit!): Int @deprecated(reason: "Until 2027-06-30: use Station.area.")
}
interface Place { code: ID! }
type Station implements Place { code: ID! "Its name." name: String! }
input Where { name: String }
enum Unit { KM MU }
scalar Note
union Found = Station
directive @tag(name: String) on FIELD_DEFINITION
type Used { found: Found where(where: Where): Int @tag(name: "a") }
"""
CHANGELOG = (
    "# Changelog\n\n## Unreleased\n\n### Breaking\n\n- `{}`: why.\n\n### Else\n\n- `Unit.MU`\n\n## 0.1.0\n\n- x\n"
)
BEFORE, AFTER = date(2027, 6, 30), date(2027, 7, 1)

BREAKING = [
    ('"Its name." name: String! }', "}", "Station.name"),
    ("name: String! }", "name: String }", "Station.name"),
    ("name: String! }", "name: [String!]! }", "Station.name"),
    ("KM MU", "KM", "Unit.MU"),
    ("code: String,", "", "Query.station(code:)"),
    ("code: String,", "code: String!,", "Query.station(code:)"),
    ("code: String,", "code: String, level: Int!,", "Query.station(level:)"),
    ("Boolean = true", "Boolean = false", "Query.station(active:)"),
    ("Boolean = true", "Boolean", "Query.station(active:)"),
    ("Where { name: String }", "Where { name: String! }", "Where.name"),
    ("Where { name: String }", "Where { name: String level: Int! }", "Where.level"),
    ("Station implements Place", "Station", "Station"),
    ("enum Unit { KM MU }", "scalar Unit", "Unit"),
    ("@tag(name: String) on", "@tag(name: String, to: Int!) on", "@tag(to:)"),
    ("scalar Note", "", "Note"),
]
HARMLESS = [
    ('"Its name."', '"Its official name (名称)."'),
    ("name: String! }", "name: String! level: Int }"),
    ("KM MU", "KM MU HA"),
    ("code: String,", "code: String, level: Int,"),
    ("Int @tag", 'Int @deprecated(reason: "Until 2027-01-31.") @tag'),
]


def changed(old: str, new: str) -> str:
    assert RELEASED.count(old) == 1
    return RELEASED.replace(old, new)


@pytest.mark.parametrize(("old", "new", "coordinate"), BREAKING)
def test_a_breaking_change_must_be_announced(old: str, new: str, coordinate: str) -> None:
    [fault] = faults(RELEASED, changed(old, new), CHANGELOG.format("Else.where"), AFTER)
    assert fault.startswith(f"{coordinate}: ")


@pytest.mark.parametrize(("old", "new", "coordinate"), BREAKING)
def test_an_announced_change_passes(old: str, new: str, coordinate: str) -> None:
    assert not faults(RELEASED, changed(old, new), CHANGELOG.format(coordinate), AFTER)


@pytest.mark.parametrize(("old", "new"), HARMLESS)
def test_what_no_client_can_notice_need_not_be_announced(old: str, new: str) -> None:
    assert not faults(RELEASED, changed(old, new), "# Changelog\n", AFTER)


def test_what_an_earlier_release_announced_counts_no_more() -> None:
    released = CHANGELOG.replace("Unreleased", "0.2.0").format("Unit.MU")
    assert len(faults(RELEASED, changed("KM MU", "KM"), f"## Unreleased\n\n- `Unit.MU`\n\n{released}", AFTER)) == 1


def test_what_is_deprecated_stays_until_its_day_is_over() -> None:
    without = changed('area(unit: Unit!): Int @deprecated(reason: "Until 2027-06-30: use Station.area.")', "")
    announced = CHANGELOG.format("Query.area")
    assert faults(RELEASED, without, announced, BEFORE) == [
        "Query.area: it is to stay until 2027-06-30, as its deprecation says."
    ]
    assert not faults(RELEASED, without, announced, AFTER)


def test_a_deprecation_says_until_which_day() -> None:
    [fault] = faults(RELEASED, changed("KM MU", "KM MU @deprecated"), "", AFTER)
    assert fault.startswith("Unit.MU: its deprecation must say")


def test_the_check_compares_with_the_released_definition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    released = tmp_path / "released.graphql"
    more = "type Query {\n  farewell: String\n"
    released.write_text(sdl.RELEASED.read_text(encoding="utf-8").replace("type Query {\n", more), encoding="utf-8")
    monkeypatch.setattr(sdl, "RELEASED", released)
    with pytest.raises(cli.Failure, match=r"Query\.farewell: Field Query\.farewell was removed\."):
        cli.write_schema(check=True)


def test_a_release_is_what_clients_rely_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = [tmp_path / "schema.graphql", tmp_path / "released.graphql"]
    monkeypatch.setattr(cli, "CHECKOUT", tmp_path)
    for name, path in zip(("SDL", "RELEASED"), written, strict=True):
        monkeypatch.setattr(sdl, name, path)
    cli.write_schema(release=True)
    assert written[0].read_text(encoding="utf-8") == written[1].read_text(encoding="utf-8")
