"""People are created, changed, retired and reinstated from the stations: what is kept, refused and recorded."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.payloads import refusal
from tests.writing import Places, Writing

PERSON = "person { id version kind name gender phone idNumber birthDate address retiredOn skills { code } home { id } }"
PRIVATE = "person { id version private { phone idNumber birthDate address } }"


def id_number(born: str, serial: int, region: str = "350599") -> str:
    """An identity number with the right check character, found by trying; an odd serial is a man's."""
    digits = f"{region}{born}{serial:03}"
    for character in "0123456789X":
        weighted = (int(c, 36) if c != "X" else 10 for c in digits + character)
        if sum(value * 2 ** (17 - place) for place, value in enumerate(weighted)) % 11 == 1:
            return digits + character
    raise AssertionError


@pytest.fixture(scope="module")
def entries(writing: Writing) -> Callable[[str], list[dict[str, Any]]]:
    """What the audit log has of a person, the oldest first, as the superuser sees it."""

    def of(person_id: str) -> list[dict[str, Any]]:
        rows = writing.sql(
            "SELECT action, place_id, before::text, after::text FROM audit_entry"
            " WHERE noun = 'person' AND row_id = $1 AND action <> 'readPrivate' ORDER BY id",
            int(person_id[1:]),
        )
        return [dict(row) | {name: row[name] and json.loads(row[name]) for name in ("before", "after")} for row in rows]

    return of


def create(writing: Writing, username: str, home: str, selection: str = PERSON, **given: Any) -> Any:
    required = {"homeId": home, "kind": "VOLUNTEER", "name": "王新人", "gender": "FEMALE"}
    return writing.write(username, "createPerson", selection, **(required | given))


def test_a_person_is_created_with_all_their_details_masked_for_readers(writing: Writing, places: Places) -> None:
    number = id_number("19900307", 2)
    given = {
        "phone": "+86 199-0001-2345",
        "idNumber": number.lower(),
        "address": " 福建省泉州市德化县雷峰镇　示例路 1号 ",
    }
    payload = create(writing, "leifeng", places.village, **given, kind="GRID_WORKER", skills=["repair", "barber"])
    assert payload["errors"] == []
    found = payload["person"]
    assert found.pop("id").startswith("P")
    assert found == {
        "version": 1,
        "kind": "GRID_WORKER",
        "name": "王新人",
        "gender": "FEMALE",
        "phone": "199****2345",
        "idNumber": number[:4] + "*" * 10 + number[-4:],
        "birthDate": "1990-**-**",
        "address": "福建省泉州市德化县雷峰镇****",
        "retiredOn": None,
        "skills": [{"code": code} for code in ("barber", "repair")],
        "home": {"id": places.village},
    }


def test_what_is_kept_opens_to_its_canonical_spelling_and_the_birth_date_follows_from_the_number(
    writing: Writing, places: Places
) -> None:
    number = id_number("19880229", 4)
    given = {"phone": "+８６ (0595) 2352 2222", "idNumber": f" {number} ", "address": "雷峰镇\n示例路 2号"}
    private = create(writing, "leifeng", places.village, PRIVATE, **given)["person"]["private"]
    assert private == {
        "phone": "059523522222",
        "idNumber": number,
        "birthDate": "1988-02-29",
        "address": "雷峰镇 示例路 2号",
    }


def test_a_person_is_found_by_the_phone_and_the_number_that_they_were_given(writing: Writing, places: Places) -> None:
    number = id_number("19770101", 6)
    made = create(writing, "leifeng", places.village, phone="199 0001 7777", idNumber=number)["person"]["id"]
    query = """query ($phone: String!, $number: String!) {
      byPhone: personnel(where: { phone: { eq: $phone } }) { nodes { id } }
      byNumber: personnel(where: { idNumber: { eq: $number } }) { nodes { id } } }"""
    found = writing.ask("leifeng", query, {"phone": "+8619900017777", "number": number})
    assert found == {"byPhone": {"nodes": [{"id": made}]}, "byNumber": {"nodes": [{"id": made}]}}


