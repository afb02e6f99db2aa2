"""Places are created, changed, recoded, moved and closed: what the answer says, and what the database then holds."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from models import Role
from server.embedded import Embedded
from tests.scene import SINCE, World, Writing, Zone, fresh, key, world

TODAY = "SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date"
LEVELS = {"S": "station", "C": "community", "G": "grid"}
CURRENT = "SELECT {0} FROM {1} WHERE place_id = $1 AND valid_to IS NULL"
LONG = "长" * 5000


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("places")) as made:
        yield made


@pytest.fixture
def zone(written: World) -> Zone:
    """A fresh zone; the county's other one is `zone.other`."""
    scene = written.scene()
    scene.here.other, scene.here.scene = scene.there, scene  # type: ignore[attr-defined]
    return scene.here


@pytest.fixture
def hub(zone: Any) -> Writing:
    """The administrator of the county."""
    made: Writing = zone.scene.writer(Role.ADMINISTRATOR, zone["H"])
    return made


@pytest.fixture
def manager(zone: Any) -> Writing:
    """The manager of the zone's basic station."""
    made: Writing = zone.scene.writer(Role.MANAGER, zone["B1"])
    return made


@pytest.fixture(scope="module")
def today(written: World) -> date:
    """The county's day."""
    found: date = written.value(TODAY)
    return found


def grid(parent: str, **more: Any) -> dict[str, Any]:
    counted = {"divisionCode": "350526000123", "households": 20, "residents": 61}
    return {"parentId": parent, "code": fresh(), "name": "新网格", **counted, **more}


def community(parent: str, **more: Any) -> dict[str, Any]:
    return grid(parent, name="新村", kind="VILLAGE", **more)


def station(parent: str, **more: Any) -> dict[str, Any]:
    return {"parentId": parent, "code": fresh(), "name": "新站", "divisionCode": "350526123", **more}


def refusal(payload: Any) -> tuple[str, list[str]]:
    (error,) = payload["errors"]
    return error["code"], error["path"][1:]


def done(payload: Any) -> Any:
    assert payload["errors"] == []
    return payload["row"]


# -- creating


def test_a_grid_is_created_below_its_community_from_today(hub: Writing, zone: Zone, today: date) -> None:
    given = grid(zone["C1"])
    made = done(hub.write("createGrid", **given))
    assert made == {
        "id": made["id"],
        "code": given["code"],
        "name": "新网格",
        "divisionCode": "350526000123",
        "version": 1,
        "closedOn": None,
        "parent": {"id": zone["C1"]},
    }
    row = hub.world.sql("SELECT * FROM grid WHERE id = $1", key(made["id"]))[0]
    parent = hub.world.sql("SELECT * FROM place WHERE id = $1", zone.key("C1"))[0]
    assert (row["households"], row["residents"], row["path"]) == (20, 61, f"{parent['path']}{row['id']}.")
    assert (row["station_id"], row["county_id"]) == (parent["station_id"], parent["county_id"])
    dated = "SELECT {0}, valid_from, valid_to FROM {1} WHERE place_id = $1"
    assert hub.world.sql(dated.format("parent_id", "placement"), row["id"]) == [(parent["id"], today, None)]
    assert hub.world.sql(dated.format("code", "division_code"), row["id"]) == [("350526000123", today, None)]


@pytest.mark.parametrize(("above", "level"), [("H", "DEMONSTRATION"), ("S", "BASIC")])
def test_the_level_of_a_new_station_follows_from_its_parent(hub: Writing, zone: Zone, above: str, level: str) -> None:
    made = done(hub.write("createStation", **station(zone[above], openedOn="2023-04-05")))
    row = hub.world.sql("SELECT level, opened_on FROM station WHERE id = $1", key(made["id"]))[0]
    assert tuple(row) == (level, date(2023, 4, 5))
    since = hub.world.value("SELECT valid_from FROM placement WHERE place_id = $1", key(made["id"]))
    assert since == date(2023, 4, 5)


@pytest.mark.parametrize("above", ["H", "S", "B1"])
def test_a_community_belongs_to_a_station_of_any_level(hub: Writing, zone: Zone, above: str) -> None:
    assert done(hub.write("createCommunity", **community(zone[above])))["parent"] == {"id": zone[above]}


