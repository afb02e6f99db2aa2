"""Changing the key of personal data while servers go on (docs/decisions/0033).

First the new key is the one in use: from then on every server seals and hashes by it. Then the rows follow, some at a
time; a row that somebody else has locked is passed over and comes later. At last the keys that no row needs are
forgotten. Stopped at any moment, it goes on where it was.
"""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import asyncpg

from resolvers.core.details import DIGESTED
from resolvers.core.owner import OWN, REQUEST_ID
from resolvers.core.personal import PersonalVault, UnreadableCipher
from resolvers.core.private import DETAILS
from server.canary import WORD
from server.citus.distribute import is_distributed
from server.progress import Progress

TABLES = ("person", "client")
BATCH = 200
"""The most rows that are locked at once, for some 50 ms."""
PATIENCE = "SET LOCAL lock_timeout = '3s'"
AGAIN_SECONDS = 0.5

CIPHERS = [f"{name}_cipher" for name in DETAILS]
SEALED = f"num_nonnulls({', '.join(CIPHERS)}) > 0"
HELD = f"SELECT sealed_with, count(*) FROM {{}} WHERE {SEALED} GROUP BY 1"
NAMED = "SELECT name, in_use FROM personal_key ORDER BY since, name"
USED = "SELECT name FROM personal_key WHERE in_use"
# With the lock that every write of personal data shares: the next one, on whatever server, finds the new key.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('zhanwang personal', 0))"
LEAVE = "UPDATE personal_key SET in_use = false WHERE in_use"
ENTER = """
INSERT INTO personal_key (name, sealed, in_use) VALUES ($1, $2, true) ON CONFLICT (name) DO UPDATE SET in_use = true
"""
CANARY = "UPDATE personal_canary SET sealed = $1"
OLD = f"""
SELECT id, {", ".join(CIPHERS)} FROM {{table}} r
 WHERE id > $1 AND sealed_with IS DISTINCT FROM $2 AND {SEALED} AND {{r}}
 ORDER BY id LIMIT {BATCH} FOR NO KEY UPDATE SKIP LOCKED
"""
NEW = [*CIPHERS, *(f"{name}_digest" for name in DIGESTED)]
SEAL = f"""
UPDATE {{table}} r SET {", ".join(f"{name} = ${number}" for number, name in enumerate(NEW, start=3))}, sealed_with = $2
 WHERE id = $1 AND {{r}}
"""
SAME = """
SELECT a.id AS mine, b.id AS other
  FROM unnest($1::bigint[], $2::bytea[]) AS anew (id, digest)
  JOIN {table} a ON a.id = anew.id AND {a}
  JOIN {table} b ON b.place_id = a.place_id AND b.id_number_digest = anew.digest AND {b}
"""
LEFT = f"SELECT EXISTS (SELECT 1 FROM {{}} WHERE sealed_with IS DISTINCT FROM $1 AND {SEALED})"
COUNTIES = f"SELECT DISTINCT county_id FROM {{}} WHERE sealed_with IS DISTINCT FROM $1 AND {SEALED} ORDER BY 1"
FORGET = "DELETE FROM personal_key WHERE NOT in_use RETURNING name"
ROOTS = "SELECT id, path, station_id, county_id FROM place WHERE parent_id IS NULL ORDER BY id"
RECORD = """
INSERT INTO audit_entry (place_id, path, station_id, county_id, request_id, action, noun, after)
VALUES ($1, $2, $3, $4, $5, 'rotatePersonalKeys', 'personal_key', $6::text::jsonb)
"""


class RotationRefused(Exception):
    """The keys at hand do not do. `str()` of it says why."""


@dataclass(frozen=True)
class KeyUse:
    """A key by its name (None: rows of an earlier release), whether it is in use, and how many rows it has sealed."""

    name: str | None
    in_use: bool
    rows: int


@dataclass(frozen=True)
class Part:
    """The rows of a table; where it lies on shards, those of one county, which one node can lock."""

    table: str
    county: int | None = None

    def sql(self, text: str) -> str:
        """A statement of these rows."""
        which = {alias: "true" if self.county is None else f"{alias}.county_id = {self.county}" for alias in "abr"}
        return text.format(table=self.table, **which)


async def status(connection: Any) -> list[KeyUse]:
    """What each key that the database knows is needed for; `connection` of who may act as `zhanwang_owner`."""
    async with connection.transaction():
        await connection.execute(OWN)
        return await _status(connection)


