"""Volunteer teams and their members, and certificates, are written from the stations."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from tests.payloads import refusal
from tests.writing import Places, Writing

TEAM = "volunteerTeam { id version code name place { id } }"
MEMBERSHIP = "teamMembership { id version validFrom validTo team { id } person { id } }"
QUALIFICATION = "qualification { id version level certificateNumber obtainedOn expiresOn }"


@pytest.fixture(scope="module")
def code() -> Iterator[str]:
    """Codes that nothing else has."""
    return (f"test-{number}" for number in count(1))


def found_team(writing: Writing, username: str, place: str, code: str, name: str = "试用服务队") -> Any:
    given = {"placeId": place, "code": code, "name": name}
    return writing.write(username, "createVolunteerTeam", TEAM, **given)


def join(writing: Writing, team: Any, person: Any, since: str = "2024-01-01", username: str = "leifeng") -> Any:
    given = {"teamId": team["id"], "personId": person["id"], "validFrom": since}
    return writing.write(username, "addTeamMember", MEMBERSHIP, **given)


def test_a_team_is_founded_at_a_place(writing: Writing, places: Places, code: Iterator[str]) -> None:
    chosen = next(code)
    payload = found_team(writing, "leifeng", places.village, f" {chosen} ", " 雷峰  服务队 ")
    assert payload["errors"] == []
    assert payload["volunteerTeam"].pop("id").startswith("T")
    assert payload["volunteerTeam"] == {
        "version": 1,
        "code": chosen,
        "name": "雷峰 服务队",
        "place": {"id": places.village},
    }


def test_a_team_that_cannot_be_is_refused_at_its_field(writing: Writing, places: Places, code: Iterator[str]) -> None:
    chosen = next(code)
    found_team(writing, "leifeng", places.village, chosen)
    assert refusal(found_team(writing, "leifeng", places.other, chosen)) == ("TAKEN", "code")
    assert refusal(found_team(writing, "leifeng", places.other, " ")) == ("INVALID", "code")
    assert refusal(found_team(writing, "leifeng", places.other, next(code), "")) == ("INVALID", "name")
    assert refusal(found_team(writing, "leifeng", places.elsewhere, next(code))) == ("NOT_FOUND", "placeId")


def test_a_team_is_changed_as_far_as_is_said(writing: Writing, places: Places, code: Iterator[str]) -> None:
    team = found_team(writing, "leifeng", places.village, next(code))["volunteerTeam"]
    change = {"id": team["id"], "version": 1, "name": "改名服务队"}
    renamed = writing.write("leifeng", "updateVolunteerTeam", TEAM, **change)["volunteerTeam"]
    assert renamed == team | {"name": "改名服务队", "version": 2}
    conflict = writing.write("leifeng", "updateVolunteerTeam", TEAM, **change)
    assert (conflict["volunteerTeam"], conflict["errors"][0]["code"]) == (renamed, "CONFLICT")
    cleared = writing.write("leifeng", "updateVolunteerTeam", TEAM, id=team["id"], version=2, placeId=None)
    assert refusal(cleared) == ("INVALID", "placeId")


def test_a_team_takes_its_members_along_to_another_place(writing: Writing, places: Places, code: Iterator[str]) -> None:
    team = found_team(writing, "leifeng", places.village, next(code))["volunteerTeam"]
    join(writing, team, writing.hire("leifeng", places.village))
    change = {"id": team["id"], "version": 1, "placeId": places.other, "name": "迁址服务队"}
    moved = writing.write("leifeng", "updateVolunteerTeam", TEAM, **change)["volunteerTeam"]
    assert moved == team | {"place": {"id": places.other}, "name": "迁址服务队", "version": 2}
    query = "SELECT place_id FROM team_membership WHERE team_id = $1"
    assert writing.value(query, int(team["id"][1:])) == int(places.other[1:])
    told = "SELECT place_id, before::text, after::text FROM audit_entry WHERE noun = 'volunteer_team' AND row_id = $1"
    assert [
        tuple(row) for row in writing.sql(f"{told} AND action LIKE 'update%' ORDER BY id", int(team["id"][1:]))
    ] == [
        (int(places.village[1:]), f'{{"place": "{places.village}"}}', None),
        (int(places.other[1:]), None, f'{{"place": "{places.other}"}}'),
        (int(places.other[1:]), '{"name": "试用服务队"}', '{"name": "迁址服务队"}'),
    ]


def test_a_person_joins_and_leaves_a_team(writing: Writing, places: Places, code: Iterator[str]) -> None:
    team = found_team(writing, "leifeng", places.village, next(code))["volunteerTeam"]
    person = writing.hire("leifeng", places.other)
    joined = join(writing, team, person)["teamMembership"]
    assert joined == {
        "id": joined["id"],
        "version": 1,
        "validFrom": "2024-01-01",
        "validTo": None,
        "team": {"id": team["id"]},
        "person": {"id": person["id"]},
    }
    assert refusal(join(writing, team, person, "2025-01-01")) == ("OVERLAP", "personId")
    given = {"id": joined["id"], "version": 1}
    early = writing.write("leifeng", "endTeamMembership", MEMBERSHIP, **given, on="2023-12-31")
    assert refusal(early) == ("INVALID", "on")
    left = writing.write("leifeng", "endTeamMembership", MEMBERSHIP, **given, on="2024-06-01")["teamMembership"]
    assert left == joined | {"validTo": "2024-06-01", "version": 2}
    assert join(writing, team, person, "2024-06-01")["errors"] == []


def test_home_and_team_must_both_be_in_scope(writing: Writing, places: Places, code: Iterator[str]) -> None:
    ours = found_team(writing, "leifeng", places.village, next(code))["volunteerTeam"]
    theirs = found_team(writing, "sanban", places.elsewhere, next(code))["volunteerTeam"]
    person, stranger = writing.hire("leifeng", places.village), writing.hire("sanban", places.elsewhere)
    assert refusal(join(writing, ours, stranger)) == ("NOT_FOUND", "personId")
    assert refusal(join(writing, theirs, person)) == ("NOT_FOUND", "teamId")
    membership = join(writing, ours, stranger, username="hub")["teamMembership"]
    # Who keeps the team ends it, who keeps the file does not.
    given = {"id": membership["id"], "version": 1, "on": "2024-06-01"}
    assert refusal(writing.write("sanban", "endTeamMembership", MEMBERSHIP, **given)) == ("NOT_FOUND", "id")
    assert writing.write("leifeng", "endTeamMembership", MEMBERSHIP, **given)["errors"] == []


def certify(writing: Writing, person: Any, number: str, username: str = "leifeng", **given: Any) -> Any:
    given = {"level": "ASSISTANT", "obtainedOn": "2022-09-01", "expiresOn": "2025-09-01"} | given
    return writing.write(
        username, "createQualification", QUALIFICATION, personId=person["id"], certificateNumber=number, **given
    )


def test_a_certificate_is_added_and_corrected(writing: Writing, places: Places) -> None:
    person = writing.hire("leifeng", places.village, "SOCIAL_WORKER")
    made = certify(writing, person, " ２０２２-0001 ")["qualification"]
    assert made == {
        "id": made["id"],
        "version": 1,
        "level": "ASSISTANT",
        "certificateNumber": "2022-0001",
        "obtainedOn": "2022-09-01",
        "expiresOn": "2025-09-01",
    }
    change = {"level": "SENIOR", "expiresOn": None, "certificateNumber": "2022-0001"}
    payload = writing.write("leifeng", "updateQualification", QUALIFICATION, id=made["id"], version=1, **change)
    assert payload["qualification"] == made | change | {"version": 2}
    query = "query ($id: ID!) { node(id: $id) { ... on Person { qualifications { id } } } }"
    assert writing.ask("leifeng", query, {"id": person["id"]})["node"] == {"qualifications": [{"id": made["id"]}]}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"certificateNumber": "\t"}, "certificateNumber"),
        ({"certificateNumber": "9" * 51}, "certificateNumber"),
        ({"certificateNumber": None}, "certificateNumber"),
        ({"obtainedOn": "2999-01-01"}, "obtainedOn"),
        ({"obtainedOn": None}, "obtainedOn"),
        ({"level": None}, "level"),
        ({"obtainedOn": "2025-09-01"}, "expiresOn"),
        ({"expiresOn": "2022-09-01"}, "expiresOn"),
    ],
)
def test_a_certificate_that_cannot_be_is_refused_at_its_field(
    writing: Writing, places: Places, given: dict[str, Any], field: str
) -> None:
    person = writing.hire("leifeng", places.village, "SOCIAL_WORKER")
    made = certify(writing, person, f"N-{person['id']}")["qualification"]
    payload = writing.write("leifeng", "updateQualification", QUALIFICATION, id=made["id"], version=1, **given)
    assert refusal(payload) == ("INVALID", field)
    if None not in given.values():
        number = {"number": given["certificateNumber"]} if "certificateNumber" in given else {"number": "N-new"}
        others = {name: value for name, value in given.items() if name != "certificateNumber"}
        assert refusal(certify(writing, person, **number, **others)) == ("INVALID", field)


def test_a_certificates_number_is_taken_only_as_far_as_the_scope_sees(writing: Writing, places: Places) -> None:
    stranger = writing.hire("sanban", places.elsewhere, "SOCIAL_WORKER")
    first, second = (writing.hire("leifeng", places.village, "SOCIAL_WORKER") for _ in range(2))
    certify(writing, stranger, "T-0001", "sanban")
    assert certify(writing, first, "T-0001")["errors"] == []
    assert refusal(certify(writing, first, "T-0001")) == ("TAKEN", "certificateNumber")
    assert refusal(certify(writing, second, "T-0001")) == ("TAKEN", "certificateNumber")
    made = certify(writing, second, "T-0002")["qualification"]
    change = {"id": made["id"], "version": 1, "certificateNumber": "T-0001"}
    assert refusal(writing.write("leifeng", "updateQualification", QUALIFICATION, **change)) == (
        "TAKEN",
        "certificateNumber",
    )


def test_a_certificate_of_somebody_at_home_elsewhere_is_not_written(writing: Writing, places: Places) -> None:
    stranger = writing.hire("sanban", places.elsewhere, "SOCIAL_WORKER")
    assert refusal(certify(writing, stranger, "E-0001")) == ("NOT_FOUND", "personId")
    made = certify(writing, stranger, "E-0001", "sanban")["qualification"]
    change = {"id": made["id"], "version": 1, "level": "SENIOR"}
    assert refusal(writing.write("leifeng", "updateQualification", QUALIFICATION, **change)) == ("NOT_FOUND", "id")
