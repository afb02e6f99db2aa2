"""Delegated administration: accounts and grants are given, changed and ended by who holds as much, and nobody else."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.demo import PASSWORD
from tests.administration import (
    ACCOUNT,
    GRANT,
    admitted,
    create,
    goes_on,
    log_in,
    make,
    own,
    places_of,
    plant,
    refused,
    write,
)
from tests.sessions import refusals
from tests.writing import Writing


@pytest.fixture(scope="module")
def places(writing: Writing) -> dict[str, str]:
    """The ids of places, by the demo account that is at home there."""
    return places_of(writing)


# -- reading -------------------------------------------------------------------------------------------------------


def test_accounts_are_those_in_scope_with_their_grants_in_scope(writing: Writing, places: dict[str, str]) -> None:
    seen = f"{{ accounts(first: 100) {{ totalCount nodes {{ {ACCOUNT.removeprefix('account {')} }} }}"
    below = writing.ask("nancheng", seen)["accounts"]
    names = {account["username"]: account for account in below["nodes"]}
    assert {"nancheng", "nanchengcun", "gridworker", "shuikou"} <= set(names)
    assert not {"hub", "leifeng", "longxun"} & set(names)
    assert below["totalCount"] == len(names)
    assert names["nanchengcun"]["place"] == {"id": places["nanchengcun"]}
    plant(writing, names["nanchengcun"]["id"], places["leifeng"], "OBSERVER")
    again = writing.ask("nancheng", seen)["accounts"]["nodes"]
    assert [a for a in again if a["username"] == "nanchengcun"] == [names["nanchengcun"]]
    assert {"hub", "leifeng"} <= {a["username"] for a in writing.ask("hub", seen)["accounts"]["nodes"]}


def test_accounts_are_filtered_and_ordered(writing: Writing) -> None:
    account = own(writing, "nanchengcun")["id"]

    def names(where: str, order: str = "") -> list[str]:
        found = writing.ask("hub", f"{{ accounts(first: 100, where: {where} {order}) {{ nodes {{ username }} }} }}")
        return [node["username"] for node in found["accounts"]["nodes"]]

    down = "orderBy: { field: USERNAME, direction: DESC }"
    assert names('{ username: { in: ["sanban", "gaide"] } }', down) == ["sanban", "gaide"]
    assert names('{ username: { startsWith: "nancheng" } }', down) == ["nanchengcun", "nancheng"]
    assert names(f'{{ id: {{ eq: "{account}" }}, disabled: false }}') == ["nanchengcun"]
    assert names(f'{{ id: {{ eq: "{account}" }}, disabled: true }}') == []
    assert names(f'{{ id: {{ eq: "{account}" }}, not: {{ disabled: true }} }}') == ["nanchengcun"]


def test_one_account_is_found_by_id_in_scope_alone(writing: Writing) -> None:
    query = "query ($id: ID!) { account(id: $id) { username } }"
    inside, outside = own(writing, "shuikou")["id"], own(writing, "leifeng")["id"]
    assert writing.ask("nancheng", query, {"id": inside}) == {"account": {"username": "shuikou"}}
    assert writing.ask("nancheng", query, {"id": outside}) == {"account": None}
    assert writing.ask("hub", query, {"id": outside}) == {"account": {"username": "leifeng"}}


def test_who_does_not_manage_reads_and_writes_no_accounts(writing: Writing, places: dict[str, str]) -> None:
    account = make(writing, "nancheng", places["nanchengcun"])
    for username in ("nanchengcun", "hub-observer"):
        for field in ("accounts { totalCount }", 'account(id: "U1") { id }'):
            answer = writing.post(username, f"{{ {field} }}").json()
            assert [code for _, code in refusals(answer)] == ["FORBIDDEN"]
        query = "mutation ($id: ID!) { disableAccount(input: { id: $id, version: 1 }) { account { id } } }"
        assert refusals(writing.post(username, query, {"id": account["id"]}).json()) == [
            ("disableAccount", "FORBIDDEN")
        ]


# -- creating ------------------------------------------------------------------------------------------------------


def test_a_new_account_logs_in_and_acts_at_its_place(writing: Writing, places: dict[str, str]) -> None:
    account = make(writing, "nancheng", places["nanchengcun"], "MANAGER")
    assert account["place"] == {"id": places["nanchengcun"]}
    viewer = writing.ask(account["username"], "{ viewer { grants { id role } scope { id } } }")["viewer"]
    assert viewer == {"grants": [{"id": account["grants"][0]["id"], "role": "MANAGER"}], "scope": account["place"]}
    giver = writing.value(
        "SELECT 'R' || given_by FROM account_grant WHERE id = $1", int(account["grants"][0]["id"][1:])
    )
    assert giver == own(writing, "nancheng")["grant"]["id"]


def test_the_log_tells_of_a_new_account_and_never_of_its_password(writing: Writing, places: dict[str, str]) -> None:
    account = make(writing, "nancheng", places["nanchengcun"])
    sql = """SELECT e.noun, e.before, e.after, e.path = a.path AS at_its_place FROM audit_entry e, account a
      WHERE a.id = $1 AND e.action = 'createAccount' AND e.row_id = CASE e.noun WHEN 'account' THEN a.id ELSE $2 END"""
    rows = writing.sql(sql, int(account["id"][1:]), int(account["grants"][0]["id"][1:]))
    assert {row["noun"] for row in rows} == {"account", "account_grant"}
    for row in rows:
        assert row["before"] is None
        assert row["at_its_place"]
        told = row["after"]
        assert (account["username"] in told) == (row["noun"] == "account")
        assert "argon2" not in told
        assert PASSWORD not in told
        assert "given_by" not in told


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({}, None),
        ({"role": "MANAGER"}, None),
        ({"role": "ADMINISTRATOR"}, ("FORBIDDEN", "role")),
        ({"placeId": "leifeng"}, ("NOT_FOUND", "placeId")),
        ({"placeId": "hub"}, ("NOT_FOUND", "placeId")),
        ({"username": "Bad Name"}, ("INVALID", "username")),
        ({"username": "shuikou"}, ("TAKEN", "username")),
        # Names to log in with are everybody's, wherever their account is.
        ({"username": "hub"}, ("TAKEN", "username")),
        ({"password": "short"}, ("WEAK_PASSWORD", "password")),
        ({"username": "as-its-name", "password": "As-Its-Name"}, ("WEAK_PASSWORD", "password")),
    ],
)
def test_what_a_manager_may_create(
    writing: Writing, places: dict[str, str], given: dict[str, str], error: tuple[str, str] | None
) -> None:
    given = {**given, "placeId": places[given.get("placeId", "nancheng")]}
    before = writing.value("SELECT count(*) FROM account")
    payload = create(writing, "nancheng", places["nancheng"], **given)
    assert refused(payload) == ([error] if error else [])
    assert (payload["account"] is None) == (error is not None)
    assert writing.value("SELECT count(*) FROM account") == before + (error is None)


def test_nobody_is_created_or_granted_at_a_closed_place(writing: Writing, places: dict[str, str]) -> None:
    account = make(writing, "nancheng", places["nancheng"])
    grids = "{ communities(first: 3) { nodes { grids(first: 1) { nodes { id version } } } } }"
    found = writing.ask("nancheng", grids)["communities"]["nodes"]
    grid = next(c["grids"]["nodes"][0] for c in found if c["grids"]["nodes"])
    assert create(writing, "nancheng", grid["id"])["errors"] == []
    writing.sql("UPDATE grid SET closed_on = current_date WHERE id = $1", int(grid["id"][1:]))
    assert refused(create(writing, "nancheng", grid["id"])) == [("INVALID", "placeId")]
    given = {"accountId": account["id"], "placeId": grid["id"], "role": "WORKER"}
    assert refused(write(writing, "nancheng", "grantAccount", GRANT, **given)) == [("INVALID", "placeId")]


def test_a_repeated_create_makes_one_account(writing: Writing, places: dict[str, str]) -> None:
    given = {"username": "only-once", "idempotencyKey": "made once"}
    first = create(writing, "nancheng", places["nancheng"], **given)
    assert first["errors"] == []
    assert create(writing, "nancheng", places["nancheng"], **given) == first
    other = create(writing, "nancheng", places["nancheng"], **given, password="another one")
    assert refused(other) == [("KEY_REUSED", "idempotencyKey")]


# -- passwords and shutting out ------------------------------------------------------------------------------------


def test_a_reset_password_voids_everything_before_it(writing: Writing, places: dict[str, str]) -> None:
    account = make(writing, "nancheng", places["nanchengcun"])
    session, idle = log_in(writing, account["username"]), log_in(writing, account["username"])
    given = {"accountId": account["id"], "version": 1, "newPassword": "battery staple"}
    payload = write(writing, "nancheng", "resetPassword", ACCOUNT, **given)
    assert (payload["errors"], payload["account"]["version"]) == ([], 2)
    assert not admitted(writing, session["accessToken"])
    assert not goes_on(writing, session)
    assert log_in(writing, account["username"])["errors"] == [{"code": "INVALID_CREDENTIALS"}]
    assert admitted(writing, log_in(writing, account["username"], "battery staple")["accessToken"])
    # Nor does one go on that nobody used meanwhile.
    assert not goes_on(writing, idle)
    again = write(writing, "nancheng", "resetPassword", ACCOUNT, **given)
    assert refused(again) == [("CONFLICT", "version")]
    assert again["account"]["version"] == 2
    weak = write(writing, "nancheng", "resetPassword", ACCOUNT, **{**given, "version": 2, "newPassword": "short"})
    assert refused(weak) == [("WEAK_PASSWORD", "newPassword")]


def test_a_disabled_account_is_out_until_it_is_enabled(writing: Writing, places: dict[str, str]) -> None:
    account = make(writing, "nancheng", places["nanchengcun"])
    session = log_in(writing, account["username"])

    def put(mutation: str, version: int) -> Any:
        return write(writing, "nancheng", mutation, ACCOUNT, id=account["id"], version=version)

    assert refused(put("enableAccount", 1)) == [("INVALID", "id")]
    assert put("disableAccount", 1)["account"] == account | {"disabled": True, "version": 2}
    assert not admitted(writing, session["accessToken"])
    assert log_in(writing, account["username"])["errors"] == [{"code": "INVALID_CREDENTIALS"}]
    assert refused(put("disableAccount", 1)) == [("CONFLICT", "version")]
    assert refused(put("disableAccount", 2)) == [("INVALID", "id")]
    assert put("enableAccount", 2)["account"] == account | {"version": 3}
    # What was shut out stays out.
    assert not admitted(writing, session["accessToken"])
    assert not goes_on(writing, session)
    assert admitted(writing, log_in(writing, account["username"])["accessToken"])


def change(writing: Writing, by: str, mutation: str, account: Any) -> list[tuple[str, str]]:
    """How a change of an account is refused; its id's field is called `id`, wherever it is."""
    version = writing.value("SELECT version FROM account WHERE id = $1", int(account["id"][1:]))
    given = {"version": version}
    given |= {"accountId": account["id"], "newPassword": "a new password"} if mutation == "resetPassword" else {}
    given |= {} if mutation == "resetPassword" else {"id": account["id"]}
    payload = write(writing, by, mutation, "account { id }", **given)
    return [(code, field.replace("accountId", "id")) for code, field in refused(payload)]


