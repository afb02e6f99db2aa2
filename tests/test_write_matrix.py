"""Every mutation × every role × {in scope, out of scope, a reference out of scope, moved while writing}.

Made by walking the schema: a mutation without its row in tests/matrix.py fails.
"""

import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import asyncpg
import httpx
import pytest

from models import Role
from server.embedded import Embedded
from tests.matrix import (
    CASES,
    EXEMPT,
    Steps,
    document,
    id_steps,
    may,
    mutations,
    names_of,
    replaced,
    station_above,
    twin,
    unlisted,
    value_at,
)
from tests.nouns.base import Given, letters
from tests.scene import MISSING, Scene, World, Writing, digest, key, relocate, world

NAMES = sorted(CASES)
ABLE = [(name, role) for name in NAMES for role in Role if may(role, name)]
UNABLE = [(name, role) for name in NAMES for role in Role if not may(role, name)]
# Each mutation with each of its ids: a move can take all of them out of scope but the place of the writer's grant.
MOVED = [(name, steps) for name in NAMES for steps, row in names_of(name).items() if row != CASES[name].at]
# What is done within one basic station.
ALONG = [name for name in NAMES if CASES[name].at == "S" and not set(names_of(name).values()) & {"S", "B2", "C4", "G4"}]
# Waits for a county's lock.
LOCATION = re.compile(r"path|.*_path|.*_id|parent_.*|.*_cipher|.*_digest|password_hash")
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("matrix")) as made:
        yield made


@pytest.fixture(scope="module")
def scene(written: World) -> Scene:
    """A scene that nothing is ever written in: for what is refused."""
    return written.scene()


@pytest.fixture(scope="module")
def foreign(written: World) -> Scene:
    """Another county, out of every writer's scope."""
    return written.scene()


def test_every_mutation_has_its_row() -> None:
    assert unlisted() == set()
    assert set(mutations()) == set(CASES)
    assert not set(CASES) & set(EXEMPT)


@pytest.mark.parametrize(("name", "role"), UNABLE)
def test_a_role_without_the_permission_is_forbidden(written: World, scene: Scene, name: str, role: Role) -> None:
    case = CASES[name]
    writer = scene.writer(role, scene.here[case.at])
    before = written.digest()
    answer = writer.post(document(name), {"input": case.input_of(scene)}).json()
    (error,) = answer["errors"]
    assert (error["extensions"]["code"], error["path"]) == ("FORBIDDEN", [name])
    assert answer["data"] == {name: None}
    assert written.changed(before) == []
    assert written.entries(error["extensions"]["requestId"]) == []


@pytest.mark.parametrize("name", NAMES)
def test_nobody_writes_without_a_token(written: World, scene: Scene, name: str) -> None:
    before = written.digest()
    answer = written.post(None, document(name), {"input": CASES[name].input_of(scene)}).json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    assert written.changed(before) == []


@pytest.mark.parametrize(("name", "role"), ABLE)
def test_in_scope_it_is_done_and_recorded(written: World, name: str, role: Role) -> None:
    case, mine = CASES[name], written.scene()
    writer = mine.writer(role, mine.here[case.at])
    before = written.digest()
    response = writer.post(document(name), {"input": case.input_of(mine)})
    shown = payload(response)
    assert shown.pop("errors") == []
    assert all(row is not None for row in shown.values()), shown
    assert written.changed(before)
    entries = written.entries(response.headers["x-request-id"])
    assert {(entry["action"], entry["account_id"]) for entry in entries} == {(name, writer.account_id)}
    # Nothing in an entry tells of a place.
    told = {
        column for entry in entries for half in (entry["before"], entry["after"]) for column in json.loads(half or "{}")
    }
    assert not [column for column in told if LOCATION.fullmatch(column)]


