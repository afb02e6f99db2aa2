"""Agencies and their ratings are written from the stations."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from tests.payloads import refusal
from tests.writing import Places, Writing

AGENCY = "agency { id version code name kind foundedOn closedOn place { id } rating { grade } }"
RATING = "agencyRating { id version grade ratedBy validFrom validTo agency { id } }"
_CODES = count(1)


@pytest.fixture
def code() -> Iterator[str]:
    """A code that nothing else has."""
    return (f"test-{number}" for number in _CODES)


@pytest.fixture
def agency(writing: Writing, places: Places, code: Iterator[str]) -> Any:
    """An agency of leifeng's village."""
    return register(writing, places.village, next(code))["agency"]


def register(writing: Writing, place: str, code: str, username: str = "leifeng", **given: Any) -> Any:
    given = {"name": "邻里互助会", "kind": "SOCIAL_ORGANISATION", "foundedOn": "2020-05-01"} | given
    return writing.write(username, "createAgency", AGENCY, placeId=place, code=code, **given)


def rate(writing: Writing, agency: Any, grade: str = "A3", **given: Any) -> Any:
    given = {"ratedBy": "县民政局", "validFrom": "2022-01-01", "validTo": "2035-01-01"} | given
    return writing.write("leifeng", "rateAgency", RATING, agencyId=agency["id"], grade=grade, **given)


def change(writing: Writing, mutation: str, selection: str, row: Any, **given: Any) -> Any:
    return writing.write("leifeng", mutation, selection, id=row["id"], version=row["version"], **given)


def graded(writing: Writing, agency: Any, operators: str) -> bool:
    """Whether an agency is among those with such a grade today."""
    query = f"query ($id: ID!) {{ agencies(where: {{ id: {{ eq: $id }}, grade: {operators} }}) {{ totalCount }} }}"
    return bool(writing.ask("leifeng", query, {"id": agency["id"]})["agencies"]["totalCount"])


def test_an_agency_is_registered_at_a_place(writing: Writing, places: Places, code: Iterator[str]) -> None:
    chosen = next(code)
    payload = register(writing, places.village, f" {chosen} ", name=" 邻里  互助会 ")
    assert payload["errors"] == []
    assert payload["agency"].pop("id").startswith("AG")
    assert payload["agency"] == {
        "version": 1,
        "code": chosen,
        "name": "邻里 互助会",
        "kind": "SOCIAL_ORGANISATION",
        "foundedOn": "2020-05-01",
        "closedOn": None,
        "place": {"id": places.village},
        "rating": None,
    }


def test_an_agency_that_cannot_be_is_refused_at_its_field(
    writing: Writing, places: Places, code: Iterator[str]
) -> None:
    chosen = next(code)
    register(writing, places.elsewhere, chosen, "sanban")
    assert refusal(register(writing, places.village, chosen)) == ("TAKEN", "code")
    assert refusal(register(writing, places.village, " ")) == ("INVALID", "code")
    assert refusal(register(writing, places.village, next(code), name="长" * 101)) == ("INVALID", "name")
    assert refusal(register(writing, places.village, next(code), foundedOn="2999-01-01")) == ("INVALID", "foundedOn")
    assert refusal(register(writing, places.elsewhere, next(code))) == ("NOT_FOUND", "placeId")


def test_an_agency_takes_its_ratings_along_to_another_place(writing: Writing, places: Places, agency: Any) -> None:
    rating = rate(writing, agency)["agencyRating"]
    given = {"name": "迁址互助会", "kind": "SERVICE_AGENCY"}
    moved = change(writing, "updateAgency", AGENCY, agency, placeId=places.other, **given)["agency"]
    assert moved == agency | given | {"place": {"id": places.other}, "rating": {"grade": "A3"}, "version": 2}
    where = "SELECT place_id FROM agency_rating WHERE id = $1"
    assert writing.value(where, int(rating["id"][2:])) == int(places.other[1:])
    for field in ("placeId", "code", "name", "kind", "foundedOn"):
        assert refusal(change(writing, "updateAgency", AGENCY, moved, **{field: None})) == ("INVALID", field)


def test_an_agency_is_found_by_id_and_by_code(writing: Writing, agency: Any) -> None:
    query = "query ($id: ID, $code: String) { agency(id: $id, code: $code) { id } }"
    for asked in ({"id": agency["id"]}, {"code": agency["code"]}, {"id": agency["id"], "code": agency["code"]}):
        assert writing.ask("leifeng", query, asked)["agency"] == {"id": agency["id"]}
        assert writing.ask("sanban", query, asked)["agency"] is None