@pytest.mark.parametrize("mutation", ["resetPassword", "disableAccount", "enableAccount"])
def test_whom_a_manager_administers(writing: Writing, places: dict[str, str], mutation: str) -> None:
    def ready(by: str, place: str, role: str = "WORKER") -> Any:
        account = make(writing, by, places[place], role)
        if mutation == "enableAccount":
            writing.sql("UPDATE account SET disabled_at = now() WHERE id = $1", int(account["id"][1:]))
        return account

    assert change(writing, "nancheng", mutation, ready("nancheng", "nanchengcun", "MANAGER")) == []
    assert change(writing, "nancheng", mutation, ready("hub", "shuikou")) == []
    # Above, beside, and oneself.
    assert change(writing, "nancheng", mutation, ready("hub", "nancheng", "ADMINISTRATOR")) == [("FORBIDDEN", "id")]
    assert change(writing, "nancheng", mutation, ready("hub", "hub")) == [("NOT_FOUND", "id")]
    assert change(writing, "nancheng", mutation, ready("hub", "leifeng")) == [("NOT_FOUND", "id")]
    assert change(writing, "nancheng", mutation, own(writing, "nancheng")) == [("FORBIDDEN", "id")]
    # In scope itself, but with a grant that is not, now or later; what has ended does not count.
    for begins in ("now()", "now() + interval '1 day'"):
        reaches = ready("nancheng", "nancheng")
        grant = plant(writing, reaches["id"], places["leifeng"], "OBSERVER", begins)
        assert change(writing, "nancheng", mutation, reaches) == [("FORBIDDEN", "id")]
        writing.sql("UPDATE account_grant SET valid_to = valid_from WHERE id = $1", int(grant[1:]))
        assert change(writing, "nancheng", mutation, reaches) == []


