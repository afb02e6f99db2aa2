"""A move is told beforehand: whether it may be done, as the mutation itself will say; what goes along; who sees it."""

from collections.abc import Iterator
from typing import Any

import pytest

from models import Role
from server.embedded import Embedded
from tests.conftest import Ask
from tests.scene import Scene, World, key, relocate, world

PREVIEW = """
query ($id: ID!, $parentId: ID!) { previewMove(id: $id, parentId: $parentId) {
  allowed reason place { id } from { id } to { id }
  stations communities grids personnel assignments volunteerTeams accounts grants
  lose { totalCount nodes { account { id } grant { id role place { id } } } }
  gain { totalCount nodes { account { id } grant { id role place { id } } } }
} }
"""
FRAME = "query ($id: ID!, $parentId: ID!) { previewMove(id: $id, parentId: $parentId) { allowed reason } }"
NOUNS = {"S": "Station", "C": "Community", "G": "Grid"}
TOLD = {
    "NOT_FOUND": ("NOT_FOUND", "id"),
    "PARENT_NOT_FOUND": ("NOT_FOUND", "parentId"),
    "CLOSED": ("INVALID", "id"),
    "PARENT_CLOSED": ("INVALID", "parentId"),
    "ALREADY_THERE": ("INVALID", "parentId"),
    "CYCLE": ("INVALID", "parentId"),
    "WRONG_LEVEL": ("INVALID", "parentId"),
}
"""How the mutation refuses what the preview has a reason against."""


