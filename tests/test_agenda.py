"""The agenda: what waits for an account, as its scope and permissions show it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from models import Role
from server.embedded import Embedded
from tests.conftest import Ask
from tests.scene import Scene, World, world

AGENDA = """
query ($days: Int!) { viewer { agenda {
  overdueReferrals { totalCount nodes { id overdue } }
  unacceptedReferrals { totalCount nodes { id state } }
  tasksDue(days: $days) { totalCount nodes { id dueOn } }
  measuresDue(days: $days) { totalCount nodes { id dueOn } }
  expiringQualifications(days: $days) { totalCount nodes { id expiresOn } }
  expiringRatings(days: $days) { totalCount nodes { id validTo } }
  responsibilityGaps(kind: NO_GRID_WORKER) { totalCount nodes { place { id } } } } } }
"""
TODAY = "SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date"


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("agenda")) as made:
        yield made


@pytest.fixture
def mine(written: World) -> Scene:
    """A scene of the test's own, in which nothing waits for anybody."""
    scene = Scene(written)
    for statement in (
        "UPDATE referral SET state = 'WITHDRAWN'",
        "UPDATE resolution SET state = 'CANCELLED'",
        "UPDATE measure SET state = 'CANCELLED'",
        "UPDATE qualification SET expires_on = NULL",
        "UPDATE agency_rating SET valid_to = NULL",
    ):
        written.sql(statement)
    return scene


def agenda(scene: Scene, at: str, role: Role = Role.WORKER, days: int = 30) -> dict[str, list[str]]:
    """The ids on the agenda of an account at a place, by list; each list counts what it shows."""
    lists = scene.writer(role, scene.here[at]).ask(AGENDA, {"days": days})["viewer"]["agenda"]
    assert all(found["totalCount"] == len(found["nodes"]) for found in lists.values())
    del lists["responsibilityGaps"]
    return {name: [node["id"] for node in found["nodes"]] for name, found in lists.items()}


def shown(scene: Scene, at: str, name: str, days: int = 30) -> list[str]:
    """One list of an account's agenda; the others are empty."""
    lists = agenda(scene, at, days=days)
    assert not any(found for other, found in lists.items() if other != name)
    return lists[name]


def refer(scene: Scene, state: str, due: int) -> str:
    """Puts the scene's referral, which goes from G1 to C2, into a state, due so many days from today."""
    row = scene.here.key("RF1")
    scene.world.sql(
        f"UPDATE referral SET state = $2, due_on = ({TODAY}) + $3::int, to_place_id = p.id, to_path = p.path,"
        " to_station_id = p.station_id, to_county_id = p.county_id, closed_at = NULL FROM place p"
        " WHERE referral.id = $1 AND p.id = $4",
        row,
        state,
        due,
        scene.here.key("C2"),
    )
    return scene.here["RF1"]


def test_nothing_waits_where_nothing_is_to_be_done(mine: Scene) -> None:
    assert not any(agenda(mine, "S").values())


def test_a_referral_waits_for_its_receiver_until_it_is_accepted(mine: Scene) -> None:
    sent = refer(mine, "SENT", 3)
    assert shown(mine, "C2", "unacceptedReferrals") == [sent]
    assert not any(agenda(mine, "C1").values())
    refer(mine, "ACCEPTED", 3)
    assert not any(agenda(mine, "C2").values())


def test_an_overdue_referral_waits_for_its_receiver_and_all_above(mine: Scene) -> None:
    late = refer(mine, "IN_PROGRESS", -1)
    for at in ("C2", "B1", "S", "H"):
        assert shown(mine, at, "overdueReferrals") == [late]
    assert not any(agenda(mine, "C1").values())
    refer(mine, "IN_PROGRESS", 0)
    assert not any(agenda(mine, "C2").values())


def test_what_is_due_is_shown_so_many_days_ahead(mine: Scene) -> None:
    today = mine.world.value(TODAY)
    row, facts = mine.here["RT1"], mine.world
    facts.sql("UPDATE agency_rating SET valid_from = '2021-01-01', valid_to = $2 WHERE id = $1", mine.here.key("RT1"),
              today + timedelta(days=10))  # fmt: skip
    assert shown(mine, "S", "expiringRatings", days=10) == [row]
    assert shown(mine, "S", "expiringRatings", days=9) == []
    facts.sql("UPDATE agency_rating SET valid_to = $2 WHERE id = $1", mine.here.key("RT1"), today - timedelta(days=1))
    assert shown(mine, "S", "expiringRatings") == []


def test_certificates_that_expire_are_shown_where_their_holders_are_at_home(mine: Scene) -> None:
    soon = mine.world.value(TODAY) + timedelta(days=5)
    mine.world.sql("UPDATE qualification SET expires_on = $2 WHERE id = $1", mine.here.key("Q1"), soon)
    assert shown(mine, "C1", "expiringQualifications") == [mine.here["Q1"]]
    assert not any(agenda(mine, "C2").values())


@pytest.mark.parametrize(
    ("table", "row", "name"), [("measure", "ME1", "measuresDue"), ("resolution", "RS1", "tasksDue")]
)
def test_tasks_are_shown_from_so_many_days_before_they_are_due_until_they_are_done(
    mine: Scene, table: str, row: str, name: str
) -> None:
    sets = f"UPDATE {table} SET state = $2, due_on = ({TODAY}) + $3::int WHERE id = $1"
    for state, due, expected in (("OPEN", 30, True), ("IN_PROGRESS", -9, True), ("OPEN", 31, False)):
        mine.world.sql(sets, mine.here.key(row), state, due)
        assert shown(mine, "S", name) == [mine.here[row]] * expected
    mine.world.sql(f"UPDATE {table} SET state = 'CANCELLED', due_on = ({TODAY}) WHERE id = $1", mine.here.key(row))
    assert shown(mine, "S", name) == []


@pytest.mark.parametrize("days", [-1, 367])
def test_days_out_of_range_are_refused(mine: Scene, days: int) -> None:
    answer = mine.writer(Role.WORKER, mine.here["S"]).post(AGENDA, {"days": days}).json()
    assert answer["data"] == {"viewer": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


def test_the_gap_of_the_newest_community_is_on_its_townships_agenda_and_not_on_anothers(ask: Ask) -> None:
    def gaps(username: str) -> list[Any]:
        query = "{ viewer { agenda { responsibilityGaps { nodes { place { name } missing } } } } }"
        return [gap["place"]["name"] for gap in ask(username, query)["viewer"]["agenda"]["responsibilityGaps"]["nodes"]]

    assert "东裕社区" in gaps("xunzhong")
    assert "东裕社区" in gaps("hub-observer")
    assert "东裕社区" not in gaps("leifeng")
