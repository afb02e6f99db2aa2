"""The hub says on which days the county differs from the public calendar, and deadlines go by it."""

import asyncio
from datetime import date
from typing import Any

import asyncpg
import pytest

from resolvers.core.calendar import due_after, works
from tests.payloads import refusal
from tests.writing import Places, Writing

DAY = "calendarDay { id version day working name }"


@pytest.fixture(scope="module")
def hub(writing: Writing) -> str:
    """The hub's id."""
    found: str = writing.ask("hub", '{ station(code: "350526") { id } }')["station"]["id"]
    return found


def set_day(writing: Writing, place: str, day: str, username: str = "hub", **given: Any) -> Any:
    given = {"working": False, "name": "试用假日"} | given
    return writing.write(username, "setCalendarDay", DAY, placeId=place, day=day, **given)


def test_a_day_is_set_and_set_again(writing: Writing, hub: str) -> None:
    made = set_day(writing, hub, "2033-03-01", name=" 试用  假日 ")["calendarDay"]
    assert made == {"id": made["id"], "version": 1, "day": "2033-03-01", "working": False, "name": "试用 假日"}
    assert set_day(writing, hub, "2033-03-01", name="试用 假日")["calendarDay"] == made
    changed = set_day(writing, hub, "2033-03-01", working=True, name="改为补班")["calendarDay"]
    assert changed == made | {"version": 2, "working": True, "name": "改为补班"}
    query = """query ($id: ID!) {
      node(id: $id) { ... on CalendarDay { history { nodes { action before after } } } } }"""
    assert writing.ask("hub", query, {"id": made["id"]})["node"]["history"]["nodes"] == [
        {
            "action": "setCalendarDay",
            "before": {"working": False, "name": "试用 假日"},
            "after": {"working": True, "name": "改为补班"},
        },
        {
            "action": "setCalendarDay",
            "before": None,
            "after": {"day": "2033-03-01", "working": False, "name": "试用 假日"},
        },
    ]


def test_the_hubs_administrators_alone_set_days(writing: Writing, places: Places, hub: str) -> None:
    assert refusal(set_day(writing, hub, "2033-03-02", name=" ")) == ("INVALID", "name")
    assert refusal(set_day(writing, hub, "9999-03-02")) == ("INVALID", "day")
    assert refusal(set_day(writing, places.station, "2033-03-02")) == ("INVALID", "placeId")
    mutation = "mutation ($i: SetCalendarDayInput!) { setCalendarDay(input: $i) { errors { code } } }"
    given = {"placeId": hub, "day": "2033-03-02", "working": True, "name": "补班"}
    answer = writing.post("leifeng", mutation, {"i": given}).json()
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def test_all_below_read_the_days_in_their_order(writing: Writing, hub: str) -> None:
    for day in ("2033-05-03", "2033-05-02", "2033-05-04"):
        set_day(writing, hub, day, working=day.endswith("4"))
    query = """query ($where: CalendarDayFilter) { calendarDays(where: $where) { nodes { day place { id } } } }"""
    month: dict[str, Any] = {"day": {"gte": "2033-05-01", "lt": "2033-06-01"}}
    found = writing.ask("gridworker", query, {"where": month})["calendarDays"]["nodes"]
    assert found == [{"day": f"2033-05-0{number}", "place": None} for number in (2, 3, 4)]
    worked = writing.ask("gridworker", query, {"where": month | {"working": True}})["calendarDays"]["nodes"]
    assert [day["day"] for day in worked] == ["2033-05-04"]


def test_deadlines_go_by_the_countys_days(writing: Writing, hub: str) -> None:
    async def due(start: date, days: int) -> date:
        connection = await asyncpg.connect(writing.url)
        try:
            return await due_after(connection, int(hub[1:]), start, days)
        finally:
            await connection.close()

    monday, tuesday, wednesday = date(2033, 7, 4), date(2033, 7, 5), date(2033, 7, 6)
    assert works(tuesday)
    assert asyncio.run(due(monday, 1)) == tuesday
    set_day(writing, hub, "2033-07-05")
    assert asyncio.run(due(monday, 1)) == wednesday
    saturday = date(2033, 7, 9)
    assert not works(saturday)
    set_day(writing, hub, "2033-07-09", working=True)
    assert asyncio.run(due(date(2033, 7, 8), 1)) == saturday
