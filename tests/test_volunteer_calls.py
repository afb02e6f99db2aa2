"""Calls for volunteers: whom they match, who signs up, who came and for how long."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from models import Role
from server.embedded import Embedded
from tests.payloads import mutating, refusal
from tests.scene import Scene, World, Writing, world

CALL = """volunteerCall { id version title neededOn needed state nextStates place { id } skill { code }
  signUps { nodes { id version state } } matches { nodes { id } } }"""
OFFER = "signUp { id version state nextStates hours call { id } person { id volunteerHours } }"
PAST, AHEAD = "2024-05-01", "2099-05-01"


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("calls")) as made:
        yield made


@pytest.fixture
def scene(written: World) -> Scene:
    return written.scene()


@pytest.fixture
def manager(scene: Scene) -> Writing:
    return scene.writer(Role.MANAGER, scene.here["S"])


def write(writing: Writing, mutation: str, **given: Any) -> Any:
    selection = OFFER if "SignUp" in mutation or "signUp" in mutation else CALL
    query = mutating(mutation, f"{selection} errors {{ code path }}")
    return writing.ask(query, {"input": given})[mutation]


def call(writing: Writing, place: str, **given: Any) -> Any:
    """A new call as it is read."""
    given = {"title": "修灯", "neededOn": PAST, "needed": 2} | given
    payload = write(writing, "createVolunteerCall", placeId=place, **given)
    assert payload["errors"] == [], payload
    return payload["volunteerCall"]


def sign_up(writing: Writing, made: Any, person: str) -> Any:
    return write(writing, "signUpVolunteer", callId=made["id"], personId=person)


def settle(writing: Writing, offer: Any, state: str, **given: Any) -> Any:
    return write(writing, "settleSignUp", id=offer["id"], version=offer["version"], state=state, **given)


def read(writing: Writing, made: Any) -> Any:
    query = f"query ($id: ID!) {{ {CALL.replace('volunteerCall', 'volunteerCall(id: $id)', 1)} }}"
    return writing.ask(query, {"id": made["id"]})["volunteerCall"]


def matched(writing: Writing, made: Any) -> set[str]:
    return {person["id"] for person in read(writing, made)["matches"]["nodes"]}


def hire(writing: Writing, home: str, **given: Any) -> str:
    given = {"homeId": home, "kind": "VOLUNTEER", "name": "试用志愿者", "gender": "FEMALE"} | given
    query = "mutation ($input: CreatePersonInput!) { createPerson(input: $input) { person { id } } }"
    found: str = writing.ask(query, {"input": given})["createPerson"]["person"]["id"]
    return found


# -- calls ---------------------------------------------------------------------------------------------------------


def test_a_place_calls_for_volunteers(scene: Scene, manager: Writing) -> None:
    made = call(manager, scene.here["C1"], title=" 义诊  一天 ", skill="one", neededOn=AHEAD)
    assert made.pop("id").startswith("VC")
    assert made == {
        "version": 1,
        "title": "义诊 一天",
        "neededOn": AHEAD,
        "needed": 2,
        "state": "OPEN",
        "nextStates": ["FULFILLED", "CANCELLED"],
        "place": {"id": scene.here["C1"]},
        "skill": {"code": "one"},
        "signUps": {"nodes": []},
        "matches": {"nodes": [{"id": scene.here["P3"]}]},
    }


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"title": " "}, "INVALID", "title"),
        ({"title": "长" * 101}, "INVALID", "title"),
        ({"skill": "none"}, "NOT_FOUND", "skill"),
        ({"neededOn": "1899-12-31"}, "INVALID", "neededOn"),
        ({"needed": 0}, "INVALID", "needed"),
        ({"needed": 1001}, "INVALID", "needed"),
    ],
)
def test_a_call_that_cannot_be_is_refused_at_its_field(
    scene: Scene, manager: Writing, given: dict[str, Any], code: str, field: str
) -> None:
    usual = {"placeId": scene.here["C1"], "title": "修灯", "neededOn": PAST, "needed": 2}
    assert refusal(write(manager, "createVolunteerCall", **usual | given)) == (code, field)
    made = call(manager, scene.here["C1"])
    assert refusal(write(manager, "updateVolunteerCall", id=made["id"], version=1, **given)) == (code, field)


def test_a_call_is_changed_as_long_as_nobody_has_signed_up_for_what_it_was(scene: Scene, manager: Writing) -> None:
    made = call(manager, scene.here["C1"])
    given = {"skill": "one", "neededOn": "2024-06-01", "needed": 3}
    changed = write(manager, "updateVolunteerCall", id=made["id"], version=1, **given)["volunteerCall"]
    assert (changed["skill"], changed["neededOn"], changed["needed"]) == ({"code": "one"}, "2024-06-01", 3)
    offer = sign_up(manager, made, scene.here["P3"])["signUp"]
    row = {"id": made["id"], "version": 2}
    assert refusal(write(manager, "updateVolunteerCall", **row, skill=None)) == ("INVALID", "skill")
    later = write(manager, "updateVolunteerCall", **row, neededOn=PAST, needed=1)
    assert later["errors"] == []
    settle(manager, offer, "ABSENT")
    moved = write(manager, "updateVolunteerCall", id=made["id"], version=3, neededOn="2024-07-01")
    assert refusal(moved) == ("INVALID", "neededOn")
    assert write(manager, "updateVolunteerCall", id=made["id"], version=3, title="改名")["errors"] == []


def test_a_call_matches_volunteers_of_its_station_who_have_the_skill(scene: Scene, manager: Writing) -> None:
    here = scene.here
    beside, above = hire(manager, here["G3"], skills=["one"]), hire(manager, here["S"])
    elsewhere = hire(manager, here["C4"], skills=["one"])
    # P6 is retired, P1 no volunteer.
    assert matched(manager, call(manager, here["C1"])) == {here["P3"], here["P4"], beside}
    assert matched(manager, call(manager, here["C1"], skill="one")) == {here["P3"], beside}
    assert matched(manager, call(manager, here["C4"], skill="one")) == {elsewhere}
    # A station that leads a zone looks in all of it.
    made = call(manager, here["S"])
    assert matched(manager, made) == {here["P3"], here["P4"], beside, above, elsewhere}
    worker = scene.writer(Role.WORKER, here["C1"])
    assert matched(worker, call(manager, here["C1"])) == {here["P3"], here["P4"]}


def test_who_serves_here_alone_matches_no_call(scene: Scene, manager: Writing) -> None:
    here = scene.here
    stranger = hire(manager, here["C2"])
    query = "mutation ($input: AssignPersonInput!) { assignPerson(input: $input) { errors { code } } }"
    given = {"personId": stranger, "placeId": here["G1"], "duty": "GRID_ASSISTANT", "validFrom": "2024-01-01"}
    assert manager.ask(query, {"input": given})["assignPerson"]["errors"] == []
    worker = scene.writer(Role.WORKER, here["C1"])
    made = call(worker, here["C1"])
    assert matched(worker, made) == {here["P3"], here["P4"]}
    assert stranger in matched(manager, made)
    # Who is seen may sign up nevertheless.
    assert sign_up(worker, made, stranger)["errors"] == []


def test_who_has_signed_up_matches_again_only_after_withdrawing(scene: Scene, manager: Writing) -> None:
    here = scene.here
    made = call(manager, here["C1"], skill="one")
    offer = sign_up(manager, made, here["P3"])["signUp"]
    assert matched(manager, made) == set()
    settle(manager, offer, "WITHDRAWN")
    assert matched(manager, made) == {here["P3"]}


def test_calls_are_found_by_state_skill_and_day(scene: Scene, manager: Writing) -> None:
    here = scene.here
    skilled, ahead = call(manager, here["C1"], skill="one"), call(manager, here["C2"], neededOn=AHEAD)
    query = "query ($where: VolunteerCallFilter) { volunteerCalls(where: $where) { nodes { id } } }"

    def found(**where: Any) -> set[str]:
        return {row["id"] for row in manager.ask(query, {"where": where})["volunteerCalls"]["nodes"]}

    assert found(skill={"eq": "one"}) == {skilled["id"]}
    assert found(neededOn={"gt": "2098-01-01"}) == {ahead["id"]}
    assert found(within=here["C2"]) == {ahead["id"]}
    write(manager, "advanceVolunteerCall", id=ahead["id"], version=1, state="CANCELLED")
    assert found(state={"eq": "CANCELLED"}) == {ahead["id"]}


# -- sign-ups ------------------------------------------------------------------------------------------------------


def test_no_more_sign_up_than_are_needed(scene: Scene, manager: Writing) -> None:
    here = scene.here
    made = call(manager, here["C1"], needed=1)
    offer = sign_up(manager, made, here["P3"])["signUp"]
    assert offer == {
        "id": offer["id"],
        "version": 1,
        "state": "SIGNED_UP",
        "nextStates": ["ATTENDED", "ABSENT", "WITHDRAWN"],
        "hours": None,
        "call": {"id": made["id"]},
        "person": {"id": here["P3"], "volunteerHours": "0.00"},
    }
    assert refusal(sign_up(manager, made, here["P3"])) == ("TAKEN", "personId")
    assert refusal(sign_up(manager, made, here["P4"])) == ("INVALID", "callId")
    fewer = write(manager, "updateVolunteerCall", id=made["id"], version=1, needed=2)
    assert fewer["errors"] == []
    assert sign_up(manager, made, here["P4"])["errors"] == []
    less = write(manager, "updateVolunteerCall", id=made["id"], version=2, needed=1)
    assert refusal(less) == ("INVALID", "needed")


def test_who_has_withdrawn_comes_after_all_if_there_is_room(scene: Scene, manager: Writing) -> None:
    here = scene.here
    made = call(manager, here["C1"], needed=1)
    first = sign_up(manager, made, here["P3"])["signUp"]
    gone = settle(manager, first, "WITHDRAWN")["signUp"]
    assert (gone["state"], gone["nextStates"], gone["version"]) == ("WITHDRAWN", ["SIGNED_UP"], 2)
    second = sign_up(manager, made, here["P4"])["signUp"]
    assert refusal(sign_up(manager, made, here["P3"])) == ("INVALID", "callId")
    assert refusal(settle(manager, gone, "SIGNED_UP")) == ("INVALID", "state")
    settle(manager, second, "WITHDRAWN")
    again = sign_up(manager, made, here["P3"])["signUp"]
    assert (again["id"], again["state"], again["version"]) == (first["id"], "SIGNED_UP", 3)


def test_the_last_place_goes_to_one_of_two_at_once(scene: Scene, manager: Writing) -> None:
    here = scene.here
    made = call(manager, here["C1"], needed=1)
    query = "mutation ($input: SignUpVolunteerInput!) { signUpVolunteer(input: $input) { errors { code } } }"

    def attempt(person: str) -> list[Any]:
        answer = manager.post(query, {"input": {"callId": made["id"], "personId": person}}).json()
        found: list[Any] = answer["data"]["signUpVolunteer"]["errors"]
        return found

    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(attempt, (here["P3"], here["P4"])))
    assert sorted(answers, key=len) == [[], [{"code": "INVALID"}]]


def test_who_may_not_come_is_refused(scene: Scene, manager: Writing) -> None:
    here = scene.here
    made, skilled = call(manager, here["C1"]), call(manager, here["C1"], skill="one")
    assert refusal(sign_up(manager, made, here["P1"])) == ("INVALID", "personId")
    assert refusal(sign_up(manager, made, here["P6"])) == ("INVALID", "personId")
    assert refusal(sign_up(manager, skilled, here["P4"])) == ("INVALID", "personId")
    assert refusal(sign_up(manager, made, scene.there["P4"])) == ("NOT_FOUND", "personId")
    assert sign_up(manager, skilled, here["P3"])["errors"] == []


def test_who_came_gave_hours_that_add_up(scene: Scene, manager: Writing) -> None:
    here = scene.here
    for hours in ("2.5", "0.75"):
        offer = sign_up(manager, call(manager, here["C1"]), here["P4"])["signUp"]
        came = settle(manager, offer, "ATTENDED", hours=hours)["signUp"]
    assert came == offer | {
        "version": 2,
        "state": "ATTENDED",
        "nextStates": [],
        "hours": "0.75",
        "person": {"id": here["P4"], "volunteerHours": "3.25"},
    }
    assert refusal(settle(manager, came, "ABSENT")) == ("WRONG_STATE", "id")


@pytest.mark.parametrize("hours", [None, "0", "-1", "24.01", "1.005", "NaN", "Infinity", "1e-9"])
def test_hours_that_cannot_be_are_refused(scene: Scene, manager: Writing, hours: str | None) -> None:
    offer = sign_up(manager, call(manager, scene.here["C1"]), scene.here["P4"])["signUp"]
    assert refusal(settle(manager, offer, "ATTENDED", hours=hours)) == ("INVALID", "hours")


def test_nobody_comes_before_the_day_and_who_did_not_come_gave_no_hours(scene: Scene, manager: Writing) -> None:
    here = scene.here
    ahead = sign_up(manager, call(manager, here["C1"], neededOn=AHEAD), here["P4"])["signUp"]
    assert refusal(settle(manager, ahead, "ATTENDED", hours="1")) == ("INVALID", "state")
    offer = sign_up(manager, call(manager, here["C1"]), here["P4"])["signUp"]
    assert refusal(settle(manager, offer, "ABSENT", hours="1")) == ("INVALID", "hours")
    assert settle(manager, offer, "ABSENT")["signUp"]["nextStates"] == []


def test_cancelling_a_call_withdraws_who_has_signed_up(scene: Scene, manager: Writing) -> None:
    here = scene.here
    made = call(manager, here["C1"])
    absent = sign_up(manager, made, here["P3"])["signUp"]
    settle(manager, absent, "ABSENT")
    offer = sign_up(manager, made, here["P4"])["signUp"]
    given = {"id": made["id"], "version": 1, "state": "CANCELLED"}
    cancelled = write(manager, "advanceVolunteerCall", **given)["volunteerCall"]
    assert (cancelled["state"], cancelled["nextStates"]) == ("CANCELLED", [])
    assert cancelled["signUps"]["nodes"] == [
        {"id": absent["id"], "version": 2, "state": "ABSENT"},
        {"id": offer["id"], "version": 2, "state": "WITHDRAWN"},
    ]
    assert refusal(sign_up(manager, made, hire(manager, here["C1"]))) == ("WRONG_STATE", "callId")
    assert refusal(settle(manager, {"id": offer["id"], "version": 2}, "SIGNED_UP")) == ("WRONG_STATE", "state")
    again = write(manager, "advanceVolunteerCall", **given | {"version": 2, "state": "FULFILLED"})
    assert refusal(again) == ("WRONG_STATE", "id")


def test_a_fulfilled_call_is_still_settled(scene: Scene, manager: Writing) -> None:
    here = scene.here
    made = call(manager, here["C1"])
    offer = sign_up(manager, made, here["P4"])["signUp"]
    given = {"id": made["id"], "version": 1, "state": "FULFILLED"}
    assert write(manager, "advanceVolunteerCall", **given)["errors"] == []
    assert settle(manager, offer, "ATTENDED", hours="24")["signUp"]["hours"] == "24.00"