@pytest.mark.parametrize(("name", "role"), ABLE)
def test_an_id_out_of_scope_a_malformed_and_a_missing_one_are_refused_alike(
    written: World, scene: Scene, foreign: Scene, name: str, role: Role
) -> None:
    case = CASES[name]
    given = case.input_of(scene)
    writer = scene.writer(role, scene.here[case.at])
    before = written.digest()
    for steps in id_steps(name, given):
        wrong = strangers(scene, foreign, case.at, value_at(given, steps))
        answers = {value: writer.post(document(name), {"input": replaced(given, steps, value)}) for value in wrong}
        for value, answer in answers.items():
            (error,) = payload(answer)["errors"]
            assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", *map(str, steps)]), value
        assert len({answer.content for answer in answers.values()}) == 1, answers
        assert written.changed(before) == []
        assert not any(written.entries(answer.headers["x-request-id"]) for answer in answers.values())


def strangers(scene: Scene, foreign: Scene, at: str, value: str) -> list[str]:
    """Ids that name nothing in scope: the value's twins there, one that nothing has, and some that are none."""
    letter = letters(value)
    beyond = [scene.there, foreign.here] if at == "S" else [foreign.here]
    twins = [other for zone in beyond if (other := twin(value, scene, zone)) is not None]
    return [*twins, f"{letter}{MISSING}", f"X{key(value)}", f"{letter}0{key(value)}", letter, "", "新", f" {value}"]


@pytest.mark.parametrize(("name", "steps"), MOVED)
def test_what_moves_out_of_scope_while_it_waits_is_not_written(
    written: World, foreign: Scene, name: str, steps: Steps
) -> None:
    case, mine = CASES[name], written.scene()
    given = case.input_of(mine)
    # What goes is the station that the row is at: to the other zone, or to another county.
    level, refuge = ("BASIC", mine.there["S"]) if case.at == "S" else ("DEMONSTRATION", foreign.here["H"])
    gone = station_above(mine, value_at(given, steps), level)
    assert gone is not None
    along = [other for other in id_steps(name, given) if station_above(mine, value_at(given, other), level) == gone]
    writer = mine.writer(Role.ADMINISTRATOR, mine.here[case.at])
    before, response = while_moving(writer, name, given, gone, refuge)
    (error,) = payload(response)["errors"]
    assert error["code"] == "NOT_FOUND"
    assert error["path"] in [["input", *map(str, other)] for other in along]
    assert written.changed(before) == []
    assert written.entries(response.headers["x-request-id"]) == []


@pytest.mark.parametrize("name", ALONG)
def test_who_moves_along_while_it_waits_writes_in_the_new_place(written: World, name: str) -> None:
    mine = written.scene()
    given = CASES[name].input_of(mine)
    writer = mine.writer(Role.ADMINISTRATOR, mine.here["B1"])
    _, response = while_moving(writer, name, given, mine.here["B1"], mine.there["S"])
    assert payload(response)["errors"] == []
    entries = written.entries(response.headers["x-request-id"])
    path = written.value("SELECT path FROM station WHERE id = $1", mine.there.key("S"))
    assert entries
    assert all(entry["path"].startswith(path) for entry in entries)


def while_moving(
    writer: Writing, name: str, given: Given, place: str, parent: str
) -> tuple[dict[str, Any], httpx.Response]:
    """Sends a mutation while a move of another is under way: the digest as the move leaves it, and the answer."""
    written = writer.world
    answers: list[httpx.Response] = []

    def send() -> None:
        answers.append(writer.post(document(name), {"input": given}))

    async def move() -> dict[str, Any]:
        connection = await asyncpg.connect(written.url)
        county = await connection.fetchval("SELECT county_id FROM place WHERE id = $1", key(place))
        async with connection.transaction():
            await connection.execute("SELECT lock_county($1, true)", county)
            await relocate(connection, place, parent)
            thread.start()
            while not await connection.fetchval(WAITING):
                assert thread.is_alive(), answers
            moved = await digest(connection)
        await connection.close()
        return moved

    # Its scope is known before the move, and wrong after it.
    writer.ask("{ viewer { scope { __typename } } }")
    thread = threading.Thread(target=send)
    moved = written.run(move())
    thread.join()
    return moved, answers[0]


def payload(response: httpx.Response) -> dict[str, Any]:
    """The payload of an operation's one mutation."""
    answer = response.json()
    assert "errors" not in answer, answer
    found: dict[str, Any] = next(iter(answer["data"].values()))
    return found
