"""A database that is distributed by county: nothing leaks on the shards, writes and moves hold, and the way back.

One cluster and one database for the module; the tests run in the order in which they stand, the way back last.
"""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from server import migrate as migrating
from server import rollups
from server.citus.catalogue import TABLES
from server.citus.distribute import Undistributable, distribute
from server.citus.undistribute import undistribute
from server.migrate import SERVER_ROLE, migrate
from tests.citus import SHARDS, Cluster, cluster, fill, needs_citus, settings_of

pytestmark = needs_citus

Seen = dict[tuple[int, str], list[int] | None]
DATABASE = "counties"
GRANTS = """
SELECT g.id AS grant_id, g.path, g.role, g.county_id, a.id, a.credential_version
  FROM account_grant g JOIN account a ON a.id = g.account_id WHERE a.disabled_at IS NULL ORDER BY g.id
"""
SESSION = "INSERT INTO session (account_id, expires_at) VALUES ($1, now() + interval '1 day') RETURNING id"
SCOPED = (
    "SELECT relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE attname = 'path' AND relkind = 'r'"
)
SCHEMA = """
SELECT 'column', table_name, column_name, concat_ws(' ', data_type, is_nullable, column_default, is_identity,
                                                    generation_expression)
  FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'citus%'
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'policy', tablename, policyname, concat_ws(' ', permissive, roles, cmd, qual, with_check)
  FROM pg_policies WHERE schemaname = 'public'
UNION ALL
SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(t.oid)
  FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
 WHERE relnamespace = 'public'::regnamespace AND NOT tgisinternal
UNION ALL
SELECT 'function', f.oid::regprocedure::text, proacl::text, pg_get_functiondef(f.oid)
  FROM pg_proc f WHERE pronamespace = 'public'::regnamespace AND prolang <> 12
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = f.oid AND d.deptype = 'e')
UNION ALL
SELECT 'right', c.relname, a.attname, concat_ws(' ', c.relacl, a.attacl)
  FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attacl IS NOT NULL
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v') AND relname NOT LIKE 'citus%'
ORDER BY 1, 2, 3, 4
"""


class Nodes:
    """The distributed database, by its superuser and by the server's role; `schema` and `seen` are of the plain one."""

    def __init__(self, found: Cluster) -> None:
        self.cluster, self.url = found, found.url(DATABASE)
        self.runner = asyncio.Runner()
        self.owner: asyncpg.Connection = self.run(asyncpg.connect(self.url))
        self.server: asyncpg.Connection = self.run(asyncpg.connect(found.url(DATABASE, SERVER_ROLE)))
        self.schema = self.sql(SCHEMA)
        self.seen = self.run(self._seen())

    def run(self, work: Any) -> Any:
        """What something that speaks to the database answers."""
        return self.runner.run(work)

    def sql(self, query: str, *values: object) -> list[Any]:
        """The rows of a statement, as the superuser."""
        return list(self.run(self.owner.fetch(query, *values)))

    def value(self, query: str, *values: object) -> Any:
        """The first value of a statement, as the superuser."""
        return self.run(self.owner.fetchval(query, *values))

    def rows(self) -> dict[str, int]:
        """How many rows each table has, but for those that tell and count what was done."""
        return {row["name"]: self.value(f"SELECT count(*) FROM {row['name']}") for row in self.sql(TABLES)}

    def written(self, grant: asyncpg.Record, *statements: str) -> None:
        """Runs statements in the scope of a grant, as a server that writes does."""

        async def write() -> None:
            session = await self.owner.fetchval(SESSION, grant["id"])
            who = grant["id"], grant["credential_version"], session, grant["grant_id"], grant["path"], grant["role"]
            async with self.server.transaction():
                call = "SELECT open_writing($1, $2, $3, $4, $5, $6, $7, true)"
                assert await self.server.fetchval(call, *who, grant["county_id"]) == "OK"
                for statement in statements:
                    await self.server.execute(statement)

        self.run(write())

    def look(self) -> Seen:
        """The ids of the rows that each grant sees of each table, by row-level security alone."""
        seen: Seen = self.run(self._seen())
        return seen

    async def _seen(self) -> Seen:
        seen: Seen = {}
        tables = [row[0] for row in await self.owner.fetch(SCOPED)]
        for grant in await self.owner.fetch(GRANTS):
            session = await self.owner.fetchval(SESSION, grant["id"])
            who = grant["id"], grant["credential_version"], session, grant["grant_id"], grant["path"], grant["role"]
            async with self.server.transaction():
                assert await self.server.fetchval("SELECT open_scope($1, $2, $3, $4, $5, $6)", *who) == "OK"
                for table in tables:
                    sql = f"SELECT array_agg(id ORDER BY id) FROM {table}"
                    seen[grant["grant_id"], table] = await self.server.fetchval(sql)
        return seen


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """The demo and three counties under regions, distributed over two workers."""
    folder = tmp_path_factory.mktemp("citus")
    with cluster(folder) as found:
        found.create(DATABASE)
        fill(settings_of(found, DATABASE, folder))
        made = Nodes(found)
        assert made.run(distribute(made.owner, SHARDS, lambda *_: None))
        yield made
        made.run(made.owner.close())
        made.run(made.server.close())
        made.runner.close()