TOMORROW = (datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=1)).isoformat()
WRONG = {
    "an empty name": ({"name": " 　"}, "name"),
    "a long name": ({"name": "长" * 51}, "name"),
    "an invisible character": ({"name": "王\u200b新"}, "name"),
    "letters for a phone": ({"phone": "call me"}, "phone"),
    "a short phone": ({"phone": "1234"}, "phone"),
    "a long phone": ({"phone": "0" * 21}, "phone"),
    "a foreign phone": ({"phone": "+1 202 555 0100"}, "phone"),
    "an empty phone": ({"phone": ""}, "phone"),
    "a mobile of 10 digits": ({"phone": "1380000123"}, "phone"),
    "a mobile of 12 digits": ({"phone": "138000012345"}, "phone"),
    "an identity number of 15 digits": ({"idNumber": "350599900307001"}, "idNumber"),
    "a wrong check character": ({"idNumber": "110105194912310021"}, "idNumber"),
    "two digits exchanged": ({"idNumber": "11010519491231020X"}, "idNumber"),
    "no such day": ({"idNumber": id_number("19900230", 2)}, "idNumber"),
    "a number of the future": ({"idNumber": id_number("29900203", 2)}, "idNumber"),
    "a man's number": ({"idNumber": "34052419800101001X"}, "idNumber"),
    "another birth date": ({"idNumber": "11010519491231002X", "birthDate": "1949-12-30"}, "idNumber"),
    "a birth date of the future": ({"birthDate": TOMORROW}, "birthDate"),
    "a birth date of the Qing": ({"birthDate": "1899-12-31"}, "birthDate"),
    "an empty address": ({"address": ""}, "address"),
    "a long address": ({"address": "长" * 201}, "address"),
    "null for skills": ({"skills": None}, "skills"),
}


@pytest.mark.parametrize(("given", "field"), WRONG.values(), ids=WRONG)
def test_values_that_cannot_be_are_refused_at_their_field(
    writing: Writing, places: Places, given: dict[str, Any], field: str
) -> None:
    before = writing.value("SELECT count(*) FROM person")
    assert refusal(create(writing, "leifeng", places.village, **given)) == ("INVALID", field)
    assert writing.value("SELECT count(*) FROM person") == before


def test_the_example_numbers_of_the_standard_are_accepted(writing: Writing, places: Places) -> None:
    payload = create(writing, "leifeng", places.village, idNumber="11010519491231002X", birthDate="1949-12-31")
    assert payload["errors"] == []


def test_an_identity_number_is_taken_only_as_far_as_the_scope_sees(writing: Writing, places: Places) -> None:
    number = id_number("19900101", 8)
    create(writing, "sanban", places.elsewhere, idNumber=number)
    assert create(writing, "leifeng", places.village, idNumber=number)["errors"] == []
    taken = create(writing, "leifeng", places.other, idNumber=number)
    assert refusal(taken) == ("TAKEN", "idNumber")
    assert number not in json.dumps(taken)
    assert refusal(create(writing, "hub", places.station, idNumber=number)) == ("TAKEN", "idNumber")


def test_the_identity_number_of_somebody_merely_serving_here_is_not_told_of(writing: Writing, places: Places) -> None:
    """They are seen, yet their file is kept elsewhere."""
    number = id_number("19900101", 10)
    helper = create(writing, "sanban", places.elsewhere, idNumber=number)["person"]["id"]
    given = {"personId": helper, "placeId": places.station, "duty": "RESPONSIBLE_PERSON", "validFrom": "2001-01-01"}
    assigned = writing.write("hub", "assignPerson", "assignment { id }", **given, validTo="2001-02-01")
    assert assigned["errors"] == []
    assert create(writing, "leifeng", places.village, idNumber=number)["errors"] == []


def test_a_home_out_of_scope_is_as_if_it_were_not_there(writing: Writing, places: Places) -> None:
    assert refusal(create(writing, "leifeng", places.elsewhere)) == ("NOT_FOUND", "homeId")
    assert refusal(create(writing, "leifeng", "C999999")) == ("NOT_FOUND", "homeId")


