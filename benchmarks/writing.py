"""`python -m benchmarks.writing`: what the sums that are kept per place and month add to a service record's insert.

By 16 connections, as the server writes: its role, its transaction, under the scope of as many townships; with the
sums' triggers and a fold every second, and without, in turns. The network is a small one of its own, kept in
`.zhanwang/writing`.
"""

import argparse
import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import asyncpg
import psutil
import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.load import Processes
from benchmarks.network import Sizes, fill
from benchmarks.systems import DATA
from resolvers.core.audit import APPEND_ENTRY
from resolvers.core.write import OPEN
from server import rollups
from server.demo.scale import Scale
from server.embedded import Embedded, running
from server.pool import session_settings

OWN = "writing"
SIZES = Sizes(Scale.CITY, 8)
TIMEOUT_MS = 60_000
FIELD = "CHILD_CARE"
WRITERS = """
SELECT a.id, a.credential_version, s.id AS session_id, g.id AS grant_id, g.path, g.role, g.county_id,
       (SELECT id FROM service_item i WHERE i.county_id = g.county_id AND i.field = $1 ORDER BY id LIMIT 1) AS item_id
  FROM account a JOIN account_grant g ON g.account_id = a.id JOIN session s ON s.account_id = a.id
  JOIN place p ON p.id = g.place_id
 WHERE p.level IN ('DEMONSTRATION', 'BASIC') AND a.username NOT LIKE '%-observer'
 ORDER BY hashint8(a.id) LIMIT $2
"""
BELOW = "path >= $1 AND path < left($1, -1) || '/'"
PLACES = f"SELECT id, path, station_id, county_id FROM place WHERE kind = 'COMMUNITY' AND {BELOW}"
WORKERS = f"SELECT id FROM person WHERE kind = 'GRID_WORKER' AND {BELOW} ORDER BY id LIMIT 100"
# What is read before a record is written: where, what, by whom.
FIND_PLACE = f"SELECT * FROM place WHERE id = $2 AND {BELOW}"
FIND_ITEM = "SELECT * FROM service_item WHERE id = $1"
FIND_WORKER = f"SELECT id, retired_on FROM person WHERE id = $2 AND {BELOW}"
INSERT = """
INSERT INTO service_record (place_id, path, station_id, county_id, item_id, worker_id, served_on, contacts,
                            beneficiaries)
VALUES ($1, $2, $3, $4, $5, $6, current_date - $7::int, $8, 1) RETURNING id
"""
# All items that are written have this field, so that nothing is missing without the trigger that looks it up.
SUMS = {
    True: "ALTER TABLE service_record ENABLE TRIGGER noted, ENABLE TRIGGER named, ALTER field DROP DEFAULT",
    False: "ALTER TABLE service_record DISABLE TRIGGER noted, DISABLE TRIGGER named,"
    f" ALTER field SET DEFAULT '{FIELD}'",
}


@dataclass(frozen=True)
class Turn:
    """What one round came to: records a second, and PostgreSQL's CPU for each in microseconds."""

    rate: float
    cpu: float


class Writer:
    """A connection that writes records, each in a transaction."""

    def __init__(
        self, connection: asyncpg.Connection, account: Any, places: Sequence[Any], workers: Sequence[int]
    ) -> None:
        self._connection, self._account = connection, account
        self._places, self._workers, self._random = places, workers, random.Random(account["id"])

    @classmethod
    async def of(cls, owner: asyncpg.Connection, url: str, account: Any) -> "Writer":
        """One that acts as an account."""
        places = await owner.fetch(PLACES, account["path"])
        workers = [row["id"] for row in await owner.fetch(WORKERS, account["path"])]
        connection = await asyncpg.connect(url, server_settings=session_settings(TIMEOUT_MS))
        return cls(connection, account, places, workers)

    async def write(self) -> None:
        """Write one."""
        connection, a = self._connection, self._account
        place, worker = self._random.choice(self._places), self._random.choice(self._workers)
        located = [place[name] for name in ("id", "path", "station_id", "county_id")]
        await connection.execute("BEGIN")
        who = (a["id"], a["credential_version"], a["session_id"], a["grant_id"])
        opened = await connection.fetchrow(OPEN, *who, a["path"], a["role"], a["county_id"], False)
        assert opened is not None
        assert opened["state"] == "OK"
        await connection.fetchrow(FIND_PLACE, a["path"], place["id"])
        await connection.fetchrow(FIND_ITEM, a["item_id"])
        await connection.fetchrow(FIND_WORKER, a["path"], worker)
        served = (a["item_id"], worker, self._random.randrange(60), self._random.randint(1, 9))
        key = await connection.fetchval(INSERT, *located, *served)
        entry = ("service_record", key, None, '{"contacts": 1}')
        audited = (*located, a["id"], a["grant_id"], "benchmark", "recordService", *entry)
        await connection.executemany(APPEND_ENTRY, [audited])
        await connection.execute("COMMIT")

    async def write_until(self, end: float) -> int:
        """Write as many as there is time for; how many."""
        count = 0
        while time.monotonic() < end:
            await self.write()
            count += 1
        return count

    async def close(self) -> None:
        """End its connection."""
        await self._connection.close()