@pytest.fixture(scope="module")
def hub(nodes: Nodes) -> asyncpg.Record:
    """The grant of the account `hub`."""
    found = nodes.sql(f"SELECT * FROM ({GRANTS}) AS g WHERE id = (SELECT id FROM account WHERE username = 'hub')")
    grant: asyncpg.Record = found[0]
    return grant


def test_row_level_security_alone_shows_every_grant_what_it_did_before(nodes: Nodes) -> None:
    now = nodes.look()
    assert {path.count(".") for path in [row["path"] for row in nodes.sql(GRANTS)]} >= {1, 2, 3, 4}
    assert now == nodes.seen


def test_without_a_scope_nothing_is_seen_at_any_node(nodes: Nodes) -> None:
    async def seen(node: int) -> list[int]:
        connection = await asyncpg.connect(nodes.cluster.url(DATABASE, SERVER_ROLE, node=node))
        tables = [row[0] for row in await nodes.owner.fetch(SCOPED)]
        counted = [await connection.fetchval(f"SELECT count(*) FROM {table}") for table in tables]
        await connection.close()
        return counted

    for node in range(3):
        assert set(nodes.run(seen(node))) == {0}


WHERE_COUNTIES_LIE = """
SELECT c.county, array_agg(DISTINCT p.nodename) AS nodes
  FROM unnest($1::bigint[]) AS c (county)
 CROSS JOIN (SELECT logicalrelid FROM pg_dist_partition WHERE partmethod = 'h') AS t
  JOIN pg_dist_shard_placement p ON p.shardid = get_shard_id_for_distribution_column(t.logicalrelid, c.county)
 GROUP BY 1
"""


def test_the_rows_of_a_county_lie_on_one_node_and_counties_on_more_than_one(nodes: Nodes) -> None:
    counties = [row[0] for row in nodes.sql("SELECT DISTINCT county_id FROM place")]
    found = [row["nodes"] for row in nodes.sql(WHERE_COUNTIES_LIE, counties)]
    assert len(found) == len(counties)
    assert all(len(on) == 1 for on in found)
    assert len({on[0] for on in found}) == 2


def test_a_write_is_counted_told_and_sealed_as_before(nodes: Nodes, hub: asyncpg.Record) -> None:
    county = hub["county_id"]
    person = nodes.sql("SELECT * FROM person WHERE county_id = $1 AND kind = 'SOCIAL_WORKER' ORDER BY id", county)[0]
    item = nodes.value("SELECT min(id) FROM service_item WHERE county_id = $1", county)
    at = f"{person['place_id']}, '{person['path']}', {person['station_id']}, {county}"
    contacts = "SELECT sum(contacts) FROM {} WHERE county_id = $1 AND place_id = $1"
    while nodes.value("SELECT fold_rollups(5000)"):
        pass
    before = nodes.value(contacts.format("service_rollup"), county)
    above = nodes.value("SELECT count(*) FROM event")
    nodes.written(
        hub,
        "INSERT INTO service_record (place_id, path, station_id, county_id, item_id, worker_id, served_on, contacts,"
        f" beneficiaries) VALUES ({at}, {item}, {person['id']}, current_date, 7, 2)",
        "INSERT INTO audit_entry (place_id, path, station_id, county_id, account_id, grant_id, request_id, action,"
        f" noun, row_id) VALUES ({at}, {hub['id']}, {hub['grant_id']}, 'r', 'recordService', 'service_record', 1)",
    )
    nodes.sql("SELECT fold_rollups(5000)")
    assert nodes.value(contacts.format("service_rollup"), county) == before + 7
    assert nodes.value("SELECT count(*) FROM event") == above + 1
    assert nodes.value("SELECT count(*) FROM service_delta") == nodes.value("SELECT count(*) FROM event_waiting") == 0
    while nodes.sql("SELECT * FROM seal_audit(1000)"):
        pass
    unsealed = "SELECT count(*) FROM audit_entry"
    assert nodes.value("SELECT count(*) FROM audit_seal") == nodes.value(unsealed)


