"""Row-level security alone refuses every write that is out of scope: without the resolvers' own clause, and in SQL."""

import asyncio
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from models import Role
from server.embedded import Embedded
from server.migrate import SERVER_ROLE
from tests import nouns
from tests.guards import NEITHER, POLICIES, standing
from tests.matrix import CASES, document, may, names_of, replaced, twin, value_at
from tests.scene import MISSING, Scene, World, key, world

NAMES = sorted(CASES)
ABLE = [(name, role) for name in NAMES for role in Role if may(role, name)]
# Tables whose rows belong somewhere, and which columns of them the server's role may write.
WRITABLE = """
SELECT c.relname AS name,
       ARRAY(SELECT a.attname::text FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                AND has_column_privilege($1, c.oid, a.attnum, 'INSERT')) AS inserted,
       ARRAY(SELECT a.attname::text FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                AND has_column_privilege($1, c.oid, a.attnum, 'UPDATE')) AS updated,
       has_table_privilege($1, c.oid, 'DELETE') AS deleted
  FROM pg_class c
  JOIN pg_attribute p ON p.attrelid = c.oid AND p.attname = 'path'
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY c.relname
"""
LOCATED = ("place_id", "path", "station_id", "county_id")
PARENT = tuple(f"parent_{name}" for name in ("id", "level", "path", "station_id", "county_id"))
# What a policy asks of a column beside the place.
GIVEN = {("account_grant", "given_by"): "NULLIF(current_setting('zhanwang.grant', true), '')::bigint"} | nouns.GIVEN
WHO = """
SELECT set_config('zhanwang.scope', $1, true), set_config('zhanwang.account', $2::bigint::text, true),
       set_config('zhanwang.grant', $3::bigint::text, true), set_config('zhanwang.role', 'ADMINISTRATOR', true)
"""


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("guards")) as made:
        yield made


@pytest.fixture(scope="module")
def scene(written: World) -> Scene:
    """A scene that nothing is ever written in."""
    return written.scene()


@pytest.fixture(scope="module")
def foreign(written: World) -> Scene:
    """Another county."""
    return written.scene()


@pytest.fixture(scope="module")
def tables(written: World) -> dict[str, asyncpg.Record]:
    """The tables that the server's role can write and that a scope holds, by name."""
    found = {row["name"]: row for row in written.sql(WRITABLE, SERVER_ROLE)}
    return {name: row for name, row in found.items() if row["inserted"] or row["updated"] or row["deleted"]}


@pytest.mark.parametrize(("name", "role"), ABLE)
def test_row_level_security_alone_refuses_every_id_out_of_scope(
    written: World, scene: Scene, foreign: Scene, name: str, role: Role
) -> None:
    case = CASES[name]
    given = case.input_of(scene)
    writer = scene.writer(role, scene.here[case.at])
    before = written.digest()
    beyond = [scene.there, foreign.here] if case.at == "S" else [foreign.here]
    with standing(POLICIES, written.url):
        for steps in names_of(name):
            for zone in beyond:
                other = twin(value_at(given, steps), scene, zone)
                assert other is not None
                answer = writer.post(document(name), {"input": replaced(given, steps, other)})
                (error,) = answer.json()["data"][name]["errors"]
                assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", *map(str, steps)])
                assert written.entries(answer.headers["x-request-id"]) == []
    assert written.changed(before) == []


def test_without_both_guards_such_a_write_is_done(written: World) -> None:
    mine = written.scene()
    writer = mine.writer(Role.ADMINISTRATOR, mine.here["S"])
    before = written.digest()
    with standing(NEITHER, written.url):
        given = {"id": mine.there["G1"], "version": 1, "name": "别人的"}
        writer.post(document("renameGrid"), {"input": given})
    assert written.changed(before) == ["event", "grid"]


