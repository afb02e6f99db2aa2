"""Personal data in full: who may see it, and that each reading is recorded."""

import asyncio
import re
from typing import Any

import asyncpg
import pytest

ONE = """
query ($id: ID!) { person(id: $id) { id phone idNumber again: phone private { phone idNumber birthDate address } } }
"""
SOME = """
{ personnel(first: 3, where: { kind: { eq: GRID_WORKER } }) { nodes { id name private { phone } } }
  viewer { account { username } } }
"""


@pytest.fixture(scope="module")
def worker(ask: Any) -> str:
    found = ask("nancheng", "{ personnel(first: 1, where: { kind: { eq: GRID_WORKER } }) { nodes { id } } }")
    return str(found["personnel"]["nodes"][0]["id"])


def readings(database: str, username: str) -> list[int]:
    async def fetch() -> list[int]:
        connection = await asyncpg.connect(database)
        rows = await connection.fetch(
            "SELECT row_id FROM audit_entry e JOIN account a ON a.id = e.account_id"
            " WHERE a.username = $1 AND e.action = 'readPrivate' ORDER BY e.id",
            username,
        )
        await connection.close()
        return [row["row_id"] for row in rows]

    return asyncio.run(fetch())


def test_a_manager_reads_in_full_what_others_see_masked(ask: Any, database: str, worker: str) -> None:
    before = readings(database, "nancheng")
    person = ask("nancheng", ONE, {"id": worker})["person"]
    assert list(person) == ["id", "phone", "idNumber", "again", "private"]
    assert re.fullmatch(r"\d{3}\*{4}\d{4}", person["phone"])
    assert re.fullmatch(r"\d{11}", person["private"]["phone"])
    assert person["private"]["phone"][:3] == person["phone"][:3]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", person["private"]["birthDate"])
    assert readings(database, "nancheng") == [*before, int(worker[1:])]


def test_reading_the_masked_form_is_not_recorded(ask: Any, database: str, worker: str) -> None:
    before = readings(database, "nancheng")
    ask("nancheng", "query ($id: ID!) { person(id: $id) { phone idNumber } }", {"id": worker})
    assert readings(database, "nancheng") == before


def test_each_person_of_a_page_is_recorded(ask: Any, database: str) -> None:
    before = readings(database, "hub")
    answer = ask("hub", SOME)
    people = sorted(int(node["id"][1:]) for node in answer["personnel"]["nodes"])
    assert all(node["private"]["phone"] for node in answer["personnel"]["nodes"])
    assert answer["viewer"]["account"]["username"] == "hub"
    assert readings(database, "hub") == [*before, *people]


def test_a_worker_is_refused_and_nothing_is_recorded(post: Any, database: str) -> None:
    answer = post("nanchengcun", SOME).json()
    assert answer["data"]["personnel"] is None
    assert answer["data"]["viewer"]["account"]["username"] == "nanchengcun"
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert readings(database, "nanchengcun") == []


def test_a_person_is_found_by_the_whole_phone_number_alone(ask: Any, worker: str) -> None:
    phone = ask("nancheng", ONE, {"id": worker})["person"]["private"]["phone"]
    by_phone = "query ($phone: String!) { personnel(where: { phone: { eq: $phone } }) { nodes { id } } }"
    assert worker in [node["id"] for node in ask("hub", by_phone, {"phone": phone})["personnel"]["nodes"]]
    assert ask("hub", by_phone, {"phone": phone[:-1]})["personnel"]["nodes"] == []
    assert ask("leifeng", by_phone, {"phone": phone})["personnel"]["nodes"] == []
