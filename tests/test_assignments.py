"""People are assigned, transferred, and their assignments ended: which duty fits where, on which days, for whom."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import count
from typing import Any

import asyncpg
import pytest

from models import Duty
from resolvers.assignment import SOCIAL_WORK, WHERE
from tests.payloads import refusal
from tests.writing import Places, Writing

ASSIGNMENT = "assignment { id version duty validFrom validTo place { id } person { id } }"
TODAY = "SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date"


_SERIAL = count(1)


@pytest.fixture
def vacant(writing: Writing, places: Places) -> str:
    """A new grid of leifeng's, for which nobody answers yet."""
    given = {"name": "新网格", "divisionCode": "350526104201", "households": 1, "residents": 1}
    code = f"test-vacant-{next(_SERIAL)}"
    made = writing.write("leifeng", "createGrid", "grid { id }", parentId=places.village, code=code, **given)
    return str(made["grid"]["id"])


def assign(writing: Writing, person: Any, place: str, duty: str = "GRID_WORKER", /, **given: Any) -> Any:
    given = {"personId": person["id"], "placeId": place, "duty": duty, "validFrom": "2024-01-01"} | given
    return writing.write(given.pop("username", "leifeng"), "assignPerson", ASSIGNMENT, **given)


def state(writing: Writing, assignment: Any) -> tuple[str, str | None]:
    """The days of an assignment, as the database has them."""
    (row,) = writing.sql("SELECT valid_from, valid_to FROM assignment WHERE id = $1", int(assignment["id"][1:]))
    return row[0].isoformat(), row[1] and row[1].isoformat()


def test_a_person_is_assigned_from_a_day_on(writing: Writing, places: Places, vacant: str) -> None:
    person = writing.hire("leifeng", places.village)
    payload = assign(writing, person, vacant, "RESPONSIBLE_PERSON")
    assert payload["errors"] == []
    assert payload["assignment"].pop("id").startswith("A")
    assert payload["assignment"] == {
        "version": 1,
        "duty": "RESPONSIBLE_PERSON",
        "validFrom": "2024-01-01",
        "validTo": None,
        "place": {"id": vacant},
        "person": {"id": person["id"]},
    }
    query = "query ($id: ID!) { node(id: $id) { ... on Grid { responsiblePerson { id } } } }"
    assert writing.ask("leifeng", query, {"id": vacant})["node"]["responsiblePerson"] == {"id": person["id"]}


def test_an_assignment_is_recorded_at_its_place_without_keys_of_others(
    writing: Writing, places: Places, vacant: str
) -> None:
    made = assign(writing, writing.hire("leifeng", places.village), vacant)["assignment"]
    query = "SELECT action, place_id, before::text, after::text FROM audit_entry WHERE noun = 'assignment'"
    (entry,) = writing.sql(f"{query} AND row_id = $1", int(made["id"][1:]))
    assert tuple(entry)[:3] == ("assignPerson", int(vacant[1:]), None)
    assert entry["after"] == '{"duty": "GRID_WORKER", "valid_to": null, "valid_from": "2024-01-01"}'


FITTING = {
    "RESPONSIBLE_PERSON": {"STATION", "COMMUNITY", "GRID"},
    "GRID_WORKER": {"COMMUNITY", "GRID"},
    "GRID_ASSISTANT": {"COMMUNITY", "GRID"},
    "AUXILIARY_POLICE": {"STATION", "COMMUNITY", "GRID"},
    "STATION_SOCIAL_WORKER": {"STATION"},
    "LINKED_SOCIAL_WORKER": {"COMMUNITY", "GRID"},
}


@pytest.mark.parametrize("kind", ["STATION", "COMMUNITY", "GRID"])
@pytest.mark.parametrize("duty", FITTING)
def test_each_duty_is_only_where_there_can_be_one(writing: Writing, places: Places, duty: str, kind: str) -> None:
    person = writing.hire("leifeng", places.village, "SOCIAL_WORKER")
    # Before the demo's own people answered for anything.
    days = {"validFrom": "2001-01-01", "validTo": "2001-02-01"}
    payload = assign(writing, person, places.of_kind(kind), duty, **days)
    if kind in FITTING[duty]:
        assert payload["errors"] == []
    else:
        assert refusal(payload) == ("INVALID", "duty")


@pytest.mark.parametrize(("duty", "kind"), [("STATION_SOCIAL_WORKER", "STATION"), ("LINKED_SOCIAL_WORKER", "GRID")])
def test_the_duties_of_social_workers_are_for_social_workers(
    writing: Writing, places: Places, duty: str, kind: str
) -> None:
    person = writing.hire("leifeng", places.village, "GRID_WORKER")
    assert refusal(assign(writing, person, places.of_kind(kind), duty)) == ("INVALID", "duty")