def test_an_agency_is_rated_and_the_rating_of_today_is_its_grade(writing: Writing, agency: Any) -> None:
    assert not graded(writing, agency, "{ in: [A1, A2, A3, A4, A5] }")
    assert graded(writing, agency, "{ notIn: [A3] }")
    former = rate(writing, agency, "A2", validFrom="2020-06-01", validTo="2022-01-01")["agencyRating"]
    assert not graded(writing, agency, "{ eq: A2 }")
    rating = rate(writing, agency, ratedBy=" 县  民政局 ")["agencyRating"]
    assert rating == {
        "id": rating["id"],
        "version": 1,
        "grade": "A3",
        "ratedBy": "县 民政局",
        "validFrom": "2022-01-01",
        "validTo": "2035-01-01",
        "agency": {"id": agency["id"]},
    }
    to_come = rate(writing, agency, "A4", validFrom="2035-01-01", validTo=None)["agencyRating"]
    assert graded(writing, agency, "{ eq: A3 }")
    assert graded(writing, agency, "{ in: [A3, A4] }")
    assert not graded(writing, agency, "{ notIn: [A3] }")
    query = "query ($id: ID!) { agency(id: $id) { rating { id } ratings { id } } }"
    assert writing.ask("leifeng", query, {"id": agency["id"]})["agency"] == {
        "rating": {"id": rating["id"]},
        "ratings": [{"id": former["id"]}, {"id": rating["id"]}, {"id": to_come["id"]}],
    }


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"ratedBy": " "}, ("INVALID", "ratedBy")),
        ({"ratedBy": "长" * 101}, ("INVALID", "ratedBy")),
        ({"validTo": "2022-01-01"}, ("INVALID", "validTo")),
        ({"validFrom": "1899-12-31"}, ("INVALID", "validFrom")),
        ({"validFrom": "2034-12-31", "validTo": None}, ("OVERLAP", "validFrom")),
    ],
)
def test_a_rating_that_cannot_be_is_refused_at_its_field(
    writing: Writing, agency: Any, given: dict[str, Any], refused: tuple[str, str]
) -> None:
    rate(writing, agency, validFrom="2022-01-02")
    assert refusal(rate(writing, agency, **({"validTo": "2022-01-02"} | given))) == refused


def test_a_rating_is_ended_and_another_begins(writing: Writing, agency: Any) -> None:
    rating = rate(writing, agency)["agencyRating"]
    assert refusal(change(writing, "endAgencyRating", RATING, rating, on="2021-12-31")) == ("INVALID", "on")
    assert refusal(change(writing, "endAgencyRating", RATING, rating, on="2035-01-02")) == ("INVALID", "on")
    ended = change(writing, "endAgencyRating", RATING, rating, on="2023-01-01")["agencyRating"]
    assert ended == rating | {"validTo": "2023-01-01", "version": 2}
    assert refusal(change(writing, "endAgencyRating", RATING, ended)) == ("INVALID", "on")
    assert rate(writing, agency, "A5", validFrom="2023-01-01")["errors"] == []


def test_a_closed_agency_has_no_rating_and_gets_none(writing: Writing, agency: Any) -> None:
    rate(writing, agency)
    assert refusal(change(writing, "closeAgency", AGENCY, agency, on="2020-04-30")) == ("INVALID", "on")
    assert refusal(change(writing, "closeAgency", AGENCY, agency, on="2999-01-01")) == ("INVALID", "on")
    closed = change(writing, "closeAgency", AGENCY, agency, on="2024-01-01")["agency"]
    assert closed == agency | {"closedOn": "2024-01-01", "version": 2}
    query = "query ($id: ID!) { agency(id: $id) { ratings { validTo } can { update close rate } } }"
    assert writing.ask("leifeng", query, {"id": agency["id"]})["agency"] == {
        "ratings": [{"validTo": "2024-01-01"}],
        "can": {"update": False, "close": False, "rate": False},
    }
    assert refusal(rate(writing, agency, validFrom="2024-01-01")) == ("INVALID", "agencyId")
    assert refusal(change(writing, "updateAgency", AGENCY, closed, name="新名")) == ("INVALID", "id")
    assert refusal(change(writing, "closeAgency", AGENCY, closed)) == ("INVALID", "id")
