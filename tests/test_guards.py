"""The two guards themselves: each can be taken away and is missed then, and a statement opens its scope itself."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from resolvers.core.audit import ACTING_PLACE
from resolvers.core.executor import Executor
from resolvers.core.plan import Plan
from schema import schema
from server.embedded import Embedded
from server.settings import Settings
from tests import nouns
from tests.conftest import Ask
from tests.findings import comparable, findings, in_errors
from tests.guards import NEITHER, POLICIES, SCOPED_TABLES, rows, run, standing
from tests.harvest import Harvest
from tests.oracle import Oracle
from tests.probes import Probes
from tests.reference.view import ROLES
from tests.shares import wander

CORE = schema._schema
OPERATIONS = 120
WORKERS = {permission.upper().replace(":", "_") for permission in ROLES["WORKER"]}
CASES = sorted((Path(__file__).parent / "queries").glob("*.graphql"))
TREE = """{ communities(first: 5) { nodes { code grids { nodes { code gridWorkers { id }
  linkedSocialWorkers { id } responsiblePerson { id } responsibilityChain { place { code } } } } } } }"""
ACCOUNTS = ("hub", "hub-observer", "longxun", "leifeng", "nanchengcun", "gridworker")
# Fields that Python computes, in the transaction that could record what it reads.
COMPUTED = ("private", "secret")


@pytest.fixture(scope="module")
def oracle(database: str, settings: Settings) -> Oracle:
    assert settings.personal_keys
    return Oracle.of(database, settings.personal_keys.get_secret_value())


# -- a test of the tests -------------------------------------------------------------------------------------------


@pytest.fixture
def unguarded(database: str) -> Iterator[str]:
    with standing(NEITHER, database) as which:
        yield which


def test_without_both_guards_the_probes_find_leaks(unguarded: str, post: Ask, oracle: Oracle, hub: Harvest) -> None:
    seen = oracle.view("gridworker")
    found: dict[str, list[str]] = {}
    for number, (operation, ids) in enumerate(Probes(CORE, seen, WORKERS, hub).operations()):
        if number % 10 == 0:
            variables = operation.variables(ids, 1)
            response = post(seen.username, operation.query, variables)
            for finding in findings(CORE, seen, operation.query, variables, response):
                found.setdefault(finding.split("\n")[0].split()[2 if " counts " not in finding else 1], []).append(
                    finding
                )
    everything = " ".join(finding.split("\n")[0] for every in found.values() for finding in every)
    assert ".id is 'P" in everything
    assert ".id is 'S" in everything
    assert " counts " in everything
    assert "Edge.cursor is" in everything
    assert "Station.name is" in everything
    assert "Person.phone is" in everything


def test_without_both_guards_random_operations_find_leaks(
    unguarded: str, post: Ask, oracle: Oracle, hub: Harvest
) -> None:
    seen, leaking = oracle.view("gridworker"), 0
    for _, query, variables in wander(CORE, seen, WORKERS, hub, 40):
        leaking += bool(findings(CORE, seen, query, variables, post(seen.username, query, variables)))
    assert leaking > 5


def test_a_leak_is_found_in_errors_too(oracle: Oracle) -> None:
    seen = oracle.view("gridworker")
    secret, hidden = seen.hidden_texts("Station", "name")[0], seen.hidden("Person")[0]

    def told(message: str, asked: str = "", code: str = "BAD_USER_INPUT") -> list[str]:
        seen.searched.clear()
        return list(in_errors(seen, asked, [{"message": message, "extensions": {"code": code, "requestId": "1"}}]))

    assert told("The cursor is not one of this connection's in this order.") == []
    assert told(f"There is {secret} already.")
    assert told(f"There is {secret} already.", asked=f"{{ a: {secret} }}") == []
    assert told(f"{hidden} is not yours")
    assert told("SELECT name FROM station AS s")
    assert told("all is well", code="INTERNAL")


def test_both_guards_stand_again_afterwards(database: str) -> None:
    tables = [row[0] for row in rows(database, SCOPED_TABLES)]
    with pytest.raises(ZeroDivisionError), standing(NEITHER, database):
        assert not any(scope.guarded for scope in Executor.scopes)
        assert {row[0] for row in rows(database, SECURITY, tables)} == {False}
        raise ZeroDivisionError
    assert all(scope.guarded for scope in Executor.scopes)
    assert {row[0] for row in rows(database, SECURITY, tables)} == {True}


SECURITY = "SELECT relrowsecurity FROM pg_class WHERE relkind = 'r' AND relname = ANY ($1)"


# -- the scope is opened inside the statement ----------------------------------------------------------------------


def hand_picked(case: Path) -> tuple[str, str, Any]:
    """Account, query and variables of a hand-picked operation."""
    query = case.read_text("utf-8")
    heading = dict(re.findall(r"^# (\w+): (.*)$", query, re.MULTILINE))
    return heading["account"], query, json.loads(heading.get("variables", "{}"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_the_policies_see_the_scope_that_the_statement_opens(post: Ask, database: str, case: Path) -> None:
    """Were a policy evaluated before the scope is open, rows would be missing. Random operations: test_leaks.py."""
    account, query, variables = hand_picked(case)
    for username in dict.fromkeys((account, *ACCOUNTS)):
        guarded = comparable(post(username, query, variables))
        with standing(POLICIES, database):
            assert comparable(post(username, query, variables)) == guarded, username


@pytest.fixture
def plan(post: Ask) -> Plan:
    """The plan behind the hand-picked tree."""
    Executor.plans.clear()
    assert post("longxun", TREE).json()["data"]["communities"]["nodes"]
    (found,) = Executor.plans._items.values()
    return found


def arguments_of(database: str, plan: Plan, username: str, **changed: Any) -> list[Any]:
    """The parameters of a plan as an account would bind them, with a session of its own making."""

    async def fetch(connection: asyncpg.Connection) -> dict[str, Any]:
        row = await connection.fetchrow(
            """SELECT a.id AS account, a.credential_version, s.id AS session, g.id AS grant, g.path, g.role,
                      g.county_id AS county
                 FROM account a JOIN session s ON s.account_id = a.id AND s.ended_at IS NULL
                 JOIN account_grant g ON g.account_id = a.id
                WHERE a.username = $1 ORDER BY g.valid_from, g.id LIMIT 1""",
            username,
        )
        assert row
        return dict(row)

    values = {f"scope_{name}": value for name, value in (run(database, fetch) | changed).items()}
    values["scope_end"] = values["scope_path"][:-1] + "/"
    return [values[n] if n in values else plan._constants.get(n, 5) for n in plan.statement.order]


def test_a_grant_that_opens_answers(embedded: Embedded, database: str, plan: Plan) -> None:
    state, *answers = rows(embedded.server_url, plan.sql, *arguments_of(database, plan, "longxun"))[0]
    assert state == "OK"
    assert all(answers)


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({"session": 999_999_999}, "REFUSED"),
        ({"credential_version": 999}, "REFUSED"),
        ({"account": 999_999_999}, "REFUSED"),
        ({"grant": 1}, "REFUSED"),
        ({"path": "1."}, "STALE"),
        ({"role": "ADMINISTRATOR"}, "STALE"),
    ],
)
def test_a_statement_whose_grant_does_not_open_answers_nothing(
    embedded: Embedded, database: str, plan: Plan, changed: dict[str, Any], state: str
) -> None:
    async def go(connection: asyncpg.Connection) -> Any:
        answer = await connection.fetchrow(plan.sql, *arguments)
        return answer, await connection.fetchval("SELECT current_setting('zhanwang.scope', true)")

    arguments = arguments_of(database, plan, "longxun", **changed)
    (found, *answers), setting = run(embedded.server_url, go)
    assert found == state
    assert set(answers) == {None}
    assert not setting


def test_the_setting_does_not_survive_the_statement(embedded: Embedded, database: str, plan: Plan) -> None:
    arguments = arguments_of(database, plan, "longxun")

    async def go() -> None:
        connection = await asyncpg.connect(embedded.server_url)
        try:
            for _ in range(7):
                assert await connection.fetchval(plan.sql, *arguments) == "OK"
                assert not await connection.fetchval("SELECT current_setting('zhanwang.scope', true)")
                assert not await connection.fetchval("SELECT current_setting('zhanwang.account', true)")
                assert await connection.fetchval("SELECT count(*) FROM station") == 0
        finally:
            await connection.close()

    asyncio.run(go())


def test_no_setting_means_no_rows(embedded: Embedded, database: str) -> None:
    tables = [row[0] for row in rows(database, SCOPED_TABLES)]
    assert len(tables) >= 13
    held = {t: rows(database, f"SELECT count(*) FROM {t}")[0][0] for t in tables}
    assert {t for t, count in held.items() if not count} <= {"placement", "audit_entry"} | nouns.EMPTY
    columns = dict.fromkeys(tables, "id")
    for table in tables:
        for setting in (None, ""):

            async def go(connection: asyncpg.Connection, table: str = table, setting: str | None = setting) -> int:
                if setting is not None:
                    await connection.execute("SELECT set_config('zhanwang.scope', $1, true)", setting)
                return len(await connection.fetch(f"SELECT {columns[table]} FROM {table}"))

            assert run(embedded.server_url, go) == 0, table


# -- one statement an operation ------------------------------------------------------------------------------------


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that this process, so also the server in it, sends through asyncpg."""
    sent: list[str] = []
    for name in ("fetchrow", "fetch", "fetchval", "execute"):
        original = getattr(asyncpg.Connection, name)

        async def counting(self: Any, query: str, *args: Any, _original: Any = original, **kwargs: Any) -> Any:
            # What the server does of its own accord, each second, is no operation's, nor whether a connection lives.
            if query != "SELECT" and "seal_audit" not in query and "fold_rollups" not in query:
                sent.append(query)
            return await _original(self, query, *args, **kwargs)

        monkeypatch.setattr(asyncpg.Connection, name, counting)
    return sent


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_hand_picked_operation_is_one_statement(post: Ask, statements: list[str], case: Path) -> None:
    username, query, variables = hand_picked(case)
    post(username, "{ viewer { account { id } } }")
    statements.clear()
    post(username, query, variables)
    assert len(reading(statements)) <= 1
    assert len(statements) <= 1 or any(word in query for word in COMPUTED)


def reading(statements: list[str]) -> list[str]:
    """Without what surrounds a reading of personal data in full: one transaction with the record of it."""
    around = ("BEGIN", "COMMIT", "ROLLBACK")
    return [
        sql for sql in statements if sql not in around and "INSERT INTO audit_entry" not in sql and sql != ACTING_PLACE
    ]


def test_random_operations_are_one_statement_each(
    post: Ask, statements: list[str], oracle: Oracle, hub: Harvest
) -> None:
    seen, counted = oracle.view("leifeng"), 0
    managers = set(post(seen.username, "{ viewer { permissions } }").json()["data"]["viewer"]["permissions"])
    for seed, query, variables in wander(CORE, seen, managers, hub, OPERATIONS):
        statements.clear()
        answer = post(seen.username, query, variables).json()
        assert len(reading(statements)) <= 1, seed
        assert len(statements) <= 1 or any(word in query for word in COMPUTED), seed
        asked = answer.get("data") and any(value is not None for value in answer["data"].values())
        counted += bool(asked and statements)
    assert counted > OPERATIONS / 2