def test_the_demo_has_no_assignment_that_would_be_refused(writing: Writing) -> None:
    rows = writing.sql(
        "SELECT DISTINCT a.duty, p.kind AS place, s.kind AS person FROM assignment a JOIN place p ON p.id = a.place_id"
        " JOIN person s ON s.id = a.person_id WHERE s.name <> '试用人员'"
    )
    assert len(rows) > len(FITTING)
    for row in rows:
        assert row["place"] in WHERE[Duty(row["duty"])]
        assert row["duty"] not in SOCIAL_WORK or row["person"] == "SOCIAL_WORKER"


def test_home_and_place_must_both_be_in_scope(writing: Writing, places: Places) -> None:
    ours, theirs = writing.hire("leifeng", places.village), writing.hire("sanban", places.elsewhere)
    assert refusal(assign(writing, ours, places.elsewhere)) == ("NOT_FOUND", "placeId")
    assert refusal(assign(writing, theirs, places.village)) == ("NOT_FOUND", "personId")
    assert assign(writing, theirs, places.village, username="hub")["errors"] == []
    # By now leifeng sees them serve; their home is out of its scope all the same.
    assert refusal(assign(writing, theirs, places.grid)) == ("NOT_FOUND", "personId")


def test_nobody_serves_at_a_closed_place(writing: Writing, places: Places, vacant: str) -> None:
    person = writing.hire("leifeng", places.village)
    serving = assign(writing, person, places.grid)["assignment"]
    assert writing.write("leifeng", "closeGrid", "grid { id }", id=vacant, version=1)["errors"] == []
    assert refusal(assign(writing, person, vacant)) == ("INVALID", "placeId")
    given = {"id": serving["id"], "version": 1, "placeId": vacant}
    payload = writing.write("leifeng", "transferAssignment", ASSIGNMENT, **given)
    assert refusal(payload) == ("INVALID", "placeId")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"validTo": "2024-01-01"}, "validTo"),
        ({"validTo": "2023-12-31"}, "validTo"),
        ({"validFrom": "1899-12-31"}, "validFrom"),
        ({"validTo": "2201-01-01"}, "validTo"),
    ],
)
def test_an_assignment_lasts_a_day_at_least(
    writing: Writing, places: Places, given: dict[str, str], field: str
) -> None:
    person = writing.hire("leifeng", places.village)
    assert refusal(assign(writing, person, places.grid, **given)) == ("INVALID", field)


def test_one_person_has_a_duty_at_a_place_once_at_a_time(writing: Writing, places: Places) -> None:
    person = writing.hire("leifeng", places.village)
    assign(writing, person, places.grid, validTo="2024-03-01")
    assert refusal(assign(writing, person, places.grid, validFrom="2024-02-29")) == ("OVERLAP", "personId")
    assert assign(writing, person, places.grid, validFrom="2024-03-01")["errors"] == []


def test_one_person_answers_for_a_place_at_a_time(writing: Writing, places: Places, vacant: str) -> None:
    first, second = writing.hire("leifeng", places.village), writing.hire("leifeng", places.village)
    assign(writing, first, vacant, "RESPONSIBLE_PERSON", validTo="2024-03-01")
    taken = assign(writing, second, vacant, "RESPONSIBLE_PERSON", validFrom="2023-01-01", validTo="2024-01-02")
    assert refusal(taken) == ("OVERLAP", "duty")
    assert assign(writing, second, vacant, "RESPONSIBLE_PERSON", validFrom="2024-03-01")["errors"] == []


def end(writing: Writing, assignment: Any, on: str | None = None, username: str = "leifeng") -> Any:
    given = {"id": assignment["id"], "version": assignment["version"]} | ({"on": on} if on else {})
    return writing.write(username, "endAssignment", ASSIGNMENT, **given)


def test_an_assignment_ends_on_the_day_after_its_last(writing: Writing, places: Places) -> None:
    made = assign(writing, writing.hire("leifeng", places.village), places.grid)["assignment"]
    ended = end(writing, made, "2024-06-01")["assignment"]
    assert ended == made | {"validTo": "2024-06-01", "version": 2}


def test_an_assignment_ends_today_if_nobody_says_when(writing: Writing, places: Places) -> None:
    made = assign(writing, writing.hire("leifeng", places.village), places.grid)["assignment"]
    assert end(writing, made)["assignment"]["validTo"] == writing.value(TODAY).isoformat()


def test_what_was_to_come_can_be_as_if_it_had_never_been(writing: Writing, places: Places) -> None:
    person = writing.hire("leifeng", places.village)
    later = (writing.value(TODAY) + timedelta(days=100)).isoformat()
    made = assign(writing, person, places.grid, validFrom=later)["assignment"]
    assert refusal(end(writing, made)) == ("INVALID", "on")
    assert end(writing, made, later)["assignment"]["validTo"] == later
    assert assign(writing, person, places.grid, validFrom=later)["errors"] == []


def test_an_end_is_brought_forward_and_never_put_off(writing: Writing, places: Places) -> None:
    person = writing.hire("leifeng", places.village)
    made = assign(writing, person, places.grid, validTo="2024-06-01")["assignment"]
    assert refusal(end(writing, made, "2024-06-02")) == ("INVALID", "on")
    assert refusal(end(writing, made, "2023-12-31")) == ("INVALID", "on")
    assert end(writing, made, "2024-05-01")["assignment"]["validTo"] == "2024-05-01"


