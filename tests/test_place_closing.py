"""Places are closed: what goes to a successor, and what is refused."""

from datetime import date

import pytest

from models import Role
from tests.payloads import refusal
from tests.places import PLACEMENTS, SEEN, Ground, community, done, grid, station
from tests.scene import SINCE, key


def test_what_nothing_belongs_to_is_closed_without_a_successor(ground: Ground) -> None:
    row = done(ground.hub.write("closeGrid", id=ground.here["G2"], version=1))
    assert (row["closedOn"], row["version"]) == (ground.today.isoformat(), 2)
    assert [tuple(p) for p in ground.world.sql(PLACEMENTS, ground.here.key("G2"))] == [
        (ground.here.key("C1"), SINCE, ground.today)
    ]


@pytest.mark.parametrize(
    ("mutation", "name"), [("closeStation", "B1"), ("closeStation", "S"), ("closeCommunity", "C2")]
)
def test_what_something_belongs_to_needs_a_successor(ground: Ground, mutation: str, name: str) -> None:
    before = ground.world.digest()
    payload = ground.hub.write(mutation, id=ground.here[name], version=1)
    assert refusal(payload) == ("NOT_EMPTY", "successorId")
    assert ground.world.changed(before) == []


def test_all_that_belongs_to_a_closed_place_goes_to_its_successor(ground: Ground) -> None:
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
    assert ground.world.value(ends.format("assignment"), ground.here.key("A2")) == ground.today
    assert ground.world.value(ends.format("account_grant"), ground.here.key("R1")) is not None
    answer = holder.post(SEEN, {"id": ground.here["G1"]}).json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    shown = ground.hub.ask(
        "query ($id: ID!) { community(id: $id) { closedOn successor { id } grids { totalCount } } }", {"id": closed}
    )
    assert shown["community"] == {
        "closedOn": ground.today.isoformat(),
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
    assert refusal(payload) == ("INVALID", "successorId")


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
    assert refusal(ground.hub.write(mutation, **given)) == ("INVALID", "successorId")


def test_a_successor_is_of_the_same_kind(ground: Ground) -> None:
    given = {"id": ground.here["C1"], "version": 1, "successorId": ground.here["B2"]}
    assert refusal(ground.hub.write("closeCommunity", **given)) == ("NOT_FOUND", "successorId")


def test_the_hub_is_not_closed(ground: Ground) -> None:
    payload = ground.hub.write("closeStation", id=ground.here["H"], version=1, successorId=ground.here["S"])
    assert refusal(payload) == ("INVALID", "id")


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
        assert refusal(ground.hub.write(mutation, **given)) == ("INVALID", field), mutation


def test_a_place_closes_on_an_earlier_day_but_not_before_it_hung_there(ground: Ground) -> None:
    row = done(ground.hub.write("closeGrid", id=ground.here["G2"], version=1, on="2022-03-04"))
    assert row["closedOn"] == "2022-03-04"
    early = ground.hub.write(
        "closeGrid", id=ground.here["G1"], version=1, successorId=ground.here["G3"], on="2020-12-31"
    )
    assert refusal(early) == ("INVALID", "on")
    late = ground.hub.write(
        "closeGrid", id=ground.here["G1"], version=1, successorId=ground.here["G3"], on="2999-12-31"
    )
    assert refusal(late) == ("INVALID", "on")


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
    assert refusal(payload) == ("INVALID", "id")


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


def test_new_places_close_and_move_as_old_ones_do(ground: Ground) -> None:
    fresh_station = done(ground.hub.write("createStation", **station(ground.here["S"])))
    fresh_community = done(ground.hub.write("createCommunity", **community(fresh_station["id"])))
    done(ground.hub.write("createGrid", **grid(fresh_community["id"])))
    done(ground.hub.write("moveStation", id=fresh_station["id"], version=1, parentId=ground.there["S"]))
    row = done(ground.hub.write("closeStation", id=fresh_station["id"], version=2, successorId=ground.there["B1"]))
    assert row["closedOn"] == ground.today.isoformat()
    assert ground.path(fresh_community["id"]).startswith(ground.path(ground.there["B1"]))
