"""Looks over a database that is distributed by county: the checks of `server.backup.verify`, some counties at a time.

What the schema gave up (docs/decisions/0036) is looked at as if it were in force, and what each node has of its own is
asked of each.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg

from resolvers.audit_chain import WalkByParts
from server.backup.archive import Manifest
from server.backup.checks import CHECKS, FOREIGN_KEYS, NUMBERED, Check, dangling, tree
from server.backup.verify import (
    CHAIN,
    NAMES,
    NUMBERS,
    PATHS,
    ROWS,
    SERVER,
    SUMS,
    Finding,
    compare_rows,
    has_path,
    look_at_server,
    tell_broken,
)
from server.citus import catalogue
from server.citus.counties import ANYWHERE, TABLES, Counties, one_moment
from server.citus.kinds import COLOCATED, COUNTY, GIVEN_UP, OF_ONE_COUNTY
from server.citus.sums import Sums
from server.database import LOGIN
from server.migrate import OWNER_ROLE, SERVER_ROLE
from server.progress import Progress
from server.rollups import Comparing

ALONE, HOME = "Codes and ids are of one row alone", "Rows lie on the shard of their county"
AT_NODES = """
SELECT n.nodename || ':' || n.nodeport AS node, n.groupid, r.success, r.result
  FROM run_command_on_all_nodes($1) r JOIN pg_dist_node n USING (nodeid) ORDER BY n.nodeid
"""
LISTED = "SELECT COALESCE(json_agg(fault), '[]') FROM ({}) AS broken"
# Of the server's role, whoever asks.
OF_SERVER = LOGIN.replace("$1", f"'{OWNER_ROLE}'").replace("current_user", f"'{SERVER_ROLE}'")
BOUND = f"SELECT name || ' ' || fault AS fault FROM ({OF_SERVER}) AS login WHERE fault IS NOT NULL"
LAST = """
SELECT json_object_agg(sequencename, COALESCE(last_value, min_value - 1)) FROM pg_sequences WHERE schemaname = 'public'
"""
# A node's ids are those whose upper 16 bits are its group's number.
HIGHEST = "SELECT {column} >> 48 AS of_group, max({column}) AS highest FROM {of} GROUP BY 1"
SAME = """
SELECT format('%s rows of {table} have the {column} %s', count(*), {column}) AS fault FROM {table}
 WHERE {column} IS NOT NULL GROUP BY {column} HAVING count(*) > 1
"""
KEY = """
SELECT ARRAY(SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
              WHERE i.indrelid = $1::text::regclass AND i.indisprimary AND a.attnum = ANY (i.indkey) ORDER BY
              array_position(i.indkey::int2[], a.attnum))
