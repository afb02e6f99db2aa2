"""A write that comes twice or late: keys of idempotency, and versions."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg
import pytest

from tests.payloads import refusal
from tests.places import Ground, done, grid, station
from tests.scene import fresh, key

# -- idempotency keys


def test_a_repeat_with_the_same_key_answers_what_the_first_made(ground: Ground) -> None:
    given = grid(ground.here["C1"], idempotencyKey=fresh())
    first = done(ground.manager.write("createGrid", **given))
    before = ground.world.digest()
    assert done(ground.manager.write("createGrid", **given)) == first
    assert ground.world.changed(before) == []


def test_a_repeat_answers_the_row_as_it_is_by_now(ground: Ground) -> None:
    given = grid(ground.here["C1"], idempotencyKey=fresh())
    first = done(ground.manager.write("createGrid", **given))
    done(ground.manager.write("renameGrid", id=first["id"], version=1, name="改名"))
    assert done(ground.manager.write("createGrid", **given)) == first | {"name": "改名", "version": 2}


def test_a_key_is_not_used_for_another_input(ground: Ground) -> None:
    given = grid(ground.here["C1"], idempotencyKey=fresh())
    done(ground.manager.write("createGrid", **given))
    before = ground.world.digest()
    assert refusal(ground.manager.write("createGrid", **given | {"name": "别的"})) == ("KEY_REUSED", "idempotencyKey")
    assert ground.world.changed(before) == []


def test_a_key_is_not_used_for_another_mutation(ground: Ground) -> None:
    used = fresh()
    done(ground.hub.write("createGrid", **grid(ground.here["C1"], idempotencyKey=used)))
    other = ground.hub.write("createStation", **station(ground.here["S"], idempotencyKey=used))
    assert refusal(other) == ("KEY_REUSED", "idempotencyKey")


def test_a_refused_create_leaves_its_key_free(ground: Ground) -> None:
    given = grid(ground.here["C1"], idempotencyKey=fresh())
    assert refusal(ground.manager.write("createGrid", **given | {"households": -1})) == ("INVALID", "households")
    done(ground.manager.write("createGrid", **given))


def test_two_accounts_have_their_own_keys(ground: Ground) -> None:
    given = grid(ground.here["C1"], idempotencyKey=fresh())
    first = done(ground.manager.write("createGrid", **given))
    second = done(ground.hub.write("createGrid", **given | {"code": fresh()}))
    assert first["id"] != second["id"]


@pytest.mark.parametrize("used", ["", "k" * 201])
def test_a_key_has_1_to_200_characters(ground: Ground, used: str) -> None:
    assert refusal(ground.manager.write("createGrid", **grid(ground.here["C1"], idempotencyKey=used))) == (
        "INVALID",
        "idempotencyKey",
    )


def test_of_many_at_once_with_one_key_one_creates_and_all_answer_the_same(ground: Ground) -> None:
    given = grid(ground.here["C1"], idempotencyKey=fresh())
    with ThreadPoolExecutor(8) as pool:
        rows = [done(payload) for payload in pool.map(lambda _: ground.manager.write("createGrid", **given), range(8))]
    assert all(row == rows[0] for row in rows)
    counted = "SELECT count(*) FROM grid WHERE code = $1"
    assert ground.world.value(counted, given["code"]) == 1
    entries = "SELECT count(*) FROM audit_entry WHERE noun = 'grid' AND row_id = $1"
    assert ground.world.value(entries, key(rows[0]["id"])) == 1


def test_a_repeat_waits_for_the_first_while_that_is_under_way(ground: Ground) -> None:
    given = grid(ground.here["C1"], idempotencyKey=fresh())
    answers: list[Any] = []

    async def held() -> None:
        connection = await asyncpg.connect(ground.world.url)
        async with connection.transaction():
            # What the first waits for, its key reserved already.
            await connection.execute("LOCK TABLE grid IN EXCLUSIVE MODE")
            for thread in threads:
                thread.start()
            while await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") < len(threads):
                assert all(thread.is_alive() for thread in threads), answers
        await connection.close()

    threads = [
        threading.Thread(target=lambda: answers.append(ground.manager.write("createGrid", **given))) for _ in range(2)
    ]
    ground.world.run(held())
    for thread in threads:
        thread.join()
    assert done(answers[0]) == done(answers[1])


# -- versions


def test_a_stale_update_is_refused_with_the_current_row(ground: Ground) -> None:
    current = done(ground.manager.write("renameGrid", id=ground.here["G1"], version=1, name="先"))
    before = ground.world.digest()
    for mutation, given in (
        ("renameGrid", {"name": "后"}),
        ("updateGrid", {"households": 1}),
        ("recodeGrid", {"divisionCode": "350526000777"}),
        ("moveGrid", {"parentId": ground.here["C2"]}),
        ("closeGrid", {"successorId": ground.here["G2"]}),
    ):
        for version in (1, 3, 0, -1):
            payload = ground.manager.write(mutation, id=ground.here["G1"], version=version, **given)
            assert refusal(payload) == ("CONFLICT", "version")
            assert payload["row"] == current
    assert ground.world.changed(before) == []


def test_a_conflict_tells_nothing_of_a_row_out_of_scope(ground: Ground) -> None:
    payload = ground.manager.write("renameGrid", id=ground.there["G1"], version=7, name="后")
    assert refusal(payload) == ("NOT_FOUND", "id")


def test_of_many_updates_at_once_of_one_version_one_is_done(ground: Ground) -> None:
    with ThreadPoolExecutor(8) as pool:
        payloads = list(
            pool.map(
                lambda n: ground.manager.write("renameGrid", id=ground.here["G1"], version=1, name=f"第{n}"), range(8)
            )
        )
    (winner,) = [payload["row"] for payload in payloads if not payload["errors"]]
    assert [refusal(payload)[0] for payload in payloads if payload["errors"]] == ["CONFLICT"] * 7
    assert all(payload["row"] == winner for payload in payloads)


def test_an_update_that_changes_nothing_leaves_the_version_and_no_entry(ground: Ground) -> None:
    before = ground.world.digest()
    count = ground.world.value("SELECT count(*) FROM audit_entry")
    assert done(ground.manager.write("updateGrid", id=ground.here["G1"], version=1, households=100))["version"] == 1
    assert ground.world.changed(before) == []
    assert ground.world.value("SELECT count(*) FROM audit_entry") == count