def test_an_account_whose_place_moved_is_administered_where_it_is_now(writing: Writing, places: dict[str, str]) -> None:
    query = "{ communities(first: 1, orderBy: { field: CODE }) { nodes { id version } } }"
    community = writing.ask("nancheng", query)["communities"]["nodes"][0]
    account = make(writing, "nancheng", community["id"])
    given = community | {"parentId": places["leifeng"]}
    assert write(writing, "hub", "moveCommunity", "community { id }", **given)["errors"] == []
    assert change(writing, "nancheng", "resetPassword", account) == [("NOT_FOUND", "id")]
    revoke = {"id": account["grants"][0]["id"], "version": 1}
    assert refused(write(writing, "nancheng", "revokeGrant", GRANT, **revoke)) == [("NOT_FOUND", "id")]
    assert change(writing, "leifeng", "resetPassword", account) == []
    assert write(writing, "leifeng", "revokeGrant", GRANT, **revoke)["errors"] == []


# -- grants --------------------------------------------------------------------------------------------------------


def test_a_further_grant_can_be_acted_under(writing: Writing, places: dict[str, str]) -> None:
    account = make(writing, "nancheng", places["nanchengcun"])
    given = {"accountId": account["id"], "placeId": places["shuikou"], "role": "MANAGER"}
    payload = write(writing, "nancheng", "grantAccount", GRANT, **given)
    assert payload["errors"] == []
    grant = payload["grant"]
    assert (grant["role"], grant["place"], grant["account"]) == (
        "MANAGER",
        {"id": places["shuikou"]},
        {"id": account["id"]},
    )
    scope = "{ viewer { scope { id } } }"
    assert writing.ask(account["username"], scope) == {"viewer": {"scope": account["place"]}}
    acting = writing.ask(account["username"], scope, grant=grant["id"])
    assert acting == {"viewer": {"scope": {"id": places["shuikou"]}}}
    assert refused(write(writing, "nancheng", "grantAccount", GRANT, **given)) == [("TAKEN", "role")]
    # At a place below it is needless, and nobody's harm.
    below = given | {"placeId": places["nanchengcun"]}
    assert write(writing, "nancheng", "grantAccount", GRANT, **below)["errors"] == []


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({}, None),
        ({"role": "MANAGER", "placeId": "nancheng"}, None),
        ({"role": "ADMINISTRATOR"}, ("FORBIDDEN", "role")),
        ({"placeId": "leifeng"}, ("NOT_FOUND", "placeId")),
        ({"placeId": "hub"}, ("NOT_FOUND", "placeId")),
        ({"accountId": "leifeng"}, ("NOT_FOUND", "accountId")),
        ({"accountId": "nancheng"}, ("FORBIDDEN", "accountId")),
        ({"validFrom": "2020-01-01T00:00:00Z"}, ("INVALID", "validFrom")),
        ({"validFrom": "2199-01-01T00:00:00"}, ("INVALID", "validFrom")),
        ({"validTo": "2020-01-01T00:00:00Z"}, ("INVALID", "validTo")),
        ({"validTo": "0001-01-01T00:00:00+08:00"}, ("INVALID", "validTo")),
        ({"validTo": "9999-12-31T23:59:59-08:00"}, ("INVALID", "validTo")),
        ({"validFrom": "2199-02-01T00:00:00Z", "validTo": "2199-02-01T08:00:00+08:00"}, ("INVALID", "validTo")),
        ({"validFrom": "2199-02-01T00:00:00Z", "validTo": "2199-02-01T08:00:01+08:00"}, None),
    ],
)
def test_what_a_manager_may_grant(
    writing: Writing, places: dict[str, str], given: dict[str, str], error: tuple[str, str] | None
) -> None:
    other = own(writing, given["accountId"])["id"] if "accountId" in given else None
    account = other or make(writing, "nancheng", places["nanchengcun"])["id"]
    given = {"role": "WORKER", **given, "accountId": account, "placeId": places[given.get("placeId", "shuikou")]}
    payload = write(writing, "nancheng", "grantAccount", GRANT, **given)
    assert refused(payload) == ([error] if error else [])
    assert (payload["grant"] is None) == (error is not None)


