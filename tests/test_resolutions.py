"""What a consultation resolves is a task of a place: that works on it, also after the consultation is over."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from models import Role
from resolvers.core.states import MACHINES
from server.embedded import Embedded
from tests.consulting import Meeting, attempt, done, refused
from tests.scene import World, fresh, key, world

STATES = [state.value for state in MACHINES["resolution"].edges]
SETTLED = ("DONE", "CANCELLED")
LISTED = """query ($where: ResolutionFilter, $orderBy: [ResolutionOrder!]) {
  resolutions(where: $where, orderBy: $orderBy) { totalCount nodes { id } } }"""


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("resolutions")) as made:
        yield made


@pytest.fixture
def meeting(written: World) -> Meeting:
    """A consultation that was called."""
    return Meeting(written)


def listed(writing: Any, *order_by: dict[str, str], **where: Any) -> list[str]:
    """The resolutions that a filter leaves, in an order."""
    found = writing.ask(LISTED, {"where": where, "orderBy": list(order_by)})["resolutions"]
    assert found["totalCount"] == len(found["nodes"])
    return [node["id"] for node in found["nodes"]]


def today(meeting: Meeting) -> date:
    day: date = meeting.world.value("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date")
    return day


def test_a_resolution_is_given_to_a_place_also_out_of_scope(meeting: Meeting) -> None:
    made = meeting.resolve(" 每周  探访 ")
    assert made == {
        "id": made["id"],
        "version": 1,
        "title": "每周 探访",
        "toName": meeting.name,
        "dueOn": "2035-06-01",
        "overdue": False,
        "state": "OPEN",
        "nextStates": ["IN_PROGRESS", "DONE", "CANCELLED"],
        "outcome": None,
        "doneOn": None,
        "owner": None,
        "consultation": {"id": meeting.id},
        "place": {"id": meeting.here["C1"]},
        "can": {"advance": True},
    }
    own = meeting.resolve(toId=meeting.here["C1"])
    assert own["owner"] == {"id": meeting.here["C1"]}


def test_a_resolution_that_cannot_be_is_refused_at_its_field(meeting: Meeting) -> None:
    valid = {"consultationId": meeting.id, "title": "探访", "dueOn": "2035-06-01", "toCode": meeting.code}

    def says(**given: Any) -> tuple[str, str]:
        return refused(meeting.convenor, "addResolution", **(valid | given))

    assert says(title="") == ("INVALID", "title")
    assert says(title="长" * 101) == ("INVALID", "title")
    assert says(dueOn="1899-01-01") == ("INVALID", "dueOn")
    assert says(toId=meeting.here["C1"]) == ("INVALID", "toId")
    assert says(toCode=None) == ("INVALID", "toId")
    assert says(toCode=fresh()) == ("NOT_FOUND", "toCode")
    assert says(toCode=None, toId=meeting.there["C2"]) == ("NOT_FOUND", "toId")
    assert says(consultationId=meeting.there["CO1"]) == ("NOT_FOUND", "consultationId")
    meeting.close()
    assert says() == ("WRONG_STATE", "consultationId")


def test_the_place_that_has_it_to_do_works_on_it_and_the_convenor_can_only_take_it_back(meeting: Meeting) -> None:
    made, other = meeting.resolve(), meeting.resolve()
    given = {"id": made["id"], "version": 1}
    for state in ("IN_PROGRESS", "DONE"):
        assert refused(meeting.convenor, "advanceResolution", **given, state=state) == ("FORBIDDEN", "state")
    assert refused(meeting.guest, "advanceResolution", **given, state="CANCELLED") == ("FORBIDDEN", "state")
    begun = done(meeting.guest, "advanceResolution", **given, state="IN_PROGRESS")
    assert (begun["state"], begun["outcome"], begun["doneOn"]) == ("IN_PROGRESS", None, None)
    finished = done(
        meeting.guest, "advanceResolution", id=made["id"], version=2, state="DONE", outcome=" 已探访\n 四次 "
    )
    assert finished == made | {
        "version": 3,
        "state": "DONE",
        "nextStates": [],
        "outcome": "已探访\n四次",
        "doneOn": today(meeting).isoformat(),
        "owner": {"id": meeting.there["C2"]},
        # The task does not lead to the consultation for who is not invited, nor to the place.
        "consultation": None,
        "place": None,
        "can": {"advance": False},
    }
    given = {"id": other["id"], "version": 1, "state": "CANCELLED", "outcome": "另行安排"}
    cancelled = done(meeting.convenor, "advanceResolution", **given)
    assert (cancelled["state"], cancelled["doneOn"], cancelled["outcome"]) == ("CANCELLED", None, "另行安排")


@pytest.mark.parametrize("to", STATES)
@pytest.mark.parametrize("state", STATES)
def test_a_resolution_only_goes_where_its_states_lead_for_who_has_both_ends(
    meeting: Meeting, state: str, to: str
) -> None:
    made = meeting.resolve()
    done_on = date(2024, 1, 1) if state == "DONE" else None
    meeting.world.sql("UPDATE resolution SET state = $2, done_on = $3 WHERE id = $1", key(made["id"]), state, done_on)
    hub = meeting.scene.writer(Role.WORKER, meeting.here["H"])
    given = {"id": made["id"], "version": 1, "state": to}
    following = {"OPEN": ("IN_PROGRESS", "DONE", "CANCELLED"), "IN_PROGRESS": ("DONE", "CANCELLED")}.get(state, ())
    if to in following:
        row = done(hub, "advanceResolution", **given)
        assert (row["state"], row["doneOn"] is not None) == (to, to == "DONE")
    else:
        field = "id" if state in SETTLED else "state"
        assert refused(hub, "advanceResolution", **given) == ("WRONG_STATE", field)


def test_a_place_goes_on_with_its_own_after_the_consultation_is_over(meeting: Meeting) -> None:
    meeting.invite()
    mine, others = meeting.resolve(), meeting.resolve(toId=meeting.here["C1"])
    baseline = meeting.there["RS1"]
    assert set(listed(meeting.guest)) == {mine["id"], others["id"], baseline}
    given = {"id": others["id"], "version": 1, "state": "DONE"}
    assert refused(meeting.guest, "advanceResolution", **given) == ("NOT_FOUND", "id")
    meeting.close()
    assert set(listed(meeting.guest)) == {mine["id"], baseline}
    row = done(meeting.guest, "advanceResolution", id=mine["id"], version=1, state="DONE", outcome="已完成。")
    assert (row["state"], row["consultation"]) == ("DONE", None)
    assert row["id"] in listed(meeting.convenor)
    again = {"id": mine["id"], "version": 2, "state": "DONE"}
    assert refused(meeting.guest, "advanceResolution", **again) == ("WRONG_STATE", "id")
    late = {"id": others["id"], "version": 1, "state": "CANCELLED"}
    assert done(meeting.convenor, "advanceResolution", **late)["state"] == "CANCELLED"


def test_who_neither_called_nor_has_it_to_do_changes_nothing(meeting: Meeting) -> None:
    made = meeting.resolve()
    neighbour = meeting.scene.writer(Role.MANAGER, meeting.there["C1"])
    given = {"id": made["id"], "version": 1, "state": "DONE"}
    assert refused(neighbour, "advanceResolution", **given) == ("NOT_FOUND", "id")
    done(meeting.guest, "advanceResolution", **given)
    row, errors = attempt(meeting.guest, "advanceResolution", **given)
    assert (row["version"], errors) == (2, [("CONFLICT", "version")])


def test_what_is_overdue_is_found(meeting: Meeting) -> None:
    late, due, late_and_done = (meeting.resolve() for _ in range(3))
    for row, days in ((late, 1), (due, 0), (late_and_done, 9)):
        sql = "UPDATE resolution SET due_on = $2 WHERE id = $1"
        meeting.world.sql(sql, key(row["id"]), today(meeting) - timedelta(days=days))
    done(meeting.guest, "advanceResolution", id=late_and_done["id"], version=1, state="DONE")
    assert listed(meeting.guest, overdue=True) == [late["id"]]
    assert listed(meeting.convenor, overdue=True) == [late["id"]]
    consulted = {"consultation": {"eq": meeting.id}}
    assert listed(meeting.convenor, overdue=False, **consulted) == [late_and_done["id"], due["id"]]
    assert listed(meeting.convenor, state={"eq": "DONE"}, **consulted) == [late_and_done["id"]]
    assert listed(meeting.convenor, {"field": "DUE_ON", "direction": "DESC"}, **consulted) == [
        due["id"],
        late["id"],
        late_and_done["id"],
    ]


def test_what_is_out_of_scope_is_not_found_by_naming_it_in_a_filter(meeting: Meeting) -> None:
    mine = meeting.resolve()
    assert listed(meeting.guest, consultation={"eq": meeting.id}) == []
    assert listed(meeting.convenor, owner={"eq": meeting.there["C2"]}) == []
    assert listed(meeting.guest, owner={"in": [meeting.there["C2"]]}) == [meeting.there["RS1"], mine["id"]]
    # Where it comes from is the convenor's place.
    assert mine["id"] not in listed(meeting.guest, within=meeting.there["C2"])
    meeting.invite()
    assert listed(meeting.guest, consultation={"eq": meeting.id}) == [mine["id"]]


def test_what_is_done_is_in_the_log_of_the_place_that_did_it(meeting: Meeting) -> None:
    worked, taken_back = meeting.resolve(), meeting.resolve()
    done(meeting.guest, "advanceResolution", id=worked["id"], version=1, state="DONE", outcome="已完成。")
    done(meeting.convenor, "advanceResolution", id=taken_back["id"], version=1, state="CANCELLED")
    entries = "SELECT place_id FROM audit_entry WHERE noun = 'resolution' AND row_id = $1 ORDER BY id"

    def places(row: Any) -> list[int]:
        return [entry["place_id"] for entry in meeting.world.sql(entries, key(row["id"]))]

    here, there = meeting.here.key("C1"), meeting.there.key("C2")
    assert (places(worked), places(taken_back)) == ([here, there], [here, here])