async def _turn(writers: Sequence[Writer], server: Processes, folder: asyncpg.Connection, seconds: float) -> Turn:
    async def fold() -> None:
        while True:
            await asyncio.sleep(1)
            await rollups.fold(folder)

    task = asyncio.create_task(fold())
    began, cpu = time.monotonic(), server.cpu_seconds()
    counts = await asyncio.gather(*(writer.write_until(began + seconds) for writer in writers))
    task.cancel()
    await asyncio.wait([task])
    taken = time.monotonic() - began
    # What was not folded in time is to be paid for, too; by the CPU.
    await rollups.fold(folder)
    return Turn(sum(counts) / taken, (server.cpu_seconds() - cpu) / sum(counts) * 1e6)


async def _measure(
    embedded: Embedded, console: Console, connections: int, rounds: int, seconds: float
) -> dict[bool, list[Turn]]:
    owner = await asyncpg.connect(embedded.owner_url)
    folder = await asyncpg.connect(embedded.owner_url)
    server = Processes(psutil.Process(owner.get_server_pid()).ppid())
    accounts = await owner.fetch(WRITERS, FIELD, connections)
    writers = [await Writer.of(owner, embedded.server_url, account) for account in accounts]
    measured: dict[bool, list[Turn]] = {True: [], False: []}
    try:
        for number in range(rounds + 1):
            # Who begins takes turns, too.
            for sums in (True, False) if number % 2 else (False, True):
                await owner.execute(SUMS[sums])
                with console.status(f"Round {number} of {rounds}, {'with' if sums else 'without'} sums"):
                    turn = await _turn(writers, server, folder, seconds if number else 1)
                if number:
                    measured[sums].append(turn)
    finally:
        await owner.execute(SUMS[True])
        for writer in writers:
            await writer.close()
        # What was written without them.
        with console.status("Making the sums anew"):
            await rollups.rebuild(owner, lambda *_: None)
        await folder.close()
        await owner.close()
    return measured


def _table(measured: dict[bool, list[Turn]], title: str) -> Table:
    made = Table("", "records a second", "PostgreSQL's CPU for one, µs", title=title)
    rates, cpus = [], []
    for sums, name in ((False, "without sums"), (True, "with sums")):
        rates.append(median(turn.rate for turn in measured[sums]))
        cpus.append(median(turn.cpu for turn in measured[sums]))
        made.add_row(name, f"{rates[-1]:,.0f}", f"{cpus[-1]:,.0f}")
    made.add_row("what the sums cost", f"{rates[0] / rates[1]:.2f} ×", f"{cpus[1] / cpus[0]:.2f} ×")
    return made


async def _run(embedded: Embedded, console: Console, given: argparse.Namespace) -> Table:
    await fill(embedded, SIZES, console)
    measured = await _measure(embedded, console, given.connections, given.rounds, given.seconds)
    return _table(measured, f"{given.connections} connections, medians of {given.rounds} rounds")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.writing", description=__doc__)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=10)
    given = parser.parse_args()
    console = Console()
    with running(DATA / OWN) as embedded:
        console.print(uvloop.run(_run(embedded, console, given)))


if __name__ == "__main__":
    main()
