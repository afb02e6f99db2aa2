"""Places are created and recoded: what the answer says, what the database then holds, and what the log."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from tests.payloads import refusal
from tests.places import Ground, community, done, grid, station
from tests.scene import SINCE, TABLES, Writing, Zone, key

LONG = "长" * 5000


# -- creating


def test_a_grid_is_created_below_its_community_from_today(ground: Ground) -> None:
    given = grid(ground.here["C1"])
    made = done(ground.hub.write("createGrid", **given))
    assert made == {
        "id": made["id"],
        "code": given["code"],
        "name": "新网格",
        "divisionCode": "350526000123",
        "version": 1,
        "closedOn": None,
        "parent": {"id": ground.here["C1"]},
    }
    row = ground.world.sql("SELECT * FROM grid WHERE id = $1", key(made["id"]))[0]
    parent = ground.world.sql("SELECT * FROM place WHERE id = $1", ground.here.key("C1"))[0]
    assert (row["households"], row["residents"], row["path"]) == (20, 61, f"{parent['path']}{row['id']}.")
    assert (row["station_id"], row["county_id"]) == (parent["station_id"], parent["county_id"])
    dated = "SELECT {0}, valid_from, valid_to FROM {1} WHERE place_id = $1"
    assert ground.world.sql(dated.format("parent_id", "placement"), row["id"]) == [(parent["id"], ground.today, None)]
    assert ground.world.sql(dated.format("code", "division_code"), row["id"]) == [("350526000123", ground.today, None)]


@pytest.mark.parametrize(("above", "level"), [("H", "DEMONSTRATION"), ("S", "BASIC")])
def test_the_level_of_a_new_station_follows_from_its_parent(ground: Ground, above: str, level: str) -> None:
    made = done(ground.hub.write("createStation", **station(ground.here[above], openedOn="2023-04-05")))
    row = ground.world.sql("SELECT level, opened_on FROM station WHERE id = $1", key(made["id"]))[0]
    assert tuple(row) == (level, date(2023, 4, 5))
    since = ground.world.value("SELECT valid_from FROM placement WHERE place_id = $1", key(made["id"]))
    assert since == date(2023, 4, 5)


@pytest.mark.parametrize("above", ["H", "S", "B1"])
def test_a_community_belongs_to_a_station_of_any_level(ground: Ground, above: str) -> None:
    assert done(ground.hub.write("createCommunity", **community(ground.here[above])))["parent"] == {
        "id": ground.here[above]
    }


@pytest.mark.parametrize(
    ("mutation", "above"),
    [
        ("createStation", "B1"),
        ("createStation", "C1"),
        ("createStation", "G1"),
        ("createCommunity", "C1"),
        ("createCommunity", "G1"),
        ("createGrid", "H"),
        ("createGrid", "S"),
        ("createGrid", "B1"),
        ("createGrid", "G1"),
    ],
)
def test_nothing_is_created_below_a_place_of_the_wrong_level(ground: Ground, mutation: str, above: str) -> None:
    make = {"createStation": station, "createCommunity": community, "createGrid": grid}[mutation]
    before = ground.world.digest()
    assert refusal(ground.hub.write(mutation, **make(ground.here[above]))) == ("INVALID", "parentId")
    assert ground.world.changed(before) == []


@pytest.mark.parametrize("mutation", ["createStation", "createCommunity", "createGrid"])
def test_nothing_is_created_below_a_closed_place(ground: Ground, mutation: str) -> None:
    make, above = {
        "createStation": (station, "S"),
        "createCommunity": (community, "B2"),
        "createGrid": (grid, "C4"),
    }[mutation]
    noun = TABLES[ground.here[above][0]]
    ground.world.sql(f"UPDATE {noun} SET closed_on = current_date WHERE id = $1", ground.here.key(above))
    assert refusal(ground.hub.write(mutation, **make(ground.here[above]))) == ("INVALID", "parentId")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " \u3000"}, "name"),
        ({"code": ""}, "code"),
        ({"code": " "}, "code"),
        ({"divisionCode": "350526"}, "divisionCode"),
        ({"divisionCode": "35052600012"}, "divisionCode"),
        ({"divisionCode": "３５０５２６０００１２３"}, "divisionCode"),
        ({"divisionCode": "350526000123\n"}, "divisionCode"),
        ({"households": -1}, "households"),
        ({"residents": -1}, "residents"),
        ({"since": "2999-01-01"}, "since"),
        ({"name": LONG}, "name"),
        ({"code": LONG}, "code"),
    ],
)
def test_a_value_that_cannot_be_is_refused_at_its_field(ground: Ground, given: dict[str, Any], field: str) -> None:
    before = ground.world.digest()
    assert refusal(ground.manager.write("createGrid", **grid(ground.here["C1"], **given))) == ("INVALID", field)
    assert ground.world.changed(before) == []


def test_a_code_is_taken_once(ground: Ground) -> None:
    given = grid(ground.here["C1"])
    done(ground.hub.write("createGrid", **given))
    assert refusal(ground.hub.write("createGrid", **given)) == ("TAKEN", "code")
    taken = ground.hub.write(
        "recodeGrid", id=ground.here["G1"], version=1, divisionCode="350526000123", code=given["code"]
    )
    assert refusal(taken) == ("TAKEN", "code")


# -- recoding


def test_a_division_code_is_dated(ground: Ground) -> None:
    row = done(ground.hub.write("recodeGrid", id=ground.here["G1"], version=1, divisionCode="350526000555"))
    assert (row["divisionCode"], row["version"]) == ("350526000555", 2)
    old, new = ground.world.sql(
        "SELECT code, valid_from, valid_to FROM division_code WHERE place_id = $1 ORDER BY valid_from",
        ground.here.key("G1"),
    )
    assert (old["valid_from"], old["valid_to"]) == (SINCE, ground.today)
    assert tuple(new) == ("350526000555", ground.today, None)


def test_a_division_code_can_hold_from_an_earlier_day(ground: Ground) -> None:
    done(ground.hub.write("recodeGrid", id=ground.here["G1"], version=1, divisionCode="350526000555", on="2023-02-03"))
    assert division_codes(ground.hub, ground.here)[1] == ("350526000555", date(2023, 2, 3), None)


def test_a_division_code_twice_on_a_day_is_the_later_one(ground: Ground) -> None:
    done(ground.hub.write("recodeGrid", id=ground.here["G1"], version=1, divisionCode="350526000555"))
    done(ground.hub.write("recodeGrid", id=ground.here["G1"], version=2, divisionCode="350526000556"))
    assert [code for code, _, _ in division_codes(ground.hub, ground.here)][1:] == ["350526000556"]


def test_a_division_code_does_not_reach_back_behind_the_one_of_today(ground: Ground) -> None:
    before = ground.world.digest()
    payload = ground.hub.write(
        "recodeGrid", id=ground.here["G1"], version=1, divisionCode="350526000555", on="2020-12-31"
    )
    assert refusal(payload) == ("INVALID", "on")
    assert ground.world.changed(before) == []


def test_a_division_code_does_not_begin_in_future(ground: Ground) -> None:
    tomorrow = (ground.today + timedelta(days=1)).isoformat()
    payload = ground.hub.write("recodeGrid", id=ground.here["G1"], version=1, divisionCode="350526000555", on=tomorrow)
    assert refusal(payload) == ("INVALID", "on")


def division_codes(hub: Writing, zone: Zone) -> list[Any]:
    sql = "SELECT code, valid_from, valid_to FROM division_code WHERE place_id = $1 ORDER BY valid_from"
    return [tuple(row) for row in hub.world.sql(sql, zone.key("G1"))]


# -- the audit log


def test_an_entry_holds_what_was_before_and_after_and_by_whom(ground: Ground) -> None:
    response = ground.manager.post(
        "mutation ($input: UpdateGridInput!) { updateGrid(input: $input) { errors { code } } }",
        {"input": {"id": ground.here["G1"], "version": 1, "households": 100, "residents": 301}},
    )
    (entry,) = ground.world.entries(response.headers["x-request-id"])
    # What was sent and is the same as before is no change.
    assert (json.loads(entry["before"]), json.loads(entry["after"])) == ({"residents": 300}, {"residents": 301})
    assert (entry["action"], entry["noun"], entry["row_id"]) == ("updateGrid", "grid", ground.here.key("G1"))
    grant = ground.world.value("SELECT id FROM account_grant WHERE account_id = $1", ground.manager.account_id)
    assert (entry["account_id"], entry["grant_id"]) == (ground.manager.account_id, grant)
    assert entry["place_id"] == ground.here.key("G1")


def test_a_creation_is_recorded_with_its_values_alone(ground: Ground) -> None:
    given = community(ground.here["B1"])
    made = done(ground.hub.write("createCommunity", **given))
    (entry,) = entries_of(ground.hub, made["id"])
    assert entry["before"] is None
    assert json.loads(entry["after"]) == {
        "code": given["code"],
        "name": "新村",
        "kind": "VILLAGE",
        "division_code": "350526000123",
        "households": 20,
        "residents": 61,
    }


def test_neither_place_of_a_move_learns_of_the_other(ground: Ground) -> None:
    done(ground.hub.write("moveStation", id=ground.here["B1"], version=1, parentId=ground.there["S"]))
    left, joined, itself = sorted(
        entries_of(ground.hub, ground.here["B1"]), key=lambda entry: len(entry["path"]) * 10**9 + entry["id"]
    )
    assert (left["place_id"], json.loads(left["before"]), left["after"]) == (
        ground.here.key("S"),
        {"place": ground.here["S"]},
        None,
    )
    assert (joined["place_id"], joined["before"]) == (ground.there.key("S"), None)
    assert json.loads(joined["after"]) == {"place": ground.there["S"]}
    assert (itself["place_id"], itself["before"], itself["after"]) == (ground.here.key("B1"), None, None)
    # As the place lies by now.
    assert itself["path"] == ground.world.value("SELECT path FROM place WHERE id = $1", ground.here.key("B1"))


def entries_of(writer: Writing, public_id: str) -> list[Any]:
    sql = "SELECT * FROM audit_entry WHERE noun = $1 AND row_id = $2 ORDER BY id"
    return writer.world.sql(sql, TABLES[public_id[0]], key(public_id))
