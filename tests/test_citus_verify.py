"""Whatever past the program's back has come upon a shard, a node or the coordinator, `zhanwang verify` finds it.

One cluster and one database for the module, in whose shards all damage is done before it is verified once more.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner

from resolvers import audit_chain
from server import rollups
from server.backup import verify as checking
from server.backup.distributed import ALONE, HOME, verify
from server.backup.verify import CHAIN, NAMES, NUMBERS, PATHS, SERVER, SUMS, Finding
from server.citus import counties
from server.citus.counties import Hindered, one_moment
from server.cli import app
from tests.citus import Cluster, cluster, distributed, fill, needs_citus, settings_of

pytestmark = needs_citus

DATABASE = "verified"
TREE, GUARDED = "The places are a tree", "Row-level security binds everybody"
NODE_OF = """
SELECT p.shardid, p.nodename FROM pg_dist_shard_placement p
 WHERE p.shardid = get_shard_id_for_distribution_column($1::text::regclass, $2::bigint)
"""
SHARDS_APART = """
SELECT id AS county FROM (
  SELECT DISTINCT ON (get_shard_id_for_distribution_column('place', id)) id FROM place WHERE level = 'HUB') AS one
 ORDER BY id LIMIT 2
"""
ENTRIES = """
INSERT INTO audit_entry (place_id, path, station_id, county_id, request_id, action, noun, row_id)
SELECT id, path, station_id, county_id, 'r', $1, 'place', id FROM place WHERE level <> 'GRID'
"""


@dataclass
class Nodes:
    """The database: `run` does what speaks to it, `owner` is its superuser at the coordinator."""

    cluster: Cluster
    runner: asyncio.Runner
    owner: asyncpg.Connection

    def sql(self, query: str, *values: object) -> list[Any]:
        """The rows of a statement at the coordinator."""
        return list(self.runner.run(self.owner.fetch(query, *values)))

    def county(self, level: str = "HUB") -> int:
        """The last county, or region."""
        found: int = self.sql("SELECT max(id) FROM place WHERE level = $1", level)[0][0]
        return found

    def at_shard(self, table: str, county: int, *statements: str) -> str:
        """Runs statements where a county's rows of a table lie, past triggers and keys; `{}` is the shard, its name."""
        (shard,) = self.sql(NODE_OF, table, county)
        name = f"{table}_{shard['shardid']}"
        node = [str(socket) for socket in self.cluster.sockets].index(shard["nodename"])
        self.at_node(node, *(statement.format(name) for statement in statements))
        return name

    def at_node(self, node: int, *statements: str) -> None:
        """Runs statements at a node as its superuser, past triggers and keys."""

        async def work() -> None:
            connection = await asyncpg.connect(self.cluster.url(DATABASE, node=node))
            await connection.execute("SET session_replication_role = replica; SET citus.enable_ddl_propagation = off")
            for statement in statements:
                await connection.execute(statement)
            await connection.close()

        self.runner.run(work())

    def verified(self) -> dict[str, Finding]:
        """What is found, by title, with every fault told."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(checking, "SAMPLES", 1000)
            return {found.title: found for found in self.runner.run(verify(self.owner, None, lambda *_: None))}


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """The demo and three counties under regions; sums are folded and wait to be, entries sealed, listed and waiting."""
    folder = tmp_path_factory.mktemp("citus")
    with cluster(folder) as found, asyncio.Runner() as runner, pytest.MonkeyPatch.context() as patch:
        patch.setattr(counties, "COUNTIES", 3)
        url = found.create(DATABASE)
        fill(settings_of(found, DATABASE, folder))
        runner.run(distributed(url))
        made = Nodes(found, runner, runner.run(asyncpg.connect(url)))
        runner.run(rollups.fold(made.owner))
        made.sql("UPDATE person SET retired_on = current_date WHERE county_id = $1", made.county())
        for action in ("first", "second"):
            made.sql(ENTRIES, action)
            runner.run(audit_chain.seal(made.owner))
        made.sql(ENTRIES, "third")
        yield made
        runner.run(made.owner.close())


def test_a_sound_database_is_without_fault_and_everything_is_looked_at(nodes: Nodes) -> None:
    told = nodes.verified()
    assert [finding for finding in told.values() if finding.faults] == []
    assert [title for title, finding in told.items() if finding.figure.startswith("0 ")] == []
    assert nodes.sql("SELECT count(*) FROM network_delta")[0][0] > 0
    assert nodes.sql("SELECT count(*) FROM audit_unsealed")[0][0] > 0


def test_every_node_is_seen_as_of_one_moment_whoever_writes(nodes: Nodes) -> None:
    async def seen() -> tuple[list[Any], list[Any]]:
        writer = await asyncpg.connect(nodes.cluster.url(DATABASE))
        count = "SELECT county_id, count(*) FROM public.event_waiting GROUP BY 1 ORDER BY 1"
        async with one_moment(nodes.owner):
            before = await writer.fetch(count)
            await writer.execute(
                "INSERT INTO event_waiting (county_id, noun, row_id, paths)"
                " SELECT id, 'PLACE', id, ARRAY[path] FROM place WHERE level IN ('HUB', 'REGION')"
            )
            assert await writer.fetch(count) != before
            now = await nodes.owner.fetch(count)
        await writer.close()
        return before, now

    before, now = nodes.runner.run(seen())
    assert now == before


def test_whoever_writes_folds_and_seals_meanwhile_is_no_fault(nodes: Nodes) -> None:
    county = nodes.county()

    async def found() -> list[Finding]:
        others = [await asyncpg.connect(nodes.cluster.url(DATABASE)) for _ in range(2)]
        stop = asyncio.Event()

        async def write() -> None:
            for day in count():
                if stop.is_set():
                    break
                async with others[0].transaction():
                    await others[0].execute("SELECT lock_county($1, false)", county)
                    await others[0].execute(
                        "UPDATE person SET retired_on = current_date + $2::int WHERE county_id = $1", county, day % 2
                    )
                    await others[0].execute(ENTRIES, "meanwhile")

        async def gather() -> None:
            while not stop.is_set():
                await others[1].execute("SELECT fold_rollups(5)")
                await audit_chain.seal(others[1])

        writing = [asyncio.create_task(write()), asyncio.create_task(gather())]
        told = await verify(nodes.owner, None, lambda *_: None)
        stop.set()
        await asyncio.gather(*writing)
        for other in others:
            await other.close()
        return told

    assert [finding for finding in nodes.runner.run(found()) if finding.faults] == []


def test_who_writes_for_too_long_keeps_it_from_looking_and_it_says_so(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    county = nodes.county()

    async def hindered() -> None:
        writer = await asyncpg.connect(nodes.cluster.url(DATABASE))
        async with writer.transaction():
            await writer.execute("SELECT lock_county($1, false)", county)
            with pytest.raises(Hindered, match="Somebody writes"):
                await verify(nodes.owner, None, lambda *_: None)
        await writer.close()
        async with one_moment(nodes.owner):
            pass

    monkeypatch.setattr(counties, "PATIENCE", "100ms")
    nodes.runner.run(hindered())


def path_of_a_row(nodes: Nodes) -> str:
    nodes.at_shard("agency", 1, "UPDATE {} SET path = '9.' WHERE county_id = 1")
    return "no place for its county_id, place_id, path, station_id"


def parent_of_a_place(nodes: Nodes) -> str:
    county = nodes.county()
    ((grid,),) = nodes.sql("SELECT max(id) FROM place WHERE level = 'GRID' AND county_id = $1", county)
    nodes.at_shard("place", county, f"UPDATE {{}} SET parent_path = '9.' WHERE id = {grid}")
    return f"grid {grid} hangs where it cannot"


def sum_of_a_county(nodes: Nodes) -> str:
    nodes.at_shard("service_rollup", 1, "UPDATE {} SET contacts = contacts + 1 WHERE county_id = 1 AND place_id = 1")
    return "S1: service"


def sum_of_a_region(nodes: Nodes) -> str:
    region = nodes.county("REGION")
    nodes.at_shard("network_rollup", region, f"DELETE FROM {{}} WHERE county_id = {region} AND noun = 'GRID'")
    return f"S{region}: network GRID"


def place_of_an_account(nodes: Nodes) -> str:
    ((account,),) = nodes.sql("UPDATE account SET path = '9.' WHERE username = 'gridworker' RETURNING id")
    return f"account {account}: no place for its place_id, path, station_id, county_id"


def account_of_a_session(nodes: Nodes) -> str:
    nodes.sql("INSERT INTO session (account_id, expires_at) VALUES (999999, now())")
    return "no account for its account_id"


def parent_of_a_placement(nodes: Nodes) -> str:
    ((placement,),) = nodes.sql("SELECT max(id) FROM placement WHERE county_id = 1")
    nodes.sql("UPDATE placement SET parent_id = 999999 WHERE county_id = 1 AND id = $1", placement)
    return f"placement 1 {placement}: no place for its parent_id"


def county_of_an_account(nodes: Nodes) -> str:
    ((grant,),) = nodes.sql(
        "UPDATE account_grant SET county_id = 888888 WHERE id = (SELECT max(id) FROM account_grant) RETURNING id"
    )
    return f"account_grant {grant}: no place"


def code_of_two_counties(nodes: Nodes) -> str:
    ((code,),) = nodes.sql("SELECT min(code) FROM community WHERE county_id = 1")
    ((id_,),) = nodes.sql("SELECT min(id) FROM community WHERE county_id = $1", nodes.county())
    nodes.sql("UPDATE community SET code = $1 WHERE county_id = $2 AND id = $3", code, nodes.county(), id_)
    return f"2 rows of community have the code {code}"


def id_of_two_counties(nodes: Nodes) -> str:
    ((id_,),) = nodes.sql("SELECT max(id) FROM division_code WHERE county_id = 1")
    nodes.at_shard(
        "division_code", nodes.county(), f"UPDATE {{0}} SET id = {id_} WHERE id = (SELECT max(id) FROM {{0}})"
    )
    return f"2 rows of division_code have the id {id_}"


def shard_of_another_county(nodes: Nodes) -> str:
    here, there = (row["county"] for row in nodes.sql(SHARDS_APART))
    columns = "id, place_id, path, station_id, county_id, day, working, name"
    values = f"999999, {here}, '{here}.', {here}, {here}, '2020-01-01', true, 'New Year'"
    nodes.at_shard("calendar_day", there, f"INSERT INTO {{}} ({columns}) VALUES ({values})")
    return f"1 rows of calendar_day of county {here} lie on another's shard"


def range_of_a_node(nodes: Nodes) -> str:
    ahead = (1 << 48) + 1_000_000
    nodes.at_shard("sharing", 1, f"UPDATE {{0}} SET id = {ahead} WHERE id = (SELECT max(id) FROM {{0}})")
    return f"sharing has ids up to {ahead}, and sharing_id_seq of"


def security_of_a_shard(nodes: Nodes) -> str:
    shard = nodes.at_shard("client", nodes.county(), "ALTER TABLE {} NO FORCE ROW LEVEL SECURITY")
    return f"5432: row-level security does not bind everybody in {shard}"


def policy_of_a_shard(nodes: Nodes) -> str:
    nodes.at_shard("survey", 1, "ALTER POLICY scope ON {} USING (true)")
    return "zhanwang_server sees rows of survey without a scope"


def role_of_a_node(nodes: Nodes) -> str:
    nodes.at_node(2, "GRANT zhanwang_owner TO zhanwang_server WITH INHERIT FALSE")
    return f"{nodes.cluster.sockets[2]}:5432: zhanwang_server may act as the owner"


def sealed_entry(nodes: Nodes) -> str:
    ((entry,),) = nodes.sql("SELECT max(id) FROM audit_entry WHERE action = 'first' AND county_id = 1")
    nodes.at_shard("audit_entry", 1, f"UPDATE {{}} SET action = 'x' WHERE id = {entry}")
    return f"Entry E{entry} of batch 1 is not what was sealed"


def missing_entry(nodes: Nodes) -> str:
    ((entry,),) = nodes.sql("SELECT max(id) FROM audit_entry WHERE action = 'second' AND county_id = 1")
    nodes.at_shard("audit_entry", 1, f"DELETE FROM {{}} WHERE id = {entry}")
    return f"Entry E{entry} of batch 2 is missing"


def unnoted_entry(nodes: Nodes) -> str:
    nodes.sql(ENTRIES, "last")
    ((entry,),) = nodes.sql("SELECT max(id) FROM audit_entry WHERE action = 'last' AND county_id = 1")
    nodes.at_shard("audit_unsealed", 1, f"DELETE FROM {{}} WHERE entry_id = {entry}")
    return f"Entry E{entry} is neither sealed nor noted to be"


DAMAGE = {
    path_of_a_row: PATHS,
    parent_of_a_place: TREE,
    sum_of_a_county: SUMS,
    sum_of_a_region: SUMS,
    place_of_an_account: PATHS,
    county_of_an_account: PATHS,
    account_of_a_session: NAMES,
    parent_of_a_placement: NAMES,
    code_of_two_counties: ALONE,
    id_of_two_counties: ALONE,
    shard_of_another_county: HOME,
    range_of_a_node: NUMBERS,
    security_of_a_shard: GUARDED,
    policy_of_a_shard: SERVER,
    role_of_a_node: SERVER,
    sealed_entry: CHAIN,
    missing_entry: CHAIN,
    unnoted_entry: CHAIN,
}


@pytest.fixture(scope="module")
def damaged(nodes: Nodes) -> tuple[dict[str, Finding], dict[str, str]]:
    """What is found after all damage, by title; what tells of each, by its name."""
    telling = {damage.__name__: damage(nodes) for damage in DAMAGE}
    return nodes.verified(), telling


@pytest.mark.parametrize(("name", "title"), [(damage.__name__, title) for damage, title in DAMAGE.items()])
def test_it_is_found_what_became_of_the(
    damaged: tuple[dict[str, Finding], dict[str, str]], name: str, title: str
) -> None:
    told, telling = damaged
    assert [fault for fault in told[title].samples if telling[name] in fault], told[title].samples


def test_the_commands_find_it_too_and_sums_are_made_right_again(
    nodes: Nodes, damaged: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATABASE_URL", "OWNER_DATABASE_URL"):
        monkeypatch.setenv(f"ZHANWANG_{name}", nodes.cluster.url(DATABASE))

    def ended(command: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, command.split())
        return done.exit_code, done.output

    for command, told in (("verify", "✗"), ("audit verify", "tampered with"), ("rollups verify", "rollups rebuild")):
        code, said = ended(command)
        assert (code, told in said) == (1, True), said
    assert ended("rollups rebuild")[0] == 0
    code, said = ended("rollups verify")
    assert (code, "; 0 changes wait" in said) == (0, True), said