UNSEEN = """
SELECT r.* FROM referral r
 WHERE r.state = 'SENT' AND NOT starts_with(r.path, r.to_path)
   AND NOT EXISTS (SELECT 1 FROM sharing s WHERE s.county_id = r.county_id AND s.noun = 'client'
                                             AND s.row_id = r.client_id AND starts_with(s.path, r.to_path))
 ORDER BY r.id
"""


def test_what_a_referral_shares_is_seen_by_the_receiver_once_it_is_accepted(nodes: Nodes) -> None:
    sent = nodes.sql(UNSEEN)[0]
    receiver = nodes.sql("SELECT * FROM place WHERE county_id = $1 AND id = $2", sent["county_id"], sent["to_place_id"])
    account = (
        "INSERT INTO account (place_id, path, station_id, county_id, username, password_hash)"
        " VALUES ($1, $2, $3, $4, 'receiver', 'none') RETURNING id"
    )
    at = [receiver[0][name] for name in ("id", "path", "station_id", "county_id")]
    grant = (
        "INSERT INTO account_grant (place_id, path, station_id, county_id, account_id, role)"
        " VALUES ($1, $2, $3, $4, $5, 'WORKER') RETURNING id"
    )
    id_ = nodes.value(grant, *at, nodes.value(account, *at))
    assert sent["client_id"] not in (nodes.look()[id_, "client"] or [])
    nodes.sql(
        "UPDATE referral SET state = 'ACCEPTED', version = version + 1 WHERE county_id = $1 AND id = $2",
        sent["county_id"],
        sent["id"],
    )
    assert sent["client_id"] in (nodes.look()[id_, "client"] or [])


MOVED = """
SELECT c.id, c.path, c.county_id, s.id AS station FROM place c
  JOIN place s ON s.county_id = c.county_id AND s.level = 'BASIC' AND s.id <> c.parent_id
 WHERE c.county_id = 1 AND c.level = 'COMMUNITY' AND c.parent_level = 'BASIC' ORDER BY c.id, s.id LIMIT 1
"""
UNDER = """
UPDATE place SET parent_id = p.id, parent_level = p.level, parent_path = p.path, parent_station_id = p.station_id
  FROM (SELECT * FROM place WHERE county_id = {county} AND id = {station}) AS p
 WHERE place.county_id = {county} AND place.id = {id}
"""


def test_a_place_that_moves_takes_all_that_is_below_it_along(nodes: Nodes, hub: asyncpg.Record) -> None:
    moved = nodes.sql(MOVED)[0]
    below = {
        table: nodes.value(f"SELECT count(*) FROM {table} WHERE starts_with(path, $1)", moved["path"])
        for table in ("place", "person", "service_record", "audit_entry", "assignment", "client")
    }
    nodes.written(hub, UNDER.format(county=1, station=moved["station"], id=moved["id"]), "SELECT carry_accounts(1)")
    path = nodes.value("SELECT path FROM place WHERE county_id = 1 AND id = $1", moved["id"])
    assert path != moved["path"]
    for table, rows in below.items():
        assert nodes.value(f"SELECT count(*) FROM {table} WHERE starts_with(path, $1)", path) == rows
    for row in nodes.sql(SCOPED):
        assert nodes.value(f"SELECT count(*) FROM {row[0]} WHERE starts_with(path, $1)", moved["path"]) == 0


