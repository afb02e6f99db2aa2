"""What belongs to a closed place, and what is to be done there, goes to its successor; what was done stays."""

from collections.abc import Iterator
from typing import Any

import pytest

from models import Role
from server.embedded import Embedded
from tests.scene import TABLES, Scene, World, key, world

GOES = ("CL1", "VE1", "AG1", "LG1", "VC1")
CLOSES = {"C": "closeCommunity", "G": "closeGrid"}
STAYS = ("SR1", "SU1", "TG1", "TE1")


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("hand_over")) as made:
        yield made


@pytest.fixture
def mine(written: World) -> Scene:
    """A scene in which all that goes and all that stays is at C1."""
    scene = Scene(written)
    for name in (*GOES, *STAYS):
        written.sql(
            f"UPDATE {TABLES[name[:2]]} SET place_id = p.id, path = p.path, station_id = p.station_id"
            " FROM place p WHERE p.id = $2 AND " + f"{TABLES[name[:2]]}.id = $1",
            scene.here.key(name),
            scene.here.key("C1"),
        )
    return scene


def close(scene: Scene, place: str, successor: str | None) -> list[dict[str, Any]]:
    """Closes a community or grid: the refusals."""
    given = {"id": scene.here[place], "version": 1}
    if successor:
        given["successorId"] = scene.here[successor]
    hub = scene.writer(Role.ADMINISTRATOR, scene.here["H"])
    errors: list[dict[str, Any]] = hub.write(CLOSES[place[0]], **given)["errors"]
    return errors


def lies_at(scene: Scene, name: str) -> int:
    """The key of the place of a row."""
    return int(scene.world.value(f"SELECT place_id FROM {TABLES[name[:2]]} WHERE id = $1", scene.here.key(name)))


def lead(scene: Scene, name: str, place: str, state: str, sender: str = "") -> None:
    """Lets a referral or resolution lead to a place, in a state; a referral may come from another."""
    for columns, at in (("to_", place), *([("", sender)] if sender else [])):
        names = ("place_id", "path", "station_id", "county_id")
        sets = ", ".join(f"{columns}{column} = p.{'id' if column == 'place_id' else column}" for column in names)
        scene.world.sql(
            f"UPDATE {TABLES[name[:2]]} AS r SET {sets}, state = $3 FROM place p WHERE r.id = $1 AND p.id = $2",
            scene.here.key(name),
            scene.here.key(at),
            state,
        )


def test_what_belongs_to_it_goes_and_what_was_done_there_stays(mine: Scene) -> None:
    assert close(mine, "C1", "C2") == []
    assert {name: lies_at(mine, name) for name in GOES} == dict.fromkeys(GOES, mine.here.key("C2"))
    assert {name: lies_at(mine, name) for name in STAYS} == dict.fromkeys(STAYS, mine.here.key("C1"))
    # What hangs on them has gone along.
    assert mine.world.value("SELECT place_id FROM agency_rating WHERE id = $1", mine.here.key("RT1")) == mine.here.key(
        "C2"
    )


@pytest.mark.parametrize(("name", "state"), [("RF1", "ACCEPTED"), ("RS1", "OPEN")])
def test_what_is_to_be_done_there_is_the_successors(mine: Scene, name: str, state: str) -> None:
    lead(mine, name, "G2", state)
    assert [error["code"] for error in close(mine, "G2", None)] == ["NOT_EMPTY"]
    assert close(mine, "G2", "G3") == []
    row = mine.world.sql(f"SELECT * FROM {TABLES[name[:2]]} WHERE id = $1", mine.here.key(name))[0]
    successor = mine.world.value("SELECT name FROM grid WHERE id = $1", mine.here.key("G3"))
    assert (row["to_place_id"], row["to_name"], row["state"]) == (mine.here.key("G3"), successor, state)


def test_what_is_settled_stays_where_it_was_done(mine: Scene) -> None:
    lead(mine, "RF1", "C4", "DONE")
    assert close(mine, "C4", "C2") == []
    assert mine.world.value("SELECT to_place_id FROM referral WHERE id = $1", mine.here.key("RF1")) == mine.here.key(
        "C4"
    )


def test_a_referral_whose_sender_takes_over_is_over(mine: Scene) -> None:
    lead(mine, "RF1", "C4", "SENT", sender="C2")
    assert close(mine, "C4", "C2") == []
    row = mine.world.sql("SELECT * FROM referral WHERE id = $1", key(mine.here["RF1"]))[0]
    assert (row["state"], row["to_place_id"], row["outcome"] is not None) == ("WITHDRAWN", mine.here.key("C4"), True)