def test_a_closed_place_becomes_nobodys_home(writing: Writing, places: Places) -> None:
    made = writing.hire("leifeng", places.village)
    closed = close_new_grid(writing, places.village)
    assert refusal(create(writing, "leifeng", closed)) == ("INVALID", "homeId")
    payload = writing.write("leifeng", "updatePerson", PERSON, id=made["id"], version=1, homeId=closed)
    assert refusal(payload) == ("INVALID", "homeId")


def close_new_grid(writing: Writing, community: str) -> str:
    given = {"code": "test-closed", "name": "已撤网格", "divisionCode": "350526104201", "households": 1, "residents": 1}
    selection = "grid { id version }"
    grid = writing.write("leifeng", "createGrid", selection, parentId=community, **given)["grid"]
    assert writing.write("leifeng", "closeGrid", selection, **grid)["errors"] == []
    return str(grid["id"])


def test_what_is_given_changes_and_null_clears_while_the_rest_stays(writing: Writing, places: Places) -> None:
    given = {"phone": "19900011111", "idNumber": id_number("19900101", 12), "address": "德化县雷峰镇示例路3号"}
    made = create(writing, "leifeng", places.village, PERSON, **given)["person"]
    changes = {"name": "王改名", "phone": None, "address": None, "birthDate": None}
    payload = writing.write("leifeng", "updatePerson", PERSON, id=made["id"], version=1, **changes)
    assert payload["errors"] == []
    assert payload["person"] == made | changes | {"version": 2}
    cleared = writing.write("leifeng", "updatePerson", PRIVATE, id=made["id"], version=2, idNumber=None)["person"]
    assert cleared["private"] == {"phone": None, "idNumber": None, "birthDate": None, "address": None}
    columns = "phone_cipher, phone_digest, id_number_cipher, id_number_digest, birth_date_cipher, address_cipher"
    assert not any(writing.sql(f"SELECT {columns} FROM person WHERE id = $1", int(made["id"][1:]))[0])


def test_the_birth_date_follows_a_new_identity_number(writing: Writing, places: Places) -> None:
    made = create(writing, "leifeng", places.village, idNumber=id_number("19900101", 14))["person"]
    given = {"id": made["id"], "version": 1, "idNumber": id_number("19910202", 14)}
    private = writing.write("leifeng", "updatePerson", PRIVATE, **given)["person"]["private"]
    assert private["birthDate"] == "1991-02-02"


@pytest.mark.parametrize("change", [{"gender": "MALE"}, {"birthDate": "1990-01-02"}])
def test_what_the_identity_number_at_hand_contradicts_is_refused(
    writing: Writing, places: Places, change: dict[str, Any]
) -> None:
    number = id_number("19900101", 16 if "gender" in change else 18)
    made = create(writing, "leifeng", places.village, idNumber=number)["person"]
    payload = writing.write("leifeng", "updatePerson", PERSON, id=made["id"], version=1, **change)
    assert refusal(payload) == ("INVALID", "idNumber")


@pytest.mark.parametrize("field", ["name", "kind", "gender", "homeId", "skills"])
def test_what_everybody_has_cannot_become_null(writing: Writing, places: Places, field: str) -> None:
    made = writing.hire("leifeng", places.village)
    payload = writing.write("leifeng", "updatePerson", PERSON, id=made["id"], version=1, **{field: None})
    assert refusal(payload) == ("INVALID", field)


def test_an_update_that_changes_nothing_is_none(
    writing: Writing, places: Places, entries: Callable[[str], list[dict[str, Any]]]
) -> None:
    given = {"phone": "19900011112", "idNumber": id_number("19900101", 20)}
    made = create(writing, "leifeng", places.village, skills=["legal"], **given)["person"]
    given |= {"id": made["id"], "name": " 王新人 ", "homeId": places.village}
    payload = writing.write("leifeng", "updatePerson", PERSON, version=1, skills=["legal"], **given)
    assert payload == {"person": made, "errors": []}
    assert [entry["action"] for entry in entries(made["id"])] == ["createPerson"]


