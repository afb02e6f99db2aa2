"""Exam results are recorded where the person is at home, one for each level and year."""

from collections.abc import Iterator
from typing import Any

import pytest

from models import Role
from server.embedded import Embedded
from tests.scene import World, world
from tests.talent import County

THIS_YEAR = "SELECT extract(year FROM now() AT TIME ZONE 'Asia/Shanghai')::int"


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("exams")) as made:
        yield made


@pytest.fixture
def county(written: World) -> County:
    return County(written)


def record(county: County, person: str, **given: Any) -> Any:
    given = {"level": "ASSISTANT", "year": 2022, "passed": False} | given
    return county.done("recordExamResult", personId=county.here[person], **given)


def test_a_result_is_recorded_and_corrected(county: County) -> None:
    made = record(county, "P4")
    assert made.pop("id").startswith("EX")
    assert made == {
        "version": 1,
        "level": "ASSISTANT",
        "year": 2022,
        "passed": False,
        "person": {"id": county.here["P4"]},
        "place": {"id": county.here["C1"]},
    }
    change = {"level": "INTERMEDIATE", "year": 2023, "passed": True}
    corrected = county.done("updateExamResult", county.manager, id=county.here["EX1"], version=1, **change)
    assert {name: corrected[name] for name in change} == change


def test_a_person_has_one_result_for_each_level_and_year(county: County) -> None:
    first = record(county, "P4")
    twice = {"personId": county.here["P4"], "level": "ASSISTANT", "year": 2022, "passed": True}
    assert county.refused("recordExamResult", **twice) == ("TAKEN", "year")
    other = record(county, "P4", year=2023)
    assert county.refused("updateExamResult", id=other["id"], version=1, year=2022) == ("TAKEN", "year")
    assert first["id"] != other["id"]


def test_the_year_is_one_that_was(county: County) -> None:
    this = county.world.value(THIS_YEAR)
    assert record(county, "P4", year=this)["year"] == this
    for year in (1899, this + 1):
        given = {"personId": county.here["P4"], "level": "SENIOR", "year": year, "passed": True}
        assert county.refused("recordExamResult", **given) == ("INVALID", "year")


@pytest.mark.parametrize("field", ["level", "year", "passed"])
def test_what_a_result_must_have_is_not_cleared(county: County, field: str) -> None:
    given = {"id": county.here["EX1"], "version": 1, field: None}
    assert county.refused("updateExamResult", **given) == ("INVALID", field)


def test_the_home_must_be_in_scope(county: County) -> None:
    given = {"level": "ASSISTANT", "year": 2022, "passed": True}
    assert county.refused("recordExamResult", personId=county.there["P4"], **given) == ("NOT_FOUND", "personId")


def test_results_go_along_with_the_person_and_are_told_of_where_they_are_at_home(county: County) -> None:
    query = """query ($id: ID!) { examResult(id: $id) { person { id examResults { id } } }
      auditEntries(where: { subject: { eq: $id } }) { nodes { after } } }"""
    hub = county.scene.writer(Role.ADMINISTRATOR, county.here["H"])
    made = record(county, "P4")
    asked = {"id": made["id"]}
    before = county.manager.ask(query, asked)
    assert before["examResult"] == {"person": {"id": county.here["P4"], "examResults": [{"id": made["id"]}]}}
    assert before["auditEntries"]["nodes"][0]["after"] == {"level": "ASSISTANT", "year": 2022, "passed": False}
    moved = hub.ask(
        "mutation ($input: UpdatePersonInput!) { updatePerson(input: $input) { errors { code } } }",
        {"input": {"id": county.here["P4"], "version": 1, "homeId": county.there["C1"]}},
    )
    assert moved["updatePerson"]["errors"] == []
    after = county.manager.ask(query, asked)
    assert after == {"examResult": None, "auditEntries": {"nodes": [{"after": None}]}}
    there = county.scene.writer(Role.MANAGER, county.there["S"])
    assert there.ask(query, asked)["examResult"] == before["examResult"]