def test_who_sees_the_place_ends_the_service_of_somebody_from_elsewhere(writing: Writing, places: Places) -> None:
    helper = writing.hire("sanban", places.elsewhere)
    made = assign(writing, helper, places.village, username="hub")["assignment"]
    assert refusal(end(writing, made, "2024-06-01", "sanban")) == ("NOT_FOUND", "id")
    assert end(writing, made, "2024-06-01")["errors"] == []
    assert state(writing, made) == ("2024-01-01", "2024-06-01")


def transfer(writing: Writing, assignment: Any, place: str, on: str, username: str = "leifeng") -> Any:
    given = {"id": assignment["id"], "version": assignment["version"], "placeId": place, "on": on}
    return writing.write(username, "transferAssignment", ASSIGNMENT, **given)


def test_a_transfer_ends_one_assignment_and_begins_another(writing: Writing, places: Places) -> None:
    person = writing.hire("leifeng", places.village)
    made = assign(writing, person, places.grid, validTo="2025-01-01")["assignment"]
    moved = transfer(writing, made, places.other, "2024-06-01")["assignment"]
    assert moved.pop("id") != made["id"]
    assert moved == {
        "version": 1,
        "duty": "GRID_WORKER",
        "validFrom": "2024-06-01",
        "validTo": "2025-01-01",
        "place": {"id": places.other},
        "person": {"id": person["id"]},
    }
    assert state(writing, made) == ("2024-01-01", "2024-06-01")


def test_a_transfer_that_is_refused_leaves_the_first_as_it_was(writing: Writing, places: Places, vacant: str) -> None:
    person, other = writing.hire("leifeng", places.village), writing.hire("leifeng", places.village)
    made = assign(writing, person, vacant, "RESPONSIBLE_PERSON")["assignment"]
    query = "query ($id: ID!) { node(id: $id) { ... on Grid { responsiblePerson { id } } } }"
    assert writing.ask("leifeng", query, {"id": places.grid})["node"]["responsiblePerson"]
    assert refusal(transfer(writing, made, places.grid, "2024-06-01")) == ("OVERLAP", "placeId")
    assert refusal(transfer(writing, made, vacant, "2024-06-01")) == ("INVALID", "placeId")
    assert refusal(transfer(writing, made, places.other, "2023-06-01")) == ("INVALID", "on")
    assert refusal(transfer(writing, made, places.elsewhere, "2024-06-01")) == ("NOT_FOUND", "placeId")
    linked = assign(writing, other, places.grid)["assignment"]
    assert refusal(transfer(writing, linked, places.station, "2024-06-01")) == ("INVALID", "placeId")
    ended = assign(writing, other, places.village, validTo="2024-05-01")["assignment"]
    assert refusal(transfer(writing, ended, places.other, "2024-05-01")) == ("INVALID", "on")
    assert state(writing, made) == ("2024-01-01", None)


def test_who_is_at_home_elsewhere_is_not_transferred_from_here(writing: Writing, places: Places) -> None:
    helper = writing.hire("sanban", places.elsewhere)
    made = assign(writing, helper, places.village, username="hub")["assignment"]
    assert refusal(transfer(writing, made, places.other, "2024-06-01")) == ("FORBIDDEN", "id")
    assert transfer(writing, made, places.other, "2024-06-01", "hub")["errors"] == []


def test_a_stale_version_is_refused_with_the_assignment_as_it_is_now(writing: Writing, places: Places) -> None:
    made = assign(writing, writing.hire("leifeng", places.village), places.grid)["assignment"]
    ended = end(writing, made, "2024-06-01")["assignment"]
    for payload in (end(writing, made, "2024-05-01"), transfer(writing, made, places.other, "2024-05-01")):
        assert payload["assignment"] == ended
        assert [(error["code"], error["path"]) for error in payload["errors"]] == [("CONFLICT", ["input", "version"])]


def test_who_retires_meanwhile_is_not_assigned(writing: Writing, places: Places) -> None:
    """The assignment waits for the retirement under way, and then sees it."""
    person = writing.hire("leifeng", places.village)
    key = int(person["id"][1:])
    writing.token("leifeng")

    async def retire(waiting: Any) -> Any:
        connection = await asyncpg.connect(writing.url)
        try:
            async with connection.transaction():
                await connection.execute("UPDATE person SET retired_on = $2 WHERE id = $1", key, date(2024, 1, 1))
                assigned = asyncio.get_running_loop().run_in_executor(waiting, assign, writing, person, places.grid)
                while not await connection.fetchval(
                    "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid())"
                ):
                    assert not assigned.done(), assigned.result()
                    await asyncio.sleep(0.01)
        finally:
            await connection.close()
        return await assigned

    with ThreadPoolExecutor(1) as waiting:
        assert refusal(asyncio.run(retire(waiting))) == ("INVALID", "personId")