@pytest.mark.parametrize(
    ("mutation", "above"),
    [
        ("createStation", "B1"),
        ("createStation", "C1"),
        ("createStation", "G1"),
        ("createCommunity", "C1"),
        ("createCommunity", "G1"),
        ("createGrid", "H"),
        ("createGrid", "S"),
        ("createGrid", "B1"),
        ("createGrid", "G1"),
    ],
)
def test_nothing_is_created_below_a_place_of_the_wrong_level(
    hub: Writing, zone: Zone, mutation: str, above: str
) -> None:
    make = {"createStation": station, "createCommunity": community, "createGrid": grid}[mutation]
    before = hub.world.digest()
    assert refusal(hub.write(mutation, **make(zone[above]))) == ("INVALID", ["parentId"])
    assert hub.world.changed(before) == []


@pytest.mark.parametrize("mutation", ["createStation", "createCommunity", "createGrid"])
def test_nothing_is_created_below_a_closed_place(hub: Writing, zone: Zone, mutation: str) -> None:
    make, above = {
        "createStation": (station, "S"),
        "createCommunity": (community, "B2"),
        "createGrid": (grid, "C4"),
    }[mutation]
    noun = LEVELS[zone[above][0]]
    hub.world.sql(f"UPDATE {noun} SET closed_on = current_date WHERE id = $1", zone.key(above))
    assert refusal(hub.write(mutation, **make(zone[above]))) == ("INVALID", ["parentId"])


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " \u3000"}, "name"),
        ({"code": ""}, "code"),
        ({"code": " "}, "code"),
        ({"divisionCode": "350526"}, "divisionCode"),
        ({"divisionCode": "35052600012"}, "divisionCode"),
        ({"divisionCode": "３５０５２６０００１２３"}, "divisionCode"),
        ({"divisionCode": "350526000123\n"}, "divisionCode"),
        ({"households": -1}, "households"),
        ({"residents": -1}, "residents"),
        ({"since": "2999-01-01"}, "since"),
        ({"name": LONG}, "name"),
        ({"code": LONG}, "code"),
    ],
)
def test_a_value_that_cannot_be_is_refused_at_its_field(
    manager: Writing, zone: Zone, given: dict[str, Any], field: str
) -> None:
    before = manager.world.digest()
    assert refusal(manager.write("createGrid", **grid(zone["C1"], **given))) == ("INVALID", [field])
    assert manager.world.changed(before) == []


def test_a_code_is_taken_once(hub: Writing, zone: Zone) -> None:
    given = grid(zone["C1"])
    done(hub.write("createGrid", **given))
    assert refusal(hub.write("createGrid", **given)) == ("TAKEN", ["code"])
    taken = hub.write("recodeGrid", id=zone["G1"], version=1, divisionCode="350526000123", code=given["code"])
    assert refusal(taken) == ("TAKEN", ["code"])


# -- idempotency keys


def test_a_repeat_with_the_same_key_answers_what_the_first_made(manager: Writing, zone: Zone) -> None:
    given = grid(zone["C1"], idempotencyKey=fresh())
    first = done(manager.write("createGrid", **given))
    before = manager.world.digest()
    assert done(manager.write("createGrid", **given)) == first
    assert manager.world.changed(before) == []


def test_a_repeat_answers_the_row_as_it_is_by_now(manager: Writing, zone: Zone) -> None:
    given = grid(zone["C1"], idempotencyKey=fresh())
    first = done(manager.write("createGrid", **given))
    done(manager.write("renameGrid", id=first["id"], version=1, name="改名"))
    assert done(manager.write("createGrid", **given)) == first | {"name": "改名", "version": 2}


def test_a_key_is_not_used_for_another_input(manager: Writing, zone: Zone) -> None:
    given = grid(zone["C1"], idempotencyKey=fresh())
    done(manager.write("createGrid", **given))
    before = manager.world.digest()
    assert refusal(manager.write("createGrid", **given | {"name": "别的"})) == ("KEY_REUSED", ["idempotencyKey"])
    assert manager.world.changed(before) == []


def test_a_key_is_not_used_for_another_mutation(hub: Writing, zone: Zone) -> None:
    used = fresh()
    done(hub.write("createGrid", **grid(zone["C1"], idempotencyKey=used)))
    other = hub.write("createStation", **station(zone["S"], idempotencyKey=used))
    assert refusal(other) == ("KEY_REUSED", ["idempotencyKey"])


def test_a_refused_create_leaves_its_key_free(manager: Writing, zone: Zone) -> None:
    given = grid(zone["C1"], idempotencyKey=fresh())
    assert refusal(manager.write("createGrid", **given | {"households": -1})) == ("INVALID", ["households"])
    done(manager.write("createGrid", **given))


def test_two_accounts_have_their_own_keys(manager: Writing, hub: Writing, zone: Zone) -> None:
    given = grid(zone["C1"], idempotencyKey=fresh())
    first = done(manager.write("createGrid", **given))
    second = done(hub.write("createGrid", **given | {"code": fresh()}))
    assert first["id"] != second["id"]


