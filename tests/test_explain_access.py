"""Who sees a record, and why."""

from collections.abc import Iterator
from typing import Any

import pytest

from models import Role
from server.embedded import Embedded
from tests import nouns
from tests.conftest import Ask
from tests.scene import Scene, World, key, world
from tests.test_access import borrow

EXPLANATION = """
query ($id: ID!, $first: Int) { explainAccess(id: $id, first: $first) {
  totalCount nodes { through personalData account { id username disabled } grant { id role place { id } } } } }
"""
RECORDS = ("S", "B1", "C1", "G1", "P1", "A1", "Q1", "T1", "M1", *(f"{noun.letters}1" for noun in nouns.NOUNS))


@pytest.fixture(scope="module")
def fresh_world(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own, to write in."""
    with world(embedded, tmp_path_factory.mktemp("explained")) as made:
        yield made


def explained(asker: Any, id_: str) -> list[tuple[str, str, str, str]]:
    """Account, place of the grant, by what, and how personal data comes."""
    nodes = asker.ask(EXPLANATION, {"id": id_, "first": 100})["explainAccess"]["nodes"]
    return [(n["account"]["id"], n["grant"]["place"]["id"], n["through"], n["personalData"]) for n in nodes]


def test_a_record_is_seen_by_the_grants_on_its_path(fresh_world: World) -> None:
    mine = Scene(fresh_world)
    asker = mine.writer(Role.MANAGER, mine.here["H"])
    watchers = {at: mine.writer(role, mine.here[at]) for at, role in (("S", Role.OBSERVER), ("B1", Role.WORKER))}
    mine.writer(Role.WORKER, mine.here["B2"])
    hub = (f"U{asker.account_id}", mine.here["H"], "HOME", "FULL")
    zone = (f"U{watchers['S'].account_id}", mine.here["S"], "HOME", "NONE")
    station = (f"U{watchers['B1'].account_id}", mine.here["B1"], "HOME", "MASKED")
    village = (mine.here["U1"], mine.here["C1"], "HOME", "MASKED")
    assert explained(asker, mine.here["S"]) == [hub, zone]
    assert explained(asker, mine.here["B1"]) == [hub, zone, station]
    for record in RECORDS[2:9]:
        # The village's second account is disabled.
        assert sorted(explained(asker, mine.here[record])) == sorted([hub, zone, station, village]), record
    fresh_world.sql("UPDATE account_grant SET valid_to = now() WHERE id = $1", mine.here.key("R1"))
    assert sorted(explained(asker, mine.here["P1"])) == sorted([hub, zone, station])


def test_who_is_told_to_see_a_record_sees_it_and_nobody_else(fresh_world: World) -> None:
    mine = Scene(fresh_world)
    borrow(mine)
    asker = mine.writer(Role.MANAGER, mine.here["H"])
    places = [(zone, at) for zone in mine.zones for at in ("S", "B1", "B2", "C1", "G1")]
    watchers = {}
    for zone, at in places:
        watcher = mine.writer(Role.OBSERVER, zone[at])
        watchers[f"U{watcher.account_id}"] = watcher
    query = "query ($id: ID!) { node(id: $id) { id } }"
    for zone in mine.zones:
        for record in RECORDS:
            told = {account for account, *_ in explained(asker, zone[record])} & watchers.keys()
            seeing = {id_ for id_, watcher in watchers.items() if watcher.ask(query, {"id": zone[record]})["node"]}
            assert told == seeing, record


def test_a_person_is_also_seen_where_they_serve(fresh_world: World) -> None:
    mine = Scene(fresh_world)
    assignment = borrow(mine)
    asker = mine.writer(Role.MANAGER, mine.here["H"])
    here = mine.writer(Role.OBSERVER, mine.here["S"])
    found = {account: through for account, _, through, _ in explained(asker, mine.there["P2"])}
    assert found[f"U{asker.account_id}"] == found[mine.there["U1"]] == "HOME"
    assert found[f"U{here.account_id}"] == found[mine.here["U1"]] == "ASSIGNMENT"
    fresh_world.sql("UPDATE assignment SET valid_to = current_date WHERE id = $1", key(assignment))
    assert f"U{here.account_id}" not in {account for account, *_ in explained(asker, mine.there["P2"])}


def test_accounts_above_and_records_out_of_scope_do_not_exist(fresh_world: World) -> None:
    mine = Scene(fresh_world)
    mine.writer(Role.MANAGER, mine.here["H"])
    asker = mine.writer(Role.MANAGER, mine.here["S"])
    own = (f"U{asker.account_id}", mine.here["S"], "HOME", "FULL")
    assert explained(asker, mine.here["B1"]) == [own]
    for id_ in [mine.here["H"], *(mine.there[record] for record in RECORDS), "P999999999", "gibberish", "K1", "U1"]:
        answer = asker.ask(EXPLANATION, {"id": id_, "first": 1})["explainAccess"]
        assert answer == {"totalCount": 0, "nodes": []}, id_


def test_who_may_not_read_accounts_is_told_nothing(ask: Ask, post: Ask) -> None:
    answer = post("hub-observer", EXPLANATION, {"id": "S1"}).json()
    assert answer["data"] == {"explainAccess": None}
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert ask("hub", EXPLANATION, {"id": "S1", "first": 1})["explainAccess"]["totalCount"] >= 2
