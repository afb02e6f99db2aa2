"""What the database refuses whoever writes, the superuser too; and what a place that is moved carries along."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import asyncpg
import pytest

from server.rollups import LOCK
from tests import guards

Go = Callable[[asyncpg.Connection], Coroutine[Any, Any, Any]]

# A level below another place: what its row in the registry says of its parent.
BELOW = """
INSERT INTO place (level, parent_id, parent_level, parent_path, parent_station_id, parent_county_id)
SELECT $1, id, level, path, station_id, county_id FROM place WHERE level = $2 ORDER BY id LIMIT 1
"""
LEVELS = ("HUB", "DEMONSTRATION", "BASIC", "COMMUNITY", "GRID")
ALLOWED = {
    ("DEMONSTRATION", "HUB"),
    ("BASIC", "DEMONSTRATION"),
    ("COMMUNITY", "HUB"),
    ("COMMUNITY", "DEMONSTRATION"),
    ("COMMUNITY", "BASIC"),
    ("GRID", "COMMUNITY"),
}
LOCATED = """
SELECT c.relname FROM pg_class c
  JOIN pg_attribute p ON p.attrelid = c.oid AND p.attname = 'path'
  JOIN pg_attribute i ON i.attrelid = c.oid AND i.attname = 'place_id'
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY c.relname
"""


WHERE = "place_id, path, station_id, county_id"
PLACE = "id, path, station_id, county_id"
PLACED = f"""INSERT INTO placement ({WHERE}, valid_from, parent_id)
SELECT {PLACE}, current_date, parent_id FROM place
 WHERE level = 'GRID' AND NOT EXISTS (SELECT FROM placement) LIMIT 1"""
AUDITED = f"""INSERT INTO audit_entry ({WHERE}, request_id, action, noun)
SELECT {PLACE}, 'r', 'a', 'n' FROM place WHERE level = 'GRID' LIMIT 1"""
SERVED = f"""INSERT INTO {{0}} ({WHERE}, month, field, records, contacts, beneficiaries)
SELECT {PLACE}, '1999-01-01', 'CHILD_CARE', 1, 1, 1 FROM place WHERE level = 'BASIC' LIMIT 1"""
NETWORK = f"""INSERT INTO {{0}} ({WHERE}, noun, kind, open, number, households, residents)
SELECT {PLACE}, 'NONE', '', true, 1, 1, 1 FROM place WHERE level = 'BASIC' LIMIT 1"""
KEPT = [SERVED.format(f"service_{form}") for form in ("rollup", "delta")]
KEPT += [NETWORK.format(f"network_{form}") for form in ("rollup", "delta")]


@pytest.fixture
def run(database: str) -> Callable[[Go], Any]:
    """Runs as the superuser, whom no policy binds, in a transaction that is rolled back."""
    return partial(guards.run, database)


@pytest.mark.parametrize("parent", LEVELS)
@pytest.mark.parametrize("level", LEVELS)
def test_a_level_hangs_only_where_the_tree_allows(run: Callable[[Go], Any], level: str, parent: str) -> None:
    if (level, parent) in ALLOWED:
        assert run(lambda connection: connection.execute(BELOW, level, parent)) == "INSERT 0 1"
    else:
        with pytest.raises(asyncpg.CheckViolationError):
            run(lambda connection: connection.execute(BELOW, level, parent))


@pytest.mark.parametrize("level", LEVELS[1:])
def test_only_the_hub_has_no_parent(run: Callable[[Go], Any], level: str) -> None:
    assert run(lambda connection: connection.execute("INSERT INTO place (level) VALUES ('HUB')")) == "INSERT 0 1"
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        run(lambda connection: connection.execute("INSERT INTO place (level) VALUES ($1)", level))


MOVE = """
UPDATE place p SET parent_id = n.id, parent_level = n.level, parent_path = n.path,
       parent_station_id = n.station_id, parent_county_id = n.county_id
  FROM place n WHERE p.id = $1 AND n.id = $2