@pytest.mark.parametrize("used", ["", "k" * 201])
def test_a_key_has_1_to_200_characters(manager: Writing, zone: Zone, used: str) -> None:
    assert refusal(manager.write("createGrid", **grid(zone["C1"], idempotencyKey=used))) == (
        "INVALID",
        ["idempotencyKey"],
    )


def test_of_many_at_once_with_one_key_one_creates_and_all_answer_the_same(manager: Writing, zone: Zone) -> None:
    given = grid(zone["C1"], idempotencyKey=fresh())
    with ThreadPoolExecutor(8) as pool:
        rows = [done(payload) for payload in pool.map(lambda _: manager.write("createGrid", **given), range(8))]
    assert all(row == rows[0] for row in rows)
    counted = "SELECT count(*) FROM grid WHERE code = $1"
    assert manager.world.value(counted, given["code"]) == 1
    entries = "SELECT count(*) FROM audit_entry WHERE noun = 'grid' AND row_id = $1"
    assert manager.world.value(entries, key(rows[0]["id"])) == 1


def test_a_repeat_waits_for_the_first_while_that_is_under_way(written: World, manager: Writing, zone: Zone) -> None:
    given = grid(zone["C1"], idempotencyKey=fresh())
    answers: list[Any] = []

    async def held() -> None:
        connection = await asyncpg.connect(written.url)
        async with connection.transaction():
            # What the first waits for, its key reserved already.
            await connection.execute("LOCK TABLE grid IN EXCLUSIVE MODE")
            for thread in threads:
                thread.start()
            while await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") < len(threads):
                assert all(thread.is_alive() for thread in threads), answers
        await connection.close()

    threads = [threading.Thread(target=lambda: answers.append(manager.write("createGrid", **given))) for _ in range(2)]
    written.run(held())
    for thread in threads:
        thread.join()
    assert done(answers[0]) == done(answers[1])


# -- versions


def test_a_stale_update_is_refused_with_the_current_row(manager: Writing, zone: Zone) -> None:
    current = done(manager.write("renameGrid", id=zone["G1"], version=1, name="先"))
    before = manager.world.digest()
    for mutation, given in (
        ("renameGrid", {"name": "后"}),
        ("updateGrid", {"households": 1}),
        ("recodeGrid", {"divisionCode": "350526000777"}),
        ("moveGrid", {"parentId": zone["C2"]}),
        ("closeGrid", {"successorId": zone["G2"]}),
    ):
        for version in (1, 3, 0, -1):
            payload = manager.write(mutation, id=zone["G1"], version=version, **given)
            assert refusal(payload) == ("CONFLICT", ["version"])
            assert payload["row"] == current
    assert manager.world.changed(before) == []


def test_a_conflict_tells_nothing_of_a_row_out_of_scope(manager: Writing, zone: Any) -> None:
    payload = manager.write("renameGrid", id=zone.other["G1"], version=7, name="后")
    assert (refusal(payload), payload["row"]) == (("NOT_FOUND", ["id"]), None)


def test_of_many_updates_at_once_of_one_version_one_is_done(manager: Writing, zone: Zone) -> None:
    with ThreadPoolExecutor(8) as pool:
        payloads = list(
            pool.map(lambda n: manager.write("renameGrid", id=zone["G1"], version=1, name=f"第{n}"), range(8))
        )
    (winner,) = [payload["row"] for payload in payloads if not payload["errors"]]
    assert [refusal(payload)[0] for payload in payloads if payload["errors"]] == ["CONFLICT"] * 7
    assert all(payload["row"] == winner for payload in payloads)


def test_an_update_that_changes_nothing_leaves_the_version_and_no_entry(manager: Writing, zone: Zone) -> None:
    before = manager.world.digest()
    count = manager.world.value("SELECT count(*) FROM audit_entry")
    assert done(manager.write("updateGrid", id=zone["G1"], version=1, households=100))["version"] == 1
    assert manager.world.changed(before) == []
    assert manager.world.value("SELECT count(*) FROM audit_entry") == count


# -- recoding


def test_a_division_code_is_dated(hub: Writing, zone: Zone, today: date) -> None:
    row = done(hub.write("recodeGrid", id=zone["G1"], version=1, divisionCode="350526000555"))
    assert (row["divisionCode"], row["version"]) == ("350526000555", 2)
    old, new = hub.world.sql(
        "SELECT code, valid_from, valid_to FROM division_code WHERE place_id = $1 ORDER BY valid_from", zone.key("G1")
    )
    assert (old["valid_from"], old["valid_to"]) == (SINCE, today)
    assert tuple(new) == ("350526000555", today, None)


