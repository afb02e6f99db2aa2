"""Places are moved and closed: what goes along, who sees it then, and what is refused."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from models import Role
from server.embedded import Embedded
from tests.scene import SINCE, World, Writing, Zone, fresh, key, world
from tests.test_place_writing import TODAY, community, done, grid, refusal, station

LOCATED = """
SELECT c.relname AS name FROM pg_class c
  JOIN pg_attribute p ON p.attrelid = c.oid AND p.attname = 'path'
  JOIN pg_attribute i ON i.attrelid = c.oid AND i.attname = 'place_id'
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1
"""
STRAY = """
SELECT count(*) FROM {0} r JOIN place p ON p.id = r.place_id
 WHERE (r.path, r.station_id, r.county_id) IS DISTINCT FROM (p.path, p.station_id, p.county_id)
"""
PLACEMENTS = "SELECT parent_id, valid_from, valid_to FROM placement WHERE place_id = $1 ORDER BY id"
SEEN = "query ($id: ID!) { node(id: $id) { id } }"


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("moves")) as made:
        yield made


@pytest.fixture(scope="module")
def today(written: World) -> date:
    """The county's day."""
    found: date = written.value(TODAY)
    return found


class Ground:
    """A fresh county: `here` and `there` are its zones, `hub` its administrator."""

    def __init__(self, world: World) -> None:
        self.world, self.scene = world, world.scene()
        self.here, self.there = self.scene.zones
        self.hub = self.scene.writer(Role.ADMINISTRATOR, self.here["H"])

    def path(self, public_id: str) -> str:
        """The path of a place."""
        found: str = self.world.value("SELECT path FROM place WHERE id = $1", key(public_id))
        return found

    def below(self, public_id: str) -> dict[str, int]:
        """How many rows of each table lie below a place, but of those that change without being written to."""
        path = self.path(public_id)
        counted = "SELECT count(*) FROM {0} WHERE starts_with(path, $1)"
        named = [name for name in self.tables() if name != "audit_entry" and not name.endswith(("_rollup", "_delta"))]
        return {name: self.world.value(counted.format(name), path) for name in named}

    def tables(self) -> list[str]:
        """The tables whose rows belong to a place."""
        return [row["name"] for row in self.world.sql(LOCATED)]

    def stray(self) -> list[str]:
        """The tables with rows whose location is not their place's."""
        return [name for name in self.tables() if self.world.value(STRAY.format(name))]

    def sees(self, writer: Writing, public_id: str) -> bool:
        """Whether an account sees a row."""
        return writer.ask(SEEN, {"id": public_id})["node"] is not None


@pytest.fixture
def ground(written: World) -> Ground:
    """A fresh county."""
    return Ground(written)


# -- moving


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


def test_a_move_is_dated(ground: Ground, today: date) -> None:
    done(ground.hub.write("moveCommunity", id=ground.here["C1"], version=1, parentId=ground.here["B2"]))
    old, new = ground.world.sql(PLACEMENTS, ground.here.key("C1"))
    assert tuple(old) == (ground.here.key("B1"), SINCE, today)
    assert tuple(new) == (ground.here.key("B2"), today, None)