@pytest.fixture(scope="module")
def fresh_world(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own, to write in."""
    with world(embedded, tmp_path_factory.mktemp("preview")) as made:
        yield made


def preview(asker: Any, id_: str, parent: str, query: str = PREVIEW) -> Any:
    return asker.ask(query, {"id": id_, "parentId": parent})["previewMove"]


@pytest.mark.parametrize("role", [Role.WORKER, Role.MANAGER, Role.ADMINISTRATOR])
@pytest.mark.parametrize("at", ["H", "S", "B1"])
def test_it_says_what_the_move_says(fresh_world: World, role: Role, at: str) -> None:
    scene = Scene(fresh_world)
    asker = scene.writer(role, scene.here[at])
    here, there = scene.here, scene.there
    fresh_world.sql("UPDATE community SET closed_on = '2024-01-01' WHERE id = $1", here.key("C4"))
    fresh_world.sql("UPDATE grid SET closed_on = '2024-01-01' WHERE id = $1", here.key("G3"))
    places = [here[name] for name in ("H", "S", "B1", "B2", "C1", "C2", "C4", "G1", "G3", "G4")]
    parents = [*places, there["S"], there["C1"], "S999999999", "gibberish", here["P1"]]
    reasons = set()
    for id_ in [*places, there["B1"], "G999999999"]:
        for parent in parents:
            told = preview(asker, id_, parent, FRAME)
            reasons.add(told["reason"])
            assert told["allowed"] == (told["reason"] is None)
            name = f"move{NOUNS[id_[0]]}"
            mutation = f"""mutation ($input: Move{NOUNS[id_[0]]}Input!) {{
              {name}(input: $input) {{ errors {{ code path }} }} }}"""
            version = fresh_world.value(
                f"SELECT version FROM {NOUNS[id_[0]].lower()} WHERE id = $1",
                key(id_),
            )
            given = {"id": id_, "version": version or 1, "parentId": parent}
            answer = asker.post(mutation, {"input": given}).json()
            if answer["data"][name] is None:
                # The operation is forbidden as a whole, whatever its ids are.
                assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
                assert told["reason"] in ("PERMISSION_MISSING", "NOT_FOUND"), (id_, parent)
                continue
            errors = [(error["code"], error["path"][-1]) for error in answer["data"][name]["errors"]]
            if told["reason"] is None:
                assert errors == [], (id_, parent)
                # Its parent may be closed, so that only SQL takes it back.
                fresh_world.run(relocate(fresh_world.connection, id_, parent_of(scene, id_)))
            elif told["reason"] == "ROOT":
                assert errors, (id_, parent)
            else:
                assert errors == [TOLD[told["reason"]]], (id_, parent, told)
    if (role, at) == (Role.ADMINISTRATOR, "H"):
        assert reasons == {None, "ROOT", *TOLD}
    if role is Role.WORKER:
        assert reasons == {"PERMISSION_MISSING", "NOT_FOUND"}


def parent_of(scene: Scene, id_: str) -> str:
    """Where a place of a fresh scene hangs."""
    above = {"B1": "S", "B2": "S", "C1": "B1", "C2": "B1", "G1": "C1", "G4": "C4"}
    return next(zone[above[name]] for zone in scene.zones if (name := zone.name(id_)) in above)


def test_what_goes_along_is_counted_and_nothing_moves(fresh_world: World) -> None:
    scene = Scene(fresh_world)
    hub = scene.writer(Role.ADMINISTRATOR, scene.here["H"])
    before = fresh_world.digest()
    told = preview(hub, scene.here["B1"], scene.there["S"])
    assert fresh_world.changed(before) == []
    assert told["allowed"]
    assert (told["place"]["id"], told["from"]["id"], told["to"]["id"]) == (
        scene.here["B1"],
        scene.here["S"],
        scene.there["S"],
    )
    counts = ("stations", "communities", "grids", "personnel", "assignments", "volunteerTeams", "accounts", "grants")
    assert [told[name] for name in counts] == [1, 2, 3, 6, 2, 1, 3, 2]
    # What has ended does not go along as if it held.
    fresh_world.sql("UPDATE assignment SET valid_to = current_date WHERE id = $1", scene.here.key("A1"))
    fresh_world.sql("UPDATE account_grant SET valid_to = now() WHERE id = $1", scene.here.key("R1"))
    told = preview(hub, scene.here["B1"], scene.there["S"])
    assert (told["assignments"], told["grants"]) == (1, 1)


def test_who_loses_and_gains_sight_is_who_does(fresh_world: World) -> None:
    scene = Scene(fresh_world)
    hub = scene.writer(Role.ADMINISTRATOR, scene.here["H"])
    watchers = {
        name: scene.writer(Role.OBSERVER, place)
        for name, place in (
            ("hub", scene.here["H"]),
            ("old", scene.here["S"]),
            ("new", scene.there["S"]),
            ("beside", scene.there["B1"]),
            ("inside", scene.here["C1"]),
        )
    }
    disabled = scene.writer(Role.OBSERVER, scene.there["S"])
    fresh_world.sql("UPDATE account SET disabled_at = now() WHERE id = $1", disabled.account_id)
    ended = scene.writer(Role.OBSERVER, scene.here["S"])
    fresh_world.sql("UPDATE account_grant SET valid_to = now() WHERE account_id = $1", ended.account_id)

    def seen() -> set[str]:
        query, variables = "query ($id: ID!) { node(id: $id) { id } }", {"id": scene.here["B1"]}
        return {name for name, watcher in watchers.items() if watcher.ask(query, variables)["node"]}

    told, before = preview(hub, scene.here["B1"], scene.there["S"]), seen()
    changes = {
        side: [(node["account"]["id"], node["grant"]["place"]["id"]) for node in told[side]["nodes"]]
        for side in ("lose", "gain")
    }
    assert changes == {
        "lose": [(f"U{watchers['old'].account_id}", scene.here["S"])],
        "gain": [(f"U{watchers['new'].account_id}", scene.there["S"])],
    }
    assert (told["lose"]["totalCount"], told["gain"]["totalCount"]) == (1, 1)
    payload = hub.write("moveStation", id=scene.here["B1"], version=1, parentId=scene.there["S"])
    assert payload["errors"] == []
    assert before - seen() == {"old"}
    assert seen() - before == {"new"}


def test_accounts_above_the_asker_are_not_among_them(fresh_world: World) -> None:
    scene = Scene(fresh_world)
    scene.writer(Role.MANAGER, scene.here["H"])
    own = scene.writer(Role.ADMINISTRATOR, scene.here["S"])
    told = preview(own, scene.here["C1"], scene.here["B2"])
    assert told["allowed"]
    assert (told["lose"]["totalCount"], told["gain"]["totalCount"]) == (0, 0)
    station = scene.writer(Role.OBSERVER, scene.here["B1"])
    told = preview(own, scene.here["C1"], scene.here["B2"])
    assert [node["account"]["id"] for node in told["lose"]["nodes"]] == [f"U{station.account_id}"]


def test_a_move_that_is_not_allowed_changes_nobodys_sight(fresh_world: World) -> None:
    scene = Scene(fresh_world)
    hub = scene.writer(Role.ADMINISTRATOR, scene.here["H"])
    scene.writer(Role.OBSERVER, scene.here["S"])
    told = preview(hub, scene.here["B1"], scene.there["B2"])
    assert (told["reason"], told["lose"]["totalCount"], told["gain"]["totalCount"]) == ("WRONG_LEVEL", 0, 0)


def test_what_is_not_seen_is_not_there(ask: Ask) -> None:
    station = ask("nancheng", "{ viewer { scope { id } } }")["viewer"]["scope"]["id"]
    answers = []
    for id_ in ("S2", "S999999999", "gibberish", ""):
        answers.append(ask("nancheng", PREVIEW, {"id": id_, "parentId": station})["previewMove"])
        answers.append(ask("nancheng", PREVIEW, {"id": id_, "parentId": id_})["previewMove"])
    assert {answer["reason"] for answer in answers} == {"NOT_FOUND"}
    assert all(answer["place"] is answer["from"] is None and answer["personnel"] == 0 for answer in answers)
    assert all(answer == answers[0] for answer in answers[::2])
    assert all(answer == answers[1] for answer in answers[1::2])


def test_who_may_not_read_accounts_gets_the_frame_alone(ask: Ask, post: Ask) -> None:
    assert ask("hub-observer", FRAME, {"id": "S8", "parentId": "S2"})["previewMove"]["reason"] == "PERMISSION_MISSING"
    answer = post("hub-observer", PREVIEW, {"id": "S8", "parentId": "S2"}).json()
    assert answer["data"] == {"previewMove": None}
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
