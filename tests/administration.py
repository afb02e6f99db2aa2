"""What tests of accounts and grants have in common: accounts of their own in a network of a module's own."""

import secrets
from typing import Any

import httpx

from server.demo import PASSWORD
from tests.payloads import mutating
from tests.sessions import REFRESH
from tests.writing import ERRORS, Writing

ACCOUNT = "account { id username version disabled place { id } grants { id role place { id } validTo } }"
GRANT = "grant { id role version validFrom validTo place { id } account { id } }"


def places_of(writing: Writing) -> dict[str, str]:
    """The ids of the places of the demo's accounts, by username; all but two have a station."""
    sql = "SELECT a.username, left(p.kind, 1) || p.id AS id FROM account a JOIN place p ON p.id = a.place_id"
    return {row["username"]: row["id"] for row in writing.sql(sql)}


def write(writing: Writing, by: str, mutation: str, selection: str, /, **given: Any) -> Any:
    """The payload of a mutation."""
    query = mutating(mutation, f"{selection} {ERRORS}")
    return writing.ask(by, query, {"input": given})[mutation]


def create(writing: Writing, by: str, place: str, role: str = "WORKER", **given: Any) -> Any:
    """The payload of `createAccount`; the account gets the demo's password."""
    given = {"username": f"t{secrets.token_hex(6)}", "password": PASSWORD, "placeId": place, "role": role} | given
    return write(writing, by, "createAccount", ACCOUNT, **given)


def make(writing: Writing, by: str, place: str, role: str = "WORKER") -> Any:
    """An account that was just made."""
    payload = create(writing, by, place, role)
    assert payload["errors"] == []
    return payload["account"]


def plant(writing: Writing, account: str, place: str, role: str, begins: str = "now()") -> str:
    """The id of a grant that nobody gave."""
    sql = f"""INSERT INTO account_grant (place_id, path, station_id, county_id, account_id, role, valid_from)
      SELECT id, path, station_id, county_id, $1, $3, {begins} FROM place WHERE id = $2 RETURNING id"""
    return f"R{writing.value(sql, int(account[1:]), int(place[1:]), role)}"


def refused(payload: Any) -> list[tuple[str, str]]:
    """Code and field of each refusal of a payload."""
    return [(error["code"], ".".join(error["path"][1:])) for error in payload["errors"]]


def own(writing: Writing, username: str) -> Any:
    """The account in use and its acting grant."""
    viewer = writing.ask(username, "{ viewer { account { id version } grant { id version } } }")["viewer"]
    return viewer["account"] | {"grant": viewer["grant"]}


def admitted(writing: Writing, token: str) -> bool:
    headers = {"Authorization": f"Bearer {token}"}
    query = {"query": "{ viewer { account { id } } }"}
    answer = httpx.post(f"{writing.server.url}/graphql", json=query, headers=headers, timeout=30).json()
    return "errors" not in answer


def log_in(writing: Writing, username: str, password: str = PASSWORD) -> Any:
    query = """mutation ($input: LogInInput!) {
      logIn(input: $input) { accessToken refreshToken errors { code } } }"""
    return writing.ask(None, query, {"input": {"username": username, "password": password}})["logIn"]


def goes_on(writing: Writing, session: Any) -> bool:
    """Whether a session's refresh token is still good."""
    payload = writing.ask(None, REFRESH, {"input": {"refreshToken": session["refreshToken"]}})["refreshSession"]
    return not payload["errors"]