def test_grants_hold_from_their_beginning_to_their_end(writing: Writing, places: dict[str, str]) -> None:
    account = make(writing, "nancheng", places["nanchengcun"])
    given = {"accountId": account["id"], "placeId": places["shuikou"], "role": "WORKER"}
    ends = datetime.now(UTC) + timedelta(seconds=1.5)
    brief = write(writing, "nancheng", "grantAccount", GRANT, **given, validTo=ends.isoformat())["grant"]
    # The same again, once this one has ended, overlaps with nothing.
    later = write(writing, "nancheng", "grantAccount", GRANT, **given, validFrom="2198-01-01T00:00:00Z")["grant"]
    overlapping = write(writing, "nancheng", "grantAccount", GRANT, **given, validTo="2198-01-01T00:00:01Z")
    assert refused(overlapping) == [("TAKEN", "role")]
    who = "{ viewer { grant { id } grants { id } account { grants { id } } } }"
    viewer = writing.ask(account["username"], who, grant=brief["id"])["viewer"]
    first = account["grants"][0]["id"]
    assert viewer["grant"] == {"id": brief["id"]}
    assert viewer["grants"] == [{"id": first}, {"id": brief["id"]}]
    assert viewer["account"]["grants"] == [{"id": first}, {"id": brief["id"]}, {"id": later["id"]}]
    not_yet = writing.post(account["username"], who, grant=later["id"]).json()
    assert refusals(not_yet) == [("viewer", "UNAUTHENTICATED")]
    time.sleep(max(0, (ends - datetime.now(UTC)).total_seconds()) + 0.05)
    over = writing.post(account["username"], who, grant=brief["id"]).json()
    assert refusals(over) == [("viewer", "UNAUTHENTICATED")]
    assert writing.ask(account["username"], who)["viewer"]["grants"] == [{"id": first}]