def test_a_division_code_can_hold_from_an_earlier_day(hub: Writing, zone: Zone) -> None:
    done(hub.write("recodeGrid", id=zone["G1"], version=1, divisionCode="350526000555", on="2023-02-03"))
    assert division_codes(hub, zone)[1] == ("350526000555", date(2023, 2, 3), None)


def test_a_division_code_twice_on_a_day_is_the_later_one(hub: Writing, zone: Zone) -> None:
    done(hub.write("recodeGrid", id=zone["G1"], version=1, divisionCode="350526000555"))
    done(hub.write("recodeGrid", id=zone["G1"], version=2, divisionCode="350526000556"))
    assert [code for code, _, _ in division_codes(hub, zone)][1:] == ["350526000556"]


def test_a_division_code_does_not_reach_back_behind_the_one_of_today(hub: Writing, zone: Zone) -> None:
    before = hub.world.digest()
    payload = hub.write("recodeGrid", id=zone["G1"], version=1, divisionCode="350526000555", on="2020-12-31")
    assert refusal(payload) == ("INVALID", ["on"])
    assert hub.world.changed(before) == []


def test_a_division_code_does_not_begin_in_future(hub: Writing, zone: Zone, today: date) -> None:
    tomorrow = (today + timedelta(days=1)).isoformat()
    payload = hub.write("recodeGrid", id=zone["G1"], version=1, divisionCode="350526000555", on=tomorrow)
    assert refusal(payload) == ("INVALID", ["on"])


def division_codes(hub: Writing, zone: Zone) -> list[Any]:
    sql = "SELECT code, valid_from, valid_to FROM division_code WHERE place_id = $1 ORDER BY valid_from"
    return [tuple(row) for row in hub.world.sql(sql, zone.key("G1"))]


# -- the audit log


def test_an_entry_holds_what_was_before_and_after_and_by_whom(manager: Writing, zone: Zone) -> None:
    response = manager.post(
        "mutation ($input: UpdateGridInput!) { updateGrid(input: $input) { errors { code } } }",
        {"input": {"id": zone["G1"], "version": 1, "households": 100, "residents": 301}},
    )
    (entry,) = manager.world.entries(response.headers["x-request-id"])
    # What was sent and is the same as before is no change.
    assert (json.loads(entry["before"]), json.loads(entry["after"])) == ({"residents": 300}, {"residents": 301})
    assert (entry["action"], entry["noun"], entry["row_id"]) == ("updateGrid", "grid", zone.key("G1"))
    grant = manager.world.value("SELECT id FROM account_grant WHERE account_id = $1", manager.account_id)
    assert (entry["account_id"], entry["grant_id"]) == (manager.account_id, grant)
    assert entry["place_id"] == zone.key("G1")


def test_a_creation_is_recorded_with_its_values_alone(hub: Writing, zone: Zone) -> None:
    given = community(zone["B1"])
    made = done(hub.write("createCommunity", **given))
    (entry,) = entries_of(hub, made["id"])
    assert entry["before"] is None
    assert json.loads(entry["after"]) == {
        "code": given["code"],
        "name": "新村",
        "kind": "VILLAGE",
        "division_code": "350526000123",
        "households": 20,
        "residents": 61,
    }


def test_neither_place_of_a_move_learns_of_the_other(hub: Writing, zone: Any) -> None:
    done(hub.write("moveStation", id=zone["B1"], version=1, parentId=zone.other["S"]))
    left, joined, itself = sorted(
        entries_of(hub, zone["B1"]), key=lambda entry: len(entry["path"]) * 10**9 + entry["id"]
    )
    assert (left["place_id"], json.loads(left["before"]), left["after"]) == (zone.key("S"), {"place": zone["S"]}, None)
    assert (joined["place_id"], joined["before"]) == (zone.other.key("S"), None)
    assert json.loads(joined["after"]) == {"place": zone.other["S"]}
    assert (itself["place_id"], itself["before"], itself["after"]) == (zone.key("B1"), None, None)
    # As the place lies by now.
    assert itself["path"] == hub.world.value("SELECT path FROM place WHERE id = $1", zone.key("B1"))


def entries_of(writer: Writing, public_id: str) -> list[Any]:
    sql = "SELECT * FROM audit_entry WHERE noun = $1 AND row_id = $2 ORDER BY id"
    return writer.world.sql(sql, LEVELS[public_id[0]], key(public_id))