"""


@pytest.mark.parametrize("below", ["BASIC", "COMMUNITY", "GRID"])
def test_no_place_comes_to_lie_below_itself(run: Callable[[Go], Any], below: str) -> None:
    async def go(connection: asyncpg.Connection) -> None:
        place = await connection.fetchrow(
            """SELECT d.id, b.id AS below FROM place d JOIN place b ON starts_with(b.path, d.path) AND b.level = $1
                WHERE d.level = 'DEMONSTRATION' LIMIT 1""",
            below,
        )
        assert place
        await connection.execute(MOVE, place["id"], place["below"])

    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        run(go)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        run(lambda c: c.execute(f"WITH d AS (SELECT id FROM place WHERE level = $1 LIMIT 1) {ITSELF}", below))


ITSELF = "UPDATE place SET parent_id = place.id, parent_path = path, parent_level = level FROM d WHERE place.id = d.id"


@pytest.mark.parametrize("forged", ["parent_path = '1.999.'", "parent_station_id = 1", "parent_county_id = 2"])
def test_what_a_place_says_of_its_parent_is_its_parents(run: Callable[[Go], Any], forged: str) -> None:
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        run(lambda c: c.execute(f"UPDATE place SET {forged} WHERE id = (SELECT max(id) FROM place)"))


@pytest.mark.parametrize("table", ["station", "community", "grid", "volunteer_team", "skill"])
def test_codes_are_unique_and_not_empty(run: Callable[[Go], Any], table: str) -> None:
    first, last = (f"(SELECT {which}(id) FROM {table})" for which in ("min", "max"))
    taken = f"(SELECT code FROM {table} WHERE id = {first})"
    with pytest.raises(asyncpg.UniqueViolationError):
        run(lambda c: c.execute(f"UPDATE {table} SET code = {taken} WHERE id = {last}"))
    with pytest.raises(asyncpg.CheckViolationError):
        run(lambda c: c.execute(f"UPDATE {table} SET code = '' WHERE id = {last}"))


AGAIN = """
INSERT INTO assignment (place_id, path, station_id, county_id, valid_from, valid_to, person_id, person_path, duty)
SELECT place_id, path, station_id, county_id, {since}, {until}, person_id, person_path, duty FROM assignment
 WHERE duty = 'GRID_WORKER' AND valid_to IS NULL ORDER BY id LIMIT 1
