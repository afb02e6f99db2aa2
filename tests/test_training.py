"""Training events are planned, people register, and who came is noted once they were held."""

from collections.abc import Iterator
from typing import Any

import pytest

from models import Role
from server.embedded import Embedded
from tests.scene import World, key, world
from tests.talent import County

TOMORROW = "SELECT ((now() AT TIME ZONE 'Asia/Shanghai')::date + 1)::text"
EVENT = {"kind": "SALON", "title": "社工沙龙", "heldOn": "2024-05-01"}


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("training")) as made:
        yield made


@pytest.fixture
def county(written: World) -> County:
    return County(written)


def plan(county: County, **given: Any) -> Any:
    return county.done("createTrainingEvent", placeId=county.here["C1"], **EVENT | given)


def test_an_event_is_planned_at_a_place(county: County) -> None:
    given = {"title": " 老年 社会工作\n讲座 ", "kind": "LECTURE", "speaker": "某教授", "capacity": 30}
    event = plan(county, venueId=county.here["VE1"], **given)
    assert event.pop("id").startswith("TE")
    assert event == {
        "version": 1,
        "kind": "LECTURE",
        "title": "老年 社会工作 讲座",
        "heldOn": "2024-05-01",
        "speaker": "某教授",
        "capacity": 30,
        "state": "PLANNED",
        "nextStates": ["HELD", "CANCELLED"],
        "attended": 0,
        "venue": {"id": county.here["VE1"]},
        "place": {"id": county.here["C1"]},
        "attendances": {"totalCount": 0},
        "can": {"update": True, "advance": True, "register": True},
    }


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "长" * 101}, "title"),
        ({"speaker": ""}, "speaker"),
        ({"speaker": "长" * 51}, "speaker"),
        ({"capacity": 0}, "capacity"),
        ({"heldOn": "1899-12-31"}, "heldOn"),
    ],
)
def test_an_event_that_cannot_be_is_refused_at_its_field(county: County, given: dict[str, Any], field: str) -> None:
    whole = {"placeId": county.here["C1"]} | EVENT | given
    assert county.refused("createTrainingEvent", **whole) == ("INVALID", field)
    assert county.refused("updateTrainingEvent", id=county.here["TE1"], version=1, **given) == ("INVALID", field)


@pytest.mark.parametrize("field", ["kind", "title", "heldOn"])
def test_what_an_event_must_have_is_not_cleared(county: County, field: str) -> None:
    given = {"id": county.here["TE1"], "version": 1, field: None}
    assert county.refused("updateTrainingEvent", **given) == ("INVALID", field)


def test_a_venue_must_be_in_scope_and_open(county: County) -> None:
    elsewhere = {"placeId": county.here["C1"], "venueId": county.there["VE1"], **EVENT}
    assert county.refused("createTrainingEvent", **elsewhere) == ("NOT_FOUND", "venueId")
    county.world.sql("UPDATE venue SET closed_on = '2024-01-01' WHERE id = $1", county.here.key("VE1"))
    closed = {"id": county.here["TE1"], "version": 1, "venueId": county.here["VE1"]}
    assert county.refused("updateTrainingEvent", **closed) == ("INVALID", "venueId")


def test_a_planned_event_is_changed_as_far_as_is_said(county: County) -> None:
    event = plan(county, speaker="某教授", capacity=5, venueId=county.here["VE1"])
    change = {"title": "改题", "kind": "LECTURE", "heldOn": "2024-06-01"}
    changed = county.done("updateTrainingEvent", county.manager, id=event["id"], version=1, **change)
    assert changed == event | change | {"version": 2}
    cleared = {"speaker": None, "capacity": None, "venueId": None}
    bare = county.done("updateTrainingEvent", id=event["id"], version=2, **cleared)
    assert bare == changed | {"speaker": None, "capacity": None, "venue": None, "version": 3}


def test_an_event_is_held_on_its_day_at_the_earliest(county: County) -> None:
    event = plan(county, heldOn=county.world.value(TOMORROW))
    early = {"id": event["id"], "version": 1, "state": "HELD"}
    assert county.refused("advanceTrainingEvent", **early) == ("INVALID", "state")
    cancelled = county.done("advanceTrainingEvent", **early | {"state": "CANCELLED"})
    assert (cancelled["state"], cancelled["nextStates"]) == ("CANCELLED", [])
    held = county.done("advanceTrainingEvent", id=plan(county)["id"], version=1, state="HELD")
    assert held["state"] == "HELD"