def test_a_stale_version_is_refused_with_the_person_as_they_are_now(writing: Writing, places: Places) -> None:
    made = writing.hire("leifeng", places.village)
    writing.write("leifeng", "updatePerson", PERSON, id=made["id"], version=1, name="王先改")
    payload = writing.write("leifeng", "updatePerson", PERSON, id=made["id"], version=1, name="王后改")
    assert refusal(payload) == ("CONFLICT", "version")
    assert (payload["person"]["name"], payload["person"]["version"]) == ("王先改", 2)


def test_an_update_to_the_identity_number_of_another_in_scope_is_refused(writing: Writing, places: Places) -> None:
    number = id_number("19900101", 22)
    create(writing, "leifeng", places.other, idNumber=number)
    made = writing.hire("leifeng", places.village)
    payload = writing.write("leifeng", "updatePerson", PERSON, id=made["id"], version=1, idNumber=number)
    assert refusal(payload) == ("TAKEN", "idNumber")


def test_a_person_moves_home_with_all_that_belongs_to_them(writing: Writing, places: Places) -> None:
    made = writing.hire("leifeng", places.village, "SOCIAL_WORKER", skills=["legal"])
    linked = {"personId": made["id"], "placeId": places.village, "duty": "LINKED_SOCIAL_WORKER"}
    writing.write("leifeng", "assignPerson", "assignment { id }", **linked, validFrom="2024-01-01")
    selection = "person { id version name home { id } skills { code } assignments { place { id } } }"
    given = {"id": made["id"], "version": 1, "homeId": places.other, "name": "王迁居"}
    payload = writing.write("leifeng", "updatePerson", selection, **given)
    assert payload["person"] == {
        "id": made["id"],
        "version": 2,
        "name": "王迁居",
        "home": {"id": places.other},
        "skills": [{"code": "legal"}],
        "assignments": [{"place": {"id": places.village}}],
    }


def test_each_place_of_a_move_learns_of_its_own_part_alone(
    writing: Writing, places: Places, entries: Callable[[str], list[dict[str, Any]]]
) -> None:
    made = writing.hire("hub", places.village)
    given = {"id": made["id"], "version": 1, "homeId": places.elsewhere, "name": "王远迁"}
    writing.write("hub", "updatePerson", PERSON, **given)
    left, joined = int(places.village[1:]), int(places.elsewhere[1:])
    assert [(entry["place_id"], entry["before"], entry["after"]) for entry in entries(made["id"])[1:]] == [
        (left, {"place": places.village}, None),
        (joined, None, {"place": places.elsewhere}),
        (joined, {"name": "试用人员"}, {"name": "王远迁"}),
    ]
    assert writing.ask("leifeng", "query ($id: ID!) { node(id: $id) { id } }", {"id": made["id"]})["node"] is None


def test_nobody_is_moved_to_a_home_out_of_scope(writing: Writing, places: Places) -> None:
    made = writing.hire("leifeng", places.village)
    payload = writing.write("leifeng", "updatePerson", PERSON, id=made["id"], version=1, homeId=places.elsewhere)
    assert refusal(payload) == ("NOT_FOUND", "homeId")


def test_who_serves_here_and_is_at_home_elsewhere_is_not_changed_from_here(writing: Writing, places: Places) -> None:
    helper = writing.hire("sanban", places.elsewhere, "SOCIAL_WORKER")
    given = {"personId": helper["id"], "placeId": places.station, "duty": "STATION_SOCIAL_WORKER"}
    writing.write("hub", "assignPerson", "assignment { id }", **given, validFrom="2024-01-01")
    seen = writing.ask("leifeng", "query ($id: ID!) { node(id: $id) { id } }", {"id": helper["id"]})
    assert seen["node"] == {"id": helper["id"]}
    for mutation in ("updatePerson", "retirePerson"):
        payload = writing.write("leifeng", mutation, PERSON, id=helper["id"], version=1)
        assert refusal(payload) == ("NOT_FOUND", "id")