def test_a_place_does_not_leave_its_county(nodes: Nodes, hub: asyncpg.Record) -> None:
    other = nodes.sql("SELECT * FROM place WHERE level = 'BASIC' AND county_id <> 1 ORDER BY id LIMIT 1")[0]
    moved = nodes.sql(MOVED)[0]
    leaving = (
        f"UPDATE place SET parent_id = {other['id']}, parent_level = 'BASIC', parent_path = '{other['path']}',"
        f" parent_station_id = {other['station_id']}, parent_county_id = {other['county_id']}"
        f" WHERE county_id = 1 AND id = {moved['id']}"
    )
    with pytest.raises(asyncpg.PostgresError):
        nodes.sql(leaving)


def test_what_overlaps_is_refused_as_by_the_constraint(nodes: Nodes) -> None:
    held = nodes.sql("SELECT * FROM division_code WHERE county_id = 1 AND valid_to IS NULL ORDER BY id LIMIT 1")[0]
    again = (
        "INSERT INTO division_code (place_id, path, station_id, county_id, valid_from, code)"
        " VALUES ($1, $2, $3, $4, current_date, $5)"
    )
    at = [held[name] for name in ("place_id", "path", "station_id", "county_id")]
    with pytest.raises(asyncpg.ExclusionViolationError):
        nodes.sql(again, *at, held["code"])


def test_a_row_that_names_one_of_another_county_is_refused(nodes: Nodes) -> None:
    stranger = nodes.value("SELECT min(id) FROM client WHERE county_id <> 1")
    naming = "UPDATE service_record SET client_id = $1 WHERE county_id = 1"
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        nodes.sql(naming, stranger)


MIGRATION = '''"""A column and its index."""

from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None
harmless = {{}}


def upgrade() -> None:
    """Add them."""
    op.execute("ALTER TABLE venue ADD colour text")
    op.execute("CREATE INDEX ix_venue_colour ON venue (county_id, colour)")


def downgrade() -> None:
    """Take them away."""
    op.execute("ALTER TABLE venue DROP colour")
'''


def test_a_migration_reaches_every_shard(nodes: Nodes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    newest = migrating.newest_revision()
    folder = tmp_path / "migrations"
    shutil.copytree(migrating.MIGRATIONS, folder)
    (folder / "versions" / "9998_colour.py").write_text(MIGRATION.format(revision="9998", before=newest))
    monkeypatch.setattr(migrating, "MIGRATIONS", folder)
    migrating.newest_revision.cache_clear()
    try:
        assert nodes.run(migrate(nodes.url))
        shards = nodes.sql("SELECT * FROM run_command_on_shards('venue', 'SELECT count(colour) FROM %s')")
        assert len(shards) == SHARDS
        assert all(shard["success"] for shard in shards)
    finally:
        migrating.newest_revision.cache_clear()
        with suppress(asyncpg.PostgresError):
            nodes.sql("ALTER TABLE venue DROP colour")
        nodes.sql("UPDATE alembic_version SET version_num = $1", newest)


def test_the_way_back_leads_to_exactly_the_plain_schema_with_every_row(nodes: Nodes) -> None:
    rows, seen = nodes.rows(), nodes.look()
    assert nodes.run(undistribute(nodes.owner, lambda: migrate(nodes.url), lambda *_: None))
    nodes.run(nodes.server.close())
    nodes.server = nodes.run(asyncpg.connect(nodes.cluster.url(DATABASE, SERVER_ROLE)))
    assert nodes.sql(SCHEMA) == nodes.schema
    del rows["event_waiting"], rows["client_erasure"], rows["session"]
    assert {table: nodes.value(f"SELECT count(*) FROM {table}") for table in rows} == rows
    assert nodes.look() == seen
    # What was folded, and what a move took along, where the rows lay.
    told: list[str] = []
    assert nodes.run(rollups.verify(nodes.owner, told.append, lambda *_: None)).wrong == 0, told


def test_rows_of_two_counties_that_name_each_other_keep_a_database_from_being_distributed(nodes: Nodes) -> None:
    stranger = nodes.value("SELECT min(id) FROM client WHERE county_id <> 1")
    record = nodes.value("SELECT min(id) FROM service_record WHERE county_id = 1")
    nodes.sql("UPDATE service_record SET client_id = $1 WHERE id = $2", stranger, record)
    with pytest.raises(Undistributable, match=r"service_record \(client_id\): 1"):
        nodes.run(distribute(nodes.owner, SHARDS, lambda *_: None))
    assert nodes.sql(SCHEMA) == nodes.schema