"""


async def verify(connection: asyncpg.Connection, manifest: Manifest | None, progress: Progress) -> list[Finding]:
    """As `server.backup.verify.verify`; connection: as `one_moment` takes it. progress: gets the counties.

    Raises Hindered and asyncpg's errors.
    """
    async with one_moment(connection):
        return await _Looking(connection, progress).all(manifest)


class _Looking:
    def __init__(self, connection: asyncpg.Connection, progress: Progress) -> None:
        self._connection, self._progress = connection, progress
        titles = [ROWS, *(check.title for check in CHECKS), PATHS, NAMES, ALONE, HOME, NUMBERS, SUMS, SERVER, CHAIN]
        self._found = {title: Finding(title) for title in titles}

    async def all(self, manifest: Manifest | None) -> list[Finding]:
        connection, found = self._connection, self._found
        if manifest is None:
            del found[ROWS]
        else:
            await compare_rows(connection, manifest, found[ROWS])
        await self._nodes()
        await self._numbers()
        await self._alone()
        tables = {row["name"] for row in await connection.fetch(catalogue.TABLES)}
        keys = [dict(key) for key in await connection.fetch(FOREIGN_KEYS) if key["child"] in tables]
        keys += [await self._given_up(*key) for key in GIVEN_UP]
        await self._counties(keys, manifest)
        await look_at_server(connection, found[SERVER])
        return list(found.values())

    async def _nodes(self) -> None:
        """What the catalogue of each node says."""
        for check in CHECKS:
            if check.catalogue:
                looked = 0
                for row in await self._connection.fetch(AT_NODES, f"SELECT number FROM ({check.looked}) AS l (number)"):
                    looked += int(row["result"]) if row["success"] else 0
                ((_, unit),) = await self._connection.fetch(check.looked)
                self._found[check.title].figure = f"{looked:,} {unit}"
                await self._tell_of_nodes(check.broken, self._found[check.title])
        await self._tell_of_nodes(BOUND, self._found[SERVER])

    async def _tell_of_nodes(self, broken: str, finding: Finding) -> None:
        for row in await self._connection.fetch(AT_NODES, LISTED.format(broken)):
            faults = json.loads(row["result"]) if row["success"] else ["does not answer"]
            for fault in faults:
                finding.tell(f"{row['node']}: {fault}")

    async def _numbers(self) -> None:
        """Each node gives ids of its own range, in its own order."""
        nodes = await self._connection.fetch(AT_NODES, LAST)
        last = {row["groupid"]: (row["node"], json.loads(row["result"])) for row in nodes if row["success"]}
        sequences = await self._connection.fetch(NUMBERED)
        for row in sequences:
            for group, highest in await self._connection.fetch(HIGHEST.format(**row)):
                node, numbers = last.get(group, ("", {}))
                goes_on = numbers.get(row["sequence"])
                if goes_on is not None and highest > goes_on:
                    self._found[NUMBERS].tell(
                        f"{row['of']} has ids up to {highest}, and {row['sequence']} of {node} goes on from {goes_on}"
                    )
        self._found[NUMBERS].figure = f"{len(sequences)} sequences of {len(nodes)} nodes"

    async def _alone(self) -> None:
        """What is unique within each county, and was over all."""
        tables = [row for row in await self._connection.fetch(TABLES) if row["distributed"] and "id" in row["columns"]]
        unique = [(table, "code") for table in OF_ONE_COUNTY] + [(row["name"], "id") for row in tables]
        for table, column in unique:
            await tell_broken(self._connection, SAME.format(table=table, column=column), self._found[ALONE])
        self._found[ALONE].figure = f"{len(unique)} keys"

    async def _given_up(self, child: str, columns: Mapping[str, str], parent: str) -> dict[str, Any]:
        key = await self._connection.fetchval(KEY, child)
        return {"child": child, "parent": parent, "columns": [*columns], "referenced": [*columns.values()], "key": key}

    async def _counties(self, keys: list[dict[str, Any]], manifest: Manifest | None) -> None:
        """What rows say, some counties after the others."""
        connection, found = self._connection, self._found
        head = bytes.fromhex(manifest.audit_head) if manifest and manifest.audit_head else None
        sums = await Sums.read(connection)
        counties = await Counties.open(connection)
        found[HOME].tell(*counties.astray, number=len(counties.astray))
        await sums.make()
        comparing = Comparing(connection, found[SUMS].tell)
        walk = WalkByParts(connection, found[CHAIN].tell, head, lambda _: None)
        await walk.begin()
        checks = [check for check in CHECKS if not check.catalogue]
        looked, units, done = dict.fromkeys((check.title for check in checks), 0), {}, 0
        async for part in counties.parts():
            self._progress(done, len(counties.rows), "Looking at the counties")
            for check in checks:
                ((number, units[check.title]),) = await connection.fetch(check.looked)
                looked[check.title] += number
                await tell_broken(connection, _within_reach(check), found[check.title])
            for key in keys:
                if key["child"] in counties.tables:
                    await self._hold(key)
                elif key["parent"] in counties.tables:
                    await self._hold(key, part)
            await sums.compare(comparing)
            await walk.part()
            done += len(part)
        for key in keys:
            if key["child"] not in counties.tables and key["parent"] not in counties.tables:
                await self._hold(key)
        report = await walk.end()
        for title, number in looked.items():
            found[title].figure = f"{number:,} {units[title]}"
        for title, paths in ((PATHS, True), (NAMES, False)):
            found[title].figure = f"{_number(keys, paths)} foreign keys"
        found[HOME].figure = f"{counties.rows.total():,} rows"
        found[SUMS].figure = f"{comparing.report(0).parts:,} counties and regions"
        found[CHAIN].figure = f"{report.entries:,} entries in {report.batches:,} batches"

    async def _hold(self, key: dict[str, Any], counties: Iterable[int] = ()) -> None:
        """Tells the rows that name what is not there. counties: whose alone, of a table that is whole."""
        listed = ", ".join(map(str, counties))
        children = f"(SELECT * FROM {key['child']} WHERE {COUNTY} IN ({listed}))" if listed else None
        parents = ANYWHERE if key["parent"] == COLOCATED else None
        finding = self._found[PATHS if has_path(key["columns"]) else NAMES]
        await tell_broken(self._connection, dangling(key, children=children, parents=parents), finding)


def _within_reach(check: Check) -> str:
    """What breaks a check, where a county's hub hangs under a region that is not of the counties in hand."""
    return tree(ANYWHERE) if check.broken == tree(COLOCATED) else check.broken


def _number(keys: Iterable[Mapping[str, Any]], paths: bool) -> int:
    return sum(has_path(key["columns"]) == paths for key in keys)
