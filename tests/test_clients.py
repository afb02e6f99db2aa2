"""Clients are registered, changed, shared and closed; their data is personal."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from resolvers.core.details import CHECK_CHARACTERS, WEIGHTS
from tests.payloads import refusal
from tests.writing import Places, Writing

CLIENT = """client { id version kind name householdSize categories phone idNumber birthDate address consentOn
  consentWithdrawnOn registeredOn closedOn place { id } }"""
PRIVATE = "query ($id: ID!) { client(id: $id) { private { phone idNumber birthDate address } } }"


@pytest.fixture(scope="module")
def number() -> Iterator[str]:
    """Identity numbers of nobody, born on 12 April 1950."""

    def numbers() -> Iterator[str]:
        for serial in count(1):
            digits = f"35059919500412{serial:03}"
            weighted = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True))
            yield digits + CHECK_CHARACTERS[weighted % 11]

    return numbers()


def register(writing: Writing, place: str, username: str = "leifeng", **more: Any) -> Any:
    given = {"placeId": place, "kind": "PERSON", "name": "林阿婆", "categories": ["LEFT_BEHIND_ELDERLY"]} | more
    return writing.write(username, "createClient", CLIENT, **given)


def change(
    writing: Writing, client: Any, mutation: str = "updateClient", username: str = "leifeng", **more: Any
) -> Any:
    return writing.write(username, mutation, CLIENT, id=client["id"], version=client["version"], **more)


def accept_elsewhere(writing: Writing, client: Any, place: str) -> Any:
    """Refers a client of leifeng's to a place of sanban's, which accepts."""
    code = writing.ask("sanban", "query ($id: ID!) { community(id: $id) { code } }", {"id": place})["community"]["code"]
    given = {"clientId": client["id"], "toCode": code, "reason": "需要上门照护", "urgency": "NORMAL"}
    sent = writing.write("leifeng", "sendReferral", "referral { id version }", **given)
    assert sent["errors"] == []
    accepted = writing.write("sanban", "acceptReferral", "referral { id version state }", **sent["referral"])
    assert accepted["referral"]["state"] == "ACCEPTED"
    return accepted["referral"]


def test_a_client_is_registered_and_masked(writing: Writing, places: Places, number: Iterator[str]) -> None:
    details = {"phone": "138-0000 1234", "idNumber": next(number), "address": "福建省泉州市德化县雷峰镇示例路1号"}
    made = register(
        writing, places.village, name=" 林  阿婆 ", householdSize=2, consentOn="2024-01-01", registeredOn="2024-01-02",
        categories=["LEFT_BEHIND_ELDERLY", "DISABLED", "DISABLED"], **details,
    )  # fmt: skip
    assert made["errors"] == []
    client = made["client"]
    assert client.pop("id").startswith("CL")
    assert client == {
        "version": 1,
        "kind": "PERSON",
        "name": "林 阿婆",
        "householdSize": 2,
        "categories": ["DISABLED", "LEFT_BEHIND_ELDERLY"],
        "phone": "138****1234",
        "idNumber": f"3505**********{details['idNumber'][-4:]}",
        "birthDate": "1950-**-**",
        "address": "福建省泉州市德化县雷峰镇****",
        "consentOn": "2024-01-01",
        "consentWithdrawnOn": None,
        "registeredOn": "2024-01-02",
        "closedOn": None,
        "place": {"id": places.village},
    }


def test_a_client_that_cannot_be_is_refused_at_its_field(
    writing: Writing, places: Places, number: Iterator[str]
) -> None:
    known = next(number)
    assert register(writing, places.village, idNumber=known)["errors"] == []
    wrong = known[:-1] + ("1" if known[-1] != "1" else "2")
    for field, value, code in (
        ("placeId", places.elsewhere, "NOT_FOUND"),
        ("name", " ", "INVALID"),
        ("name", "长" * 51, "INVALID"),
        ("householdSize", 0, "INVALID"),
        ("phone", "12", "INVALID"),
        ("idNumber", wrong, "INVALID"),
        ("idNumber", known, "TAKEN"),
        ("birthDate", "2999-01-01", "INVALID"),
        ("consentOn", "2999-01-01", "INVALID"),
        ("registeredOn", "1899-12-31", "INVALID"),
    ):
        given: dict[str, Any] = {"place": places.other} | {"place" if field == "placeId" else field: value}
        assert refusal(register(writing, **given)) == (code, field)
    # Of clients out of scope it must not tell.
    assert register(writing, places.elsewhere, "sanban", idNumber=known)["errors"] == []


def test_a_client_is_changed_as_far_as_is_said(writing: Writing, places: Places, number: Iterator[str]) -> None:
    client = register(writing, places.village, idNumber=next(number), phone="13800001234")["client"]
    changed = change(writing, client, householdSize=3, phone=None, categories=["DISABLED"])["client"]
    expected = {"version": 2, "householdSize": 3, "phone": None, "categories": ["DISABLED"]}
    assert changed == client | expected
    assert change(writing, changed, categories=["DISABLED"], householdSize=3)["client"] == changed
    conflict = change(writing, client, name="改名")
    assert (conflict["client"], conflict["errors"][0]["code"]) == (changed, "CONFLICT")
    assert refusal(change(writing, changed, idNumber=next(number), birthDate="1951-01-01")) == ("INVALID", "idNumber")
    assert refusal(change(writing, changed, categories=None)) == ("INVALID", "categories")


def test_a_client_takes_its_categories_along_to_another_place(writing: Writing, places: Places) -> None:
    client = register(writing, places.village)["client"]
    moved = change(writing, client, placeId=places.other)["client"]
    assert moved == client | {"version": 2, "place": {"id": places.other}}
    at = "SELECT place_id FROM client_category WHERE client_id = $1"
    assert writing.value(at, int(client["id"][2:])) == int(places.other[1:])
    assert refusal(change(writing, moved, placeId=places.elsewhere)) == ("NOT_FOUND", "placeId")


def test_consent_is_given_and_withdrawn_in_turn(writing: Writing, places: Places) -> None:
    client = register(writing, places.village)["client"]
    assert refusal(change(writing, client, "setClientConsent", given=False)) == ("INVALID", "given")
    client = change(writing, client, "setClientConsent", given=True, on="2024-02-01")["client"]
    assert (client["consentOn"], client["consentWithdrawnOn"]) == ("2024-02-01", None)
    assert refusal(change(writing, client, "setClientConsent", given=True)) == ("INVALID", "given")
    assert refusal(change(writing, client, "setClientConsent", given=False, on="2024-01-31")) == ("INVALID", "on")
    client = change(writing, client, "setClientConsent", given=False, on="2024-03-01")["client"]
    assert (client["consentOn"], client["consentWithdrawnOn"]) == ("2024-02-01", "2024-03-01")
    assert refusal(change(writing, client, "setClientConsent", given=True, on="2024-02-29")) == ("INVALID", "on")
    client = change(writing, client, "setClientConsent", given=True, on="2024-04-01")["client"]
    assert (client["consentOn"], client["consentWithdrawnOn"]) == ("2024-04-01", None)


def test_nothing_is_added_to_a_closed_file(writing: Writing, places: Places) -> None:
    client = register(writing, places.village, registeredOn="2024-01-01")["client"]
    assert refusal(change(writing, client, "closeClient", on="2023-12-31")) == ("INVALID", "on")
    assert refusal(change(writing, client, "closeClient", on="2999-01-01")) == ("INVALID", "on")
    closed = change(writing, client, "closeClient", on="2024-06-01")["client"]
    assert closed == client | {"version": 2, "closedOn": "2024-06-01"}
    for mutation, given in (
        ("updateClient", {"name": "改名"}),
        ("setClientConsent", {"given": True}),
        ("closeClient", {}),
    ):
        assert refusal(change(writing, closed, mutation, **given)) == ("INVALID", "id")
    found = "query ($id: ID!) { clients(where: { closed: true, id: { eq: $id } }) { totalCount } }"
    assert writing.ask("leifeng", found, {"id": client["id"]})["clients"]["totalCount"] == 1


def test_what_is_written_of_a_client_is_recorded_without_personal_data(
    writing: Writing, places: Places, number: Iterator[str]
) -> None:
    known = next(number)
    client = register(writing, places.village, idNumber=known, phone="13811112222")["client"]
    change(writing, client, categories=["OTHER"], phone="13811113333")
    query = "query ($id: ID!) { client(id: $id) { history { nodes { action before after } } } }"
    second, first = writing.ask("leifeng", query, {"id": client["id"]})["client"]["history"]["nodes"]
    assert (first["action"], first["before"]) == ("createClient", None)
    assert first["after"]["categories"] == ["LEFT_BEHIND_ELDERLY"]
    assert first["after"]["phone"] == "138****2222"
    assert second["before"] == {"phone": "138****2222", "categories": ["LEFT_BEHIND_ELDERLY"]}
    assert second["after"] == {"phone": "138****3333", "categories": ["OTHER"]}
    told = writing.sql("SELECT before::text || after::text AS text FROM audit_entry WHERE noun = 'client'")
    assert not [row for row in told if row["text"] and (known in row["text"] or "13811113333" in row["text"])]


def test_a_manager_reads_a_clients_data_in_full_and_is_recorded(
    writing: Writing, places: Places, number: Iterator[str]
) -> None:
    known = next(number)
    client = register(writing, places.village, idNumber=known, phone="13822223333")["client"]
    private = writing.ask("leifeng", PRIVATE, {"id": client["id"]})["client"]["private"]
    assert private == {"phone": "13822223333", "idNumber": known, "birthDate": "1950-04-12", "address": None}
    key = int(client["id"][2:])
    recorded = "SELECT count(*) FROM audit_entry WHERE action = 'readPrivate' AND noun = 'client' AND row_id = $1"
    assert writing.value(recorded, key) == 1
    by_number = "query ($number: String!) { clients(where: { idNumber: { eq: $number } }) { nodes { id } } }"
    assert writing.ask("leifeng", by_number, {"number": known})["clients"]["nodes"] == [{"id": client["id"]}]
    assert writing.ask("sanban", by_number, {"number": known})["clients"]["nodes"] == []


def test_only_who_may_reads_personal_data(writing: Writing) -> None:
    count_only = "{ clients(first: 1) { totalCount nodes { id kind categories registeredOn } } }"
    assert writing.ask("hub-observer", count_only)["clients"]["totalCount"]
    for username, asked in (
        ("hub-observer", "{ clients(first: 1) { nodes { name } } }"),
        ("hub-observer", "{ clients(first: 1) { nodes { phone } } }"),
        ("hub-observer", '{ clients(where: { name: { startsWith: "林" } }) { totalCount } }'),
        ("hub-observer", "{ clients(orderBy: [{ field: NAME }]) { nodes { id } } }"),
        ("nanchengcun", "{ clients(first: 1) { nodes { private { phone } } } }"),
        ("nanchengcun", '{ clients(where: { phone: { eq: "13800001234" } }) { totalCount } }'),
    ):
        (error,) = writing.post(username, asked).json()["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"


def test_a_worker_registers_clients_and_an_observer_does_not(writing: Writing, places: Places) -> None:
    village = writing.ask("nanchengcun", "{ communities { nodes { id } } }")["communities"]["nodes"][0]["id"]
    assert register(writing, village, "nanchengcun")["errors"] == []
    query = """mutation ($input: CreateClientInput!) { createClient(input: $input) { client { id } } }"""
    given = {"placeId": places.village, "kind": "PERSON", "name": "某", "categories": []}
    (error,) = writing.post("hub-observer", query, {"input": given}).json()["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"


def test_a_shared_client_is_read_and_never_written(writing: Writing, places: Places) -> None:
    client = register(writing, places.village, phone="13844445555", consentOn="2024-01-01")["client"]
    seen = "query ($id: ID!) { client(id: $id) { name categories place { id } can { update close setConsent } } }"
    assert writing.ask("sanban", seen, {"id": client["id"]})["client"] is None
    accept_elsewhere(writing, client, places.elsewhere)
    assert writing.ask("sanban", seen, {"id": client["id"]})["client"] == {
        "name": client["name"],
        "categories": client["categories"],
        "place": None,
        "can": {"update": False, "close": False, "setConsent": False},
    }
    for mutation, given in (
        ("updateClient", {"name": "改名"}),
        ("setClientConsent", {"given": False}),
        ("closeClient", {}),
    ):
        assert refusal(change(writing, client, mutation, "sanban", **given)) == ("NOT_FOUND", "id")
    # Who is in another scope is no reason to refuse a number, nor is a place found by the client's.
    within = "query ($place: ID!) { clients(where: { within: $place }) { totalCount } }"
    assert writing.ask("sanban", within, {"place": places.village})["clients"]["totalCount"] == 0