"""


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("valid_from", "NULL"),
        ("valid_from + 400", "NULL"),
        ("valid_from - 400", "valid_from + 1"),
        ("'1999-01-01'", "NULL"),
    ],
)
def test_no_assignment_overlaps_another_of_the_same_duty(run: Callable[[Go], Any], since: str, until: str) -> None:
    with pytest.raises(asyncpg.ExclusionViolationError):
        run(lambda c: c.execute(AGAIN.format(since=since, until=until)))


def test_assignments_that_touch_do_not_overlap(run: Callable[[Go], Any]) -> None:
    assert run(lambda c: c.execute(AGAIN.format(since="valid_from - 400", until="valid_from"))) == "INSERT 0 1"


def test_a_place_has_one_responsible_person_at_a_time(run: Callable[[Go], Any]) -> None:
    other = """
    INSERT INTO assignment (place_id, path, station_id, county_id, valid_from, person_id, person_path, duty)
    SELECT a.place_id, a.path, a.station_id, a.county_id, a.valid_from, p.id, p.path, a.duty
      FROM assignment a JOIN person p ON p.id <> a.person_id
     WHERE a.duty = 'RESPONSIBLE_PERSON' AND a.valid_to IS NULL ORDER BY a.id, p.id LIMIT 1
    """
    with pytest.raises(asyncpg.ExclusionViolationError):
        run(lambda c: c.execute(other))


def test_no_located_row_is_without_a_place_and_none_has_anothers_path(run: Callable[[Go], Any]) -> None:
    async def refused(connection: asyncpg.Connection, statement: str) -> bool:
        try:
            async with connection.transaction():
                assert await connection.execute(statement) != "UPDATE 0", statement
                # Some foreign keys may wait for the end of the transaction.
                await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except asyncpg.IntegrityConstraintViolationError:
            return True
        return False

    async def go(connection: asyncpg.Connection) -> list[str]:
        tables = [row[0] for row in await connection.fetch(LOCATED)]
        assert len(tables) >= 9
        # Those that the demo may leave empty.
        for statement in (PLACED, AUDITED, *KEPT):
            await connection.execute(statement)
        one = "WHERE id = (SELECT max(id) FROM {})"
        statements = [
            f"UPDATE {table} SET {change} {one.format(table)}"
            for table in tables
            for change in ("place_id = NULL", "path = NULL", "path = '1.'||path", "place_id = 999999", "station_id = 0")
        ]
        statements += [
            f"UPDATE {table} SET path = '1.999.' {one.format(table)}" for table in ("station", "community", "grid")
        ]
        return [statement for statement in statements if not await refused(connection, statement)]

    assert run(go) == []


@pytest.mark.parametrize("level", ["COMMUNITY", "BASIC"])
def test_a_place_that_moves_carries_everything_below_it_along(run: Callable[[Go], Any], level: str) -> None:
    target = {"COMMUNITY": "BASIC", "BASIC": "DEMONSTRATION"}[level]

    async def go(connection: asyncpg.Connection) -> None:
        moved = await connection.fetchrow(
            """SELECT p.id, p.path, p.parent_id FROM place p
                WHERE p.level = $1 ORDER BY (SELECT count(*) FROM assignment a WHERE starts_with(a.path, p.path)) DESC,
                      p.id LIMIT 1""",
            level,
        )
        assert moved
        new = await connection.fetchrow(
            "SELECT id, path FROM place WHERE level = $1 AND id <> $2 AND NOT starts_with($3, path) ORDER BY id DESC",
            target,
            moved["parent_id"],
            moved["path"],
        )
        assert new
        # What the server folds meanwhile would be found in other tables than before.
        await connection.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
        tables = ["place", "station", "community", "grid", *[row[0] for row in await connection.fetch(LOCATED)]]
        count = "SELECT count(*) FROM {} WHERE starts_with(path, $1)"
        before = {table: await connection.fetchval(count.format(table), moved["path"]) for table in tables}
        assert sum(before.values()) > 20
        await connection.execute(MOVE, moved["id"], new["id"])
        await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        path = f"{new['path']}{moved['id']}."
        for table in tables:
            assert await connection.fetchval(count.format(table), moved["path"]) == 0, table
            assert await connection.fetchval(count.format(table), path) == before[table], table
            key = "id" if table in ("place", "station", "community", "grid") else "place_id"
            astray = await connection.fetchval(
                f"""SELECT count(*) FROM {table} r JOIN place p ON p.id = r.{key}
                     WHERE (r.path, r.station_id, r.county_id) IS DISTINCT FROM (p.path, p.station_id, p.county_id)"""
            )
            assert astray == 0, table
        if level == "COMMUNITY":
            stations = await connection.fetch("SELECT DISTINCT station_id FROM place WHERE starts_with(path, $1)", path)
            assert [row[0] for row in stations] == [new["id"]]
        wrong = """SELECT count(*) FROM assignment a JOIN person p ON p.id = a.person_id
                    WHERE a.person_path <> p.path OR a.elsewhere = starts_with(p.path, a.path)"""
        assert await connection.fetchval(wrong) == 0

    run(go)


def test_a_county_that_comes_to_hang_under_a_region_takes_everything_below_it_along(run: Callable[[Go], Any]) -> None:
    async def go(connection: asyncpg.Connection) -> None:
        hub = await connection.fetchrow("SELECT id, path FROM place WHERE level = 'HUB'")
        assert hub
        tables = [row[0] for row in await connection.fetch(LOCATED)]
        count = "SELECT count(*) FROM {} WHERE starts_with(path, $1) AND county_id = $2"
        before = {table: await connection.fetchval(count.format(table), hub["path"], hub["id"]) for table in tables}
        region = await connection.fetchval("INSERT INTO place (level) VALUES ('REGION') RETURNING id")
        await connection.execute(MOVE, hub["id"], region)
        await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        path = f"{region}.{hub['path']}"
        assert {table: await connection.fetchval(count.format(table), path, hub["id"]) for table in tables} == before

    run(go)