async def rotate(connection: Any, vault: PersonalVault, progress: Progress) -> tuple[int, list[str]]:
    """Lets the vault's first key take the place of all others: how many rows it has sealed anew, and which are done.

    connection: of who may act as `zhanwang_owner`, outside a transaction. progress: gets the rows.
    Raises RotationRefused.
    """
    new = vault.using(vault.names[0])
    known = await status(connection)
    if missing := [key.name for key in known if key.name is not None and key.name not in vault.names]:
        raise RotationRefused(f"ZHANWANG_PERSONAL_KEYS lacks the key {', '.join(missing)}, which is needed to open.")
    total = sum(key.rows for key in known if key.name != new.name)
    if not any(key.in_use and key.name == new.name for key in known):
        await _enter(connection, new)
    done = 0
    for table in TABLES:
        while await _left(connection, table, new.name):
            before = done
            for part in await _parts(connection, table, new.name):
                async for some in _sealed(connection, part, new):
                    done += some
                    progress(done, total)
            if done == before:
                # Others are writing what is left.
                await asyncio.sleep(AGAIN_SECONDS)
    return done, await _leave(connection, new.name, done)


async def _status(connection: Any) -> list[KeyUse]:
    rows: Counter[str | None] = Counter()
    for table in TABLES:
        rows.update({row[0]: row[1] for row in await connection.fetch(HELD.format(table))})
    named = {row["name"]: row["in_use"] for row in await connection.fetch(NAMED)}
    return [
        *(KeyUse(name, in_use, rows[name]) for name, in_use in named.items()),
        *(KeyUse(name, False, count) for name, count in rows.items() if name not in named),
    ]


async def _enter(connection: Any, new: PersonalVault) -> None:
    while True:
        try:
            async with connection.transaction():
                await connection.execute(OWN)
                # A write that takes long keeps the lock, and who waits for it would keep all others out.
                await connection.execute(PATIENCE)
                await connection.execute(LOCK)
                before = await connection.fetchval(USED)
                await connection.execute(LEAVE)
                await connection.execute(ENTER, new.name, new.seal(WORD))
                await connection.execute(CANARY, new.seal(WORD))
                await _record(connection, {"key": new.name, "instead_of": before})
        except asyncpg.LockNotAvailableError:
            await asyncio.sleep(AGAIN_SECONDS)
        else:
            return


async def _left(connection: Any, table: str, name: str) -> bool:
    async with connection.transaction():
        await connection.execute(OWN)
        return bool(await connection.fetchval(LEFT.format(table), name))


async def _parts(connection: Any, table: str, name: str) -> list[Part]:
    if not await is_distributed(connection):
        return [Part(table)]
    async with connection.transaction():
        await connection.execute(OWN)
        return [Part(table, row[0]) for row in await connection.fetch(COUNTIES.format(table), name)]


async def _sealed(connection: Any, part: Part, new: PersonalVault) -> Any:
    """Seals rows anew, by their ids; yields how many at a time."""
    last = 0
    while True:
        values: list[tuple[Any, ...]] = []
        try:
            async with connection.transaction():
                await connection.execute(OWN)
                rows = await connection.fetch(part.sql(OLD), last, new.name)
                values = [(row["id"], new.name, *_anew(new, part.table, row)) for row in rows]
                await connection.executemany(part.sql(SEAL), values)
        except asyncpg.UniqueViolationError:
            raise await _clash(connection, part, values) from None
        if not rows:
            return
        last = rows[-1]["id"]
        yield len(rows)


async def _clash(connection: Any, part: Part, values: list[tuple[Any, ...]]) -> RotationRefused:
    """One has moved to where another is of the same number, whose hashes differed as their keys did."""
    async with connection.transaction():
        await connection.execute(OWN)
        columns = [value[0] for value in values], [value[-1] for value in values]
        pairs = await connection.fetch(part.sql(SAME), *columns)
    told = "; ".join(f"the {part.table} {row['mine']} and the {part.table} {row['other']}" for row in pairs)
    return RotationRefused(
        f"These are at one place with the same identity number: {told}. Take it from one of each, and rotate again."
    )


def _anew(new: PersonalVault, table: str, row: Any) -> list[bytes | None]:
    try:
        plain = {n: None if row[f"{n}_cipher"] is None else new.open(row[f"{n}_cipher"]) for n in DETAILS}
    except UnreadableCipher:
        raise RotationRefused(f"No key of ZHANWANG_PERSONAL_KEYS opens the {table} {row['id']}.") from None
    ciphers = [None if value is None else new.seal(value) for value in plain.values()]
    digests = [None if (value := plain[name]) is None else new.digest(name, value) for name in DIGESTED]
    return [*ciphers, *digests]


async def _leave(connection: Any, name: str, done: int) -> list[str]:
    """Forgets the keys that are not needed; their names."""
    async with connection.transaction():
        await connection.execute(OWN)
        if await connection.fetchval(USED) != name:
            raise RotationRefused("Another key has come into use meanwhile: somebody else rotates, too.")
        gone = [row["name"] for row in await connection.fetch(FORGET)]
        if done or gone:
            await _record(connection, {"key": name, "rows": done, "done_with": gone})
    return gone


async def _record(connection: Any, after: dict[str, object]) -> None:
    """It is about the whole network, so that it stands in the log of each root."""
    roots = await connection.fetch(ROOTS)
    await connection.executemany(RECORD, [(*root, REQUEST_ID, json.dumps(after)) for root in roots])