def test_a_second_move_on_a_day_takes_the_place_of_the_first(ground: Ground, today: date) -> None:
    for version, parent in enumerate((ground.here["B2"], ground.here["S"], ground.there["B1"]), start=1):
        done(ground.hub.write("moveCommunity", id=ground.here["C1"], version=version, parentId=parent))
    placements = [tuple(row) for row in ground.world.sql(PLACEMENTS, ground.here.key("C1"))]
    assert placements == [
        (ground.here.key("B1"), SINCE, today),
        (ground.there.key("B1"), today, None),
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
    assert (refusal(gone), gone["row"]) == (("NOT_FOUND", ["id"]), None)
    done(joined.write("renameGrid", id=ground.here["G1"], version=1, name="新来"))


def test_who_moves_a_place_within_its_scope_needs_both_ends_in_it(ground: Ground) -> None:
    leader = ground.scene.writer(Role.ADMINISTRATOR, ground.here["S"])
    given = {"id": ground.here["C1"], "version": 1}
    assert refusal(leader.write("moveCommunity", **given, parentId=ground.there["B1"])) == ("NOT_FOUND", ["parentId"])
    assert refusal(leader.write("moveCommunity", **given, parentId=ground.here["H"])) == ("NOT_FOUND", ["parentId"])
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
    assert (refusal(payload), payload["row"]) == (("INVALID", ["parentId"]), None)
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


# -- closing


def test_what_nothing_belongs_to_is_closed_without_a_successor(ground: Ground, today: date) -> None:
    row = done(ground.hub.write("closeGrid", id=ground.here["G2"], version=1))
    assert (row["closedOn"], row["version"]) == (today.isoformat(), 2)
    assert [tuple(p) for p in ground.world.sql(PLACEMENTS, ground.here.key("G2"))] == [
        (ground.here.key("C1"), SINCE, today)
    ]


@pytest.mark.parametrize(
    ("mutation", "name"), [("closeStation", "B1"), ("closeStation", "S"), ("closeCommunity", "C2")]
)
def test_what_something_belongs_to_needs_a_successor(ground: Ground, mutation: str, name: str) -> None:
    before = ground.world.digest()
    payload = ground.hub.write(mutation, id=ground.here[name], version=1)
    assert refusal(payload) == ("NOT_EMPTY", ["successorId"])
    assert ground.world.changed(before) == []


def test_all_that_belongs_to_a_closed_place_goes_to_its_successor(ground: Ground, today: date) -> None:
    closed, successor = ground.here["C1"], ground.here["C2"]
    holder = ground.scene.writer(Role.WORKER, closed)
    assert ground.sees(holder, ground.here["G1"])
    done(ground.hub.write("closeCommunity", id=closed, version=1, successorId=successor))
    assert ground.stray() == []
    homes = {
        table: ground.world.value(f"SELECT array_agg(DISTINCT place_id) FROM {table} WHERE id = ANY($1)", keys)
        for table, keys in (
            ("person", [ground.here.key(name) for name in ("P1", "P2", "P3", "P4", "P6")]),
            ("volunteer_team", [ground.here.key("T1")]),
            ("team_membership", [ground.here.key("M1")]),
            ("qualification", [ground.here.key("Q1")]),
            ("account", [ground.here.key("U1"), ground.here.key("U2"), holder.account_id]),
        )
    }
    assert set(map(tuple, homes.values())) == {(key(successor),)}
    parents = ground.world.value("SELECT array_agg(DISTINCT parent_id) FROM grid WHERE id = ANY($1)", keys_of(ground))
    assert parents == [key(successor)]
    # A duty at a grid goes on with it, a duty at the closed place and a grant there end.
    ends = "SELECT valid_to FROM {0} WHERE id = $1"
    assert ground.world.value(ends.format("assignment"), ground.here.key("A1")) is None
    assert ground.world.value(ends.format("assignment"), ground.here.key("A2")) == today
    assert ground.world.value(ends.format("account_grant"), ground.here.key("R1")) is not None
    answer = holder.post(SEEN, {"id": ground.here["G1"]}).json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    shown = ground.hub.ask(
        "query ($id: ID!) { community(id: $id) { closedOn successor { id } grids { totalCount } } }", {"id": closed}
    )
    assert shown["community"] == {
        "closedOn": today.isoformat(),
        "successor": {"id": successor},
        "grids": {"totalCount": 0},
    }


def keys_of(ground: Ground) -> list[int]:
    return [ground.here.key(name) for name in ("G1", "G2")]


def test_a_demonstration_stations_zone_goes_to_the_one_that_takes_over(ground: Ground) -> None:
    done(ground.hub.write("closeStation", id=ground.here["S"], version=1, successorId=ground.there["S"]))
    assert {ground.path(ground.here[name]).split(".")[1] for name in ("B1", "B2")} == {str(ground.there.key("S"))}
    assert ground.stray() == []


def test_what_a_successor_cannot_have_below_it_is_not_given_to_it(ground: Ground) -> None:
    payload = ground.hub.write("closeStation", id=ground.here["S"], version=1, successorId=ground.there["B1"])
    assert refusal(payload) == ("INVALID", ["successorId"])


@pytest.mark.parametrize(
    ("mutation", "name", "successor"),
    [
        ("closeGrid", "G1", "G1"),
        ("closeCommunity", "C1", "C1"),
        ("closeStation", "S", "S"),
        ("closeStation", "S", "B1"),
        ("closeStation", "B1", "B1"),
    ],
)
def test_a_successor_is_no_part_of_what_closes(ground: Ground, mutation: str, name: str, successor: str) -> None:
    given = {"id": ground.here[name], "version": 1, "successorId": ground.here[successor]}
    assert refusal(ground.hub.write(mutation, **given)) == ("INVALID", ["successorId"])


def test_a_successor_is_of_the_same_kind(ground: Ground) -> None:
    given = {"id": ground.here["C1"], "version": 1, "successorId": ground.here["B2"]}
    assert refusal(ground.hub.write("closeCommunity", **given)) == ("NOT_FOUND", ["successorId"])


def test_the_hub_is_not_closed(ground: Ground) -> None:
    payload = ground.hub.write("closeStation", id=ground.here["H"], version=1, successorId=ground.here["S"])
    assert refusal(payload) == ("INVALID", ["id"])


def test_what_is_closed_takes_part_in_nothing_new(ground: Ground) -> None:
    here = ground.here
    done(ground.hub.write("closeCommunity", id=here["C2"], version=1, successorId=here["C1"]))
    for mutation, given, field in (
        ("closeCommunity", {"id": here["C2"], "version": 2}, "id"),
        ("moveCommunity", {"id": here["C2"], "version": 2, "parentId": here["B2"]}, "id"),
        ("moveGrid", {"id": here["G1"], "version": 1, "parentId": here["C2"]}, "parentId"),
        ("closeCommunity", {"id": here["C4"], "version": 1, "successorId": here["C2"]}, "successorId"),
        ("createGrid", grid(here["C2"]), "parentId"),
    ):
        assert refusal(ground.hub.write(mutation, **given)) == ("INVALID", [field]), mutation


def test_a_place_closes_on_an_earlier_day_but_not_before_it_hung_there(ground: Ground) -> None:
    row = done(ground.hub.write("closeGrid", id=ground.here["G2"], version=1, on="2022-03-04"))
    assert row["closedOn"] == "2022-03-04"
    early = ground.hub.write(
        "closeGrid", id=ground.here["G1"], version=1, successorId=ground.here["G3"], on="2020-12-31"
    )
    assert refusal(early) == ("INVALID", ["on"])
    late = ground.hub.write(
        "closeGrid", id=ground.here["G1"], version=1, successorId=ground.here["G3"], on="2999-12-31"
    )
    assert refusal(late) == ("INVALID", ["on"])


def test_what_goes_to_a_successor_has_hung_there_since_the_day_of_closing(ground: Ground) -> None:
    here, on = ground.here, date(2022, 3, 4)
    done(ground.hub.write("closeCommunity", id=here["C1"], version=1, successorId=here["C2"], on="2022-03-04"))
    assert [tuple(p) for p in ground.world.sql(PLACEMENTS, here.key("G1"))] == [
        (here.key("C1"), SINCE, on),
        (here.key("C2"), on, None),
    ]


def test_a_closed_place_gets_no_new_code(ground: Ground) -> None:
    closed = done(ground.hub.write("closeGrid", id=ground.here["G2"], version=1))
    payload = ground.hub.write(
        "recodeGrid", id=ground.here["G2"], version=closed["version"], divisionCode="350526105299"
    )
    assert refusal(payload) == ("INVALID", ["id"])


def test_a_manager_does_not_end_the_grant_of_somebody_above(ground: Ground) -> None:
    manager = ground.scene.writer(Role.MANAGER, ground.here["B1"])
    ground.scene.writer(Role.ADMINISTRATOR, ground.here["G2"])
    before = ground.world.digest()
    given = {"id": ground.here["G2"], "version": 1, "successorId": ground.here["G1"]}
    assert refusal(manager.write("closeGrid", **given))[0] == "FORBIDDEN"
    assert ground.world.changed(before) == []


def test_nobody_closes_the_place_of_their_own_grant(ground: Ground) -> None:
    own = ground.scene.writer(Role.MANAGER, ground.here["G2"])
    before = ground.world.digest()
    assert own.write("closeGrid", id=ground.here["G2"], version=1)["errors"]
    assert ground.world.changed(before) == []


def test_the_log_of_each_place_tells_what_came_and_went(ground: Ground) -> None:
    done(ground.hub.write("closeCommunity", id=ground.here["C1"], version=1, successorId=ground.here["C2"]))
    told = (
        "SELECT before->>'place', after->>'place' FROM audit_entry WHERE place_id = $1 AND noun = 'person' ORDER BY id"
    )
    left = [tuple(row) for row in ground.world.sql(told, ground.here.key("C1"))]
    joined = [tuple(row) for row in ground.world.sql(told, ground.here.key("C2"))]
    assert left == [(ground.here["C1"], None)] * 5
    assert joined == [(None, ground.here["C2"])] * 5


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


def test_new_places_close_and_move_as_old_ones_do(ground: Ground, today: date) -> None:
    fresh_station = done(ground.hub.write("createStation", **station(ground.here["S"])))
    fresh_community = done(ground.hub.write("createCommunity", **community(fresh_station["id"])))
    done(ground.hub.write("createGrid", **grid(fresh_community["id"])))
    done(ground.hub.write("moveStation", id=fresh_station["id"], version=1, parentId=ground.there["S"]))
    row = done(ground.hub.write("closeStation", id=fresh_station["id"], version=2, successorId=ground.there["B1"]))
    assert row["closedOn"] == today.isoformat()
    assert ground.path(fresh_community["id"]).startswith(ground.path(ground.there["B1"]))