def test_skills_are_replaced_as_a_whole_and_recorded(
    writing: Writing, places: Places, entries: Callable[[str], list[dict[str, Any]]]
) -> None:
    made = writing.hire("leifeng", places.village, skills=["legal", "barber"])
    given = {"id": made["id"], "version": 1, "skills": ["repair", "barber", "repair"]}
    found = writing.write("leifeng", "updatePerson", PERSON, **given)["person"]
    assert (found["version"], found["skills"]) == (2, [{"code": "barber"}, {"code": "repair"}])
    last = entries(made["id"])[-1]
    assert (last["before"], last["after"]) == ({"skills": ["barber", "legal"]}, {"skills": ["barber", "repair"]})
    emptied = writing.write("leifeng", "updatePerson", PERSON, id=made["id"], version=2, skills=[])["person"]
    assert emptied["skills"] == []


def test_an_unknown_skill_is_not_found(writing: Writing, places: Places) -> None:
    made = writing.hire("leifeng", places.village)
    payload = writing.write("leifeng", "updatePerson", PERSON, id=made["id"], version=1, skills=["barber", "magic"])
    assert refusal(payload) == ("NOT_FOUND", "skills")
    assert refusal(create(writing, "leifeng", places.village, skills=["magic"])) == ("NOT_FOUND", "skills")


def test_a_serving_social_worker_stays_one_until_that_has_ended(writing: Writing, places: Places) -> None:
    made = writing.hire("leifeng", places.village, "SOCIAL_WORKER")
    given = {"personId": made["id"], "placeId": places.village, "duty": "LINKED_SOCIAL_WORKER"}
    selection = "assignment { id version }"
    duty = writing.write("leifeng", "assignPerson", selection, **given, validFrom="2024-01-01")["assignment"]
    change = {"id": made["id"], "version": 1, "kind": "GRID_WORKER"}
    assert refusal(writing.write("leifeng", "updatePerson", PERSON, **change)) == ("INVALID", "kind")
    writing.write("leifeng", "endAssignment", selection, **duty)
    assert writing.write("leifeng", "updatePerson", PERSON, **change)["person"]["kind"] == "GRID_WORKER"


def test_a_repeat_with_the_same_key_answers_the_same_person(writing: Writing, places: Places) -> None:
    number = id_number("19900101", 24)
    given = {"idNumber": number, "birthDate": "1990-01-01", "idempotencyKey": "a person once"}
    first = create(writing, "leifeng", places.village, **given)
    assert create(writing, "leifeng", places.village, **given) == first
    assert refusal(create(writing, "leifeng", places.village, **given, phone="10086")) == (
        "KEY_REUSED",
        "idempotencyKey",
    )


def test_two_who_create_the_same_person_at_one_home_make_one(writing: Writing, places: Places) -> None:
    """Neither sees the other's row yet; the database's own constraint decides."""
    number = id_number("19900101", 26)
    barrier = threading.Barrier(4)

    def race(_: int) -> Any:
        barrier.wait()
        return create(writing, "leifeng", places.village, idNumber=number)

    writing.token("leifeng")
    with ThreadPoolExecutor(4) as pool:
        payloads = list(pool.map(race, range(4)))
    refused = [refusal(payload) for payload in payloads if payload["errors"]]
    assert refused == [("TAKEN", "idNumber")] * 3


def test_no_plain_value_of_a_person_is_in_any_table(writing: Writing, places: Places) -> None:
    values = {
        "phone": "19900088888",
        "idNumber": id_number("19850917", 28),
        "birthDate": "1985-09-17",
        "address": "德化县雷峰镇样板巷88号",
    }
    given = values | {"idempotencyKey": "plain"}
    made = create(writing, "leifeng", places.village, **given)["person"]
    values["phone"] = "19900099999"
    writing.write("leifeng", "updatePerson", PERSON, id=made["id"], version=1, phone=values["phone"], gender="FEMALE")
    tables = writing.sql(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
    )
    for (table,) in tables:
        for value in ("19900088888", *values.values()):
            found = writing.value(f"SELECT count(*) FROM {table} t WHERE position($1 in t::text) > 0", value)
            assert found == 0, (table, value)