@pytest.mark.parametrize("state", ["HELD", "CANCELLED"])
def test_what_is_over_is_not_changed_any_more(county: County, state: str) -> None:
    event = county.done("advanceTrainingEvent", id=plan(county)["id"], version=1, state=state)
    row = {"id": event["id"], "version": 2}
    assert event["can"] == {"update": False, "advance": False, "register": False}
    assert county.refused("updateTrainingEvent", **row, title="改题") == ("WRONG_STATE", "id")
    for to in ("PLANNED", "HELD", "CANCELLED"):
        assert county.refused("advanceTrainingEvent", **row, state=to) == ("WRONG_STATE", "id")
    late = {"eventId": event["id"], "personId": county.here["P4"]}
    assert county.refused("registerAttendance", **late) == ("WRONG_STATE", "eventId")


# -- attendance ----------------------------------------------------------------------------------------------------


def test_somebody_registers_and_it_is_noted_whether_they_came(county: County) -> None:
    event = plan(county)
    attendance = county.done("registerAttendance", eventId=event["id"], personId=county.here["P4"])
    assert attendance | {"id": ""} == {
        "id": "",
        "version": 1,
        "state": "REGISTERED",
        "nextStates": ["ATTENDED", "ABSENT"],
        "event": {"id": event["id"]},
        "person": {"id": county.here["P4"]},
        "place": {"id": county.here["C1"]},
        "can": {"settle": False},
    }
    row = {"id": attendance["id"], "version": 1, "state": "ATTENDED"}
    assert county.refused("settleAttendance", **row) == ("WRONG_STATE", "id")
    county.done("advanceTrainingEvent", id=event["id"], version=1, state="HELD")
    came = county.done("settleAttendance", county.manager, **row)
    assert came == attendance | {"state": "ATTENDED", "version": 2, "nextStates": ["ABSENT"], "can": {"settle": True}}
    assert attended(county, event) == 1
    assert county.refused("settleAttendance", **row | {"version": 2}) == ("WRONG_STATE", "state")
    # A mistake is put right.
    county.done("settleAttendance", id=attendance["id"], version=2, state="ABSENT")
    assert attended(county, event) == 0


def attended(county: County, event: Any) -> Any:
    query = "query ($id: ID!) { trainingEvent(id: $id) { attended } }"
    return county.manager.ask(query, {"id": event["id"]})["trainingEvent"]["attended"]


def test_nobody_registers_twice(county: County) -> None:
    given = {"eventId": plan(county)["id"], "personId": county.here["P4"]}
    county.done("registerAttendance", **given)
    assert county.refused("registerAttendance", **given) == ("TAKEN", "personId")


def test_who_is_retired_or_not_seen_does_not_register(county: County) -> None:
    event = plan(county)["id"]
    assert county.refused("registerAttendance", eventId=event, personId=county.here["P6"]) == ("INVALID", "personId")
    stranger = county.there["P4"]
    assert county.refused("registerAttendance", eventId=event, personId=stranger) == ("NOT_FOUND", "personId")
    # Who serves here is seen, wherever they are at home.
    county.scene.writer(Role.ADMINISTRATOR, county.here["H"]).ask(
        "mutation ($input: AssignPersonInput!) { assignPerson(input: $input) { errors { code } } }",
        {
            "input": {
                "personId": stranger,
                "placeId": county.here["G1"],
                "duty": "GRID_WORKER",
                "validFrom": "2024-01-01",
            }
        },
    )
    assert county.done("registerAttendance", eventId=event, personId=stranger)["person"] == {"id": stranger}


def test_there_is_no_more_room_than_there_is(county: County) -> None:
    event = plan(county, capacity=1)
    county.done("registerAttendance", eventId=event["id"], personId=county.here["P1"])
    full = {"eventId": event["id"], "personId": county.here["P4"]}
    assert county.refused("registerAttendance", **full) == ("WRONG_STATE", "eventId")
    row = {"id": event["id"], "version": 1}
    wider = county.done("updateTrainingEvent", **row, capacity=2)
    assert wider["can"]["register"]
    county.done("registerAttendance", **full)
    assert county.refused("updateTrainingEvent", id=event["id"], version=2, capacity=1) == ("INVALID", "capacity")


def test_of_two_who_register_at_once_one_gets_the_last_place(county: County) -> None:
    event = plan(county, capacity=1)
    locked = f"SELECT FROM training_event WHERE id = {key(event['id'])} FOR UPDATE"
    given = [{"eventId": event["id"], "personId": county.here[person]} for person in ("P1", "P4")]
    assert county.at_once(locked, "registerAttendance", *given) == [[], ["WRONG_STATE"]]


def test_who_only_counts_reads_no_speaker(county: County) -> None:
    observer = county.scene.writer(Role.OBSERVER, county.here["S"])
    query = "{ trainingEvents { nodes { title attended speaker } } }"
    answer = observer.post(query).json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    seen = observer.ask("{ trainingEvents { nodes { title attended } } }")["trainingEvents"]["nodes"]
    # The latest first.
    assert seen == [{"title": "讲座", "attended": 0}, {"title": "沙龙", "attended": 1}]
