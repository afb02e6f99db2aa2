"""Responsibility gaps: which places lack whom, on any day."""

from collections.abc import Iterator
from typing import Any

import pytest

from models import Role
from server.embedded import Embedded
from tests.conftest import Ask
from tests.scene import Scene, World, key, world

GAPS = """
query ($on: Date, $within: ID, $kind: ResponsibilityGapKind, $after: String) {
  responsibilityGaps(on: $on, within: $within, kind: $kind, first: 100, after: $after) {
    totalCount nodes { missing place { id code } } pageInfo { hasNextPage endCursor }
  }
}
"""
NEWEST = "350526100011"
BOTH = ["NO_RESPONSIBLE_PERSON", "NO_GRID_WORKER"]


@pytest.fixture(scope="module")
def fresh_world(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own, to write in."""
    with world(embedded, tmp_path_factory.mktemp("gaps")) as made:
        yield made


def gaps(ask: Any, *asker: str, **variables: Any) -> dict[str, list[str]]:
    """What each place lacks, by its code; all pages."""
    found: dict[str, list[str]] = {}
    after, more = None, True
    while more:
        page = ask(*asker, GAPS, variables | {"after": after})["responsibilityGaps"]
        found |= {node["place"]["code"]: node["missing"] for node in page["nodes"]}
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert page["totalCount"] >= len(found)
    return found


def test_the_newest_community_has_no_linked_social_worker_and_its_grids_nobody(ask: Ask) -> None:
    found = gaps(ask, "hub")
    query = f'{{ community(code: "{NEWEST}") {{ name grids {{ nodes {{ code }} }} }} }}'
    community = ask("hub", query)["community"]
    assert community["name"] == "东裕社区"
    assert found[NEWEST] == ["NO_LINKED_SOCIAL_WORKER"]
    grids = [grid["code"] for grid in community["grids"]["nodes"]]
    assert len(grids) > 1
    assert {code: found[code] for code in grids} == dict.fromkeys(grids, BOTH)


def test_the_covered_communities_and_their_grids_lack_nobody(ask: Ask) -> None:
    query = """{ stations(first: 2, where: { code: { in: ["350526100", "350526101"] } }) { nodes {
      communities(first: 100, reach: OWN, where: { kind: { eq: RESIDENTIAL } }) { nodes {
        code grids(first: 50) { nodes { code } } } } } } }"""
    stations = ask("hub", query)["stations"]["nodes"]
    communities = {node["code"]: node for station in stations for node in station["communities"]["nodes"]}
    assert len(communities) == 24
    del communities[NEWEST]
    covered = {*communities, *(grid["code"] for node in communities.values() for grid in node["grids"]["nodes"])}
    assert len(covered) > 23 + 23
    assert not covered & gaps(ask, "hub").keys()


def test_a_kind_picks_the_places_that_lack_it_and_shows_all_that_they_lack(ask: Ask) -> None:
    everything = gaps(ask, "hub")
    for kind in (*BOTH, "NO_LINKED_SOCIAL_WORKER"):
        expected = {code: missing for code, missing in everything.items() if kind in missing}
        assert expected
        assert gaps(ask, "hub", kind=kind) == expected


def test_within_a_place_are_those_of_its_subtree_and_within_what_is_not_seen_none(ask: Ask) -> None:
    community = ask("hub", f'{{ community(code: "{NEWEST}") {{ id }} }}')["community"]["id"]
    found = gaps(ask, "xunzhong", within=community)
    assert {code[:12] for code in found} == {NEWEST}
    assert len(found) == 3
    for nowhere in ("S1", "C999999999", "gibberish", "P1"):
        assert gaps(ask, "xunzhong", within=nowhere) == {}


def test_an_account_has_the_gaps_of_its_scope(ask: Ask) -> None:
    everything, own = gaps(ask, "hub"), gaps(ask, "xunzhong")
    assert own.items() <= everything.items()
    assert 0 < len(own) < len(everything)


def test_a_day_before_the_network_has_no_gaps(ask: Ask) -> None:
    assert gaps(ask, "hub", on="1999-12-31") == {}


def test_the_assignments_and_the_places_of_the_day_count(fresh_world: World) -> None:
    scene = Scene(fresh_world)
    hub = scene.writer(Role.ADMINISTRATOR, scene.here["H"])
    grid, worker = scene.here["G1"], scene.here["A1"]

    def missing(day: str | None) -> list[str]:
        nodes = hub.ask(GAPS, {"on": day, "within": grid})["responsibilityGaps"]["nodes"]
        assert {node["place"]["id"] for node in nodes} <= {grid}
        return [gap for node in nodes for gap in node["missing"]]

    # Since 2021 it exists and has somebody who answers for it; nobody is its grid worker.
    assert missing("2020-12-31") == []
    assert missing("2021-01-01") == ["NO_GRID_WORKER"]
    fresh_world.sql("UPDATE assignment SET valid_to = '2022-05-01' WHERE id = $1", key(worker))
    assert missing("2022-04-30") == ["NO_GRID_WORKER"]
    assert missing("2022-05-01") == BOTH
    assert missing(None) == BOTH
    payload = hub.write("closeGrid", id=grid, version=1, successorId=scene.here["G2"], on="2023-01-01")
    assert payload["errors"] == []
    assert missing("2022-12-31") == BOTH
    assert missing("2023-01-01") == missing(None) == []
