"""What the log tells of operations, and that it tells no value of anybody's."""

import io
import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import asyncpg
import httpx
import pytest

from server.demo import PASSWORD
from server.settings import Settings
from server.telemetry.logs import REQUEST_ID, configuration, formatter
from server.telemetry.names import LONGEST, OTHERS, Names, client_of
from tests.conftest import LOG_IN, Ask, Server

SECRETS = ("zhanwang-tests-secret", "13859712345", "350526199001011234", "李秘密")
"""A password, a telephone number, an identity number, a name."""


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged meanwhile, each at the level of debugging, as programs read it."""
    with logged("json") as written:
        yield written


class logged:  # noqa: N801 - used as a context manager
    """Takes everything that is logged."""

    def __init__(self, form: Any) -> None:
        self._written = io.StringIO()
        self._handler = logging.StreamHandler(self._written)
        self._handler.setFormatter(formatter(form))
        # The clients run in this process, too.
        self._handler.addFilter(lambda record: not record.name.startswith(("httpx", "httpcore")))

    def __enter__(self) -> io.StringIO:
        # A server that another test has configured may have left a level at the program's own logger.
        self._before = [(logger, logger.level) for logger in (logging.getLogger(), logging.getLogger("zhanwang"))]
        logging.getLogger().addHandler(self._handler)
        for logger, _ in self._before:
            logger.setLevel(logging.DEBUG)
        return self._written

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self._handler)
        for logger, level in self._before:
            logger.setLevel(level)


def records(written: io.StringIO, logger: str = "zhanwang.operations") -> list[dict[str, Any]]:
    found = [json.loads(line) for line in written.getvalue().splitlines()]
    return [one for one in found if one["logger"] == logger]


def test_an_operation_is_a_line_with_who_what_and_how_long(post: Ask, lines: io.StringIO) -> None:
    response = post("leifeng", "query Mine($id: ID!) { node(id: $id) { id } stations { totalCount } }", {"id": "S1"})
    # The account may have logged in before.
    *_, told = records(lines)
    assert told["request_id"] == response.headers["x-request-id"]
    assert {name: told[name] for name in ("event", "level", "route", "operation", "kind", "status")} == {
        "event": "operation",
        "level": "debug",
        "route": "/graphql",
        "operation": "Mine",
        "kind": "query",
        "status": 200,
    }
    assert told["account"].startswith("U")
    assert told["address"] == "127.0.0.1"
    assert told["statements"] == 1
    assert told["ms"] >= told["database_ms"] > 0


def test_a_refusal_is_told_at_info_with_its_codes(client: httpx.Client, lines: io.StringIO) -> None:
    client.post("/graphql", json={"query": "{ nothing }"})
    client.post("/graphql", content=b"1", headers={"Content-Type": "text/plain"})
    assert [(one["level"], one["codes"]) for one in records(lines)] == [
        ("info", ["GRAPHQL_VALIDATION_FAILED"]),
        ("info", ["UNSUPPORTED_MEDIA_TYPE"]),
    ]


def test_exports_are_told_of_by_their_name(client: httpx.Client, token: Any, lines: io.StringIO) -> None:
    headers = {"Authorization": f"Bearer {token('leifeng')}"}
    client.get("/export/communities", headers=headers)
    # The client has its file a moment before.
    for _ in range(1000):
        if found := [one for one in records(lines) if one["kind"] == "export"]:
            break
        time.sleep(0.01)
    (told,) = found
    assert (told["kind"], told["operation"], told["status"]) == ("export", "communities", 200)
    assert told["statements"] > 0


def test_the_log_tells_no_value_that_clients_send_or_rows_have(
    client: httpx.Client, post: Ask, token: Any, lines: io.StringIO
) -> None:
    password, phone, number, name = SECRETS
    post(None, LOG_IN, {"username": name, "password": password})
    post(None, f'mutation {{ logIn(input: {{ username: "{name}", password: "{password}" }}) {{ accessToken }} }}')
    refreshed = post(None, LOG_IN, {"username": "hub", "password": PASSWORD}).json()["data"]["logIn"]["accessToken"]
    post(
        "hub",
        "query ($w: PersonFilter) { personnel(where: $w) { nodes { name phone } } }",
        {"w": {"phone": {"eq": phone}}},
    )
    post("hub", f'{{ personnel(where: {{ phone: "{phone}" }}) {{ nodes {{ name }} }} }}')
    post("hub", "{ personnel(first: 5) { nodes { name private { phone identityNumber } } } }")
    post("hub", f'{{ node(id: "{number}") {{ id }} }}')
    post("hub", "query ($first: Int) { stations(first: $first) { totalCount } }", {"first": number})
    post("hub", f'{{ {name} "{phone}')
    client.get("/graphql", params={"query": "{ __typename }", "variables": f'{{"phone": "{phone}"}}'})
    client.get(f"/export/personnel?where={phone}", headers={"Authorization": f"Bearer {token('hub')}"})
    client.get(f"/export/{name}")
    client.post("/graphql", json={"query": "{ __typename }"}, headers={"Authorization": f"Bearer {password}"})
    body = f"姓名,手机号\n{name},{phone}\n".encode()
    bearer = {"Authorization": f"Bearer {token('leifeng')}", "Content-Type": "text/csv"}
    client.post("/import/personnel?dryRun=true", content=body, headers=bearer)
    written = lines.getvalue()
    assert len(records(lines)) >= 12
    assert [one for one in (*SECRETS, PASSWORD, refreshed, token("hub")) if one in written] == []


def test_the_text_of_an_unexpected_error_is_left_out_of_its_traceback(lines: io.StringIO) -> None:
    def fail() -> None:
        error = asyncpg.UniqueViolationError(f"duplicate key ({SECRETS[1]})")
        error.constraint_name = "person_phone"
        try:
            raise error
        except asyncpg.PostgresError:
            raise ValueError(SECRETS[2]) from error

    try:
        fail()
    except ValueError:
        logging.getLogger("zhanwang.test").exception("It failed")
    (told,) = records(lines, "zhanwang.test")
    assert "in fail" in told["exception"]
    assert "UniqueViolationError: sqlstate 23505, constraint_name person_phone" in told["exception"]
    assert told["exception"].endswith("ValueError")
    assert not [one for one in SECRETS if one in lines.getvalue()]


def test_what_is_logged_while_a_request_is_answered_has_its_id(lines: io.StringIO) -> None:
    token = REQUEST_ID.set("0123456789")
    try:
        logging.getLogger("zhanwang.test").warning("something")
    finally:
        REQUEST_ID.reset(token)
    (told,) = records(lines, "zhanwang.test")
    assert told["request_id"] == "0123456789"


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_text_can_begin_a_line_of_its_own(form: str) -> None:
    with logged(form) as written:
        logging.getLogger("zhanwang.test").warning(
            "one\n2026-01-01 forged\r\x1b[2J", extra={"fields": {"name": "a\nb"}}
        )
    assert len(written.getvalue().splitlines()) == 1
    assert "\x1b[2J" not in written.getvalue()


def test_without_a_wish_for_all_only_what_is_refused_or_slow_is_told_at_info(settings: Settings) -> None:
    def told_of(**changed: Any) -> list[str]:
        with Server(settings.model_copy(update=changed)) as served, logged("json") as written:
            httpx.post(f"{served.url}/graphql", json={"query": "query Fine { __typename }"})
        return [one["level"] for one in records(written)]

    assert told_of() == ["debug"]
    assert told_of(log_requests=True) == ["info"]


def test_a_hammering_client_does_not_fill_the_log(client: httpx.Client, lines: io.StringIO) -> None:
    for _ in range(60):
        client.post("/graphql", json={"query": "{"})
    told = records(lines)
    # Each second begins anew, so that a slow machine writes more of them.
    assert len([one for one in told if one["event"] == "operation"]) < 60


def test_names_that_come_too_late_too_long_or_from_nobody_are_others() -> None:
    names = Names(2)
    assert names.label("A", learn=False) == OTHERS
    assert [names.label(name, learn=True) for name in ("A", "B", "C", "A")] == ["A", "B", OTHERS, "A"]
    assert Names(2).label("x" * (LONGEST + 1), learn=True) == OTHERS


@pytest.mark.parametrize(
    ("headers", "client"),
    [
        ({b"x-zhanwang-client": b"front/1.2"}, "front/1.2"),
        ({b"apollographql-client-name": b"web", b"apollographql-client-version": b"7"}, "web/7"),
        ({b"apollographql-client-name": b"web"}, "web"),
        ({b"x-zhanwang-client": b'evil"} 1\n'}, ""),
        ({}, ""),
    ],
)
def test_a_client_says_who_it_is_in_either_way(headers: dict[bytes, bytes], client: str) -> None:
    assert client_of(headers) == client


def test_at_debug_only_this_program_tells_more() -> None:
    found = configuration("debug", "json")
    assert (found["root"]["level"], found["loggers"]["zhanwang"]["level"]) == ("INFO", "DEBUG")
    assert {one["level"] for name, one in found["loggers"].items() if name != "zhanwang"} == {"INFO"}


def test_the_text_of_an_exception_that_ends_a_task_is_left_out(lines: io.StringIO) -> None:
    message = f"Task exception was never retrieved\nfuture: <Task exception=ValueError('{SECRETS[1]}')>"
    logging.getLogger("asyncio").error(message, exc_info=ValueError(SECRETS[1]))
    (told,) = records(lines, "asyncio")
    assert (told["event"], told["exception"]) == ("Task exception was never retrieved", "ValueError")