def test_a_scene_has_a_row_of_every_table_in_every_zone(written: World, scene: Scene, tables: Any) -> None:
    for zone in scene.zones:
        path = written.value("SELECT path FROM station WHERE id = $1", zone.key("S"))
        counted = {
            name: written.value(f"SELECT count(*) FROM {name} WHERE starts_with(path, $1)", path) for name in tables
        }
        assert all(counted.values()), counted


def test_no_table_takes_a_row_at_a_place_out_of_scope(written: World, scene: Scene, tables: Any) -> None:
    for name, table in tables.items():
        if table["inserted"]:
            values = [GIVEN.get((name, column), column) for column in table["inserted"]]
            sql = f"INSERT INTO {name} ({', '.join(table['inserted'])}) SELECT {', '.join(values)} FROM stolen"
            # A copy of a row that is there already: where the scope lets it pass, something else may stand against it.
            assert refused(written, scene, name, sql, "there") is True, name
            assert refused(written, scene, name, sql, "here") is False, name


def test_no_row_is_taken_to_a_place_out_of_scope(written: World, scene: Scene, tables: Any) -> None:
    taken = set()
    for name, table in tables.items():
        columns = [column for column in (*LOCATED, *PARENT) if column in table["updated"]]
        if "path" in columns or "parent_path" in columns:
            taken.add(name)
            sets = ", ".join(f"{column} = stolen.{column}" for column in columns)
            sql = f"UPDATE {name} SET {sets} FROM stolen WHERE {name}.id IN (SELECT id FROM mine)"
            assert refused(written, scene, name, sql, "there") is True, name
            assert refused(written, scene, name, sql, "here") is False, name
    # What can be moved at all; a cascade moves the rest.
    assert taken >= {"place", "person", "volunteer_team", "account"}


def test_no_row_out_of_scope_is_changed_or_removed(written: World, scene: Scene, tables: Any) -> None:
    for name, table in tables.items():
        for column in table["updated"]:
            sql = f"UPDATE {name} SET {column} = stolen.{column} FROM stolen WHERE {name}.id = stolen.id"
            assert refused(written, scene, name, sql, "there") is True, (name, column)
        if table["deleted"]:
            sql = f"DELETE FROM {name} WHERE id IN (SELECT id FROM stolen)"
            assert refused(written, scene, name, sql, "there") is True, name


def test_the_audit_log_is_neither_changed_nor_shortened(tables: Any) -> None:
    assert (tables["audit_entry"]["updated"], tables["audit_entry"]["deleted"]) == ([], False)


def refused(written: World, scene: Scene, table: str, sql: str, zone: str) -> bool:
    """Whether row-level security refuses a statement, or lets it see nothing to change, within the scope of `here`.

    `stolen` holds rows of the named zone as they are, `mine` those of `here`.
    """

    async def run() -> bool:
        connection = await asyncpg.connect(written.url)
        transaction = connection.transaction()
        await transaction.start()
        try:
            for name, rows in (("stolen", zone), ("mine", "here")):
                place = key(getattr(scene, rows)["S"])
                path = await connection.fetchval("SELECT path FROM place WHERE id = $1", place)
                # The places below, so that what is its own root is no special case.
                among = f"SELECT * FROM {table} WHERE starts_with(path, '{path}') AND path <> '{path}' LIMIT 3"
                await connection.execute(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {among}")
                await connection.execute(f"GRANT SELECT ON {name} TO {SERVER_ROLE}")
            scope = await connection.fetchval("SELECT path FROM place WHERE id = $1", key(scene.here["S"]))
            await connection.execute(f"SET LOCAL ROLE {SERVER_ROLE}")
            await connection.fetch(WHO, scope, MISSING, key(scene.here["R1"]))
            try:
                done = await connection.execute(sql)
            except asyncpg.InsufficientPrivilegeError as error:
                if "row-level security" not in str(error):
                    raise
                return True
            except asyncpg.IntegrityConstraintViolationError:
                return False
            return done.endswith(" 0")
        finally:
            await transaction.rollback()
            await connection.close()

    return asyncio.run(run())
