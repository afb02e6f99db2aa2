"""Accounts of a test's own, their sessions over HTTP, and what the database then holds."""

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import asyncpg
import httpx

from models import Role
from resolvers import account
from resolvers.core.ids import encode
from resolvers.core.passwords import Passwords
from server.auth import GRANT_HEADER

PASSWORD = "correct horse 电池"
LOG_IN = """
mutation ($input: LogInInput!) { logIn(input: $input) {
  accessToken refreshToken expiresAt retryAfter errors { code message path } } }
"""
REFRESH = """
mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) {
  accessToken refreshToken expiresAt errors { code path } } }
"""
LOG_OUT = "mutation ($input: LogOutInput!) { logOut(input: $input) { endedSessions errors { code } } }"
CHANGE = """
mutation ($input: ChangePasswordInput!) { changePassword(input: $input) {
  accessToken refreshToken retryAfter errors { code path } } }
"""
WHO = "{ viewer { account { username } grant { id role } } }"
# A hub and a station below it.
CODES = """
SELECT h.code AS hub, s.code AS station FROM station h JOIN station s ON s.parent_id = h.id
 WHERE h.level = 'HUB' ORDER BY h.id, s.id LIMIT 1
"""

T = TypeVar("T")
Answer = dict[str, Any]


def transact(database: str, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    async def run() -> T:
        connection = await asyncpg.connect(database)
        try:
            async with connection.transaction():
                return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(run())


def fetch(database: str, sql: str, *values: object) -> list[asyncpg.Record]:
    return transact(database, lambda connection: connection.fetch(sql, *values))


def make_account(database: str) -> str:
    """An account of its own, OBSERVER at the hub, so that no test slows down or disables another's."""
    username = f"t{secrets.token_hex(8)}"
    hub = fetch(database, CODES)[0]["hub"]
    transact(
        database,
        lambda connection: account.create(
            connection, Passwords(), username=username, password=PASSWORD, place_code=hub, role=Role.OBSERVER
        ),
    )
    return username


def give(database: str, username: str, place: str, role: Role) -> str:
    """The public id of a further grant."""
    key = transact(database, lambda c: account.grant(c, username=username, place_code=place, role=role))
    return encode("R", key)


@contextmanager
def elsewhere(client: httpx.Client) -> Iterator[httpx.Client]:
    """A client at an address of its own: failures count by address, too."""
    address = f"127.{random.randint(1, 254)}.{random.randint(1, 254)}.{random.randint(2, 254)}"
    with httpx.Client(base_url=client.base_url, transport=httpx.HTTPTransport(local_address=address)) as other:
        yield other


def post(
    client: httpx.Client, query: str, given: Answer | None = None, token: str | None = None, grant: str | None = None
) -> Answer:
    """The answer of an operation, whose variable is `input` if one is given."""
    headers = {} if token is None else {b"Authorization": f"Bearer {token}".encode("latin-1")}
    if grant is not None:
        headers[GRANT_HEADER.encode()] = grant.encode("latin-1")
    variables = {} if given is None else {"input": given}
    response = client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
    assert response.status_code < 500, response.text
    answer: Answer = response.json()
    return answer


def run(client: httpx.Client, query: str, given: Answer, token: str | None = None) -> Answer:
    """The payload of a mutation that answers without a GraphQL error."""
    answer = post(client, query, given, token)
    assert "errors" not in answer, answer
    payload: Answer = next(iter(answer["data"].values()))
    return payload


def log_in(client: httpx.Client, username: str, password: str = PASSWORD) -> Answer:
    return run(client, LOG_IN, {"username": username, "password": password})


def refresh(client: httpx.Client, token: str) -> Answer:
    return run(client, REFRESH, {"refreshToken": token})


def codes(payload: Answer) -> list[str]:
    return [error["code"] for error in payload["errors"]]


def refusals(answer: Answer) -> list[tuple[str, str]]:
    """The root field and the code of each GraphQL error."""
    return [(error["path"][0], error["extensions"]["code"]) for error in answer.get("errors", [])]


def who(client: httpx.Client, token: str, grant: str | None = None) -> Answer | None:
    """The viewer; None if the answer is UNAUTHENTICATED and nothing else."""
    answer = post(client, WHO, token=token, grant=grant)
    if "errors" not in answer:
        viewer: Answer = answer["data"]["viewer"]
        return viewer
    assert refusals(answer) == [("viewer", "UNAUTHENTICATED")], answer
    assert answer["data"] == {"viewer": None}
    return None


def admitted(client: httpx.Client, token: str) -> bool:
    return who(client, token) is not None


def actions(database: str, username: str) -> list[str]:
    """What the audit log says that an account did, at its place."""
    sql = """
    SELECT e.action FROM audit_entry e JOIN account a ON a.id = e.account_id
     WHERE a.username = $1 AND e.path = a.path ORDER BY e.id
    """
    return [row["action"] for row in fetch(database, sql, username)]
