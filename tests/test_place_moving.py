"""Places are moved: what goes along, who sees it then, and what is refused."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from models import Role
from tests.payloads import refusal
from tests.places import PLACEMENTS, Ground, done, grid
from tests.scene import SINCE, Zone, fresh, key


@pytest.mark.parametrize(
    ("mutation", "name", "to"), [("moveStation", "B1", "S"), ("moveCommunity", "C1", "B1"), ("moveGrid", "G1", "C1")]
)
def test_a_move_takes_along_all_that_is_below(ground: Ground, mutation: str, name: str, to: str) -> None:
    moved, parent = ground.here[name], ground.there[to]
    before = ground.below(moved)
    assert before["placement"] >= 1
    assert before["assignment"] >= 1
    row = done(ground.hub.write(mutation, id=moved, version=1, parentId=parent))
    assert (row["parent"], row["version"]) == ({"id": parent}, 2)
    assert ground.path(moved) == f"{ground.path(parent)}{key(moved)}."
    after = ground.below(moved)
    # The new placement comes on top.
    assert after == before | {"placement": before["placement"] + 1}
    assert ground.stray() == []


def test_a_move_is_dated(ground: Ground) -> None:
    done(ground.hub.write("moveCommunity", id=ground.here["C1"], version=1, parentId=ground.here["B2"]))
    old, new = ground.world.sql(PLACEMENTS, ground.here.key("C1"))
    assert tuple(old) == (ground.here.key("B1"), SINCE, ground.today)
    assert tuple(new) == (ground.here.key("B2"), ground.today, None)


def test_a_second_move_on_a_day_takes_the_place_of_the_first(ground: Ground) -> None:
    for version, parent in enumerate((ground.here["B2"], ground.here["S"], ground.there["B1"]), start=1):
        done(ground.hub.write("moveCommunity", id=ground.here["C1"], version=version, parentId=parent))
    placements = [tuple(row) for row in ground.world.sql(PLACEMENTS, ground.here.key("C1"))]
    assert placements == [
        (ground.here.key("B1"), SINCE, ground.today),
        (ground.there.key("B1"), ground.today, None),
    ]


def test_a_moved_stations_account_goes_on_in_its_session_under_the_new_path(ground: Ground) -> None:
    own = ground.scene.writer(Role.MANAGER, ground.here["B1"])
    assert ground.sees(own, ground.here["G1"])
    done(ground.hub.write("moveStation", id=ground.here["B1"], version=1, parentId=ground.there["S"]))
    assert ground.sees(own, ground.here["G1"])
    done(own.write("renameGrid", id=ground.here["G1"], version=1, name="搬后"))
    made = done(own.write("createGrid", **grid(ground.here["C1"])))
    assert ground.path(made["id"]).startswith(ground.path(ground.there["S"]))
    assert own.ask("{ viewer { scope { id } } }") == {"viewer": {"scope": {"id": ground.here["B1"]}}}


def test_the_zone_that_a_station_leaves_loses_sight_and_the_other_gains_it(ground: Ground) -> None:
    left = ground.scene.writer(Role.MANAGER, ground.here["S"])
    joined = ground.scene.writer(Role.MANAGER, ground.there["S"])
    rows = [ground.here[name] for name in ("B1", "C1", "G1", "P1", "T1")]
    assert [(ground.sees(left, row), ground.sees(joined, row)) for row in rows] == [(True, False)] * len(rows)
    done(ground.hub.write("moveStation", id=ground.here["B1"], version=1, parentId=ground.there["S"]))
    assert [(ground.sees(left, row), ground.sees(joined, row)) for row in rows] == [(False, True)] * len(rows)
    gone = left.write("renameGrid", id=ground.here["G1"], version=1, name="不再")
    assert refusal(gone) == ("NOT_FOUND", "id")
    done(joined.write("renameGrid", id=ground.here["G1"], version=1, name="新来"))


def test_who_moves_a_place_within_its_scope_needs_both_ends_in_it(ground: Ground) -> None:
    leader = ground.scene.writer(Role.ADMINISTRATOR, ground.here["S"])
    given = {"id": ground.here["C1"], "version": 1}
    assert refusal(leader.write("moveCommunity", **given, parentId=ground.there["B1"])) == ("NOT_FOUND", "parentId")
    assert refusal(leader.write("moveCommunity", **given, parentId=ground.here["H"])) == ("NOT_FOUND", "parentId")
    done(leader.write("moveCommunity", **given, parentId=ground.here["B2"]))


@pytest.mark.parametrize(
    ("mutation", "name", "to"),
    [
        # A cycle, and itself.
        ("moveStation", "S", "S"),
        ("moveStation", "S", "B1"),
        ("moveStation", "B1", "B1"),
        ("moveStation", "B1", "C1"),
        ("moveCommunity", "C1", "C1"),
        ("moveCommunity", "C1", "G1"),
        ("moveGrid", "G1", "G1"),
        # A level that does not belong there.
        ("moveStation", "B1", "B2"),
        ("moveStation", "B1", "H"),
        ("moveStation", "H", "S"),
        ("moveCommunity", "C1", "C2"),
        ("moveGrid", "G1", "B1"),
        ("moveGrid", "G1", "S"),
        ("moveGrid", "G1", "H"),
        ("moveGrid", "G1", "G2"),
        # Where it is.
        ("moveStation", "B1", "S"),
        ("moveStation", "S", "H"),
        ("moveCommunity", "C1", "B1"),
        ("moveGrid", "G1", "C1"),
    ],
)
def test_what_would_break_the_tree_is_refused(ground: Ground, mutation: str, name: str, to: str) -> None:
    before = ground.world.digest()
    payload = ground.hub.write(mutation, id=ground.here[name], version=1, parentId=ground.here[to])
    assert refusal(payload) == ("INVALID", "parentId")
    assert ground.world.changed(before) == []


def test_moves_to_and_fro_at_once_leave_a_tree(ground: Ground) -> None:
    rows = [("moveCommunity", "C1", ("B1", "B2", "S")), ("moveGrid", "G1", ("C1", "C2", "C4"))]

    def move(number: int) -> str:
        mutation, name, parents = rows[number % 2]
        parent = (ground.here, ground.there)[number % 3 == 0][parents[number // 2 % 3]]
        noun = mutation.removeprefix("move").lower()
        version = ground.hub.ask(f'{{ {noun}(id: "{ground.here[name]}") {{ version }} }}')[noun]["version"]
        payload = ground.hub.write(mutation, id=ground.here[name], version=version, parentId=parent)
        return str(payload["errors"][0]["code"]) if payload["errors"] else "DONE"

    with ThreadPoolExecutor(8) as pool:
        outcomes = set(pool.map(move, range(40)))
    assert outcomes <= {"DONE", "CONFLICT", "INVALID"}
    assert "DONE" in outcomes
    assert ground.stray() == []
    for name in ("C1", "G1"):
        current = "SELECT parent_id FROM placement WHERE place_id = $1 AND valid_to IS NULL"
        parent = ground.world.value("SELECT parent_id FROM place WHERE id = $1", ground.here.key(name))
        assert ground.world.value(current, ground.here.key(name)) == parent


def test_two_crossing_moves_at_once_are_both_done(ground: Ground) -> None:
    def swap(zone: tuple[Zone, Zone]) -> Any:
        mine, other = zone
        return ground.hub.write("moveStation", id=mine["B1"], version=1, parentId=other["S"])

    with ThreadPoolExecutor(2) as pool:
        for payload in pool.map(swap, [(ground.here, ground.there), (ground.there, ground.here)]):
            done(payload)
    assert ground.stray() == []


def test_a_create_waits_for_a_move_and_lands_below_the_new_path(ground: Ground) -> None:
    def create(number: int) -> Any:
        return ground.hub.write("createGrid", **grid(ground.here["C1"], code=fresh(str(number))))

    def move(number: int) -> Any:
        parent = (ground.here["B2"], ground.here["B1"])[number % 2]
        return ground.hub.write("moveCommunity", id=ground.here["C1"], version=number + 1, parentId=parent)

    with ThreadPoolExecutor(6) as pool:
        creates = pool.map(create, range(30))
        for number in range(6):
            done(move(number))
        made = [done(payload)["id"] for payload in creates]
    assert ground.stray() == []
    path = ground.path(ground.here["C1"])
    assert all(ground.path(one).startswith(path) for one in made)


HISTORY = """query ($id: ID!) { node(id: $id) { ... on Community {
  placements { parent { id } validFrom validTo } divisionCodes { code validFrom validTo } } } }"""


def test_a_place_tells_where_it_hung_and_under_which_code(ground: Ground) -> None:
    zone = ground.scene.writer(Role.ADMINISTRATOR, ground.here["S"])
    community, there, today = ground.here["C1"], ground.there["B1"], ground.today.isoformat()
    code = ground.world.value("SELECT division_code FROM community WHERE id = $1", key(community))
    done(ground.hub.write("moveCommunity", id=community, version=1, parentId=there))
    given = {"id": community, "version": 2, "divisionCode": "350526000001", "on": "2022-02-03"}
    done(ground.hub.write("recodeCommunity", **given))
    told = ground.hub.ask(HISTORY, {"id": community})["node"]
    assert told == {
        "placements": [
            {"parent": {"id": ground.here["B1"]}, "validFrom": "2021-01-01", "validTo": today},
            {"parent": {"id": there}, "validFrom": today, "validTo": None},
        ],
        "divisionCodes": [
            {"code": code, "validFrom": "2021-01-01", "validTo": "2022-02-03"},
            {"code": "350526000001", "validFrom": "2022-02-03", "validTo": None},
        ],
    }
    # Whose it was sees it no more, and whose it is does not see where it came from.
    assert zone.ask(HISTORY, {"id": community})["node"] is None
    others = ground.scene.writer(Role.OBSERVER, ground.there["S"]).ask(HISTORY, {"id": community})["node"]
    assert [placement["parent"] for placement in others["placements"]] == [None, {"id": there}]