def test_a_grant_that_ends_gives_none_that_outlasts_it(writing: Writing, places: dict[str, str]) -> None:
    manager = make(writing, "hub", places["nancheng"], "MANAGER")
    ends = "2198-01-01T00:00:00.000000Z"
    writing.sql("UPDATE account_grant SET valid_to = '2198-01-01Z' WHERE id = $1", int(manager["grants"][0]["id"][1:]))
    account = make(writing, manager["username"], places["nanchengcun"])
    assert account["grants"][0]["validTo"] == ends
    given = {"accountId": account["id"], "placeId": places["shuikou"]}

    def grant(role: str, **dates: str) -> Any:
        return write(writing, manager["username"], "grantAccount", GRANT, **given, role=role, **dates)

    assert grant("OBSERVER")["grant"]["validTo"] == ends
    assert grant("WORKER", validTo="2197-01-01T00:00:00Z")["grant"]["validTo"] == "2197-01-01T00:00:00.000000Z"
    assert refused(grant("MANAGER", validTo="2198-01-01T00:00:01Z")) == [("FORBIDDEN", "validTo")]
    assert refused(grant("MANAGER", validFrom="2198-01-01T00:00:00Z")) == [("FORBIDDEN", "validFrom")]


def test_a_manager_is_not_raised_by_an_account_of_their_making(writing: Writing, places: dict[str, str]) -> None:
    second = make(writing, "nancheng", places["nancheng"], "MANAGER")
    given = {"accountId": own(writing, "nancheng")["id"]}
    for role, place, error in (
        ("ADMINISTRATOR", "nancheng", ("FORBIDDEN", "role")),
        ("WORKER", "hub", ("NOT_FOUND", "placeId")),
        ("MANAGER", "leifeng", ("NOT_FOUND", "placeId")),
    ):
        payload = write(writing, second["username"], "grantAccount", GRANT, **given, role=role, placeId=places[place])
        assert refused(payload) == [error]


def test_a_revoked_grant_ends_at_once(writing: Writing, places: dict[str, str]) -> None:
    account = make(writing, "nancheng", places["nanchengcun"])
    token = writing.token(account["username"])
    assert admitted(writing, token)
    given = {"id": account["grants"][0]["id"], "version": 1}
    payload = write(writing, "nancheng", "revokeGrant", GRANT, **given)
    assert (payload["errors"], payload["grant"]["version"]) == ([], 2)
    assert payload["grant"]["validTo"] is not None
    assert not admitted(writing, token)
    stale = write(writing, "nancheng", "revokeGrant", GRANT, **given)
    assert refused(stale) == [("CONFLICT", "version")]
    assert stale["grant"] == payload["grant"]
    assert refused(write(writing, "nancheng", "revokeGrant", GRANT, id=given["id"], version=2)) == [("INVALID", "id")]


def test_a_grant_revoked_before_it_begins_never_holds(writing: Writing, places: dict[str, str]) -> None:
    account = make(writing, "nancheng", places["nanchengcun"])
    given = {"accountId": account["id"], "placeId": places["shuikou"], "role": "WORKER"}
    begins = "2198-01-01T00:00:00.000000Z"
    grant = write(writing, "nancheng", "grantAccount", GRANT, **given, validFrom=begins)["grant"]
    ended = write(writing, "nancheng", "revokeGrant", GRANT, id=grant["id"], version=1)["grant"]
    assert ended["validTo"] == begins
    assert refused(write(writing, "nancheng", "revokeGrant", GRANT, id=grant["id"], version=2)) == [("INVALID", "id")]
    # So the same can be given again.
    assert write(writing, "nancheng", "grantAccount", GRANT, **given, validFrom=begins)["errors"] == []


def test_whose_grants_a_manager_revokes(writing: Writing, places: dict[str, str]) -> None:
    def revoke(grant: str) -> Any:
        return write(writing, "nancheng", "revokeGrant", GRANT, id=grant, version=1)

    guest = make(writing, "hub", places["leifeng"])
    here = plant(writing, guest["id"], places["nanchengcun"], "MANAGER")
    # By its place, whoever holds it: who that is, is not the manager's to know.
    assert revoke(here)["grant"]["account"] is None
    assert refused(revoke(guest["grants"][0]["id"])) == [("NOT_FOUND", "id")]
    above = make(writing, "hub", places["nancheng"], "ADMINISTRATOR")
    assert refused(revoke(above["grants"][0]["id"])) == [("FORBIDDEN", "id")]
    assert refused(revoke(own(writing, "nancheng")["grant"]["id"])) == [("FORBIDDEN", "id")]
    assert refused(revoke("R999999999")) == [("NOT_FOUND", "id")]
